/* engine_stop.c - stop of a child: OTP-SEMANTICS, rule 3, and "gone" of section 11. */
#include <signal.h>

#include "tests/sim/spec_test.h"

SPEC(a_time_means_the_signal_and_sigkill_after_that_time)
{
	struct world *w = world_boot("root [ a:shutdown=700ms ]");

	world_stop_delay(w, "a", WORLD_NEVER);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, signal a");
	expect_states(w, "a stopping");
	world_advance(w, 699);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "kill a, reply 1 ok");
	expect_states(w, "a stopped");
	world_free(w);
}

SPEC(one_that_goes_in_time_is_not_killed)
{
	struct world *w = world_boot("root [ a:shutdown=700ms ]");

	world_stop_delay(w, "a", 699);
	world_command(w, CMD_STOP, "a");
	world_advance(w, 10000);
	expect(w, "spawn a, signal a, reply 1 ok");
	world_free(w);
}

SPEC(brutal_kill_means_sigkill_at_once_and_no_signal)
{
	struct world *w = world_boot("root [ a:brutal ]");

	world_stop_delay(w, "a", WORLD_NEVER);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, kill a, reply 1 ok");
	world_free(w);
}

SPEC(infinity_means_the_signal_and_waiting_without_limit)
{
	struct world *w = world_boot("root [ a:inf ]");

	world_stop_delay(w, "a", 100000000);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, signal a");
	assert_true(world_deadline(w) == ENGINE_NEVER);
	world_advance(w, 99999999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "reply 1 ok");
	world_free(w);
}

SPEC(no_time_at_all_means_the_signal_and_sigkill_in_the_same_moment)
{
	struct world *w = world_boot("root [ a:shutdown=0 ]");

	world_stop_delay(w, "a", WORLD_NEVER);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, signal a, kill a, reply 1 ok");
	assert_int_equal(world_now(w), 0);
	world_free(w);
}

SPEC(the_next_is_stopped_only_when_the_one_before_is_gone)
{
	struct world *w = world_boot("root one_for_all [ a b c d ]");

	world_show_ends(w, true);
	world_stop_delay(w, "d", 300);
	world_stop_delay(w, "c", WORLD_NEVER);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, gone a, signal d");
	world_advance(w, 299);
	expect(w, "");
	expect_states(w, "a waiting, b running, c running, d stopping");
	world_advance(w, 1);
	expect(w, "gone d, signal c");
	world_advance(w, 4999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "kill c, gone c, signal b, gone b, spawn a, spawn b, spawn c, spawn d");
	world_free(w);
}

SPEC(how_it_ends_while_being_stopped_has_no_consequence)
{
	static const struct end ENDS[] = {
		{.kind = END_EXITED, .value = 0},
		{.kind = END_EXITED, .value = 1},
		{.kind = END_SIGNALED, .value = SIGSEGV},
	};

	for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++) {
		struct world *w = world_boot("root one_for_all 0/5 [ a b ]");

		world_stop_end(w, "a", ENDS[i]);
		world_command(w, CMD_STOP, "a");
		expect(w, "spawn a, spawn b, signal a, reply 1 ok");
		expect_states(w, "a stopped, b running");
		world_advance(w, 60000);
		expect(w, "");
		world_free(w);
	}
}

SPEC(one_that_was_dead_already_when_its_stop_came_has_no_consequence)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a b ]");

	world_hold(w);
	world_exit(w, "a", 1);
	world_command(w, CMD_STOP, "a");
	world_release(w);
	expect(w, "spawn a, spawn b, signal a, reply 1 ok");
	expect_states(w, "a stopped, b running");
	world_free(w);
}

SPEC(a_stopped_child_is_gone_when_its_whole_group_is)
{
	struct world *w = world_new("root rest_for_one [ a b:shutdown=1s ]", 1);

	world_leave_group(w, "b", 400);
	world_start(w);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal b");
	expect_states(w, "b stopping");
	world_advance(w, 399);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a, spawn b");
	world_free(w);
}

SPEC(what_is_left_of_a_stopped_group_is_killed_when_the_time_is_over)
{
	struct world *w = world_new("root [ a:shutdown=1s ]", 1);

	world_show_ends(w, true);
	world_leave_group(w, "a", WORLD_NEVER);
	world_stop_delay(w, "a", 300);
	world_start(w);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, signal a");
	world_advance(w, 999);
	expect(w, "");
	expect_states(w, "a stopping");
	world_advance(w, 1);
	expect(w, "kill a, gone a, reply 1 ok");
	world_free(w);
}

