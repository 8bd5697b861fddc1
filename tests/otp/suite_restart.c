/* suite_restart.c - cases of OTP's supervisor_SUITE, by their names: restart types and strategies.
 * See README for those that are not here. */
#include "tests/sim/spec_test.h"

SPEC(permanent_normal)
{
	struct world *w = world_boot("root 2/3600 [ child1 ]");

	world_exit(w, "child1", 0);
	expect(w, "spawn child1, spawn child1");
	expect_states(w, "child1 running");
	world_free(w);
}

SPEC(transient_normal)
{
	struct world *w = world_boot("root 2/3600 [ child1:transient ]");

	world_exit(w, "child1", 0);
	expect(w, "spawn child1");
	expect_states(w, "/ running, child1 exited");
	world_free(w);
}

SPEC(temporary_normal)
{
	struct world *w = world_boot("root 2/3600 [ child1:temporary ]");

	world_exit(w, "child1", 0);
	expect(w, "spawn child1");
	expect_states(w, "/ running, child1 removed");
	world_free(w);
}

/* In the next three child1 ends with the reason shutdown, as a supervisor does that gave up. A
 * process has no such exit; what success_exit names counts like it. */
SPEC(permanent_shutdown)
{
	struct world *w = world_boot("root 2/3600 [ child1 0/3600 [ a ] b:ok=3 ]");

	world_exit(w, "a", 1);
	expect(w, "spawn child1/a, spawn b, spawn child1/a");
	world_exit(w, "b", 3);
	expect(w, "spawn b");
	expect_states(w, "child1 running, a running, b running");
	world_free(w);
}

SPEC(transient_shutdown)
{
	struct world *w =
		world_boot("root 2/3600 [ child1:transient 0/3600 [ a ] b:transient,ok=3 ]");

	world_exit(w, "a", 1);
	world_exit(w, "b", 3);
	expect(w, "spawn child1/a, spawn b");
	expect_states(w, "/ running, child1 exited, b exited");
	world_free(w);
}

SPEC(temporary_shutdown)
{
	struct world *w =
		world_boot("root 2/3600 [ child1:temporary 0/3600 [ a ] b:temporary,ok=3 ]");

	world_exit(w, "a", 1);
	world_exit(w, "b", 3);
	expect(w, "spawn child1/a, spawn b");
	expect_states(w, "/ running, child1 removed, b removed");
	world_free(w);
}

SPEC(permanent_abnormal)
{
	struct world *w = world_boot("root 2/3600 [ child1 ]");

	world_die(w, "child1", 11);
	expect(w, "spawn child1, spawn child1");
	world_free(w);
}

SPEC(transient_abnormal)
{
	struct world *w = world_boot("root 2/3600 [ child1:transient ]");

	world_die(w, "child1", 11);
	expect(w, "spawn child1, spawn child1");
	world_free(w);
}

SPEC(temporary_abnormal)
{
	struct world *w = world_boot("root 2/3600 [ child1:temporary ]");

	world_die(w, "child1", 11);
	expect(w, "spawn child1");
	expect_states(w, "/ running, child1 removed");
	world_free(w);
}

/* A temporary one that stands by while another is restarted does not come back. */
SPEC(temporary_bystander)
{
	struct world *all = world_boot("root one_for_all 2/3600 [ child1 child2:temporary ]");
	struct world *rest = world_boot("root rest_for_one 2/3600 [ child1 child2:temporary ]");

	world_die(all, "child1", 9);
	expect(all, "spawn child1, spawn child2, signal child2, spawn child1");
	expect_states(all, "child1 running, child2 removed");
	world_die(rest, "child1", 9);
	expect(rest, "spawn child1, spawn child2, signal child2, spawn child1");
	expect_states(rest, "child1 running, child2 removed");
	world_free(all);
	world_free(rest);
}

