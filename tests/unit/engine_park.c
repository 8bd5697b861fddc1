/* engine_park.c - supervisors that are parked at their limit: OTP-SEMANTICS, rule 11, on_limit. */
#include "tests/sim/spec_test.h"

SPEC(a_parked_supervisor_stops_its_children_and_costs_its_parent_nothing)
{
	struct world *w = world_boot("root 0/5 [ a sub 1/5 park [ x y z ] b ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn sub/z, spawn b");
	world_exit(w, "y", 1);
	world_exit(w, "y", 1);
	expect(w, "spawn sub/y, signal sub/z, signal sub/x");
	expect_states(w, "/ running, a running, sub parked, sub/y exited, b running");
	assert_int_equal(world_view(w, "/").window, 0);
	world_advance(w, 3600000);
	expect(w, "");
	assert_int_equal(world_view(w, "sub").next_try_ms, ENGINE_NEVER);
	world_free(w);
}

SPEC(siblings_are_restarted_as_ever_beside_a_parked_one)
{
	struct world *w = world_boot("root 1/5 [ a sub 0/5 park [ x ] b ]");

	world_exit(w, "x", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn sub/x, spawn b, spawn a");
	expect_states(w, "/ running, a running, sub parked, b running");
	world_free(w);
}

SPEC(a_temporary_supervisor_is_parked_too)
{
	struct world *w = world_boot("root [ a sub:temporary 0/5 park [ x ] ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x");
	expect_states(w, "sub parked");
	world_free(w);
}

SPEC(one_that_is_parked_waits_for_its_children_to_go)
{
	struct world *w = world_boot("root [ sub 0/5 park [ x y ] ]");

	world_stop_delay(w, "y", 100);
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn sub/y, signal sub/y");
	expect_states(w, "sub stopping");
	world_advance(w, 100);
	expect_states(w, "sub parked");
	world_free(w);
}

SPEC(only_the_limit_parks)
{
	struct world *w = world_boot("root 1/5 [ a sub 0/5 park any_significant [ x "
				     "y:temporary,significant ] ]");

	/* an automatic shutdown does not */
	world_exit(w, "y", 0);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, signal sub/x, spawn sub/x, spawn sub/y");
	/* nor does a boot that fails */
	world_fail_spawns(w, "x", 1);
	world_exit(w, "y", 0);
	expect(w, "signal sub/x, signal a, finished 1");
	world_free(w);
}

SPEC(a_failed_first_boot_is_a_failed_start_and_does_not_park)
{
	struct world *w = world_new("root [ a sub park [ x ] ]", 1);

	world_fail_spawns(w, "x", 1);
	world_start(w);
	expect(w, "spawn a, spawn sub/x, signal a, finished 1");
	world_free(w);
}

/* ---- coming back */

SPEC(a_start_boots_a_parked_one_anew)
{
	struct world *w = world_boot("root 0/5 [ sub 1/60 park [ x y ] ]");

	world_command(w, CMD_STOP, "y");
	world_exit(w, "x", 1);
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn sub/y, signal sub/y, reply 1 ok, spawn sub/x");
	expect_states(w, "sub parked");
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/y, reply 2 ok");
	expect_states(w, "/ running, sub running, x running, y running");
	/* with an empty counter */
	assert_int_equal(world_view(w, "sub").window, 0);
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x");
	world_exit(w, "x", 1);
	expect(w, "signal sub/y");
	expect_states(w, "/ running, sub parked");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(a_start_whose_boot_fails_is_refused_and_counts_nothing)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park [ x y ] ]");

	world_exit(w, "x", 1);
	world_fail_spawns(w, "y", 1);
	world_command(w, CMD_START, "sub");
	expect(w, "spawn a, spawn sub/x, spawn sub/y, signal sub/y, spawn sub/x, spawn sub/y, "
		  "signal sub/x, reply 1 start_failed");
	expect_states(w, "/ running, a running");
	assert_int_equal(world_view(w, "/").window, 0);
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/y, reply 2 ok");
	world_free(w);
}

SPEC(a_restart_of_a_parked_one_starts_it)
{
	struct world *w = world_boot("root 0/5 [ sub 0/5 park [ x ] ]");

	world_exit(w, "x", 1);
	world_command(w, CMD_RESTART, "sub");
	expect(w, "spawn sub/x, spawn sub/x, reply 1 ok");
	expect_states(w, "sub running");
	world_free(w);
}

