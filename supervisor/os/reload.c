/* reload.c - see reload.h. */
#include "supervisor/os/reload.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "supervisor/os/hooks.h"
#include "supervisor/os/log.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/spawn.h"

enum { COMMANDS_MAX = 64, LIMIT_MS = 30000, PATH_SIZE = 2112, REASON_SIZE = 160 };

/* A command that runs. */
struct reload {
	struct helper helper;
	struct reload *prev, *next; /* the earliest first */
	struct reloads *reloads;
	struct ref ref;
	uint64_t token;
	int64_t deadline_ms; /* INT64_MAX: it was killed */
	char path[];
};

struct reloads {
	struct shell *shell;
	struct reload *first;
	uint32_t n;
};

struct reloads *reloads_new(struct shell *shell)
{
	struct reloads *reloads = calloc(1, sizeof(*reloads));

	if (reloads)
		reloads->shell = shell;
	return reloads;
}

static void forget(struct reload *reload)
{
	DL_DELETE(reload->reloads->first, reload);
	reload->reloads->n--;
	free(reload);
}

void reloads_free(struct reloads *reloads)
{
	struct reload *reload;
	struct reload *next;

	if (!reloads)
		return;
	for (reload = reloads->first; reload; reload = next) {
		next = reload->next;
		(void)kill(-reload->helper.pid, SIGKILL);
		reaper_drop_helper(reloads->shell->reaper, &reload->helper);
		forget(reload);
	}
	free(reloads);
}

/* It is the same life still. */
static void tell(const struct reload *reload, bool done)
{
	struct shell *shell = reload->reloads->shell;
	struct view view;

	if (engine_view(shell->engine, reload->ref.index, &view) &&
		view.ref.generation == reload->ref.generation)
		server_event(shell->server, reload->ref.index, EVENT_RELOAD, EVENT_WORD_RUNNING,
			done ? EVENT_WORD_DONE : EVENT_WORD_FAILED);
}

static void command_ended(struct helper *helper, struct end end)
{
	struct reload *reload = (struct reload *)((char *)helper - offsetof(struct reload, helper));
	struct server *server = reload->reloads->shell->server;
	char reason[REASON_SIZE] = "reload_command: not done within 30 s";
	char words[128];

	tell(reload, end.kind == END_EXITED && end.value == 0);
	if (end.kind == END_EXITED && end.value == 0) {
		server_done(server, reload->token);
	} else {
		if (reload->deadline_ms != INT64_MAX)
			(void)snprintf(reason, sizeof(reason), "reload_command: %s",
				end_in_words(&end, words, sizeof(words)));
		log_message(LOG_WARNING, reload->path, "%s", reason);
		server_refuse(server, reload->token, reason);
	}
	forget(reload);
}

static int run(struct shell *shell, const struct view *view, const char *path, pid_t *ret_pid)
{
	const struct proc_spec *proc = spec_proc(view->spec, view->node);
	char main_pid[32];
	const char *const variables[] = {main_pid, NULL};
	char **argv = hook_argv(view, proc->reload_command, path);
	struct spawn_request request = {.spec = view->spec,
		.node = view->node,
		.path = path,
		.name = view->name,
		.argv = argv,
		.variables = variables,
		.hook = true,
		.join = reaper_pid(shell->reaper, view->ref.index),
		.cgroup = -1};
	struct end failure = {0};
	char words[128];
	int result;

	if (!argv)
		return -ENOMEM;
	(void)snprintf(main_pid, sizeof(main_pid), "MAINPID=%d",
		(int)reaper_pid(shell->reaper, view->ref.index));
	result = spawn(shell->spawner, &request, ret_pid, &failure);
	free(argv);
	if (result == 0)
		return 0;
	log_message(LOG_WARNING, path, "reload_command: %s",
		end_in_words(&failure, words, sizeof(words)));
	return failure.value > 0 ? -failure.value : -EIO;
}

static int start(struct reloads *reloads, const struct view *view, uint64_t token)
{
	struct shell *shell = reloads->shell;
	char path[PATH_SIZE] = "";
	struct reload *reload;
	pid_t pid;
	int error;

	if (reloads->n == COMMANDS_MAX)
		return -EAGAIN;
	(void)engine_path(shell->engine, view->ref.index, path, sizeof(path));
	reload = calloc(1, sizeof(*reload) + strlen(path) + 1);
	if (!reload)
		return -ENOMEM;
	error = run(shell, view, path, &pid);
	if (error < 0) {
		free(reload);
		return error;
	}
	reload->helper.ended = command_ended;
	reload->reloads = reloads;
	reload->ref = view->ref;
	reload->token = token;
	reload->deadline_ms = loop_now_ms(shell->loop) + LIMIT_MS;
	memcpy(reload->path, path, strlen(path) + 1);
	DL_APPEND(reloads->first, reload);
	reloads->n++;
	reaper_add_helper(shell->reaper, &reload->helper, pid);
	return 1;
}

int shell_reload(struct shell *shell, uint32_t index, uint64_t token)
{
	const struct proc_spec *proc;
	struct view view;

	if (!engine_view(shell->engine, index, &view) || view.kind != KIND_PROCESS ||
		view.state != CHILD_RUNNING)
		return -ESRCH;
	proc = spec_proc(view.spec, view.node);
	if (proc->reload_command != SPEC_NONE)
		return start(shell->reloads, &view, token);
	if (kill(reaper_pid(shell->reaper, index), proc->reload_signal) < 0)
		return -errno;
	return 0;
}

int64_t reloads_deadline_ms(const struct reloads *reloads)
{
	/* All have the same time, so they are due in their order. */
	for (const struct reload *reload = reloads->first; reload; reload = reload->next)
		if (reload->deadline_ms != INT64_MAX)
			return reload->deadline_ms;
	return INT64_MAX;
}

void reloads_time(struct reloads *reloads, int64_t now_ms)
{
	for (struct reload *reload = reloads->first; reload; reload = reload->next) {
		if (reload->deadline_ms == INT64_MAX)
			continue;
		if (reload->deadline_ms > now_ms)
			return;
		reload->deadline_ms = INT64_MAX;
		(void)kill(-reload->helper.pid, SIGKILL);
	}
}
