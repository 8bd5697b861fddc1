/* engine_rest_for_one.c - restarts under rest_for_one: OTP-SEMANTICS, rule 5. */
#include "tests/sim/spec_test.h"

SPEC(rest_for_one_leaves_earlier_siblings_alone)
{
	struct world *w = world_boot("root rest_for_one [ a b c d ]");

	world_exit(w, "c", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal d, spawn c, spawn d");
	world_free(w);
}

SPEC(rest_for_one_stops_the_later_ones_in_reverse_before_it_starts_any)
{
	struct world *w = world_boot("root rest_for_one [ a b c d ]");

	world_show_ends(w, true);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, gone b, signal d, gone d, signal c, gone c, "
		  "spawn b, spawn c, spawn d");
	world_free(w);
}

SPEC(rest_for_one_for_the_first_is_all_and_for_the_last_is_one)
{
	struct world *w = world_boot("root rest_for_one [ a b c ]");

	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal b, spawn a, spawn b, spawn c");
	world_exit(w, "c", 1);
	expect(w, "spawn c");
	world_free(w);
}

SPEC(rest_for_one_removes_temporary_ones_in_the_set_only)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ s:temporary a t:temporary b ]");

	world_exit(w, "a", 1);
	expect(w, "spawn s, spawn a, spawn t, spawn b, signal b, signal t, spawn a, spawn b");
	expect_states(w, "s running, a running, t removed, b running");
	world_free(w);
}

SPEC(rest_for_one_starts_stopped_ones_in_the_set_only)
{
	struct world *w = world_boot("root rest_for_one [ a b c d:transient ]");

	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_STOP, "c");
	world_exit(w, "d", 0);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal a, reply 1 ok, signal c, reply 2 ok");
	world_exit(w, "b", 1);
	expect(w, "spawn b, spawn c, spawn d");
	expect_states(w, "a stopped, b running, c running, d running");
	world_free(w);
}

SPEC(rest_for_one_after_a_failed_start_begins_at_the_child_that_failed)
{
	struct world *w = world_boot("root rest_for_one 2/5 [ a b c d ]");

	world_fail_spawns(w, "c", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal d, signal c, signal b, spawn a, "
		  "spawn b, spawn c, spawn c, spawn d");
	expect_states(w, "/ running, a running, b running, c running, d running");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(rest_for_one_gives_up_over_failed_starts)
{
	struct world *w = world_boot("root rest_for_one 2/5 [ a b c d ]");

	world_fail_spawns(w, "c", -1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal d, signal c, spawn b, spawn c, "
		  "spawn c, signal b, signal a, finished 1");
	world_free(w);
}

SPEC(rest_for_one_between_two_tries_serves_an_earlier_death_first)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_fail_spawns(w, "b", 1);
	world_spawn_delay(w, "b", 10);
	world_exit(w, "b", 1);
	expect(w, "signal c, spawn b");
	world_exit(w, "a", 1);
	expect(w, "");
	world_advance(w, 10);
	/* b failed; a's death was first in the queue; it starts b too, so b's retry is void */
	expect(w, "spawn a, spawn b");
	world_advance(w, 10);
	expect(w, "spawn c");
	world_advance(w, 60000);
	expect(w, "");
	assert_int_equal(world_view(w, "b").restarts + world_view(w, "a").restarts, 3);
	world_free(w);
}

SPEC(rest_for_one_shows_the_rest_waiting_meanwhile)
{
	struct world *w = world_boot("root rest_for_one [ a b:notify c ]");

	world_ready(w, "b");
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, spawn b");
	expect_states(w, "/ restarting, a running, b starting, c waiting");
	world_ready(w, "b");
	expect(w, "spawn c");
	world_free(w);
}

SPEC(rest_for_one_takes_later_supervisors_down_and_up)
{
	struct world *w = world_boot("root rest_for_one [ a s1 [ x y ] s2 [ z ] ]");

	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn s1/x, spawn s1/y, spawn s2/z, signal s2/z, signal s1/y, "
		  "signal s1/x, spawn a, spawn s1/x, spawn s1/y, spawn s2/z");
	world_exit(w, "x", 1);
	expect(w, "spawn s1/x");
	world_free(w);
}

SPEC(rest_for_one_for_a_supervisor_that_gave_up)
{
	struct world *w = world_boot("root rest_for_one [ a sub 0/5 [ x y ] c ]");

	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn c, signal sub/y, signal c, "
		  "spawn sub/x, spawn sub/y, spawn c");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rest_for_one_leaves_earlier_siblings_alone),
		cmocka_unit_test(rest_for_one_stops_the_later_ones_in_reverse_before_it_starts_any),
		cmocka_unit_test(rest_for_one_for_the_first_is_all_and_for_the_last_is_one),
		cmocka_unit_test(rest_for_one_removes_temporary_ones_in_the_set_only),
		cmocka_unit_test(rest_for_one_starts_stopped_ones_in_the_set_only),
		cmocka_unit_test(rest_for_one_after_a_failed_start_begins_at_the_child_that_failed),
		cmocka_unit_test(rest_for_one_gives_up_over_failed_starts),
		cmocka_unit_test(rest_for_one_between_two_tries_serves_an_earlier_death_first),
		cmocka_unit_test(rest_for_one_shows_the_rest_waiting_meanwhile),
		cmocka_unit_test(rest_for_one_takes_later_supervisors_down_and_up),
		cmocka_unit_test(rest_for_one_for_a_supervisor_that_gave_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
