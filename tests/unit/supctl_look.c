/* supctl_look.c - count and whereis from a status table, and the options of the new commands. */
#include "tests/unit/supctl_fixture.h"

/* fixture_shop, and below its root shards (partition of 3). */
static void shards(struct fixture *fixture)
{
	uint32_t sup;

	fixture_shop(fixture);
	sup = fixture_add(fixture, 0, "shards", KIND_PARTITION);
	fixture->records[sup].children_max = 3;
	(void)fixture_add(fixture, sup, "shard.0", KIND_PROCESS); /* pid 1007 */
	(void)fixture_add(fixture, sup, "shard.1", KIND_PROCESS);
	(void)fixture_add(fixture, sup, "shard.2", KIND_PROCESS);
}

static void count_counts_the_children_of_a_supervisor(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	assert_int_equal(SUPCTL(fixture, "count"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "specs        4\nactive       4\n"
					  "supervisors  3\nworkers      1\n");
	assert_int_equal(SUPCTL(fixture, "count", "web", "--json"), SUPCTL_DONE);
	assert_string_equal(
		fixture->out, "{\"specs\":2,\"active\":1,\"supervisors\":0,\"workers\":2}\n");
	assert_int_equal(SUPCTL(fixture, "count", "db"), SUPCTL_REFUSED);
	assert_says(fixture->err, "db is no supervisor");
	assert_int_equal(SUPCTL(fixture, "count", "wbe"), SUPCTL_REFUSED);
	assert_says(fixture->err, "there is no child wbe: did you mean web?");
}

static void whereis_tells_the_process_behind_a_name(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	assert_int_equal(SUPCTL(fixture, "whereis", "app"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "1003\n");
	assert_int_equal(SUPCTL(fixture, "whereis", "web/app", "--json"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "{\"path\":\"web/app\",\"pid\":1003}\n");
	assert_int_equal(SUPCTL(fixture, "whereis", "proxy"), SUPCTL_REFUSED);
	assert_string_equal(fixture->out, "");
	assert_says(fixture->err, "web/proxy has no process: it is failed");
	assert_int_equal(SUPCTL(fixture, "whereis", "web"), SUPCTL_REFUSED);
	assert_int_equal(SUPCTL(fixture, "whereis", "shards"), SUPCTL_REFUSED);
	assert_says(fixture->err, "Give --key");
}

static void a_key_leads_to_its_partition(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	assert_int_equal(SUPCTL(fixture, "whereis", "shards", "--key", "4"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "1008\n");
	assert_int_equal(SUPCTL(fixture, "whereis", "shards", "--key=-1"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "1009\n");
	/* 0xaf63dc4c8601ec8c mod 3 = 1 */
	assert_int_equal(SUPCTL(fixture, "whereis", "shards", "--key", "a", "--json"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "{\"path\":\"shards/shard.1\",\"pid\":1008}\n");
	assert_int_equal(SUPCTL(fixture, "whereis", "db", "--key", "4"), SUPCTL_REFUSED);
	assert_says(fixture->err, "db is no partition supervisor");
	/* A partition that is no more does not send its keys elsewhere. */
	fixture->records[8].used = 0;
	assert_int_equal(SUPCTL(fixture, "whereis", "shards", "--key", "4"), SUPCTL_REFUSED);
	assert_int_equal(SUPCTL(fixture, "whereis", "shards", "--key", "5"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "1009\n");
}

static void a_table_without_a_supd_is_not_believed(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	fixture_die(fixture);
	assert_int_equal(SUPCTL(fixture, "whereis", "app"), SUPCTL_UNREACHABLE);
	assert_string_equal(fixture->out, "");
	assert_says(fixture->err, "is gone");
	assert_int_equal(SUPCTL(fixture, "count"), SUPCTL_UNREACHABLE);
	assert_int_equal(SUPCTL(fixture, "wait", "app", "--for", "running"), SUPCTL_UNREACHABLE);
}

static void the_tree_shows_partitions_that_run(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	fixture->records[8].state = CHILD_STOPPED;
	assert_int_equal(SUPCTL(fixture, "status", "shards"), SUPCTL_DONE);
	assert_says(fixture->out, "shards (partition, 2 of 3)  running");
}

static void what_is_already_so_is_not_waited_for(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	assert_int_equal(SUPCTL(fixture, "wait", "app", "--for", "running"), SUPCTL_DONE);
	assert_int_equal(SUPCTL(fixture, "wait", "app", "--for", "healthy", "--json"), SUPCTL_DONE);
	assert_string_equal(
		fixture->out, "{\"path\":\"web/app\",\"ok\":true,\"state\":\"running\"}\n");
	assert_int_equal(SUPCTL(fixture, "wait", "proxy", "--for", "stopped"), SUPCTL_DONE);
	/* An instance of a dynamic supervisor leaves nothing behind when it ends. */
	assert_int_equal(SUPCTL(fixture, "wait", "jobs/x", "--for", "stopped"), SUPCTL_DONE);
	assert_int_equal(SUPCTL(fixture, "wait", "jobs/x", "--for", "running"), SUPCTL_REFUSED);
	assert_int_equal(SUPCTL(fixture, "wait", "web/x", "--for", "stopped"), SUPCTL_REFUSED);
	/* Nobody listens: what is not so cannot be waited for. */
	assert_int_equal(SUPCTL(fixture, "wait", "proxy", "--for", "running"), SUPCTL_UNREACHABLE);
}

static void options_belong_to_their_commands(void **state)
{
	struct fixture *fixture = *state;

	shards(fixture);
	assert_int_equal(SUPCTL(fixture, "status", "--key", "1"), SUPCTL_USAGE);
	assert_says(fixture->err, "status has no --key");
	assert_int_equal(
		SUPCTL(fixture, "run", "jobs", "--set", "a=b", "--", "true"), SUPCTL_USAGE);
	assert_says(fixture->err, "run has no --set");
	assert_int_equal(SUPCTL(fixture, "run", "jobs", "true"), SUPCTL_USAGE);
	assert_says(fixture->err, "the command stands behind --");
	assert_int_equal(SUPCTL(fixture, "run", "--", "jobs", "true"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "start-child", "jobs", "a", "b"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "start-child", "--", "jobs"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "wait", "app"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "wait", "app", "--for", "stoped"), SUPCTL_USAGE);
	assert_says(fixture->err, "did you mean stopped?");
	assert_int_equal(
		SUPCTL(fixture, "run", "jobs", "--", "caf\xe9"), SUPCTL_USAGE); /* Latin-1 */
	assert_says(fixture->err, "must be UTF-8");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(count_counts_the_children_of_a_supervisor),
		WITH_FIXTURE(whereis_tells_the_process_behind_a_name),
		WITH_FIXTURE(a_key_leads_to_its_partition),
		WITH_FIXTURE(a_table_without_a_supd_is_not_believed),
		WITH_FIXTURE(the_tree_shows_partitions_that_run),
		WITH_FIXTURE(what_is_already_so_is_not_waited_for),
		WITH_FIXTURE(options_belong_to_their_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
