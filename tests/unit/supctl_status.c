/* supctl_status.c - supctl status on tables made by hand. */
#include "tests/unit/supctl_fixture.h"

#include <jansson.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

static void the_tree_is_a_table(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_string_equal(fixture->err, "");
	assert_string_equal(fixture->out,
		"NAME                        STATE    PID   UPTIME  RESTARTS  LAST EXIT\n"
		"shop (rest_for_one)         running  4242  1m05s   0         -\n"
		"|- db                       running  1001  1m05s   0         exit 1\n"
		"|- web (one_for_all)        running  -     1m05s   0         -\n"
		"|  |- app                   running  1003  1m05s   2         KILL\n"
		"|  `- proxy                 failed   -     -       0         exec: ENOENT\n"
		"`- jobs (dynamic, 0 of 50)  running  -     1m05s   0         -\n");
}

static void a_utf8_locale_gets_lines(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_int_equal(setenv("LC_ALL", "C", 1), 0);
	assert_says(fixture->out, "\n\u2502  \u251c\u2500 app ");
	assert_says(fixture->out, "\n\u2502  \u2514\u2500 proxy ");
	assert_says(fixture->out, "\n\u2514\u2500 jobs ");
}

static void long_and_deep_trees_fit_80_columns(void **state)
{
	struct fixture *fixture = *state;
	uint32_t at = STATUS_NONE;

	for (int i = 0; i < 20; i++) {
		at = fixture_add(fixture, at,
			"a-name-that-is-much-longer-than-there-is-room-for-it", KIND_SUPERVISOR);
		fixture->records[at].state = CHILD_RESTARTING;
		fixture->records[at].pid = 4194303;
	}
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	for (char *line = strtok(fixture->out, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
}

static void backoff_tells_when_it_is_tried_again(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	fixture->records[1].state = CHILD_BACKOFF;
	fixture->records[1].next_try_ms = now_ms() + 29500;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_says(fixture->out, "backoff  1001  -       0         exit 1, again in 30s\n");
	fixture->records[1].streak = 7;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_says(fixture->out, "exit 1, again in 30s (streak 7)\n");
}

static void the_json_has_the_shape_of_the_interface(void **state)
{
	struct fixture *fixture = *state;
	json_t *all;
	json_t *app;
	json_t *jobs;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "status", "--json"), SUPCTL_DONE);
	all = json_loads(fixture->out, 0, NULL);
	assert_non_null(all);
	assert_string_equal(json_string_value(json_object_get(all, "root")), "shop");
	assert_string_equal(json_string_value(json_object_get(all, "state")), "running");
	assert_int_equal(json_integer_value(json_object_get(all, "pid")), FIXTURE_PID);
	assert_int_equal(json_integer_value(json_object_get(all, "generation")), 7);
	assert_int_equal(json_array_size(json_object_get(all, "children")), 5);
	app = json_array_get(json_object_get(all, "children"), 2);
	assert_string_equal(json_string_value(json_object_get(app, "path")), "web/app");
	assert_string_equal(json_string_value(json_object_get(app, "kind")), "process");
	assert_int_equal(json_integer_value(json_object_get(app, "restarts")), 2);
	jobs = json_array_get(json_object_get(all, "children"), 4);
	assert_string_equal(json_string_value(json_object_get(jobs, "kind")), "dynamic");
	assert_int_equal(json_integer_value(json_object_get(jobs, "max_children")), 50);
	json_decref(all);
}

static void a_path_shows_what_is_below_it(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "status", "web"), SUPCTL_DONE);
	assert_says(fixture->out, "\nweb (one_for_all)  running");
	assert_says(fixture->out, "\n|- app ");
	assert_null(strstr(fixture->out, "db"));
	/* The last part of the path is enough; what is not running is told by the exit status. */
	assert_int_equal(SUPCTL(fixture, "status", "db", "proxy"), SUPCTL_NOT_RUNNING);
	assert_says(fixture->out, "\ndb ");
	assert_says(fixture->out, "\nweb/proxy ");
	assert_int_equal(SUPCTL(fixture, "--json", "status", "/"), SUPCTL_DONE);
	assert_says(fixture->out, "\"path\":\"web/proxy\"");
}

