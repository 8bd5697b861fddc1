/* engine_dynamic.c - dynamic supervisors: OTP-SEMANTICS, rule 9. */
#include "tests/sim/spec_test.h"

/* Adds n instances i1, i2, … */
static void add_instances(struct world *w, const char *sup, int n)
{
	char name[] = "i1";

	for (int i = 0; i < n; i++, name[1]++)
		world_add(w, sup, name);
}

SPEC(a_dynamic_supervisor_starts_empty)
{
	struct world *w = world_boot("root [ a jobs:dynamic [ job:temporary ] b ]");

	expect(w, "spawn a, spawn b");
	expect_states(w, "/ running, jobs running");
	assert_int_equal(world_view(w, "jobs").first_child, ENGINE_NONE);
	world_free(w);
}

SPEC(an_add_makes_an_instance_of_the_template)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:transient ] ]");
	struct view view;

	world_add(w, "jobs", "i1");
	world_add(w, "jobs", "i2");
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok");
	expect_states(w, "jobs running, jobs/i1 running, jobs/i2 running");
	view = world_view(w, "i2");
	assert_string_equal(view.name, "i2");
	assert_true(view.added);
	assert_false(view.task);
	assert_ptr_equal(view.spec, world_spec(w));
	assert_int_equal(view.ref.index, world_view(w, "i1").next_sibling);
	assert_int_equal(view.parent, world_view(w, "jobs").ref.index);
	world_free(w);
}

SPEC(an_instance_that_fails_to_start_leaves_nothing)
{
	struct world *w = world_boot("root 0/5 [ jobs:dynamic 0/5 [ job ] ]");

	world_fail_spawns(w, "job", 1);
	world_add(w, "jobs", "i1");
	expect(w, "spawn jobs/i1, reply 1 start_failed");
	expect_states(w, "/ running, jobs running, jobs/i1 removed");
	world_add(w, "jobs", "i1");
	expect(w, "spawn jobs/i1, reply 2 ok");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(an_instance_that_exits_before_it_is_ready_has_failed_to_start)
{
	struct world *w = world_boot("root 0/5 [ jobs:dynamic 0/5 [ job:notify ] ]");

	world_add(w, "jobs", "i1");
	world_exit(w, "i1", 0);
	expect(w, "spawn jobs/i1, reply 1 start_failed");
	expect_states(w, "/ running, jobs running, jobs/i1 removed");
	world_free(w);
}

SPEC(the_name_of_a_living_instance_is_taken)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:temporary ] other:dynamic [ j ] ]");

	world_add(w, "jobs", "i1");
	world_add(w, "jobs", "i1");
	world_add(w, "other", "i1");
	expect(w, "spawn jobs/i1, reply 1 ok, reply 2 exists running, spawn other/i1, reply 3 ok");
	world_exit(w, "jobs/i1", 0);
	world_add(w, "jobs", "i1");
	expect(w, "spawn jobs/i1, reply 4 ok");
	world_free(w);
}

SPEC(max_children_counts_the_instances_that_are_there)
{
	struct world *w =
		world_boot("root 9/5 [ jobs:dynamic=2 9/5 [ job:transient,backoff=1s ] ]");

	add_instances(w, "jobs", 3);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok, reply 3 limit_reached");
	world_exit(w, "i2", 1);
	world_exit(w, "i2", 1);
	expect_states(w, "jobs/i2 backoff");
	world_add(w, "jobs", "i3"); /* i2 keeps its place */
	expect(w, "spawn jobs/i2, reply 4 limit_reached");
	world_exit(w, "i1", 0);
	world_add(w, "jobs", "i3");
	expect(w, "spawn jobs/i3, reply 5 ok");
	world_command(w, CMD_STOP, "i3");
	world_add(w, "jobs", "i4");
	expect(w, "signal jobs/i3, reply 6 ok, spawn jobs/i4, reply 7 ok");
	world_free(w);
}

