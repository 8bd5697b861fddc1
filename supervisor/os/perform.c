/* perform.c - carries out the engine's actions; the only caller of spawn, kill, status, log and the
 * server's two notices.
 *
 * Decides nothing. A signal that finds no process is not an error: the death is on its way as an
 * event. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "config/units.h"
#include "supervisor/os/additions.h"
#include "supervisor/os/child_setup.h"
#include "supervisor/os/health.h"
#include "supervisor/os/hooks.h"
#include "supervisor/os/listen.h"
#include "supervisor/os/log.h"
#include "supervisor/os/logs.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/resources.h"
#include "supervisor/os/sandbox.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/shell_notify.h"
#include "supervisor/os/spawn.h"
#include "supervisor/os/status.h"
#include "supervisor/wire/stages.h"

enum { PATH_SIZE = 2112 };

void write_row(struct shell *shell, uint32_t index)
{
	status_write(shell->status, shell->engine, index, reaper_pid(shell->reaper, index),
		loop_now_ms(shell->loop), loop_wall_ns(shell->loop));
	status_held(shell->status, index, reaper_holder(shell->reaper, index),
		reaper_is_suspended(shell->reaper, index));
}

/* Starts the program with the descriptors that are its own. Returns as spawn does. */
static int start_main(struct shell *shell, const struct view *view,
	const struct spawn_request *request, pid_t *ret_pid, struct end *ret_failure)
{
	struct passed_fd passed[PASSED_MAX + SHELL_NOTIFY_PASSED_MAX];
	const size_t sockets = request->npassed;
	struct spawn_request own = *request;
	int ready_fd;
	int n = shell_notify_passed(shell, view, sockets, passed + sockets, &ready_fd);
	int result;

	if (n < 0) {
		*ret_failure = (struct end){
			.kind = END_SPAWN_FAILED, .stage = STAGE_DESCRIPTORS, .value = -n};
		return -1;
	}
	if (n > 0) {
		if (sockets > 0)
			memcpy(passed, request->passed, sockets * sizeof(passed[0]));
		own.passed = passed;
		own.npassed += (size_t)n;
	}
	result = spawn(shell->spawner, &own, ret_pid, ret_failure);
	if (ready_fd >= 0)
		(void)close(ready_fd);
	return result;
}

/* Where its output goes. stdio: room for the answer. Returns as spawn does. */
static int log_part(struct shell *shell, uint32_t row, const struct view *view,
	struct spawn_request *request, int stdio[static 3], struct end *ret_failure)
{
	int error;

	for (int fd = 0; fd < 3; fd++)
		stdio[fd] = request->stdio ? request->stdio[fd] : -1;
	request->stdio = stdio;
	error = logs_stdio(shell->logs, row, view, request->path, stdio);
	if (error == 0)
		return 0;
	*ret_failure =
		(struct end){.kind = END_SPAWN_FAILED, .stage = STAGE_DESCRIPTORS, .value = -error};
	return -1;
}

/* Remembers what may not be known any more when the failure is told. */
static void note_place(
	struct shell *shell, struct ref ref, const struct view *view, const struct end *failure)
{
	char place[SHELL_PLACE_SIZE];

	(void)sandbox_place(view->spec, view->node, failure->stage, place, sizeof(place));
	if (!*place)
		return;
	shell->failed = ref;
	memcpy(shell->failed_place, place, sizeof(place));
}

const char *shell_failed_place(const struct shell *shell, struct ref ref, const struct end *end,
	char buf[static SHELL_PLACE_SIZE])
{
	struct view view;

	buf[0] = '\0';
	if (end->kind != END_SPAWN_FAILED)
		return buf;
	if (engine_view(shell->engine, ref.index, &view) && view.ref.generation == ref.generation)
		return sandbox_place(view.spec, view.node, end->stage, buf, SHELL_PLACE_SIZE);
	if (shell->failed.index == ref.index && shell->failed.generation == ref.generation)
		memcpy(buf, shell->failed_place, SHELL_PLACE_SIZE);
	return buf;
}

/* Starts a part of a life. Returns as spawn does. */
static int start_part(struct shell *shell, struct ref ref, struct spawn_request *request,
	const struct view *view, struct spawn_result *result)
{
	struct hook hook;
	int stdio[3];
	pid_t pid = 0;
	int error = hook_prepare(&hook, view, request->path, result->part, &result->ran);

	if (error < 0) {
		result->failure = (struct end){
			.kind = END_SPAWN_FAILED, .stage = STAGE_MEMORY, .value = -error};
		return -1;
	}
	if (hook.argv) {
		request->argv = hook.argv;
		request->stdio = NULL;
		request->variables = hook.list;
		request->hook = true;
	}
	request->cgroup = -1;
	error = log_part(shell, ref.index, view, request, stdio, &result->failure);
	if (error == 0)
		error = resources_enter(shell, ref.index, request, &result->failure);
	if (error == 0)
		error = request->hook ? spawn(shell->spawner, request, &pid, &result->failure)
				      : start_main(shell, view, request, &pid, &result->failure);
	if (request->cgroup >= 0)
		(void)close(request->cgroup);
	if (error < 0 && result->failure.stage == STAGE_EXEC)
		log_message(LOG_WARNING, request->path, "cannot run %s", spawn_program(request));
	forward_started(shell, ref.index, error < 0 ? &result->failure : NULL);
	hook_free(&hook);
	request->argv = NULL;
	request->variables = NULL;
	request->stdio = NULL;
	if (error < 0) {
		note_place(shell, ref, view, &result->failure);
		hook_log(request->path, result->part, &result->failure);
	} else {
		reaper_add(shell->reaper, ref, pid);
	}
	if (error == 0 && result->part == PART_MAIN) {
		health_spawned(shell->health, ref);
		logs_started(shell->logs, ref.index, pid);
	}
	return error;
}

