/* prop_engine.c - what holds of the engine whatever happens: each property a sentence, played over
 * many random cases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/case.h"
#include "tests/sim/spec_test.h"
#include "tests/sim/tree.h"

enum { CASES = 1000, STEPS = 80 };

static const struct flavour ALL = {
	.slow = true, .failing = true, .groups = true, .killing = true, .commanded = true};
static const struct flavour BURSTS = {.slow = true,
	.failing = true,
	.groups = true,
	.killing = true,
	.commanded = true,
	.bursts = true};
static const struct flavour ORDERLY = {
	.slow = true, .failing = true, .groups = true, .commanded = true};
static const struct flavour PROMPT = {.failing = true, .commanded = true};
static const struct flavour PROMPT_AND_SOUND = {.commanded = true};
static const struct flavour PLAIN = {0};

/* What the reports said last, by node, beside the play that it belongs to. */
struct monitor {
	struct play play;
	enum child_state state[CASE_NODES_MAX];
	enum why why[CASE_NODES_MAX];
	uint64_t checked; /* how often the property was looked at: never is no proof */
	bool exact;	  /* giving up must come exactly at the limit */
	int64_t restarts[CASE_NODES_MAX][64]; /* times of a supervisor's restarts since its boot */
	uint32_t restarts_n[CASE_NODES_MAX];
};

static void remember(struct monitor *m, const struct action *action, uint32_t node)
{
	if (action->kind != ACT_REPORT)
		return;
	m->state[node] = action->to;
	m->why[node] = action->why;
}

static const struct spec *spec_of(const struct monitor *m)
{
	return world_spec(m->play.w);
}

/* Plays count cases under the watch. Returns how often the property was looked at. */
static uint64_t play_cases(
	struct monitor *m, uint32_t count, const struct flavour *flavour, world_watch *watch)
{
	uint64_t first = case_first_seed();
	uint64_t checked = 0;

	for (uint64_t seed = first; seed < first + case_count(count); seed++) {
		bool exact = m->exact;

		memset(m, 0, sizeof(*m));
		m->exact = exact;
		case_begin(&m->play, seed, flavour, watch, m);
		case_play(&m->play, STEPS);
		case_end(&m->play);
		checked += m->checked;
		case_free(&m->play);
	}
	return checked;
}

static void check_nothing(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;

	(void)w;
	(void)node;
	m->checked += action->kind != ACT_REPORT;
}

SPEC(no_child_lives_twice_no_former_life_is_addressed_and_no_call_is_due_in_the_past)
{
	static struct monitor m;

	/* the world asserts all of this, on every action */
	assert_true(play_cases(&m, 3 * CASES, &ALL, check_nothing) > 0);
}

SPEC(the_same_holds_when_the_shell_pauses_between_bursts)
{
	static struct monitor m;

	assert_true(play_cases(&m, CASES, &BURSTS, check_nothing) > 0);
}

/* ---- order */

/* Is a stop for this reason part of stopping several, one by one? */
static bool stopped_with_others(enum why why)
{
	return why == WHY_SIBLING || why == WHY_SUPERVISOR || why == WHY_SHUTDOWN;
}

static void check_reverse_order(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;

	remember(m, action, node);
	if (action->kind != ACT_SIGNAL && action->kind != ACT_KILL)
		return;
	for (uint32_t at = node; at != SPEC_ROOT; at = spec_node(spec_of(m), at)->parent) {
		uint32_t parent = spec_node(spec_of(m), at)->parent;
		char buf[256];

		if (m->state[at] != CHILD_STOPPING || !stopped_with_others(m->why[at]))
			return;
		m->checked++;
		if (world_lives_among(w, case_subtree_end(spec_of(m), at),
			    case_subtree_end(spec_of(m), parent)))
			world_broken(w, "%s is being stopped, and something after it still lives",
				sim_tree_path(spec_of(m), at, buf, sizeof(buf)));
	}
}

SPEC(stops_are_in_reverse_order_of_starts_within_a_supervisor)
{
	static struct monitor m;

	assert_true(play_cases(&m, CASES, &ORDERLY, check_reverse_order) > 1000);
}

/* Is a stop for this reason one that its supervisor carries out, and waits for? */
static bool stopped_by_supervisor(enum why why)
{
	return stopped_with_others(why) || why == WHY_OPERATOR || why == WHY_START_TIMEOUT;
}

static void check_one_stop(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	char one[256];
	char other[256];

	remember(m, action, node);
	if (action->kind != ACT_REPORT || action->to != CHILD_STOPPING || node == SPEC_ROOT ||
		!stopped_by_supervisor(action->why))
		return;
	m->checked++;
	for (uint32_t i = spec_node(spec_of(m), spec_node(spec_of(m), node)->parent)->first_child;
		i != SPEC_NONE; i = spec_node(spec_of(m), i)->next_sibling) {
		if (i != node && m->state[i] == CHILD_STOPPING && stopped_by_supervisor(m->why[i]))
			world_broken(w, "%s is being stopped, and %s too",
				sim_tree_path(spec_of(m), i, one, sizeof(one)),
				sim_tree_path(spec_of(m), node, other, sizeof(other)));
	}
}

