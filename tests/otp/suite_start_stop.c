/* suite_start_stop.c - cases of OTP's supervisor_SUITE, by their names: starting, stopping,
 * administering children. See README for those that are not here. */
#include "tests/sim/spec_test.h"

SPEC(sup_start_normal)
{
	struct world *w = world_boot("root 2/3600 [ ]");

	expect(w, "");
	expect_states(w, "/ running");
	world_shutdown(w, false);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(sup_start_fail)
{
	struct world *w = world_new("root 2/3600 [ a b c ]", 1);

	world_fail_spawns(w, "b", 1);
	world_start(w);
	expect(w, "spawn a, spawn b, signal a, finished 1");
	world_free(w);
}

SPEC(sup_start_restart_child_returns_error)
{
	struct world *w = world_boot("root 2/3600 [ child1 ]");

	world_command(w, CMD_STOP, "child1");
	world_fail_spawns(w, "child1", -1);
	world_command(w, CMD_START, "child1");
	expect(w, "spawn child1, signal child1, reply 1 ok, spawn child1, reply 2 start_failed");
	expect_states(w, "/ running, child1 failed");
	world_free(w);
}

SPEC(sup_stop_infinity)
{
	struct world *w =
		world_boot("root 2/3600 [ child1:inf [ ] child2:inf sup1 [ child3:inf ] ]");

	expect(w, "spawn child2, spawn sup1/child3");
	world_stop_delay(w, "child2", 3600000);
	world_shutdown(w, false);
	expect(w, "signal sup1/child3, signal child2");
	world_advance(w, 3599999);
	expect(w, "");
	world_advance(w, 1);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(sup_stop_timeout)
{
	struct world *w = world_boot("root 2/3600 [ child1:shutdown=1s child2:shutdown=1s ]");

	expect(w, "spawn child1, spawn child2");
	world_stop_delay(w, "child2", WORLD_NEVER);
	world_shutdown(w, false);
	world_advance(w, 999);
	expect(w, "signal child2");
	world_advance(w, 1);
	expect(w, "kill child2, signal child1, finished 0");
	world_free(w);
}

SPEC(sup_stop_brutal_kill)
{
	struct world *w = world_boot("root 2/3600 [ child1:shutdown=1s child2:brutal ]");

	world_shutdown(w, false);
	expect(w, "spawn child1, spawn child2, kill child2, signal child1, finished 0");
	world_free(w);
}

/* The children are dead, in several ways, when their supervisor is told to stop them, but it does
 * not know yet: their exits come while it waits for the last. */
SPEC(sup_stop_race)
{
	struct world *w = world_boot("root 0/3600 [ a b:brutal c:inf ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_hold(w);
	world_exit(w, "a", 1);
	world_exit(w, "b", 0);
	world_die(w, "c", 11);
	world_shutdown(w, false);
	world_release(w);
	expect(w, "signal c, finished 0");
	world_free(w);
}

SPEC(child_adm)
{
	struct world *w = world_boot("root 2/3600 [ other child1 ]");

	expect(w, "spawn other, spawn child1");
	/* running: neither to be started nor to be deleted */
	world_command(w, CMD_START, "child1");
	world_command(w, CMD_DELETE, "child1");
	expect(w, "reply 1 invalid_state running, reply 2 invalid_state running");
	/* stopped, twice: the second time there is nothing to do */
	world_command(w, CMD_STOP, "child1");
	world_command(w, CMD_STOP, "child1");
	expect(w, "signal child1, reply 3 ok, reply 4 ok");
	expect_states(w, "/ running, other running, child1 stopped");
	/* started, and stopped again */
	world_command(w, CMD_START, "child1");
	world_command(w, CMD_STOP, "child1");
	expect(w, "spawn child1, reply 5 ok, signal child1, reply 6 ok");
	/* deleted: no entry any more */
	world_command(w, CMD_DELETE, "child1");
	expect(w, "reply 7 ok");
	expect_states(w, "/ running, other running, child1 removed");
	world_free(w);
}

SPEC(do_not_save_child_specs_for_temporary_children)
{
	struct world *w = world_boot("root 2/3600 [ a b:temporary c:temporary d:temporary ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_exit(w, "b", 0);
	world_exit(w, "c", 1);
	world_command(w, CMD_STOP, "d");
	expect(w, "signal d, reply 1 ok");
	expect_states(w, "/ running, a running, b removed, c removed, d removed");
	world_free(w);
}

/* What a temporary child was started with is nowhere kept to start it again, whatever its
 * siblings' deaths take down and bring back. */
SPEC(do_not_save_start_parameters_for_temporary_children)
{
	struct world *w = world_boot("root one_for_all 9/3600 [ a b:temporary c ]");

	expect(w, "spawn a, spawn b, spawn c");
	world_exit(w, "a", 1);
	expect(w, "signal c, signal b, spawn a, spawn c");
	world_exit(w, "c", 1);
	expect(w, "signal a, spawn a, spawn c");
	expect_states(w, "a running, b removed, c running");
	world_free(w);
}

SPEC(order_of_children)
{
	struct world *w = world_boot("root one_for_all 9/3600 [ a b c d ]");

	expect(w, "spawn a, spawn b, spawn c, spawn d");
	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	world_command(w, CMD_STOP, "a");
	world_command(w, CMD_START, "a");
	expect(w, "signal b, reply 1 ok, reply 2 ok, signal a, reply 3 ok, spawn a, reply 4 ok");
	/* neither the deletion nor the new start has moved anyone */
	world_exit(w, "c", 1);
	expect(w, "signal d, signal a, spawn a, spawn c, spawn d");
	world_shutdown(w, false);
	expect(w, "signal d, signal c, signal a, finished 0");
	world_free(w);
}

SPEC(tree)
{
	struct world *w = world_boot("root one_for_all 4/3600 [ child1 child2 "
				     "sup1 one_for_one 4/3600 [ child3 child4 ] "
				     "sup2 one_for_one 4/3600 [ ] ]");

	expect(w, "spawn child1, spawn child2, spawn sup1/child3, spawn sup1/child4");
	/* a leaf, its supervisor alone knows of it */
	world_exit(w, "child4", 1);
	expect(w, "spawn sup1/child4");
	/* a child of the root: all of them */
	world_exit(w, "child2", 1);
	expect(w, "signal sup1/child4, signal sup1/child3, signal child1, "
		  "spawn child1, spawn child2, spawn sup1/child3, spawn sup1/child4");
	expect_states(w, "/ running, sup1 running, sup2 running");
	world_shutdown(w, false);
	expect(w, "signal sup1/child4, signal sup1/child3, signal child2, signal child1, "
		  "finished 0");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sup_start_normal),
		cmocka_unit_test(sup_start_fail),
		cmocka_unit_test(sup_start_restart_child_returns_error),
		cmocka_unit_test(sup_stop_infinity),
		cmocka_unit_test(sup_stop_timeout),
		cmocka_unit_test(sup_stop_brutal_kill),
		cmocka_unit_test(sup_stop_race),
		cmocka_unit_test(child_adm),
		cmocka_unit_test(do_not_save_child_specs_for_temporary_children),
		cmocka_unit_test(do_not_save_start_parameters_for_temporary_children),
		cmocka_unit_test(order_of_children),
		cmocka_unit_test(tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
