/* engine_preempt.c - stops that do not wait for a slow start: OTP-SEMANTICS, rule 11. */
#include "tests/sim/spec_test.h"

SPEC(a_stop_of_a_supervisor_that_is_started_by_command_takes_over)
{
	struct world *w = world_boot("root [ a sub [ x n:notify y ] b ]");

	world_ready(w, "n");
	world_command(w, CMD_STOP, "sub");
	world_forget(w);
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/n");
	world_command(w, CMD_STOP, "sub");
	expect_any_order(w, "signal sub/n, reply 2 invalid_state stopping, signal sub/x, "
			    "reply 3 ok");
	expect_states(w, "/ running, a running, sub stopped, b running");
	world_free(w);
}

SPEC(a_stop_takes_over_from_a_restart_by_command)
{
	struct world *w = world_boot("root [ a sub [ x n:notify ] b ]");

	world_ready(w, "n");
	world_forget(w);
	world_command(w, CMD_RESTART, "sub");
	expect(w, "signal sub/n, signal sub/x, spawn sub/x, spawn sub/n");
	world_command(w, CMD_STOP, "sub");
	expect_any_order(w, "signal sub/n, reply 1 invalid_state stopping, signal sub/x, "
			    "reply 2 ok");
	expect_states(w, "sub stopped");
	world_free(w);
}

SPEC(a_second_stop_does_not_take_over_from_the_first)
{
	struct world *w = world_boot("root [ a sub [ x y ] b ]");

	world_stop_delay(w, "y", 100);
	world_forget(w);
	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/y");
	world_advance(w, 100);
	expect(w, "signal sub/x, reply 1 ok, reply 2 ok");
	world_free(w);
}

SPEC(a_stop_of_a_process_waits_for_its_start)
{
	struct world *w = world_boot("root [ a:notify b ]");

	world_ready(w, "a");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	world_command(w, CMD_STOP, "a");
	expect(w, "spawn a, spawn b, signal a, reply 1 ok, spawn a");
	world_ready(w, "a");
	expect(w, "reply 2 ok, signal a, reply 3 ok");
	world_free(w);
}

SPEC(a_stop_of_a_supervisor_does_not_wait_for_a_restart_below_it)
{
	struct world *w = world_boot("root [ a sub one_for_all 9/5 [ x n:notify y ] b ]");

	world_ready(w, "n");
	world_exit(w, "x", 1);
	world_forget(w);
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/n, signal sub/x, reply 1 ok");
	world_free(w);
}

SPEC(a_stop_of_a_supervisor_does_not_wait_for_the_boot_of_one_below_it)
{
	struct world *w = world_boot("root [ top 9/5 [ p sub 0/5 [ x n:notify ] q ] ]");

	world_ready(w, "n");
	world_exit(w, "x", 1); /* sub gives up and is booted anew */
	world_forget(w);
	expect_states(w, "top running, sub starting");
	world_command(w, CMD_STOP, "top");
	expect(w, "signal top/q, signal top/sub/n, signal top/sub/x, signal top/p, reply 1 ok");
	world_free(w);
}

SPEC(a_stop_from_above_takes_over_from_a_stop_with_a_time)
{
	struct world *w = world_boot("root [ a top:shutdown=1s [ sub [ x:inf ] p ] ]");

	world_stop_delay(w, "x", WORLD_NEVER);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn top/sub/x, spawn top/p, signal top/sub/x");
	world_advance(w, 5000);
	world_command(w, CMD_STOP, "top");
	world_advance(w, 999);
	expect(w, "");
	world_advance(w, 1);
	expect_any_order(w, "kill top/sub/x, kill top/p, reply 1 ok, reply 2 ok");
	world_free(w);
}

SPEC(giving_up_takes_over_from_nothing_but_waits_its_turn)
{
	struct world *w = world_boot("root 9/5 [ sub 0/5 [ x n:notify ] ]");

	world_ready(w, "n");
	world_command(w, CMD_RESTART, "n");
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn sub/n, signal sub/n, spawn sub/n");
	world_ready(w, "n");
	expect(w, "reply 1 ok, signal sub/n, spawn sub/x, spawn sub/n");
	world_free(w);
}

SPEC(a_stop_takes_over_from_the_retry_of_a_parked_one)
{
	struct world *w = world_boot("root [ a sub 0/5 park=1s [ x n:notify ] ]");

	world_ready(w, "n");
	world_exit(w, "x", 1);
	world_advance(w, 1000);
	world_forget(w);
	expect_states(w, "sub starting");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/n, signal sub/x, reply 1 ok");
	expect_states(w, "sub stopped");
	world_advance(w, 60000);
	expect(w, "");
	world_free(w);
}