SPEC(when_a_leader_exits_the_rest_of_its_group_is_stopped_before_the_death_is_handled)
{
	struct world *w = world_new("root 3/5 [ a:shutdown=1s b ]", 1);

	world_leave_group(w, "a", 400);
	world_start(w);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal a");
	expect_states(w, "a stopping, b running");
	world_advance(w, 399);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(the_rest_of_a_group_that_stays_is_killed_after_the_shutdown_time)
{
	struct world *w = world_new("root 3/5 [ a:shutdown=1s b ]", 1);

	world_leave_group(w, "a", WORLD_NEVER);
	world_start(w);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal a");
	world_advance(w, 999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "kill a, spawn a");
	world_free(w);
}

SPEC(the_rest_of_a_group_under_brutal_kill_is_killed_at_once)
{
	struct world *w = world_new("root [ a:brutal ]", 1);

	world_leave_group(w, "a", WORLD_NEVER);
	world_start(w);
	world_exit(w, "a", 1);
	expect(w, "spawn a, kill a, spawn a");
	world_free(w);
}

SPEC(the_rest_of_a_group_matters_for_a_temporary_too)
{
	struct world *w = world_new("root [ a:temporary b ]", 1);

	world_leave_group(w, "a", 100);
	world_start(w);
	world_exit(w, "a", 0);
	expect(w, "spawn a, spawn b, signal a");
	expect_states(w, "a stopping");
	world_advance(w, 100);
	expect(w, "");
	expect_states(w, "a removed, b running");
	world_free(w);
}

SPEC(a_stop_of_one_whose_leader_is_gone_ends_with_its_group)
{
	struct world *w = world_new("root 0/5 [ a:shutdown=1s b ]", 1);

	world_leave_group(w, "a", 400);
	world_start(w);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal a");
	world_command(w, CMD_STOP, "a");
	world_advance(w, 400);
	expect_states(w, "/ running, a stopped, b running");
	world_free(w);
}

SPEC(a_supervisor_stops_its_children_in_reverse_order)
{
	struct world *w = world_boot("root [ a sub [ x deep [ p q ] y ] b ]");

	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/x, spawn sub/deep/p, spawn sub/deep/q, spawn sub/y, spawn b, "
		  "signal sub/y, signal sub/deep/q, signal sub/deep/p, signal sub/x, reply 1 ok");
	expect_states(w, "/ running, a running, sub stopped, sub/x stopped, deep stopped, "
			 "p stopped, q stopped, sub/y stopped, b running");
	world_free(w);
}

SPEC(a_supervisor_waits_for_its_children_without_limit)
{
	struct world *w = world_boot("root [ sub [ x:inf y ] ]");

	world_stop_delay(w, "x", 100000000);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/x, spawn sub/y, signal sub/y, signal sub/x");
	expect_states(w, "sub stopping, sub/x stopping");
	world_advance(w, 100000000);
	expect(w, "reply 1 ok");
	world_free(w);
}

SPEC(a_supervisor_whose_time_is_over_has_its_whole_remaining_subtree_killed)
{
	struct world *w = world_boot("root [ a sub:shutdown=1s [ x deep [ p q ] y z ] ]");

	world_stop_delay(w, "y", WORLD_NEVER);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/x, spawn sub/deep/p, spawn sub/deep/q, spawn sub/y, "
		  "spawn sub/z, signal sub/z, signal sub/y");
	world_advance(w, 999);
	expect(w, "");
	world_hold(w);
	world_advance(w, 1);
	expect_any_order(w, "kill sub/y, kill sub/deep/q, kill sub/deep/p, kill sub/x");
	world_release(w);
	expect(w, "reply 1 ok");
	expect_states(w, "a running, sub stopped, sub/x stopped, deep stopped, p stopped, "
			 "q stopped, sub/y stopped, sub/z stopped");
	world_free(w);
}

SPEC(a_supervisor_that_is_done_in_time_is_not_killed)
{
	struct world *w = world_boot("root [ sub:shutdown=1s [ x y ] ]");

	world_stop_delay(w, "y", 600);
	world_stop_delay(w, "x", 399);
	world_command(w, CMD_STOP, "sub");
	world_advance(w, 5000);
	expect(w, "spawn sub/x, spawn sub/y, signal sub/y, signal sub/x, reply 1 ok");
	world_free(w);
}

