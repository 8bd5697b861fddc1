/* world_rows.c - who is who: rows, their paths, their manners, and what came with children at run
 * time. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/tree.h"
#include "tests/sim/world_internal.h"

static void *must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

/* ---- manners */

static uint32_t new_manner(struct world *w, const char *path)
{
	w->manner = must(realloc(w->manner, (w->manners + 1) * sizeof(*w->manner)));
	w->manner[w->manners] = (struct manner){
		.path = must(strdup(path)),
		.stop_end = {.kind = END_SIGNALED, .value = SIGTERM},
		.ready_delay_ms = WORLD_NEVER,
	};
	return w->manners++;
}

/* The number of the manner of path, ENGINE_NONE when nothing was said of it. */
static uint32_t find_manner(const struct world *w, const char *path)
{
	for (uint32_t i = 0; i < w->manners; i++) {
		if (strcmp(w->manner[i].path, path) == 0)
			return i;
	}
	return ENGINE_NONE;
}

struct manner *world_manner_of(struct world *w, const char *path)
{
	uint32_t node = sim_tree_lookup(w->spec, path);
	uint32_t found = node != SPEC_NONE ? node : find_manner(w, path);

	if (found == ENGINE_NONE)
		found = new_manner(w, path);
	return &w->manner[found];
}

/* ---- rows */

void world_make_rows(struct world *w)
{
	char path[WORLD_PATH_MAX];

	w->life = must(calloc(w->capacity, sizeof(*w->life)));
	w->row = must(calloc(w->capacity, sizeof(*w->row)));
	for (uint32_t i = 0; i < w->spec->nodes; i++)
		(void)new_manner(w, sim_tree_path(w->spec, i, path, sizeof(path)));
	for (uint32_t i = 0; i < w->capacity; i++) {
		struct view view;

		w->row[i] = (struct row){
			.node = SPEC_NONE, .parent = ENGINE_NONE, .state = CHILD_REMOVED};
		if (engine_view(w->engine, i, &view)) {
			world_learn_row(w, i);
			w->row[i].state = view.state;
		}
	}
}

void world_free_rows(struct world *w)
{
	for (uint32_t i = 0; i < w->capacity; i++)
		free(w->row[i].path);
	for (uint32_t i = 0; i < w->manners; i++)
		free(w->manner[i].path);
	for (uint64_t token = 1; token <= w->commands; token++) {
		struct extra *extra = w->extra[token];

		if (extra == NULL)
			continue;
		free(extra->path);
		free(extra->name);
		free(extra->spec);
		free(extra);
	}
	free(w->life);
	free(w->row);
	free(w->manner);
}

static void learn_addition(struct world *w, struct row *row, const struct view *view)
{
	struct extra *extra = view->extra;
	bool is_instance = view->spec == w->spec;
	uint32_t manner;

	if (extra == NULL || extra->back)
		world_broken(w, "a row for a child of which the engine has nothing");
	row->extra = extra;
	row->state = CHILD_WAITING; /* a new entry, before its first report */
	row->path = must(strdup(extra->path));
	manner = find_manner(w, row->path);
	if (manner == ENGINE_NONE)
		manner = is_instance ? view->node : new_manner(w, row->path);
	row->manner = manner;
	row->node = is_instance ? view->node : SPEC_NONE;
}

void world_learn_row(struct world *w, uint32_t index)
{
	char path[WORLD_PATH_MAX];
	struct row *row;
	struct view view;

	if (index >= w->capacity)
		world_broken(w, "an action about row %u of %u", index, w->capacity);
	row = &w->row[index];
	if (row->state == CHILD_REMOVED && engine_view(w->engine, index, &view) &&
		(row->path == NULL || view.added)) {
		free(row->path);
		row->parent = view.parent;
		row->is_process = view.kind == KIND_PROCESS;
		if (view.added) {
			learn_addition(w, row, &view);
		} else {
			row->node = row->manner = view.node;
			row->path =
				must(strdup(sim_tree_path(w->spec, view.node, path, sizeof(path))));
		}
	}
	if (row->path == NULL)
		world_broken(w, "an action about a row that is not there");
}

/* The full path of an addition so called: as a whole, or in its last part; NULL. */
static const char *addition_called(const struct world *w, const char *text, bool whole)
{
	for (uint64_t token = 1; token <= w->commands; token++) {
		const char *path = w->extra[token] == NULL ? "" : w->extra[token]->path;
		const char *slash = strrchr(path, '/');

		if (strcmp(whole || slash == NULL ? path : slash + 1, text) == 0)
			return path;
	}
	return NULL;
}

