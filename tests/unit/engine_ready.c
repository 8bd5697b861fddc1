/* engine_ready.c - when a child is ready, and when its start has failed: OTP-SEMANTICS, rule 1. */
#include "tests/sim/spec_test.h"

SPEC(ready_by_exec_needs_nothing_more)
{
	struct world *w = world_boot("root [ a b ]");

	expect(w, "spawn a, spawn b");
	assert_true(world_view(w, "a").ready);
	world_free(w);
}

SPEC(ready_by_notify_needs_its_word)
{
	struct world *w = world_boot("root [ a:notify b ]");

	world_advance(w, 29999);
	expect(w, "spawn a");
	assert_false(world_view(w, "a").ready);
	world_ready(w, "a");
	expect(w, "spawn b");
	assert_true(world_view(w, "a").ready);
	world_advance(w, 3600000);
	expect(w, "");
	world_free(w);
}

SPEC(an_exit_before_readiness_is_a_failed_start_whatever_the_status)
{
	for (int status = 0; status < 3; status++) {
		struct world *w = world_boot("root 9/5 [ a b:notify,transient,ok=2 c ]");

		world_exit(w, "b", status);
		expect(w, "spawn a, spawn b, signal a, finished 1");
		world_free(w);
	}
}

SPEC(one_that_is_not_ready_in_time_is_stopped_and_has_failed)
{
	struct world *w = world_boot("root [ a b:notify,timeout=2s,shutdown=1s c ]");

	world_stop_delay(w, "b", WORLD_NEVER);
	world_advance(w, 1999);
	expect(w, "spawn a, spawn b");
	world_advance(w, 1);
	expect(w, "signal b");
	expect_states(w, "a running, b stopping, c waiting");
	world_advance(w, 999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "kill b, signal a, finished 1");
	world_free(w);
}

SPEC(one_under_brutal_kill_that_is_not_ready_in_time_is_killed)
{
	struct world *w = world_boot("root [ a b:notify,timeout=2s,brutal ]");

	world_advance(w, 2000);
	expect(w, "spawn a, spawn b, kill b, signal a, finished 1");
	world_free(w);
}

