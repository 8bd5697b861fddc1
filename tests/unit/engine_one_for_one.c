/* engine_one_for_one.c - restarts under one_for_one: OTP-SEMANTICS, rule 5. */
#include "tests/sim/spec_test.h"

SPEC(one_for_one_leaves_siblings_alone)
{
	struct world *w = world_boot("root [ a b c ]");

	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn b");
	world_exit(w, "a", 0);
	expect(w, "spawn a");
	world_exit(w, "c", 9);
	expect(w, "spawn c");
	world_free(w);
}

SPEC(one_for_one_leaves_stopped_siblings_stopped)
{
	struct world *w = world_boot("root [ a b:transient c ]");

	world_command(w, CMD_STOP, "a");
	world_exit(w, "b", 0);
	expect(w, "spawn a, spawn b, spawn c, signal a, reply 1 ok");
	world_exit(w, "c", 1);
	expect(w, "spawn c");
	expect_states(w, "a stopped, b exited, c running");
	world_free(w);
}

SPEC(one_for_one_goes_on_serving_siblings_while_one_is_slow_to_start)
{
	struct world *w = world_boot("root 9/5 [ a:notify b ]");

	world_ready(w, "a");
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a");
	expect_states(w, "a starting, b running");
	world_exit(w, "b", 1);
	expect(w, "");
	world_ready(w, "a");
	expect(w, "spawn b");
	expect_states(w, "/ running, a running, b running");
	world_free(w);
}

SPEC(one_for_one_tries_a_failed_start_again_at_once)
{
	struct world *w = world_boot("root 3/5 [ a b c ]");

	world_fail_spawns(w, "b", 2);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn b, spawn b, spawn b");
	expect_states(w, "/ running, a running, b running, c running");
	assert_int_equal(world_view(w, "/").window, 3);
	world_free(w);
}

SPEC(one_for_one_counts_every_try_and_gives_up)
{
	struct world *w = world_boot("root 3/5 [ a b c ]");

	world_fail_spawns(w, "b", -1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn b, spawn b, spawn b, signal c, signal a, "
		  "finished 1");
	world_free(w);
}

SPEC(one_for_one_tries_again_whatever_the_status_of_the_failed_start)
{
	struct world *w = world_boot("root 3/5 [ a:transient,notify b ]");

	world_ready(w, "a");
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a");
	world_exit(w, "a", 0);
	expect(w, "spawn a");
	world_ready(w, "a");
	expect_states(w, "/ running, a running");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(one_for_one_serves_what_came_meanwhile_before_the_next_try)
{
	struct world *w = world_boot("root 9/5 [ a b ]");

	expect(w, "spawn a, spawn b");
	world_fail_spawns(w, "a", 1);
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_release(w);
	expect(w, "spawn a, spawn b, spawn a");
	world_free(w);
}

SPEC(one_for_one_restarts_a_supervisor_below_as_one_child)
{
	struct world *w = world_boot("root [ a sub 0/5 [ x y ] b ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, signal sub/y, spawn sub/x, "
		  "spawn sub/y");
	world_free(w);
}

SPEC(a_restart_counts_in_the_view_of_the_child)
{
	struct world *w = world_boot("root [ a b ]");

	world_exit(w, "a", 3);
	world_exit(w, "a", 4);
	assert_int_equal(world_view(w, "a").restarts, 2);
	assert_int_equal(world_view(w, "b").restarts, 0);
	assert_int_equal(world_view(w, "a").end.kind, END_EXITED);
	assert_int_equal(world_view(w, "a").end.value, 4);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_for_one_leaves_siblings_alone),
		cmocka_unit_test(one_for_one_leaves_stopped_siblings_stopped),
		cmocka_unit_test(one_for_one_goes_on_serving_siblings_while_one_is_slow_to_start),
		cmocka_unit_test(one_for_one_tries_a_failed_start_again_at_once),
		cmocka_unit_test(one_for_one_counts_every_try_and_gives_up),
		cmocka_unit_test(one_for_one_tries_again_whatever_the_status_of_the_failed_start),
		cmocka_unit_test(one_for_one_serves_what_came_meanwhile_before_the_next_try),
		cmocka_unit_test(one_for_one_restarts_a_supervisor_below_as_one_child),
		cmocka_unit_test(a_restart_counts_in_the_view_of_the_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
