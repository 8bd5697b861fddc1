/* case.c - random trees, manners and events. */
#include "tests/sim/case.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/tree.h"

enum { TREE_MAX = 8192, PATH_SIZE = 512 };

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

/* One time in n. */
static bool once_in(struct play *play, uint32_t n)
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

/* ---- trees */

__attribute__((format(printf, 2, 3))) static void say(char *tree, const char *format, ...)
{
	size_t n = strlen(tree);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(tree + n, TREE_MAX - n, format, args);
	va_end(args);
}

static void say_process(struct play *play, char *tree, uint32_t number)
{
	static const char *const RESTARTS[] = {"permanent", "permanent", "transient", "temporary"};
	static const char *const SHUTDOWNS[] = {
		"", "", ",brutal", ",shutdown=300ms", ",shutdown=0", ",inf"};
	static const char *const READIES[] = {
		"", "", "", ",notify", ",notify,timeout=500ms", ",exit,timeout=2s"};
	static const char *const BACKOFFS[] = {
		"", "", ",backoff=100ms", ",backoff=50ms/400ms/3/0.5/1s"};

	say(tree, " p%u:%s%s", number, RESTARTS[case_below(play, 4)],
		SHUTDOWNS[case_below(play, 6)]);
	if (play->flavour->slow)
		say(tree, "%s%s", READIES[case_below(play, 6)], BACKOFFS[case_below(play, 4)]);
	if (once_in(play, 5))
		say(tree, ",ok=3");
}

static void say_supervisor(struct play *play, char *tree, uint32_t number)
{
	static const char *const RESTARTS[] = {"", ":permanent", ":transient", ":temporary"};
	static const char *const PERIODS[] = {"1", "5", "500ms", "30"};

	say(tree, " s%u%s", number, number == 0 ? "" : RESTARTS[case_below(play, 4)]);
	if (play->flavour->killing && number != 0 && once_in(play, 4))
		say(tree, "%s%s", strrchr(tree, ':') > strrchr(tree, ' ') ? "," : ":",
			once_in(play, 2) ? "brutal" : "shutdown=400ms");
	say(tree, " %s %u/%s [", spec_strategy_name(case_below(play, STRATEGY_COUNT)),
		(number == 0 ? 10 : 1) + case_below(play, 5), PERIODS[case_below(play, 4)]);
}

/* A tree of up to about forty nodes and five levels. */
static char *random_tree(struct play *play)
{
	char *tree = calloc(1, TREE_MAX);
	uint32_t left[8] = {0};
	uint32_t depth = 1;
	uint32_t n = 1;

	if (tree == NULL)
		abort();
	say_supervisor(play, tree, 0);
	left[0] = 1 + case_below(play, 6);
	while (depth > 0) {
		if (left[depth - 1] == 0 || n >= 40) {
			say(tree, " ]");
			depth--;
			continue;
		}
		left[depth - 1]--;
		if (depth < 5 && once_in(play, 3)) {
			say_supervisor(play, tree, n++);
			left[depth++] = case_below(play, 5);
		} else {
			say_process(play, tree, n++);
		}
	}
	return tree;
}

/* ---- manners */

static const char *path_of(struct play *play, uint32_t node, char buf[static PATH_SIZE])
{
	return sim_tree_path(play->spec, node, buf, PATH_SIZE);
}

static void slow_manners(struct play *play, const char *path, const struct child_spec *child)
{
	static const int64_t DELAYS[] = {0, 0, 1, 20, 250, 600};

	if (once_in(play, 3))
		world_spawn_delay(play->w, path, DELAYS[case_below(play, 4)]);
	if (once_in(play, 2))
		world_stop_delay(play->w, path, DELAYS[case_below(play, 6)]);
	else if (child->shutdown_ms != SPEC_INFINITY && once_in(play, 4))
		world_stop_delay(play->w, path, WORLD_NEVER);
	if (once_in(play, 4))
		world_stop_end(play->w, path, (struct end){.kind = END_EXITED, .value = 0});
	if (child->ready == READY_NOTIFY && !once_in(play, 4))
		world_ready_delay(play->w, path, DELAYS[case_below(play, 6)]);
}

