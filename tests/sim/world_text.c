/* world_text.c - what happened in a world, as text: the trace, the history, and their comparison.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world_internal.h"

/* clang-format off */
static const char *const EVENT_NAMES[] = {
	[EV_BOOT] = "boot",
	[EV_SPAWNED] = "spawned",
	[EV_SPAWN_FAILED] = "spawn failed",
	[EV_READY] = "ready",
	[EV_EXITED] = "exited",
	[EV_GONE] = "gone",
	[EV_PING] = "ping",
	[EV_PERIOD] = "period",
	[EV_EXTEND] = "extend",
	[EV_UNHEALTHY] = "unhealthy",
	[EV_TIME] = "time",
	[EV_COMMAND] = "command",
	[EV_SHUTDOWN] = "shutdown",
};

static const char *const RESULT_NAMES[] = {
	[RESULT_OK] = "ok",
	[RESULT_INVALID_STATE] = "invalid_state",
	[RESULT_EXISTS] = "exists",
	[RESULT_START_FAILED] = "start_failed",
	[RESULT_LIMIT_REACHED] = "limit_reached",
	[RESULT_BUSY] = "busy",
	[RESULT_SUPERVISOR_DOWN] = "supervisor_down",
	[RESULT_GONE] = "gone",
};
/* clang-format on */

static void text_add(struct text *text, const char *more)
{
	size_t n = strlen(more);

	if (text->at == NULL || text->n + n + 1 > text->size) {
		size_t size = 2 * (text->n + n + 1);
		char *at = realloc(text->at, size);

		if (at == NULL)
			abort();
		text->at = at;
		text->size = size;
	}
	memcpy(text->at + text->n, more, n + 1);
	text->n += n;
}

static void history_add(struct world *w, const char *mark, const char *line)
{
	char head[48];

	(void)snprintf(head, sizeof(head), "%8lld %s ", (long long)w->now_ms, mark);
	text_add(&w->history, head);
	text_add(&w->history, line);
	text_add(&w->history, "\n");
}

void world_note(struct world *w, const char *format, ...)
{
	char line[WORLD_PATH_MAX + 128];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (w->trace.n > 0)
		text_add(&w->trace, ", ");
	text_add(&w->trace, line);
	history_add(w, "\t->", line);
}

void world_remark(struct world *w, const char *format, ...)
{
	char line[WORLD_PATH_MAX + 128];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	history_add(w, "", line);
}

/* The path of a row, which must be the engine's path for it too. */
static const char *path_of_row(struct world *w, uint32_t index)
{
	char path[WORLD_PATH_MAX];
	struct view view;

	if (index >= w->capacity || w->row[index].path == NULL)
		return "?";
	if (engine_view(w->engine, index, &view) && view.extra == w->row[index].extra) {
		const char *known = w->row[index].path;
		int n = engine_path(w->engine, index, path, sizeof(path));

		if (n < 0 || (size_t)n != strlen(path) || strcmp(path, known) != 0)
			world_broken(w, "the engine's path of %s is %s", known, n < 0 ? "?" : path);
	}
	return w->row[index].path;
}

static const char *result_name(enum result result)
{
	bool known = (size_t)result < sizeof(RESULT_NAMES) / sizeof(RESULT_NAMES[0]);

	return known && RESULT_NAMES[result] != NULL ? RESULT_NAMES[result] : "of_unknown_result";
}

static void note_reply(struct world *w, const struct action *action)
{
	bool state = action->result == RESULT_INVALID_STATE || action->result == RESULT_EXISTS ||
		     action->result == RESULT_SUPERVISOR_DOWN;

	world_note(w, "reply %llu %s%s%s", (unsigned long long)action->token,
		result_name(action->result), state ? " " : "",
		state ? child_state_name(action->state) : "");
}

static void note_report(struct world *w, const struct action *action)
{
	const char *path = path_of_row(w, action->ref.index);

	if (w->show_states)
		world_note(w, "state %s %s %s", path, child_state_name(action->to),
			why_name(action->why));
	else
		world_remark(w, "\t   state %s %s -> %s, %s", path, child_state_name(action->from),
			child_state_name(action->to), why_name(action->why));
}

void world_note_action(struct world *w, const struct action *action)
{
	switch (action->kind) {
	case ACT_SPAWN:
		world_note(w, "spawn %s", path_of_row(w, action->ref.index));
		return;
	case ACT_SIGNAL:
		world_note(w, "signal %s", path_of_row(w, action->ref.index));
		return;
	case ACT_KILL:
		world_note(w, "kill %s", path_of_row(w, action->ref.index));
		return;
	case ACT_REPORT:
		note_report(w, action);
		return;
	case ACT_REPLY:
		note_reply(w, action);
		return;
	case ACT_FINISHED:
		world_note(w, "finished %d", action->status);
		return;
	}
	world_broken(w, "an action of unknown kind %d", (int)action->kind);
}

