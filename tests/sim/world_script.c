/* world_script.c - what a test says to a world and asks of it: events, manners, looks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/tree.h"
#include "tests/sim/world_internal.h"

static const struct due NOT_DUE = {.at_ms = WORLD_NEVER};

struct world *world_new(const char *tree, uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->spec = sim_tree_build(tree);
	w->engine = engine_new(w->spec, w->spec->nodes + WORLD_ROOM, seed);
	if (w->engine == NULL)
		abort();
	w->capacity = engine_capacity(w->engine);
	world_make_rows(w);
	world_remark(w, "tree: %s", tree);
	return w;
}

struct world *world_boot(const char *tree)
{
	struct world *w = world_new(tree, 1);

	world_start(w);
	return w;
}

void world_free(struct world *w)
{
	engine_free(w->engine);
	world_free_rows(w);
	free(w->spec);
	free(w->trace.at);
	free(w->history.at);
	free(w);
}

/* ---- what a test says */

static struct life *living(struct world *w, const char *path)
{
	struct life *life = &w->life[world_row_of(w, path)];

	if (!life->exists || !life->leader)
		world_broken(w, "the test wants %s to do something, but it does not live", path);
	return life;
}

void world_hold(struct world *w)
{
	w->held = true;
}

void world_release(struct world *w)
{
	w->held = false;
	world_settle(w);
}

void world_set_bursts(struct world *w, bool bursts)
{
	w->bursts = bursts;
}

void world_set_saves(struct world *w, bool saves)
{
	w->saves = saves;
}

void world_start(struct world *w)
{
	world_feed(w, &(struct event){.kind = EV_BOOT});
	world_settle(w);
}

static void end_by_itself(struct world *w, const char *path, struct end end)
{
	struct life *life = living(w, path);

	life->exit = NOT_DUE;
	world_end_leader(life, world_due_in(w, 0), end);
	world_settle(w);
}

void world_exit(struct world *w, const char *path, int status)
{
	end_by_itself(w, path, (struct end){.kind = END_EXITED, .value = status});
}

void world_die(struct world *w, const char *path, int signal)
{
	end_by_itself(w, path, (struct end){.kind = END_SIGNALED, .value = signal});
}

void world_ready(struct world *w, const char *path)
{
	living(w, path)->ready = world_due_in(w, 0);
	world_settle(w);
}

static void give(struct world *w, struct event *event)
{
	if (w->commands == WORLD_COMMANDS_MAX)
		world_broken(w, "more commands than a test may give");
	event->command.token = ++w->commands;
	w->extra[w->commands] = event->command.add.extra;
	world_feed(w, event);
	world_settle(w);
}

void world_command(struct world *w, enum command_kind kind, const char *path)
{
	struct event event = {.kind = EV_COMMAND};

	event.command.kind = kind;
	event.command.index = world_row_of(w, path);
	give(w, &event);
}

/* Sets what is to be added: below a dynamic supervisor an instance of its template, else the child
 * that text describes. */
static void describe(struct world *w, const struct view *sup, const char *text, struct extra *extra,
	struct addition *add)
{
	char tree[WORLD_PATH_MAX];

	if (sup->kind == KIND_DYNAMIC) {
		add->spec = w->spec;
		add->node = spec_node(w->spec, sup->node)->first_child;
		extra->name = strdup(text);
	} else {
		(void)snprintf(tree, sizeof(tree), "added [ %s ]", text);
		extra->spec = sim_tree_build(tree);
		add->spec = extra->spec;
		add->node = 1;
		extra->name = strdup(spec_str(extra->spec, spec_node(extra->spec, 1)->name));
	}
	if (extra->name == NULL)
		abort();
	add->name = extra->name;
	add->extra = extra;
}

static void add(struct world *w, const char *sup, const char *text, bool task)
{
	struct extra *extra = calloc(1, sizeof(*extra));
	struct event event = {.kind = EV_COMMAND};
	uint32_t index = world_row_of(w, sup);
	struct view view;

	if (extra == NULL)
		abort();
	if (!engine_view(w->engine, index, &view))
		world_broken(w, "no row for %s", sup);
	event.command.kind = CMD_ADD;
	event.command.index = index;
	event.command.add.task = task;
	describe(w, &view, text, extra, &event.command.add);
	extra->add = event.command.add;
	if (asprintf(&extra->path, "%s%s%s", index == SPEC_ROOT ? "" : w->row[index].path,
		    index == SPEC_ROOT ? "" : "/", extra->name) < 0)
		abort();
	w->additions++;
	give(w, &event);
}

void world_add(struct world *w, const char *sup, const char *child)
{
	add(w, sup, child, false);
}

void world_add_task(struct world *w, const char *sup, const char *child)
{
	add(w, sup, child, true);
}

