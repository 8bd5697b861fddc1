/* config_tree.c - whole files: order, inheritance, sharing, sizes, and text that is cut anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/parse.h"

/* Reads a configuration with this text; NULL on errors, which go to *f. */
static struct spec *read_text(const char *text, size_t length, struct findings *f)
{
	char path[] = "/tmp/supd-test-XXXXXX";
	const int fd = mkstemp(path);
	char *env[] = {NULL};
	const char *why = "";
	size_t size = 0;
	struct spec *spec;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	assert_int_equal(close(fd), 0);
	spec = config_read(path, env, f, &size);
	assert_int_equal(unlink(path), 0);
	assert_true((spec == NULL) == (findings_errors(f) > 0));
	if (spec != NULL && spec_check(spec, size, &why) < 0)
		fail_msg("the specification is wrong: %s", why);
	return spec;
}

static struct spec *read_good(const char *text)
{
	struct findings f = {0};
	struct spec *spec = read_text(text, strlen(text), &f);

	if (spec == NULL)
		findings_print(stderr, &f);
	assert_non_null(spec);
	findings_free(&f);
	return spec;
}

static void the_order_of_the_file_is_kept_between_kinds(void **state)
{
	static const char *const NAMES[] = {"r", "a", "b", "c", "d", "e", "f"};
	struct spec *spec = read_good("supervisor r { process a { command = x }\n"
				      "supervisor b { process c { command = x } supervisor d {} }\n"
				      "process e { command = x } supervisor f {} }");

	(void)state;
	assert_int_equal(spec->nodes, 7);
	for (uint32_t i = 0; i < 7; i++)
		assert_string_equal(spec_str(spec, spec_node(spec, i)->name), NAMES[i]);
	assert_int_equal(spec_node(spec, 2)->line, 2);
	assert_int_equal(spec_node(spec, 5)->line, 3);
	free(spec);
}

static void the_nearest_default_wins_key_by_key(void **state)
{
	struct spec *spec = read_good("supervisor r {\n"
				      "process first { command = x }\n"
				      "supervisor s {\n"
				      "defaults { shutdown = 2s }\n"
				      "process own { command = x shutdown = 3s }\n"
				      "process near { command = x }\n"
				      "supervisor t { process deep { command = x } }\n"
				      "}\n"
				      "defaults { shutdown = 1s restart = transient umask = 077 }\n"
				      "}");

	(void)state;
	/* r first s own near t deep */
	assert_int_equal(spec_child(spec, 1)->shutdown_ms, 1000);
	assert_int_equal(spec_child(spec, 3)->shutdown_ms, 3000);
	assert_int_equal(spec_child(spec, 4)->shutdown_ms, 2000);
	assert_int_equal(spec_child(spec, 6)->shutdown_ms, 2000);
	assert_int_equal(spec_child(spec, 6)->restart, RESTART_TRANSIENT);
	assert_int_equal(spec_proc(spec, 6)->umask, 077);
	/* Defaults are for processes: a supervisor keeps its own. */
	assert_int_equal(spec_child(spec, 2)->shutdown_ms, SPEC_INFINITY);
	assert_int_equal(spec_child(spec, 2)->restart, RESTART_PERMANENT);
	free(spec);
}

static void backoff_is_inherited_key_by_key(void **state)
{
	struct spec *spec = read_good("supervisor r {\n"
				      "defaults { backoff { initial = 1s factor = 3 } }\n"
				      "process a { command = x backoff { max = 2s } }\n"
				      "process b { command = x backoff = 0 }\n"
				      "process c { command = x backoff { initial = 1m } }\n"
				      "}");

	(void)state;
	assert_int_equal(spec_child(spec, 1)->backoff.initial_ms, 1000);
	assert_int_equal(spec_child(spec, 1)->backoff.max_ms, 2000);
	assert_int_equal(spec_child(spec, 1)->backoff.factor_milli, 3000);
	assert_int_equal(spec_child(spec, 1)->backoff.jitter_milli, 100);
	assert_int_equal(spec_child(spec, 2)->backoff.initial_ms, 0);
	/* The default max gives way to a longer initial. */
	assert_int_equal(spec_child(spec, 3)->backoff.max_ms, 60000);
	free(spec);
}

static void a_user_brings_its_groups_and_its_home(void **state)
{
	struct spec *spec = read_good("supervisor r {\n"
				      "process a { command = x user = root }\n"
				      "process b { command = x user = 54321 group = 54322 }\n"
				      "process c { command = x }\n"
				      "process d { command = x user = root groups = {} }\n"
				      "}");
	const struct proc_spec *root = spec_proc(spec, 1);
	const struct proc_spec *stranger = spec_proc(spec, 2);
	const struct spec_list *env = spec_list(spec, root->environment);

	(void)state;
	assert_int_equal(root->uid, 0);
	assert_int_equal(root->gid, 0);
	assert_true(spec_list(spec, root->groups)->n >= 1);
	assert_int_equal(spec_list(spec, root->groups)->item[0], 0);
	assert_int_equal(env->n, 4);
	assert_int_equal(strncmp(spec_str(spec, env->item[0]), "HOME=/", 6), 0);
	assert_string_equal(spec_str(spec, env->item[1]), "USER=root");
	assert_int_equal(stranger->uid, 54321);
	assert_int_equal(stranger->gid, 54322);
	assert_int_equal(spec_list(spec, stranger->groups)->n, 1);
	assert_int_equal(spec_list(spec, stranger->environment)->n, 0);
	assert_int_equal(spec_proc(spec, 3)->uid, PROC_ID_INHERIT);
	assert_int_equal(spec_proc(spec, 3)->groups, SPEC_NONE);
	assert_int_equal(spec_list(spec, spec_proc(spec, 4)->groups)->n, 0);
	free(spec);
}

