/* engine_hasten.c - a start command cuts a backoff wait short: the round that was due later begins
 * at once, and everything else about it stays (OTP-SEMANTICS, sections 5 and 11). */
#include "tests/sim/spec_test.h"

/* Two deaths: the first restart of a streak is immediate, the second waits. */
static void die_twice(struct world *w, const char *path)
{
	world_exit(w, path, 1);
	world_exit(w, path, 1);
}

SPEC(a_start_of_one_that_waits_starts_it_at_once)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s b ]");

	die_twice(w, "a");
	expect(w, "spawn a, spawn b, spawn a");
	world_advance(w, 300);
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, reply 1 ok");
	expect_states(w, "a running, b running");
	world_advance(w, 60000);
	expect(w, "");
	assert_true(world_deadline(w) == ENGINE_NEVER);
	world_free(w);
}

SPEC(the_call_returns_when_it_is_ready)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s,notify b ]");

	world_ready(w, "a");
	world_exit(w, "a", 1);
	world_ready(w, "a");
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a");
	world_command(w, CMD_START, "a");
	expect(w, "spawn a");
	world_advance(w, 100);
	world_ready(w, "a");
	expect(w, "reply 1 ok");
	world_free(w);
}

SPEC(neither_the_window_nor_the_streak_moves)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s/30s/2 ]");

	die_twice(w, "a");
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, spawn a, spawn a, reply 1 ok");
	assert_int_equal(world_view(w, "/").window, 2);
	assert_int_equal(world_view(w, "a").streak, 2);
	assert_int_equal(world_view(w, "a").restarts, 2);
	world_exit(w, "a", 1);
	assert_int_equal(world_view(w, "a").next_try_ms, world_now(w) + 2000);
	world_free(w);
}

SPEC(a_start_that_fails_is_told_and_tried_again_later)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s/30s/2 ]");

	die_twice(w, "a");
	world_forget(w);
	world_fail_spawns(w, "a", 1);
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, reply 1 start_failed");
	expect_states(w, "a backoff");
	assert_int_equal(world_view(w, "/").window, 3);
	world_advance(w, 1999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a");
	world_free(w);
}

SPEC(one_start_too_many_that_fails_reaches_the_limit)
{
	struct world *w = world_boot("root 2/5 [ a:backoff=1s b ]");

	die_twice(w, "a");
	world_forget(w);
	world_fail_spawns(w, "a", 1);
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, reply 1 start_failed, signal b, finished 1");
	world_free(w);
}

SPEC(the_rest_of_a_group_starts_with_it)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b:backoff=1s c:notify ]");

	world_ready(w, "c");
	world_exit(w, "b", 1);
	world_ready(w, "c");
	world_exit(w, "b", 1);
	world_forget(w);
	expect_states(w, "/ restarting, a running, b backoff, c waiting");
	world_command(w, CMD_START, "b");
	expect(w, "spawn b, reply 1 ok, spawn c");
	expect_states(w, "/ restarting, b running, c starting");
	world_ready(w, "c");
	expect_states(w, "/ running, c running");
	world_free(w);
}

SPEC(a_group_whose_first_members_come_before_it_is_waited_for)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a:notify b:backoff=1s ]");

	world_ready(w, "a");
	world_exit(w, "b", 1);
	world_ready(w, "a");
	world_exit(w, "b", 1);
	world_forget(w);
	world_command(w, CMD_START, "b");
	expect(w, "spawn a");
	world_ready(w, "a");
	expect(w, "spawn b, reply 1 ok");
	world_free(w);
}

SPEC(another_member_that_fails_fails_the_call)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a b:backoff=1s ]");

	die_twice(w, "b");
	world_forget(w);
	world_fail_spawns(w, "a", 1);
	world_command(w, CMD_START, "b");
	expect(w, "spawn a, reply 1 start_failed, spawn a, spawn b");
	expect_states(w, "/ running, a running, b running");
	world_free(w);
}

SPEC(a_start_of_another_member_of_a_waiting_group_starts_that_alone)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b:backoff=1s c ]");

	die_twice(w, "b");
	world_forget(w);
	world_command(w, CMD_START, "c");
	expect(w, "spawn c, reply 1 ok");
	expect_states(w, "b backoff, c running");
	world_command(w, CMD_START, "b");
	expect(w, "signal c, spawn b, reply 2 ok, spawn c");
	world_free(w);
}

SPEC(a_second_start_is_refused)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s,notify ]");

	world_ready(w, "a");
	world_exit(w, "a", 1);
	world_ready(w, "a");
	world_exit(w, "a", 1);
	world_forget(w);
	world_command(w, CMD_START, "a");
	world_command(w, CMD_START, "a");
	expect(w, "spawn a");
	world_ready(w, "a");
	expect(w, "reply 1 ok, reply 2 invalid_state running");
	world_free(w);
}

SPEC(one_that_is_due_while_its_supervisor_was_busy_is_started_in_its_turn)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=100ms slow:notify ]");

	world_ready(w, "slow");
	die_twice(w, "a");
	world_exit(w, "slow", 1);
	world_forget(w);
	world_command(w, CMD_START, "a");
	world_advance(w, 200);
	expect(w, "");
	world_ready(w, "slow");
	expect(w, "spawn a, reply 1 ok");
	world_free(w);
}

SPEC(a_stop_of_the_supervisor_answers_it)
{
	struct world *w = world_boot("root [ sub rest_for_one 9/5 [ a:backoff=1s,notify b ] ]");

	world_ready(w, "sub/a");
	world_exit(w, "sub/a", 1);
	world_ready(w, "sub/a");
	world_exit(w, "sub/a", 1);
	world_forget(w);
	world_command(w, CMD_START, "sub/a");
	expect(w, "spawn sub/a");
	world_command(w, CMD_STOP, "sub");
	expect(w, "reply 1 supervisor_down stopping, signal sub/a, reply 2 ok");
	world_free(w);
}

SPEC(a_stop_of_a_slow_member_does_not_touch_the_call)
{
	struct world *w = world_boot("root one_for_all 9/5 [ sub [ x:notify ] b:backoff=1s ]");

	world_ready(w, "x");
	world_exit(w, "b", 1);
	world_ready(w, "x");
	world_exit(w, "b", 1);
	world_forget(w);
	world_command(w, CMD_START, "b");
	expect(w, "spawn sub/x");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/x, reply 2 ok, spawn b, reply 1 ok");
	expect_states(w, "/ running, sub stopped, b running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_of_one_that_waits_starts_it_at_once),
		cmocka_unit_test(the_call_returns_when_it_is_ready),
		cmocka_unit_test(neither_the_window_nor_the_streak_moves),
		cmocka_unit_test(a_start_that_fails_is_told_and_tried_again_later),
		cmocka_unit_test(one_start_too_many_that_fails_reaches_the_limit),
		cmocka_unit_test(the_rest_of_a_group_starts_with_it),
		cmocka_unit_test(a_group_whose_first_members_come_before_it_is_waited_for),
		cmocka_unit_test(another_member_that_fails_fails_the_call),
		cmocka_unit_test(a_start_of_another_member_of_a_waiting_group_starts_that_alone),
		cmocka_unit_test(a_second_start_is_refused),
		cmocka_unit_test(
			one_that_is_due_while_its_supervisor_was_busy_is_started_in_its_turn),
		cmocka_unit_test(a_stop_of_the_supervisor_answers_it),
		cmocka_unit_test(a_stop_of_a_slow_member_does_not_touch_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
