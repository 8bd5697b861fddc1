/* prop_late.c - what holds of children that come at run time, of supervisors that end themselves,
 * and of concurrent boots: each property a sentence, played over many random cases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/monitor.h"
#include "tests/sim/spec_test.h"

static const struct flavour ALL = {.slow = true,
	.failing = true,
	.groups = true,
	.killing = true,
	.commanded = true,
	.late = true,
	.significant = true,
	.parking = true,
	.concurrent = true};

static bool is_child_of(const struct world *w, uint32_t row, uint32_t sup)
{
	return row != SPEC_ROOT && world_parent(w, row) == sup;
}

/* ---- what comes with additions */

SPEC(what_comes_with_an_addition_comes_back_once)
{
	uint64_t first = case_first_seed();
	uint64_t back = 0;

	for (uint64_t seed = first; seed < first + case_count(MONITOR_CASES); seed++) {
		struct play play;

		/* the world asserts it, and between two steps that the rest has a row each */
		case_begin(&play, seed, &ALL, NULL, NULL);
		case_play(&play, MONITOR_STEPS);
		back += world_given_back(play.w);
		case_end(&play);
		if (world_alive(play.w) != 0)
			world_broken(play.w, "the end, and something lives");
		case_free(&play);
	}
	assert_true(monitor_is_proof(back, 1000));
}

static void check_max_children(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t sup;
	uint32_t n = 0;

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_SPAWN)
		return;
	sup = world_parent(w, action->ref.index);
	if (!monitor_is_dynamic(m, sup))
		return;
	for (uint32_t i = 0; i < engine_capacity(world_engine(w)); i++)
		n += world_state(w, i) != CHILD_REMOVED && is_child_of(w, i, sup);
	m->checked++;
	if (n > monitor_sup(m, sup)->max_children)
		world_broken(w, "%s has %u instances", world_path(w, sup), n);
}

SPEC(max_children_is_never_exceeded)
{
	static struct monitor m;

	assert_true(
		monitor_is_proof(monitor_play(&m, MONITOR_CASES, &ALL, check_max_children), 1000));
}

/* ---- ends */

static void check_no_start_in_an_end(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t sup;

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_SPAWN)
		return;
	sup = world_parent(w, action->ref.index);
	m->checked++;
	if (m->state[sup] != CHILD_STARTING && m->state[sup] != CHILD_RUNNING &&
		m->state[sup] != CHILD_RESTARTING)
		world_broken(w, "%s is started, and %s is %s", world_path(w, action->ref.index),
			world_path(w, sup), child_state_name(m->state[sup]));
}

SPEC(nothing_starts_in_a_supervisor_that_is_ending_or_down)
{
	static struct monitor m;

	assert_true(monitor_is_proof(
		monitor_play(&m, MONITOR_CASES, &ALL, check_no_start_in_an_end), 1000));
}

/* The first instance of an ending supervisor gets its signal: who else must, in this moment? Not
 * one whose spawn has not been answered. */
static void note_signals_due(struct monitor *m, struct world *w, uint32_t sup)
{
	m->ending[sup] = true;
	m->ending_ms[sup] = world_now(w);
	for (uint32_t i = 0; i < engine_capacity(world_engine(w)); i++) {
		if (is_child_of(w, i, sup))
			m->due[i] = world_has_spawned(w, i);
	}
}

/* Time has gone on: did they? */
static void check_all_signalled(struct monitor *m, struct world *w, uint32_t sup)
{
	for (uint32_t i = 0; i < engine_capacity(world_engine(w)); i++) {
		struct view view;

		if (!is_child_of(w, i, sup) || !m->due[i] || !world_lives_at(w, i) ||
			!engine_view(world_engine(w), i, &view))
			continue;
		m->checked++;
		if (m->signalled[i] != view.ref.generation)
			world_broken(w, "others of %s were signalled before, %s was not",
				world_path(w, sup), world_path(w, i));
	}
}

static void check_signals_at_once(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t row = action->ref.index;
	uint32_t sup;

	(void)node;
	for (uint32_t i = 0; i < CASE_ROWS_MAX; i++) {
		if (m->ending[i] && world_now(w) > m->ending_ms[i]) {
			check_all_signalled(m, w, i);
			m->ending[i] = m->state[i] == CHILD_STOPPING;
		}
	}
	monitor_remember(m, action);
	if (action->kind == ACT_REPORT && action->from == CHILD_STOPPING)
		m->ending[row] = false; /* all are gone */
	if (action->kind != ACT_SIGNAL && action->kind != ACT_KILL)
		return;
	m->signalled[row] = action->ref.generation;
	sup = world_parent(w, row);
	if (monitor_is_dynamic(m, sup) && m->state[sup] == CHILD_STOPPING && !m->ending[sup])
		note_signals_due(m, w, sup);
}