static void ten_thousand_children_share_what_is_equal(void **state)
{
	enum { N = 10000 };
	struct findings f = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	struct spec *spec;

	(void)state;
	assert_non_null(to);
	assert_true(fprintf(to, "supervisor r {\n") > 0);
	for (int i = 0; i < N; i++)
		assert_true(
			fprintf(to, "process \"p%d\" { command = \"/bin/sleep %d\" }\n", i, i) > 0);
	assert_true(fprintf(to, "}\n") > 0);
	assert_int_equal(fclose(to), 0);
	spec = read_text(text, size, &f);
	assert_non_null(spec);
	assert_int_equal(spec->nodes, N + 1);
	assert_int_equal(spec_node(spec, 1)->child, spec_node(spec, N)->child);
	assert_int_equal(spec_node(spec, 1)->proc, spec_node(spec, N)->proc);
	assert_string_equal(spec_str(spec, spec_node(spec, N)->name), "p9999");
	assert_int_equal(spec_node(spec, N)->line, N + 1);
	/* A node, a name, a list of two and a number. */
	assert_true(spec->size / N < 100);
	free(spec);
	free(text);
	findings_free(&f);
}

static void a_file_cut_anywhere_is_an_error_and_no_crash(void **state)
{
	static const char TEXT[] =
		"# c\nruntime_dir = \"/run\"\nsupervisor \"r\" {\n"
		"defaults { shutdown = 1s /* c */ }\nprocess 'a' {\n"
		"command = \"/bin/x ${HOME:-y} \\x41 \\\" %n\"\n"
		"environment = { \"A=1\", 'B=\\'2' }\nbackoff { initial = 1s }\n"
		"backoff = 0 }\nsupervisor \"s\" { }\ndynamic d { max_children = 3 }\n"
		"partition \"p\" { partitions = ncpu process s { command = x } } }";
	const size_t whole = strlen(TEXT);

	(void)state;
	for (size_t cut = 0; cut < whole; cut++) {
		struct findings f = {0};
		struct spec *spec = read_text(TEXT, cut, &f);
		assert_null(spec);
		findings_free(&f);
	}
}

static void a_file_with_a_wrong_byte_anywhere_does_no_harm(void **state)
{
	static const char BYTES[] = "{}()=,+;'\"\\$#/ \n%x\377";
	static const char TEXT[] = "supervisor r {\ndefaults { shutdown = 1s }\nprocess 'a' {\n"
				   "command = \"/bin/x ${HOME:-y} %n\"\n"
				   "environment = { \"A=1\", B }\nbackoff { initial = 1s } }\n"
				   "dynamic d { process t { restart = temporary } }\n"
				   "partition p { partitions = 2 process s { command = x } }\n}";
	char text[sizeof(TEXT)];

	(void)state;
	for (size_t at = 0; at < strlen(TEXT); at++) {
		for (const char *byte = BYTES; *byte != '\0'; byte++) {
			struct findings f = {0};
			memcpy(text, TEXT, sizeof(TEXT));
			text[at] = *byte;
			struct spec *spec = read_text(text, strlen(text), &f);
			/* Nothing that we pass on may surprise libconfuse. */
			for (size_t i = 0; i < f.n; i++)
				assert_null(strstr(f.list[i].text, "libconfuse"));
			for (size_t i = 0; i < f.n; i++)
				assert_null(strstr(f.list[i].text, "near here"));
			free(spec);
			findings_free(&f);
		}
	}
}

static void a_missing_file_is_an_error(void **state)
{
	struct findings f = {0};
	char *env[] = {NULL};
	size_t size = 0;

	(void)state;
	assert_null(config_read("/no/such/file.conf", env, &f, &size));
	assert_int_equal(f.n, 1);
	assert_string_equal(f.list[0].text, "cannot read /no/such/file.conf: No such file or "
					    "directory");
	findings_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_the_file_is_kept_between_kinds),
		cmocka_unit_test(the_nearest_default_wins_key_by_key),
		cmocka_unit_test(backoff_is_inherited_key_by_key),
		cmocka_unit_test(a_user_brings_its_groups_and_its_home),
		cmocka_unit_test(ten_thousand_children_share_what_is_equal),
		cmocka_unit_test(a_file_cut_anywhere_is_an_error_and_no_crash),
		cmocka_unit_test(a_file_with_a_wrong_byte_anywhere_does_no_harm),
		cmocka_unit_test(a_missing_file_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
