/* engine_together.c - exits that arrive together, and exits that arrive too late: OTP-SEMANTICS,
 * rule 10. A death that is held back in the world has happened, but its turn has not come. */
#include "tests/sim/spec_test.h"

SPEC(two_deaths_under_one_for_one_are_two_restarts)
{
	struct world *w = world_boot("root 2/5 [ a b c ]");

	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "spawn a, spawn b, spawn c, spawn a, spawn b");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(two_deaths_under_one_for_one_may_be_one_too_many)
{
	struct world *w = world_boot("root 1/5 [ a b c ]");

	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "spawn a, spawn b, spawn c, spawn a, signal c, signal a, finished 1");
	world_free(w);
}

SPEC(two_deaths_under_one_for_all_are_one_restart)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a b c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "signal c, spawn a, spawn b, spawn c");
	assert_int_equal(world_view(w, "/").window, 1);
	expect_states(w, "/ running, a running, b running, c running");
	world_free(w);
}

SPEC(all_dead_together_under_one_for_all_are_one_restart)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a b c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_hold(w);
	world_die(w, "b", 9);
	world_die(w, "c", 9);
	world_die(w, "a", 9);
	world_release(w);
	/* a stop begins before the exit is known: a signal to a corpse harms nobody */
	expect(w, "signal c, signal a, spawn a, spawn b, spawn c");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(a_death_in_the_set_of_an_earlier_one_is_consumed_under_rest_for_one)
{
	struct world *w = world_boot("root rest_for_one 1/5 [ a b c d ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_hold(w);
	world_exit(w, "b", 1);
	world_exit(w, "c", 1);
	world_release(w);
	expect(w, "signal d, spawn b, spawn c, spawn d");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(a_death_outside_the_set_of_an_earlier_one_is_a_restart_of_its_own)
{
	struct world *w = world_boot("root rest_for_one 2/5 [ a b c d ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_hold(w);
	world_exit(w, "c", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "signal d, spawn c, spawn d, signal d, signal c, spawn b, spawn c, spawn d");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(a_temporary_dead_in_the_set_is_removed_and_not_brought_back)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a t:temporary b ]");

	expect(w, "spawn a, spawn t, spawn b");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "t", 0);
	world_release(w);
	expect(w, "signal b, spawn a, spawn b");
	expect_states(w, "a running, t removed, b running");
	world_free(w);
}

SPEC(a_transient_finished_in_the_set_is_started_with_it)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a t:transient b ]");

	expect(w, "spawn a, spawn t, spawn b");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "t", 0);
	world_release(w);
	expect(w, "signal b, spawn a, spawn t, spawn b");
	expect_states(w, "t running");
	world_free(w);
}

SPEC(one_that_dies_before_its_stop_in_a_round_is_consumed)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a b c d ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_stop_delay(w, "d", 100);
	world_exit(w, "c", 1);
	expect(w, "signal d");
	world_exit(w, "a", 1);
	expect(w, "");
	expect_states(w, "a waiting, b running, c waiting, d stopping");
	world_advance(w, 100);
	expect(w, "signal b, spawn a, spawn b, spawn c, spawn d");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(one_that_dies_in_the_start_phase_of_a_round_is_handled_after_it)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a b:notify c ]");

	world_ready(w, "b");
	expect(w, "spawn a, spawn b, spawn c");
	world_exit(w, "c", 1);
	expect(w, "signal b, signal a, spawn a, spawn b");
	world_exit(w, "a", 1);
	expect(w, "");
	world_ready(w, "b");
	expect(w, "spawn c, signal c, signal b, spawn a, spawn b");
	world_ready(w, "b");
	expect(w, "spawn c");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(two_that_die_in_the_start_phase_are_one_more_round)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a b c:notify d ]");

	world_ready(w, "c");
	world_exit(w, "d", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal c, signal b, signal a, spawn a, "
		  "spawn b, spawn c");
	world_exit(w, "b", 1);
	world_exit(w, "a", 1);
	world_ready(w, "c");
	expect(w, "spawn d, signal d, signal c, spawn a, spawn b, spawn c");
	world_ready(w, "c");
	expect(w, "spawn d");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(a_death_in_the_start_phase_comes_before_the_retry_and_makes_it_void)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a b:notify c ]");

	world_ready(w, "b");
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, signal b, signal a, spawn a, spawn b");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1); /* a failed start: its retry stands behind a's death */
	world_release(w);
	expect(w, "spawn a, spawn b");
	world_ready(w, "b");
	expect(w, "spawn c");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(a_death_behind_the_retry_is_consumed_by_it)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a b:notify c ]");

	world_ready(w, "b");
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, signal b, signal a, spawn a, spawn b");
	world_hold(w);
	world_exit(w, "b", 1);
	world_exit(w, "a", 1);
	world_release(w);
	expect(w, "signal a, spawn a, spawn b");
	world_ready(w, "b");
	expect(w, "spawn c");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(a_death_and_a_stop_command_in_the_queue_keep_their_order)
{
	struct world *w = world_boot("root 9/5 [ slow:notify a ]");

	world_ready(w, "slow");
	world_exit(w, "slow", 1);
	expect(w, "spawn slow, spawn a, spawn slow");
	world_exit(w, "a", 1);
	world_command(w, CMD_STOP, "a");
	expect(w, "");
	world_ready(w, "slow");
	expect(w, "spawn a, signal a, reply 1 ok");
	expect_states(w, "a stopped");
	world_free(w);
}

