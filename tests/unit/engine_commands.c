/* engine_commands.c - commands: OTP-SEMANTICS, rule 8. None of them is ever counted. */
#include "tests/sim/spec_test.h"

SPEC(stop_touches_no_sibling_whatever_the_strategy)
{
	static const char *const TREES[] = {
		"root one_for_one 0/5 [ a b c ]",
		"root one_for_all 0/5 [ a b c ]",
		"root rest_for_one 0/5 [ a b c ]",
	};

	for (size_t i = 0; i < sizeof(TREES) / sizeof(TREES[0]); i++) {
		struct world *w = world_boot(TREES[i]);

		world_command(w, CMD_STOP, "b");
		expect(w, "spawn a, spawn b, spawn c, signal b, reply 1 ok");
		expect_states(w, "/ running, a running, b stopped, c running");
		world_advance(w, 3600000);
		expect(w, "");
		world_command(w, CMD_START, "b");
		expect(w, "spawn b, reply 2 ok");
		expect_states(w, "/ running, a running, b running, c running");
		assert_int_equal(world_view(w, "/").window, 0);
		world_free(w);
	}
}

SPEC(stop_replies_when_it_is_done)
{
	struct world *w = world_boot("root [ a ]");

	world_stop_delay(w, "a", 300);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, signal a");
	world_advance(w, 300);
	expect(w, "reply 1 ok");
	world_free(w);
}

SPEC(stop_of_a_stopped_one_succeeds_and_does_nothing)
{
	struct world *w = world_boot("root [ a b:transient ]");

	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, spawn b, signal a, reply 1 ok, reply 2 ok");
	world_exit(w, "b", 0);
	world_command(w, CMD_STOP, "b");
	expect(w, "reply 3 ok");
	world_free(w);
}

SPEC(stop_removes_a_temporary)
{
	struct world *w = world_boot("root [ a t:temporary b ]");

	world_command(w, CMD_STOP, "t");
	expect(w, "spawn a, spawn t, spawn b, signal t, reply 1 ok");
	expect_states(w, "a running, t removed, b running");
	world_free(w);
}

SPEC(stop_removes_a_temporary_supervisor_and_all_below)
{
	struct world *w = world_boot("root [ a t:temporary [ x y ] b ]");

	world_command(w, CMD_STOP, "t");
	expect(w, "spawn a, spawn t/x, spawn t/y, spawn b, signal t/y, signal t/x, reply 1 ok");
	expect_states(w, "a running, t removed, x removed, y removed, b running");
	world_free(w);
}

SPEC(a_stopped_one_comes_back_with_a_restart_of_its_supervisor)
{
	struct world *w = world_boot("root [ sub 0/5 [ a b ] ]");

	world_command(w, CMD_STOP, "a");
	world_exit(w, "b", 1);
	expect(w, "spawn sub/a, spawn sub/b, signal sub/a, reply 1 ok, spawn sub/a, spawn sub/b");
	world_free(w);
}

SPEC(start_replies_when_it_is_ready)
{
	struct world *w = world_boot("root [ a:notify b ]");

	world_ready(w, "a");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, spawn b, signal a, reply 1 ok, spawn a");
	world_advance(w, 100);
	expect(w, "");
	world_ready(w, "a");
	expect(w, "reply 2 ok");
	world_free(w);
}

SPEC(start_of_a_running_one_is_refused)
{
	struct world *w = world_boot("root [ a sub [ x ] ]");

	world_command(w, CMD_START, "a");
	world_command(w, CMD_START, "sub");
	expect(w, "spawn a, spawn sub/x, reply 1 invalid_state running, "
		  "reply 2 invalid_state running");
	world_free(w);
}

SPEC(start_of_a_transient_that_finished_starts_it)
{
	struct world *w = world_boot("root 0/5 [ a:transient ]");

	world_exit(w, "a", 0);
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, spawn a, reply 1 ok");
	world_free(w);
}