SPEC(the_time_of_a_supervisor_is_one_time_for_all_its_children)
{
	struct world *w = world_boot("root [ sub:shutdown=1s [ x y ] ]");

	world_stop_delay(w, "y", 600);
	world_stop_delay(w, "x", 600);
	world_command(w, CMD_STOP, "sub");
	world_advance(w, 999);
	expect(w, "spawn sub/x, spawn sub/y, signal sub/y, signal sub/x");
	world_advance(w, 1);
	expect(w, "kill sub/x, reply 1 ok");
	world_free(w);
}

SPEC(a_supervisor_under_brutal_kill_has_its_subtree_killed_at_once)
{
	struct world *w = world_boot("root [ a sub:brutal [ x deep [ p ] y ] ]");

	world_command(w, CMD_STOP, "sub");
	expect_any_order(w, "spawn a, spawn sub/x, spawn sub/deep/p, spawn sub/y, kill sub/x, "
			    "kill sub/deep/p, kill sub/y, reply 1 ok");
	expect_states(w, "a running, sub stopped, sub/x stopped");
	world_free(w);
}

SPEC(an_inner_supervisors_time_is_kept_within_an_outer_stop)
{
	struct world *w = world_boot("root [ sub [ x deep:shutdown=1s [ p q ] ] ]");

	world_stop_delay(w, "q", WORLD_NEVER);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/x, spawn sub/deep/p, spawn sub/deep/q, signal sub/deep/q");
	world_advance(w, 999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "kill sub/deep/q, kill sub/deep/p, signal sub/x, reply 1 ok");
	world_free(w);
}

SPEC(one_stop_does_not_wait_for_another_supervisors_stop)
{
	struct world *w = world_boot("root [ s1 one_for_all [ a b ] s2 one_for_all [ c d ] ]");

	world_stop_delay(w, "b", 1000);
	world_exit(w, "a", 1);
	expect(w, "spawn s1/a, spawn s1/b, spawn s2/c, spawn s2/d, signal s1/b");
	world_exit(w, "c", 1);
	expect(w, "signal s2/d, spawn s2/c, spawn s2/d");
	world_advance(w, 1000);
	expect(w, "spawn s1/a, spawn s1/b");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_means_the_signal_and_sigkill_after_that_time),
		cmocka_unit_test(one_that_goes_in_time_is_not_killed),
		cmocka_unit_test(brutal_kill_means_sigkill_at_once_and_no_signal),
		cmocka_unit_test(infinity_means_the_signal_and_waiting_without_limit),
		cmocka_unit_test(no_time_at_all_means_the_signal_and_sigkill_in_the_same_moment),
		cmocka_unit_test(the_next_is_stopped_only_when_the_one_before_is_gone),
		cmocka_unit_test(how_it_ends_while_being_stopped_has_no_consequence),
		cmocka_unit_test(one_that_was_dead_already_when_its_stop_came_has_no_consequence),
		cmocka_unit_test(a_stopped_child_is_gone_when_its_whole_group_is),
		cmocka_unit_test(what_is_left_of_a_stopped_group_is_killed_when_the_time_is_over),
		cmocka_unit_test(
			when_a_leader_exits_the_rest_of_its_group_is_stopped_before_the_death_is_handled),
		cmocka_unit_test(the_rest_of_a_group_that_stays_is_killed_after_the_shutdown_time),
		cmocka_unit_test(the_rest_of_a_group_under_brutal_kill_is_killed_at_once),
		cmocka_unit_test(the_rest_of_a_group_matters_for_a_temporary_too),
		cmocka_unit_test(a_stop_of_one_whose_leader_is_gone_ends_with_its_group),
		cmocka_unit_test(a_supervisor_stops_its_children_in_reverse_order),
		cmocka_unit_test(a_supervisor_waits_for_its_children_without_limit),
		cmocka_unit_test(
			a_supervisor_whose_time_is_over_has_its_whole_remaining_subtree_killed),
		cmocka_unit_test(a_supervisor_that_is_done_in_time_is_not_killed),
		cmocka_unit_test(the_time_of_a_supervisor_is_one_time_for_all_its_children),
		cmocka_unit_test(a_supervisor_under_brutal_kill_has_its_subtree_killed_at_once),
		cmocka_unit_test(an_inner_supervisors_time_is_kept_within_an_outer_stop),
		cmocka_unit_test(one_stop_does_not_wait_for_another_supervisors_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
