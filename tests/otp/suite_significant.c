/* suite_significant.c - cases of OTP's supervisor_SUITE, by their names: significant children and
 * automatic shutdown. See README for those that are not here. */
#include "tests/sim/spec_test.h"

SPEC(nonsignificant_temporary)
{
	struct world *any = world_boot("root 2/3600 any_significant [ child1:temporary child2 ]");
	struct world *all = world_boot("root 2/3600 all_significant [ child1:temporary child2 ]");

	world_exit(any, "child1", 0);
	world_exit(all, "child1", 1);
	expect(any, "spawn child1, spawn child2");
	expect(all, "spawn child1, spawn child2");
	expect_states(any, "/ running, child1 removed, child2 running");
	expect_states(all, "/ running, child1 removed, child2 running");
	world_free(any);
	world_free(all);
}

SPEC(nonsignificant_transient)
{
	struct world *any = world_boot("root 2/3600 any_significant [ child1:transient child2 ]");
	struct world *all = world_boot("root 2/3600 all_significant [ child1:transient child2 ]");

	world_exit(any, "child1", 0);
	world_exit(all, "child1", 0);
	expect_states(any, "/ running, child1 exited, child2 running");
	expect_states(all, "/ running, child1 exited, child2 running");
	world_exit(any, "child2", 1);
	expect(any, "spawn child1, spawn child2, spawn child2");
	world_free(any);
	world_free(all);
}

SPEC(significant_temporary)
{
	struct world *any = world_boot("root 2/3600 any_significant "
				       "[ a:temporary,significant b:temporary,significant c ]");
	struct world *all = world_boot("root 2/3600 all_significant "
				       "[ a:temporary,significant b:temporary,significant c ]");

	world_exit(any, "a", 7);
	expect(any, "spawn a, spawn b, spawn c, signal c, signal b, finished 7");
	world_exit(all, "a", 7);
	expect(all, "spawn a, spawn b, spawn c");
	expect_states(all, "/ running, a removed, b running, c running");
	world_exit(all, "b", 0);
	expect(all, "signal c, finished 0");
	world_free(any);
	world_free(all);
}

SPEC(significant_transient)
{
	struct world *any = world_boot("root 2/3600 any_significant "
				       "[ a:transient,significant b:transient,significant c ]");
	struct world *all = world_boot("root 2/3600 all_significant "
				       "[ a:transient,significant b:transient,significant c ]");

	/* one that is brought back has not ended */
	world_exit(any, "a", 1);
	expect(any, "spawn a, spawn b, spawn c, spawn a");
	world_exit(any, "a", 0);
	expect(any, "signal c, signal b, finished 0");
	world_exit(all, "a", 0);
	world_exit(all, "b", 1);
	expect(all, "spawn a, spawn b, spawn c, spawn b");
	expect_states(all, "/ running, a exited, b running, c running");
	world_exit(all, "b", 0);
	expect(all, "signal c, finished 0");
	world_free(any);
	world_free(all);
}

/* A significant one that is stopped because of a sibling, or by command, shuts nothing down. */
SPEC(significant_bystander)
{
	struct world *all = world_boot(
		"root one_for_all 2/3600 any_significant [ a b:temporary,significant c ]");
	struct world *rest = world_boot(
		"root rest_for_one 2/3600 any_significant [ a b:transient,significant c ]");

	world_exit(all, "a", 1);
	expect(all, "spawn a, spawn b, spawn c, signal c, signal b, spawn a, spawn c");
	expect_states(all, "/ running, b removed");
	world_exit(rest, "a", 1);
	expect(rest, "spawn a, spawn b, spawn c, signal c, signal b, spawn a, spawn b, spawn c");
	world_command(rest, CMD_STOP, "b");
	expect(rest, "signal b, reply 1 ok");
	expect_states(rest, "/ running, a running, b stopped, c running");
	world_free(all);
	world_free(rest);
}

/* A supervisor that shuts itself down is a child that ended: rule 4, and rule 7 above it. */
SPEC(significant_escalation)
{
	struct world *w = world_boot("root 2/3600 any_significant [ a "
				     "sub:transient,significant 2/3600 any_significant "
				     "[ b:transient,significant c ] d ]");
	struct world *permanent = world_boot("root 2/3600 [ sub 2/3600 any_significant "
					     "[ b:transient,significant c ] d ]");

	expect(w, "spawn a, spawn sub/b, spawn sub/c, spawn d");
	world_exit(w, "b", 0);
	expect(w, "signal sub/c, signal d, signal a, finished 0");
	expect(permanent, "spawn sub/b, spawn sub/c, spawn d");
	world_exit(permanent, "b", 0);
	expect(permanent, "signal sub/c, spawn sub/b, spawn sub/c");
	assert_int_equal(world_view(permanent, "/").window, 1);
	world_free(w);
	world_free(permanent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonsignificant_temporary),
		cmocka_unit_test(nonsignificant_transient),
		cmocka_unit_test(significant_temporary),
		cmocka_unit_test(significant_transient),
		cmocka_unit_test(significant_bystander),
		cmocka_unit_test(significant_escalation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