SPEC(readiness_after_the_time_is_over_changes_nothing)
{
	struct world *w = world_boot("root [ a b:notify,timeout=2s ]");

	world_stop_delay(w, "b", 500);
	world_advance(w, 2000);
	expect(w, "spawn a, spawn b, signal b");
	world_ready(w, "b");
	expect(w, "");
	world_advance(w, 500);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(an_infinite_start_timeout_waits_for_ever)
{
	struct world *w = world_boot("root [ a:notify,timeout=infinity b ]");

	assert_true(world_deadline(w) == ENGINE_NEVER);
	world_advance(w, 1000000000);
	expect(w, "spawn a");
	world_ready(w, "a");
	expect(w, "spawn b");
	world_free(w);
}

SPEC(a_start_timeout_within_a_restart_is_tried_again_and_counts)
{
	struct world *w = world_boot("root rest_for_one 2/5 [ a b:notify,timeout=1s c ]");

	world_ready(w, "b");
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, spawn b");
	world_advance(w, 1000);
	expect(w, "signal b, spawn b");
	world_ready(w, "b");
	expect(w, "spawn c");
	assert_int_equal(world_view(w, "/").window, 2);
	assert_int_equal(world_view(w, "b").end.kind, END_START_TIMEOUT);
	world_free(w);
}

SPEC(start_timeouts_reach_the_limit)
{
	struct world *w = world_boot("root 1/5 [ a b:notify,timeout=1s ]");

	world_ready(w, "b");
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn b");
	world_advance(w, 1000);
	expect(w, "signal b, signal a, finished 1");
	world_free(w);
}

SPEC(the_rest_of_a_group_is_stopped_before_a_failed_start_is_handled)
{
	struct world *w = world_new("root [ a b:notify,shutdown=1s c ]", 1);

	world_leave_group(w, "b", 200);
	world_start(w);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, signal b");
	world_advance(w, 200);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(one_shot_is_ready_when_it_has_exited_normally)
{
	struct world *w = world_boot("root [ a once:exit,ok=3 b ]");

	expect(w, "spawn a, spawn once");
	expect_states(w, "/ starting, once starting, b waiting");
	world_exit(w, "once", 3);
	expect(w, "spawn b");
	expect_states(w, "/ running, a running, once exited, b running");
	assert_true(world_view(w, "once").ready);
	world_free(w);
}

SPEC(one_shot_is_not_restarted_even_if_permanent)
{
	struct world *w = world_boot("root 0/5 [ once:exit,permanent b ]");

	world_exit(w, "once", 0);
	world_advance(w, 3600000);
	expect(w, "spawn once, spawn b");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(one_shot_that_exits_abnormally_has_failed_to_start)
{
	struct world *w = world_boot("root 9/5 [ a once:exit b ]");

	world_exit(w, "once", 1);
	expect(w, "spawn a, spawn once, signal a, finished 1");
	world_free(w);
}

SPEC(one_shot_that_takes_too_long_has_failed_to_start)
{
	struct world *w = world_boot("root 9/5 [ a once:exit,timeout=1s b ]");

	world_advance(w, 1000);
	expect(w, "spawn a, spawn once, signal once, signal a, finished 1");
	world_free(w);
}

SPEC(one_shot_that_obeys_its_stop_with_status_0_after_the_timeout_has_failed_still)
{
	struct world *w = world_boot("root 9/5 [ a once:exit,timeout=1s b ]");

	world_stop_end(w, "once", (struct end){.kind = END_EXITED, .value = 0});
	world_advance(w, 1000);
	expect(w, "spawn a, spawn once, signal once, signal a, finished 1");
	world_free(w);
}

SPEC(one_shot_runs_again_with_its_group)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a once:exit b ]");

	world_exit(w, "once", 0);
	expect(w, "spawn a, spawn once, spawn b");
	world_exit(w, "b", 1);
	expect(w, "signal a, spawn a, spawn once");
	world_exit(w, "once", 0);
	expect(w, "spawn b");
	world_free(w);
}

SPEC(one_shot_before_the_one_that_died_is_left_alone_under_rest_for_one)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ once:exit a b ]");

	world_exit(w, "once", 0);
	world_exit(w, "a", 1);
	expect(w, "spawn once, spawn a, spawn b, signal b, spawn a, spawn b");
	world_free(w);
}

SPEC(one_shot_that_fails_within_a_restart_is_tried_again)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a once:exit b ]");

	world_exit(w, "once", 0);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn once, spawn b, signal b, spawn a, spawn once");
	world_exit(w, "once", 7);
	expect(w, "signal a, spawn a, spawn once");
	world_exit(w, "once", 0);
	expect(w, "spawn b");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(one_shot_by_command)
{
	struct world *w = world_boot("root 0/5 [ once:exit b ]");

	world_exit(w, "once", 0);
	expect(w, "spawn once, spawn b");
	world_command(w, CMD_STOP, "once");
	expect(w, "reply 1 ok");
	world_command(w, CMD_START, "once");
	expect(w, "spawn once");
	world_exit(w, "once", 0);
	expect(w, "reply 2 ok");
	world_command(w, CMD_RESTART, "once");
	expect(w, "spawn once");
	world_exit(w, "once", 1);
	expect(w, "reply 3 start_failed");
	expect_states(w, "/ running, once failed, b running");
	world_free(w);
}

SPEC(one_shot_that_only_notifies_is_not_ready)
{
	struct world *w = world_boot("root [ once:exit b ]");

	world_ready(w, "once");
	expect(w, "spawn once");
	expect_states(w, "once starting");
	world_free(w);
}

SPEC(one_shot_is_over_when_its_whole_group_is)
{
	struct world *w = world_new("root [ once:exit b ]", 1);

	world_leave_group(w, "once", 200);
	world_start(w);
	world_exit(w, "once", 0);
	expect(w, "spawn once, signal once");
	world_advance(w, 200);
	expect(w, "spawn b");
	expect_states(w, "/ running, once exited, b running");
	world_free(w);
}

