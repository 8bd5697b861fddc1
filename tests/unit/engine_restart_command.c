/* engine_restart_command.c - restart by command, of what does not come back by itself:
 * OTP-SEMANTICS, rule 8, and what overtakes what. */
#include "tests/sim/spec_test.h"

SPEC(restart_of_a_temporary_one_starts_it_again_in_its_place)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a t:temporary b ]");
	uint32_t index = world_view(w, "t").ref.index;

	world_command(w, CMD_RESTART, "t");
	expect(w, "spawn a, spawn t, spawn b, signal t, spawn t, reply 1 ok");
	assert_int_equal(world_view(w, "t").ref.index, index);
	assert_int_equal(world_view(w, "/").window, 0);
	/* and it is temporary still */
	world_exit(w, "t", 1);
	expect(w, "");
	expect_states(w, "/ running, a running, t removed, b running");
	world_free(w);
}

SPEC(restart_of_a_temporary_one_that_fails_counts_nothing_and_is_not_tried_again)
{
	struct world *w = world_boot("root 0/5 [ a t:temporary ]");

	world_fail_spawns(w, "t", 1);
	world_command(w, CMD_RESTART, "t");
	expect(w, "spawn a, spawn t, signal t, spawn t, reply 1 start_failed");
	world_advance(w, 60000);
	expect(w, "");
	expect_states(w, "/ running, a running");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(restart_of_a_temporary_one_that_dies_while_it_is_stopped_starts_it)
{
	struct world *w = world_boot("root 0/5 [ a t:temporary ]");

	world_stop_delay(w, "t", 1000);
	world_command(w, CMD_RESTART, "t");
	expect(w, "spawn a, spawn t, signal t");
	world_exit(w, "t", 1);
	expect(w, "spawn t, reply 1 ok");
	expect_states(w, "t running");
	world_free(w);
}

SPEC(restart_of_one_that_was_dead_before_its_turn_starts_it_uncounted)
{
	struct world *w = world_boot("root 9/5 [ n:notify a ]");

	world_ready(w, "n");
	world_exit(w, "n", 1);
	world_command(w, CMD_RESTART, "a");
	world_exit(w, "a", 1);
	expect(w, "spawn n, spawn a, spawn n");
	world_ready(w, "n");
	expect(w, "spawn a, reply 1 ok");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(restart_of_a_temporary_supervisor_boots_it_anew)
{
	struct world *w = world_boot("root [ t:temporary [ x y ] ]");

	world_command(w, CMD_STOP, "x");
	world_command(w, CMD_RESTART, "t");
	expect(w, "spawn t/x, spawn t/y, signal t/x, reply 1 ok, signal t/y, spawn t/x, "
		  "spawn t/y, reply 2 ok");
	world_free(w);
}

/* ---- one-shots that are temporary or transient */

SPEC(a_temporary_one_shot_is_removed_when_it_is_done)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a once:exit,temporary b ]");

	expect(w, "spawn a, spawn once");
	world_exit(w, "once", 0);
	expect(w, "spawn b");
	expect_states(w, "/ running, a running, once removed, b running");
	world_exit(w, "a", 1);
	expect(w, "signal b, spawn a, spawn b");
	world_free(w);
}

SPEC(a_temporary_one_shot_that_fails_fails_the_boot)
{
	struct world *w = world_boot("root [ a once:exit,temporary b ]");

	world_exit(w, "once", 1);
	expect(w, "spawn a, spawn once, signal a, finished 1");
	world_free(w);
}

SPEC(a_temporary_one_shot_comes_back_with_its_supervisor)
{
	struct world *w = world_boot("root 9/5 [ sub 0/5 [ once:exit,temporary x ] ]");

	world_exit(w, "once", 0);
	expect(w, "spawn sub/once, spawn sub/x");
	world_exit(w, "x", 1);
	expect(w, "spawn sub/once");
	world_exit(w, "once", 0);
	expect(w, "spawn sub/x");
	world_free(w);
}

SPEC(an_added_temporary_one_shot_is_a_job_that_the_command_waits_for)
{
	struct world *w = world_boot("root [ a ]");

	world_add(w, "/", "once:exit,temporary");
	expect(w, "spawn a, spawn once");
	world_exit(w, "once", 0);
	expect(w, "reply 1 ok");
	expect_states(w, "once removed");
	assert_int_equal(world_given_back(w), 1);
	world_add(w, "/", "once:exit,temporary");
	world_exit(w, "once", 1);
	expect(w, "spawn once, reply 2 start_failed");
	assert_int_equal(world_given_back(w), 2);
	world_free(w);
}

