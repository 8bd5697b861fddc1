/* engine_auto_shutdown_levels.c - what the levels above make of a supervisor that shut itself down:
 * OTP-SEMANTICS, rules 6 and 7. */
#include <signal.h>

#include "tests/sim/spec_test.h"

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