/* Of the tree, or of a child that has come with a block of its own. */
static void pass_sockets(
	const struct shell *shell, const struct addition_data *data, struct spawn_request *request)
{
	const struct listeners *listeners =
		data && data->block ? data->listeners : shell->listeners;

	request->npassed = listeners_of(listeners, request->node, &request->passed);
}

static void perform_spawn(struct shell *shell, struct ref ref, enum part part)
{
	struct spawn_result *result = &shell->result[ref.index];
	char path[PATH_SIZE] = "";
	struct spawn_request request;
	struct addition_data *data;
	struct view view;

	(void)engine_view(shell->engine, ref.index, &view);
	(void)engine_path(shell->engine, ref.index, path, sizeof(path));
	data = view.extra;
	request = (struct spawn_request){.spec = view.spec,
		.node = view.node,
		.path = path,
		.name = view.name,
		.argv = data ? data->argv : NULL,
		.stdio = data ? data->stdio : NULL,
		.terminal = part == PART_MAIN};
	if (part == PART_MAIN)
		pass_sockets(shell, data, &request);
	if (part == PART_MAIN && spec_proc(view.spec, view.node)->terminal)
		shell->terminal_row = ref.index;
	*result = (struct spawn_result){.next = ENGINE_NONE,
		.prev = shell->result_first == ENGINE_NONE ? ENGINE_NONE : shell->result_last,
		.generation = ref.generation,
		.pending = true,
		.part = part,
		.ran = result->ran};
	(void)start_part(shell, ref, &request, &view, result);
	if (part != PART_MAIN || spec_child(view.spec, view.node)->ready != READY_EXEC)
		write_row(shell, ref.index);
	if (view.task && part == PART_MAIN)
		addition_close_stdio(data);
	if (shell->result_first == ENGINE_NONE)
		shell->result_first = ref.index;
	else
		shell->result[shell->result_last].next = ref.index;
	shell->result_last = ref.index;
}

static void perform_signal(struct shell *shell, struct ref ref, int signal)
{
	int error = reaper_stop(shell->reaper, ref, signal);

	if (error < 0 && error != -ESRCH)
		log_message(LOG_ERROR, NULL, "cannot send signal %d to process group %d: %s",
			signal, (int)reaper_pid(shell->reaper, ref.index), strerror(-error));
}

/* A missed watchdog may have its own. */
static int stop_signal(const struct shell *shell, uint32_t index, bool watchdog)
{
	struct view view;

	(void)engine_view(shell->engine, index, &view);
	return watchdog ? spec_proc(view.spec, view.node)->watchdog_signal
			: spec_proc(view.spec, view.node)->stop_signal;
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

/* It will not start again by itself: its control group may go. */
static bool rests(enum child_state state)
{
	return state == CHILD_STOPPED || state == CHILD_EXITED || state == CHILD_FAILED ||
	       state == CHILD_REMOVED;
}

/* What a change of a child's state says of its starts, and of its supervisor's limit. */
static void count_report(struct shell *shell, const struct action *action)
{
	uint32_t parent = status_record(shell->status, action->ref.index)->parent;

	if (action->to == CHILD_REMOVED)
		return;
	if (action->why == WHY_START_FAILED && action->to != CHILD_STOPPING)
		status_start_failed(shell->status, action->ref.index);
	if ((action->why == WHY_START_FAILED || action->why == WHY_RESTART) &&
		parent != ENGINE_NONE)
		write_row(shell, parent);
}

static void perform_report(struct shell *shell, const struct action *action)
{
	uint32_t index = action->ref.index;
	char place[SHELL_PLACE_SIZE];

	write_row(shell, index);
	write_links(shell, action);
	count_report(shell, action);
	if (rests(action->to))
		strays_rest(shell->strays, index);
	shell_notify_report(shell, action);
	shell_log_report(shell->engine, action, reaper_pid(shell->reaper, index),
		shell_failed_place(shell, action->ref, &action->end, place));
	server_report(shell->server, action);
	health_report(shell->health, action);
	if (action->to == CHILD_REMOVED)
		logs_removed(shell->logs, index);
	addition_free(action->extra);
}

static void perform(struct shell *shell, const struct action *action)
{
	switch (action->kind) {
	case ACT_SPAWN:
		perform_spawn(shell, action->ref, action->part);
		break;
	case ACT_SIGNAL:
		perform_signal(shell, action->ref,
			stop_signal(shell, action->ref.index, action->watchdog));
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
		shell->exit_status = forward_status(shell, action->status);
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