SPEC(retry_after_boots_it_anew)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=5m [ x y ] ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y");
	world_advance(w, 1000);
	world_stop_delay(w, "y", 500);
	world_exit(w, "x", 1);
	world_advance(w, 500);
	expect(w, "signal sub/y");
	assert_int_equal(world_view(w, "sub").next_try_ms, 301500);
	world_advance(w, 299999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn sub/x, spawn sub/y");
	expect_states(w, "/ running, sub running");
	assert_int_equal(world_view(w, "/").window, 0);
	assert_int_equal(world_deadline(w), ENGINE_NEVER);
	world_free(w);
}

SPEC(retry_after_parks_again_when_the_boot_fails)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=1m [ x y ] ]");

	world_exit(w, "x", 1);
	world_fail_spawns(w, "y", 2);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, signal sub/y");
	for (int i = 0; i < 2; i++) {
		world_advance(w, 60000);
		expect(w, "spawn sub/x, spawn sub/y, signal sub/x");
		expect_states(w, "/ running, a running, sub parked");
	}
	world_advance(w, 60000);
	expect(w, "spawn sub/x, spawn sub/y");
	expect_states(w, "/ running, a running, sub running");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(retry_after_waits_for_a_busy_parent)
{
	struct world *w =
		world_boot("root 9/5 [ slow:notify,timeout=infinity sub 0/5 park=1s [ x ] ]");

	world_ready(w, "slow");
	world_exit(w, "x", 1);
	world_exit(w, "slow", 1);
	expect(w, "spawn slow, spawn sub/x, spawn slow");
	world_advance(w, 5000);
	expect(w, "");
	world_ready(w, "slow");
	expect(w, "spawn sub/x");
	world_free(w);
}

SPEC(a_start_that_came_before_retry_after_serves_for_both)
{
	struct world *w =
		world_boot("root 9/5 [ slow:notify,timeout=infinity sub 0/5 park=1s [ x ] ]");

	world_ready(w, "slow");
	world_exit(w, "x", 1);
	world_exit(w, "slow", 1);
	expect(w, "spawn slow, spawn sub/x, spawn slow");
	world_command(w, CMD_START, "sub");
	world_advance(w, 5000);
	world_ready(w, "slow");
	expect(w, "spawn sub/x, reply 1 ok");
	world_advance(w, 5000);
	expect(w, "");
	world_free(w);
}

/* ---- not coming back */

SPEC(a_stop_of_a_parked_one_ends_the_waiting)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=1m [ x ] ]");

	world_exit(w, "x", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/x, reply 1 ok");
	expect_states(w, "sub stopped");
	world_advance(w, 120000);
	expect(w, "");
	world_free(w);
}

SPEC(a_stop_of_one_that_is_parked_for_good_makes_it_stopped)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park [ x ] ]");

	world_exit(w, "x", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/x, reply 1 ok");
	expect_states(w, "sub stopped");
	world_free(w);
}

SPEC(a_stop_that_comes_while_it_is_being_parked_stops_it)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=1m [ x y ] ]");

	world_stop_delay(w, "y", 100);
	world_exit(w, "x", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/x, spawn sub/y, signal sub/y");
	world_advance(w, 120000);
	expect(w, "reply 1 ok");
	expect_states(w, "sub stopped");
	world_free(w);
}

SPEC(delete_takes_a_parked_one)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=1m [ x ] ]");

	world_exit(w, "x", 1);
	world_command(w, CMD_DELETE, "sub");
	expect(w, "spawn a, spawn sub/x, reply 1 ok");
	expect_states(w, "/ running, a running, sub removed");
	world_advance(w, 120000);
	expect(w, "");
	world_free(w);
}

SPEC(commands_below_a_parked_one_find_it_down)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park [ x y ] ]");

	world_exit(w, "x", 1);
	world_command(w, CMD_START, "y");
	world_add(w, "sub", "z");
	expect(w, "spawn a, spawn sub/x, spawn sub/y, signal sub/y, "
		  "reply 1 supervisor_down parked, reply 2 supervisor_down parked");
	world_free(w);
}

SPEC(shutdown_needs_nothing_for_a_parked_one)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=1m [ x ] b ]");

	world_exit(w, "x", 1);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn sub/x, spawn b, signal b, signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_takes_over_from_parking)
{
	struct world *w = world_boot("root 0/5 [ a sub 0/5 park=1m [ x y z ] b ]");

	world_stop_delay(w, "z", 100);
	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn sub/z, spawn b, signal sub/z");
	world_shutdown(w, false);
	expect(w, "signal b");
	world_advance(w, 100);
	expect(w, "signal sub/y, signal a, finished 0");
	world_free(w);
}

