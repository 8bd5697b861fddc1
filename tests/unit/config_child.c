/* config_child.c - the specification of a process that comes at run time: what --set may say, and
 * that nothing else gets in with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/child.h"
#include "config/parse.h"
#include "config/print.h"

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

/* The tree of a file with this text. */
static struct spec *tree(const char *text)
{
	char path[] = "/tmp/supd-test-XXXXXX";
	const int fd = mkstemp(path);
	struct findings f = {0};
	const char *why = "";
	size_t size = 0;
	struct spec *spec;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
	spec = config_read(path, ENV, &f, &size);
	assert_int_equal(unlink(path), 0);
	if (spec == NULL)
		findings_print(stderr, &f);
	assert_non_null(spec);
	assert_int_equal(spec_check(spec, size, &why), 0);
	findings_free(&f);
	return spec;
}

/* A child "new" below node sup of a tree. */
static struct spec *child_in(const struct spec *spec, uint32_t sup, const char *const *words,
	const char *const *settings)
{
	struct findings f = {0};
	struct spec *child = read_child(&(struct config_child_request){.name = "new",
						.sup_path = "web",
						.spec = spec,
						.sup = sup,
						.words = words,
						.settings = settings,
						.env = ENV},
		&f);

	if (child == NULL)
		findings_print(stderr, &f);
	assert_non_null(child);
	assert_int_equal(child->nodes, 2);
	findings_free(&f);
	return child;
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
	struct spec *never = tree("supervisor r { }");
	struct spec *all = tree("supervisor r { auto_shutdown = all_significant }");
	struct findings f = {0};
	struct config_child_request request = {.name = "new",
		.sup_path = "a/web",
		.spec = never,
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
	request.spec = all;
	spec = read_child(&request, &f);
	assert_non_null(spec);
	assert_int_equal(spec_child(spec, 1)->significant, 1);
	free(spec);
	request.settings = LIST("significant=true");
	text = errors(&request);
	assert_non_null(strstr(text, "'new' is significant and permanent"));
	free(text);
	free(never);
	free(all);
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

static void it_inherits_the_defaults_above_the_nearest_first(void **state)
{
	struct spec *house =
		tree("supervisor r {\n"
		     "defaults { shutdown = 1s restart = transient umask = 077 instances = 3\n"
		     "           environment = {\"A=1\", \"B=2\"} groups = {} }\n"
		     "supervisor s { defaults { shutdown = 2s success_exit = 3 }\n"
		     "supervisor t { process x { command = x } } } }");
	struct spec *spec = child_in(house, 2, LIST("x"), LIST("success_exit={4, 5}"));

	(void)state;
	assert_int_equal(spec_child(spec, 1)->shutdown_ms, 2000);
	assert_int_equal(spec_child(spec, 1)->restart, RESTART_TRANSIENT);
	assert_int_equal(spec_child(spec, 1)->success_statuses[0], 1u << 4 | 1u << 5);
	assert_int_equal(spec_proc(spec, 1)->umask, 077);
	assert_int_equal(spec_list(spec, spec_proc(spec, 1)->groups)->n, 0);
	check_list(spec, spec_proc(spec, 1)->environment, "PATH=/bin|A=1|B=2");
	assert_string_equal(spec_str(spec, spec_node(spec, 1)->name), "new");
	free(spec);
	spec = child_in(house, 0, LIST("x"), LIST("restart=temporary"));
	assert_int_equal(spec_child(spec, 1)->shutdown_ms, 1000);
	assert_int_equal(spec_child(spec, 1)->restart, RESTART_TEMPORARY);
	assert_int_equal(spec_child(spec, 1)->success_statuses[0], 0);
	free(spec);
	free(house);
}

/* The node below depth first children, as supd --print-config shows it. */
static json_t *printed(const struct spec *spec, unsigned depth)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	json_t *all;
	json_t *node;

	assert_non_null(to);
	assert_int_equal(config_print(to, spec), 0);
	assert_int_equal(fclose(to), 0);
	all = json_loads(text, 0, NULL);
	free(text);
	node = json_object_get(all, "root");
	for (unsigned i = 0; i < depth; i++)
		node = json_array_get(json_object_get(node, "children"), 0);
	assert_non_null(json_object_get(node, "umask"));
	(void)json_object_del(node, "file");
	(void)json_object_del(node, "line");
	(void)json_incref(node);
	json_decref(all);
	return node;
}

static void check_same_process(const struct spec *house, const struct spec *late)
{
	json_t *is = printed(late, 1);
	json_t *should = printed(house, 2);

	if (!json_equal(is, should)) {
		(void)json_dumpf(is, stderr, JSON_INDENT(1));
		(void)json_dumpf(should, stderr, JSON_INDENT(1));
		fail_msg("it is not what it would be in the file");
	}
	json_decref(is);
	json_decref(should);
}

/* What a process of the file gets, the late one gets. */
static void it_is_as_if_it_had_stood_in_the_file(void **state)
{
	static const char *const DEFAULTS[] = {
		"backoff = 0",
		"backoff { initial = 3s jitter = 0.5 }",
		"health { tcp = 80 interval = 3s } ready = probe",
		"health = off",
		"log = null",
		"log { }",
		"log { file = \"/srv/%n.log\" max_files = 7 mode = 0640 timestamps = true }",
		"limits { core = 0 nofile = \"64:128\" } nice = 3 oom_score_adj = 900",
		"resources { memory_max = 64M cpu_weight = 20 }",
		"sandbox = off",
		"sandbox { no_new_privs = true capabilities = {} deny = {\"@debug\", ptrace}\n"
		"          read_only_paths = {\"/usr\", \"-/none\"} optional = true }",
		"before_start = \"echo %n\" after_stop = \"echo %p\" hook_timeout = 3s",
		"sockets = \"unix:/run/%n.sock\" watchdog = 7s stop_signal = INT",
		"user = root group = 4 io_priority = idle cpu_affinity = 0 stdin = null",
		"command = \"run '%n' %p\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(DEFAULTS); i++) {
		for (unsigned inner = 0; inner < 2; inner++) {
			char text[1024];
			struct spec *house;
			struct spec *spec;

			(void)snprintf(text, sizeof(text),
				"supervisor r { defaults { umask = 1 %s }\n"
				"supervisor web { defaults { umask = 2 %s }\n"
				"process new { %s } } }",
				inner ? "" : DEFAULTS[i], inner ? DEFAULTS[i] : "",
				strncmp(DEFAULTS[i], "command", 7) == 0 ? "" : "command = \"x\"");
			house = tree(text);
			spec = child_in(house, 1,
				strncmp(DEFAULTS[i], "command", 7) == 0 ? NULL : LIST("x"), NULL);
			check_same_process(house, spec);
			free(spec);
			free(house);
		}
	}
}

static void a_section_of_its_own_is_below_the_defaults(void **state)
{
	struct spec *house = tree("supervisor r {\n"
				  "defaults { limits { core = 0 nofile = 64 } backoff = 0\n"
				  "           log { file = \"/srv/%n\" max_files = 7 } } }");
	struct spec *spec = child_in(house, 0, LIST("x"),
		LIST("limits={nofile=65}", "log.max_size=64K", "log.prefix=true",
			"backoff.max=9s"));
	const struct surroundings_spec *around =
		spec_surroundings(spec, spec_proc(spec, 1)->surroundings);

	(void)state;
	assert_int_equal(around->limits, 1u << LIMIT_CORE | 1u << LIMIT_NOFILE);
	assert_int_equal(around->limit[LIMIT_NOFILE].soft, 65);
	assert_string_equal(spec_str(spec, log_of(spec).file), "/srv/new");
	assert_int_equal(log_of(spec).max_files, 7);
	assert_int_equal(log_of(spec).max_size, 65536);
	assert_int_equal(spec_child(spec, 1)->backoff.initial_ms, 100);
	assert_int_equal(spec_child(spec, 1)->backoff.max_ms, 9000);
	free(spec);
	spec = child_in(house, 0, LIST("x"), LIST("log=inherit"));
	assert_null(spec_log(spec, 1));
	free(spec);
	free(house);
}

static void what_is_wrong_with_an_inherited_setting_names_its_line(void **state)
{
	struct spec *house = tree("supervisor r {\n defaults {\n ready = fd:3\n } }");
	struct findings f = {0};
	const struct config_child_request request = {.name = "new",
		.sup_path = "/",
		.spec = house,
		.words = LIST("x"),
		.settings = LIST("sockets=unix:/run/x"),
		.env = ENV};

	(void)state;
	assert_null(read_child(&request, &f));
	assert_int_equal(f.n, 1);
	assert_int_equal(f.list[0].line, 3);
	assert_non_null(strstr(f.list[0].file, "/supd-test-"));
	findings_free(&f);
	free(house);
}

static void a_tree_without_defaults_keeps_none(void **state)
{
	struct spec *spec = tree("supervisor r { supervisor s { defaults { instances = 2 } } }");

	(void)state;
	assert_int_equal(spec_sup(spec, 0)->defaults, SPEC_NONE);
	assert_int_equal(spec_sup(spec, 1)->defaults, SPEC_NONE);
	free(spec);
}

static void a_key_of_a_section_is_set_by_itself(void **state)
{
	struct spec *spec =
		child(LIST("x"), LIST("limits.nofile=64", "limits.core=0", "health.tcp=\"80\"",
					 "health.interval=3s", "sandbox.deny={ptrace, \"@debug\"}",
					 "log={file=/srv/x}", "log.max_files=3"));
	const struct health_spec *health;

	(void)state;
	assert_int_equal(
		spec_surroundings(spec, spec_proc(spec, 1)->surroundings)->limit[LIMIT_NOFILE].soft,
		64);
	health = spec_health(spec, 1);
	assert_true(health != NULL && health->probe == PROBE_TCP && health->interval_ms == 3000);
	assert_int_not_equal(spec_proc(spec, 1)->sandbox, SPEC_NONE);
	assert_string_equal(spec_str(spec, log_of(spec).file), "/srv/x");
	assert_int_equal(log_of(spec).max_files, 3);
	free(spec);
}

static void a_key_of_a_section_that_is_wrong_is_told(void **state)
{
	char *text = errors(&(struct config_child_request){.name = "new",
		.sup_path = "web",
		.words = LIST("x"),
		.settings = LIST("log.fiel=x", "lgo.file=x", "umask.file=x", "log.=x", ".file=x",
			"log.max_files=0", "log.max_files=1", "backoff=0", "backoff.max=1s",
			"health.tcp=80", "health=off", "limits.core=1", "limits={core=2}",
			"log.file.x=1"),
		.env = ENV});

	(void)state;
	assert_string_equal(text,
		"start-child: error: unknown key 'fiel' in log; did you mean 'file'? "
		"[unknown-key]\n"
		"start-child: error: unknown key 'lgo.file' in process [unknown-key]\n"
		"start-child: error: unknown key 'umask.file' in process [unknown-key]\n"
		"start-child: error: unknown key '' in log [unknown-key]\n"
		"start-child: error: unknown key '.file' in process [unknown-key]\n"
		"start-child: error: 'max_files' is a number from 1 to 1000000, or infinity, not "
		"'0' [bad-value]\n"
		"start-child: error: 'max_files' is set twice [duplicate-key]\n"
		"start-child: error: 'backoff' is set twice [duplicate-key]\n"
		"start-child: error: 'health' is set twice [duplicate-key]\n"
		"start-child: error: 'limits' is set twice [duplicate-key]\n"
		"start-child: error: unknown key 'file.x' in log; did you mean 'file'? "
		"[unknown-key]\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_of_a_child),
		cmocka_unit_test(it_inherits_the_defaults_above_the_nearest_first),
		cmocka_unit_test(it_is_as_if_it_had_stood_in_the_file),
		cmocka_unit_test(a_section_of_its_own_is_below_the_defaults),
		cmocka_unit_test(what_is_wrong_with_an_inherited_setting_names_its_line),
		cmocka_unit_test(a_tree_without_defaults_keeps_none),
		cmocka_unit_test(a_key_of_a_section_is_set_by_itself),
		cmocka_unit_test(a_key_of_a_section_that_is_wrong_is_told),
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
