/* engine_dynamic_end.c - how a dynamic supervisor ends: OTP-SEMANTICS, rules 7 and 9. */
#include "tests/sim/spec_test.h"

/* Adds n instances i1, i2, … and forgets the trace. */
static void add_instances(struct world *w, int n)
{
	char name[] = "i1";

	for (int i = 0; i < n; i++, name[1]++)
		world_add(w, "jobs", name);
	world_forget(w);
}

SPEC(instances_are_stopped_concurrently)
{
	struct world *w = world_boot("root [ a jobs:dynamic [ job ] b ]");

	world_stop_delay(w, "job", 100);
	add_instances(w, 3);
	world_shutdown(w, false);
	expect(w, "signal b, signal jobs/i3, signal jobs/i2, signal jobs/i1");
	world_advance(w, 99);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(instances_share_one_shutdown_time)
{
	struct world *w = world_boot("root [ a jobs:dynamic [ job:shutdown=1s ] ]");

	world_stop_delay(w, "jobs/i1", 10);
	world_stop_delay(w, "jobs/i2", WORLD_NEVER);
	world_stop_delay(w, "jobs/i3", WORLD_NEVER);
	add_instances(w, 3);
	world_command(w, CMD_STOP, "jobs");
	expect_any_order(w, "signal jobs/i1, signal jobs/i2, signal jobs/i3");
	world_advance(w, 999);
	expect(w, "");
	world_advance(w, 1);
	expect_any_order(w, "kill jobs/i2, kill jobs/i3, reply 4 ok");
	world_free(w);
}

SPEC(brutal_instances_are_killed_together)
{
	struct world *w = world_boot("root [ a jobs:dynamic [ job:brutal ] ]");

	add_instances(w, 2);
	world_command(w, CMD_STOP, "jobs");
	expect_any_order(w, "kill jobs/i1, kill jobs/i2, reply 3 ok");
	world_free(w);
}

SPEC(nothing_else_starts_or_stops_until_the_last_instance_is_gone)
{
	struct world *w = world_boot("root one_for_all 9/5 [ a jobs:dynamic [ job ] b ]");

	world_stop_delay(w, "jobs/i1", 200);
	world_stop_delay(w, "jobs/i2", 100);
	add_instances(w, 2);
	world_exit(w, "b", 1);
	expect_any_order(w, "signal jobs/i1, signal jobs/i2");
	world_advance(w, 100);
	expect(w, "");
	world_advance(w, 100);
	expect(w, "signal a, spawn a, spawn b");
	expect_states(w, "jobs running, jobs/i1 removed, jobs/i2 removed");
	world_free(w);
}

SPEC(an_instance_that_a_command_is_stopping_does_not_hold_up_the_signals)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job ] ]");

	world_stop_delay(w, "jobs/i2", 300);
	add_instances(w, 3);
	world_command(w, CMD_STOP, "i2");
	expect(w, "signal jobs/i2");
	world_command(w, CMD_STOP, "jobs");
	expect_any_order(w, "signal jobs/i1, signal jobs/i3");
	world_advance(w, 300);
	expect_any_order(w, "reply 4 ok, reply 5 ok");
	world_free(w);
}

SPEC(an_instance_that_is_being_added_is_stopped_too_and_the_add_refused)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:notify ] ]");

	world_add(w, "jobs", "i1");
	world_add(w, "jobs", "i2");
	expect(w, "spawn jobs/i1");
	world_command(w, CMD_STOP, "jobs");
	expect_any_order(w, "signal jobs/i1, reply 1 supervisor_down stopping, "
			    "reply 2 supervisor_down stopping, reply 3 ok");
	assert_int_equal(world_given_back(w), 2);
	world_free(w);
}

SPEC(an_instance_whose_restart_is_due_goes_with_the_rest)
{
	struct world *w = world_boot("root [ jobs:dynamic 9/5 [ job:backoff=1s ] ]");

	add_instances(w, 2);
	world_exit(w, "i1", 1);
	world_exit(w, "i1", 1);
	expect(w, "spawn jobs/i1");
	world_command(w, CMD_STOP, "jobs");
	expect(w, "signal jobs/i2, reply 3 ok");
	world_advance(w, 5000);
	expect(w, "");
	expect_states(w, "jobs stopped, jobs/i1 removed, jobs/i2 removed");
	world_free(w);
}

SPEC(its_own_shutdown_time_ends_all_instances_at_once)
{
	struct world *w = world_boot("root [ a jobs:dynamic,shutdown=500ms [ job:inf ] ]");

	world_stop_delay(w, "job", WORLD_NEVER);
	add_instances(w, 2);
	world_command(w, CMD_STOP, "jobs");
	expect_any_order(w, "signal jobs/i1, signal jobs/i2");
	world_advance(w, 500);
	expect_any_order(w, "kill jobs/i1, kill jobs/i2, reply 3 ok");
	world_free(w);
}