/* A child that dies again and again, more often than its limit allows but not so fast. */
SPEC(multiple_restarts)
{
	struct world *w = world_boot("root 1/1 [ child1 ]");

	expect(w, "spawn child1");
	for (int i = 0; i < 4; i++) {
		world_exit(w, "child1", 1);
		expect(w, "spawn child1");
		world_advance(w, 2100);
	}
	world_exit(w, "child1", 1);
	world_exit(w, "child1", 1);
	expect(w, "spawn child1, finished 1");
	world_free(w);
}

SPEC(one_for_one)
{
	struct world *w = world_boot("root one_for_one 2/3600 [ child1 child2 ]");

	world_die(w, "child1", 9);
	expect(w, "spawn child1, spawn child2, spawn child1");
	world_die(w, "child2", 9);
	world_die(w, "child2", 9);
	expect(w, "spawn child2, signal child1, finished 1");
	world_free(w);
}

SPEC(one_for_one_escalation)
{
	struct world *w = world_boot("root one_for_one 4/3600 [ child1 child2 ]");

	world_fail_spawns(w, "child1", -1);
	world_exit(w, "child1", 1);
	/* the death and three failures are counted; the fourth failure is one too many */
	expect(w, "spawn child1, spawn child2, spawn child1, spawn child1, spawn child1, "
		  "spawn child1, signal child2, finished 1");
	world_free(w);
}

SPEC(one_for_all)
{
	struct world *w = world_boot("root one_for_all 2/3600 [ child1 child2 ]");

	world_die(w, "child1", 9);
	expect(w, "spawn child1, spawn child2, signal child2, spawn child1, spawn child2");
	world_die(w, "child2", 9);
	world_die(w, "child2", 9);
	expect(w, "signal child1, spawn child1, spawn child2, signal child1, finished 1");
	world_free(w);
}

SPEC(one_for_all_escalation)
{
	struct world *w = world_boot("root one_for_all 4/3600 [ child1 child2 ]");

	world_fail_spawns(w, "child2", -1);
	world_exit(w, "child1", 1);
	expect(w, "spawn child1, spawn child2, signal child2, spawn child1, spawn child2, "
		  "signal child1, spawn child1, spawn child2, signal child1, spawn child1, "
		  "spawn child2, signal child1, spawn child1, spawn child2, signal child1, "
		  "finished 1");
	world_free(w);
}

/* One dies, another can't be started with it: it is that one which is tried again. */
SPEC(one_for_all_other_child_fails_restart)
{
	struct world *w = world_boot("root one_for_all 3/3600 [ child1 child2 ]");

	world_fail_spawns(w, "child2", 1);
	world_die(w, "child1", 9);
	expect(w, "spawn child1, spawn child2, signal child2, spawn child1, spawn child2, "
		  "signal child1, spawn child1, spawn child2");
	expect_states(w, "/ running, child1 running, child2 running");
	world_free(w);
}

SPEC(rest_for_one)
{
	struct world *w = world_boot("root rest_for_one 2/3600 [ child1 child2 child3 ]");

	world_die(w, "child2", 9);
	expect(w, "spawn child1, spawn child2, spawn child3, signal child3, spawn child2, "
		  "spawn child3");
	world_die(w, "child3", 9);
	world_die(w, "child3", 9);
	expect(w, "spawn child3, signal child2, signal child1, finished 1");
	world_free(w);
}

SPEC(rest_for_one_escalation)
{
	struct world *w = world_boot("root rest_for_one 4/3600 [ child1 child2 ]");

	world_fail_spawns(w, "child2", -1);
	world_exit(w, "child1", 1);
	expect(w, "spawn child1, spawn child2, signal child2, spawn child1, spawn child2, "
		  "spawn child2, spawn child2, spawn child2, signal child1, finished 1");
	world_free(w);
}

SPEC(rest_for_one_other_child_fails_restart)
{
	struct world *w = world_boot("root rest_for_one 3/3600 [ child1 child2 ]");

	world_fail_spawns(w, "child2", 1);
	world_die(w, "child1", 9);
	expect(w, "spawn child1, spawn child2, signal child2, spawn child1, spawn child2, "
		  "spawn child2");
	expect_states(w, "/ running, child1 running, child2 running");
	world_free(w);
}

