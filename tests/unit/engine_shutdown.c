/* engine_shutdown.c - the program ends: OTP-SEMANTICS, rules 3, 8 and "pre-emption" of 11. */
#include "tests/sim/spec_test.h"

SPEC(shutdown_stops_the_tree_in_reverse_order)
{
	struct world *w = world_boot("root rest_for_one [ a s1 [ b s2 one_for_all [ c d ] e ] f ]");

	expect(w, "spawn a, spawn s1/b, spawn s1/s2/c, spawn s1/s2/d, spawn s1/e, spawn f");
	world_shutdown(w, false);
	expect(w, "signal f, signal s1/e, signal s1/s2/d, signal s1/s2/c, signal s1/b, signal a, "
		  "finished 0");
	world_free(w);
}

SPEC(shutdown_stops_one_after_the_other)
{
	struct world *w = world_boot("root [ a b:shutdown=1s c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_show_ends(w, true);
	world_stop_delay(w, "c", 300);
	world_stop_delay(w, "b", WORLD_NEVER);
	world_shutdown(w, false);
	expect(w, "signal c");
	expect_states(w, "/ stopping, a running, b running, c stopping");
	world_advance(w, 300);
	expect(w, "gone c, signal b");
	world_advance(w, 1000);
	expect(w, "kill b, gone b, signal a, gone a, finished 0");
	world_free(w);
}

SPEC(shutdown_passes_over_what_does_not_run)
{
	struct world *w = world_boot("root [ a b:transient c:temporary d sub [ x ] ]");

	world_command(w, CMD_STOP, "a");
	world_exit(w, "b", 0);
	world_exit(w, "c", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn b, spawn c, spawn d, spawn sub/x, signal a, reply 1 ok, "
		  "signal sub/x, reply 2 ok");
	world_shutdown(w, false);
	expect(w, "signal d, finished 0");
	world_free(w);
}

SPEC(shutdown_takes_over_from_a_boot)
{
	struct world *w = world_boot("root [ a b:notify c ]");

	world_shutdown(w, false);
	expect(w, "spawn a, spawn b, signal b, signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_takes_over_from_a_boot_deep_below)
{
	struct world *w = world_boot("root [ a s1 [ b s2 [ c d:notify never ] never2 ] never3 ]");

	world_stop_delay(w, "d", 200);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn s1/b, spawn s1/s2/c, spawn s1/s2/d, signal s1/s2/d");
	world_advance(w, 200);
	expect(w, "signal s1/s2/c, signal s1/b, signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_during_a_spawn_that_then_fails)
{
	struct world *w = world_new("root [ a b c ]", 1);

	world_spawn_delay(w, "b", 100);
	world_fail_spawns(w, "b", 1);
	world_start(w);
	world_shutdown(w, false);
	world_advance(w, 200);
	assert_true(world_finished(w));
	assert_int_equal(world_alive(w), 0);
	world_free(w);
}

SPEC(shutdown_takes_over_from_a_failed_boot)
{
	struct world *w = world_new("root [ a b c ]", 1);

	world_stop_delay(w, "b", 100);
	world_fail_spawns(w, "c", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, spawn c, signal b");
	world_shutdown(w, false);
	expect(w, "");
	world_advance(w, 100);
	/* whether this is 0 or 1 is not laid down: both ends were on their way */
	assert_true(world_finished(w));
	world_free(w);
}

SPEC(shutdown_takes_over_from_the_stop_phase_of_a_restart)
{
	struct world *w = world_boot("root one_for_all [ a b c d ]");

	world_stop_delay(w, "c", 200);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal d, signal c");
	world_shutdown(w, false);
	expect(w, "");
	world_advance(w, 200);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_takes_over_from_the_start_phase_of_a_restart)
{
	struct world *w = world_boot("root one_for_all [ a b:notify c ]");

	world_ready(w, "b");
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, signal b, signal a, spawn a, spawn b");
	world_shutdown(w, false);
	expect(w, "signal b, signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_needs_nothing_for_one_between_two_tries)
{
	struct world *w = world_boot("root [ a b:backoff=1s c ]");

	world_exit(w, "b", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn b");
	expect_states(w, "b backoff");
	world_shutdown(w, false);
	expect(w, "signal c, signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_waits_for_the_rest_of_a_group_whose_leader_is_gone)
{
	struct world *w = world_new("root [ a b:shutdown=1s c ]", 1);

	world_leave_group(w, "b", WORLD_NEVER);
	world_start(w);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal b");
	world_advance(w, 400);
	world_shutdown(w, false);
	world_advance(w, 1000);
	assert_true(world_finished(w));
	world_free(w);
}

SPEC(deaths_during_the_shutdown_have_no_consequence)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a b c ]");

	world_stop_delay(w, "c", 100);
	world_shutdown(w, false);
	world_exit(w, "a", 1);
	world_advance(w, 100);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal b, finished 0");
	world_free(w);
}

SPEC(a_second_orderly_shutdown_changes_nothing)
{
	struct world *w = world_boot("root [ a b ]");

	world_stop_delay(w, "b", 100);
	world_shutdown(w, false);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn b, signal b");
	world_advance(w, 100);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(a_brutal_shutdown_kills_all_at_once)
{
	struct world *w = world_boot("root [ a:inf sub [ x:inf y ] b ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b");
	world_hold(w);
	world_shutdown(w, true);
	expect_any_order(w, "kill b, kill sub/y, kill sub/x, kill a");
	world_release(w);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(a_brutal_shutdown_overtakes_an_orderly_one)
{
	struct world *w = world_boot("root [ a sub [ x y:inf ] b ]");

	world_stop_delay(w, "y", WORLD_NEVER);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, signal b, signal sub/y");
	world_hold(w);
	world_shutdown(w, true);
	expect_any_order(w, "kill a, kill sub/x, kill sub/y");
	world_release(w);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(a_brutal_shutdown_during_the_boot)
{
	struct world *w = world_boot("root [ a sub [ x y:notify never ] ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y");
	world_hold(w);
	world_shutdown(w, true);
	expect_any_order(w, "kill a, kill sub/x, kill sub/y");
	world_release(w);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(a_brutal_shutdown_kills_the_rest_of_groups_too)
{
	struct world *w = world_new("root [ a:inf b ]", 1);

	world_leave_group(w, "a", WORLD_NEVER);
	world_start(w);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal a");
	world_shutdown(w, true);
	expect_any_order(w, "kill a, kill b, finished 0");
	world_free(w);
}

SPEC(a_brutal_shutdown_during_a_spawn)
{
	struct world *w = world_new("root [ a b c ]", 1);

	world_spawn_delay(w, "b", 100);
	world_start(w);
	world_shutdown(w, true);
	world_advance(w, 200);
	assert_true(world_finished(w));
	assert_int_equal(world_alive(w), 0);
	world_free(w);
}

SPEC(commands_under_way_at_the_shutdown_get_their_reply)
{
	struct world *w = world_boot("root [ a b c ]");

	world_stop_delay(w, "b", 100);
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_STOP, "a");
	world_shutdown(w, false);
	/* the world asserts one reply each before the end */
	world_advance(w, 100);
	assert_true(world_finished(w));
	world_free(w);
}

SPEC(shutdown_waits_first_for_the_one_that_an_operator_is_stopping)
{
	struct world *w = world_boot("root [ a b c ]");

	world_stop_delay(w, "a", 100);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, spawn b, spawn c, signal a");
	world_show_ends(w, true);
	world_shutdown(w, false);
	world_advance(w, 100);
	expect(w, "gone a, reply 1 ok, signal c, gone c, signal b, gone b, finished 0");
	world_free(w);
}

SPEC(shutdown_waits_first_for_the_one_that_a_restart_is_stopping)
{
	struct world *w = world_boot("root [ a b c ]");

	world_stop_delay(w, "b", 100);
	world_command(w, CMD_RESTART, "b");
	expect(w, "spawn a, spawn b, spawn c, signal b");
	world_shutdown(w, false);
	expect(w, "reply 1 supervisor_down stopping");
	world_advance(w, 100);
	expect(w, "signal c, signal a, finished 0");
	world_free(w);
}

SPEC(a_start_command_under_way_at_the_shutdown_gets_its_reply)
{
	struct world *w = world_boot("root [ a:notify b ]");

	world_ready(w, "a");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	world_shutdown(w, false);
	assert_true(world_finished(w));
	world_free(w);
}

SPEC(commands_after_the_shutdown_are_refused)
{
	struct world *w = world_boot("root [ a b ]");

	world_stop_delay(w, "b", 100);
	world_shutdown(w, false);
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, spawn b, signal b, reply 1 supervisor_down stopping");
	world_advance(w, 100);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(a_shutdown_before_the_boot_is_the_end)
{
	struct world *w = world_new("root [ a ]", 1);

	world_shutdown(w, false);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(why_is_told_at_the_shutdown)
{
	struct world *w = world_boot("root [ a ]");

	expect(w, "spawn a");
	world_show_states(w, true);
	world_shutdown(w, false);
	expect(w, "state / stopping shutdown, state a stopping shutdown, signal a, "
		  "state a stopped shutdown, state / stopped shutdown, finished 0");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shutdown_stops_the_tree_in_reverse_order),
		cmocka_unit_test(shutdown_stops_one_after_the_other),
		cmocka_unit_test(shutdown_passes_over_what_does_not_run),
		cmocka_unit_test(shutdown_takes_over_from_a_boot),
		cmocka_unit_test(shutdown_takes_over_from_a_boot_deep_below),
		cmocka_unit_test(shutdown_during_a_spawn_that_then_fails),
		cmocka_unit_test(shutdown_takes_over_from_a_failed_boot),
		cmocka_unit_test(shutdown_takes_over_from_the_stop_phase_of_a_restart),
		cmocka_unit_test(shutdown_takes_over_from_the_start_phase_of_a_restart),
		cmocka_unit_test(shutdown_needs_nothing_for_one_between_two_tries),
		cmocka_unit_test(shutdown_waits_for_the_rest_of_a_group_whose_leader_is_gone),
		cmocka_unit_test(deaths_during_the_shutdown_have_no_consequence),
		cmocka_unit_test(a_second_orderly_shutdown_changes_nothing),
		cmocka_unit_test(a_brutal_shutdown_kills_all_at_once),
		cmocka_unit_test(a_brutal_shutdown_overtakes_an_orderly_one),
		cmocka_unit_test(a_brutal_shutdown_during_the_boot),
		cmocka_unit_test(a_brutal_shutdown_kills_the_rest_of_groups_too),
		cmocka_unit_test(a_brutal_shutdown_during_a_spawn),
		cmocka_unit_test(commands_under_way_at_the_shutdown_get_their_reply),
		cmocka_unit_test(shutdown_waits_first_for_the_one_that_an_operator_is_stopping),
		cmocka_unit_test(shutdown_waits_first_for_the_one_that_a_restart_is_stopping),
		cmocka_unit_test(a_start_command_under_way_at_the_shutdown_gets_its_reply),
		cmocka_unit_test(commands_after_the_shutdown_are_refused),
		cmocka_unit_test(a_shutdown_before_the_boot_is_the_end),
		cmocka_unit_test(why_is_told_at_the_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
