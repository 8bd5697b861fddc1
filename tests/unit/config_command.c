/* config_command.c - a command line into words, and the lines of an environment file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/command.h"
#include "config/environment.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
static const struct specifiers SPECIFIERS = {.name = "app", .path = "web/app"};
static const struct place PLACE = {"x.conf", 5};

/* All strings with | between them; the cases are short. */
static void join(const struct strs *strs, char *to)
{
	*to = '\0';
	for (size_t i = 0; i < strs->n; i++) {
		to = stpcpy(to, i > 0 ? "|" : "");
		to = stpcpy(to, strs->item[i]);
	}
}

static bool split(struct arena *arena, struct findings *f, const char *command, struct strs *words)
{
	return command_split(arena, f, PLACE, command, &SPECIFIERS, SPECIFIERS_EXPAND, words);
}

static void words_follow_the_quoting_of_the_shell(void **state)
{
	static const struct {
		const char *command;
		const char *words; /* joined by | */
	} CASES[] = {
		{"a", "a"},
		{"  a \t b\nc  ", "a|b|c"},
		{"a 'b c' d", "a|b c|d"},
		{"a \"b c\" d", "a|b c|d"},
		{"a b'c d'\"e f\"g", "a|bc de fg"},
		{"a '' \"\" b", "a|||b"},
		{"a 'b\\c'", "a|b\\c"},
		{"a \"b\\c\"", "a|b\\c"},
		{"a \"b\\\\c\\\"d\\$e\\`f\"", "a|b\\c\"d$e`f"},
		{"a b\\ c", "a|b c"},
		{"a \\'b\\\"", "a|'b\""},
		{"a 'it'\\''s'", "a|it's"},
		{"a b\\\nc", "a|bc"},
		{"a \"b\\\nc\"", "a|bc"},
		{"a $HOME `x` * ~ # > &", "a|$HOME|`x`|*|~|#|>|&"},
		{"a \"'\" '\"'", "a|'|\""},
		{"a %n %p %%", "a|app|web/app|%"},
		{"a x%ny%p%%%%z", "a|xappyweb/app%%z"},
		{"'%n'", "app"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		struct arena arena = {0};
		struct findings f = {0};
		struct strs words = {0};
		char joined[256];
		assert_true(split(&arena, &f, CASES[i].command, &words));
		assert_int_equal(f.n, 0);
		join(&words, joined);
		assert_string_equal(joined, CASES[i].words);
		arena_free(&arena);
	}
}

static void wrong_commands_are_reported_once(void **state)
{
	static const char *const CASES[] = {"", "   ", "'' a", "a 'b", "a \"b", "a b\\", "a \"b\\",
		"a %", "a %x", "a %i", "a 'b\"", "\"'"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		struct arena arena = {0};
		struct findings f = {0};
		struct strs words = {0};
		if (split(&arena, &f, CASES[i], &words))
			fail_msg("\"%s\" is taken for a command", CASES[i]);
		assert_int_equal(findings_errors(&f), 1);
		assert_int_equal(words.n, 0);
		findings_free(&f);
		arena_free(&arena);
	}
}

static void a_command_has_at_most_4096_words(void **state)
{
	struct arena arena = {0};
	struct findings f = {0};
	struct strs words = {0};
	char command[2 * COMMAND_WORDS_MAX + 2];
	char *end = command;

	(void)state;
	for (size_t i = 0; i < COMMAND_WORDS_MAX; i++)
		end = stpcpy(end, "a ");
	assert_true(split(&arena, &f, command, &words));
	assert_int_equal(words.n, COMMAND_WORDS_MAX);
	(void)stpcpy(end, "a");
	assert_false(split(&arena, &f, command, &words));
	findings_free(&f);
	arena_free(&arena);
}

/* The environment that a file with this text gives, joined by | */
static void read_environment(const char *text, struct findings *f, char *joined)
{
	struct arena arena = {0};
	struct environment e = {.arena = &arena};
	char path[] = "/tmp/supd-test-XXXXXX";
	const int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
	environment_file(&e, f, path, false, PLACE);
	assert_int_equal(unlink(path), 0);
	join(&e.strs, joined);
	environment_free(&e);
	arena_free(&arena);
}

static void lines_of_an_environment_file(void **state)
{
	static const struct {
		const char *text;
		const char *result;
	} CASES[] = {
		{"", ""},
		{"A=1\nB=2\n", "A=1|B=2"},
		{"A=1", "A=1"},
		{"# c\n; c\n\n  \nA=1\n", "A=1"},
		{"export A=1\n  export\tB=2\n", "A=1|B=2"},
		{"A=\nB=''\nC=\"\"\n", "A=|B=|C="},
		{"A='x y'\nB=\"x 'y' \\\"z\\\"\"\n", "A=x y|B=x 'y' \"z\""},
		{"A=x y  \nB=x # no comment\n", "A=x y|B=x # no comment"},
		{"A=1\nA=2\n", "A=2"},
		{"A=1\r\nB='2'\r\n", "A=1|B=2"},
		{"A=b=c\n", "A=b=c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		struct findings f = {0};
		char joined[256];
		read_environment(CASES[i].text, &f, joined);
		assert_int_equal(f.n, 0);
		assert_string_equal(joined, CASES[i].result);
	}
}

static void wrong_lines_are_named_by_number(void **state)
{
	struct findings f = {0};
	char joined[256];

	(void)state;
	read_environment("A=1\nB\n=2\nC='x\nD=\"x\nE='x' y\nF G=1\n9=1\nH=\"\\", &f, joined);
	assert_string_equal(joined, "A=1");
	assert_int_equal(findings_errors(&f), 8);
	for (size_t i = 0; i < f.n; i++)
		assert_int_equal(f.list[i].line, i + 2);
	findings_free(&f);
}

static void layers_override_by_name_and_keep_their_order(void **state)
{
	static const char *const OURS[] = {"PATH=/bin", "NOTIFY_SOCKET=/x", "LISTEN_FDS=1",
		"SUPD_PATH=a", "SUPD_RUNTIME_DIR=/r", "A=1", "nonsense", "=x", "WATCHDOG_USEC=1"};
	struct arena arena = {0};
	struct environment e = {.arena = &arena};
	char *env[ARRAY_LEN(OURS) + 1] = {NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(OURS); i++) {
		env[i] = strdup(OURS[i]);
		assert_non_null(env[i]);
	}
	environment_base(&e, env);
	environment_set(&e, "HOME", "/h");
	environment_add(&e, "A=2");
	environment_add(&e, "AB=3");
	assert_int_equal(e.strs.n, 5);
	assert_string_equal(e.strs.item[0], "PATH=/bin");
	assert_string_equal(e.strs.item[1], "SUPD_RUNTIME_DIR=/r");
	assert_string_equal(e.strs.item[2], "A=2");
	assert_string_equal(e.strs.item[3], "HOME=/h");
	assert_string_equal(e.strs.item[4], "AB=3");
	environment_free(&e);
	arena_free(&arena);
	for (size_t i = 0; i < ARRAY_LEN(OURS); i++)
		free(env[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_follow_the_quoting_of_the_shell),
		cmocka_unit_test(wrong_commands_are_reported_once),
		cmocka_unit_test(a_command_has_at_most_4096_words),
		cmocka_unit_test(lines_of_an_environment_file),
		cmocka_unit_test(wrong_lines_are_named_by_number),
		cmocka_unit_test(layers_override_by_name_and_keep_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
