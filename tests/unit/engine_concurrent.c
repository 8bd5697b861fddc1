/* engine_concurrent.c - start = concurrent: OTP-SEMANTICS, rule 11. */
#include "tests/sim/spec_test.h"

SPEC(a_concurrent_boot_starts_all_without_waiting)
{
	struct world *w = world_boot("root concurrent [ a:notify b:notify c ]");

	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "/ starting, a starting, b starting, c running");
	world_ready(w, "b");
	expect_states(w, "/ starting");
	world_ready(w, "a");
	expect(w, "");
	expect_states(w, "/ running, a running, b running, c running");
	world_free(w);
}

SPEC(a_sequential_boot_beside_it_waits_as_ever)
{
	struct world *w =
		world_boot("root [ s concurrent [ a:notify b:notify ] t [ c:notify d ] ]");

	expect(w, "spawn s/a, spawn s/b");
	world_ready(w, "a");
	expect(w, "");
	world_ready(w, "b");
	expect(w, "spawn t/c");
	world_ready(w, "c");
	expect(w, "spawn t/d");
	world_free(w);
}

SPEC(supervisors_in_a_concurrent_boot_boot_together_each_in_its_own_order)
{
	struct world *w =
		world_boot("root concurrent [ s [ a:notify b ] t [ c:notify d ] once:exit ]");

	expect_any_order(w, "spawn s/a, spawn t/c, spawn once");
	world_ready(w, "c");
	expect(w, "spawn t/d");
	world_exit(w, "once", 0);
	expect_states(w, "/ starting, s starting, t running, once exited");
	world_ready(w, "a");
	expect(w, "spawn s/b");
	expect_states(w, "/ running");
	world_free(w);
}

