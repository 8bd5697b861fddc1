/* prop_engine.c - what holds of the engine whatever happens: each property a sentence, played over
 * many random cases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/monitor.h"
#include "tests/sim/spec_test.h"
#include "tests/sim/tree.h"

static const struct flavour ALL = {.slow = true,
	.failing = true,
	.groups = true,
	.killing = true,
	.commanded = true,
	.late = true,
	.significant = true,
	.parking = true,
	.concurrent = true};
static const struct flavour ORDERLY = {.slow = true,
	.failing = true,
	.groups = true,
	.commanded = true,
	.late = true,
	.significant = true,
	.parking = true,
	.concurrent = true};
static const struct flavour PROMPT = {.failing = true,
	.commanded = true,
	.late = true,
	.significant = true,
	.parking = true,
	.concurrent = true};
static const struct flavour PROMPT_AND_SOUND = {
	.commanded = true, .late = true, .significant = true, .parking = true};
static const struct flavour PLAIN = {0};

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
	assert_true(monitor_is_proof(monitor_play(&m, 3 * MONITOR_CASES, &ALL, check_nothing), 0));
}

SPEC(the_same_holds_when_the_shell_pauses_between_bursts)
{
	static struct monitor m;
	struct flavour bursts = ALL;

	bursts.bursts = true;
	assert_true(monitor_is_proof(monitor_play(&m, MONITOR_CASES, &bursts, check_nothing), 0));
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

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_SIGNAL && action->kind != ACT_KILL)
		return;
	for (uint32_t at = action->ref.index; at != SPEC_ROOT; at = world_parent(w, at)) {
		if (m->state[at] != CHILD_STOPPING || !stopped_with_others(m->why[at]))
			return;
		if (monitor_is_dynamic(m, world_parent(w, at)))
			continue;
		m->checked++;
		if (world_lives_after(w, at))
			world_broken(w, "%s is being stopped, and something after it still lives",
				world_path(w, at));
	}
}

SPEC(stops_are_in_reverse_order_of_starts_within_a_supervisor)
{
	static struct monitor m;

	assert_true(monitor_is_proof(
		monitor_play(&m, MONITOR_CASES, &ORDERLY, check_reverse_order), 1000));
}

/* Is a stop for this reason one that its supervisor carries out, and waits for? */
static bool stopped_by_supervisor(const struct monitor *m, uint32_t sup, enum why why)
{
	/* in a concurrent boot several starts may time out */
	return stopped_with_others(why) || why == WHY_OPERATOR ||
	       (why == WHY_START_TIMEOUT && monitor_sup(m, sup)->start == START_SEQUENTIAL);
}

static void check_one_stop(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t row = action->ref.index;
	uint32_t sup;

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_REPORT || action->to != CHILD_STOPPING || row == SPEC_ROOT)
		return;
	sup = world_parent(w, row);
	if (!stopped_by_supervisor(m, sup, action->why) ||
		(monitor_is_dynamic(m, sup) && m->state[sup] == CHILD_STOPPING))
		return;
	m->checked++;
	for (uint32_t i = 0; i < CASE_ROWS_MAX; i++) {
		if (i != row && m->state[i] == CHILD_STOPPING && world_parent(w, i) == sup &&
			stopped_by_supervisor(m, sup, m->why[i]))
			world_broken(w, "%s is being stopped, and %s too", world_path(w, i),
				world_path(w, row));
	}
}

SPEC(a_supervisor_stops_one_child_at_a_time)
{
	static struct monitor m;

	assert_true(
		monitor_is_proof(monitor_play(&m, MONITOR_CASES, &ORDERLY, check_one_stop), 1000));
}

static void check_start_order(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t row = action->ref.index;
	uint32_t sup;
	bool in_order;

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_SPAWN)
		return;
	sup = world_parent(w, row);
	if (m->state[sup] == CHILD_STARTING && monitor_sup(m, sup)->start == START_CONCURRENT)
		return;
	for (uint32_t i = 0; i < CASE_ROWS_MAX; i++) {
		if (i != row && m->state[i] == CHILD_STARTING && world_parent(w, i) == sup)
			world_broken(w, "a supervisor starts two children at once");
	}
	in_order = m->why[row] == WHY_BOOT || m->why[row] == WHY_SIBLING ||
		   (m->why[row] == WHY_RESTART &&
			   monitor_sup(m, sup)->strategy != STRATEGY_ONE_FOR_ONE);
	if (in_order && world_lives_after(w, row))
		world_broken(w, "a child is started, and one after it lives already");
	m->checked++;
}