/* A child that can't be started again does not make its supervisor deaf. OTP tries without a pause,
 * supd with its backoff. */
SPEC(hanging_restart_loop)
{
	struct world *w = world_boot("root 9999/3600 [ child1:backoff=1s/1s child2 ]");

	expect(w, "spawn child1, spawn child2");
	world_fail_spawns(w, "child1", -1);
	world_exit(w, "child1", 1);
	world_advance(w, 2500);
	expect(w, "spawn child1, spawn child1, spawn child1");
	expect_states(w, "/ running, child1 backoff, child2 running");
	/* restarting: it can't be deleted, and be stopped; a start, which OTP refuses, is the next
	 * try, now */
	world_command(w, CMD_START, "child1");
	world_command(w, CMD_DELETE, "child1");
	world_command(w, CMD_STOP, "child2");
	world_command(w, CMD_STOP, "child1");
	expect(w, "spawn child1, reply 1 start_failed, reply 2 invalid_state backoff, "
		  "signal child2, reply 3 ok, reply 4 ok");
	world_advance(w, 10000);
	expect(w, "");
	expect_states(w, "/ running, child1 stopped, child2 stopped");
	world_shutdown(w, false);
	expect(w, "finished 0");
	world_free(w);
}

SPEC(hanging_restart_loop_rest_for_one)
{
	struct world *w =
		world_boot("root rest_for_one 9999/3600 [ child1 child2:backoff=1s/1s child3 ]");

	expect(w, "spawn child1, spawn child2, spawn child3");
	world_fail_spawns(w, "child2", -1);
	world_exit(w, "child2", 1);
	world_advance(w, 2500);
	expect(w, "signal child3, spawn child2, spawn child2, spawn child2");
	expect_states(w, "child1 running, child2 backoff, child3 waiting");
	world_command(w, CMD_STOP, "child2");
	world_advance(w, 10000);
	expect(w, "reply 1 ok");
	expect_states(w, "/ running, child1 running, child2 stopped, child3 waiting");
	world_fail_spawns(w, "child2", 0);
	world_exit(w, "child1", 1);
	expect(w, "spawn child1, spawn child2, spawn child3");
	world_free(w);
}

/* One that is being restarted is not up, and not stopped either. */
SPEC(count_restarting_children)
{
	struct world *w = world_boot("root 9999/3600 [ a:backoff=1s/1s b:backoff=1s/1s c ]");

	world_fail_spawns(w, "a", -1);
	world_fail_spawns(w, "b", -1);
	world_exit(w, "a", 1);
	world_exit(w, "b", 1);
	expect_states(w, "/ running, a backoff, b backoff, c running");
	world_fail_spawns(w, "a", 0);
	world_advance(w, 1000);
	expect_states(w, "/ running, a running, b backoff, c running");
	world_command(w, CMD_STOP, "b");
	expect_states(w, "/ running, a running, b stopped, c running");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permanent_normal),
		cmocka_unit_test(transient_normal),
		cmocka_unit_test(temporary_normal),
		cmocka_unit_test(permanent_shutdown),
		cmocka_unit_test(transient_shutdown),
		cmocka_unit_test(temporary_shutdown),
		cmocka_unit_test(permanent_abnormal),
		cmocka_unit_test(transient_abnormal),
		cmocka_unit_test(temporary_abnormal),
		cmocka_unit_test(temporary_bystander),
		cmocka_unit_test(multiple_restarts),
		cmocka_unit_test(one_for_one),
		cmocka_unit_test(one_for_one_escalation),
		cmocka_unit_test(one_for_all),
		cmocka_unit_test(one_for_all_escalation),
		cmocka_unit_test(one_for_all_other_child_fails_restart),
		cmocka_unit_test(rest_for_one),
		cmocka_unit_test(rest_for_one_escalation),
		cmocka_unit_test(rest_for_one_other_child_fails_restart),
		cmocka_unit_test(hanging_restart_loop),
		cmocka_unit_test(hanging_restart_loop_rest_for_one),
		cmocka_unit_test(count_restarting_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
