/* config_child.c - the specification of a process that comes at run time: what --set may say, and
 * that nothing else gets in with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/child.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static char PATH[] = "PATH=/bin";
static char *const ENV[] = {PATH, NULL};

static struct spec *read_child(const struct config_child_request *request, struct findings *f)
{
	const char *why = "";
	size_t size = 0;
	struct spec *spec = config_child(request, f, &size);

	assert_true((spec == NULL) == (findings_errors(f) > 0));
	if (spec != NULL && spec_check(spec, size, &why) < 0)
		fail_msg("the specification is wrong: %s", why);
	return spec;
}

/* A child "new" below "web" that is right. */
static struct spec *child(const char *const *words, const char *const *settings)
{
	struct findings f = {0};
	struct spec *spec = read_child(&(struct config_child_request){.name = "new",
					       .sup_path = "web",
					       .words = words,
					       .settings = settings,
					       .env = ENV},
		&f);

	if (spec == NULL)
		findings_print(stderr, &f);
	assert_non_null(spec);
	assert_int_equal(spec->nodes, 2);
	assert_int_equal(spec_node(spec, 1)->kind, KIND_PROCESS);
	findings_free(&f);
	return spec;
}

/* All errors of a request, as they are printed. */
static char *errors(const struct config_child_request *request)
{
	struct findings f = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	assert_null(read_child(request, &f));
	findings_print(to, &f);
	assert_int_equal(fclose(to), 0);
	findings_free(&f);
	return text;
}

static void check_list(const struct spec *spec, uint32_t offset, const char *joined)
{
	const struct spec_list *list = spec_list(spec, offset);
	char text[256] = "";
	char *end = text;

	for (uint32_t i = 0; i < list->n; i++) {
		end = stpcpy(end, i > 0 ? "|" : "");
		end = stpcpy(end, spec_str(spec, list->item[i]));
	}
	assert_string_equal(text, joined);
}

static void check_command(struct spec *spec, const char *joined)
{
	check_list(spec, spec_node(spec, 1)->argv, joined);
	free(spec);
}

static void words_are_the_command_as_they_are(void **state)
{
	(void)state;
	check_command(child(LIST("/bin/sleep", "a b", "%n %i", "", "'"), NULL),
		"/bin/sleep|a b|%n %i||'");
}

static void a_command_among_the_settings_is_split_and_expanded(void **state)
{
	(void)state;
	check_command(
		child(NULL, LIST("command=/bin/sleep 'a b' %n %p")), "/bin/sleep|a b|new|web/new");
	check_command(
		child(NULL, LIST("command=\"/bin/sleep \\\"a b\\\" 1\"")), "/bin/sleep|a b|1");
	check_command(child(NULL, LIST("command='/bin/sleep 1'")), "/bin/sleep|1");
	check_command(child(NULL, LIST("command=${SUPD_NOT_SET:-/bin/true}")), "/bin/true");
	check_command(child(NULL, LIST("command=x $HOME")), "x|$HOME");
}

static void the_path_below_the_root_is_the_name(void **state)
{
	struct findings f = {0};
	struct spec *spec;

	(void)state;
	spec = read_child(&(struct config_child_request){.name = "new",
				  .sup_path = "/",
				  .settings = LIST("command=x %p"),
				  .env = ENV},
		&f);
	assert_non_null(spec);
	check_command(spec, "x|new");
	spec = read_child(&(struct config_child_request){.name = "new",
				  .sup_path = "a/b/c",
				  .settings = LIST("command=x %p"),
				  .env = ENV},
		&f);
	assert_non_null(spec);
	check_command(spec, "x|a/b/c/new");
}

