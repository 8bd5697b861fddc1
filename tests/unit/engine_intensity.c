/* engine_intensity.c - the restart limit and its window: OTP-SEMANTICS, rule 5.1. */
#include "tests/sim/spec_test.h"

SPEC(as_many_restarts_as_the_limit_are_allowed)
{
	struct world *w = world_boot("root 3/5 [ a b ]");

	for (int i = 0; i < 3; i++)
		world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a, spawn a, spawn a");
	assert_int_equal(world_view(w, "/").window, 3);
	world_free(w);
}

SPEC(one_more_than_the_limit_gives_up)
{
	struct world *w = world_boot("root 3/5 [ a b c ]");

	for (int i = 0; i < 4; i++)
		world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn b, spawn b, spawn b, signal c, signal a, "
		  "finished 1");
	world_free(w);
}

SPEC(with_a_limit_of_none_the_first_restart_gives_up)
{
	struct world *w = world_boot("root 0/5 [ a b ]");

	world_exit(w, "a", 0);
	expect(w, "spawn a, spawn b, signal b, finished 1");
	world_free(w);
}

SPEC(all_children_share_the_limit)
{
	struct world *w = world_boot("root 2/5 [ a b c ]");

	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn a, spawn b, signal b, signal a, finished 1");
	world_free(w);
}

SPEC(a_restart_as_old_as_the_window_counts)
{
	struct world *w = world_boot("root 1/5 [ a ]");

	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn a");
	world_advance(w, 5000);
	world_exit(w, "a", 1);
	expect(w, "finished 1");
	world_free(w);
}

SPEC(a_restart_older_than_the_window_does_not_count)
{
	struct world *w = world_boot("root 1/5 [ a ]");

	for (int i = 0; i < 10; i++) {
		world_exit(w, "a", 1);
		world_advance(w, 5001);
	}
	expect(w, "spawn a, spawn a, spawn a, spawn a, spawn a, spawn a, spawn a, spawn a, "
		  "spawn a, spawn a, spawn a");
	world_free(w);
}

SPEC(the_window_slides)
{
	struct world *w = world_boot("root 2/5 [ a ]");

	world_exit(w, "a", 1);
	world_advance(w, 3000);
	world_exit(w, "a", 1);
	world_advance(w, 2001);
	world_exit(w, "a", 1); /* the first is out */
	expect(w, "spawn a, spawn a, spawn a, spawn a");
	assert_int_equal(world_view(w, "/").window, 2);
	world_advance(w, 2999);
	world_exit(w, "a", 1); /* at 8000, the second, of 3000, still counts */
	expect(w, "finished 1");
	world_free(w);
}

SPEC(the_window_slides_on)
{
	struct world *w = world_boot("root 2/5 [ a ]");

	world_exit(w, "a", 1);
	world_advance(w, 3000);
	world_exit(w, "a", 1);
	world_advance(w, 2001);
	world_exit(w, "a", 1);
	world_advance(w, 3000);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn a, spawn a, spawn a, spawn a");
	world_free(w);
}

SPEC(a_window_may_be_shorter_than_a_second)
{
	struct world *w = world_boot("root 1/500ms [ a ]");

	world_exit(w, "a", 1);
	world_advance(w, 501);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn a, spawn a");
	world_advance(w, 500);
	world_exit(w, "a", 1);
	expect(w, "finished 1");
	world_free(w);
}

SPEC(a_high_limit_is_kept_exactly)
{
	struct world *w = world_boot("root 1000/60 [ a ]");

	for (int i = 0; i < 1000; i++) {
		world_exit(w, "a", 1);
		world_advance(w, 60);
	}
	expect_states(w, "/ running, a running");
	world_exit(w, "a", 1); /* at 60000: that of 0 still counts */
	assert_true(world_finished(w));
	world_free(w);
}

SPEC(the_time_of_the_death_counts_not_that_of_the_start)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a b ]");

	world_stop_delay(w, "b", 4000);
	world_exit(w, "a", 1);
	world_advance(w, 4000);
	expect(w, "spawn a, spawn b, signal b, spawn a, spawn b");
	world_stop_delay(w, "b", 0);
	world_advance(w, 1001);
	world_exit(w, "a", 1); /* at 5001, started at 4000, died at 0 */
	expect(w, "signal b, spawn a, spawn b");
	world_free(w);
}

SPEC(a_failed_start_counts_as_a_restart)
{
	struct world *w = world_boot("root 2/5 [ a b ]");

	world_fail_spawns(w, "a", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a, spawn a");
	world_exit(w, "b", 1);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(what_is_no_restart_does_not_count)
{
	struct world *w = world_boot("root 0/5 [ a t:temporary u:temporary n:transient ]");

	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	world_command(w, CMD_RESTART, "a");
	world_exit(w, "t", 1);
	world_die(w, "u", 11);
	world_exit(w, "n", 0);
	expect(w, "spawn a, spawn t, spawn u, spawn n, signal a, reply 1 ok, spawn a, reply 2 ok, "
		  "signal a, spawn a, reply 3 ok");
	expect_states(w, "/ running, a running, t removed, u removed, n exited");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(limits_of_different_supervisors_are_their_own)
{
	struct world *w = world_boot("root 1/5 [ s1 1/5 [ a ] s2 1/5 [ b ] c ]");

	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_exit(w, "c", 1);
	expect(w, "spawn s1/a, spawn s2/b, spawn c, spawn s1/a, spawn s2/b, spawn c");
	world_free(w);
}

SPEC(giving_up_waits_for_slow_stops)
{
	struct world *w = world_boot("root 0/5 [ a b c:shutdown=1s ]");

	world_stop_delay(w, "c", WORLD_NEVER);
	world_stop_delay(w, "a", 10);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c");
	world_advance(w, 1000);
	expect(w, "kill c, signal a");
	world_advance(w, 10);
	expect(w, "finished 1");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_restarts_as_the_limit_are_allowed),
		cmocka_unit_test(one_more_than_the_limit_gives_up),
		cmocka_unit_test(with_a_limit_of_none_the_first_restart_gives_up),
		cmocka_unit_test(all_children_share_the_limit),
		cmocka_unit_test(a_restart_as_old_as_the_window_counts),
		cmocka_unit_test(a_restart_older_than_the_window_does_not_count),
		cmocka_unit_test(the_window_slides),
		cmocka_unit_test(the_window_slides_on),
		cmocka_unit_test(a_window_may_be_shorter_than_a_second),
		cmocka_unit_test(a_high_limit_is_kept_exactly),
		cmocka_unit_test(the_time_of_the_death_counts_not_that_of_the_start),
		cmocka_unit_test(a_failed_start_counts_as_a_restart),
		cmocka_unit_test(what_is_no_restart_does_not_count),
		cmocka_unit_test(limits_of_different_supervisors_are_their_own),
		cmocka_unit_test(giving_up_waits_for_slow_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
