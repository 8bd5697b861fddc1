/* engine_command_turns.c - commands that can't be carried out, or not yet: OTP-SEMANTICS, rules 1
 * and 8. */
#include "tests/sim/spec_test.h"

SPEC(commands_about_the_root_are_refused)
{
	struct world *w = world_boot("root [ a ]");

	expect(w, "spawn a");
	for (unsigned kind = CMD_START; kind <= CMD_DELETE; kind++)
		world_command(w, (enum command_kind)kind, "/");
	expect(w, "reply 1 invalid_state running, reply 2 invalid_state running, "
		  "reply 3 invalid_state running, reply 4 invalid_state running");
	world_free(w);
}

SPEC(commands_below_a_supervisor_that_is_not_up_are_refused)
{
	struct world *w = world_boot("root [ sub [ x ] ]");

	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/x, signal sub/x, reply 1 ok");
	world_command(w, CMD_START, "x");
	world_command(w, CMD_STOP, "x");
	world_command(w, CMD_DELETE, "x");
	world_command(w, CMD_RESTART, "x");
	expect(w, "reply 2 supervisor_down stopped, reply 3 supervisor_down stopped, "
		  "reply 4 supervisor_down stopped, reply 5 supervisor_down stopped");
	expect_states(w, "sub stopped, x stopped");
	world_free(w);
}

SPEC(a_command_waits_while_its_supervisor_is_busy)
{
	struct world *w = world_boot("root [ a:notify b c ]");

	expect(w, "spawn a");
	world_command(w, CMD_STOP, "a");
	expect(w, "");
	world_ready(w, "a");
	expect(w, "spawn b, spawn c, signal a, reply 1 ok");
	world_free(w);
}

SPEC(commands_are_served_in_their_order)
{
	struct world *w = world_boot("root [ a b ]");

	world_stop_delay(w, "a", 100);
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	expect(w, "spawn a, spawn b, signal a");
	world_advance(w, 100);
	expect(w, "reply 1 ok, spawn a, reply 2 ok, signal b, reply 3 ok, reply 4 ok");
	world_free(w);
}

SPEC(a_command_to_one_that_was_removed_before_its_turn_finds_it_gone)
{
	struct world *w = world_boot("root [ a t:temporary d ]");

	world_stop_delay(w, "t", 100);
	world_command(w, CMD_STOP, "t");
	world_command(w, CMD_STOP, "t");
	world_command(w, CMD_START, "t");
	world_advance(w, 100);
	expect(w, "spawn a, spawn t, spawn d, signal t, reply 1 ok, reply 2 gone, reply 3 gone");
	world_command(w, CMD_STOP, "a");
	world_free(w);
}

SPEC(commands_in_the_queue_of_a_supervisor_that_ends_find_it_down)
{
	struct world *w = world_boot("root 9/5 [ sub 0/5 [ a b c ] ]");

	expect(w, "spawn sub/a, spawn sub/b, spawn sub/c");
	world_stop_delay(w, "c", 100);
	world_exit(w, "b", 1);
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_DELETE, "b");
	world_advance(w, 100);
	expect_any_order(w, "signal sub/c, reply 1 supervisor_down stopping, "
			    "reply 2 supervisor_down stopping, signal sub/a, spawn sub/a, "
			    "spawn sub/b, spawn sub/c");
	world_free(w);
}

SPEC(a_stop_of_a_supervisor_does_not_wait_for_a_slow_start_below_it)
{
	struct world *w = world_boot("root [ sub one_for_all [ x y:notify z ] b ]");

	world_ready(w, "y");
	world_exit(w, "x", 1);
	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z, spawn b, signal sub/z, signal sub/y, "
		  "spawn sub/x, spawn sub/y");
	world_command(w, CMD_STOP, "sub");
	expect(w, "signal sub/y, signal sub/x, reply 1 ok");
	expect_states(w, "sub stopped, x stopped, y stopped, z stopped");
	world_free(w);
}

SPEC(a_stop_of_a_supervisor_waits_for_the_one_that_is_just_being_stopped)
{
	struct world *w = world_boot("root [ sub one_for_all [ x y z ] b ]");

	world_stop_delay(w, "z", 100);
	world_exit(w, "x", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z, spawn b, signal sub/z");
	world_advance(w, 100);
	expect(w, "signal sub/y, reply 1 ok");
	world_free(w);
}

SPEC(a_stop_of_a_supervisor_that_is_giving_up_succeeds)
{
	struct world *w = world_boot("root 9/5 [ sub 0/5 [ x y ] b ]");

	world_stop_delay(w, "y", 100);
	world_exit(w, "x", 1);
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn sub/x, spawn sub/y, spawn b, signal sub/y");
	world_advance(w, 100);
	expect(w, "reply 1 ok");
	expect_states(w, "/ running, sub stopped, b running");
	world_free(w);
}

SPEC(the_reply_to_a_failed_start_says_why)
{
	struct world *w = world_boot("root [ a:notify,timeout=1s ]");

	world_ready(w, "a");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	world_advance(w, 1000);
	expect(w, "spawn a, signal a, reply 1 ok, spawn a, signal a, reply 2 start_failed");
	assert_int_equal(world_view(w, "a").end.kind, END_START_TIMEOUT);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_about_the_root_are_refused),
		cmocka_unit_test(commands_below_a_supervisor_that_is_not_up_are_refused),
		cmocka_unit_test(a_command_waits_while_its_supervisor_is_busy),
		cmocka_unit_test(commands_are_served_in_their_order),
		cmocka_unit_test(a_command_to_one_that_was_removed_before_its_turn_finds_it_gone),
		cmocka_unit_test(commands_in_the_queue_of_a_supervisor_that_ends_find_it_down),
		cmocka_unit_test(a_stop_of_a_supervisor_does_not_wait_for_a_slow_start_below_it),
		cmocka_unit_test(
			a_stop_of_a_supervisor_waits_for_the_one_that_is_just_being_stopped),
		cmocka_unit_test(a_stop_of_a_supervisor_that_is_giving_up_succeeds),
		cmocka_unit_test(the_reply_to_a_failed_start_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
