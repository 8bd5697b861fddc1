/* engine_auto_shutdown.c - significant children, and supervisors that shut themselves down:
 * OTP-SEMANTICS, rule 7. */
#include <signal.h>

#include "tests/sim/spec_test.h"

SPEC(any_significant_ends_with_the_first)
{
	struct world *w = world_boot("root any_significant [ a b:transient,significant c "
				     "d:transient,significant ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_exit(w, "b", 0);
	expect(w, "signal d, signal c, signal a, finished 0");
	world_free(w);
}

SPEC(all_significant_ends_with_the_last)
{
	struct world *w = world_boot("root all_significant [ a b:transient,significant "
				     "c:temporary,significant d ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_exit(w, "b", 0);
	expect(w, "");
	expect_states(w, "/ running, a running, b exited, c running, d running");
	world_exit(w, "c", 1);
	expect(w, "signal d, signal a, finished 1");
	world_free(w);
}

SPEC(never_does_not_look)
{
	struct world *w = world_boot("root [ a b:transient,significant c:temporary,significant ]");

	world_exit(w, "b", 0);
	world_exit(w, "c", 0);
	expect(w, "spawn a, spawn b, spawn c");
	expect_states(w, "/ running, a running, b exited, c removed");
	world_free(w);
}

SPEC(an_exit_of_one_that_is_not_significant_ends_nothing)
{
	static const char *const TREES[] = {
		"root any_significant [ a b:transient,significant c:temporary d:transient ]",
		"root all_significant [ a b:transient,significant c:temporary d:transient ]",
	};

	for (size_t i = 0; i < sizeof(TREES) / sizeof(TREES[0]); i++) {
		struct world *w = world_boot(TREES[i]);

		world_exit(w, "c", 1);
		world_exit(w, "d", 0);
		expect(w, "spawn a, spawn b, spawn c, spawn d");
		expect_states(w, "/ running, b running, c removed, d exited");
		world_free(w);
	}
}

/* ---- which exits count */

SPEC(a_significant_transient_counts_only_when_it_exits_normally)
{
	struct world *w = world_boot("root 9/5 any_significant [ a b:transient,significant,ok=3 ]");

	world_exit(w, "b", 1);
	world_die(w, "b", SIGKILL);
	expect(w, "spawn a, spawn b, spawn b, spawn b");
	world_exit(w, "b", 3);
	expect(w, "signal a, finished 3");
	world_free(w);
}

SPEC(a_significant_temporary_counts_however_it_exits)
{
	static const struct {
		struct end end;
		const char *trace;
	} CASES[] = {
		{{.kind = END_EXITED, .value = 0}, "signal a, finished 0"},
		{{.kind = END_EXITED, .value = 7}, "signal a, finished 7"},
		{{.kind = END_SIGNALED, .value = SIGKILL}, "signal a, finished 137"},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct world *w = world_boot("root any_significant [ a b:temporary,significant ]");

		expect(w, "spawn a, spawn b");
		if (CASES[i].end.kind == END_EXITED)
			world_exit(w, "b", CASES[i].end.value);
		else
			world_die(w, "b", CASES[i].end.value);
		expect(w, CASES[i].trace);
		world_free(w);
	}
}

SPEC(one_that_could_not_be_restarted_is_a_matter_of_the_limit)
{
	struct world *w = world_boot("root 1/5 any_significant [ a b:transient,significant ]");

	world_exit(w, "b", 5);
	world_exit(w, "b", 5);
	expect(w, "spawn a, spawn b, spawn b, signal a, finished 1");
	world_free(w);
}

SPEC(a_significant_one_that_exits_during_the_boot_ends_it_right_after)
{
	struct world *w = world_boot("root any_significant [ t:temporary,significant n:notify ]");

	expect(w, "spawn t, spawn n");
	world_exit(w, "t", 4);
	expect(w, "");
	world_ready(w, "n");
	expect(w, "signal n, finished 4");
	world_free(w);
}

SPEC(a_start_that_fails_in_the_boot_is_a_failed_boot_also_of_a_significant_one)
{
	struct world *w =
		world_new("root any_significant [ a t:temporary,significant,notify b ]", 1);

	world_start(w);
	expect(w, "spawn a, spawn t");
	world_exit(w, "t", 0);
	expect(w, "signal a, finished 1");
	world_free(w);
}

/* ---- all_significant: who is active */

SPEC(stopped_ones_do_not_matter_to_all_significant)
{
	struct world *w = world_boot("root all_significant [ a b:transient,significant "
				     "c:transient,significant t:temporary,significant ]");

	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_STOP, "t");
	expect(w, "spawn a, spawn b, spawn c, spawn t, signal b, reply 1 ok, signal t, "
		  "reply 2 ok");
	world_exit(w, "c", 0);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(a_stop_of_the_last_active_one_ends_nothing)
{
	struct world *w = world_boot("root all_significant [ a b:transient,significant "
				     "c:transient,significant ]");

	world_exit(w, "b", 0);
	world_command(w, CMD_STOP, "c");
	expect(w, "spawn a, spawn b, spawn c, signal c, reply 1 ok");
	world_advance(w, 60000);
	expect(w, "");
	expect_states(w, "/ running, a running, b exited, c stopped");
	world_free(w);
}

SPEC(one_whose_restart_is_due_is_active)
{
	struct world *w =
		world_boot("root 9/60 all_significant [ a "
			   "b:transient,significant,backoff=1s c:transient,significant ]");

	world_exit(w, "b", 1);
	world_exit(w, "b", 1);
	expect(w, "spawn a, spawn b, spawn c, spawn b");
	expect_states(w, "b backoff");
	world_exit(w, "c", 0);
	expect(w, "");
	world_advance(w, 1000);
	expect(w, "spawn b");
	world_exit(w, "b", 0);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(one_that_is_dead_but_whose_turn_has_not_come_is_active)
{
	struct world *w = world_boot("root 9/5 all_significant [ a b:transient,significant "
				     "c:transient,significant ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_hold(w);
	world_exit(w, "b", 0);
	world_exit(w, "c", 1);
	world_release(w);
	expect(w, "spawn c");
	world_exit(w, "c", 0);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(one_that_was_started_again_is_active_again)
{
	struct world *w = world_boot("root all_significant [ b:transient,significant "
				     "c:transient,significant ]");

	world_exit(w, "b", 0);
	world_command(w, CMD_START, "b");
	expect(w, "spawn b, spawn c, spawn b, reply 1 ok");
	world_exit(w, "c", 0);
	expect(w, "");
	world_exit(w, "b", 0);
	expect(w, "finished 0");
	world_free(w);
}

/* ---- never checked */

SPEC(a_stop_by_command_ends_nothing)
{
	static const char *const TREES[] = {
		"root any_significant [ a b:transient,significant t:temporary,significant ]",
		"root all_significant [ a b:transient,significant t:temporary,significant ]",
	};

	for (size_t i = 0; i < sizeof(TREES) / sizeof(TREES[0]); i++) {
		struct world *w = world_boot(TREES[i]);

		world_command(w, CMD_STOP, "b");
		world_command(w, CMD_STOP, "t");
		world_command(w, CMD_DELETE, "b");
		expect(w, "spawn a, spawn b, spawn t, signal b, reply 1 ok, signal t, "
			  "reply 2 ok, reply 3 ok");
		expect_states(w, "/ running, a running, b removed, t removed");
		world_free(w);
	}
}

SPEC(an_exit_while_a_command_stops_it_ends_nothing)
{
	struct world *w = world_boot("root any_significant [ a b:transient,significant ]");

	world_stop_end(w, "b", (struct end){.kind = END_EXITED, .value = 0});
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_RESTART, "b");
	expect(w, "spawn a, spawn b, signal b, reply 1 ok, spawn b, reply 2 ok");
	world_command(w, CMD_RESTART, "b");
	expect(w, "signal b, spawn b, reply 3 ok");
	world_free(w);
}

SPEC(a_stop_as_a_sibling_ends_nothing)
{
	struct world *w = world_boot("root one_for_all 9/5 any_significant [ a "
				     "b:transient,significant t:temporary,significant ]");

	expect(w, "spawn a, spawn b, spawn t");
	world_exit(w, "a", 1);
	expect(w, "signal t, signal b, spawn a, spawn b");
	expect_states(w, "/ running, a running, b running, t removed");
	world_free(w);
}

SPEC(an_exit_that_an_earlier_one_consumed_ends_nothing)
{
	struct world *w =
		world_boot("root one_for_all 9/5 any_significant [ a t:temporary,significant ]");

	expect(w, "spawn a, spawn t");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "t", 0);
	world_release(w);
	expect(w, "signal t, spawn a");
	expect_states(w, "/ running, a running, t removed");
	world_free(w);
}

SPEC(the_same_two_exits_the_other_way_round_end_it)
{
	struct world *w =
		world_boot("root one_for_all 9/5 any_significant [ a t:temporary,significant ]");

	expect(w, "spawn a, spawn t");
	world_hold(w);
	world_exit(w, "t", 0);
	world_exit(w, "a", 1);
	world_release(w);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(an_exit_during_the_shutdown_ends_nothing)
{
	struct world *w = world_boot("root any_significant [ a t:temporary,significant b ]");

	world_stop_delay(w, "b", 100);
	world_shutdown(w, false);
	world_exit(w, "t", 9);
	expect(w, "spawn a, spawn t, spawn b, signal b");
	world_advance(w, 100);
	expect(w, "signal a, finished 0");
	world_free(w);
}

SPEC(a_restart_of_a_significant_one_ends_nothing)
{
	struct world *w =
		world_boot("root one_for_all 9/5 any_significant [ a b:transient,significant c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_exit(w, "b", 1);
	expect(w, "signal c, signal a, spawn a, spawn b, spawn c");
	world_free(w);
}

/* ---- on other levels */

SPEC(a_permanent_supervisor_that_shut_itself_down_is_restarted_and_counted)
{
	struct world *w =
		world_boot("root 1/5 [ a sub any_significant [ x y:transient,significant ] b ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b");
	world_exit(w, "y", 0);
	expect(w, "signal sub/x, spawn sub/x, spawn sub/y");
	assert_int_equal(world_view(w, "/").window, 1);
	world_exit(w, "y", 0);
	expect(w, "signal sub/x, signal b, signal a, finished 1");
	world_free(w);
}

SPEC(a_transient_supervisor_that_shut_itself_down_stays_down)
{
	struct world *w = world_boot(
		"root 0/5 [ a sub:transient any_significant [ x y:temporary,significant ] b ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b");
	world_exit(w, "y", 9);
	expect(w, "signal sub/x");
	expect_states(w, "/ running, a running, sub exited, b running");
	assert_int_equal(world_view(w, "sub").end.kind, END_SHUTDOWN);
	world_command(w, CMD_START, "sub");
	expect(w, "spawn sub/x, spawn sub/y, reply 1 ok");
	world_free(w);
}

SPEC(a_temporary_supervisor_that_shut_itself_down_is_removed)
{
	struct world *w =
		world_boot("root one_for_all 0/5 [ a "
			   "sub:temporary any_significant [ x y:temporary,significant ] ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y");
	world_exit(w, "y", 0);
	expect(w, "signal sub/x");
	expect_states(w, "/ running, a running, sub removed");
	world_free(w);
}

SPEC(a_significant_supervisor_that_shut_itself_down_ends_its_own)
{
	struct world *w = world_boot("root any_significant [ a "
				     "s1:transient,significant any_significant [ b "
				     "s2:temporary,significant all_significant [ c "
				     "d:temporary,significant ] e ] f ]");

	expect(w, "spawn a, spawn s1/b, spawn s1/s2/c, spawn s1/s2/d, spawn s1/e, spawn f");
	world_exit(w, "d", 42);
	expect(w, "signal s1/s2/c, signal s1/e, signal s1/b, signal f, signal a, finished 42");
	world_free(w);
}

SPEC(the_exit_status_through_the_levels_is_128_more_than_a_signal)
{
	struct world *w = world_boot("root any_significant [ "
				     "s1:transient,significant any_significant [ "
				     "d:temporary,significant ] ]");

	world_die(w, "d", SIGSEGV);
	expect(w, "spawn s1/d, finished 139");
	world_free(w);
}

SPEC(a_significant_supervisor_that_gave_up_ends_its_own)
{
	struct world *w =
		world_boot("root any_significant [ a sub:transient,significant 0/5 [ x y ] b ]");

	expect(w, "spawn a, spawn sub/x, spawn sub/y, spawn b");
	world_exit(w, "x", 0);
	/* no process ended the program, a limit did: never status 0 */
	expect(w, "signal sub/y, signal b, signal a, finished 1");
	world_free(w);
}

SPEC(a_significant_supervisor_that_is_restarted_by_the_limit_above_ends_nothing)
{
	struct world *w = world_boot("root 3/5 [ top 0/5 any_significant [ "
				     "s:transient,significant [ x ] p ] ]");

	expect(w, "spawn top/s/x, spawn top/p");
	world_exit(w, "p", 1);
	expect(w, "signal top/s/x, spawn top/s/x, spawn top/p");
	expect_states(w, "/ running, top running, s running");
	world_free(w);
}

SPEC(a_supervisor_that_shuts_down_waits_for_slow_children_and_finds_none_restarted)
{
	struct world *w = world_boot(
		"root 3/5 [ sub:transient any_significant [ x y:temporary,significant z ] ]");

	expect(w, "spawn sub/x, spawn sub/y, spawn sub/z");
	world_stop_delay(w, "z", 100);
	world_exit(w, "y", 0);
	world_exit(w, "x", 1);
	expect(w, "signal sub/z");
	world_advance(w, 100);
	expect(w, "");
	expect_states(w, "/ running, sub exited");
	world_free(w);
}

SPEC(a_parked_significant_supervisor_has_not_exited)
{
	struct world *w = world_boot("root all_significant [ a "
				     "sub:transient,significant 0/5 park [ x ] "
				     "b:transient,significant ]");

	expect(w, "spawn a, spawn sub/x, spawn b");
	world_exit(w, "x", 1);
	expect(w, "");
	expect_states(w, "/ running, sub parked, b running");
	/* and is not active */
	world_exit(w, "b", 0);
	expect(w, "signal a, finished 0");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_significant_ends_with_the_first),
		cmocka_unit_test(all_significant_ends_with_the_last),
		cmocka_unit_test(never_does_not_look),
		cmocka_unit_test(an_exit_of_one_that_is_not_significant_ends_nothing),
		cmocka_unit_test(a_significant_transient_counts_only_when_it_exits_normally),
		cmocka_unit_test(a_significant_temporary_counts_however_it_exits),
		cmocka_unit_test(one_that_could_not_be_restarted_is_a_matter_of_the_limit),
		cmocka_unit_test(a_significant_one_that_exits_during_the_boot_ends_it_right_after),
		cmocka_unit_test(
			a_start_that_fails_in_the_boot_is_a_failed_boot_also_of_a_significant_one),
		cmocka_unit_test(stopped_ones_do_not_matter_to_all_significant),
		cmocka_unit_test(a_stop_of_the_last_active_one_ends_nothing),
		cmocka_unit_test(one_whose_restart_is_due_is_active),
		cmocka_unit_test(one_that_is_dead_but_whose_turn_has_not_come_is_active),
		cmocka_unit_test(one_that_was_started_again_is_active_again),
		cmocka_unit_test(a_stop_by_command_ends_nothing),
		cmocka_unit_test(an_exit_while_a_command_stops_it_ends_nothing),
		cmocka_unit_test(a_stop_as_a_sibling_ends_nothing),
		cmocka_unit_test(an_exit_that_an_earlier_one_consumed_ends_nothing),
		cmocka_unit_test(the_same_two_exits_the_other_way_round_end_it),
		cmocka_unit_test(an_exit_during_the_shutdown_ends_nothing),
		cmocka_unit_test(a_restart_of_a_significant_one_ends_nothing),
		cmocka_unit_test(
			a_permanent_supervisor_that_shut_itself_down_is_restarted_and_counted),
		cmocka_unit_test(a_transient_supervisor_that_shut_itself_down_stays_down),
		cmocka_unit_test(a_temporary_supervisor_that_shut_itself_down_is_removed),
		cmocka_unit_test(a_significant_supervisor_that_shut_itself_down_ends_its_own),
		cmocka_unit_test(the_exit_status_through_the_levels_is_128_more_than_a_signal),
		cmocka_unit_test(a_significant_supervisor_that_gave_up_ends_its_own),
		cmocka_unit_test(
			a_significant_supervisor_that_is_restarted_by_the_limit_above_ends_nothing),
		cmocka_unit_test(
			a_supervisor_that_shuts_down_waits_for_slow_children_and_finds_none_restarted),
		cmocka_unit_test(a_parked_significant_supervisor_has_not_exited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
