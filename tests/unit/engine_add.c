/* engine_add.c - children added below static supervisors: OTP-SEMANTICS, rule 8, add. */
#include <errno.h>

#include "tests/sim/spec_test.h"

SPEC(an_added_child_is_started_and_stands_at_the_end)
{
	struct world *w = world_boot("root [ a sub [ x y ] b ]");
	struct view view;

	world_add(w, "sub", "z:transient");
	world_add(w, "/", "c");
	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b, spawn sub/z, reply 1 ok, spawn c, "
		  "reply 2 ok");
	view = world_view(w, "sub/z");
	assert_true(view.added);
	assert_int_equal(view.parent, world_view(w, "sub").ref.index);
	assert_int_equal(world_view(w, "sub/y").next_sibling, view.ref.index);
	world_shutdown(w, false);
	expect(w, "signal c, signal b, signal sub/z, signal sub/y, signal sub/x, signal a, "
		  "finished 0");
	world_free(w);
}

SPEC(an_add_replies_when_the_child_is_ready)
{
	struct world *w = world_boot("root [ a ]");

	world_add(w, "/", "b:notify");
	expect(w, "spawn a, spawn b");
	world_ready(w, "b");
	expect(w, "reply 1 ok");
	world_free(w);
}

SPEC(the_name_of_a_running_one_is_taken)
{
	struct world *w = world_boot("root [ a b sub [ x ] ]");

	world_add(w, "/", "b");
	world_add(w, "/", "sub");
	world_add(w, "sub", "b"); /* another supervisor: another name */
	world_add(w, "sub", "b");
	expect(w, "spawn a, spawn b, spawn sub/x, reply 1 exists running, reply 2 exists running, "
		  "spawn sub/b, reply 3 ok, reply 4 exists running");
	assert_int_equal(world_given_back(w), 3);
	world_free(w);
}

SPEC(the_name_of_a_stopped_one_is_taken)
{
	struct world *w = world_boot("root 0/5 [ a b:transient sub:transient 0/5 [ x ] ]");

	world_command(w, CMD_STOP, "a");
	world_exit(w, "b", 0);
	world_exit(w, "x", 1);
	expect(w, "spawn a, spawn b, spawn sub/x, signal a, reply 1 ok");
	world_add(w, "/", "a");
	world_add(w, "/", "b");
	world_add(w, "/", "sub");
	expect(w, "reply 2 exists stopped, reply 3 exists exited, reply 4 exists exited");
	world_free(w);
}

SPEC(the_name_of_a_removed_one_is_free)
{
	struct world *w = world_boot("root [ a t:temporary b ]");

	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_DELETE, "a");
	world_exit(w, "t", 0);
	world_add(w, "/", "a");
	world_add(w, "/", "t");
	expect(w, "spawn a, spawn t, spawn b, signal a, reply 1 ok, reply 2 ok, spawn a, "
		  "reply 3 ok, spawn t, reply 4 ok");
	world_shutdown(w, false);
	expect(w, "signal t, signal a, signal b, finished 0");
	world_free(w);
}

SPEC(an_added_one_that_fails_to_start_makes_no_entry)
{
	struct world *w = world_boot("root one_for_all 0/5 [ a ]");

	world_fail_spawns(w, "b", 1);
	world_add(w, "/", "b");
	expect(w, "spawn a, spawn b, reply 1 start_failed");
	expect_states(w, "/ running, a running, b removed");
	assert_int_equal(world_given_back(w), 1);
	assert_int_equal(world_view(w, "/").window, 0);
	world_add(w, "/", "b:notify");
	world_exit(w, "b", 0);
	expect(w, "spawn b, reply 2 start_failed");
	world_add(w, "/", "b:notify,timeout=1s");
	world_advance(w, 1000);
	expect(w, "spawn b, signal b, reply 3 start_failed");
	world_add(w, "/", "b");
	expect(w, "spawn b, reply 4 ok");
	world_free(w);
}

SPEC(added_ones_are_lost_when_their_supervisor_restarts)
{
	struct world *w = world_boot("root 9/5 [ sub 0/5 [ x ] a ]");

	world_add(w, "sub", "y");
	world_add(w, "sub", "z:transient");
	expect(w, "spawn sub/x, spawn a, spawn sub/y, reply 1 ok, spawn sub/z, reply 2 ok");
	world_exit(w, "x", 1);
	expect(w, "signal sub/z, signal sub/y, spawn sub/x");
	expect_states(w, "sub running, sub/x running, sub/y removed, sub/z removed");
	assert_int_equal(world_given_back(w), 2);
	world_add(w, "sub", "y");
	expect(w, "spawn sub/y, reply 3 ok");
	world_free(w);
}

