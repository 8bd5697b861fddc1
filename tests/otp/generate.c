/* generate.c - a case from a seed: the same seed, the same case, whatever the engine does.
 *
 * Times are chosen so that neither side can be near a border: OTP cuts the times of restarts to
 * whole seconds, so the clock advances by multiples of four and no period is one; and the times
 * that children are given to stop add up to none of those that their supervisors are given. */
#include <string.h>

#include "config/spec.h"
#include "tests/otp/case.h"

enum { DEPTH_MAX = 4, CHILDREN_MAX = 10 };

/* For a process that ignores its stop: outlived by none, and by every of their supervisors'. */
enum { SHORT_MS = 10, LONGER_MS = 83, LONG_MS = 5000 };
static const int64_t SUP_SHORT_MS[DEPTH_MAX] = {0, 59, 37, 23}; /* by depth */

struct dice {
	uint64_t state;
	bool patient; /* this case: the limits are high and time passes, so that it lasts longer */
	bool down[CASE_NODES_MAX]; /* a guess: it will not be found running */
};

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t roll(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint32_t below(struct dice *dice, uint32_t bound)
{
	return (uint32_t)(roll(dice) % bound);
}

static bool percent(struct dice *dice, uint32_t chance)
{
	return below(dice, 100) < chance;
}

/* ---- the tree */

static void make_sup(struct dice *dice, struct case_node *node, uint32_t depth)
{
	static const uint32_t PERIODS[] = {2, 6, 10, 1000};

	node->is_sup = true;
	node->strategy = (uint8_t)below(dice, STRATEGY_COUNT);
	node->intensity = percent(dice, 10) ? 0 : 1 + below(dice, 3);
	node->period_s = PERIODS[below(dice, 4)];
	if (dice->patient && percent(dice, 80)) {
		node->intensity = 3;
		node->period_s = 2;
	}
	if (percent(dice, depth > 0 ? 40 : (dice->patient ? 10 : 30)))
		node->auto_shutdown = (uint8_t)(1 + below(dice, AUTO_SHUTDOWN_COUNT - 1));
	node->shutdown_ms = SPEC_INFINITY;
	if (depth == 0)
		return;
	if (percent(dice, 8))
		node->shutdown_ms = SPEC_BRUTAL_KILL;
	else if (percent(dice, 6))
		node->shutdown_ms = LONG_MS;
	else if (percent(dice, 6))
		node->shutdown_ms = SUP_SHORT_MS[depth];
}

static void make_process(struct dice *dice, struct case_node *node)
{
	uint32_t kind = below(dice, 100);

	node->shutdown_ms = LONG_MS;
	if (kind < 12)
		node->shutdown_ms = SPEC_BRUTAL_KILL;
	else if (kind < 22)
		node->shutdown_ms = SPEC_INFINITY;
	if (percent(dice, 10)) {
		node->manner = percent(dice, 50) ? MANNER_FAILS : MANNER_FINISHES;
	} else if (percent(dice, 3)) {
		node->manner = MANNER_IGNORES;
		node->shutdown_ms = percent(dice, 40) ? LONGER_MS : SHORT_MS;
	}
}

static void make_child(
	struct dice *dice, struct otp_case *c, uint32_t parent, uint32_t depth, bool is_sup)
{
	struct case_node *node = &c->node[c->nodes];
	uint32_t kind = below(dice, 100);

	memset(node, 0, sizeof(*node));
	(void)snprintf(node->name, sizeof(node->name), "%s%c", is_sup ? "s" : "",
		(char)('a' + c->nodes - 1));
	node->parent = parent;
	if (is_sup)
		make_sup(dice, node, depth);
	else
		make_process(dice, node);
	node->restart =
		kind < 50 ? RESTART_PERMANENT : (kind < 76 ? RESTART_TRANSIENT : RESTART_TEMPORARY);
	if (c->node[parent].auto_shutdown != AUTO_SHUTDOWN_NEVER &&
		node->restart != RESTART_PERMANENT && percent(dice, 65))
		node->significant = true;
	c->nodes++;
}

static void make_tree(struct dice *dice, struct otp_case *c)
{
	uint32_t sup[DEPTH_MAX] = {0};
	uint32_t left[DEPTH_MAX] = {0};
	uint32_t depth = 0;
	uint32_t limit = 2 + below(dice, CHILDREN_MAX);

	memset(&c->node[0], 0, sizeof(c->node[0]));
	strcpy(c->node[0].name, "root");
	make_sup(dice, &c->node[0], 0);
	c->nodes = 1;
	left[0] = 1 + below(dice, 5);
	for (;;) {
		if (c->nodes > limit)
			return;
		if (left[depth] == 0) {
			if (depth == 0)
				return;
			depth--;
			continue;
		}
		left[depth]--;
		if (depth + 1 < DEPTH_MAX && percent(dice, 30)) {
			sup[depth + 1] = c->nodes;
			make_child(dice, c, sup[depth], depth + 1, true);
			depth++;
			left[depth] = below(dice, 5);
		} else {
			make_child(dice, c, sup[depth], depth + 1, false);
		}
	}
}

/* ---- the script */

static struct case_step *add_step(struct otp_case *c, enum step_kind kind, uint32_t node)
{
	struct case_step *step = &c->step[c->steps++];

	*step = (struct case_step){.kind = (uint8_t)kind, .node = node};
	return step;
}

/* A child; a process of sup, when want_process and it has one. Returns 0 when there is none. */
static uint32_t some_child(
	struct dice *dice, const struct otp_case *c, uint32_t sup, bool any_sup, bool want_process)
{
	uint32_t from = below(dice, c->nodes);

	for (uint32_t i = 0; i < c->nodes; i++) {
		uint32_t n = (from + i) % c->nodes;

		if (n != 0 && (any_sup || c->node[n].parent == sup) &&
			!(want_process && c->node[n].is_sup))
			return n;
	}
	return 0;
}

/* The same; of those that it comes upon it prefers one that may be running. */
static uint32_t some_running(
	struct dice *dice, const struct otp_case *c, uint32_t sup, bool any_sup)
{
	uint32_t n = some_child(dice, c, sup, any_sup, true);

	for (int again = 0; again < 4 && dice->down[n]; again++)
		n = some_child(dice, c, sup, any_sup, true);
	return n;
}

static void add_exit(struct dice *dice, struct otp_case *c, uint32_t node, bool joined)
{
	struct case_step *step = add_step(c, percent(dice, 12) ? STEP_KILL : STEP_EXIT, node);

	step->normal = step->kind == STEP_EXIT && percent(dice, 45);
	step->joined = joined;
	if (c->node[node].restart == RESTART_TEMPORARY ||
		(c->node[node].restart == RESTART_TRANSIENT && step->normal))
		dice->down[node] = true;
}

static void add_command(struct dice *dice, struct otp_case *c, uint32_t node, bool joined)
{
	static const enum step_kind KINDS[] = {
		STEP_STOP, STEP_STOP, STEP_START, STEP_DELETE, STEP_RESTART};
	enum step_kind kind = KINDS[below(dice, joined ? 4 : 5)];

	/* OTP knows no restart; what stands for it is of no use once a temporary child is gone. */
	if (kind == STEP_RESTART && c->node[node].restart == RESTART_TEMPORARY)
		kind = STEP_STOP;
	add_step(c, kind, node)->joined = joined;
	if (kind == STEP_STOP || kind == STEP_DELETE)
		dice->down[node] = true;
	else if (c->node[node].restart != RESTART_TEMPORARY)
		dice->down[node] = false;
}

/* A stop of a supervisor takes over from its start (rule 11), where OTP's waits: nothing to
 * compare. */
static bool takes_over(const struct otp_case *c, uint32_t first)
{
	const struct case_step *last = &c->step[c->steps - 1];

	if (last->kind != STEP_STOP || !c->node[last->node].is_sup)
		return false;
	for (uint32_t i = first; i + 1 < c->steps; i++) {
		if (c->step[i].kind == STEP_START && c->step[i].node == last->node)
			return true;
	}
	return false;
}

static void add_commands(
	struct dice *dice, struct otp_case *c, uint32_t sup, uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		add_command(dice, c, some_child(dice, c, sup, false, false), true);
		if (takes_over(c, first))
			c->steps--;
	}
}

