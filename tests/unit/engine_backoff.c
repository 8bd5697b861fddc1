/* engine_backoff.c - delays before a restart: OTP-SEMANTICS, section 11, and rule 5.6. */
#include "tests/sim/spec_test.h"

/* The restart of a must come after exactly so many milliseconds. */
static void expect_delay(struct world *w, int64_t delay_ms)
{
	world_exit(w, "a", 1);
	if (delay_ms > 0) {
		expect(w, "");
		expect_states(w, "a backoff");
		assert_int_equal(world_view(w, "a").next_try_ms, world_now(w) + delay_ms);
		assert_int_equal(world_deadline(w), world_now(w) + delay_ms);
		world_advance(w, delay_ms - 1);
		expect(w, "");
		world_advance(w, 1);
	}
	expect(w, "spawn a");
}

SPEC(the_first_restart_of_a_streak_is_immediate_and_the_next_wait_longer_and_longer)
{
	struct world *w = world_boot("root 100/5 [ a:backoff=100ms/350ms/2 ]");

	expect(w, "spawn a");
	expect_delay(w, 0);
	expect_delay(w, 100);
	expect_delay(w, 200);
	expect_delay(w, 350);
	expect_delay(w, 350);
	world_free(w);
}

SPEC(a_factor_of_one_waits_always_the_same)
{
	struct world *w = world_boot("root 100/5 [ a:backoff=250ms/30s/1 ]");

	expect(w, "spawn a");
	expect_delay(w, 0);
	for (int i = 0; i < 5; i++)
		expect_delay(w, 250);
	world_free(w);
}

SPEC(a_long_streak_stays_at_the_longest_delay)
{
	struct world *w = world_boot("root 1000/5 [ a:backoff=100ms/30s/2 ]");

	expect(w, "spawn a");
	for (int i = 0; i < 10; i++) {
		world_exit(w, "a", 1);
		world_advance(w, 30000);
		world_exit(w, "a", 1);
		world_advance(w, 100);
	}
	world_free(w);
	w = world_boot("root 1000/5 [ a:backoff=1s/3s/1000/0/1h ]");
	expect(w, "spawn a");
	expect_delay(w, 0);
	expect_delay(w, 1000);
	for (int i = 0; i < 100; i++)
		expect_delay(w, 3000);
	world_free(w);
}

SPEC(staying_up_long_enough_ends_the_streak)
{
	struct world *w = world_boot("root 100/1 [ a:backoff=100ms/30s/2/0/10s ]");

	expect(w, "spawn a");
	expect_delay(w, 0);
	expect_delay(w, 100);
	world_advance(w, 10000);
	expect_delay(w, 0);
	expect_delay(w, 100);
	world_advance(w, 9999);
	expect_delay(w, 200);
	world_free(w);
}

SPEC(the_time_of_starting_does_not_count_as_staying_up)
{
	struct world *w =
		world_boot("root 100/1 [ a:notify,timeout=1m,backoff=100ms/30s/2/0/10s ]");

	world_ready(w, "a");
	expect(w, "spawn a");
	expect_delay(w, 0);
	world_advance(w, 9000);
	world_ready(w, "a");
	world_advance(w, 9000);
	expect_delay(w, 100);
	world_free(w);
}

SPEC(jitter_varies_the_delay_within_its_bounds_and_by_the_seed)
{
	int64_t low = INT64_MAX;
	int64_t high = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		int64_t delay[2];

		for (int i = 0; i < 2; i++) {
			struct world *w = world_new("root 9/5 [ a:backoff=1s/30s/2/0.1 ]", seed);

			world_start(w);
			world_exit(w, "a", 1);
			world_exit(w, "a", 1);
			delay[i] = world_view(w, "a").next_try_ms - world_now(w);
			world_free(w);
		}
		assert_int_equal(delay[0], delay[1]);
		low = delay[0] < low ? delay[0] : low;
		high = delay[0] > high ? delay[0] : high;
	}
	assert_in_range(low, 900, 930);
	assert_in_range(high, 1070, 1100);
}