SPEC(one_shot_whose_group_outlives_it_does_not_hold_up_the_shutdown)
{
	struct world *w = world_new("root [ a once:exit b ]", 1);

	world_leave_group(w, "once", 200);
	world_start(w);
	world_exit(w, "once", 0);
	expect(w, "spawn a, spawn once, signal once");
	world_shutdown(w, false);
	world_advance(w, 200);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(one_shot_whose_group_outlives_it_does_not_hold_up_a_stop_of_its_supervisor)
{
	struct world *w = world_boot("root [ sub [ x once:exit y ] b ]");

	world_leave_group(w, "once", 200);
	world_exit(w, "once", 0);
	world_command(w, CMD_RESTART, "once");
	expect(w, "spawn sub/x, spawn sub/once, spawn sub/y, spawn b, spawn sub/once");
	world_exit(w, "once", 0);
	world_command(w, CMD_STOP, "sub");
	world_advance(w, 200);
	expect(w, "signal sub/once, reply 1 supervisor_down stopping, signal sub/y, "
		  "signal sub/x, reply 2 ok");
	world_free(w);
}

SPEC(a_supervisor_is_ready_when_its_whole_subtree_is)
{
	struct world *w = world_boot("root [ sub [ once:exit deep [ n:notify ] ] b ]");

	expect(w, "spawn sub/once");
	world_exit(w, "once", 0);
	expect(w, "spawn sub/deep/n");
	expect_states(w, "/ starting, sub starting, deep starting");
	assert_false(world_view(w, "sub").ready);
	world_ready(w, "n");
	expect(w, "spawn b");
	assert_true(world_view(w, "sub").ready);
	world_free(w);
}

SPEC(the_start_timeout_counts_from_the_start_of_each_life)
{
	struct world *w = world_boot("root 9/60 [ a:notify,timeout=1s b ]");

	world_advance(w, 900);
	world_ready(w, "a");
	world_advance(w, 5000);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a");
	world_advance(w, 999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "signal a, spawn a");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_by_exec_needs_nothing_more),
		cmocka_unit_test(ready_by_notify_needs_its_word),
		cmocka_unit_test(an_exit_before_readiness_is_a_failed_start_whatever_the_status),
		cmocka_unit_test(one_that_is_not_ready_in_time_is_stopped_and_has_failed),
		cmocka_unit_test(one_under_brutal_kill_that_is_not_ready_in_time_is_killed),
		cmocka_unit_test(readiness_after_the_time_is_over_changes_nothing),
		cmocka_unit_test(an_infinite_start_timeout_waits_for_ever),
		cmocka_unit_test(a_start_timeout_within_a_restart_is_tried_again_and_counts),
		cmocka_unit_test(start_timeouts_reach_the_limit),
		cmocka_unit_test(the_rest_of_a_group_is_stopped_before_a_failed_start_is_handled),
		cmocka_unit_test(one_shot_is_ready_when_it_has_exited_normally),
		cmocka_unit_test(one_shot_is_not_restarted_even_if_permanent),
		cmocka_unit_test(one_shot_that_exits_abnormally_has_failed_to_start),
		cmocka_unit_test(one_shot_that_takes_too_long_has_failed_to_start),
		cmocka_unit_test(
			one_shot_that_obeys_its_stop_with_status_0_after_the_timeout_has_failed_still),
		cmocka_unit_test(one_shot_runs_again_with_its_group),
		cmocka_unit_test(
			one_shot_before_the_one_that_died_is_left_alone_under_rest_for_one),
		cmocka_unit_test(one_shot_that_fails_within_a_restart_is_tried_again),
		cmocka_unit_test(one_shot_by_command),
		cmocka_unit_test(one_shot_that_only_notifies_is_not_ready),
		cmocka_unit_test(one_shot_is_over_when_its_whole_group_is),
		cmocka_unit_test(one_shot_whose_group_outlives_it_does_not_hold_up_the_shutdown),
		cmocka_unit_test(
			one_shot_whose_group_outlives_it_does_not_hold_up_a_stop_of_its_supervisor),
		cmocka_unit_test(a_supervisor_is_ready_when_its_whole_subtree_is),
		cmocka_unit_test(the_start_timeout_counts_from_the_start_of_each_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