SPEC(a_death_behind_a_stop_command_is_consumed_by_it)
{
	struct world *w = world_boot("root 0/5 [ slow a ]");

	world_stop_delay(w, "slow", 100);
	world_command(w, CMD_STOP, "slow");
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn slow, spawn a, signal slow");
	world_exit(w, "a", 1);
	world_advance(w, 100);
	/* its exit came after the stop was asked for, before the stop's turn: as in OTP, where
	 * terminate_child finds it dead */
	expect(w, "reply 1 ok, reply 2 ok");
	expect_states(w, "/ running, slow stopped, a stopped");
	world_free(w);
}

SPEC(deaths_in_two_supervisors_are_handled_each_in_its_own)
{
	struct world *w =
		world_boot("root [ s1 one_for_all 1/5 [ a b ] s2 one_for_all 1/5 [ c d ] ]");

	expect(w, "spawn s1/a, spawn s1/b, spawn s2/c, spawn s2/d");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "c", 1);
	world_exit(w, "b", 1);
	world_exit(w, "d", 1);
	world_release(w);
	expect_any_order(w, "signal s1/b, signal s2/d, spawn s1/a, spawn s1/b, spawn s2/c, "
			    "spawn s2/d");
	assert_int_equal(world_view(w, "s1").window, 1);
	assert_int_equal(world_view(w, "s2").window, 1);
	world_free(w);
}

static struct ref ref_of(struct world *w, const char *path)
{
	return world_view(w, path).ref;
}

SPEC(events_of_a_former_life_are_dropped)
{
	static const enum event_kind KINDS[] = {
		EV_SPAWNED, EV_SPAWN_FAILED, EV_READY, EV_EXITED, EV_GONE};
	struct world *w = world_boot("root one_for_all 9/5 [ a b ]");
	struct ref former = ref_of(w, "a");

	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal b, spawn a, spawn b");
	assert_true(ref_of(w, "a").generation > former.generation);
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		struct event event = {.kind = KINDS[i], .ref = former, .gone = true};

		event.end = (struct end){.kind = END_EXITED, .value = 1};
		world_feed(w, &event);
		expect(w, "");
	}
	expect_states(w, "a running, b running");
	world_free(w);
}

SPEC(a_late_exit_does_not_make_a_stopped_child_start)
{
	struct world *w = world_boot("root 9/5 [ a ]");
	struct ref former = ref_of(w, "a");
	struct event event = {.kind = EV_EXITED,
		.ref = former,
		.end = {.kind = END_EXITED, .value = 1},
		.gone = true};

	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, signal a, reply 1 ok");
	world_feed(w, &event);
	expect(w, "");
	world_command(w, CMD_DELETE, "a");
	expect(w, "reply 2 ok");
	world_feed(w, &event);
	expect(w, "");
	world_free(w);
}

SPEC(a_late_exit_does_not_touch_the_next_incarnation_while_it_starts)
{
	struct world *w = world_boot("root 9/5 [ a:notify ]");
	struct event event = {
		.kind = EV_EXITED, .end = {.kind = END_EXITED, .value = 1}, .gone = true};

	world_ready(w, "a");
	event.ref = ref_of(w, "a");
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn a");
	world_feed(w, &event);
	event.kind = EV_READY;
	world_feed(w, &event);
	expect(w, "");
	expect_states(w, "a starting");
	world_ready(w, "a");
	expect_states(w, "a running");
	world_free(w);
}

SPEC(readiness_said_twice_or_by_one_that_needs_none_changes_nothing)
{
	struct world *w = world_boot("root [ a b:notify c ]");

	world_ready(w, "b");
	world_ready(w, "b");
	world_ready(w, "a");
	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "a running, b running, c running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_deaths_under_one_for_one_are_two_restarts),
		cmocka_unit_test(two_deaths_under_one_for_one_may_be_one_too_many),
		cmocka_unit_test(two_deaths_under_one_for_all_are_one_restart),
		cmocka_unit_test(all_dead_together_under_one_for_all_are_one_restart),
		cmocka_unit_test(
			a_death_in_the_set_of_an_earlier_one_is_consumed_under_rest_for_one),
		cmocka_unit_test(a_death_outside_the_set_of_an_earlier_one_is_a_restart_of_its_own),
		cmocka_unit_test(a_temporary_dead_in_the_set_is_removed_and_not_brought_back),
		cmocka_unit_test(a_transient_finished_in_the_set_is_started_with_it),
		cmocka_unit_test(one_that_dies_before_its_stop_in_a_round_is_consumed),
		cmocka_unit_test(one_that_dies_in_the_start_phase_of_a_round_is_handled_after_it),
		cmocka_unit_test(two_that_die_in_the_start_phase_are_one_more_round),
		cmocka_unit_test(
			a_death_in_the_start_phase_comes_before_the_retry_and_makes_it_void),
		cmocka_unit_test(a_death_behind_the_retry_is_consumed_by_it),
		cmocka_unit_test(a_death_and_a_stop_command_in_the_queue_keep_their_order),
		cmocka_unit_test(a_death_behind_a_stop_command_is_consumed_by_it),
		cmocka_unit_test(deaths_in_two_supervisors_are_handled_each_in_its_own),
		cmocka_unit_test(events_of_a_former_life_are_dropped),
		cmocka_unit_test(a_late_exit_does_not_make_a_stopped_child_start),
		cmocka_unit_test(a_late_exit_does_not_touch_the_next_incarnation_while_it_starts),
		cmocka_unit_test(readiness_said_twice_or_by_one_that_needs_none_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