SPEC(no_row_left_is_a_limit_reached)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job ] ]");
	char name[] = "a";

	for (int i = 0; i < 16; i++, name[0]++)
		world_add(w, "jobs", name);
	assert_int_equal(world_alive(w), 16);
	world_forget(w);
	world_add(w, "jobs", name);
	expect(w, "reply 17 limit_reached");
	assert_int_equal(world_given_back(w), 1);
	world_command(w, CMD_STOP, "a");
	world_add(w, "jobs", name);
	expect(w, "signal jobs/a, reply 18 ok, spawn jobs/q, reply 19 ok");
	world_free(w);
}

/* ---- the life of an instance */

SPEC(an_instance_is_restarted_alone_in_place_under_its_name)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job ] ]");
	uint32_t index;

	add_instances(w, "jobs", 3);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok, spawn jobs/i3, "
		  "reply 3 ok");
	index = world_view(w, "i2").ref.index;
	world_exit(w, "i2", 0);
	expect(w, "spawn jobs/i2");
	assert_int_equal(world_view(w, "i2").ref.index, index);
	assert_int_equal(world_view(w, "i1").next_sibling, index);
	assert_int_equal(world_view(w, "i2").restarts, 1);
	world_free(w);
}

SPEC(a_normal_exit_of_a_transient_instance_removes_it)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:transient ] ]");

	world_add(w, "jobs", "i1");
	world_exit(w, "i1", 1);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i1");
	world_exit(w, "i1", 0);
	expect(w, "");
	expect_states(w, "jobs running, jobs/i1 removed");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(any_exit_of_a_temporary_instance_removes_it)
{
	struct world *w = world_boot("root 0/5 [ jobs:dynamic 0/5 [ job:temporary ] ]");

	add_instances(w, "jobs", 2);
	world_exit(w, "i1", 1);
	world_exit(w, "i2", 0);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok");
	expect_states(w, "/ running, jobs running, jobs/i1 removed, jobs/i2 removed");
	assert_int_equal(world_given_back(w), 2);
	world_free(w);
}

SPEC(one_counter_serves_all_instances)
{
	struct world *w = world_boot("root 1/5 [ a jobs:dynamic 2/5 [ job ] b ]");

	add_instances(w, "jobs", 3);
	expect(w, "spawn a, spawn b, spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok, "
		  "spawn jobs/i3, reply 3 ok");
	world_exit(w, "i1", 1);
	world_exit(w, "i2", 1);
	expect(w, "spawn jobs/i1, spawn jobs/i2");
	assert_int_equal(world_view(w, "jobs").window, 2);
	world_exit(w, "i3", 1);
	expect_any_order(w, "signal jobs/i2, signal jobs/i1");
	/* restarted by its parent, and empty */
	expect_states(w, "/ running, jobs running, jobs/i1 removed, jobs/i3 removed, b running");
	assert_int_equal(world_view(w, "/").window, 1);
	assert_int_equal(world_view(w, "jobs").window, 0);
	assert_int_equal(world_given_back(w), 3);
	world_free(w);
}

SPEC(a_failed_restart_of_an_instance_is_tried_again_and_counted)
{
	struct world *w = world_boot("root 9/5 [ jobs:dynamic 3/5 [ job ] ]");

	add_instances(w, "jobs", 2);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok");
	world_fail_spawns(w, "job", 2);
	world_exit(w, "i1", 1);
	expect(w, "spawn jobs/i1, spawn jobs/i1, spawn jobs/i1");
	assert_int_equal(world_view(w, "jobs").window, 3);
	world_fail_spawns(w, "job", -1);
	world_exit(w, "i1", 1);
	expect(w, "signal jobs/i2");
	expect_states(w, "/ running, jobs running, jobs/i1 removed, jobs/i2 removed");
	world_free(w);
}

SPEC(instances_have_a_streak_of_backoff_each)
{
	struct world *w = world_boot("root [ jobs:dynamic 9/5 [ job:backoff=1s ] ]");

	add_instances(w, "jobs", 2);
	world_exit(w, "i1", 1);
	world_exit(w, "i1", 1);
	world_exit(w, "i2", 1);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok, spawn jobs/i1, "
		  "spawn jobs/i2");
	expect_states(w, "jobs running, jobs/i1 backoff, jobs/i2 running");
	world_advance(w, 1000);
	expect(w, "spawn jobs/i1");
	world_free(w);
}