SPEC(a_start_that_fails_is_tried_once_and_counts_nothing)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a b c ]");

	world_command(w, CMD_STOP, "b");
	expect(w, "spawn a, spawn b, spawn c, signal b, reply 1 ok");
	world_fail_spawns(w, "b", 2);
	world_command(w, CMD_START, "b");
	expect(w, "spawn b, reply 2 start_failed");
	expect_states(w, "/ running, a running, b failed, c running");
	world_advance(w, 3600000);
	expect(w, "");
	world_command(w, CMD_START, "b");
	expect(w, "spawn b, reply 3 start_failed");
	world_command(w, CMD_START, "b");
	expect(w, "spawn b, reply 4 ok");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(a_start_fails_when_the_child_exits_before_it_is_ready)
{
	struct world *w = world_boot("root 0/5 [ a:notify b ]");

	world_ready(w, "a");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	world_exit(w, "a", 0);
	expect(w, "spawn a, spawn b, signal a, reply 1 ok, spawn a, reply 2 start_failed");
	expect_states(w, "/ running, a failed, b running");
	world_free(w);
}

SPEC(one_whose_start_failed_is_a_stopped_entry)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b c ]");

	world_command(w, CMD_STOP, "b");
	world_fail_spawns(w, "b", 1);
	world_command(w, CMD_START, "b");
	world_command(w, CMD_STOP, "b");
	expect(w, "spawn a, spawn b, spawn c, signal b, reply 1 ok, spawn b, "
		  "reply 2 start_failed, reply 3 ok");
	world_exit(w, "a", 1);
	expect(w, "signal c, spawn a, spawn b, spawn c");
	world_free(w);
}

SPEC(start_of_a_supervisor_boots_it)
{
	struct world *w = world_boot("root [ sub [ x deep [ y ] ] b ]");

	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/deep/y, spawn b, signal sub/deep/y, signal sub/x, "
		  "reply 1 ok, spawn sub/x, spawn sub/deep/y, reply 2 ok");
	world_free(w);
}

SPEC(start_of_a_supervisor_whose_boot_fails)
{
	struct world *w = world_boot("root 0/5 [ sub 9/5 [ x y z ] b ]");

	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z, spawn b, signal sub/z, signal sub/y, "
		  "signal sub/x, reply 1 ok");
	world_fail_spawns(w, "y", 1);
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/y, signal sub/x, reply 2 start_failed");
	expect_states(w, "/ running, sub failed, b running");
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z, reply 3 ok");
	world_free(w);
}

SPEC(delete_needs_a_stopped_one)
{
	struct world *w = world_boot("root [ a b:notify ]");

	expect(w, "spawn a, spawn b");
	world_ready(w, "b");
	world_command(w, CMD_DELETE, "a");
	expect(w, "reply 1 invalid_state running");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_DELETE, "a");
	expect(w, "signal a, reply 2 ok, reply 3 ok");
	expect_states(w, "a removed, b running");
	world_free(w);
}

SPEC(delete_takes_what_finished_and_what_failed)
{
	struct world *w = world_boot("root [ a:transient b ]");

	world_exit(w, "a", 0);
	world_command(w, CMD_STOP, "b");
	world_fail_spawns(w, "b", 1);
	world_command(w, CMD_START, "b");
	expect(w, "spawn a, spawn b, signal b, reply 1 ok, spawn b, reply 2 start_failed");
	world_command(w, CMD_DELETE, "a");
	world_command(w, CMD_DELETE, "b");
	expect(w, "reply 3 ok, reply 4 ok");
	expect_states(w, "a removed, b removed");
	world_free(w);
}

SPEC(delete_of_a_stopped_supervisor_takes_all_below_with_it)
{
	struct world *w = world_boot("root [ a sub [ x deep [ y ] ] b ]");

	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_DELETE, "sub");
	expect(w, "spawn a, spawn sub/x, spawn sub/deep/y, spawn b, signal sub/deep/y, "
		  "signal sub/x, reply 1 ok, reply 2 ok");
	expect_states(w, "a running, sub removed, x removed, deep removed, y removed, b running");
	world_free(w);
}

SPEC(delete_keeps_the_order_of_the_others)
{
	struct world *w = world_boot("root one_for_all [ a b c d ]");

	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	world_exit(w, "d", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn d, signal b, reply 1 ok, reply 2 ok, signal c, "
		  "signal a, spawn a, spawn c, spawn d");
	world_free(w);
}

SPEC(a_deleted_one_comes_back_when_its_supervisor_is_restarted)
{
	struct world *w = world_boot("root [ sub 0/5 [ a b c ] ]");

	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	world_exit(w, "a", 1);
	expect(w, "spawn sub/a, spawn sub/b, spawn sub/c, signal sub/b, reply 1 ok, reply 2 ok, "
		  "signal sub/c, spawn sub/a, spawn sub/b, spawn sub/c");
	world_exit(w, "b", 1);
	expect(w, "signal sub/c, signal sub/a, spawn sub/a, spawn sub/b, spawn sub/c");
	world_free(w);
}