static void a_path_that_names_nothing_or_too_much_is_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	(void)fixture_add(fixture, 5, "app", KIND_PROCESS);
	assert_int_equal(SUPCTL(fixture, "status", "app"), SUPCTL_REFUSED);
	assert_string_equal(
		fixture->err, "supctl: app is ambiguous: it may be web/app, jobs/app\n");
	assert_string_equal(fixture->out, "");
	assert_int_equal(SUPCTL(fixture, "status", "prosy"), SUPCTL_REFUSED);
	assert_says(fixture->err, "no child prosy: did you mean proxy?");
	assert_int_equal(SUPCTL(fixture, "status", "web/ap"), SUPCTL_REFUSED);
	assert_says(fixture->err, "no child web/ap: did you mean web/app?");
	assert_int_equal(SUPCTL(fixture, "status", "jobs/app"), SUPCTL_DONE);
	assert_int_equal(SUPCTL(fixture, "status", ""), SUPCTL_REFUSED);
	assert_int_equal(SUPCTL(fixture, "status", "/app"), SUPCTL_REFUSED);
}

static void an_exact_path_wins_over_a_last_part(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	(void)fixture_add(fixture, 2, "db", KIND_PROCESS);
	fixture->records[1].state = CHILD_STOPPED;
	assert_int_equal(SUPCTL(fixture, "status", "db"), SUPCTL_NOT_RUNNING);
	assert_int_equal(SUPCTL(fixture, "status", "web/db"), SUPCTL_DONE);
}

static void a_supd_that_is_gone_is_told(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	fixture_die(fixture);
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "(pid 4242) is gone; this is the last it wrote\n");
	assert_says(fixture->out, "|- db  ");
	assert_int_equal(SUPCTL(fixture, "status", "--json", "proxy"), SUPCTL_UNREACHABLE);
	assert_says(fixture->out, "\"path\":\"web/proxy\"");
	fixture->header->finished = 1;
	fixture->header->exit_status = 1;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "has ended, with exit status 1");
}

/* Field 22 of /proc/PID/stat. The name of this program has no blanks. */
static uint64_t start_ticks(pid_t pid)
{
	char path[64];
	unsigned long long ticks = 0;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	for (int i = 1; i < 22; i++)
		assert_int_equal(fscanf(file, "%*s"), 0);
	assert_int_equal(fscanf(file, "%llu", &ticks), 1);
	assert_int_equal(fclose(file), 0);
	return ticks;
}

static void a_supd_that_is_stopped_is_told(void **state)
{
	struct fixture *fixture = *state;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)raise(SIGSTOP);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	fixture_shop(fixture);
	fixture->header->pid = pid;
	fixture->header->pid_start_ticks = start_ticks(pid);
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_says(fixture->err, "is stopped (SIGSTOP)");
	/* Another process under its number: nothing to tell of that one. */
	fixture->header->pid_start_ticks--;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_string_equal(fixture->err, "");
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void names_with_odd_bytes_do_no_harm(void **state)
{
	struct fixture *fixture = *state;

	(void)fixture_add(fixture, STATUS_NONE, "root", KIND_SUPERVISOR);
	(void)fixture_add(fixture, 0, "a\033[31m\"b\\", KIND_PROCESS);
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_says(fixture->out, "`- a?[31m\"b\\ ");
	assert_int_equal(SUPCTL(fixture, "--json", "status"), SUPCTL_DONE);
	assert_says(fixture->out, "a\\u001B[31m\\\"b\\\\");
}

