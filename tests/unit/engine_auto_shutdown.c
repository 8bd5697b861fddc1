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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