/* ---- with its group */

SPEC(a_parked_one_is_started_again_with_its_group)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub 0/5 park=1m [ x ] b ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn b");
	world_exit(w, "b", 1);
	expect(w, "signal a, spawn a, spawn sub/x, spawn b");
	expect_states(w, "/ running, sub running");
	world_advance(w, 120000);
	expect(w, "");
	world_free(w);
}

SPEC(a_parked_one_outside_the_set_stays_parked)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a sub 0/5 park [ x ] b c ]");

	world_exit(w, "x", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn sub/x, spawn b, spawn c, signal c, spawn b, spawn c");
	expect_states(w, "/ running, sub parked");
	world_free(w);
}

SPEC(a_parked_one_comes_back_with_its_supervisor)
{
	struct world *w = world_boot("root 9/5 [ top 0/5 [ p sub 0/5 park [ x ] ] ]");

	world_exit(w, "x", 1);
	world_exit(w, "p", 1);
	expect(w, "spawn top/p, spawn top/sub/x, spawn top/p, spawn top/sub/x");
	expect_states(w, "top running, sub running");
	world_free(w);
}

SPEC(one_that_parks_during_the_boot_of_its_supervisor_does_not_fail_it)
{
	struct world *w = world_boot("root 0/5 [ sub 0/5 park [ x ] n:notify ]");

	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn n");
	world_ready(w, "n");
	expect_states(w, "/ running, sub parked, n running");
	world_free(w);
}

SPEC(a_parked_dynamic_supervisor_comes_back_empty)
{
	struct world *w = world_boot("root 0/5 [ jobs:dynamic 0/5 park=1m [ job ] ]");

	world_add(w, "jobs", "i1");
	world_add(w, "jobs", "i2");
	world_exit(w, "i1", 1);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok, signal jobs/i2");
	expect_states(w, "/ running, jobs parked, jobs/i1 removed, jobs/i2 removed");
	assert_int_equal(world_given_back(w), 2);
	world_advance(w, 60000);
	expect(w, "");
	expect_states(w, "jobs running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_parked_supervisor_stops_its_children_and_costs_its_parent_nothing),
		cmocka_unit_test(siblings_are_restarted_as_ever_beside_a_parked_one),
		cmocka_unit_test(a_temporary_supervisor_is_parked_too),
		cmocka_unit_test(one_that_is_parked_waits_for_its_children_to_go),
		cmocka_unit_test(only_the_limit_parks),
		cmocka_unit_test(a_failed_first_boot_is_a_failed_start_and_does_not_park),
		cmocka_unit_test(a_start_boots_a_parked_one_anew),
		cmocka_unit_test(a_start_whose_boot_fails_is_refused_and_counts_nothing),
		cmocka_unit_test(a_restart_of_a_parked_one_starts_it),
		cmocka_unit_test(retry_after_boots_it_anew),
		cmocka_unit_test(retry_after_parks_again_when_the_boot_fails),
		cmocka_unit_test(retry_after_waits_for_a_busy_parent),
		cmocka_unit_test(a_start_that_came_before_retry_after_serves_for_both),
		cmocka_unit_test(a_stop_of_a_parked_one_ends_the_waiting),
		cmocka_unit_test(a_stop_of_one_that_is_parked_for_good_makes_it_stopped),
		cmocka_unit_test(a_stop_that_comes_while_it_is_being_parked_stops_it),
		cmocka_unit_test(delete_takes_a_parked_one),
		cmocka_unit_test(commands_below_a_parked_one_find_it_down),
		cmocka_unit_test(shutdown_needs_nothing_for_a_parked_one),
		cmocka_unit_test(shutdown_takes_over_from_parking),
		cmocka_unit_test(a_parked_one_is_started_again_with_its_group),
		cmocka_unit_test(a_parked_one_outside_the_set_stays_parked),
		cmocka_unit_test(a_parked_one_comes_back_with_its_supervisor),
		cmocka_unit_test(one_that_parks_during_the_boot_of_its_supervisor_does_not_fail_it),
		cmocka_unit_test(a_parked_dynamic_supervisor_comes_back_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
