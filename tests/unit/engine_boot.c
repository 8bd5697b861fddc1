/* engine_boot.c - start of a supervisor: OTP-SEMANTICS, rule 2. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/spec_test.h"

SPEC(children_start_in_spec_order_depth_first)
{
	struct world *w = world_boot("root [ a sub [ x y ] b ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b");
	expect_states(
		w, "/ running, a running, sub running, sub/x running, sub/y running, b running");
	world_free(w);
}

SPEC(the_strategy_does_not_change_the_boot)
{
	struct world *w = world_boot("root one_for_all [ a b c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_free(w);
	w = world_boot("root rest_for_one [ a b c ]");
	expect(w, "spawn a, spawn b, spawn c");
	world_free(w);
}

SPEC(a_supervisor_without_children_is_up_at_once)
{
	struct world *w = world_boot("root [ none [ ] a ]");

	expect(w, "spawn a");
	expect_states(w, "/ running, none running, a running");
	world_free(w);
	w = world_boot("root [ ]");
	expect(w, "");
	expect_states(w, "/ running");
	world_shutdown(w, false);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(nothing_starts_before_the_boot)
{
	struct world *w = world_new("root [ a sub [ x ] ]", 1);

	expect(w, "");
	expect_states(w, "/ waiting, a waiting, sub waiting, sub/x waiting");
	world_free(w);
}

SPEC(the_next_starts_only_when_the_one_before_is_ready)
{
	struct world *w = world_boot("root [ a:notify sub [ x:notify ] b ]");

	expect(w, "spawn a");
	expect_states(w, "/ starting, a starting, sub waiting, sub/x waiting, b waiting");
	world_ready(w, "a");
	expect(w, "spawn sub/x");
	expect_states(w, "/ starting, a running, sub starting, sub/x starting, b waiting");
	world_ready(w, "sub/x");
	expect(w, "spawn b");
	expect_states(w, "/ running, a running, sub running, sub/x running, b running");
	world_free(w);
}

SPEC(a_slow_answer_to_a_spawn_is_waited_for)
{
	struct world *w = world_new("root [ a b ]", 1);

	world_spawn_delay(w, "a", 50);
	world_start(w);
	expect(w, "spawn a");
	world_advance(w, 49);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn b");
	world_free(w);
}

SPEC(a_failed_start_stops_the_earlier_ones_in_reverse_and_ends_the_program)
{
	struct world *w = world_new("root [ a b c d ]", 1);

	world_fail_spawns(w, "c", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, spawn c, signal b, signal a, finished 1");
	world_free(w);
}

SPEC(a_failed_first_start_leaves_nothing_to_stop)
{
	struct world *w = world_new("root [ a b ]", 1);

	world_fail_spawns(w, "a", 1);
	world_start(w);
	expect(w, "spawn a, finished 1");
	world_free(w);
}

SPEC(a_failed_boot_stops_one_after_the_other)
{
	struct world *w = world_new("root [ a b c ]", 1);

	world_show_ends(w, true);
	world_stop_delay(w, "b", 100);
	world_fail_spawns(w, "c", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, spawn c, gone c, signal b");
	world_advance(w, 100);
	expect(w, "gone b, signal a, gone a, finished 1");
	world_free(w);
}

SPEC(a_failed_start_fails_the_boot_whatever_the_restart_type)
{
	static const char *const TREES[] = {
		"root 9/5 [ a b:permanent c ]",
		"root 9/5 [ a b:transient c ]",
		"root 9/5 [ a b:temporary c ]",
		"root one_for_all 9/5 [ a b:temporary c ]",
		"root rest_for_one 9/5 [ a b:transient c ]",
	};

	for (size_t i = 0; i < sizeof(TREES) / sizeof(TREES[0]); i++) {
		struct world *w = world_new(TREES[i], 1);

		world_fail_spawns(w, "b", 1);
		world_start(w);
		expect(w, "spawn a, spawn b, signal a, finished 1");
		world_free(w);
	}
}

SPEC(a_failed_boot_below_fails_the_boot_above)
{
	struct world *w = world_new("root 9/5 [ a sub:temporary 9/5 [ x y z ] b ]", 1);

	world_fail_spawns(w, "sub/y", 1);
	world_start(w);
	expect(w, "spawn a, spawn sub/x, spawn sub/y, signal sub/x, signal a, finished 1");
	world_free(w);
}

SPEC(a_failed_boot_five_levels_down_unwinds_all_of_them)
{
	struct world *w = world_new("root [ a s1 [ b s2 [ c s3 [ d s4 [ e f ] ] ] ] never ]", 1);

	world_fail_spawns(w, "f", -1);
	world_start(w);
	expect(w, "spawn a, spawn s1/b, spawn s1/s2/c, spawn s1/s2/s3/d, spawn s1/s2/s3/s4/e, "
		  "spawn s1/s2/s3/s4/f, signal s1/s2/s3/s4/e, signal s1/s2/s3/d, "
		  "signal s1/s2/c, signal s1/b, signal a, finished 1");
	world_free(w);
}

SPEC(an_exit_during_the_boot_is_handled_right_after_it)
{
	struct world *w = world_boot("root [ a b:notify c ]");

	expect(w, "spawn a, spawn b");
	world_exit(w, "a", 1);
	expect(w, "");
	expect_states(w, "a waiting, b starting");
	world_ready(w, "b");
	expect(w, "spawn c, spawn a");
	world_free(w);
}

SPEC(an_exit_during_the_boot_below_waits_for_that_boot_only)
{
	struct world *w = world_boot("root [ sub one_for_all [ x y:notify ] ]");

	expect(w, "spawn sub/x, spawn sub/y");
	world_exit(w, "sub/x", 1);
	expect(w, "");
	world_ready(w, "sub/y");
	expect(w, "signal sub/y, spawn sub/x, spawn sub/y");
	world_free(w);
}

SPEC(an_exit_during_the_boot_counts)
{
	struct world *w = world_boot("root 0/5 [ a b:notify c ]");

	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b");
	world_ready(w, "b");
	expect(w, "spawn c, signal c, signal b, finished 1");
	world_free(w);
}

SPEC(a_temporary_that_dies_during_the_boot_does_not_fail_it)
{
	struct world *w = world_boot("root [ a:temporary b:notify c ]");

	world_exit(w, "a", 1);
	world_ready(w, "b");
	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "/ running, a removed, b running, c running");
	world_free(w);
}

SPEC(one_that_is_dead_already_needs_no_stop_when_the_boot_fails)
{
	struct world *w = world_boot("root [ a b c:notify d ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_exit(w, "b", 1);
	world_exit(w, "c", 1);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(a_restarted_supervisor_begins_from_its_configured_spec)
{
	struct world *w = world_boot("root [ sub 1/5 [ a b:temporary c d:transient e ] ]");

	expect(w, "spawn sub/a, spawn sub/b, spawn sub/c, spawn sub/d, spawn sub/e");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_DELETE, "a");
	expect(w, "signal sub/a, reply 1 ok, reply 2 ok");
	world_exit(w, "b", 0);
	world_exit(w, "d", 0);
	world_command(w, CMD_STOP, "e");
	expect(w, "signal sub/e, reply 3 ok");
	expect_states(w, "a removed, b removed, c running, d exited, e stopped");
	world_exit(w, "c", 1);
	expect(w, "spawn sub/c");
	world_exit(w, "c", 1);
	expect(w, "spawn sub/a, spawn sub/b, spawn sub/c, spawn sub/d, spawn sub/e");
	expect_states(w, "a running, b running, c running, d running, e running");
	world_free(w);
}

SPEC(a_restarted_supervisor_begins_from_zero_restarts)
{
	struct world *w = world_boot("root 9/5 [ sub 1/5 [ a ] ]");

	for (int i = 0; i < 4; i++) {
		world_exit(w, "a", 1);
		world_exit(w, "a", 1);
	}
	expect(w, "spawn sub/a, spawn sub/a, spawn sub/a, spawn sub/a, spawn sub/a, "
		  "spawn sub/a, spawn sub/a, spawn sub/a, spawn sub/a");
	assert_int_equal(world_view(w, "/").window, 4);
	world_free(w);
}

SPEC(a_supervisor_started_by_command_begins_from_its_configured_spec)
{
	struct world *w = world_boot("root [ sub 1/5 [ a b:temporary c ] ]");

	world_exit(w, "b", 0);
	world_exit(w, "c", 0);
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_DELETE, "a");
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/a, spawn sub/b, spawn sub/c, spawn sub/c, signal sub/a, reply 1 ok, "
		  "reply 2 ok, signal sub/c, reply 3 ok");
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/a, spawn sub/b, spawn sub/c, reply 4 ok");
	world_exit(w, "c", 0);
	expect(w, "spawn sub/c");
	world_free(w);
}

SPEC(sixteen_levels_start_and_stop)
{
	struct world *w = world_boot("root [ a [ b [ c [ d [ e [ f [ g [ h [ i [ j [ k [ l [ m [ n "
				     "[ o x ] ] ] ] ] ] ] ] ] ] ] ] ] ] y ]");

	expect(w, "spawn a/b/c/d/e/f/g/h/i/j/k/l/m/n/o, spawn a/b/c/d/e/f/g/h/i/j/k/l/m/n/x, "
		  "spawn y");
	world_shutdown(w, false);
	expect(w, "signal y, signal a/b/c/d/e/f/g/h/i/j/k/l/m/n/x, "
		  "signal a/b/c/d/e/f/g/h/i/j/k/l/m/n/o, finished 0");
	world_free(w);
}

SPEC(two_thousand_children_start_and_stop)
{
	enum { CHILDREN = 2000 };
	char *tree = calloc(CHILDREN, 8);
	struct world *w;
	size_t n;

	assert_non_null(tree);
	n = (size_t)sprintf(tree, "root [");
	for (int i = 0; i < CHILDREN; i++)
		n += (size_t)sprintf(tree + n, " c%d", i);
	(void)sprintf(tree + n, " ]");
	w = world_boot(tree);
	assert_int_equal(world_alive(w), CHILDREN);
	world_shutdown(w, false);
	assert_int_equal(world_alive(w), 0);
	assert_true(world_finished(w));
	world_free(w);
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_start_in_spec_order_depth_first),
		cmocka_unit_test(the_strategy_does_not_change_the_boot),
		cmocka_unit_test(a_supervisor_without_children_is_up_at_once),
		cmocka_unit_test(nothing_starts_before_the_boot),
		cmocka_unit_test(the_next_starts_only_when_the_one_before_is_ready),
		cmocka_unit_test(a_slow_answer_to_a_spawn_is_waited_for),
		cmocka_unit_test(
			a_failed_start_stops_the_earlier_ones_in_reverse_and_ends_the_program),
		cmocka_unit_test(a_failed_first_start_leaves_nothing_to_stop),
		cmocka_unit_test(a_failed_boot_stops_one_after_the_other),
		cmocka_unit_test(a_failed_start_fails_the_boot_whatever_the_restart_type),
		cmocka_unit_test(a_failed_boot_below_fails_the_boot_above),
		cmocka_unit_test(a_failed_boot_five_levels_down_unwinds_all_of_them),
		cmocka_unit_test(an_exit_during_the_boot_is_handled_right_after_it),
		cmocka_unit_test(an_exit_during_the_boot_below_waits_for_that_boot_only),
		cmocka_unit_test(an_exit_during_the_boot_counts),
		cmocka_unit_test(a_temporary_that_dies_during_the_boot_does_not_fail_it),
		cmocka_unit_test(one_that_is_dead_already_needs_no_stop_when_the_boot_fails),
		cmocka_unit_test(a_restarted_supervisor_begins_from_its_configured_spec),
		cmocka_unit_test(a_restarted_supervisor_begins_from_zero_restarts),
		cmocka_unit_test(a_supervisor_started_by_command_begins_from_its_configured_spec),
		cmocka_unit_test(sixteen_levels_start_and_stop),
		cmocka_unit_test(two_thousand_children_start_and_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