SPEC(added_ones_are_lost_when_their_supervisor_is_stopped_or_restarted_by_command)
{
	struct world *w = world_boot("root [ sub [ x ] a ]");

	world_add(w, "sub", "y");
	world_command(w, CMD_RESTART, "sub");
	expect(w, "spawn sub/x, spawn a, spawn sub/y, reply 1 ok, signal sub/y, signal sub/x, "
		  "spawn sub/x, reply 2 ok");
	world_add(w, "sub", "y");
	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/y, reply 3 ok, signal sub/y, signal sub/x, reply 4 ok, spawn sub/x, "
		  "reply 5 ok");
	expect_states(w, "sub/y removed");
	assert_int_equal(world_given_back(w), 2);
	world_free(w);
}

SPEC(added_ones_come_back_with_their_supervisor_when_it_is_removed)
{
	struct world *w = world_boot("root [ a t:temporary [ x ] sub [ deep [ y ] ] ]");

	world_add(w, "t", "b");
	world_add(w, "deep", "c");
	world_command(w, CMD_STOP, "t");
	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_DELETE, "sub");
	assert_int_equal(world_given_back(w), 2);
	expect_states(w, "t removed, t/b removed, sub removed, sub/deep/c removed");
	world_free(w);
}

SPEC(a_deleted_one_whose_name_was_taken_comes_back_alone)
{
	struct world *w = world_boot("root 9/5 [ sub 0/5 [ x y ] ]");

	world_command(w, CMD_STOP, "x");
	world_command(w, CMD_DELETE, "x");
	world_add(w, "sub", "x:temporary");
	expect(w, "spawn sub/x, spawn sub/y, signal sub/x, reply 1 ok, reply 2 ok, spawn sub/x, "
		  "reply 3 ok");
	world_exit(w, "y", 1);
	expect(w, "signal sub/x, spawn sub/x, spawn sub/y");
	assert_false(world_view(w, "sub/x").added);
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

/* ---- an added one is a child like any other */

SPEC(an_added_one_is_restarted_and_counted)
{
	struct world *w = world_boot("root 2/5 [ a ]");

	world_add(w, "/", "b");
	world_exit(w, "b", 0);
	world_exit(w, "a", 1);
	expect(w, "spawn a, spawn b, reply 1 ok, spawn b, spawn a");
	assert_int_equal(world_view(w, "/").window, 2);
	world_exit(w, "b", 1);
	expect(w, "signal a, finished 1");
	world_free(w);
}

SPEC(an_added_one_is_part_of_its_group)
{
	struct world *w = world_boot("root rest_for_one 9/5 [ a b ]");

	world_add(w, "/", "c");
	world_add(w, "/", "t:temporary");
	expect(w, "spawn a, spawn b, spawn c, reply 1 ok, spawn t, reply 2 ok");
	world_exit(w, "b", 1);
	expect(w, "signal t, signal c, spawn b, spawn c");
	expect_states(w, "a running, b running, c running, t removed");
	assert_int_equal(world_given_back(w), 1);
	world_exit(w, "c", 1);
	expect(w, "spawn c");
	world_free(w);
}

SPEC(an_added_temporary_is_removed_by_its_exit)
{
	struct world *w = world_boot("root [ a ]");

	world_add(w, "/", "t:temporary");
	world_exit(w, "t", 1);
	expect(w, "spawn a, spawn t, reply 1 ok");
	expect_states(w, "t removed");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(commands_serve_an_added_one)
{
	struct world *w = world_boot("root [ a ]");

	world_add(w, "/", "b");
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_START, "b");
	world_command(w, CMD_RESTART, "b");
	world_command(w, CMD_DELETE, "b");
	expect(w, "spawn a, spawn b, reply 1 ok, signal b, reply 2 ok, spawn b, reply 3 ok, "
		  "signal b, spawn b, reply 4 ok, reply 5 invalid_state running");
	world_command(w, CMD_STOP, "b");
	assert_int_equal(world_given_back(w), 0);
	world_command(w, CMD_DELETE, "b");
	expect(w, "signal b, reply 6 ok, reply 7 ok");
	expect_states(w, "b removed");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(an_added_significant_one_ends_its_supervisor)
{
	struct world *w = world_boot("root any_significant [ a ]");

	world_add(w, "/", "b:temporary,significant");
	world_exit(w, "b", 5);
	expect(w, "spawn a, spawn b, reply 1 ok, signal a, finished 5");
	world_free(w);
}

/* ---- turns */

SPEC(an_add_waits_while_its_supervisor_is_busy)
{
	struct world *w = world_boot("root [ a n:notify ]");

	world_add(w, "/", "b");
	expect(w, "spawn a, spawn n");
	world_ready(w, "n");
	expect(w, "spawn b, reply 1 ok");
	world_free(w);
}

SPEC(an_add_whose_supervisor_ends_before_its_turn_finds_it_down)
{
	struct world *w = world_boot("root 3/5 [ a sub 0/5 [ x n:notify ] ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/n");
	world_add(w, "sub", "y");
	world_exit(w, "n", 1);
	expect(w, "reply 1 supervisor_down stopping, signal sub/x, signal a, finished 1");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(an_add_below_one_that_is_down_finds_it_down)
{
	struct world *w = world_boot("root [ a sub [ x ] ]");

	world_command(w, CMD_STOP, "sub");
	world_add(w, "sub", "y");
	expect(w, "spawn a, spawn sub/x, signal sub/x, reply 1 ok, "
		  "reply 2 supervisor_down stopped");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(an_add_to_one_that_was_removed_before_its_turn_finds_it_gone)
{
	struct world *w = world_boot("root [ t:temporary [ n:notify ] a ]");

	world_add(w, "t", "y");
	world_ready(w, "n");
	expect(w, "spawn t/n, spawn t/y, spawn a, reply 1 ok");
	world_hold(w);
	world_command(w, CMD_STOP, "t");
	world_add(w, "t", "z");
	world_release(w);
	expect(w, "signal t/y, reply 3 supervisor_down stopping, signal t/n, reply 2 ok");
	assert_int_equal(world_given_back(w), 2);
	world_free(w);
}

SPEC(a_start_that_is_under_way_when_its_supervisor_ends_is_stopped_and_lost)
{
	struct world *w = world_boot("root [ a sub [ x ] ]");

	world_add(w, "sub", "y:notify");
	world_command(w, CMD_STOP, "sub");
	expect(w, "spawn a, spawn sub/x, spawn sub/y, "
		  "reply 1 supervisor_down stopping, signal sub/y, signal sub/x, reply 2 ok");
	expect_states(w, "sub stopped, sub/y removed");
	assert_int_equal(world_given_back(w), 1);
	world_free(w);
}

SPEC(the_report_of_the_end_says_who_stood_before)
{
	struct world *w = world_boot("root [ a sub [ ] ]");
	uint32_t a = world_view(w, "sub").ref.index;
	uint32_t sub = world_view(w, "sub").ref.index;

	world_add(w, "/", "b");
	world_add(w, "sub", "c");
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	assert_int_equal(world_last_prev(w), a);
	world_command(w, CMD_STOP, "c");
	world_command(w, CMD_DELETE, "c");
	assert_int_equal(world_last_prev(w), sub);
	world_free(w);
}

SPEC(an_added_one_is_found_by_its_path_and_its_last_part)
{
	struct world *w = world_boot("root [ a sub [ x ] ]");
	uint32_t index = 0;
	uint32_t n = 0;
	char path[16];

	world_add(w, "sub", "b");
	assert_int_equal(engine_find(world_engine(w), "sub/b", &index, NULL, 0, NULL), 0);
	assert_int_equal(index, world_view(w, "sub/b").ref.index);
	assert_int_equal(engine_find(world_engine(w), "b", &index, NULL, 0, NULL), 0);
	assert_int_equal(engine_path(world_engine(w), index, path, sizeof(path)), 5);
	assert_string_equal(path, "sub/b");
	world_add(w, "sub", "a");
	assert_int_equal(engine_find(world_engine(w), "sub/a", &index, NULL, 0, NULL), 0);
	world_command(w, CMD_STOP, "sub/b");
	world_command(w, CMD_DELETE, "sub/b");
	assert_int_equal(engine_find(world_engine(w), "b", &index, NULL, 0, &n), -ENOENT);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_added_child_is_started_and_stands_at_the_end),
		cmocka_unit_test(an_add_replies_when_the_child_is_ready),
		cmocka_unit_test(the_name_of_a_running_one_is_taken),
		cmocka_unit_test(the_name_of_a_stopped_one_is_taken),
		cmocka_unit_test(the_name_of_a_removed_one_is_free),
		cmocka_unit_test(an_added_one_that_fails_to_start_makes_no_entry),
		cmocka_unit_test(added_ones_are_lost_when_their_supervisor_restarts),
		cmocka_unit_test(
			added_ones_are_lost_when_their_supervisor_is_stopped_or_restarted_by_command),
		cmocka_unit_test(added_ones_come_back_with_their_supervisor_when_it_is_removed),
		cmocka_unit_test(a_deleted_one_whose_name_was_taken_comes_back_alone),
		cmocka_unit_test(an_added_one_is_restarted_and_counted),
		cmocka_unit_test(an_added_one_is_part_of_its_group),
		cmocka_unit_test(an_added_temporary_is_removed_by_its_exit),
		cmocka_unit_test(commands_serve_an_added_one),
		cmocka_unit_test(an_added_significant_one_ends_its_supervisor),
		cmocka_unit_test(an_add_waits_while_its_supervisor_is_busy),
		cmocka_unit_test(an_add_whose_supervisor_ends_before_its_turn_finds_it_down),
		cmocka_unit_test(an_add_below_one_that_is_down_finds_it_down),
		cmocka_unit_test(an_add_to_one_that_was_removed_before_its_turn_finds_it_gone),
		cmocka_unit_test(
			a_start_that_is_under_way_when_its_supervisor_ends_is_stopped_and_lost),
		cmocka_unit_test(the_report_of_the_end_says_who_stood_before),
		cmocka_unit_test(an_added_one_is_found_by_its_path_and_its_last_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