SPEC(a_shutdown_takes_over_from_the_retry_of_a_parked_one)
{
	struct world *w = world_boot("root [ a sub 0/5 park=1s [ x n:notify ] b ]");

	world_ready(w, "n");
	world_exit(w, "x", 1);
	world_advance(w, 1000);
	world_forget(w);
	world_shutdown(w, false);
	expect(w, "signal b, signal sub/n, signal sub/x, signal a, finished 0");
	world_free(w);
}

SPEC(a_stop_takes_over_from_a_restart_of_it_by_its_parent)
{
	struct world *w = world_boot("root 9/5 [ a sub 0/5 [ x n:notify ] b ]");

	world_ready(w, "n");
	world_exit(w, "x", 1); /* sub gives up, its parent boots it anew */
	world_forget(w);
	expect_states(w, "sub starting");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/n, signal sub/x, reply 1 ok");
	expect_states(w, "/ running, a running, sub stopped, b running");
	world_free(w);
}

SPEC(a_round_that_a_stop_took_over_goes_on_with_what_stands_after_it)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub [ x n:notify y ] b ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_forget(w);
	expect_states(w, "/ restarting, a running, sub starting, b waiting");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/n, signal sub/x, reply 1 ok, spawn b");
	expect_states(w, "/ running, a running, sub stopped, b running");
	world_free(w);
}

SPEC(a_second_stop_in_a_round_does_not_take_over_from_the_first)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub [ n:notify ] b ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_stop_delay(w, "n", 100);
	world_forget(w);
	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/n");
	world_advance(w, 100);
	expect(w, "reply 1 ok, spawn b, reply 2 ok");
	expect_states(w, "/ running, sub stopped");
	world_free(w);
}

SPEC(a_stop_that_took_over_from_a_round_survives_a_save)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub [ n:notify ] b ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_stop_delay(w, "n", 100);
	world_forget(w);
	world_set_saves(w, true);
	world_command(w, CMD_STOP, "sub");
	world_advance(w, 100);
	expect(w, "signal sub/n, reply 1 ok, spawn b");
	world_free(w);
}

SPEC(a_shutdown_takes_over_from_a_stop_that_took_over_from_a_round)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a sub [ n:notify ] b ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_stop_delay(w, "n", 100);
	world_forget(w);
	world_command(w, CMD_STOP, "sub");
	world_shutdown(w, false);
	expect(w, "signal sub/n");
	world_advance(w, 100);
	expect(w, "reply 1 ok, signal a, finished 0");
	world_free(w);
}

SPEC(a_stop_of_a_supervisor_takes_over_within_the_boot_of_its_own)
{
	struct world *w = world_boot("root [ a sub [ n:notify ] b ]");

	/* not a failed start: the boot goes on without it */
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/n, signal sub/n, reply 1 ok, spawn b");
	world_free(w);
}

SPEC(a_stop_takes_over_within_a_concurrent_boot)
{
	struct world *w = world_boot("root concurrent [ sub [ n:notify ] b:notify ]");

	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn b, spawn sub/n, signal sub/n, reply 1 ok");
	world_ready(w, "b");
	world_command(w, CMD_STOP, "b");
	expect(w, "signal b, reply 2 ok");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stop_of_a_supervisor_that_is_started_by_command_takes_over),
		cmocka_unit_test(a_stop_takes_over_from_a_restart_by_command),
		cmocka_unit_test(a_second_stop_does_not_take_over_from_the_first),
		cmocka_unit_test(a_stop_of_a_process_waits_for_its_start),
		cmocka_unit_test(a_stop_of_a_supervisor_does_not_wait_for_a_restart_below_it),
		cmocka_unit_test(a_stop_of_a_supervisor_does_not_wait_for_the_boot_of_one_below_it),
		cmocka_unit_test(a_stop_from_above_takes_over_from_a_stop_with_a_time),
		cmocka_unit_test(giving_up_takes_over_from_nothing_but_waits_its_turn),
		cmocka_unit_test(a_stop_takes_over_from_the_retry_of_a_parked_one),
		cmocka_unit_test(a_shutdown_takes_over_from_the_retry_of_a_parked_one),
		cmocka_unit_test(a_stop_takes_over_from_a_restart_of_it_by_its_parent),
		cmocka_unit_test(a_round_that_a_stop_took_over_goes_on_with_what_stands_after_it),
		cmocka_unit_test(a_second_stop_in_a_round_does_not_take_over_from_the_first),
		cmocka_unit_test(a_stop_that_took_over_from_a_round_survives_a_save),
		cmocka_unit_test(a_shutdown_takes_over_from_a_stop_that_took_over_from_a_round),
		cmocka_unit_test(a_stop_of_a_supervisor_takes_over_within_the_boot_of_its_own),
		cmocka_unit_test(a_stop_takes_over_within_a_concurrent_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