static void every_kind_of_setting_is_read_as_in_the_file(void **state)
{
	struct spec *spec = child(LIST("x"),
		LIST("restart=transient", "shutdown=1m", "success_exit={3, TERM}", "umask=077",
			"environment={\"A=1 2\", 'B=2'}", "backoff={ initial=2s max = \"1m\" }",
			"stop_signal=INT", "directory=/a b", "ready=notify"));
	const struct child_spec *settings = spec_child(spec, 1);

	(void)state;
	assert_int_equal(settings->restart, RESTART_TRANSIENT);
	assert_int_equal(settings->shutdown_ms, 60000);
	assert_int_equal(settings->success_statuses[0], 1u << 3);
	assert_int_equal(settings->success_signals, 1u << 14);
	assert_int_equal(settings->ready, READY_NOTIFY);
	assert_int_equal(settings->backoff.initial_ms, 2000);
	assert_int_equal(settings->backoff.max_ms, 60000);
	assert_int_equal(settings->backoff.factor_milli, 2000);
	assert_int_equal(spec_proc(spec, 1)->umask, 077);
	assert_int_equal(spec_proc(spec, 1)->stop_signal, 2);
	assert_string_equal(spec_str(spec, spec_proc(spec, 1)->directory), "/a b");
	check_list(spec, spec_proc(spec, 1)->environment, "PATH=/bin|A=1 2|B=2");
	free(spec);
	spec = child(LIST("x"), LIST("backoff=0", "environment=A=1 2", "groups={}"));
	assert_int_equal(spec_child(spec, 1)->backoff.initial_ms, 0);
	assert_int_equal(spec_list(spec, spec_proc(spec, 1)->groups)->n, 0);
	check_list(spec, spec_proc(spec, 1)->environment, "PATH=/bin|A=1 2");
	free(spec);
}

static void nothing_set_has_the_defaults_of_the_file(void **state)
{
	struct spec *spec = child(LIST("x"), NULL);
	const struct child_spec usual = child_spec_default(KIND_PROCESS);

	(void)state;
	assert_memory_equal(spec_child(spec, 1), &usual, sizeof(usual));
	assert_string_equal(spec_str(spec, spec_node(spec, 1)->name), "new");
	free(spec);
}

/* Whatever a value holds, at most it is wrong. */
static void nothing_is_smuggled_in(void **state)
{
	static const char *const SETTINGS[] = {
		"supervisor=x",
		"process=x",
		"process \"evil\" { command = x } umask=077",
		"include=(\"/etc/passwd\")",
		"include(\"/etc/passwd\")=1",
		"dynamic={ }",
		"defaults={ umask=077 }",
		"strategy=one_for_all",
		"runtime_dir=/tmp",
		"instances=2",
		"backoff:=0",
		"umask=077\ncommand=x",
		"umask=077 } process evil { command = x",
		"umask=\"077\" } process evil { command = x",
		"umask=\"077\" command = x",
		"umask={077}",
		"umask={077",
		"umask=",
		"umask",
		"=077",
		"",
		"umask=\"077",
		"umask='077",
		"umask=${SUPD_NOT_SET}",
		"umask=${SUPD_NOT_SET:-077} 1",
		"umask=\"077\" /* }",
		"environment={\"A=1\"",
		"environment={\"A=1\" \"B=2\"}",
		"environment={\"A=1\",,\"B=2\"}",
		"environment={\"A=1\"} } process evil {",
		"environment={\"A=1\", {\"B=2\"}}",
		"environment={A=1}",
		"environment=A",
		"backoff={ include(\"/etc/passwd\") }",
		"backoff={ initial=1s } } process evil {",
		"backoff={ initial=1s",
		"backoff={ command=x }",
		"backoff={ initial={1s} }",
		"backoff={ \"initial\"=1s }",
		"backoff={ initial }",
		"backoff=1",
		"backoff=\"1\"",
		"restart=permanent # x",
		"restart=\"permament\"",
		"sandbox=5s",
		"ready=probe",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(SETTINGS); i++) {
		struct findings f = {0};
		struct spec *spec = read_child(&(struct config_child_request){.name = "new",
						       .sup_path = "web",
						       .words = LIST("x"),
						       .settings = LIST(SETTINGS[i]),
						       .env = ENV},
			&f);
		if (spec != NULL)
			fail_msg("'%s' is taken for a setting", SETTINGS[i]);
		assert_int_equal(findings_errors(&f), 1);
		findings_free(&f);
	}
}