SPEC(a_dynamic_supervisors_instances_get_their_signals_at_once)
{
	static struct monitor m;

	assert_true(monitor_is_proof(
		monitor_play(&m, MONITOR_CASES, &ALL, check_signals_at_once), 100));
}

/* ---- rule 7 */

static bool is_active_state(enum child_state state)
{
	return state == CHILD_STARTING || state == CHILD_RUNNING || state == CHILD_STOPPING ||
	       state == CHILD_BACKOFF || state == CHILD_RESTARTING;
}

static bool is_significant(struct world *w, uint32_t row, bool *ret_task)
{
	struct view view;

	if (!engine_view(world_engine(w), row, &view))
		return false;
	*ret_task = view.task;
	return spec_child(view.spec, view.node)->significant != 0;
}

static bool has_active_significant(const struct monitor *m, struct world *w, uint32_t sup)
{
	for (uint32_t i = 0; i < engine_capacity(world_engine(w)); i++) {
		bool task = false;

		if (world_parent(w, i) == sup && is_active_state(m->state[i]) &&
			is_significant(w, i, &task) && !task)
			return true;
	}
	return false;
}

/* A significant child exited by itself: its supervisor must act now, or not at all. */
static void note_exit(struct monitor *m, struct world *w, const struct action *action)
{
	uint32_t sup = world_parent(w, action->ref.index);

	if (action->why != WHY_EXIT || sup == ENGINE_NONE ||
		(action->to != CHILD_EXITED && action->to != CHILD_REMOVED) ||
		!m->significant[action->ref.index])
		return;
	if (monitor_sup(m, sup)->auto_shutdown == AUTO_SHUTDOWN_ANY_SIGNIFICANT)
		m->expected[sup] = true;
	m->may[sup] = true;
}

static void check_auto_shutdown(
	void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t row = action->ref.index;
	bool task = false;
	bool shuts_down;

	(void)node;
	if (action->kind != ACT_REPORT)
		return;
	shuts_down = action->to == CHILD_STOPPING && action->why == WHY_AUTO_SHUTDOWN;
	for (uint32_t i = 0; i < CASE_ROWS_MAX; i++) {
		if (m->expected[i] && !(shuts_down && row == i))
			world_broken(w, "a significant child of %s exited, and it goes on",
				world_path(w, i));
		m->expected[i] = false;
		if (m->may[i] && shuts_down && row == i)
			m->checked++;
		else if (shuts_down && row == i)
			world_broken(w, "%s shuts itself down for no reason", world_path(w, i));
		m->may[i] = false;
	}
	if (shuts_down && monitor_sup(m, row)->auto_shutdown == AUTO_SHUTDOWN_ALL_SIGNIFICANT &&
		has_active_significant(m, w, row))
		world_broken(w, "%s shuts itself down, and a significant child is active",
			world_path(w, row));
	monitor_remember(m, action);
	note_exit(m, w, action);
	/* when the report of its end comes, the row of an addition is gone already */
	if (action->to == CHILD_STARTING)
		m->significant[row] = is_significant(w, row, &task) && !task;
}

SPEC(a_supervisor_shuts_itself_down_when_a_significant_child_has_exited_and_only_then)
{
	static struct monitor m;

	assert_true(
		monitor_is_proof(monitor_play(&m, MONITOR_CASES, &ALL, check_auto_shutdown), 100));
}

/* ---- parking */

static void check_parked(void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct monitor *m = context;
	uint32_t row = action->ref.index;

	(void)node;
	monitor_remember(m, action);
	if (action->kind != ACT_REPORT || action->to != CHILD_PARKED)
		return;
	m->checked++;
	if (monitor_sup(m, row)->on_limit != ON_LIMIT_PARK)
		world_broken(w, "%s is parked unasked", world_path(w, row));
	if (world_lives_below(w, row))
		world_broken(w, "%s is parked, and a process of it lives", world_path(w, row));
}

SPEC(what_is_parked_was_to_be_and_is_empty)
{
	static struct monitor m;

	assert_true(monitor_is_proof(monitor_play(&m, MONITOR_CASES, &ALL, check_parked), 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_with_an_addition_comes_back_once),
		cmocka_unit_test(max_children_is_never_exceeded),
		cmocka_unit_test(nothing_starts_in_a_supervisor_that_is_ending_or_down),
		cmocka_unit_test(a_dynamic_supervisors_instances_get_their_signals_at_once),
		cmocka_unit_test(
			a_supervisor_shuts_itself_down_when_a_significant_child_has_exited_and_only_then),
		cmocka_unit_test(what_is_parked_was_to_be_and_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
