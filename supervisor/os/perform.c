/* perform.c - carries out the engine's actions; the only caller of spawn, kill, status, log and the
 * server's two notices.
 *
 * Decides nothing. A signal that finds no process is not an error: the death is on its way as an
 * event. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "config/units.h"
#include "supervisor/os/additions.h"
#include "supervisor/os/log.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/spawn.h"
#include "supervisor/os/status.h"
#include "supervisor/wire/stages.h"

enum { PATH_SIZE = 2112 };

static void write_row(struct shell *shell, uint32_t index)
{
	status_write(shell->status, shell->engine, index, reaper_pid(shell->reaper, index),
		loop_now_ms(shell->loop), loop_wall_ns(shell->loop));
}

/* STARTING was reported before there was a process. */
static void started(struct shell *shell, struct ref ref, pid_t pid)
{
	reaper_add(shell->reaper, ref, pid);
	write_row(shell, ref.index);
}

static void perform_spawn(struct shell *shell, struct ref ref)
{
	struct spawn_result *result = &shell->result[ref.index];
	char path[PATH_SIZE] = "";
	struct spawn_request request;
	struct addition_data *data;
	struct view view;
	pid_t pid;

	(void)engine_view(shell->engine, ref.index, &view);
	(void)engine_path(shell->engine, ref.index, path, sizeof(path));
	data = view.extra;
	request = (struct spawn_request){.spec = view.spec,
		.node = view.node,
		.path = path,
		.name = view.name,
		.argv = data ? data->argv : NULL,
		.stdio = data ? data->stdio : NULL};
	*result = (struct spawn_result){.next = ENGINE_NONE,
		.prev = shell->result_first == ENGINE_NONE ? ENGINE_NONE : shell->result_last,
		.generation = ref.generation,
		.pending = true};
	if (spawn(shell->spawner, &request, &pid, &result->failure) == 0)
		started(shell, ref, pid);
	else if (result->failure.stage == STAGE_EXEC)
		log_message(LOG_WARNING, path, "cannot run %s", spawn_program(&request));
	if (view.task)
		addition_close_stdio(data);
	if (shell->result_first == ENGINE_NONE)
		shell->result_first = ref.index;
	else
		shell->result[shell->result_last].next = ref.index;
	shell->result_last = ref.index;
}

static void perform_signal(struct shell *shell, struct ref ref, int signal)
{
	int error = reaper_signal(shell->reaper, ref, signal);

	if (error < 0 && error != -ESRCH)
		log_message(LOG_ERROR, NULL, "cannot send signal %d to process group %d: %s",
			signal, (int)reaper_pid(shell->reaper, ref.index), strerror(-error));
}

static int stop_signal(const struct shell *shell, uint32_t index)
{
	struct view view;

	(void)engine_view(shell->engine, index, &view);
	return spec_proc(view.spec, view.node)->stop_signal;
}

/* An addition came or went: who stands before it has another successor now. */
static void write_links(struct shell *shell, const struct action *action)
{
	uint32_t prev = action->prev;
	struct view view;

	if (action->to == CHILD_STARTING && engine_view(shell->engine, action->ref.index, &view) &&
		view.added)
		prev = view.prev_sibling == ENGINE_NONE ? view.parent : view.prev_sibling;
	if (prev != ENGINE_NONE)
		write_row(shell, prev);
}

static void perform_report(struct shell *shell, const struct action *action)
{
	uint32_t index = action->ref.index;

	write_row(shell, index);
	write_links(shell, action);
	shell_log_report(shell->engine, action, reaper_pid(shell->reaper, index));
	server_report(shell->server, action);
	addition_free(action->extra);
}

static void perform(struct shell *shell, const struct action *action)
{
	switch (action->kind) {
	case ACT_SPAWN:
		perform_spawn(shell, action->ref);
		break;
	case ACT_SIGNAL:
		perform_signal(shell, action->ref, stop_signal(shell, action->ref.index));
		break;
	case ACT_KILL:
		perform_signal(shell, action->ref, SIGKILL);
		break;
	case ACT_REPORT:
		perform_report(shell, action);
		break;
	case ACT_REPLY:
		server_reply(shell->server, action);
		addition_free(action->extra);
		break;
	case ACT_FINISHED:
		shell->finished = true;
		shell->exit_status = action->status;
		break;
	}
}

void perform_all(struct shell *shell)
{
	struct action action;
	unsigned spawns = 0;

	if (shell->draining)
		return;
	shell->draining = true;
	while (engine_next_action(shell->engine, &action)) {
		perform(shell, &action);
		spawns += action.kind == ACT_SPAWN;
		if (spawns > 0 && !engine_has_action(shell->engine))
			break;
	}
	shell->draining = false;
}
