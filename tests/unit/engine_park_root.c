/* engine_park_root.c - a root that is parked: nobody stands above it, and the program goes on. */
#include "tests/sim/spec_test.h"

SPEC(a_parked_root_does_not_end_the_program)
{
	struct world *w = world_boot("root 0/5 park [ a b c ]");

	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, signal c, signal a");
	expect_states(w, "/ parked");
	world_advance(w, 3600000);
	expect(w, "");
	assert_int_equal(world_deadline(w), ENGINE_NEVER);
	world_free(w);
}

SPEC(retry_after_boots_a_parked_root)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b ]");

	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, signal a");
	world_advance(w, 59999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "spawn a, spawn b");
	expect_states(w, "/ running, a running, b running");
	world_free(w);
}

SPEC(a_root_whose_retry_fails_is_parked_again)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b ]");

	world_exit(w, "b", 1);
	world_fail_spawns(w, "b", 1);
	world_advance(w, 60000);
	expect(w, "spawn a, spawn b, signal a, spawn a, spawn b, signal a");
	expect_states(w, "/ parked");
	world_advance(w, 60000);
	expect(w, "spawn a, spawn b");
	expect_states(w, "/ running");
	world_free(w);
}

SPEC(a_first_boot_that_fails_ends_the_program)
{
	struct world *w = world_new("root park=1m [ a b ]", 1);

	world_fail_spawns(w, "b", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, signal a, finished 1");
	world_free(w);
}

SPEC(a_start_boots_a_parked_root)
{
	struct world *w = world_boot("root 0/5 park [ a ]");

	world_exit(w, "a", 1);
	world_command(w, CMD_START, "/");
	expect(w, "spawn a, spawn a, reply 1 ok");
	expect_states(w, "/ running, a running");
	world_free(w);
}

SPEC(a_start_of_a_parked_root_replies_when_it_is_up)
{
	struct world *w = world_boot("root 0/5 park [ a n:notify ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_forget(w);
	world_command(w, CMD_START, "/");
	world_command(w, CMD_START, "/");
	world_command(w, CMD_STOP, "/");
	expect(w, "spawn a, spawn n, reply 2 invalid_state starting, "
		  "reply 3 invalid_state starting");
	world_ready(w, "n");
	expect(w, "reply 1 ok");
	world_free(w);
}

SPEC(a_start_of_a_parked_root_whose_boot_fails_parks_it_again)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b ]");

	world_exit(w, "a", 1);
	world_fail_spawns(w, "b", 1);
	world_forget(w);
	world_command(w, CMD_START, "/");
	expect(w, "spawn a, spawn b, signal a, reply 1 start_failed");
	expect_states(w, "/ parked");
	world_advance(w, 60000);
	expect(w, "spawn a, spawn b");
	world_free(w);
}

SPEC(a_shutdown_takes_over_from_the_start_of_a_parked_root)
{
	struct world *w = world_boot("root 0/5 park [ a n:notify ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_forget(w);
	world_command(w, CMD_START, "/");
	world_shutdown(w, false);
	expect_any_order(w, "spawn a, spawn n, signal n, signal a, "
			    "reply 1 invalid_state stopped, finished 0");
	world_free(w);
}

SPEC(a_start_of_a_parked_root_survives_a_save)
{
	struct world *w = world_boot("root 0/5 park [ a n:notify ]");

	world_ready(w, "n");
	world_exit(w, "a", 1);
	world_forget(w);
	world_set_saves(w, true);
	world_command(w, CMD_START, "/");
	world_ready(w, "n");
	expect(w, "spawn a, spawn n, reply 1 ok");
	world_free(w);
}

SPEC(commands_below_a_parked_root_find_it_down)
{
	struct world *w = world_boot("root 0/5 park [ a b ]");

	world_exit(w, "a", 1);
	world_command(w, CMD_START, "b");
	world_add(w, "/", "c");
	expect(w, "spawn a, spawn b, signal b, reply 1 supervisor_down parked, "
		  "reply 2 supervisor_down parked");
	world_free(w);
}

SPEC(shutdown_of_a_parked_root_is_the_end)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b ]");

	world_exit(w, "a", 1);
	world_shutdown(w, false);
	expect(w, "spawn a, spawn b, signal b, finished 0");
	world_free(w);
}

SPEC(shutdown_of_a_root_that_is_being_parked_is_the_end)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b ]");

	world_stop_delay(w, "b", 100);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, signal b");
	world_shutdown(w, false);
	world_advance(w, 100);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(shutdown_takes_over_from_the_retry_of_a_parked_root)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b:notify ]");

	world_ready(w, "b");
	world_exit(w, "b", 1);
	world_advance(w, 60000);
	expect(w, "spawn a, spawn b, signal a, spawn a, spawn b");
	world_shutdown(w, false);
	expect(w, "signal b, signal a, finished 0");
	world_free(w);
}

SPEC(shutdown_takes_over_from_a_retry_that_fails)
{
	struct world *w = world_boot("root 0/5 park=1m [ a b ]");

	world_exit(w, "b", 1);
	world_stop_delay(w, "a", 100);
	world_fail_spawns(w, "b", 1);
	world_advance(w, 60000);
	expect(w, "spawn a, spawn b, signal a, spawn a, spawn b, signal a");
	world_shutdown(w, false);
	world_advance(w, 100);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(a_root_parks_again_and_again)
{
	struct world *w = world_boot("root 0/5 park=1m [ a ]");

	expect(w, "spawn a");
	for (int i = 0; i < 5; i++) {
		world_exit(w, "a", 1);
		expect_states(w, "/ parked");
		world_advance(w, 60000);
		expect(w, "spawn a");
	}
	world_shutdown(w, false);
	expect(w, "signal a, finished 0");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parked_root_does_not_end_the_program),
		cmocka_unit_test(retry_after_boots_a_parked_root),
		cmocka_unit_test(a_root_whose_retry_fails_is_parked_again),
		cmocka_unit_test(a_first_boot_that_fails_ends_the_program),
		cmocka_unit_test(a_start_boots_a_parked_root),
		cmocka_unit_test(a_start_of_a_parked_root_replies_when_it_is_up),
		cmocka_unit_test(a_start_of_a_parked_root_whose_boot_fails_parks_it_again),
		cmocka_unit_test(a_shutdown_takes_over_from_the_start_of_a_parked_root),
		cmocka_unit_test(a_start_of_a_parked_root_survives_a_save),
		cmocka_unit_test(commands_below_a_parked_root_find_it_down),
		cmocka_unit_test(shutdown_of_a_parked_root_is_the_end),
		cmocka_unit_test(shutdown_of_a_root_that_is_being_parked_is_the_end),
		cmocka_unit_test(shutdown_takes_over_from_the_retry_of_a_parked_root),
		cmocka_unit_test(shutdown_takes_over_from_a_retry_that_fails),
		cmocka_unit_test(a_root_parks_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