void world_shutdown(struct world *w, bool brutal)
{
	world_feed(w, &(struct event){.kind = EV_SHUTDOWN, .brutal = brutal});
	world_settle(w);
}

/* ---- the script */

void world_fail_spawns(struct world *w, const char *path, int n)
{
	world_manner_of(w, path)->fail_spawns = n;
}

void world_stop_delay(struct world *w, const char *path, int64_t delay_ms)
{
	world_manner_of(w, path)->stop_delay_ms = delay_ms;
}

void world_stop_end(struct world *w, const char *path, struct end end)
{
	world_manner_of(w, path)->stop_end = end;
}

void world_leave_group(struct world *w, const char *path, int64_t delay_ms)
{
	struct manner *manner = world_manner_of(w, path);

	manner->leaves_group = true;
	manner->group_delay_ms = delay_ms;
}

void world_spawn_delay(struct world *w, const char *path, int64_t delay_ms)
{
	world_manner_of(w, path)->spawn_delay_ms = delay_ms;
}

void world_ready_delay(struct world *w, const char *path, int64_t delay_ms)
{
	world_manner_of(w, path)->ready_delay_ms = delay_ms;
}

/* ---- looking */

bool world_lives(const struct world *w, const char *path)
{
	char buf[WORLD_PATH_MAX];
	const char *full = world_full_path(w, path, buf);

	for (uint32_t i = 0; i < w->capacity; i++) {
		if (w->life[i].exists && strcmp(w->row[i].path, full) == 0)
			return true;
	}
	return false;
}

bool world_lives_at(const struct world *w, uint32_t row)
{
	return w->life[row].exists;
}

bool world_has_spawned(const struct world *w, uint32_t row)
{
	return w->life[row].exists && w->life[row].spawned.at_ms == WORLD_NEVER;
}

bool world_has_leader(const struct world *w, uint32_t row)
{
	return w->life[row].exists && w->life[row].leader;
}

/* The row at or above index whose parent is row parent; ENGINE_NONE: it is not below it. */
static uint32_t below(const struct world *w, uint32_t index, uint32_t parent)
{
	while (index != ENGINE_NONE && w->row[index].parent != parent)
		index = w->row[index].parent;
	return index;
}

bool world_lives_below(const struct world *w, uint32_t row)
{
	for (uint32_t i = 0; i < w->capacity; i++) {
		if (w->life[i].exists && (i == row || below(w, i, row) != ENGINE_NONE))
			return true;
	}
	return false;
}

bool world_lives_after(const struct world *w, uint32_t row)
{
	struct view view;

	for (uint32_t i = 0; i < w->capacity; i++) {
		uint32_t sibling = w->life[i].exists ? below(w, i, w->row[row].parent) : row;

		if (sibling == row || sibling == ENGINE_NONE)
			continue;
		for (uint32_t at = row; at != ENGINE_NONE && engine_view(w->engine, at, &view);) {
			at = view.next_sibling;
			if (at == sibling)
				return true;
		}
	}
	return false;
}

uint32_t world_parent(const struct world *w, uint32_t row)
{
	return w->row[row].parent;
}

const char *world_path(const struct world *w, uint32_t row)
{
	return w->row[row].path == NULL ? "?" : w->row[row].path;
}

enum child_state world_state(const struct world *w, uint32_t row)
{
	return w->row[row].state;
}

uint64_t world_replies(const struct world *w)
{
	uint64_t n = 0;

	for (uint64_t token = 1; token <= w->commands; token++)
		n += w->replied[token] ? 1 : 0;
	return n;
}

uint32_t world_given_back(const struct world *w)
{
	uint32_t n = 0;

	for (uint64_t token = 1; token <= w->commands; token++)
		n += w->extra[token] != NULL && w->extra[token]->back ? 1 : 0;
	return n;
}

uint32_t world_last_prev(const struct world *w)
{
	return w->last_prev;
}

struct view world_view(struct world *w, const char *path)
{
	uint32_t index = world_row_of(w, path);
	struct view view;

	if (!engine_view(w->engine, index, &view))
		world_broken(w, "no row for %s", path);
	return view;
}

int64_t world_now(const struct world *w)
{
	return w->now_ms;
}

int64_t world_deadline(const struct world *w)
{
	return engine_deadline_ms(w->engine);
}

bool world_finished(const struct world *w)
{
	return w->finished;
}

uint32_t world_alive(const struct world *w)
{
	return w->alive;
}

struct engine *world_engine(struct world *w)
{
	return w->engine;
}

const struct spec *world_spec(const struct world *w)
{
	return w->spec;
}

void world_set_watch(struct world *w, world_watch *watch, void *context)
{
	w->watch = watch;
	w->watch_context = context;
}