SPEC(an_instance_of_a_former_entry_is_never_taken_for_the_present)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:temporary ] ]");
	struct view former;
	struct event event = {.kind = EV_EXITED, .gone = true, .end = {.kind = END_EXITED}};

	world_add(w, "jobs", "i1");
	former = world_view(w, "i1");
	world_exit(w, "i1", 0);
	world_add(w, "jobs", "i2");
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok");
	assert_int_equal(world_view(w, "i2").ref.index, former.ref.index);
	event.ref = former.ref;
	world_feed(w, &event);
	expect_states(w, "jobs/i2 running");
	world_free(w);
}

/* ---- commands */

SPEC(start_and_delete_of_an_instance_are_refused)
{
	struct world *w = world_boot("root [ jobs:dynamic 9/5 [ job:backoff=1s ] ]");

	world_add(w, "jobs", "i1");
	world_command(w, CMD_START, "i1");
	world_command(w, CMD_DELETE, "i1");
	expect(w, "spawn jobs/i1, reply 1 ok, reply 2 invalid_state running, "
		  "reply 3 invalid_state running");
	world_exit(w, "i1", 1);
	world_exit(w, "i1", 1);
	world_command(w, CMD_DELETE, "i1");
	expect(w, "spawn jobs/i1, reply 4 invalid_state backoff");
	world_free(w);
}

SPEC(a_start_of_an_instance_that_waits_is_its_next_try)
{
	struct world *w = world_boot("root [ jobs:dynamic 9/5 [ job:backoff=1s ] ]");

	world_add(w, "jobs", "i1");
	world_exit(w, "i1", 1);
	world_exit(w, "i1", 1);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i1");
	world_command(w, CMD_START, "i1");
	expect(w, "spawn jobs/i1, reply 2 ok");
	expect_states(w, "jobs/i1 running");
	world_free(w);
}

SPEC(stop_of_an_instance_removes_it)
{
	struct world *w = world_boot("root [ jobs:dynamic 9/5 [ job:backoff=1s ] ]");

	add_instances(w, "jobs", 2);
	world_command(w, CMD_STOP, "i1");
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok, signal jobs/i1, "
		  "reply 3 ok");
	expect_states(w, "jobs/i1 removed, jobs/i2 running");
	world_exit(w, "i2", 1);
	world_exit(w, "i2", 1);
	world_command(w, CMD_STOP, "i2");
	expect(w, "spawn jobs/i2, reply 4 ok");
	world_advance(w, 5000);
	expect(w, "");
	expect_states(w, "jobs running, jobs/i2 removed");
	assert_int_equal(world_given_back(w), 2);
	world_free(w);
}

SPEC(restart_of_an_instance_stops_and_starts_it_in_place)
{
	struct world *w = world_boot("root [ jobs:dynamic 0/5 [ job:temporary ] ]");
	uint32_t index;

	add_instances(w, "jobs", 2);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok");
	index = world_view(w, "i1").ref.index;
	world_command(w, CMD_RESTART, "i1");
	expect(w, "signal jobs/i1, spawn jobs/i1, reply 3 ok");
	assert_int_equal(world_view(w, "i1").ref.index, index);
	assert_int_equal(world_view(w, "jobs").window, 0);
	assert_int_equal(world_given_back(w), 0);
	world_free(w);
}

SPEC(a_restart_of_an_instance_that_fails_removes_it)
{
	struct world *w = world_boot("root [ jobs:dynamic 0/5 [ job ] ]");

	world_add(w, "jobs", "i1");
	world_fail_spawns(w, "job", 1);
	world_command(w, CMD_RESTART, "i1");
	expect(w, "spawn jobs/i1, reply 1 ok, signal jobs/i1, spawn jobs/i1, "
		  "reply 2 start_failed");
	expect_states(w, "/ running, jobs running, jobs/i1 removed");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(adds_are_carried_out_one_after_the_other)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job:notify ] ]");

	add_instances(w, "jobs", 2);
	expect(w, "spawn jobs/i1");
	world_ready(w, "i1");
	expect(w, "reply 1 ok, spawn jobs/i2");
	world_ready(w, "i2");
	expect(w, "reply 2 ok");
	world_free(w);
}

