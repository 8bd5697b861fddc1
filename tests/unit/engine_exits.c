/* engine_exits.c - a child exits by itself: OTP-SEMANTICS, rule 4, every row under every strategy.
 *
 * The middle one of three children ends in each of the ways there are; what follows is told by
 * three columns of the rule: is the end normal, what is the restart type, and (only if it is a
 * restart) what the strategy takes down with it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/spec_test.h"

struct way {
	const char *name;
	const char *options;
	struct end end;
	bool normal;
};

/* A supervisor below, whose limit is reached; to its parent a normal exit (rule 6). */
#define GIVES_UP END_SHUTDOWN

/* clang-format off */
static const struct way WAYS[] = {
	{"status_0", "", {.kind = END_EXITED, .value = 0}, true},
	{"status_1", "", {.kind = END_EXITED, .value = 1}, false},
	{"status_255", "", {.kind = END_EXITED, .value = 255}, false},
	{"sigterm_from_anybody", "", {.kind = END_SIGNALED, .value = SIGTERM}, false},
	{"sigkill", "", {.kind = END_SIGNALED, .value = SIGKILL}, false},
	{"status_in_success_exit", ",ok=42,ok=HUP", {.kind = END_EXITED, .value = 42}, true},
	{"signal_in_success_exit", ",ok=42,ok=HUP", {.kind = END_SIGNALED, .value = SIGHUP}, true},
	{"status_0_beside_success_exit", ",ok=42", {.kind = END_EXITED, .value = 0}, true},
	{"status_not_in_success_exit", ",ok=42", {.kind = END_EXITED, .value = 41}, false},
	{"status_numbered_like_a_success_signal", ",ok=HUP",
		{.kind = END_EXITED, .value = SIGHUP}, false},
	{"signal_numbered_like_a_success_status", ",ok=9",
		{.kind = END_SIGNALED, .value = SIGKILL}, false},
	{"last_status_in_success_exit", ",ok=255", {.kind = END_EXITED, .value = 255}, true},
	{"supervisor_that_gives_up", "", {.kind = GIVES_UP}, true},
};
/* clang-format on */

enum { WAYS_N = sizeof(WAYS) / sizeof(WAYS[0]), CASES_N = WAYS_N * STRATEGY_COUNT * RESTART_COUNT };

struct row {
	char name[128];
	const struct way *way;
	enum strategy strategy;
	enum restart_type restart;
};

static const char *restart_trace(const struct row *row)
{
	bool sup = row->way->end.kind == GIVES_UP;

	switch (row->strategy) {
	case STRATEGY_ONE_FOR_ONE:
		return sup ? "spawn b/x" : "spawn b";
	case STRATEGY_REST_FOR_ONE:
		return sup ? "signal c, spawn b/x, spawn c" : "signal c, spawn b, spawn c";
	case STRATEGY_ONE_FOR_ALL:
		return sup ? "signal c, signal a, spawn a, spawn b/x, spawn c"
			   : "signal c, signal a, spawn a, spawn b, spawn c";
	case STRATEGY_COUNT:
		break;
	}
	return "?";
}

static bool is_restarted(const struct row *row)
{
	return row->restart == RESTART_PERMANENT ||
	       (row->restart == RESTART_TRANSIENT && !row->way->normal);
}

static void exit_has_its_outcome(void **state)
{
	const struct row *row = *state;
	bool sup = row->way->end.kind == GIVES_UP;
	char tree[256];
	struct world *w;

	(void)snprintf(tree, sizeof(tree), "root %s 1/5 [ a b:%s%s%s c ]",
		spec_strategy_name(row->strategy), spec_restart_name(row->restart),
		row->way->options, sup ? " 0/5 [ x ]" : "");
	w = world_boot(tree);
	expect(w, sup ? "spawn a, spawn b/x, spawn c" : "spawn a, spawn b, spawn c");
	if (row->way->end.kind == END_SIGNALED)
		world_die(w, "b", row->way->end.value);
	else
		world_exit(w, sup ? "b/x" : "b", row->way->end.value);
	if (is_restarted(row)) {
		expect(w, restart_trace(row));
		expect_states(w, "/ running, a running, b running, c running");
	} else {
		expect(w, "");
		expect_states(w, row->restart == RESTART_TRANSIENT
					 ? "/ running, a running, b exited, c running"
					 : "/ running, a running, b removed, c running");
	}
	assert_int_equal(world_view(w, "/").window, is_restarted(row) ? 1 : 0);
	world_free(w);
}

int main(void)
{
	static struct row rows[CASES_N];
	static struct CMUnitTest tests[CASES_N];
	size_t n = 0;

	for (unsigned strategy = 0; strategy < STRATEGY_COUNT; strategy++) {
		for (unsigned restart = 0; restart < RESTART_COUNT; restart++) {
			for (size_t way = 0; way < WAYS_N; way++, n++) {
				rows[n].way = &WAYS[way];
				rows[n].strategy = (enum strategy)strategy;
				rows[n].restart = (enum restart_type)restart;
				(void)snprintf(rows[n].name, sizeof(rows[n].name), "%s_%s_%s",
					spec_strategy_name(strategy), spec_restart_name(restart),
					WAYS[way].name);
				tests[n] = (struct CMUnitTest){.name = rows[n].name,
					.test_func = exit_has_its_outcome,
					.initial_state = &rows[n]};
			}
		}
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