static void a_reader_that_goes_away_makes_no_noise(void **state)
{
	static const char *const args[] = {"status", "--json", NULL};
	struct fixture *fixture = *state;
	char path[128];
	int ends[2];
	int err;

	fixture_shop(fixture);
	fixture_path(fixture, "err", path);
	err = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(err >= 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(exit_of(supctl_spawn(fixture, ends[1], err, args)), SUPCTL_DONE);
	/* And no standard output at all. */
	assert_int_equal(exit_of(supctl_spawn(fixture, -1, err, args)), SUPCTL_DONE);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(close(err), 0);
	fixture_read(fixture, "err", fixture->err);
	assert_string_equal(fixture->err, "");
}

static void a_full_disk_is_told(void **state)
{
	static const char *const args[] = {"status", NULL};
	struct fixture *fixture = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	char path[128];
	int err;

	if (full < 0)
		skip();
	fixture_shop(fixture);
	fixture_path(fixture, "err", path);
	err = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(err >= 0);
	assert_int_equal(exit_of(supctl_spawn(fixture, full, err, args)), SUPCTL_REFUSED);
	assert_int_equal(close(full), 0);
	assert_int_equal(close(err), 0);
	fixture_read(fixture, "err", fixture->err);
	assert_says(fixture->err, "cannot write the output: No space left on device");
}

/* The pictures come at once and then each second; a signal ends it in good order. */
static void watch_ends_at_a_signal(void **state)
{
	static const char *const args[] = {"status", "--watch", NULL};
	struct fixture *fixture = *state;
	char first[512];
	int ends[2];
	pid_t pid;

	fixture_shop(fixture);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = supctl_spawn(fixture, ends[1], 2, args);
	assert_int_equal(close(ends[1]), 0);
	assert_true(read(ends[0], first, sizeof first) > 0);
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(exit_of(pid), SUPCTL_DONE);
	assert_int_equal(close(ends[0]), 0);
	assert_null(memchr(first, '\033', 100));
}

/* What supctl writes to a terminal of 100 columns. */
static void read_terminal(struct fixture *fixture, const char *const *args, char *text, size_t size)
{
	const struct winsize window = {.ws_row = 24, .ws_col = 100};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;
	pid_t pid;
	int slave;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &window), 0);
	pid = supctl_spawn(fixture, slave, 2, args);
	assert_int_equal(close(slave), 0);
	/* Ends with EIO, when the last who had the terminal open is gone. */
	while (len < size - 1 && (n = read(master, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	assert_int_equal(exit_of(pid), SUPCTL_DONE);
	assert_int_equal(close(master), 0);
}

static void only_a_terminal_gets_colours(void **state)
{
	static const char *const args[] = {"status", NULL};
	struct fixture *fixture = *state;
	char text[8192];

	fixture_shop(fixture);
	fixture->records[1].name[62] = '\0';
	memset(fixture->records[1].name, 'x', 50);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	read_terminal(fixture, args, text, sizeof text);
	assert_says(text, "\033[32mrunning\033[0m");
	assert_says(text, "\033[31mfailed\033[0m ");
	/* It has room for the name, that 80 columns have not. */
	assert_says(text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_null(strstr(fixture->out, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	assert_null(strchr(fixture->out, '\033'));
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	read_terminal(fixture, args, text, sizeof text);
	assert_null(strchr(text, '\033'));
	assert_int_equal(unsetenv("NO_COLOR"), 0);
}

/* Not a limit, a figure: what `status --json` of 1,000 and 10,000 children costs. */
static void many_children_cost_little(void **state)
{
	struct fixture *fixture = *state;
	struct rusage before;
	struct rusage after;
	uint32_t root = fixture_add(fixture, STATUS_NONE, "root", KIND_SUPERVISOR);

	for (int i = 0; i < 1000; i++) {
		char name[STATUS_NAME_SIZE];

		(void)snprintf(name, sizeof name, "worker-%d", i);
		(void)fixture_add(fixture, root, name, KIND_PROCESS);
	}
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &before), 0);
	assert_int_equal(SUPCTL(fixture, "--json", "status"), SUPCTL_DONE);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &after), 0);
	print_message("# 1,000 children as JSON: %ld us of CPU, %zu bytes\n",
		(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec -
			before.ru_stime.tv_sec) *
				1000000 +
			after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec -
			before.ru_stime.tv_usec,
		strlen(fixture->out));
	assert_says(fixture->out, "\"path\":\"worker-999\"");
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TABLE(the_tree_is_a_table),
		WITH_TABLE(a_utf8_locale_gets_lines),
		WITH_TABLE(long_and_deep_trees_fit_80_columns),
		WITH_TABLE(backoff_tells_when_it_is_tried_again),
		WITH_TABLE(the_json_has_the_shape_of_the_interface),
		WITH_TABLE(a_path_shows_what_is_below_it),
		WITH_TABLE(a_path_that_names_nothing_or_too_much_is_refused),
		WITH_TABLE(an_exact_path_wins_over_a_last_part),
		WITH_TABLE(a_supd_that_is_gone_is_told),
		WITH_TABLE(a_supd_that_is_stopped_is_told),
		WITH_TABLE(names_with_odd_bytes_do_no_harm),
		WITH_TABLE(a_reader_that_goes_away_makes_no_noise),
		WITH_TABLE(a_full_disk_is_told),
		WITH_TABLE(watch_ends_at_a_signal),
		WITH_TABLE(only_a_terminal_gets_colours),
		WITH_TABLE(many_children_cost_little),
	};

	(void)setenv("LC_ALL", "C", 1);
	(void)unsetenv("COLUMNS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