SPEC(a_start_of_a_stopped_dynamic_supervisor_starts_it_empty)
{
	struct world *w = world_boot("root [ jobs:dynamic [ job ] ]");

	world_add(w, "jobs", "i1");
	world_command(w, CMD_STOP, "jobs");
	world_add(w, "jobs", "i2");
	expect(w, "spawn jobs/i1, reply 1 ok, signal jobs/i1, reply 2 ok, "
		  "reply 3 supervisor_down stopped");
	expect_states(w, "jobs stopped, jobs/i1 removed");
	assert_int_equal(world_given_back(w), 2);
	world_command(w, CMD_START, "jobs");
	expect(w, "reply 4 ok");
	world_add(w, "jobs", "i1");
	expect(w, "spawn jobs/i1, reply 5 ok");
	world_free(w);
}

SPEC(a_task_is_temporary_and_ready_by_exec_whatever_its_specification_says)
{
	struct world *w = world_boot("root 0/5 [ jobs:dynamic 0/5 [ job:notify ] ]");

	world_add_task(w, "jobs", "i1");
	expect(w, "spawn jobs/i1, reply 1 ok");
	assert_true(world_view(w, "i1").task);
	world_exit(w, "i1", 3);
	expect(w, "");
	expect_states(w, "/ running, jobs running, jobs/i1 removed");
	world_free(w);
}

SPEC(a_task_is_never_significant)
{
	struct world *w =
		world_boot("root [ jobs:dynamic any_significant [ job:temporary,significant ] ]");

	world_add(w, "jobs", "i1");
	world_add_task(w, "jobs", "i2");
	world_exit(w, "i2", 0);
	expect(w, "spawn jobs/i1, reply 1 ok, spawn jobs/i2, reply 2 ok");
	expect_states(w, "jobs running, jobs/i1 running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dynamic_supervisor_starts_empty),
		cmocka_unit_test(an_add_makes_an_instance_of_the_template),
		cmocka_unit_test(an_instance_that_fails_to_start_leaves_nothing),
		cmocka_unit_test(an_instance_that_exits_before_it_is_ready_has_failed_to_start),
		cmocka_unit_test(the_name_of_a_living_instance_is_taken),
		cmocka_unit_test(max_children_counts_the_instances_that_are_there),
		cmocka_unit_test(no_row_left_is_a_limit_reached),
		cmocka_unit_test(an_instance_is_restarted_alone_in_place_under_its_name),
		cmocka_unit_test(a_normal_exit_of_a_transient_instance_removes_it),
		cmocka_unit_test(any_exit_of_a_temporary_instance_removes_it),
		cmocka_unit_test(one_counter_serves_all_instances),
		cmocka_unit_test(a_failed_restart_of_an_instance_is_tried_again_and_counted),
		cmocka_unit_test(instances_have_a_streak_of_backoff_each),
		cmocka_unit_test(an_instance_of_a_former_entry_is_never_taken_for_the_present),
		cmocka_unit_test(start_and_delete_of_an_instance_are_refused),
		cmocka_unit_test(a_start_of_an_instance_that_waits_is_its_next_try),
		cmocka_unit_test(stop_of_an_instance_removes_it),
		cmocka_unit_test(restart_of_an_instance_stops_and_starts_it_in_place),
		cmocka_unit_test(a_restart_of_an_instance_that_fails_removes_it),
		cmocka_unit_test(adds_are_carried_out_one_after_the_other),
		cmocka_unit_test(a_start_of_a_stopped_dynamic_supervisor_starts_it_empty),
		cmocka_unit_test(
			a_task_is_temporary_and_ready_by_exec_whatever_its_specification_says),
		cmocka_unit_test(a_task_is_never_significant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
