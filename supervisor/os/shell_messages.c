/* shell_messages.c - see shell_messages.h. */
#include "supervisor/os/shell_messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/units.h"
#include "supervisor/os/log.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/stages.h"

enum { PATH_SIZE = 2112, WORDS_SIZE = 128 + SHELL_PLACE_SIZE };

/* What an ordinary user runs into. */
static const char *spawn_hint(const struct end *end)
{
	bool identity =
		end->stage == STAGE_GROUPS || end->stage == STAGE_GID || end->stage == STAGE_UID;

	return identity && end->value == EPERM ? " (only root may run a child as another user)"
					       : "";
}

const char *end_in_words(const struct end *end, char *buf, size_t size)
{
	const char *dumped = end->stage == END_DUMPED ? ", core dumped" : "";
	const char *more = end->stage == END_OOM ? ", out of memory" : dumped;
	char name[16];

	switch ((enum end_kind)end->kind) {
	case END_NONE:
		(void)snprintf(buf, size, "never ran");
		break;
	case END_EXITED:
		(void)snprintf(buf, size, "exited with status %d%s", end->value, more);
		break;
	case END_SIGNALED:
		(void)snprintf(buf, size, "killed by SIG%s%s", signal_name(end->value, name), more);
		break;
	case END_SPAWN_FAILED:
		(void)snprintf(buf, size, "%s: %s%s", spawn_stage_name(end->stage),
			strerror(end->value), spawn_hint(end));
		break;
	case END_START_TIMEOUT:
		(void)snprintf(buf, size, "not ready within its start_timeout");
		break;
	case END_WATCHDOG:
		(void)snprintf(buf, size, "stopped: its watchdog was not served in time");
		break;
	case END_UNHEALTHY:
		(void)snprintf(buf, size, "stopped: unhealthy");
		break;
	case END_SHUTDOWN:
		(void)snprintf(buf, size, "ended itself");
		break;
	case END_BOOT_FAILED:
		(void)snprintf(buf, size, "a child could not be started");
		break;
	}
	return buf;
}

/* Why a start failed, with the line of the configuration that asks for what cannot be had. */
static const char *failure_in_words(
	const struct action *action, const char *place, char words[static WORDS_SIZE])
{
	size_t used;

	(void)end_in_words(&action->end, words, WORDS_SIZE);
	used = strlen(words);
	if (*place)
		(void)snprintf(words + used, WORDS_SIZE - used, " (%s)", place);
	return words;
}

static const char *because(enum why why)
{
	switch (why) {
	case WHY_SIBLING:
		return ", with its group";
	case WHY_RESTART:
		return ", again";
	case WHY_OPERATOR:
		return ", as asked";
	case WHY_LIMIT:
		return ": restart limit reached";
	case WHY_START_TIMEOUT:
		return ": not ready in time";
	case WHY_WATCHDOG:
		return ": its watchdog was not served in time";
	case WHY_UNHEALTHY:
		return ": unhealthy";
	case WHY_AUTO_SHUTDOWN:
		return ": a significant child exited";
	case WHY_SHUTDOWN:
	case WHY_SUPERVISOR:
	case WHY_NONE:
	case WHY_BOOT:
	case WHY_READY:
	case WHY_EXIT:
	case WHY_START_FAILED:
	case WHY_COUNT:
		return "";
	}
	return "";
}

static void log_backoff(const struct engine *engine, const struct action *action, const char *path)
{
	struct view view;
	char delay[32];

	if (action->why == WHY_START_FAILED || !engine_view(engine, action->ref.index, &view))
		return;
	(void)format_duration(view.next_try_ms - view.since_ms, delay);
	log_message(LOG_NOTICE, path, "next start in %s (restart %u of its streak)", delay,
		view.streak);
}

static const char *after_exit(const struct action *action, const char *state)
{
	if (action->ref.index == SPEC_ROOT)
		return "ended";
	return action->to == CHILD_EXITED ? "not restarted" : state;
}