void world_remark_event(struct world *w, const struct event *event)
{
	const struct command *command = &event->command;
	const char *name = EVENT_NAMES[event->kind];

	switch (event->kind) {
	case EV_BOOT:
	case EV_TIME:
		world_remark(w, "%s", name);
		return;
	case EV_SPAWNED:
	case EV_SPAWN_FAILED:
	case EV_READY:
	case EV_GONE:
	case EV_PING:
	case EV_PERIOD:
	case EV_EXTEND:
	case EV_UNHEALTHY:
		world_remark(w, "%s %s, life %u", name, path_of_row(w, event->ref.index),
			event->ref.generation);
		return;
	case EV_EXITED:
		world_remark(w, "%s %s, life %u, %s %d%s", name, path_of_row(w, event->ref.index),
			event->ref.generation, event->end.kind == END_EXITED ? "status" : "signal",
			event->end.value, event->gone ? "" : ", others of its group live");
		return;
	case EV_COMMAND:
		world_remark(w, "%s %llu: %s %s%s%s", name, (unsigned long long)command->token,
			command_name(command->kind), path_of_row(w, command->index),
			command->kind == CMD_ADD ? " " : "",
			command->kind == CMD_ADD ? command->add.name : "");
		return;
	case EV_SHUTDOWN:
		world_remark(w, "%s%s", name, event->brutal ? ", brutal" : "");
		return;
	}
}

/* ---- comparing */

static void print_history(struct world *w)
{
	/* not by print_error, which cuts off */
	(void)fprintf(
		stderr, "%s\nwhat happened (ms, event, -> action):\n%s", w->label, w->history.at);
}

void world_broken(struct world *w, const char *format, ...)
{
	char line[WORLD_PATH_MAX + 128];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	print_history(w);
	print_error("BROKEN: %s\n", line);
	_fail(__FILE__, __LINE__);
	abort();
}

static void differ(
	struct world *w, const char *expected, const char *actual, const char *file, int line)
{
	print_history(w);
	print_error("expected: %s\nactual:   %s\n", expected, actual);
	_fail(file, line);
}

/* The trace is over with; the next look begins afresh. */
void world_forget(struct world *w)
{
	w->trace.n = 0;
	if (w->trace.at != NULL)
		w->trace.at[0] = '\0';
}

void world_expect(struct world *w, const char *text, const char *file, int line)
{
	const char *actual = w->trace.at == NULL ? "" : w->trace.at;

	if (strcmp(actual, text) != 0)
		differ(w, text, actual, file, line);
	world_forget(w);
}

/* Removes the item of n bytes from the comma-separated list. Returns false when it is not in it. */
static bool take_item(char *list, const char *item, size_t n)
{
	for (char *at = list; *at != '\0';) {
		size_t length = strcspn(at, ",");
		size_t skip = length + strspn(at + length, ", ");

		if (length == n && memcmp(at, item, n) == 0) {
			memmove(at, at + skip, strlen(at + skip) + 1);
			return true;
		}
		at += skip;
	}
	return false;
}

void world_expect_any_order(struct world *w, const char *text, const char *file, int line)
{
	const char *actual = w->trace.at == NULL ? "" : w->trace.at;
	char *rest = strdup(actual);

	if (rest == NULL)
		abort();
	for (const char *at = text; *at != '\0';) {
		size_t n = strcspn(at, ",");

		if (!take_item(rest, at, n))
			differ(w, text, actual, file, line);
		at += n;
		at += strspn(at, ", ");
	}
	if (*rest != '\0')
		differ(w, text, actual, file, line);
	free(rest);
	world_forget(w);
}

static const char *state_of(struct world *w, const char *path)
{
	char buf[WORLD_PATH_MAX];
	struct view view;
	uint32_t index = 0;
	int result = engine_find(w->engine, world_full_path(w, path, buf), &index, NULL, 0, NULL);

	if (result == -ENOENT)
		return "removed";
	if (result != 0 || !engine_view(w->engine, index, &view))
		return "not to be found";
	return child_state_name(view.state);
}

void world_expect_states(struct world *w, const char *text, const char *file, int line)
{
	struct text actual = {0};
	char *copy = strdup(text);
	char *save = NULL;

	if (copy == NULL)
		abort();
	for (char *item = strtok_r(copy, ",", &save); item != NULL;
		item = strtok_r(NULL, ",", &save)) {
		char *path = item + strspn(item, " ");

		path[strcspn(path, " ")] = '\0';
		if (actual.n > 0)
			text_add(&actual, ", ");
		text_add(&actual, path);
		text_add(&actual, " ");
		text_add(&actual, state_of(w, path));
	}
	if (actual.at == NULL || strcmp(actual.at, text) != 0)
		differ(w, text, actual.at, file, line);
	free(actual.at);
	free(copy);
}

void world_show_states(struct world *w, bool show)
{
	w->show_states = show;
}

void world_show_ends(struct world *w, bool show)
{
	w->show_ends = show;
}

void world_set_label(struct world *w, const char *label)
{
	(void)snprintf(w->label, sizeof(w->label), "%s", label);
}

const char *world_history(const struct world *w)
{
	return w->history.at == NULL ? "" : w->history.at;
}
