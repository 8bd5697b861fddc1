/* shell_children.c - see shell_children.h. */
#include "supervisor/os/shell_children.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/os/hooks.h"
#include "supervisor/os/logs.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/resources.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_notify.h"
#include "supervisor/os/spawn.h"

/* A row has at most one result in the list, and none once the engine knows it: the row may be
 * spawned again at once. */
static void forget_result(struct shell *shell, uint32_t row)
{
	struct spawn_result *result = &shell->result[row];

	if (result->prev == ENGINE_NONE)
		shell->result_first = result->next;
	else
		shell->result[result->prev].next = result->next;
	if (result->next == ENGINE_NONE)
		shell->result_last = result->prev;
	else
		shell->result[result->next].prev = result->prev;
	result->pending = false;
}

static void feed_spawn_result(struct shell *shell, uint32_t row)
{
	struct spawn_result result = shell->result[row];
	struct event event = {.ref = {row, result.generation}, .end = result.failure};

	if (!result.pending)
		return;
	forget_result(shell, row);
	event.kind = result.failure.kind == END_NONE ? EV_SPAWNED : EV_SPAWN_FAILED;
	shell_feed(shell, &event);
}

void shell_feed_of_child(struct shell *shell, const struct event *event)
{
	feed_spawn_result(shell, event->ref.index);
	shell_feed(shell, event);
}

/* It may have said READY just before it died. */
static void child_dying(void *context, struct ref ref)
{
	struct shell *shell = context;
	struct view view;

	if (engine_view(shell->engine, ref.index, &view) &&
		(view.state == CHILD_STARTING || shell->result[ref.index].pending))
		shell_notify_serve(shell);
}

static void note_end(struct shell *shell, struct ref ref, const struct end *end)
{
	struct spawn_result *result = &shell->result[ref.index];
	char path[PATH_MAX];

	if (result->part == PART_MAIN)
		result->ran = *end;
	else if (engine_path(shell->engine, ref.index, path, sizeof(path)) >= 0)
		hook_log(path, result->part, end);
}

static void child_exited(void *context, struct ref ref, struct end end, bool gone)
{
	struct shell *shell = context;

	if (ref.index == shell->terminal_row) {
		spawner_terminal_back(shell->spawner);
		shell->terminal_row = ENGINE_NONE;
	}
	resources_note_end(shell, ref.index, &end);
	note_end(shell, ref, &end);
	logs_exited(shell->logs, ref.index);
	shell_feed_of_child(
		context, &(struct event){.kind = EV_EXITED, .ref = ref, .end = end, .gone = gone});
}

static void child_gone(void *context, struct ref ref)
{
	shell_feed_of_child(context, &(struct event){.kind = EV_GONE, .ref = ref});
}

static void child_held(void *context, struct ref ref)
{
	write_row(context, ref.index);
}

/* Answers to strays. */
static uint32_t row_at(void *context, const char *path)
{
	const struct shell *shell = context;
	char full[PATH_MAX];
	uint32_t row;

	if (engine_find(shell->engine, path, &row, NULL, 0, &(uint32_t){0}) < 0 ||
		engine_path(shell->engine, row, full, sizeof(full)) < 0 || strcmp(full, path) != 0)
		return ENGINE_NONE;
	return row;
}

static bool is_known(void *context, pid_t pid)
{
	return reaper_knows(((struct shell *)context)->reaper, pid);
}

void shell_children_feed(struct shell *shell)
{
	uint32_t last = shell->result_first == ENGINE_NONE ? ENGINE_NONE : shell->result_last;
	uint32_t row = ENGINE_NONE;

	while (last != ENGINE_NONE && row != last) {
		row = shell->result_first;
		feed_spawn_result(shell, row);
	}
}

bool shell_children_open(struct shell *shell, uint32_t capacity, const char *dir)
{
	shell->reaper = reaper_new(capacity, child_dying, child_exited, child_gone, shell);
	shell->result = calloc(capacity, sizeof(*shell->result));
	shell->strays_asks = (struct strays_asks){row_at, is_known, shell};
	shell->strays = strays_new(capacity, dir, &shell->strays_asks, shell->use_cgroups,
		resources_wanted(shell->spec));
	if (!shell->reaper || !shell->result || !shell->strays)
		return false;
	reaper_set_strays(shell->reaper, shell->strays, child_held);
	reaper_set_loop(shell->reaper, shell->loop);
	return true;
}
