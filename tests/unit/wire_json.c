/* wire_json.c - children, ends and events as JSON. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/child_json.h"
#include "supervisor/wire/event_json.h"
#include "supervisor/wire/stages.h"
#include "tests/sim/spec_test.h"

static void expect_json(json_t *json, const char *expected)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static void expect_exit(struct end end, const char *expected)
{
	expect_json(exit_json(&end), expected);
}

static struct status_record process_record(void)
{
	return (struct status_record){
		.used = 1,
		.kind = KIND_PROCESS,
		.state = CHILD_RUNNING,
		.why = WHY_RESTART,
		.restart = RESTART_PERMANENT,
		.ready = 1,
		.end_kind = END_EXITED,
		.end_value = 1,
		.pid = 123,
		.restarts = 2,
		.since_ns = 1767225600 * INT64_C(1000000000),
		.since_mono_ms = 1000,
		.next_try_ms = INT64_MAX,
		.name = "app",
	};
}

SPEC(a_running_process_as_the_contract_shows_it)
{
	struct status_record record = process_record();

	expect_json(child_json(&record, "web/app", 13500),
		"{\"path\":\"web/app\",\"name\":\"app\",\"kind\":\"process\",\"state\":\"running\","
		"\"why\":\"restart\",\"pid\":123,\"restart\":\"permanent\",\"restarts\":2,"
		"\"since\":\"2026-01-01T00:00:00Z\",\"uptime\":12.5,\"ready\":true,"
		"\"health\":\"none\",\"exit\":{\"kind\":\"exited\",\"status\":1}}");
}

SPEC(a_stopped_supervisor_has_a_strategy_and_no_pid_and_no_exit)
{
	struct status_record record = process_record();

	record.kind = KIND_SUPERVISOR;
	record.strategy = STRATEGY_REST_FOR_ONE;
	record.state = CHILD_STOPPED;
	record.why = WHY_OPERATOR;
	record.ready = 0;
	record.pid = 0;
	record.end_kind = END_NONE;
	expect_json(child_json(&record, "app", 13500),
		"{\"path\":\"app\",\"name\":\"app\",\"kind\":\"supervisor\",\"state\":\"stopped\","
		"\"why\":\"operator\",\"pid\":null,\"restart\":\"permanent\",\"restarts\":2,"
		"\"since\":\"2026-01-01T00:00:00Z\",\"uptime\":0.0,\"ready\":false,"
		"\"health\":\"none\",\"exit\":null,\"strategy\":\"rest_for_one\"}");
}

SPEC(a_process_in_backoff_says_when_it_will_be_tried)
{
	struct status_record record = process_record();
	json_t *child;

	record.state = CHILD_BACKOFF;
	record.pid = 0;
	record.next_try_ms = 2750;
	record.streak = 3;
	child = child_json(&record, "app", 1500);
	assert_float_equal(json_real_value(json_object_get(child, "next_try")), 1.25, 0.000001);
	assert_int_equal(json_integer_value(json_object_get(child, "streak")), 3);
	json_decref(child);
	child = child_json(&record, "app", 5000);
	assert_float_equal(json_real_value(json_object_get(child, "next_try")), 0, 0.000001);
	json_decref(child);
}

SPEC(a_name_that_fills_its_field_has_no_nul)
{
	struct status_record record = process_record();
	json_t *child;

	memset(record.name, 'n', sizeof(record.name));
	child = child_json(&record, "n", 0);
	assert_int_equal(
		strlen(json_string_value(json_object_get(child, "name"))), STATUS_NAME_SIZE);
	json_decref(child);
}

SPEC(values_that_this_version_does_not_know_are_unknown)
{
	struct status_record record = process_record();
	json_t *child;

	record.state = 200;
	record.kind = 200;
	record.why = 200;
	record.restart = 200;
	record.health = 200;
	record.end_kind = 200;
	child = child_json(&record, "app", 0);
	assert_string_equal(json_string_value(json_object_get(child, "state")), "unknown");
	assert_string_equal(json_string_value(json_object_get(child, "health")), "none");
	assert_true(json_is_null(json_object_get(child, "exit")));
	json_decref(child);
}

SPEC(ends_say_how_a_process_ended)
{
	expect_exit((struct end){END_NONE, 0, 0}, "null");
	expect_exit((struct end){END_EXITED, 0, 3}, "{\"kind\":\"exited\",\"status\":3}");
	expect_exit((struct end){END_SIGNALED, 0, SIGKILL},
		"{\"kind\":\"signaled\",\"signal\":\"KILL\"}");
	expect_exit((struct end){END_SIGNALED, END_OOM, SIGKILL},
		"{\"kind\":\"signaled\",\"signal\":\"KILL\",\"oom\":true}");
	expect_exit((struct end){END_EXITED, END_OOM, 137},
		"{\"kind\":\"exited\",\"status\":137,\"oom\":true}");
	expect_exit((struct end){END_SPAWN_FAILED, STAGE_EXEC, ENOENT},
		"{\"kind\":\"spawn_failed\",\"stage\":\"exec\",\"errno\":\"ENOENT\"}");
	expect_exit((struct end){END_SPAWN_FAILED, 99, 9999},
		"{\"kind\":\"spawn_failed\",\"stage\":\"unknown\",\"errno\":\"9999\"}");
	expect_exit((struct end){END_START_TIMEOUT, 0, 0}, "{\"kind\":\"start_timeout\"}");
	expect_exit((struct end){END_SHUTDOWN, 0, 0}, "{\"kind\":\"shutdown\"}");
	expect_exit((struct end){END_BOOT_FAILED, 0, 0}, "{\"kind\":\"boot_failed\"}");
}

static void expect_reason(struct end end, const char *expected)
{
	char buf[128];

	assert_string_equal(end_reason(&end, buf, sizeof(buf)), expected);
}

SPEC(reasons_are_words_for_people)
{
	expect_reason((struct end){END_SPAWN_FAILED, STAGE_EXEC, ENOENT},
		"exec: No such file or directory");
	expect_reason((struct end){END_EXITED, 0, 1}, "exited with status 1 before it was ready");
	expect_reason((struct end){END_SIGNALED, 0, SIGSEGV},
		"killed by signal SEGV before it was ready");
	expect_reason((struct end){END_START_TIMEOUT, 0, 0}, "not ready within its start_timeout");
}

SPEC(times_are_rfc_3339)
{
	char buf[40];

	assert_string_equal(format_wall_time(0, false, buf), "1970-01-01T00:00:00Z");
	assert_string_equal(format_wall_time(INT64_C(1767225600123999999), true, buf),
		"2026-01-01T00:00:00.123Z");
	assert_string_equal(format_wall_time(-1, true, buf), "1969-12-31T23:59:59.999Z");
}

SPEC(an_event_is_a_reply_that_can_say_what_was_lost_before_it)
{
	struct status_record record = process_record();
	struct action report = {.kind = ACT_REPORT,
		.from = CHILD_RUNNING,
		.to = CHILD_BACKOFF,
		.why = WHY_EXIT,
		.end = {END_SIGNALED, 0, SIGKILL}};
	struct event_record what;
	struct event_text event;
	size_t n = 0;
	char *text;

	record.pid = 0;
	what = event_of_report(&record, &report);
	what.seq = 7;
	assert_int_equal(event_text_make(&what, "web/app", &event), 0);
	assert_string_equal(event.text,
		"{\"parameters\":{\"event\":{\"seq\":7,\"time\":\"1970-01-01T00:00:00.000Z\","
		"\"path\":\"web/app\",\"kind\":\"process\",\"from\":\"running\",\"to\":\"backoff\","
		"\"why\":\"exit\",\"pid\":null,\"exit\":{\"kind\":\"signaled\",\"signal\":\"KILL\"}"
		"}"
		"},\"continues\":true}");
	assert_int_equal(event.n, strlen(event.text) + 1);
	text = event_text_with_lost(&event, 41, &n);
	assert_non_null(strstr(text, "\"signal\":\"KILL\"},\"lost\":41}},\"continues\":true}"));
	assert_int_equal(n, strlen(text) + 1);
	expect_json(json_loads(text, 0, NULL), text);
	free(text);
	free(event.text);
}

/* The event of a record, without its seq and time; NUL-ended. */
static char *event_of(struct event_record record, const char *path)
{
	struct event_text text;
	json_t *reply;
	json_t *event;
	char *shown;

	record.seq = 1;
	assert_int_equal(event_text_make(&record, path, &text), 0);
	reply = json_loads(text.text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(reply);
	event = json_object_get(json_object_get(reply, "parameters"), "event");
	assert_int_equal(json_object_del(event, "seq"), 0);
	assert_int_equal(json_object_del(event, "time"), 0);
	shown = json_dumps(event, JSON_COMPACT);
	assert_non_null(shown);
	json_decref(reply);
	free(text.text);
	return shown;
}

static void expect_event(struct event_record record, const char *path, const char *expected)
{
	char *shown = event_of(record, path);

	assert_string_equal(shown, expected);
	free(shown);
}

SPEC(an_event_of_an_operator_says_who_asked_for_what)
{
	expect_event((struct event_record){.type = EVENT_OPERATOR,
			     .to = METHOD_START_CHILD,
			     .why = WHY_OPERATOR,
			     .uid = 1000,
			     .by = 77},
		"jobs",
		"{\"path\":\"jobs\",\"kind\":\"operator\",\"from\":\"none\","
		"\"to\":\"start-child\",\"why\":\"operator\",\"pid\":null,\"exit\":null,"
		"\"by\":{\"uid\":1000,\"pid\":77}}");
	expect_event((struct event_record){.type = EVENT_OPERATOR,
			     .to = METHOD_SIGNAL,
			     .why = WHY_OPERATOR,
			     .pid = 5,
			     .by = 77,
			     .signal = SIGHUP},
		"db",
		"{\"path\":\"db\",\"kind\":\"operator\",\"from\":\"none\",\"to\":\"signal\","
		"\"why\":\"operator\",\"pid\":5,\"exit\":null,\"by\":{\"uid\":0,\"pid\":77},"
		"\"signal\":\"HUP\"}");
}

SPEC(an_event_of_a_limit_says_which)
{
	struct status_record record = {
		.kind = KIND_SUPERVISOR, .max_restarts = 3, .period_ms = 2500};
	struct action report = {
		.kind = ACT_REPORT, .from = CHILD_RUNNING, .to = CHILD_STOPPING, .why = WHY_LIMIT};

	expect_event(event_of_report(&record, &report), "web",
		"{\"path\":\"web\",\"kind\":\"supervisor\",\"from\":\"running\","
		"\"to\":\"stopping\",\"why\":\"limit\",\"pid\":null,\"exit\":null,"
		"\"limit\":3,\"within\":2.5}");
}

SPEC(a_path_may_hold_what_json_must_escape)
{
	char *shown = event_of((struct event_record){.type = EVENT_SUSPEND,
				       .from = EVENT_WORD_RUNNING,
				       .to = EVENT_WORD_SUSPENDED},
		"a\"b\\c\x01/\xc3\xa4");
	json_t *event = json_loads(shown, 0, NULL);

	assert_string_equal(
		json_string_value(json_object_get(event, "path")), "a\"b\\c\x01/\xc3\xa4");
	assert_string_equal(json_string_value(json_object_get(event, "to")), "suspended");
	json_decref(event);
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_running_process_as_the_contract_shows_it),
		cmocka_unit_test(a_stopped_supervisor_has_a_strategy_and_no_pid_and_no_exit),
		cmocka_unit_test(a_process_in_backoff_says_when_it_will_be_tried),
		cmocka_unit_test(a_name_that_fills_its_field_has_no_nul),
		cmocka_unit_test(values_that_this_version_does_not_know_are_unknown),
		cmocka_unit_test(ends_say_how_a_process_ended),
		cmocka_unit_test(reasons_are_words_for_people),
		cmocka_unit_test(times_are_rfc_3339),
		cmocka_unit_test(an_event_is_a_reply_that_can_say_what_was_lost_before_it),
		cmocka_unit_test(an_event_of_an_operator_says_who_asked_for_what),
		cmocka_unit_test(an_event_of_a_limit_says_which),
		cmocka_unit_test(a_path_may_hold_what_json_must_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
