/* supctl_words.c - ages, ends, cells, options, help. */
#include "tests/unit/supctl_fixture.h"

#include "cmd/supctl_words.h"
#include "supervisor/wire/child_json.h"
#include "supervisor/wire/stages.h"

static void ages_have_two_units_at_most(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(format_age(-5, buf), "0s");
	assert_string_equal(format_age(12999, buf), "12s");
	assert_string_equal(format_age(184000, buf), "3m04s");
	assert_string_equal(format_age((2 * 3600 + 11 * 60 + 59) * 1000, buf), "2h11m");
	assert_string_equal(format_age((INT64_C(5) * 86400 + 3 * 3600) * 1000, buf), "5d03h");
}

/* Both ways of telling an end use the same words. */
static void ends_read_the_same_from_the_table_and_from_the_wire(void **state)
{
	static const struct {
		struct end end;
		const char *words;
	} cases[] = {
		{{END_NONE, 0, 0}, "-"},
		{{END_EXITED, 0, 0}, "exit 0"},
		{{END_EXITED, 0, 127}, "exit 127"},
		{{END_SIGNALED, 0, 9}, "KILL"},
		{{END_SIGNALED, END_OOM, 9}, "KILL, out of memory"},
		{{END_EXITED, END_OOM, 137}, "exit 137, out of memory"},
		{{END_SPAWN_FAILED, STAGE_EXEC, ENOENT}, "exec: ENOENT"},
		{{END_SPAWN_FAILED, STAGE_FORK, EAGAIN}, "fork: EAGAIN"},
		{{END_START_TIMEOUT, 0, 0}, "start timeout"},
		{{END_SHUTDOWN, 0, 0}, "shutdown"},
		{{END_BOOT_FAILED, 0, 0}, "boot failed"},
	};
	char buf[END_WORDS_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *exit = exit_json(&cases[i].end);

		assert_string_equal(end_words(&cases[i].end, buf), cases[i].words);
		assert_string_equal(exit_words(exit, buf), cases[i].words);
		json_decref(exit);
	}
}

static void every_state_has_a_name_and_numbers_beyond_have_none(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CHILD_STATE_COUNT; i++)
		assert_non_null(child_state_name(i));
	for (unsigned i = 0; i < WHY_COUNT; i++)
		assert_non_null(why_name(i));
	assert_string_equal(child_state_name(CHILD_BACKOFF), "backoff");
	assert_string_equal(why_name(WHY_START_TIMEOUT), "start_timeout");
	assert_string_equal(command_name(CMD_RESTART), "restart");
	assert_null(child_state_name(CHILD_STATE_COUNT));
	assert_null(why_name(WHY_COUNT));
	assert_null(command_name(CMD_COUNT));
}

static void usage_errors_propose_something(void **state)
{
	static const struct {
		const char *args[3];
		const char *says;
	} cases[] = {
		{{NULL, NULL, NULL}, "which command? `supctl help` lists them"},
		{{"sttaus", NULL, NULL}, "unknown command sttaus: did you mean status?"},
		{{"frobnicate", NULL, NULL}, "unknown command frobnicate; `supctl help`"},
		{{"status", "--jsno", NULL}, "unknown option --jsno: did you mean --json?"},
		{{"status", "-x", NULL}, "unknown option -x"},
		{{"stop", NULL, NULL}, "stop needs more arguments; usage: supctl stop PATH..."},
		{{"ping", "a", NULL}, "ping takes fewer arguments"},
		{{"stop", "--watch", "a"}, "stop has no --watch"},
		{{"delete", "--no-wait", "a"}, "delete has no --no-wait"},
		{{"ping", "--timeout", "soon"}, "soon is no duration"},
		{{"ping", "--timeout", NULL}, "--timeout needs a value"},
		{{"ping", "--json=yes", NULL}, "--json takes no value"},
		{{"signal", "TREM", "a"}, "TREM is no signal: did you mean TERM?"},
		{{"help", "statsu", NULL}, "unknown command statsu: did you mean status?"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *args[4] = {cases[i].args[0], cases[i].args[1], cases[i].args[2], NULL};

		assert_int_equal(supctl_call(fixture, args), SUPCTL_USAGE);
		assert_says(fixture->err, cases[i].says);
		assert_string_equal(fixture->out, "");
	}
}

static void flags_stand_before_or_after_the_command(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "--json", "status"), SUPCTL_DONE);
	assert_int_equal(fixture->out[0], '{');
	assert_int_equal(SUPCTL(fixture, "status", "db", "--json"), SUPCTL_DONE);
	assert_int_equal(fixture->out[0], '{');
	assert_int_equal(SUPCTL(fixture, "status", "--", "--json"), SUPCTL_REFUSED);
	assert_says(fixture->err, "there is no child --json");
}

static void help_tells_of_every_command_in_80_columns(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(SUPCTL(fixture, "help", "signal"), SUPCTL_DONE);
	assert_says(fixture->out, "usage: supctl signal SIG PATH...\n");
	assert_int_equal(SUPCTL(fixture, "signal", "--help"), SUPCTL_DONE);
	assert_says(fixture->out, "usage: supctl signal SIG PATH...\n");
	assert_int_equal(SUPCTL(fixture, "--help"), SUPCTL_DONE);
	assert_says(fixture->out, "\n  events ");
	for (char *line = strtok(fixture->out, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
}

static void the_directory_is_given_or_found(void **state)
{
	char dir[PATH_MAX];

	(void)state;
	assert_int_equal(setenv("SUPD_RUNTIME_DIR", "/run/other", 1), 0);
	assert_int_equal(options_dir("/tmp/x", dir), 0);
	assert_string_equal(dir, "/tmp/x");
	assert_int_equal(options_dir(NULL, dir), 0);
	assert_string_equal(dir, "/run/other");
	assert_int_equal(unsetenv("SUPD_RUNTIME_DIR"), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1), 0);
	assert_int_equal(options_dir(NULL, dir), 0);
	assert_string_equal(dir, geteuid() == 0 ? "/run/supd" : "/run/user/7/supd");
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
}

static void a_long_directory_is_reached_all_the_same(void **state)
{
	struct fixture *fixture = *state;
	char long_dir[512];
	const char *args[] = {"-d", long_dir, "ping", NULL};

	(void)snprintf(long_dir, sizeof long_dir, "%s/%s/%s", fixture->dir,
		"././././././././././././././././././././././././././././././././././././././.",
		"././././././././././././././././././././././././././././././././././././././.");
	assert_int_equal(supctl_call(fixture, args), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "is it running?");
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages_have_two_units_at_most),
		cmocka_unit_test(ends_read_the_same_from_the_table_and_from_the_wire),
		cmocka_unit_test(every_state_has_a_name_and_numbers_beyond_have_none),
		IN_DIR(usage_errors_propose_something),
		IN_DIR(flags_stand_before_or_after_the_command),
		IN_DIR(help_tells_of_every_command_in_80_columns),
		cmocka_unit_test(the_directory_is_given_or_found),
		IN_DIR(a_long_directory_is_reached_all_the_same),
	};

	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