SPEC(starts_are_in_order_and_one_at_a_time_within_a_supervisor)
{
	static struct monitor m;

	assert_true(
		monitor_is_proof(monitor_play(&m, MONITOR_CASES, &ALL, check_start_order), 1000));
}

/* ---- limits */

/* The restarts of sup noted in the period that ends now. */
static uint32_t restarts_in_window(const struct monitor *m, uint32_t sup)
{
	int64_t from_ms = world_now(m->play.w) - monitor_sup(m, sup)->period_ms;
	uint32_t n = m->restarts_n[sup] < 64 ? m->restarts_n[sup] : 64;
	uint32_t found = 0;

	for (uint32_t i = 0; i < n; i++)
		found += m->restarts[sup][i] >= from_ms;
	return found;
}

static void check_limit(void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t row = action->ref.index;
	bool is_sup;

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_REPORT)
		return;
	is_sup = monitor_is_sup(m, row);
	if (is_sup && action->to == CHILD_STARTING)
		m->restarts_n[row] = 0;
	if (is_sup && m->exact && action->to == CHILD_STOPPING && action->why == WHY_LIMIT) {
		m->checked++;
		if (restarts_in_window(m, row) != monitor_sup(m, row)->intensity)
			world_broken(w, "it gives up after %u restarts of %u",
				restarts_in_window(m, row), monitor_sup(m, row)->intensity);
	}
	/* of one that was parked the supervisor counts nothing */
	if (action->to == CHILD_STARTING && action->why == WHY_RESTART &&
		action->from != CHILD_PARKED) {
		uint32_t sup = world_parent(w, row);

		m->restarts[sup][m->restarts_n[sup]++ % 64] = world_now(w);
		m->checked++;
		if (restarts_in_window(m, sup) > monitor_sup(m, sup)->intensity)
			world_broken(w, "%u restarts in a window that allows %u",
				restarts_in_window(m, sup), monitor_sup(m, sup)->intensity);
	}
}

SPEC(restarts_in_any_window_never_exceed_the_limit)
{
	static struct monitor m;

	assert_true(monitor_is_proof(monitor_play(&m, MONITOR_CASES, &PROMPT, check_limit), 1000));
}

SPEC(a_supervisor_gives_up_exactly_at_its_limit)
{
	static struct monitor m = {.exact = true};

	assert_true(monitor_is_proof(
		monitor_play(&m, MONITOR_CASES, &PROMPT_AND_SOUND, check_limit), 1000));
}

/* ---- ends */

static void check_stopped_is_empty(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	bool stopped = action->kind == ACT_REPLY && action->result == RESULT_OK &&
		       m->play.command[action->token] == CMD_STOP;

	(void)node;
	monitor_remember(m, action);
	/* a restarting supervisor lives; its failed boot is reported otherwise */
	if (!stopped && (action->kind != ACT_REPORT || action->to == CHILD_STARTING ||
				action->to == CHILD_RUNNING || action->to == CHILD_STOPPING ||
				action->to == CHILD_RESTARTING))
		return;
	m->checked++;
	if (world_lives_below(w, action->ref.index))
		world_broken(w, "it is down, and a process of it lives");
}

SPEC(a_stopped_tree_has_no_process)
{
	static struct monitor m;

	assert_true(monitor_is_proof(
		monitor_play(&m, MONITOR_CASES, &ALL, check_stopped_is_empty), 1000));
}

SPEC(every_command_gets_exactly_one_reply)
{
	uint64_t first = case_first_seed();
	uint64_t commands = 0;

	for (uint64_t seed = first; seed < first + case_count(MONITOR_CASES); seed++) {
		struct play play;

		case_begin(&play, seed, &ALL, NULL, NULL);
		case_play(&play, MONITOR_STEPS);
		case_end(&play);
		if (world_replies(play.w) != play.commands)
			world_broken(play.w, "%u commands, and not as many replies", play.commands);
		commands += play.commands;
		case_free(&play);
	}
	assert_true(monitor_is_proof(commands, 1000));
}

SPEC(the_same_seed_gives_the_same_trace)
{
	uint64_t first = case_first_seed();

	for (uint64_t seed = first; seed < first + case_count(MONITOR_CASES); seed++) {
		struct play play[2];

		for (int i = 0; i < 2; i++) {
			case_begin(&play[i], seed, &ALL, NULL, NULL);
			case_play(&play[i], MONITOR_STEPS);
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

	for (uint64_t seed = first; seed < first + case_count(MONITOR_CASES); seed++) {
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
	assert_true(monitor_is_proof(looked, MONITOR_CASES / 3));
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