SPEC(a_supervisor_stops_one_child_at_a_time)
{
	static struct monitor m;

	assert_true(play_cases(&m, CASES, &ORDERLY, check_one_stop) > 1000);
}

static void check_start_order(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t parent;
	bool in_order;

	remember(m, action, node);
	if (action->kind != ACT_SPAWN)
		return;
	parent = spec_node(spec_of(m), node)->parent;
	for (uint32_t i = spec_node(spec_of(m), parent)->first_child; i != SPEC_NONE;
		i = spec_node(spec_of(m), i)->next_sibling) {
		if (i != node && m->state[i] == CHILD_STARTING)
			world_broken(w, "a supervisor starts two children at once");
	}
	in_order = m->why[node] == WHY_BOOT || m->why[node] == WHY_SIBLING ||
		   (m->why[node] == WHY_RESTART &&
			   spec_sup(spec_of(m), parent)->strategy != STRATEGY_ONE_FOR_ONE);
	if (in_order && world_lives_among(w, case_subtree_end(spec_of(m), node),
				case_subtree_end(spec_of(m), parent)))
		world_broken(w, "a child is started, and one after it lives already");
	m->checked++;
}

SPEC(starts_are_in_order_and_one_at_a_time_within_a_supervisor)
{
	static struct monitor m;

	assert_true(play_cases(&m, CASES, &ALL, check_start_order) > 1000);
}

/* ---- limits */

/* The restarts of sup noted in the period that ends now. */
static uint32_t restarts_in_window(const struct monitor *m, uint32_t sup)
{
	int64_t from_ms = world_now(m->play.w) - spec_sup(spec_of(m), sup)->period_ms;
	uint32_t n = m->restarts_n[sup] < 64 ? m->restarts_n[sup] : 64;
	uint32_t found = 0;

	for (uint32_t i = 0; i < n; i++)
		found += m->restarts[sup][i] >= from_ms;
	return found;
}

static void check_limit(void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	bool is_sup;

	remember(m, action, node);
	if (action->kind != ACT_REPORT)
		return;
	is_sup = spec_node(spec_of(m), node)->kind == KIND_SUPERVISOR;
	if (is_sup && action->to == CHILD_STARTING)
		m->restarts_n[node] = 0;
	if (is_sup && m->exact && action->to == CHILD_STOPPING && action->why == WHY_LIMIT) {
		m->checked++;
		if (restarts_in_window(m, node) != spec_sup(spec_of(m), node)->intensity)
			world_broken(w, "it gives up after %u restarts of %u",
				restarts_in_window(m, node), spec_sup(spec_of(m), node)->intensity);
	}
	if (action->to == CHILD_STARTING && action->why == WHY_RESTART) {
		uint32_t sup = spec_node(spec_of(m), node)->parent;

		m->restarts[sup][m->restarts_n[sup]++ % 64] = world_now(w);
		m->checked++;
		if (restarts_in_window(m, sup) > spec_sup(spec_of(m), sup)->intensity)
			world_broken(w, "%u restarts in a window that allows %u",
				restarts_in_window(m, sup), spec_sup(spec_of(m), sup)->intensity);
	}
}

SPEC(restarts_in_any_window_never_exceed_the_limit)
{
	static struct monitor m;

	assert_true(play_cases(&m, CASES, &PROMPT, check_limit) > 1000);
}

SPEC(a_supervisor_gives_up_exactly_at_its_limit)
{
	static struct monitor m = {.exact = true};

	assert_true(play_cases(&m, CASES, &PROMPT_AND_SOUND, check_limit) > 1000);
}

/* ---- ends */

static void check_stopped_is_empty(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t root = node;

	remember(m, action, node);
	if (action->kind == ACT_REPLY && action->result == RESULT_OK &&
		m->play.command[action->token].kind == CMD_STOP)
		root = m->play.command[action->token].node;
	else if (action->kind != ACT_REPORT || action->to == CHILD_STARTING ||
		 action->to == CHILD_RUNNING || action->to == CHILD_STOPPING ||
		 action->to == CHILD_RESTARTING)
		return;
	m->checked++;
	/* a restarting supervisor lives; its failed boot is reported otherwise */
	if (world_lives_among(w, root, case_subtree_end(spec_of(m), root)))
		world_broken(w, "it is down, and a process of it lives");
}

SPEC(a_stopped_tree_has_no_process)
{
	static struct monitor m;

	assert_true(play_cases(&m, CASES, &ALL, check_stopped_is_empty) > 1000);
}

SPEC(every_command_gets_exactly_one_reply)
{
	uint64_t first = case_first_seed();
	uint64_t commands = 0;

	for (uint64_t seed = first; seed < first + case_count(CASES); seed++) {
		struct play play;

		case_begin(&play, seed, &ALL, NULL, NULL);
		case_play(&play, STEPS);
		case_end(&play);
		if (world_replies(play.w) != play.commands)
			world_broken(play.w, "%u commands, and not as many replies", play.commands);
		commands += play.commands;
		case_free(&play);
	}
	if (case_count(CASES) >= CASES)
		assert_true(commands > 1000);
}