static void every_error_is_told_and_names_no_file(void **state)
{
	char *text = errors(&(struct config_child_request){.name = "a/b",
		.sup_path = "web",
		.settings = LIST("umsk=077", "umask=088", "umask=088", "instances=3", "restart"),
		.env = ENV});

	(void)state;
	assert_string_equal(text,
		"start-child: error: the name 'a/b' holds a '/', which separates the names of a "
		"path "
		"[bad-name]\n"
		"start-child: error: unknown key 'umsk' in process; did you mean 'umask'? "
		"[unknown-key]\n"
		"start-child: error: 'umask' is an octal number from 0 to 0777, not '088' "
		"[bad-value]\n"
		"start-child: error: 'umask' is set twice [duplicate-key]\n"
		"start-child: error: 'instances' has no place here: one child is started, under "
		"its own "
		"name [conflict]\n"
		"start-child: error: a setting is KEY=VALUE, not 'restart' [bad-setting]\n"
		"start-child: error: process 'a/b' has no command [missing-command]\n");
	free(text);
}

static void there_is_exactly_one_command(void **state)
{
	struct config_child_request request = {.name = "new", .sup_path = "/", .env = ENV};
	char *text = errors(&request);

	(void)state;
	assert_string_equal(text, "start-child: error: process 'new' has no command "
				  "[missing-command]\n");
	free(text);
	request.words = LIST("");
	text = errors(&request);
	assert_string_equal(text, "start-child: error: the command is empty [bad-command]\n");
	free(text);
	request.words = LIST("x");
	request.settings = LIST("command=y");
	text = errors(&request);
	assert_string_equal(text,
		"start-child: error: the command is given twice: as a setting, and "
		"after the name [conflict]\n");
	free(text);
}

static void significance_must_agree_with_the_supervisor(void **state)
{
	struct sup_spec sup = sup_spec_default();
	struct findings f = {0};
	struct config_child_request request = {.name = "new",
		.sup_path = "a/web",
		.supervisor = &sup,
		.words = LIST("x"),
		.settings = LIST("significant=true", "restart=temporary"),
		.env = ENV};
	char *text = errors(&request);
	struct spec *spec;

	(void)state;
	assert_string_equal(text,
		"start-child: error: 'new' is significant, but its supervisor 'web' has "
		"auto_shutdown "
		"= never: set any_significant or all_significant there [conflict]\n");
	free(text);
	sup.auto_shutdown = AUTO_SHUTDOWN_ALL_SIGNIFICANT;
	spec = read_child(&request, &f);
	assert_non_null(spec);
	assert_int_equal(spec_child(spec, 1)->significant, 1);
	free(spec);
	request.settings = LIST("significant=true");
	text = errors(&request);
	assert_non_null(strstr(text, "'new' is significant and permanent"));
	free(text);
}

static struct log_spec log_of(const struct spec *spec)
{
	const struct log_spec *log = spec_log(spec, 1);

	if (log == NULL)
		fail_msg("it has no log");
	return log != NULL ? *log : log_spec_default();
}

static void the_log_of_a_child(void **state)
{
	struct spec *spec = child(LIST("x"), LIST("log=null"));

	(void)state;
	assert_int_equal(log_of(spec).to, SPEC_LOG_TO_NOWHERE);
	free(spec);
	spec = child(LIST("x"), LIST("log=inherit"));
	assert_null(spec_log(spec, 1));
	free(spec);
	spec = child(LIST("x"), LIST("log={}"));
	assert_int_equal(log_of(spec).to, SPEC_LOG_TO_STDOUT);
	assert_int_equal(log_of(spec).prefix, true);
	free(spec);
	spec = child(LIST("x"), LIST("log={file=/srv/%n max_size=64K streams=merged}"));
	assert_int_equal(log_of(spec).to, SPEC_LOG_TO_FILE);
	assert_string_equal(spec_str(spec, log_of(spec).file), "/srv/new");
	assert_int_equal(log_of(spec).max_size, 65536);
	assert_int_equal(log_of(spec).prefix, false);
	assert_int_equal(log_of(spec).streams, SPEC_LOG_STREAMS_MERGED);
	free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_of_a_child),
		cmocka_unit_test(words_are_the_command_as_they_are),
		cmocka_unit_test(a_command_among_the_settings_is_split_and_expanded),
		cmocka_unit_test(the_path_below_the_root_is_the_name),
		cmocka_unit_test(every_kind_of_setting_is_read_as_in_the_file),
		cmocka_unit_test(nothing_set_has_the_defaults_of_the_file),
		cmocka_unit_test(nothing_is_smuggled_in),
		cmocka_unit_test(every_error_is_told_and_names_no_file),
		cmocka_unit_test(there_is_exactly_one_command),
		cmocka_unit_test(significance_must_agree_with_the_supervisor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