/* A supervisor that was stopped has no end of its own to tell. */
static void log_stopped(const struct action *action, const char *path)
{
	const char *state = action->to == CHILD_WAITING ? "stopped" : child_state_name(action->to);
	char words[128];

	if (action->why == WHY_EXIT)
		log_message(LOG_INFO, path, "%s", after_exit(action, state));
	else if (action->end.kind == END_NONE || action->end.kind == END_SHUTDOWN)
		log_message(LOG_INFO, path, "%s%s", state, because(action->why));
	else
		log_message(LOG_INFO, path, "%s%s (%s)", state, because(action->why),
			end_in_words(&action->end, words, sizeof(words)));
}

static void log_waiting(const struct action *action, const char *path)
{
	char words[128];

	if (action->why == WHY_EXIT)
		log_message(
			LOG_NOTICE, path, "%s", end_in_words(&action->end, words, sizeof(words)));
	else if (action->from == CHILD_STOPPING)
		log_stopped(action, path);
}

/* The end of a part is a warning, that of the whole an error. */
static enum log_level level_of_stop(const struct action *action)
{
	if (action->why != WHY_LIMIT)
		return LOG_INFO;
	return action->ref.index == SPEC_ROOT ? LOG_ERROR : LOG_WARNING;
}

void shell_log_report(
	const struct engine *engine, const struct action *action, pid_t pid, const char *place)
{
	char path[PATH_SIZE];
	char words[WORDS_SIZE];

	if (engine_path(engine, action->ref.index, path, sizeof(path)) < 0)
		return;
	switch (action->to) {
	case CHILD_WAITING:
		log_waiting(action, path);
		break;
	case CHILD_STARTING:
		log_message(LOG_DEBUG, path, "starting%s", because(action->why));
		break;
	case CHILD_RUNNING:
		if (pid > 0)
			log_message(LOG_INFO, path, "running, pid %d", (int)pid);
		else
			log_message(LOG_INFO, path, "running");
		break;
	case CHILD_STOPPING:
		log_message(level_of_stop(action), path, "stopping%s",
			action->why == WHY_EXIT ? " what is left of its group"
						: because(action->why));
		break;
	case CHILD_BACKOFF:
		if (action->why == WHY_START_FAILED)
			log_message(LOG_WARNING, path, "start failed: %s",
				failure_in_words(action, place, words));
		log_backoff(engine, action, path);
		break;
	case CHILD_RESTARTING:
		log_message(LOG_NOTICE, path,
			action->why == WHY_START_FAILED
				? "start failed: a child could not be started"
				: "restarting its children");
		break;
	case CHILD_FAILED:
		log_message(LOG_ERROR, path, "start failed: %s",
			failure_in_words(action, place, words));
		break;
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_PARKED:
	case CHILD_REMOVED:
		log_stopped(action, path);
		break;
	case CHILD_STATE_COUNT:
		break;
	}
}

static void log_tree_row(const struct view *view, const char *path, pid_t pid)
{
	char process[32] = "";

	if (pid > 0)
		(void)snprintf(process, sizeof(process), ", pid %d", (int)pid);
	log_message(LOG_ERROR, path, "%s%s, %llu restarts", child_state_name(view->state), process,
		(unsigned long long)view->restarts);
}

void shell_log_tree(
	const struct engine *engine, pid_t (*pid_of)(void *context, uint32_t index), void *context)
{
	char path[PATH_SIZE];
	uint32_t n = 0;

	for (;;) {
		struct view view;

		if (engine_view(engine, n, &view) && view.state != CHILD_REMOVED &&
			engine_path(engine, n, path, sizeof(path)) >= 0)
			log_tree_row(&view, path, pid_of(context, n));
		if (view.first_child != ENGINE_NONE) {
			n = view.first_child;
			continue;
		}
		while (view.next_sibling == ENGINE_NONE && view.parent != ENGINE_NONE)
			(void)engine_view(engine, view.parent, &view);
		if (view.next_sibling == ENGINE_NONE)
			return;
		n = view.next_sibling;
	}
}
