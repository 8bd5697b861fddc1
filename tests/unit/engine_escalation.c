/* engine_escalation.c - giving up, and what the levels above make of it: OTP-SEMANTICS, rule 6. */
#include "tests/sim/spec_test.h"

SPEC(a_permanent_supervisor_that_gives_up_is_restarted_and_counted_above)
{
	struct world *w = world_boot("root 3/5 [ a sub 1/5 [ x y ] b ]");

	world_exit(w, "x", 1);
	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, spawn sub/x, signal sub/y, "
		  "spawn sub/x, spawn sub/y");
	expect_states(w, "/ running, sub running, sub/x running, sub/y running");
	assert_int_equal(world_view(w, "/").window, 1);
	assert_int_equal(world_view(w, "sub").restarts, 1);
	world_free(w);
}

SPEC(three_levels_give_up_one_after_the_other)
{
	struct world *w = world_boot("root 1/5 [ l1 1/5 [ l2 1/5 [ a b ] x ] y ]");

	expect(w, "spawn l1/l2/a, spawn l1/l2/b, spawn l1/x, spawn y");
	world_exit(w, "a", 1); /* l2: 1 */
	expect(w, "spawn l1/l2/a");
	world_exit(w, "a", 1); /* l2: one too many; l1: 1 */
	expect(w, "signal l1/l2/b, spawn l1/l2/a, spawn l1/l2/b");
	world_exit(w, "a", 1); /* l2: 1 anew */
	expect(w, "spawn l1/l2/a");
	world_exit(w, "a", 1); /* l2, then l1: one too many; root: 1 */
	expect(w, "signal l1/l2/b, signal l1/x, spawn l1/l2/a, spawn l1/l2/b, spawn l1/x");
	expect_states(w, "/ running, l1 running, l2 running, a running, b running, x running");
	assert_int_equal(world_view(w, "/").window, 1);
	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn l1/l2/a, signal l1/l2/b, spawn l1/l2/a, spawn l1/l2/b, spawn l1/l2/a");
	world_exit(w, "a", 1); /* all three: one too many */
	expect(w, "signal l1/l2/b, signal l1/x, signal y, finished 1");
	world_free(w);
}

SPEC(with_limits_of_none_one_death_goes_through_to_the_top)
{
	struct world *w = world_boot("root 0/5 [ a s1 0/5 [ b s2 0/5 [ c s3 0/5 [ d e ] f ] ] g ]");

	expect(w, "spawn a, spawn s1/b, spawn s1/s2/c, spawn s1/s2/s3/d, spawn s1/s2/s3/e, "
		  "spawn s1/s2/f, spawn g");
	world_exit(w, "d", 0);
	expect(w, "signal s1/s2/s3/e, signal s1/s2/f, signal s1/s2/c, signal s1/b, signal g, "
		  "signal a, finished 1");
	world_free(w);
}

SPEC(a_transient_supervisor_that_gives_up_is_not_restarted)
{
	struct world *w = world_boot("root 0/5 [ a sub:transient 0/5 [ x y ] b ]");

	world_exit(w, "y", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, signal sub/x");
	expect_states(w, "/ running, a running, sub exited, sub/x waiting, sub/y exited, "
			 "b running");
	/* y is the entry that could not be restarted */
	assert_int_equal(world_view(w, "sub").end.kind, END_SHUTDOWN);
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(a_temporary_supervisor_that_gives_up_is_removed)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a sub:temporary 0/5 [ x y ] b ]");

	world_exit(w, "y", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, signal sub/x");
	expect_states(w, "/ running, a running, sub removed, x removed, y removed, b running");
	world_free(w);
}

SPEC(a_transient_supervisor_that_gave_up_can_be_started_by_command)
{
	struct world *w = world_boot("root 0/5 [ sub:transient 0/5 [ x ] ]");

	world_exit(w, "x", 1);
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/x, reply 1 ok");
	expect_states(w, "/ running, sub running, x running");
	world_free(w);
}

SPEC(a_transient_supervisor_that_gave_up_comes_back_with_its_group)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub:transient 0/5 [ x ] b ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn b");
	world_exit(w, "b", 1);
	expect(w, "signal a, spawn a, spawn sub/x, spawn b");
	world_free(w);
}

SPEC(a_failed_boot_of_a_restarted_supervisor_is_one_count_above_a_try)
{
	struct world *w = world_boot("root 2/5 [ sub 0/5 [ x y ] a ]");

	world_fail_spawns(w, "y", 1);
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn sub/y, spawn a, signal sub/y, spawn sub/x, spawn sub/y, "
		  "signal sub/x, spawn sub/x, spawn sub/y");
	assert_int_equal(world_view(w, "/").window, 2);
	expect_states(w, "/ running, sub running, x running, y running");
	world_free(w);
}

SPEC(failed_boots_of_a_restarted_supervisor_reach_the_limit_above)
{
	struct world *w = world_boot("root 2/5 [ sub 0/5 [ x y ] a ]");

	world_fail_spawns(w, "y", -1);
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn sub/y, spawn a, signal sub/y, spawn sub/x, spawn sub/y, "
		  "signal sub/x, spawn sub/x, spawn sub/y, signal sub/x, signal a, finished 1");
	world_free(w);
}