static void random_manners(struct play *play)
{
	const struct flavour *flavour = play->flavour;

	for (uint32_t i = 0; i < play->spec->nodes; i++) {
		const struct child_spec *child = spec_child(play->spec, i);
		char buf[PATH_SIZE];
		const char *path = path_of(play, i, buf);

		if (spec_node(play->spec, i)->kind != KIND_PROCESS)
			continue;
		if (flavour->slow)
			slow_manners(play, path, child);
		if (flavour->groups && once_in(play, 3))
			world_leave_group(play->w, path,
				child->shutdown_ms != SPEC_INFINITY && once_in(play, 3)
					? WORLD_NEVER
					: case_below(play, 300));
	}
}

/* ---- events */

/* A process whose leader lives; SPEC_NONE when there is none. */
static uint32_t random_leader(struct play *play)
{
	uint32_t from = case_below(play, play->spec->nodes);

	for (uint32_t i = 0; i < play->spec->nodes; i++) {
		uint32_t node = (from + i) % play->spec->nodes;

		if (world_has_leader(play->w, node))
			return node;
	}
	return SPEC_NONE;
}

static void let_one_end(struct play *play)
{
	static const int STATUSES[] = {0, 1, 3, 0, 137};
	uint32_t node = random_leader(play);
	char buf[PATH_SIZE];

	if (node == SPEC_NONE)
		return;
	if (play->flavour->failing && once_in(play, 4))
		world_fail_spawns(play->w, path_of(play, node, buf), (int)case_below(play, 4));
	if (once_in(play, 4))
		world_die(play->w, path_of(play, node, buf), SIGKILL);
	else
		world_exit(play->w, path_of(play, node, buf), STATUSES[case_below(play, 5)]);
}

static void let_one_be_ready(struct play *play)
{
	uint32_t node = random_leader(play);
	char buf[PATH_SIZE];

	if (node != SPEC_NONE)
		world_ready(play->w, path_of(play, node, buf));
}

static void give_command(struct play *play)
{
	enum command_kind kind = (enum command_kind)case_below(play, CMD_DELETE + 1);
	uint32_t node = case_below(play, play->spec->nodes);
	uint32_t index = 0;
	char buf[PATH_SIZE];

	if (play->commands == CASE_COMMANDS_MAX ||
		engine_find(world_engine(play->w), path_of(play, node, buf), &index, NULL, 0,
			NULL) != 0)
		return;
	play->commands++;
	play->command[play->commands].kind = kind;
	play->command[play->commands].node = node;
	world_command(play->w, kind, buf);
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
	else if (what < 550 && play->flavour->commanded)
		give_command(play);
	else if (what < 650)
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
	struct view root;
	char buf[PATH_SIZE];

	for (int i = 0; i < 100 && !world_finished(play->w); i++) {
		for (uint32_t node = 0; node < play->spec->nodes; node++) {
			if (world_finished(play->w) || !world_has_leader(play->w, node) ||
				world_view(play->w, path_of(play, node, buf)).state !=
					CHILD_STARTING)
				continue;
			if (spec_child(play->spec, node)->ready == READY_EXIT)
				world_exit(play->w, buf, 0);
			else
				world_ready(play->w, buf);
		}
		if (world_finished(play->w) || !engine_view(world_engine(play->w), 0, &root) ||
			root.state == CHILD_RUNNING)
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
	play->tree = random_tree(play);
	play->w = world_new(play->tree, seed);
	play->spec = world_spec(play->w);
	(void)snprintf(
		label, sizeof(label), "PROP_SEED=%llu PROP_CASES=1", (unsigned long long)seed);
	world_set_label(play->w, label);
	world_set_bursts(play->w, flavour->bursts);
	world_set_watch(play->w, watch, context);
	random_manners(play);
	world_start(play->w);
	if (!once_in(play, 4))
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
