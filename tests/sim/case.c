/* case.c - random events, and a case from its seed to its end. */
#include "tests/sim/case_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/tree.h"

enum { PATH_SIZE = 512 };

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(struct play *play)
{
	uint64_t z = play->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t case_below(struct play *play, uint32_t bound)
{
	return (uint32_t)(next_random(play) % bound);
}

bool case_once_in(struct play *play, uint32_t n)
{
	return case_below(play, n) == 0;
}

static uint64_t number_from(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text == NULL || *text == '\0' ? usual : strtoull(text, NULL, 10);
}

uint64_t case_first_seed(void)
{
	return number_from("PROP_SEED", 1);
}

uint32_t case_count(uint32_t usual)
{
	return (uint32_t)number_from("PROP_CASES", usual);
}

uint32_t case_subtree_end(const struct spec *spec, uint32_t node)
{
	uint32_t at = node;

	while (at != SPEC_ROOT && spec_node(spec, at)->next_sibling == SPEC_NONE)
		at = spec_node(spec, at)->parent;
	return at == SPEC_ROOT ? spec->nodes : spec_node(spec, at)->next_sibling;
}

/* ---- events */

/* A row whose leader lives; ENGINE_NONE when there is none. */
static uint32_t random_leader(struct play *play)
{
	uint32_t rows = engine_capacity(world_engine(play->w));
	uint32_t from = case_below(play, rows);

	for (uint32_t i = 0; i < rows; i++) {
		if (world_has_leader(play->w, (from + i) % rows))
			return (from + i) % rows;
	}
	return ENGINE_NONE;
}

/* Its next starts fail; an instance's are those of its template. */
static void let_starts_fail(struct play *play, uint32_t row, int n)
{
	char buf[PATH_SIZE];
	struct view view;

	if (!engine_view(world_engine(play->w), row, &view))
		return;
	world_fail_spawns(play->w,
		view.spec == play->spec ? sim_tree_path(play->spec, view.node, buf, sizeof(buf))
					: world_path(play->w, row),
		n);
}

static void let_one_end(struct play *play)
{
	static const int STATUSES[] = {0, 1, 3, 0, 137};
	uint32_t row = random_leader(play);

	if (row == ENGINE_NONE)
		return;
	if (play->flavour->failing && case_once_in(play, 4))
		let_starts_fail(play, row, (int)case_below(play, 4));
	if (case_once_in(play, 4))
		world_die(play->w, world_path(play->w, row), SIGKILL);
	else
		world_exit(play->w, world_path(play->w, row), STATUSES[case_below(play, 5)]);
}

static void let_one_be_ready(struct play *play)
{
	uint32_t row = random_leader(play);

	if (row != ENGINE_NONE)
		world_ready(play->w, world_path(play->w, row));
}

/* A child below a static supervisor: with a new name, or with that of one that is there or was. */
static void add_child(struct play *play, uint32_t sup, const struct view *view)
{
	static const char *const NAMES[] = {"a0", "a1", "a2", "a3"};
	static const char *const OPTIONS[] = {
		"", ":transient", ":temporary", ":temporary,brutal", ":backoff=100ms"};
	uint32_t options = play->flavour->slow ? 5 : 4;
	const char *parent = sup == SPEC_ROOT ? "" : world_path(play->w, sup);
	const char *name = NAMES[case_below(play, 4)];
	struct view child;
	char path[PATH_SIZE];

	if (view->first_child != ENGINE_NONE && case_once_in(play, 3) &&
		engine_view(world_engine(play->w), view->first_child, &child))
		name = child.name;
	(void)snprintf(path, sizeof(path), "%s%s%s", parent, *parent == '\0' ? "" : "/", name);
	if (play->flavour->failing && case_once_in(play, 4))
		world_fail_spawns(play->w, path, 1);
	if (play->flavour->slow && case_once_in(play, 2))
		world_stop_delay(play->w, path, case_below(play, 300));
	(void)snprintf(path, sizeof(path), "%s%s", name, OPTIONS[case_below(play, options)]);
	world_add(play->w, world_path(play->w, sup), path);
}

static void add_one(struct play *play)
{
	uint32_t rows = engine_capacity(world_engine(play->w));
	uint32_t from = case_below(play, rows);
	bool dynamic = !case_once_in(play, 3);
	char name[32];

	for (uint32_t i = 0; i < rows; i++) {
		uint32_t row = (from + i) % rows;
		struct view view;

		if (!engine_view(world_engine(play->w), row, &view) ||
			view.state == CHILD_REMOVED || view.kind == KIND_PROCESS ||
			(dynamic && view.kind != KIND_DYNAMIC))
			continue;
		play->command[++play->commands] = CMD_ADD;
		(void)snprintf(name, sizeof(name), "i%u", case_below(play, 5));
		if (view.kind != KIND_DYNAMIC)
			add_child(play, row, &view);
		else if (case_once_in(play, 5))
			world_add_task(play->w, world_path(play->w, row), name);
		else
			world_add(play->w, world_path(play->w, row), name);
		return;
	}
}

static void give_command(struct play *play)
{
	enum command_kind kind = (enum command_kind)case_below(play, CMD_DELETE + 1);
	uint32_t row = case_below(play, engine_capacity(world_engine(play->w)));
	struct view view;

	if (play->commands == CASE_COMMANDS_MAX)
		return;
	if (play->flavour->late && case_once_in(play, 2)) {
		add_one(play);
		return;
	}
	if (!engine_view(world_engine(play->w), row, &view) || view.state == CHILD_REMOVED)
		return;
	play->command[++play->commands] = kind;
	world_command(play->w, kind, world_path(play->w, row));
}

static void let_time_pass(struct play *play)
{
	static const uint32_t BOUNDS[] = {2, 30, 200, 1000, 8000};

	world_advance(play->w, case_below(play, BOUNDS[case_below(play, 5)]));
}

static void random_event(struct play *play)
{
	uint32_t what = case_below(play, 1000);

	if (what < 400)
		let_one_end(play);
	else if (what < (play->flavour->late ? 620u : 550u) && play->flavour->commanded)
		give_command(play);
	else if (what < 680)
		let_one_be_ready(play);
	else if (what < 750)
		world_hold(play->w);
	else if (what < 850)
		world_release(play->w);
	else if (what < 853)
		world_shutdown(play->w, false);
	else if (what < 855 && play->flavour->killing)
		world_shutdown(play->w, true);
	else
		let_time_pass(play);
}

/* Lets all that starts be ready, so that the tree is up when the events begin. */
static void calm_boot(struct play *play)
{
	struct view view;

	for (int i = 0; i < 100 && !world_finished(play->w); i++) {
		for (uint32_t row = 0; row < play->spec->nodes; row++) {
			if (world_finished(play->w) || !world_has_leader(play->w, row) ||
				!engine_view(world_engine(play->w), row, &view) ||
				view.state != CHILD_STARTING)
				continue;
			if (spec_child(play->spec, row)->ready == READY_EXIT)
				world_exit(play->w, world_path(play->w, row), 0);
			else
				world_ready(play->w, world_path(play->w, row));
		}
		if (world_finished(play->w) || !engine_view(world_engine(play->w), 0, &view) ||
			view.state == CHILD_RUNNING)
			return;
		world_advance(play->w, 20);
	}
}

/* ---- a case */

void case_begin(struct play *play, uint64_t seed, const struct flavour *flavour, world_watch *watch,
	void *context)
{
	char label[64];

	memset(play, 0, sizeof(*play));
	play->seed = seed;
	play->random = seed;
	play->flavour = flavour;
	play->tree = case_random_tree(play);
	play->w = world_new(play->tree, seed);
	play->spec = world_spec(play->w);
	(void)snprintf(
		label, sizeof(label), "PROP_SEED=%llu PROP_CASES=1", (unsigned long long)seed);
	world_set_label(play->w, label);
	world_set_bursts(play->w, flavour->bursts);
	world_set_saves(play->w, flavour->saved);
	world_set_watch(play->w, watch, context);
	case_random_manners(play);
	world_start(play->w);
	if (!case_once_in(play, 4))
		calm_boot(play);
}

void case_play(struct play *play, uint32_t steps)
{
	for (uint32_t i = 0; i < steps && !world_finished(play->w); i++)
		random_event(play);
	if (!world_finished(play->w))
		world_release(play->w);
}

void case_end(struct play *play)
{
	if (!world_finished(play->w))
		world_shutdown(play->w, false);
	if (!world_finished(play->w))
		world_advance(play->w, 1000000);
	if (!world_finished(play->w))
		world_broken(play->w, "no end a thousand seconds after the shutdown");
}

void case_free(struct play *play)
{
	world_free(play->w);
	free(play->tree);
}