const char *world_full_path(
	const struct world *w, const char *path, char buf[static WORLD_PATH_MAX])
{
	const char *found = addition_called(w, path, true);
	uint32_t node;

	if (found != NULL)
		return found;
	node = sim_tree_lookup(w->spec, path);
	if (node != SPEC_NONE)
		return sim_tree_path(w->spec, node, buf, WORLD_PATH_MAX);
	found = addition_called(w, path, false);
	if (found != NULL)
		return found;
	(void)fprintf(stderr, "a mistake in a test: there is and was no %s\n", path);
	abort();
}

uint32_t world_row_of(struct world *w, const char *path)
{
	char buf[WORLD_PATH_MAX];
	const char *full = world_full_path(w, path, buf);
	uint32_t index = 0;

	if (engine_find(w->engine, full, &index, NULL, 0, NULL) != 0)
		world_broken(w, "the engine does not find %s", full);
	return index;
}

/* ---- what came with children at run time */

/* What must come back with the action. A refusal leaves it to the report of the end, when there is
 * an entry already. */
static struct extra *due_back(struct world *w, const struct action *action)
{
	if (action->kind == ACT_REPORT && action->to == CHILD_REMOVED)
		return w->row[action->ref.index].extra;
	if (action->kind == ACT_REPLY && action->result != RESULT_OK && action->extra != NULL)
		return w->extra[action->token];
	return NULL;
}

void world_take_back(struct world *w, const struct action *action)
{
	struct extra *extra = due_back(w, action);

	if (action->extra != extra)
		world_broken(w, extra == NULL ? "something is given back that was not due"
					      : "something is not given back");
	if (action->kind == ACT_REPLY && extra == NULL && w->extra[action->token] != NULL &&
		!w->extra[action->token]->back) {
		w->extra[action->token]->kept = true;
		w->kept++;
	}
	if (extra == NULL)
		return;
	if (extra->back)
		world_broken(w, "%s is given back a second time", extra->path);
	extra->back = true;
	w->kept -= extra->kept ? 1 : 0;
	/* whoever still uses them is found by the address sanitizer */
	free(extra->name);
	free(extra->spec);
	extra->name = NULL;
	extra->spec = NULL;
}

void world_check_extras(struct world *w)
{
	uint32_t kept = 0;

	for (uint32_t i = w->additions > 0 ? 0 : w->capacity; i < w->capacity; i++) {
		const struct extra *extra;
		struct view view;

		if (!engine_view(w->engine, i, &view) || !view.added)
			continue;
		extra = view.extra;
		if (extra == NULL || extra->back)
			world_broken(w, "row %u holds something that it gave back", i);
		if (view.state == CHILD_REMOVED)
			world_broken(w, "%s is no more, and holds what came with it", extra->path);
		kept += extra->kept ? 1 : 0;
	}
	if (kept != w->kept && w->additions > 0)
		world_broken(w, "%u things are to come back, and %u rows have one", w->kept, kept);
}

/* ---- the laws that hold between two steps */

static bool state_lives(enum child_state state)
{
	return state == CHILD_STARTING || state == CHILD_RUNNING || state == CHILD_STOPPING;
}

/* Is something above the row removed? Then so is the row, without a report of its own. */
static bool is_below_removed(const struct world *w, uint32_t index)
{
	struct view view;

	while (engine_view(w->engine, index, &view) && view.parent != ENGINE_NONE) {
		index = view.parent;
		if (w->row[index].state == CHILD_REMOVED)
			return true;
	}
	return false;
}

void world_check_row(struct world *w, uint32_t index)
{
	struct row *row = &w->row[index];
	struct view view;
	enum child_state state = CHILD_REMOVED;

	row->touched = false;
	if (row->path == NULL)
		return;
	if (engine_view(w->engine, index, &view))
		state = view.state;
	if (state != row->state && !(state == CHILD_REMOVED && is_below_removed(w, index)))
		world_broken(w, "%s is %s, but was reported %s", row->path, child_state_name(state),
			child_state_name(row->state));
	if (row->is_process && state_lives(state) != w->life[index].exists)
		world_broken(w, "%s is %s, and its process %s", row->path, child_state_name(state),
			w->life[index].exists ? "lives" : "does not live");
}
