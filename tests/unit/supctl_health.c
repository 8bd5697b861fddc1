/* supctl_health.c - health and wait --for healthy, from a status table. */
#include "tests/unit/supctl_fixture.h"

enum { SHOP, DB, WEB, APP, PROXY };

/* fixture_shop, all of it well. */
static void well(struct fixture *fixture)
{
	fixture_shop(fixture);
	fixture->records[PROXY].state = CHILD_RUNNING;
	fixture->records[PROXY].ready = 1;
	fixture->records[PROXY].pid = 1004;
	fixture->records[PROXY].health = HEALTH_HEALTHY;
}

static void health_is_quiet_when_all_is_well(void **state)
{
	struct fixture *fixture = *state;

	well(fixture);
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "");
	assert_string_equal(fixture->err, "");
	assert_int_equal(SUPCTL(fixture, "health", "--json"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "{\"healthy\":true,\"wrong\":[]}\n");
}

static void health_names_each_that_is_not(void **state)
{
	struct fixture *fixture = *state;

	well(fixture);
	fixture->records[DB].state = CHILD_BACKOFF;
	fixture->records[DB].next_try_ms = now_ms() + 60500;
	fixture->records[APP].state = CHILD_STOPPING;
	fixture->records[APP].health = HEALTH_UNHEALTHY;
	fixture->records[APP].end_kind = END_UNHEALTHY;
	fixture->records[PROXY].health = HEALTH_STARTING;
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_REFUSED);
	assert_string_equal(fixture->out, "db: backoff (exit 1), again in 1m01s\n"
					  "web/app: stopping, unhealthy\n"
					  "web/proxy: running, not found healthy yet\n");
	assert_int_equal(SUPCTL(fixture, "health", "--json"), SUPCTL_REFUSED);
	assert_says(fixture->out, "{\"healthy\":false,\"wrong\":[{\"path\":\"db\",");
	assert_says(fixture->out, "{\"path\":\"web/app\",\"state\":\"stopping\",\"ready\":true,"
				  "\"health\":\"unhealthy\"}");
}

static void a_failed_start_and_a_parked_supervisor_are_wrong(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_REFUSED);
	assert_string_equal(fixture->out, "web/proxy: failed (exec: ENOENT)\n");
	fixture->records[WEB].state = CHILD_PARKED;
	fixture->records[APP].state = CHILD_WAITING;
	fixture->records[PROXY].state = CHILD_STOPPED;
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_REFUSED);
	assert_string_equal(fixture->out, "web: parked\n");
}

static void what_need_not_run_is_not_missed(void **state)
{
	struct fixture *fixture = *state;

	well(fixture);
	fixture->records[WEB].state = CHILD_STOPPED;
	fixture->records[APP].state = CHILD_WAITING;
	fixture->records[PROXY].state = CHILD_WAITING;
	fixture->records[DB].state = CHILD_EXITED;
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_DONE);
	/* Its supervisor runs and has not come to it yet. */
	fixture->records[WEB].state = CHILD_STARTING;
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_REFUSED);
	assert_string_equal(fixture->out, "web: starting\nweb/app: waiting (KILL)\n"
					  "web/proxy: waiting (exec: ENOENT)\n");
}

static void health_believes_no_table_without_a_supd(void **state)
{
	struct fixture *fixture = *state;

	well(fixture);
	fixture_die(fixture);
	assert_int_equal(SUPCTL(fixture, "health"), SUPCTL_UNREACHABLE);
}

static void healthy_is_waited_for_down_to_the_last_child(void **state)
{
	struct fixture *fixture = *state;

	well(fixture);
	assert_int_equal(SUPCTL(fixture, "wait", "web", "--for", "healthy"), SUPCTL_DONE);
	assert_int_equal(SUPCTL(fixture, "wait", "/", "--for", "healthy"), SUPCTL_DONE);
	/* Nobody listens: what is not so cannot be waited for. */
	fixture->records[PROXY].health = HEALTH_STARTING;
	assert_int_equal(SUPCTL(fixture, "wait", "proxy", "--for", "healthy"), SUPCTL_UNREACHABLE);
	assert_int_equal(SUPCTL(fixture, "wait", "web", "--for", "healthy"), SUPCTL_UNREACHABLE);
	assert_int_equal(SUPCTL(fixture, "wait", "app", "--for", "healthy"), SUPCTL_DONE);
}

static void status_shows_who_is_unhealthy(void **state)
{
	struct fixture *fixture = *state;

	well(fixture);
	fixture->records[APP].state = CHILD_STOPPING;
	fixture->records[APP].health = HEALTH_UNHEALTHY;
	assert_int_equal(SUPCTL(fixture, "status", "app", "proxy"), SUPCTL_NOT_RUNNING);
	assert_says(fixture->out, "web/app    stopping (unhealthy)  1003");
	assert_says(fixture->out, "web/proxy  running               1004");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(health_is_quiet_when_all_is_well),
		WITH_FIXTURE(health_names_each_that_is_not),
		WITH_FIXTURE(a_failed_start_and_a_parked_supervisor_are_wrong),
		WITH_FIXTURE(what_need_not_run_is_not_missed),
		WITH_FIXTURE(health_believes_no_table_without_a_supd),
		WITH_FIXTURE(healthy_is_waited_for_down_to_the_last_child),
		WITH_FIXTURE(status_shows_who_is_unhealthy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
