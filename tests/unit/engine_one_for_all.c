/* engine_one_for_all.c - restarts under one_for_all: OTP-SEMANTICS, rule 5. */
#include "tests/sim/spec_test.h"

SPEC(one_for_all_stops_all_in_reverse_before_it_starts_any)
{
	struct world *w = world_boot("root one_for_all [ a b c d ]");

	world_show_ends(w, true);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, gone b, signal d, gone d, signal c, gone c, "
		  "signal a, gone a, spawn a, spawn b, spawn c, spawn d");
	world_free(w);
}

SPEC(one_for_all_is_the_same_for_the_first_and_the_last)
{
	struct world *w = world_boot("root one_for_all [ a b c ]");

	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal b, spawn a, spawn b, spawn c");
	world_exit(w, "c", 1);
	expect(w, "signal b, signal a, spawn a, spawn b, spawn c");
	world_free(w);
}

SPEC(one_for_all_counts_a_round_once)
{
	struct world *w = world_boot("root one_for_all 1/5 [ a b c d e ]");

	world_exit(w, "a", 1);
	assert_int_equal(world_view(w, "/").window, 1);
	expect_states(w, "/ running, a running, e running");
	world_free(w);
}

SPEC(one_for_all_removes_temporary_siblings_for_good)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a t:temporary b ]");

	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn t, spawn b, signal t, signal a, spawn a, spawn b");
	expect_states(w, "a running, t removed, b running");
	world_exit(w, "a", 1);
	expect(w, "signal b, spawn a, spawn b");
	world_free(w);
}

SPEC(one_for_all_waits_for_a_temporary_that_it_removes)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a t:temporary,shutdown=1s b ]");

	world_stop_delay(w, "t", WORLD_NEVER);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn t, spawn b, signal t");
	world_advance(w, 1000);
	expect(w, "kill t, signal a, spawn a, spawn b");
	world_free(w);
}

SPEC(one_for_all_starts_stopped_ones_again)
{
	struct world *w = world_boot("root one_for_all [ a b:transient c ]");

	world_command(w, CMD_STOP, "a");
	world_exit(w, "b", 0);
	expect(w, "spawn a, spawn b, spawn c, signal a, reply 1 ok");
	expect_states(w, "a stopped, b exited, c running");
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "a running, b running, c running");
	world_free(w);
}

SPEC(one_for_all_does_not_bring_back_deleted_ones)
{
	struct world *w = world_boot("root one_for_all [ a b c ]");

	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, signal b, reply 1 ok, reply 2 ok, signal a, "
		  "spawn a, spawn c");
	world_free(w);
}

SPEC(one_for_all_after_a_failed_start_stops_those_just_started_and_begins_again)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a b c d ]");

	world_fail_spawns(w, "c", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal d, signal c, signal a, spawn a, "
		  "spawn b, spawn c, signal b, signal a, spawn a, spawn b, spawn c, spawn d");
	assert_int_equal(world_view(w, "/").window, 2);
	expect_states(w, "/ running, a running, b running, c running, d running");
	world_free(w);
}

SPEC(one_for_all_gives_up_over_failed_starts)
{
	struct world *w = world_boot("root one_for_all 2/5 [ a b c ]");

	world_fail_spawns(w, "b", -1);
	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, signal b, signal a, spawn a, spawn b, signal a, "
		  "spawn a, spawn b, signal a, finished 1");
	world_free(w);
}

SPEC(one_for_all_shows_the_others_waiting_meanwhile)
{
	struct world *w = world_boot("root one_for_all [ a b c ]");

	world_stop_delay(w, "a", 100);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal a");
	expect_states(w, "/ restarting, a stopping, b waiting, c waiting");
	world_advance(w, 100);
	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "/ running, a running, b running, c running");
	world_free(w);
}

SPEC(one_for_all_takes_supervisors_down_and_up_with_the_rest)
{
	struct world *w = world_boot("root one_for_all [ a sub [ x y:temporary ] b ]");

	world_exit(w, "y", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, signal sub/x, signal a, spawn a, "
		  "spawn sub/x, spawn sub/y, spawn b");
	world_free(w);
}

SPEC(one_for_all_starts_each_only_when_the_one_before_is_ready)
{
	struct world *w = world_boot("root one_for_all [ a:notify b c ]");

	world_ready(w, "a");
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal a, spawn a");
	expect_states(w, "/ restarting, a starting, b waiting, c waiting");
	world_ready(w, "a");
	expect(w, "spawn b, spawn c");
	world_free(w);
}

SPEC(one_for_all_is_contained_in_its_supervisor)
{
	struct world *w = world_boot("root one_for_one [ a sub one_for_all [ x y ] b ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, signal sub/y, spawn sub/x, "
		  "spawn sub/y");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_for_all_stops_all_in_reverse_before_it_starts_any),
		cmocka_unit_test(one_for_all_is_the_same_for_the_first_and_the_last),
		cmocka_unit_test(one_for_all_counts_a_round_once),
		cmocka_unit_test(one_for_all_removes_temporary_siblings_for_good),
		cmocka_unit_test(one_for_all_waits_for_a_temporary_that_it_removes),
		cmocka_unit_test(one_for_all_starts_stopped_ones_again),
		cmocka_unit_test(one_for_all_does_not_bring_back_deleted_ones),
		cmocka_unit_test(
			one_for_all_after_a_failed_start_stops_those_just_started_and_begins_again),
		cmocka_unit_test(one_for_all_gives_up_over_failed_starts),
		cmocka_unit_test(one_for_all_shows_the_others_waiting_meanwhile),
		cmocka_unit_test(one_for_all_takes_supervisors_down_and_up_with_the_rest),
		cmocka_unit_test(one_for_all_starts_each_only_when_the_one_before_is_ready),
		cmocka_unit_test(one_for_all_is_contained_in_its_supervisor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