SPEC(a_failure_while_others_are_starting_fails_the_boot)
{
	struct world *w = world_boot("root concurrent [ a:notify b:notify c:notify d ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_ready(w, "a");
	world_exit(w, "b", 0);
	expect(w, "signal d, signal c, signal a, finished 1");
	world_free(w);
}

SPEC(those_that_are_starting_are_stopped_one_by_one_in_reverse_order)
{
	struct world *w = world_boot("root concurrent [ a:notify b c:notify d:notify ]");

	world_stop_delay(w, "d", 100);
	world_stop_delay(w, "c", 100);
	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_exit(w, "a", 1);
	expect(w, "signal d");
	world_advance(w, 100);
	expect(w, "signal c");
	world_advance(w, 100);
	expect(w, "signal b, finished 1");
	world_free(w);
}

SPEC(two_failures_are_one_failed_boot)
{
	struct world *w = world_boot("root 1/5 [ p s 0/5 concurrent [ a:notify b:notify c ] ]");

	world_ready(w, "a");
	world_ready(w, "b");
	expect(w, "spawn p, spawn s/a, spawn s/b, spawn s/c");
	world_command(w, CMD_STOP, "s");
	world_command(w, CMD_START, "s");
	expect(w, "signal s/c, signal s/b, signal s/a, reply 1 ok, spawn s/a, spawn s/b, "
		  "spawn s/c");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "signal s/c, reply 2 start_failed");
	expect_states(w, "/ running, s failed");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(a_start_timeout_fails_a_concurrent_boot)
{
	struct world *w =
		world_boot("root concurrent [ a:notify,timeout=1s b:notify,timeout=2s c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_advance(w, 1000);
	expect(w, "signal a, signal c, signal b, finished 1");
	world_free(w);
}

SPEC(a_spawn_that_fails_late_fails_a_concurrent_boot)
{
	struct world *w = world_new("root concurrent [ a b c ]", 1);

	world_spawn_delay(w, "b", 100);
	world_fail_spawns(w, "b", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, spawn c");
	world_advance(w, 100);
	expect(w, "signal c, signal a, finished 1");
	world_free(w);
}

SPEC(a_crash_of_one_that_was_ready_is_handled_after_the_boot)
{
	struct world *w = world_boot("root 1/5 concurrent [ a b:notify c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_exit(w, "a", 1);
	expect(w, "");
	expect_states(w, "/ starting, a waiting");
	world_ready(w, "b");
	expect(w, "spawn a");
	expect_states(w, "/ running, a running");
	assert_int_equal(world_view(w, "/").window, 1);
	world_free(w);
}

SPEC(a_failed_concurrent_boot_is_one_count_above_and_tried_again)
{
	struct world *w = world_boot("root 2/5 [ s 0/5 concurrent [ a b ] ]");

	world_fail_spawns(w, "b", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn s/a, spawn s/b, signal s/b, spawn s/a, spawn s/b, signal s/a, spawn s/a, "
		  "spawn s/b");
	assert_int_equal(world_view(w, "/").window, 2);
	expect_states(w, "/ running, s running");
	world_free(w);
}

SPEC(restarts_and_commands_below_a_concurrent_one_are_as_ever)
{
	struct world *w = world_boot("root 9/5 concurrent [ a:notify b:notify ]");

	world_ready(w, "a");
	world_ready(w, "b");
	expect(w, "spawn a, spawn b");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "spawn a"); /* one at a time */
	world_ready(w, "a");
	expect(w, "spawn b");
	world_ready(w, "b");
	world_command(w, CMD_RESTART, "a");
	expect(w, "signal a, spawn a");
	world_free(w);
}

SPEC(stops_below_a_concurrent_one_are_in_reverse_order)
{
	struct world *w = world_boot("root concurrent [ a b c ]");

	world_stop_delay(w, "c", 50);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn b, spawn c, signal c");
	world_advance(w, 50);
	expect(w, "signal b, signal a, finished 0");
	world_free(w);
}

SPEC(commands_wait_for_the_end_of_a_concurrent_boot)
{
	struct world *w = world_boot("root concurrent [ a b:notify ]");

	world_command(w, CMD_STOP, "a");
	world_add(w, "/", "c");
	expect(w, "spawn a, spawn b");
	world_ready(w, "b");
	expect(w, "signal a, reply 1 ok, spawn c, reply 2 ok");
	world_free(w);
}

SPEC(a_shutdown_takes_over_from_a_concurrent_boot)
{
	struct world *w = world_boot("root concurrent [ a:notify b s [ x:notify y ] c:notify ]");

	expect_any_order(w, "spawn a, spawn b, spawn s/x, spawn c");
	world_shutdown(w, false);
	expect(w, "signal c, signal s/x, signal b, signal a, finished 0");
	world_free(w);
}

SPEC(more_than_a_burst_of_spawns_starts_as_one_boot)
{
	struct world *w = world_new("root concurrent [ a b c d e f g h i j k l m n o p:notify "
				    "q r s t:notify ]",
		1);

	world_set_bursts(w, true);
	world_start(w);
	expect(w, "spawn a, spawn b, spawn c, spawn d, spawn e, spawn f, spawn g, spawn h, "
		  "spawn i, spawn j, spawn k, spawn l, spawn m, spawn n, spawn o, spawn p, "
		  "spawn q, spawn r, spawn s, spawn t");
	expect_states(w, "/ starting");
	world_ready(w, "t");
	world_ready(w, "p");
	expect_states(w, "/ running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_concurrent_boot_starts_all_without_waiting),
		cmocka_unit_test(a_sequential_boot_beside_it_waits_as_ever),
		cmocka_unit_test(
			supervisors_in_a_concurrent_boot_boot_together_each_in_its_own_order),
		cmocka_unit_test(a_failure_while_others_are_starting_fails_the_boot),
		cmocka_unit_test(those_that_are_starting_are_stopped_one_by_one_in_reverse_order),
		cmocka_unit_test(two_failures_are_one_failed_boot),
		cmocka_unit_test(a_start_timeout_fails_a_concurrent_boot),
		cmocka_unit_test(a_spawn_that_fails_late_fails_a_concurrent_boot),
		cmocka_unit_test(a_crash_of_one_that_was_ready_is_handled_after_the_boot),
		cmocka_unit_test(a_failed_concurrent_boot_is_one_count_above_and_tried_again),
		cmocka_unit_test(restarts_and_commands_below_a_concurrent_one_are_as_ever),
		cmocka_unit_test(stops_below_a_concurrent_one_are_in_reverse_order),
		cmocka_unit_test(commands_wait_for_the_end_of_a_concurrent_boot),
		cmocka_unit_test(a_shutdown_takes_over_from_a_concurrent_boot),
		cmocka_unit_test(more_than_a_burst_of_spawns_starts_as_one_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