SPEC(instances_do_not_come_back_with_their_supervisor)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a jobs:dynamic [ job ] ]");

	add_instances(w, 2);
	world_exit(w, "a", 1);
	expect_any_order(w, "signal jobs/i1, signal jobs/i2, spawn a");
	expect_states(w, "jobs running, jobs/i1 removed, jobs/i2 removed");
	assert_int_equal(world_given_back(w), 2);
	world_add(w, "jobs", "i1");
	expect(w, "spawn jobs/i1, reply 3 ok");
	world_free(w);
}

SPEC(any_significant_instance_ends_a_dynamic_supervisor)
{
	struct world *w = world_boot("root [ a jobs:transient,dynamic any_significant [ "
				     "job:transient,significant ] b ]");

	add_instances(w, 3);
	world_exit(w, "i2", 1);
	expect(w, "spawn jobs/i2");
	world_exit(w, "i2", 0);
	expect_any_order(w, "signal jobs/i3, signal jobs/i1");
	expect_states(w, "/ running, a running, jobs exited, b running");
	world_free(w);
}

SPEC(all_significant_ends_a_dynamic_supervisor_with_its_last_instance)
{
	struct world *w = world_boot("root any_significant [ a "
				     "jobs:transient,significant,dynamic all_significant [ "
				     "job:temporary,significant ] ]");

	add_instances(w, 2);
	world_exit(w, "i1", 3);
	expect(w, "");
	expect_states(w, "jobs running");
	world_exit(w, "i2", 4);
	expect(w, "signal a, finished 4");
	world_free(w);
}

SPEC(a_stop_of_the_last_significant_instance_ends_nothing)
{
	struct world *w =
		world_boot("root [ jobs:dynamic all_significant [ job:temporary,significant ] ]");

	add_instances(w, 2);
	world_exit(w, "i1", 0);
	world_command(w, CMD_STOP, "i2");
	expect(w, "signal jobs/i2, reply 3 ok");
	expect_states(w, "/ running, jobs running");
	world_free(w);
}

SPEC(giving_up_stops_the_instances_concurrently)
{
	struct world *w = world_boot("root 0/5 [ a jobs:dynamic 0/5 [ job ] ]");

	world_stop_delay(w, "job", 100);
	add_instances(w, 3);
	world_exit(w, "i2", 1);
	expect_any_order(w, "signal jobs/i1, signal jobs/i3");
	world_advance(w, 100);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(a_refusal_is_about_the_supervisor_asked_even_if_the_entry_is_gone_and_its_row_used_again)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:notify ] other:dynamic [ o ] ]");

	world_add(w, "jobs", "i1");
	world_add(w, "jobs", "i1");
	world_command(w, CMD_RESTART, "jobs/i1"); /* the first */
	world_exit(w, "jobs/i1", 1);
	expect(w, "spawn jobs/i1, reply 1 start_failed, spawn jobs/i1");
	world_add(w, "other", "o1"); /* in the row of the first */
	world_command(w, CMD_STOP, "jobs");
	expect(w, "spawn other/o1, reply 4 ok, reply 2 supervisor_down stopping, "
		  "reply 3 supervisor_down stopping, signal jobs/i1, reply 5 ok");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_are_stopped_concurrently),
		cmocka_unit_test(instances_share_one_shutdown_time),
		cmocka_unit_test(brutal_instances_are_killed_together),
		cmocka_unit_test(nothing_else_starts_or_stops_until_the_last_instance_is_gone),
		cmocka_unit_test(
			an_instance_that_a_command_is_stopping_does_not_hold_up_the_signals),
		cmocka_unit_test(
			an_instance_that_is_being_added_is_stopped_too_and_the_add_refused),
		cmocka_unit_test(an_instance_whose_restart_is_due_goes_with_the_rest),
		cmocka_unit_test(its_own_shutdown_time_ends_all_instances_at_once),
		cmocka_unit_test(instances_do_not_come_back_with_their_supervisor),
		cmocka_unit_test(any_significant_instance_ends_a_dynamic_supervisor),
		cmocka_unit_test(all_significant_ends_a_dynamic_supervisor_with_its_last_instance),
		cmocka_unit_test(a_stop_of_the_last_significant_instance_ends_nothing),
		cmocka_unit_test(giving_up_stops_the_instances_concurrently),
		cmocka_unit_test(
			a_refusal_is_about_the_supervisor_asked_even_if_the_entry_is_gone_and_its_row_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