SPEC(the_same_seed_gives_the_same_trace)
{
	uint64_t first = case_first_seed();

	for (uint64_t seed = first; seed < first + case_count(CASES); seed++) {
		struct play play[2];

		for (int i = 0; i < 2; i++) {
			case_begin(&play[i], seed, &ALL, NULL, NULL);
			case_play(&play[i], STEPS);
			case_end(&play[i]);
		}
		if (strcmp(world_history(play[0].w), world_history(play[1].w)) != 0)
			world_broken(play[1].w, "played again, it went otherwise");
		case_free(&play[0]);
		case_free(&play[1]);
	}
}

/* ---- one death, told by the strategy alone */

/* Is node, or a supervisor above it and below sup, one that a group restart of sup removes? */
static bool is_removed_by_round(const struct spec *spec, uint32_t sup, uint32_t node)
{
	while (spec_node(spec, node)->parent != sup)
		node = spec_node(spec, node)->parent;
	return spec_child(spec, node)->restart == RESTART_TEMPORARY;
}

static void add_word(
	char *text, size_t size, const char *verb, const struct spec *spec, uint32_t node)
{
	size_t n = strlen(text);
	char buf[256];

	(void)snprintf(text + n, size - n, "%s%s %s", n == 0 ? "" : ", ", verb,
		sim_tree_path(spec, node, buf, sizeof(buf)));
}

/* What must follow the abnormal death of victim when everything runs. */
static void expected_trace(const struct spec *spec, uint32_t victim, char *text, size_t size)
{
	uint32_t sup = spec_node(spec, victim)->parent;
	uint32_t from = victim;
	uint32_t end = victim + 1;

	text[0] = '\0';
	if (spec_child(spec, victim)->restart == RESTART_TEMPORARY)
		return;
	if (spec_sup(spec, sup)->strategy != STRATEGY_ONE_FOR_ONE)
		end = case_subtree_end(spec, sup);
	if (spec_sup(spec, sup)->strategy == STRATEGY_ONE_FOR_ALL)
		from = sup + 1;
	for (uint32_t i = end; i-- > from;) {
		if (i == victim || spec_node(spec, i)->kind != KIND_PROCESS)
			continue;
		if (spec_child(spec, i)->shutdown_ms == SPEC_BRUTAL_KILL)
			add_word(text, size, "kill", spec, i);
		else
			add_word(text, size, "signal", spec, i);
	}
	for (uint32_t i = from; i < end; i++) {
		if (spec_node(spec, i)->kind == KIND_PROCESS && !is_removed_by_round(spec, sup, i))
			add_word(text, size, "spawn", spec, i);
	}
}

SPEC(one_death_takes_down_and_brings_back_what_its_strategy_says)
{
	uint64_t first = case_first_seed();
	uint32_t looked = 0;

	for (uint64_t seed = first; seed < first + case_count(CASES); seed++) {
		struct play play;
		char boot[8192] = "";
		char text[8192];
		uint32_t victim;

		case_begin(&play, seed, &PLAIN, NULL, NULL);
		victim = case_below(&play, play.spec->nodes);
		for (uint32_t i = 0; i < play.spec->nodes; i++) {
			if (spec_node(play.spec, i)->kind == KIND_PROCESS)
				add_word(boot, sizeof(boot), "spawn", play.spec, i);
		}
		expect(play.w, boot);
		if (spec_node(play.spec, victim)->kind == KIND_PROCESS) {
			expected_trace(play.spec, victim, text, sizeof(text));
			world_die(play.w, sim_tree_path(play.spec, victim, boot, sizeof(boot)), 9);
			expect(play.w, text);
			looked++;
		}
		case_end(&play);
		case_free(&play);
	}
	if (case_count(CASES) >= CASES)
		assert_true(looked > CASES / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			no_child_lives_twice_no_former_life_is_addressed_and_no_call_is_due_in_the_past),
		cmocka_unit_test(the_same_holds_when_the_shell_pauses_between_bursts),
		cmocka_unit_test(stops_are_in_reverse_order_of_starts_within_a_supervisor),
		cmocka_unit_test(a_supervisor_stops_one_child_at_a_time),
		cmocka_unit_test(starts_are_in_order_and_one_at_a_time_within_a_supervisor),
		cmocka_unit_test(restarts_in_any_window_never_exceed_the_limit),
		cmocka_unit_test(a_supervisor_gives_up_exactly_at_its_limit),
		cmocka_unit_test(a_stopped_tree_has_no_process),
		cmocka_unit_test(every_command_gets_exactly_one_reply),
		cmocka_unit_test(the_same_seed_gives_the_same_trace),
		cmocka_unit_test(one_death_takes_down_and_brings_back_what_its_strategy_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