SPEC(a_deleted_supervisor_comes_back_with_all_below)
{
	struct world *w = world_boot("root [ sub 0/5 [ a deep [ b c ] d ] ]");

	world_command(w, CMD_STOP, "deep");
	world_command(w, CMD_DELETE, "deep");
	world_exit(w, "d", 1);
	expect(w, "spawn sub/a, spawn sub/deep/b, spawn sub/deep/c, spawn sub/d, "
		  "signal sub/deep/c, signal sub/deep/b, reply 1 ok, reply 2 ok, signal sub/a, "
		  "spawn sub/a, spawn sub/deep/b, spawn sub/deep/c, spawn sub/d");
	expect_states(w, "deep running, b running, c running");
	world_free(w);
}

SPEC(restart_is_stop_and_then_start_of_this_one_alone)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a b c ]");

	world_stop_delay(w, "b", 100);
	world_command(w, CMD_RESTART, "b");
	expect(w, "spawn a, spawn b, spawn c, signal b");
	world_advance(w, 100);
	expect(w, "spawn b, reply 1 ok");
	expect_states(w, "/ running, a running, b running, c running");
	assert_int_equal(world_view(w, "/").window, 0);
	world_free(w);
}

SPEC(restart_of_a_stopped_one_starts_it)
{
	struct world *w = world_boot("root [ a ]");

	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_RESTART, "a");
	expect(w, "spawn a, signal a, reply 1 ok, spawn a, reply 2 ok");
	world_free(w);
}

SPEC(restart_whose_start_fails_is_not_tried_again)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a b ]");

	world_fail_spawns(w, "a", 1);
	world_command(w, CMD_RESTART, "a");
	expect(w, "spawn a, spawn b, signal a, spawn a, reply 1 start_failed");
	expect_states(w, "/ running, a failed, b running");
	world_free(w);
}

SPEC(restart_of_a_supervisor_boots_it_anew)
{
	struct world *w = world_boot("root [ sub [ x y ] ]");

	world_command(w, CMD_STOP, "x");
	world_command(w, CMD_RESTART, "sub");
	expect(w, "spawn sub/x, spawn sub/y, signal sub/x, reply 1 ok, signal sub/y, spawn sub/x, "
		  "spawn sub/y, reply 2 ok");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stop_touches_no_sibling_whatever_the_strategy),
		cmocka_unit_test(stop_replies_when_it_is_done),
		cmocka_unit_test(stop_of_a_stopped_one_succeeds_and_does_nothing),
		cmocka_unit_test(stop_removes_a_temporary),
		cmocka_unit_test(stop_removes_a_temporary_supervisor_and_all_below),
		cmocka_unit_test(a_stopped_one_comes_back_with_a_restart_of_its_supervisor),
		cmocka_unit_test(start_replies_when_it_is_ready),
		cmocka_unit_test(start_of_a_running_one_is_refused),
		cmocka_unit_test(start_of_a_transient_that_finished_starts_it),
		cmocka_unit_test(a_start_that_fails_is_tried_once_and_counts_nothing),
		cmocka_unit_test(a_start_fails_when_the_child_exits_before_it_is_ready),
		cmocka_unit_test(one_whose_start_failed_is_a_stopped_entry),
		cmocka_unit_test(start_of_a_supervisor_boots_it),
		cmocka_unit_test(start_of_a_supervisor_whose_boot_fails),
		cmocka_unit_test(delete_needs_a_stopped_one),
		cmocka_unit_test(delete_takes_what_finished_and_what_failed),
		cmocka_unit_test(delete_of_a_stopped_supervisor_takes_all_below_with_it),
		cmocka_unit_test(delete_keeps_the_order_of_the_others),
		cmocka_unit_test(a_deleted_one_comes_back_when_its_supervisor_is_restarted),
		cmocka_unit_test(a_deleted_supervisor_comes_back_with_all_below),
		cmocka_unit_test(restart_is_stop_and_then_start_of_this_one_alone),
		cmocka_unit_test(restart_of_a_stopped_one_starts_it),
		cmocka_unit_test(restart_whose_start_fails_is_not_tried_again),
		cmocka_unit_test(restart_of_a_supervisor_boots_it_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