SPEC(a_one_shot_instance_is_removed_when_it_is_done)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:exit,transient ] ]");

	world_add(w, "jobs", "i1");
	world_exit(w, "i1", 0);
	expect(w, "spawn jobs/i1, reply 1 ok");
	expect_states(w, "jobs running, jobs/i1 removed");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

/* ---- what overtakes what */

SPEC(a_shutdown_that_overtakes_a_failing_boot_does_not_make_it_a_success)
{
	struct world *w = world_new("root [ a b c ]", 1);

	world_stop_delay(w, "a", 100);
	world_fail_spawns(w, "c", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, spawn c, signal b, signal a");
	world_shutdown(w, false);
	world_advance(w, 100);
	expect(w, "finished 1");
	world_free(w);
}

SPEC(a_shutdown_that_overtakes_giving_up_does_not_make_it_a_success)
{
	struct world *w = world_boot("root 0/5 [ a b c ]");

	world_stop_delay(w, "c", 100);
	world_exit(w, "b", 0);
	expect(w, "spawn a, spawn b, spawn c, signal c");
	world_shutdown(w, false);
	world_advance(w, 100);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(a_shutdown_that_overtakes_an_automatic_one_keeps_its_status)
{
	struct world *w = world_boot("root any_significant [ a t:temporary,significant c ]");

	world_stop_delay(w, "c", 100);
	world_exit(w, "t", 6);
	expect(w, "spawn a, spawn t, spawn c, signal c");
	world_shutdown(w, false);
	world_advance(w, 100);
	expect(w, "signal a, finished 6");
	world_free(w);
}

SPEC(a_shutdown_before_the_failure_makes_it_0)
{
	struct world *w = world_boot("root [ a n:notify ]");

	world_stop_delay(w, "n", 100);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn n, signal n");
	world_exit(w, "n", 1);
	expect(w, "signal a, finished 0");
	world_free(w);
}

/* ---- the delay of a group */

SPEC(the_delay_of_a_group_counts_from_the_death_and_not_from_the_last_stop)
{
	struct world *w = world_boot("root one_for_all 9/60 [ a:backoff=1s b ]");

	world_exit(w, "a", 1);
	world_advance(w, 50);
	world_stop_delay(w, "b", 600);
	world_forget(w);
	world_exit(w, "a", 1);
	expect(w, "signal b");
	world_advance(w, 600);
	expect(w, "");
	world_advance(w, 399);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a, spawn b");
	world_free(w);
}

SPEC(a_group_whose_stops_take_longer_than_the_delay_is_started_at_once)
{
	struct world *w = world_boot("root one_for_all 9/60 [ a:backoff=1s b ]");

	world_exit(w, "a", 1);
	world_stop_delay(w, "b", 1500);
	world_forget(w);
	world_exit(w, "a", 1);
	world_advance(w, 1499);
	expect(w, "signal b");
	world_advance(w, 1);
	expect(w, "spawn a, spawn b");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restart_of_a_temporary_one_starts_it_again_in_its_place),
		cmocka_unit_test(
			restart_of_a_temporary_one_that_fails_counts_nothing_and_is_not_tried_again),
		cmocka_unit_test(
			restart_of_a_temporary_one_that_dies_while_it_is_stopped_starts_it),
		cmocka_unit_test(restart_of_one_that_was_dead_before_its_turn_starts_it_uncounted),
		cmocka_unit_test(restart_of_a_temporary_supervisor_boots_it_anew),
		cmocka_unit_test(a_temporary_one_shot_is_removed_when_it_is_done),
		cmocka_unit_test(a_temporary_one_shot_that_fails_fails_the_boot),
		cmocka_unit_test(a_temporary_one_shot_comes_back_with_its_supervisor),
		cmocka_unit_test(an_added_temporary_one_shot_is_a_job_that_the_command_waits_for),
		cmocka_unit_test(a_one_shot_instance_is_removed_when_it_is_done),
		cmocka_unit_test(
			a_shutdown_that_overtakes_a_failing_boot_does_not_make_it_a_success),
		cmocka_unit_test(a_shutdown_that_overtakes_giving_up_does_not_make_it_a_success),
		cmocka_unit_test(a_shutdown_that_overtakes_an_automatic_one_keeps_its_status),
		cmocka_unit_test(a_shutdown_before_the_failure_makes_it_0),
		cmocka_unit_test(
			the_delay_of_a_group_counts_from_the_death_and_not_from_the_last_stop),
		cmocka_unit_test(a_group_whose_stops_take_longer_than_the_delay_is_started_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
