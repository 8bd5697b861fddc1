/* world_script.c - what a test says to a world and asks of it: events, manners, looks. */
#include <signal.h>
#include <stdlib.h>

#include "tests/sim/tree.h"
#include "tests/sim/world_internal.h"

static const struct due NOT_DUE = {.at_ms = WORLD_NEVER};

static void *zeroed(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (memory == NULL)
		abort();
	return memory;
}

struct world *world_new(const char *tree, uint64_t seed)
{
	struct world *w = zeroed(1, sizeof(*w));

	w->spec = sim_tree_build(tree);
	w->engine = engine_new(w->spec, w->spec->nodes, seed);
	if (w->engine == NULL)
		abort();
	w->capacity = engine_capacity(w->engine);
	w->life = zeroed(w->capacity, sizeof(*w->life));
	w->row = zeroed(w->capacity, sizeof(*w->row));
	w->manner = zeroed(w->spec->nodes, sizeof(*w->manner));
	for (uint32_t i = 0; i < w->spec->nodes; i++) {
		w->manner[i].stop_end = (struct end){.kind = END_SIGNALED, .value = SIGTERM};
		w->manner[i].ready_delay_ms = WORLD_NEVER;
	}
	for (uint32_t i = 0; i < w->capacity; i++) {
		struct view view;

		w->row[i].node = SPEC_NONE;
		w->row[i].state = CHILD_REMOVED;
		if (engine_view(w->engine, i, &view)) {
			w->row[i].node = view.node;
			w->row[i].state = view.state;
		}
	}
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
	free(w->spec);
	free(w->life);
	free(w->row);
	free(w->manner);
	free(w->trace.at);
	free(w->history.at);
	free(w);
}

/* ---- what a test says */

static uint32_t row_of(struct world *w, const char *path)
{
	char full[WORLD_PATH_MAX];
	uint32_t index = 0;

	(void)sim_tree_path(w->spec, sim_tree_find(w->spec, path), full, sizeof(full));
	if (engine_find(w->engine, full, &index, NULL, 0, NULL) != 0)
		world_broken(w, "the engine does not find %s", full);
	return index;
}

static struct life *living(struct world *w, const char *path)
{
	struct life *life = &w->life[row_of(w, path)];

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

void world_command(struct world *w, enum command_kind kind, const char *path)
{
	struct event event = {.kind = EV_COMMAND};

	event.command.kind = kind;
	event.command.index = row_of(w, path);
	if (w->commands == WORLD_COMMANDS_MAX)
		world_broken(w, "more commands than a test may give");
	event.command.token = ++w->commands;
	world_feed(w, &event);
	world_settle(w);
}

void world_shutdown(struct world *w, bool brutal)
{
	world_feed(w, &(struct event){.kind = EV_SHUTDOWN, .brutal = brutal});
	world_settle(w);
}

/* ---- the script */

static struct manner *manner_of(struct world *w, const char *path)
{
	return &w->manner[sim_tree_find(w->spec, path)];
}

void world_fail_spawns(struct world *w, const char *path, int n)
{
	manner_of(w, path)->fail_spawns = n;
}

void world_stop_delay(struct world *w, const char *path, int64_t delay_ms)
{
	manner_of(w, path)->stop_delay_ms = delay_ms;
}

void world_stop_end(struct world *w, const char *path, struct end end)
{
	manner_of(w, path)->stop_end = end;
}

void world_leave_group(struct world *w, const char *path, int64_t delay_ms)
{
	struct manner *manner = manner_of(w, path);

	manner->leaves_group = true;
	manner->group_delay_ms = delay_ms;
}

void world_spawn_delay(struct world *w, const char *path, int64_t delay_ms)
{
	manner_of(w, path)->spawn_delay_ms = delay_ms;
}

void world_ready_delay(struct world *w, const char *path, int64_t delay_ms)
{
	manner_of(w, path)->ready_delay_ms = delay_ms;
}

/* ---- looking */

bool world_lives(const struct world *w, const char *path)
{
	uint32_t node = sim_tree_find(w->spec, path);

	for (uint32_t i = 0; i < w->capacity; i++) {
		if (w->life[i].exists && w->row[i].node == node)
			return true;
	}
	return false;
}

bool world_lives_among(const struct world *w, uint32_t first, uint32_t end)
{
	for (uint32_t i = 0; i < w->capacity; i++) {
		if (w->life[i].exists && w->row[i].node >= first && w->row[i].node < end)
			return true;
	}
	return false;
}

bool world_has_leader(const struct world *w, uint32_t node)
{
	for (uint32_t i = 0; i < w->capacity; i++) {
		if (w->life[i].exists && w->life[i].leader && w->row[i].node == node)
			return true;
	}
	return false;
}

uint64_t world_replies(const struct world *w)
{
	uint64_t n = 0;

	for (uint64_t token = 1; token <= w->commands; token++)
		n += w->replied[token] ? 1 : 0;
	return n;
}

struct view world_view(struct world *w, const char *path)
{
	uint32_t index = row_of(w, path);
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
