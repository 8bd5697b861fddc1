/* config_corpus.c - configuration files in tests/config, each with what it must give.
 *
 * broken/NAME.conf and lint/NAME.conf with NAME.expect: all errors, or all warnings, in full.
 * good/NAME.conf with NAME.json: the tree as --print-config shows it. Runs in the root of the
 * source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/lint.h"
#include "config/parse.h"
#include "config/print.h"

static const char HOME[] = "tests/config";
static const char *const ENV_STRINGS[] = {"PATH=/bin:/usr/bin", NULL};
static char root[4096];

/* NAME.conf of the directory we are in -> the content of NAME.suffix (malloc). */
static char *read_beside(const char *file, const char *suffix)
{
	char path[256];
	char *text = NULL;
	size_t size = 0;
	FILE *from;
	FILE *to = open_memstream(&text, &size);
	int c;

	assert_non_null(to);
	assert_true(snprintf(path, sizeof(path), "%.*s%s", (int)(strlen(file) - strlen(".conf")),
			    file, suffix) < (int)sizeof(path));
	from = fopen(path, "re");
	if (from == NULL)
		fail_msg("%s is missing", path);
	while ((c = fgetc(from)) != EOF)
		assert_int_not_equal(fputc(c, to), EOF);
	assert_int_equal(fclose(from), 0);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* Goes to the directory of a file; returns its name there. */
static const char *enter(const char *path)
{
	char dir[256];
	const char *slash = strrchr(path, '/');

	assert_int_equal(chdir(root), 0);
	assert_true(
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path) < (int)sizeof(dir));
	assert_int_equal(chdir(dir), 0);
	return slash + 1;
}

static struct spec *read_file(const char *file, struct findings *f)
{
	char *env[2] = {strdup(ENV_STRINGS[0]), NULL};
	const char *why = "";
	size_t size = 0;
	struct spec *spec = config_read(file, env, f, &size);

	free(env[0]);
	assert_true((spec == NULL) == (findings_errors(f) > 0));
	if (spec != NULL && spec_check(spec, size, &why) < 0)
		fail_msg("the specification is wrong: %s", why);
	return spec;
}

/* What findings_print says, but for the lines of a rule that depends on this machine. */
static char *rendered(struct findings *f, const char *without)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	struct findings kept = {.list = calloc(f->n + 1, sizeof(*f->list))};

	assert_non_null(to);
	assert_non_null(kept.list);
	for (size_t i = 0; i < f->n; i++) {
		if (without == NULL || strcmp(f->list[i].rule, without) != 0)
			kept.list[kept.n++] = f->list[i];
	}
	findings_print(to, &kept);
	free(kept.list);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void broken_file_gives_these_errors(void **state)
{
	const char *file = enter(*state);
	struct findings f = {0};
	struct spec *spec = read_file(file, &f);
	char *expected = read_beside(file, ".expect");
	char *found = rendered(&f, NULL);

	assert_null(spec);
	assert_string_equal(found, expected);
	free(found);
	free(expected);
	findings_free(&f);
}

static void red_flags_give_these_warnings(void **state)
{
	const char *file = enter(*state);
	const bool about_files = strstr(file, "-not-found.conf") != NULL;
	struct findings f = {0};
	struct spec *spec = read_file(file, &f);
	char *expected = read_beside(file, ".expect");
	char *found;

	assert_non_null(spec);
	found = rendered(&f, about_files ? NULL : "command-not-found");
	assert_string_equal(found, expected);
	free(found);
	free(expected);
	free(spec);
	findings_free(&f);
}

static void good_file_gives_this_tree(void **state)
{
	const char *file = enter(*state);
	struct findings f = {0};
	struct spec *spec = read_file(file, &f);
	char *expected = read_beside(file, ".json");
	char *found = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&found, &size);

	assert_non_null(to);
	assert_non_null(spec);
	assert_int_equal(config_print(to, spec), 0);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(found, expected);
	free(found);
	free(expected);
	free(spec);
	findings_free(&f);
}

static void every_lint_rule_has_a_file(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(chdir(root), 0);
	for (size_t i = 0; i < LINT_RULES_N; i++) {
		assert_true(snprintf(path, sizeof(path), "%s/lint/%s.expect", HOME,
				    LINT_RULES[i].name) < (int)sizeof(path));
		if (access(path, R_OK) != 0)
			fail_msg("%s is missing", path);
	}
}

int main(void)
{
	static const struct {
		const char *pattern;
		CMUnitTestFunction test;
	} KINDS[] = {
		{"tests/config/broken/*.conf", broken_file_gives_these_errors},
		{"tests/config/lint/*.conf", red_flags_give_these_warnings},
		{"tests/config/good/*.conf", good_file_gives_this_tree},
	};
	struct CMUnitTest tests[512] = {cmocka_unit_test(every_lint_rule_has_a_file)};
	glob_t files[3];
	size_t n = 1;
	int result;

	if (getcwd(root, sizeof(root)) == NULL || setenv("HOME", "/", 1) < 0)
		return 1;
	for (size_t kind = 0; kind < 3; kind++) {
		if (glob(KINDS[kind].pattern, 0, NULL, &files[kind]) != 0) {
			(void)fprintf(stderr, "no %s here\n", KINDS[kind].pattern);
			return 1;
		}
		for (size_t i = 0; i < files[kind].gl_pathc && n < 512; i++)
			tests[n++] = (struct CMUnitTest){.name = files[kind].gl_pathv[i],
				.test_func = KINDS[kind].test,
				.initial_state = files[kind].gl_pathv[i]};
	}
	result = _cmocka_run_group_tests("config_corpus", tests, n, NULL, NULL);
	for (size_t kind = 0; kind < 3; kind++)
		globfree(&files[kind]);
	return result;
}