SPEC(a_failed_boot_two_levels_down_is_one_failed_start_at_the_top)
{
	struct world *w = world_boot("root 2/5 [ s1 0/5 [ s2 9/5 [ x y ] z ] ]");

	expect(w, "spawn s1/s2/x, spawn s1/s2/y, spawn s1/z");
	world_fail_spawns(w, "y", 1);
	world_exit(w, "z", 1);
	expect(w, "signal s1/s2/y, signal s1/s2/x, spawn s1/s2/x, spawn s1/s2/y, signal s1/s2/x, "
		  "spawn s1/s2/x, spawn s1/s2/y, spawn s1/z");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(a_transient_supervisor_whose_restart_fails_is_tried_again)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub:transient [ x y ] ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y");
	world_fail_spawns(w, "x", 1);
	world_exit(w, "a", 1);
	expect(w, "signal sub/y, signal sub/x, spawn a, spawn sub/x, signal a, spawn a, "
		  "spawn sub/x, spawn sub/y");
	world_free(w);
}

SPEC(rest_for_one_above_restarts_what_stands_after_the_one_that_gave_up)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a sub 0/5 [ x ] b t:temporary ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn b, spawn t, signal t, signal b, spawn sub/x, "
		  "spawn b");
	world_free(w);
}

SPEC(one_for_all_above_restarts_all_when_one_gave_up)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a s1 0/5 [ x ] s2 0/5 [ y ] ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn s1/x, spawn s2/y, signal s2/y, signal a, spawn a, spawn s1/x, "
		  "spawn s2/y");
	world_free(w);
}

SPEC(giving_up_under_one_for_all_stops_what_the_round_would_have_stopped)
{
	struct world *w = world_boot("root 3/5 [ sub one_for_all 1/5 [ x y z ] ]");

	world_exit(w, "y", 1);
	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z, signal sub/z, signal sub/x, "
		  "spawn sub/x, spawn sub/y, spawn sub/z");
	world_exit(w, "y", 1);
	expect(w, "signal sub/z, signal sub/x, spawn sub/x, spawn sub/y, spawn sub/z");
	assert_int_equal(world_view(w, "/").window, 1);
	assert_int_equal(world_view(w, "sub").window, 0);
	world_free(w);
}

SPEC(deaths_while_it_gives_up_have_no_consequence)
{
	struct world *w = world_boot("root 3/5 [ sub 0/5 [ x y z ] ]");

	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z");
	world_stop_delay(w, "z", 100);
	world_exit(w, "x", 1);
	expect(w, "signal sub/z");
	world_exit(w, "y", 1);
	expect(w, "");
	world_advance(w, 100);
	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(a_supervisor_that_gives_up_while_its_parent_is_busy_waits_its_turn)
{
	struct world *w = world_boot("root 9/5 [ slow:notify sub 0/5 [ x y ] ]");

	world_ready(w, "slow");
	expect(w, "spawn slow, spawn sub/x, spawn sub/y");
	world_exit(w, "slow", 1);
	expect(w, "spawn slow");
	world_exit(w, "x", 1);
	expect(w, "signal sub/y");
	expect_states(w, "sub waiting");
	world_ready(w, "slow");
	expect(w, "spawn sub/x, spawn sub/y");
	world_free(w);
}

SPEC(a_supervisor_that_gave_up_and_is_in_the_set_is_not_counted)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a sub 0/5 [ x ] slow ]");

	expect(w, "spawn a, spawn sub/x, spawn slow");
	world_stop_delay(w, "slow", 100);
	world_exit(w, "a", 1);
	expect(w, "signal slow");
	world_exit(w, "x", 1); /* sub gives up while its parent stops the set */
	expect(w, "");
	world_advance(w, 100);
	expect(w, "spawn a, spawn sub/x, spawn slow");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(a_limit_hit_in_a_later_window_does_not_escalate)
{
	struct world *w = world_boot("root 0/5 [ sub 1/5 [ x ] ]");

	for (int i = 0; i < 5; i++) {
		world_exit(w, "x", 1);
		world_advance(w, 5001);
	}
	expect_states(w, "/ running, x running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_permanent_supervisor_that_gives_up_is_restarted_and_counted_above),
		cmocka_unit_test(three_levels_give_up_one_after_the_other),
		cmocka_unit_test(with_limits_of_none_one_death_goes_through_to_the_top),
		cmocka_unit_test(a_transient_supervisor_that_gives_up_is_not_restarted),
		cmocka_unit_test(a_temporary_supervisor_that_gives_up_is_removed),
		cmocka_unit_test(a_transient_supervisor_that_gave_up_can_be_started_by_command),
		cmocka_unit_test(a_transient_supervisor_that_gave_up_comes_back_with_its_group),
		cmocka_unit_test(a_failed_boot_of_a_restarted_supervisor_is_one_count_above_a_try),
		cmocka_unit_test(failed_boots_of_a_restarted_supervisor_reach_the_limit_above),
		cmocka_unit_test(a_failed_boot_two_levels_down_is_one_failed_start_at_the_top),
		cmocka_unit_test(a_transient_supervisor_whose_restart_fails_is_tried_again),
		cmocka_unit_test(
			rest_for_one_above_restarts_what_stands_after_the_one_that_gave_up),
		cmocka_unit_test(one_for_all_above_restarts_all_when_one_gave_up),
		cmocka_unit_test(
			giving_up_under_one_for_all_stops_what_the_round_would_have_stopped),
		cmocka_unit_test(deaths_while_it_gives_up_have_no_consequence),
		cmocka_unit_test(
			a_supervisor_that_gives_up_while_its_parent_is_busy_waits_its_turn),
		cmocka_unit_test(a_supervisor_that_gave_up_and_is_in_the_set_is_not_counted),
		cmocka_unit_test(a_limit_hit_in_a_later_window_does_not_escalate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