SPEC(a_failed_start_is_tried_again_after_the_delay)
{
	struct world *w = world_boot("root 100/5 [ a:backoff=100ms/30s/2 b ]");

	expect(w, "spawn a, spawn b");
	world_fail_spawns(w, "a", 2);
	world_exit(w, "a", 1);
	expect(w, "spawn a");
	expect_states(w, "a backoff, b running");
	world_advance(w, 99);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a");
	world_advance(w, 199);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a");
	expect_states(w, "a running, b running");
	assert_int_equal(world_view(w, "/").window, 3);
	world_free(w);
}

SPEC(the_count_is_taken_at_the_death)
{
	struct world *w = world_boot("root 2/5 [ a:backoff=1s/30s/1 b ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a");
	expect_states(w, "a backoff");
	assert_int_equal(world_view(w, "/").window, 2);
	world_exit(w, "b", 1);
	expect(w, "finished 1");
	world_free(w);
}

SPEC(the_limit_is_reached_without_waiting_for_the_delay)
{
	struct world *w = world_boot("root 1/5 [ a:backoff=1s b ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn a, signal b, finished 1");
	world_free(w);
}

SPEC(siblings_are_served_while_one_waits)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s b ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_START, "b");
	expect(w, "spawn a, spawn b, spawn a, spawn b, signal b, reply 1 ok, spawn b, reply 2 ok");
	world_advance(w, 1000);
	expect(w, "spawn a");
	world_free(w);
}

SPEC(two_that_wait_have_each_their_delay)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s b:backoff=300ms ]");

	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	world_exit(w, "a", 1);
	world_advance(w, 500);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn a, spawn b");
	world_advance(w, 300);
	expect(w, "spawn b");
	world_advance(w, 199);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a");
	world_free(w);
}

SPEC(a_group_is_stopped_at_once_and_started_after_the_delay_of_the_one_that_caused_it)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a b:backoff=100ms c ]");

	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal a, spawn a, spawn b, spawn c");
	world_exit(w, "b", 1);
	expect(w, "signal c, signal a");
	expect_states(w, "/ restarting, a waiting, b backoff, c waiting");
	world_advance(w, 99);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "/ running, a running, b running, c running");
	assert_int_equal(world_view(w, "/").window, 2);
	world_free(w);
}

SPEC(the_delays_of_the_others_of_a_group_do_not_matter)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a:backoff=1h b c:backoff=1h ]");

	for (int i = 0; i < 3; i++)
		world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal a, spawn a, spawn b, spawn c, "
		  "signal c, signal a, spawn a, spawn b, spawn c, "
		  "signal c, signal a, spawn a, spawn b, spawn c");
	world_free(w);
}

SPEC(the_rest_waits_for_the_delay_under_rest_for_one)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b:backoff=100ms c ]");

	world_exit(w, "b", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, spawn b, spawn c, signal c");
	expect_states(w, "a running, b backoff, c waiting");
	world_advance(w, 100);
	expect(w, "spawn b, spawn c");
	world_free(w);
}

SPEC(a_failed_start_in_a_group_delays_the_rest_of_it)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b:backoff=100ms c ]");

	world_fail_spawns(w, "b", 1);
	world_exit(w, "a", 1);
	world_advance(w, 0);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal b, spawn a, spawn b, spawn b, "
		  "spawn c");
	world_free(w);
	/* the first of a streak is immediate: only the second failure waits */
	w = world_boot("root rest_for_one 9/5 [ a b:backoff=100ms c ]");
	world_fail_spawns(w, "b", 2);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal b, spawn a, spawn b, spawn b");
	expect_states(w, "a running, b backoff, c waiting");
	world_advance(w, 100);
	expect(w, "spawn b, spawn c");
	world_free(w);
}

SPEC(a_group_that_includes_one_that_waits_starts_it)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b:backoff=1s c ]");

	world_exit(w, "b", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, spawn b, spawn c, signal c");
	world_advance(w, 500);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, spawn c");
	world_advance(w, 60000);
	expect(w, "");
	assert_true(world_deadline(w) == ENGINE_NEVER);
	world_free(w);
}

SPEC(delete_of_one_that_waits_is_refused)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s b ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	world_command(w, CMD_DELETE, "a");
	expect(w, "spawn a, spawn b, spawn a, reply 1 invalid_state backoff");
	world_advance(w, 1000);
	expect(w, "spawn a");
	world_free(w);
}

SPEC(a_stop_ends_the_waiting)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=1s b ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, spawn b, spawn a, reply 1 ok");
	expect_states(w, "a stopped, b running");
	world_advance(w, 60000);
	expect(w, "");
	world_command(w, CMD_START, "a");
	expect(w, "spawn a, reply 2 ok");
	world_free(w);
}