/* Several at once for one supervisor. */
static void add_together(struct dice *dice, struct otp_case *c)
{
	uint32_t one = some_running(dice, c, 0, true);
	uint32_t sup = c->node[one].parent;
	uint32_t first = c->steps;
	uint32_t before = percent(dice, 25) ? 1 + below(dice, 2) : 0;
	uint32_t after = percent(dice, 35) ? 1 + below(dice, 2) : 0;
	uint32_t exits = 1 + below(dice, 3) + (before + after == 0);

	if (one == 0)
		return;
	add_commands(dice, c, sup, first, before);
	for (uint32_t i = 0; i < exits; i++)
		add_exit(dice, c, some_running(dice, c, sup, false), true);
	add_commands(dice, c, sup, first, after);
	c->step[first].joined = false;
}

static void add_fail(struct dice *dice, struct otp_case *c)
{
	uint32_t node = some_running(dice, c, 0, true);

	if (node != 0)
		add_step(c, STEP_FAIL, node)->n = 1 + below(dice, 4);
}

static void add_something(struct dice *dice, struct otp_case *c)
{
	uint32_t what = below(dice, 100);
	uint32_t process = some_running(dice, c, 0, true);
	uint32_t pause = dice->patient ? 34 : 22;

	if (what < 14) {
		add_fail(dice, c);
		what = 60;
	}
	if (what >= pause && what < pause + 18)
		add_together(dice, c);
	else if (what < pause)
		add_step(c, STEP_ADVANCE, 0)->n = 4 * (1 + below(dice, 3));
	else if (what >= 80)
		add_command(dice, c, some_child(dice, c, 0, true, false), false);
	else if (process != 0)
		add_exit(dice, c, process, false);
}

void case_generate(struct otp_case *c, uint64_t seed)
{
	struct dice dice = {.state = seed * 0x2545f4914f6cdd1du};
	uint32_t lines;

	c->seed = seed;
	c->steps = 0;
	dice.patient = percent(&dice, 50);
	make_tree(&dice, c);
	if (percent(&dice, 12))
		add_fail(&dice, c);
	(void)add_step(c, STEP_BOOT, 0);
	lines = 1 + below(&dice, 9);
	/* a line has nine steps at most, and the shutdown needs one more */
	for (uint32_t i = 0; i < lines && c->steps + 11 < CASE_STEPS_MAX; i++)
		add_something(&dice, c);
	(void)add_step(c, STEP_SHUTDOWN, 0);
}
