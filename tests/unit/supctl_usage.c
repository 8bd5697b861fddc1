/* supctl_usage.c - what is read of a line of /proc, and whose it is. */
#include "tests/unit/supctl_fixture.h"

#include <jansson.h>
#include <signal.h>

#include "cmd/supctl_usage.h"
#include "cmd/supctl_usage_internal.h"

static void a_line_of_stat_is_read_whatever_the_name(void **state)
{
	struct process process;

	(void)state;
	assert_true(process_parse("42 (a) b) (c) S 1 40 40 0 -1 4194560 110 0 0 0 7 3 20 10 20 0 1 "
				  "0 12345 2637824 200 18446744073709551615 1 1 0",
		&process));
	assert_int_equal(process.pid, 42);
	assert_int_equal(process.group, 40);
	assert_int_equal(process.state, 'S');
	assert_int_equal(process.ticks, 40);
	assert_int_equal(process.start, 12345);
	assert_int_equal(process.memory, 200 * sysconf(_SC_PAGESIZE));
}

static void what_is_no_line_of_stat_is_refused(void **state)
{
	static const char *const lines[] = {"", "42", "42 (a)", "42 (a) S", "42 (a) S 1 40 40 0",
		"x (a) S 1 40 40 0 -1 4194560 110 0 0 0 7 3 20 10 20 0 1 0 12345 2637824 200"};
	struct process process;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_false(process_parse(lines[i], &process));
}

/* A child with a process group of its own, and one more in it. */
static pid_t start_group(pid_t *ret_member)
{
	pid_t leader = fork();

	assert_true(leader >= 0);
	if (leader == 0) {
		(void)setpgid(0, 0);
		for (;;)
			(void)pause();
	}
	(void)setpgid(leader, leader);
	*ret_member = fork();
	assert_true(*ret_member >= 0);
	if (*ret_member == 0) {
		for (;;)
			(void)pause();
	}
	(void)setpgid(*ret_member, leader);
	return leader;
}

static void end_process(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The test itself is the supd of this table. */
static void be_supd(struct fixture *fixture)
{
	struct process self;
	char pid[16];
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(proc >= 0);
	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	assert_true(process_read(proc, pid, &self));
	assert_int_equal(close(proc), 0);
	fixture->header->pid = getpid();
	fixture->header->pid_start_ticks = self.start;
}

static const json_t *child_of(const json_t *status, const char *path)
{
	size_t i;
	const json_t *child;

	json_array_foreach(json_object_get(status, "children"), i, child)
	{
		if (strcmp(json_string_value(json_object_get(child, "path")), path) == 0)
			return child;
	}
	fail_msg("no child %s", path);
	return NULL;
}

static void assert_processes(const json_t *status, const char *path, json_int_t n)
{
	const json_t *child = child_of(status, path);

	assert_int_equal(json_integer_value(json_object_get(child, "processes")), n);
	assert_true((json_integer_value(json_object_get(child, "memory")) > 0) == (n > 0));
	assert_true(json_real_value(json_object_get(child, "cpu")) >= 0);
}

static void a_child_has_what_is_in_its_group_and_a_supervisor_the_sum(void **state)
{
	struct fixture *fixture = *state;
	pid_t member;
	pid_t leader = start_group(&member);
	json_t *status;

	fixture_shop(fixture);
	be_supd(fixture);
	for (uint32_t i = 0; i < fixture->n; i++)
		fixture->records[i].pid = strcmp(fixture->records[i].name, "app") == 0 ? leader : 0;
	assert_int_equal(SUPCTL(fixture, "status", "--json"), SUPCTL_DONE);
	status = json_loads(fixture->out, 0, NULL);
	assert_non_null(status);
	assert_processes(status, "web/app", 2);
	assert_processes(status, "web", 2);
	assert_processes(status, "db", 0);
	json_decref(status);
	end_process(member);
	end_process(leader);
}

static void of_a_supd_that_is_another_nothing_is_told(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	be_supd(fixture);
	fixture->header->pid_start_ticks++;
	assert_int_equal(SUPCTL(fixture, "status", "--json"), SUPCTL_DONE);
	assert_null(strstr(fixture->out, "memory"));
	fixture->header->pid_start_ticks--;
	assert_int_equal(SUPCTL(fixture, "status", "--json"), SUPCTL_DONE);
	assert_says(fixture->out, "memory");
	assert_int_equal(SUPCTL(fixture, "status", "--json", "--no-usage"), SUPCTL_DONE);
	assert_null(strstr(fixture->out, "memory"));
}

static void memory_in_words(void **state)
{
	static const struct {
		int64_t bytes;
		const char *words;
	} cases[] = {{-1, "-"}, {0, "0K"}, {4096, "4K"}, {1023487, "999K"}, {1023488, "1.0M"},
		{39321600, "37.5M"}, {209715200, "200M"}, {1288490189, "1.2G"},
		{INT64_MAX, "8192P"}};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(usage_memory_words(cases[i].bytes, buf), cases[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_stat_is_read_whatever_the_name),
		cmocka_unit_test(what_is_no_line_of_stat_is_refused),
		cmocka_unit_test_setup_teardown(
			a_child_has_what_is_in_its_group_and_a_supervisor_the_sum, fixture_new,
			fixture_free),
		cmocka_unit_test_setup_teardown(
			of_a_supd_that_is_another_nothing_is_told, fixture_new, fixture_free),
		cmocka_unit_test(memory_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