SPEC(a_stop_of_the_supervisor_ends_the_waiting)
{
	struct world *w = world_boot("root [ sub one_for_all 9/5 [ a:backoff=1s b ] ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/a, spawn sub/b, signal sub/b, spawn sub/a, spawn sub/b, "
		  "signal sub/b, reply 1 ok");
	expect_states(w, "sub stopped, a stopped, b stopped");
	world_advance(w, 60000);
	expect(w, "");
	world_free(w);
}

SPEC(giving_up_ends_the_waiting)
{
	struct world *w = world_boot("root [ sub 2/5 [ a:backoff=1s b ] ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	expect(w, "spawn sub/a, spawn sub/b, spawn sub/a");
	world_exit(w, "b", 1);
	expect(w, "spawn sub/a, spawn sub/b");
	world_advance(w, 60000);
	expect(w, "");
	world_free(w);
}

SPEC(staying_up_ends_the_streak_also_when_a_sibling_takes_it_down)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a:backoff=100ms/30s/2/0/10s b ]");

	world_exit(w, "a", 1);
	world_advance(w, 60000);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, signal b, spawn a, spawn b, signal a, spawn a, spawn b");
	world_exit(w, "a", 1);
	expect(w, "signal b, spawn a, spawn b");
	world_free(w);
}

SPEC(staying_up_ends_the_streak_also_when_an_operator_takes_it_down)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=100ms/30s/2/0/10s ]");

	world_exit(w, "a", 1);
	world_advance(w, 60000);
	world_command(w, CMD_RESTART, "a");
	expect(w, "spawn a, spawn a, signal a, spawn a, reply 1 ok");
	world_exit(w, "a", 1);
	expect(w, "spawn a");
	world_free(w);
}

SPEC(the_end_of_the_waiting_waits_for_a_busy_supervisor)
{
	struct world *w = world_boot("root 9/5 [ a:backoff=100ms slow:notify ]");

	world_ready(w, "slow");
	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	world_exit(w, "slow", 1);
	expect(w, "spawn a, spawn slow, spawn a, spawn slow");
	world_advance(w, 200);
	expect(w, "");
	world_ready(w, "slow");
	expect(w, "spawn a");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_restart_of_a_streak_is_immediate_and_the_next_wait_longer_and_longer),
		cmocka_unit_test(a_factor_of_one_waits_always_the_same),
		cmocka_unit_test(a_long_streak_stays_at_the_longest_delay),
		cmocka_unit_test(staying_up_long_enough_ends_the_streak),
		cmocka_unit_test(the_time_of_starting_does_not_count_as_staying_up),
		cmocka_unit_test(jitter_varies_the_delay_within_its_bounds_and_by_the_seed),
		cmocka_unit_test(a_failed_start_is_tried_again_after_the_delay),
		cmocka_unit_test(the_count_is_taken_at_the_death),
		cmocka_unit_test(the_limit_is_reached_without_waiting_for_the_delay),
		cmocka_unit_test(siblings_are_served_while_one_waits),
		cmocka_unit_test(two_that_wait_have_each_their_delay),
		cmocka_unit_test(
			a_group_is_stopped_at_once_and_started_after_the_delay_of_the_one_that_caused_it),
		cmocka_unit_test(the_delays_of_the_others_of_a_group_do_not_matter),
		cmocka_unit_test(the_rest_waits_for_the_delay_under_rest_for_one),
		cmocka_unit_test(a_failed_start_in_a_group_delays_the_rest_of_it),
		cmocka_unit_test(a_group_that_includes_one_that_waits_starts_it),
		cmocka_unit_test(delete_of_one_that_waits_is_refused),
		cmocka_unit_test(a_stop_ends_the_waiting),
		cmocka_unit_test(a_stop_of_the_supervisor_ends_the_waiting),
		cmocka_unit_test(giving_up_ends_the_waiting),
		cmocka_unit_test(staying_up_ends_the_streak_also_when_a_sibling_takes_it_down),
		cmocka_unit_test(staying_up_ends_the_streak_also_when_an_operator_takes_it_down),
		cmocka_unit_test(the_end_of_the_waiting_waits_for_a_busy_supervisor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
