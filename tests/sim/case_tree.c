/* case_tree.c - random trees, and how their processes behave. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/case_internal.h"
#include "tests/sim/tree.h"

enum { TREE_MAX = 8192, PATH_SIZE = 512 };

/* ---- trees */

__attribute__((format(printf, 2, 3))) static void say(char *tree, const char *format, ...)
{
	size_t n = strlen(tree);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(tree + n, TREE_MAX - n, format, args);
	va_end(args);
}

/* What a child may be told of its supervisor, and the other way round. */
struct level {
	uint32_t left; /* children to come */
	uint8_t auto_shutdown;
};

/* Significance, where it is allowed. */
static const char *significance(struct play *play, const struct level *parent, const char *restart)
{
	bool allowed = parent->auto_shutdown != AUTO_SHUTDOWN_NEVER && restart[0] == 't';

	return allowed && case_once_in(play, 2) ? ",significant" : "";
}

static void say_process(struct play *play, char *tree, uint32_t number, const struct level *parent)
{
	static const char *const RESTARTS[] = {"permanent", "permanent", "transient", "temporary"};
	static const char *const SHUTDOWNS[] = {
		"", "", ",brutal", ",shutdown=300ms", ",shutdown=0", ",inf"};
	static const char *const READIES[] = {
		"", "", "", ",notify", ",notify,timeout=500ms", ",exit,timeout=2s"};
	static const char *const BACKOFFS[] = {
		"", "", ",backoff=100ms", ",backoff=50ms/400ms/3/0.5/1s"};
	const char *restart = RESTARTS[case_below(play, 4)];
	const char *significant = significance(play, parent, restart);

	say(tree, " p%u:%s%s%s", number, restart, SHUTDOWNS[case_below(play, 6)], significant);
	/* a one-shot's one exit is not one that rule 7 has in mind */
	if (play->flavour->slow)
		say(tree, "%s%s", READIES[case_below(play, *significant == '\0' ? 6 : 5)],
			BACKOFFS[case_below(play, 4)]);
	if (case_once_in(play, 5))
		say(tree, ",ok=3");
}

/* The words between a supervisor's name and its "[". */
static void say_settings(
	struct play *play, char *tree, uint32_t number, bool dynamic, struct level *level)
{
	static const char *const PERIODS[] = {"1", "5", "500ms", "30"};
	static const char *const PARKS[] = {" park", " park=300ms", " park=2s"};
	uint32_t strategy = dynamic ? STRATEGY_ONE_FOR_ONE : case_below(play, STRATEGY_COUNT);
	uint32_t rarely = number == 0 ? 8 : 3;

	level->auto_shutdown = AUTO_SHUTDOWN_NEVER;
	say(tree, " %s %u/%s", spec_strategy_name(strategy),
		(number == 0 ? 10 : 1) + case_below(play, 5), PERIODS[case_below(play, 4)]);
	if (play->flavour->significant && case_once_in(play, rarely)) {
		level->auto_shutdown = (uint8_t)(AUTO_SHUTDOWN_NEVER + 1 + case_below(play, 2));
		say(tree, " %s", spec_auto_shutdown_name(level->auto_shutdown));
	}
	if (play->flavour->parking && case_once_in(play, rarely))
		say(tree, "%s", PARKS[case_below(play, 3)]);
	if (play->flavour->concurrent && strategy == STRATEGY_ONE_FOR_ONE && !dynamic &&
		case_once_in(play, 2))
		say(tree, " concurrent");
	say(tree, " [");
}

static void say_supervisor(struct play *play, char *tree, uint32_t number, bool dynamic,
	const struct level *parent, struct level *level)
{
	static const char *const RESTARTS[] = {"permanent", "permanent", "transient", "temporary"};
	const char *restart = number == 0 ? "permanent" : RESTARTS[case_below(play, 4)];

	say(tree, " %c%u:%s%s", dynamic ? 'd' : 's', number, restart,
		significance(play, parent, restart));
	if (dynamic)
		say(tree, ",dynamic=%u", 1 + case_below(play, 5));
	if (play->flavour->killing && number != 0 && case_once_in(play, 4))
		say(tree, ",%s", case_once_in(play, 2) ? "brutal" : "shutdown=400ms");
	say_settings(play, tree, number, dynamic, level);
}

char *case_random_tree(struct play *play)
{
	char *tree = calloc(1, TREE_MAX);
	struct level level[8] = {0};
	uint32_t depth = 1;
	uint32_t n = 1;

	if (tree == NULL)
		abort();
	say_supervisor(play, tree, 0, false, &level[7], &level[0]);
	level[0].left = 1 + case_below(play, 6);
	while (depth > 0) {
		struct level *parent = &level[depth - 1];

		if (parent->left == 0 || n >= 40) {
			say(tree, " ]");
			depth--;
			continue;
		}
		parent->left--;
		if (play->flavour->late && case_once_in(play, 4)) {
			say_supervisor(play, tree, n++, true, parent, &level[depth]);
			say_process(play, tree, n++, &level[depth]);
			say(tree, " ]");
		} else if (depth < 5 && case_once_in(play, 3)) {
			say_supervisor(play, tree, n++, false, parent, &level[depth]);
			level[depth++].left = case_below(play, 5);
		} else {
			say_process(play, tree, n++, parent);
		}
	}
	return tree;
}

/* ---- manners */

static void slow_manners(struct play *play, const char *path, const struct child_spec *child)
{
	static const int64_t DELAYS[] = {0, 0, 1, 20, 250, 600};

	if (case_once_in(play, 3))
		world_spawn_delay(play->w, path, DELAYS[case_below(play, 4)]);
	if (case_once_in(play, 2))
		world_stop_delay(play->w, path, DELAYS[case_below(play, 6)]);
	else if (child->shutdown_ms != SPEC_INFINITY && case_once_in(play, 4))
		world_stop_delay(play->w, path, WORLD_NEVER);
	if (case_once_in(play, 4))
		world_stop_end(play->w, path, (struct end){.kind = END_EXITED, .value = 0});
	if (child->ready == READY_NOTIFY && !case_once_in(play, 4))
		world_ready_delay(play->w, path, DELAYS[case_below(play, 6)]);
}

void case_random_manners(struct play *play)
{
	const struct flavour *flavour = play->flavour;

	for (uint32_t i = 0; i < play->spec->nodes; i++) {
		const struct child_spec *child = spec_child(play->spec, i);
		char buf[PATH_SIZE];
		const char *path = sim_tree_path(play->spec, i, buf, sizeof(buf));

		if (spec_node(play->spec, i)->kind != KIND_PROCESS)
			continue;
		if (flavour->slow)
			slow_manners(play, path, child);
		if (flavour->groups && case_once_in(play, 3))
			world_leave_group(play->w, path,
				child->shutdown_ms != SPEC_INFINITY && case_once_in(play, 3)
					? WORLD_NEVER
					: case_below(play, 300));
	}
}
