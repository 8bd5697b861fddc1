/* child_json.c - a status record as JSON, and the words for how a process ended. */
#include "supervisor/wire/child_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config/units.h"
#include "supervisor/wire/stages.h"

static const char *const end_kind_names[] = {
	[END_NONE] = "none",
	[END_EXITED] = "exited",
	[END_SIGNALED] = "signaled",
	[END_SPAWN_FAILED] = "spawn_failed",
	[END_START_TIMEOUT] = "start_timeout",
	[END_SHUTDOWN] = "shutdown",
	[END_BOOT_FAILED] = "boot_failed",
	[END_WATCHDOG] = "watchdog",
	[END_UNHEALTHY] = "unhealthy",
};

static const char *const health_names[] = {"none", "healthy", "unhealthy", "starting"};

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

const char *end_kind_name(unsigned kind)
{
	return kind < ARRAY_LEN(end_kind_names) ? end_kind_names[kind] : NULL;
}

const char *health_name(unsigned health)
{
	return health < ARRAY_LEN(health_names) ? health_names[health] : "none";
}

const char *format_wall_time(int64_t wall_ns, bool millis, char buf[static 40])
{
	const int64_t second_ns = 1000000000;
	time_t seconds = (time_t)(wall_ns / second_ns);
	int64_t rest_ns = wall_ns % second_ns;
	struct tm tm;
	char date[24];

	if (rest_ns < 0) {
		rest_ns += second_ns;
		seconds--;
	}
	if (!gmtime_r(&seconds, &tm) || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		(void)snprintf(date, sizeof(date), "1970-01-01T00:00:00");
	if (millis)
		(void)snprintf(buf, 40, "%s.%03dZ", date, (int)(rest_ns / 1000000));
	else
		(void)snprintf(buf, 40, "%sZ", date);
	return buf;
}

/* The name is what a program compares; errno's number differs between architectures. */
static json_t *errno_json(int number)
{
	const char *name = strerrorname_np(number);

	return name ? json_string(name) : json_sprintf("%d", number);
}

/* Adds "oom" where it is due. */
static json_t *with_oom(json_t *exit, const struct end *end)
{
	if (end->stage != END_OOM || json_object_set_new(exit, "oom", json_true()) == 0)
		return exit;
	json_decref(exit);
	return NULL;
}

json_t *exit_json(const struct end *end)
{
	const char *kind = end_kind_name(end->kind);
	char buf[16];

	if (!kind || end->kind == END_NONE)
		return json_null();
	if (end->kind == END_EXITED)
		return with_oom(
			json_pack("{s:s, s:i}", "kind", kind, "status", (int)end->value), end);
	if (end->kind == END_SIGNALED)
		return with_oom(json_pack("{s:s, s:s}", "kind", kind, "signal",
					signal_name(end->value, buf)),
			end);
	if (end->kind == END_SPAWN_FAILED)
		return json_pack("{s:s, s:s, s:o}", "kind", kind, "stage",
			spawn_stage_name(end->stage), "errno", errno_json(end->value));
	return json_pack("{s:s}", "kind", kind);
}

const char *end_reason(const struct end *end, char *buf, size_t size)
{
	const char *oom = end->stage == END_OOM ? ", out of memory," : "";
	char name[16];

	switch ((enum end_kind)end->kind) {
	case END_EXITED:
		(void)snprintf(buf, size, "exited with status %d%s before it was ready",
			(int)end->value, oom);
		return buf;
	case END_SIGNALED:
		(void)snprintf(buf, size, "killed by signal %s%s before it was ready",
			signal_name(end->value, name), oom);
		return buf;
	case END_SPAWN_FAILED:
		(void)snprintf(
			buf, size, "%s: %s", spawn_stage_name(end->stage), strerror(end->value));
		return buf;
	case END_START_TIMEOUT:
		(void)snprintf(buf, size, "not ready within its start_timeout");
		return buf;
	case END_SHUTDOWN:
		(void)snprintf(buf, size, "ended itself before it was up");
		return buf;
	case END_BOOT_FAILED:
		(void)snprintf(buf, size, "a child of it did not start");
		return buf;
	case END_WATCHDOG:
	case END_UNHEALTHY:
	case END_NONE:
		break;
	}
	(void)snprintf(buf, size, "stopped before it was ready");
	return buf;
}

/* Seconds with the milliseconds that the clock has: 12.5, never 12.500000000000002. */
static json_t *seconds_json(int64_t ms)
{
	return json_real((double)(ms > 0 ? ms : 0) / 1000.0);
}

static const char *word(const char *name)
{
	return name ? name : "unknown";
}

/* How many children it may have, under the key of the configuration. */
static int add_children_max(json_t *child, const struct status_record *record)
{
	const char *key = record->kind == KIND_DYNAMIC ? "max_children" : "partitions";

	if (record->kind != KIND_DYNAMIC && record->kind != KIND_PARTITION)
		return 0;
	return json_object_set_new(child, key, json_integer(record->children_max));
}

/* What the process says of itself: UTF-8, unless another wrote the table. */
static int add_text(json_t *child, const struct status_record *record)
{
	size_t n = strnlen(record->text, sizeof(record->text));
	json_t *text = n > 0 ? json_stringn(record->text, n) : NULL;

	return text ? json_object_set_new(child, "text", text) : 0;
}

static int add_optional(json_t *child, const struct status_record *record, int64_t now_mono_ms)
{
	if (record->kind != KIND_PROCESS &&
		json_object_set_new(child, "strategy",
			json_string(word(spec_strategy_name(record->strategy)))) < 0)
		return -ENOMEM;
	if (record->state == CHILD_BACKOFF && record->next_try_ms != ENGINE_NEVER &&
		(json_object_set_new(
			 child, "next_try", seconds_json(record->next_try_ms - now_mono_ms)) < 0 ||
			json_object_set_new(child, "streak", json_integer(record->streak)) < 0))
		return -ENOMEM;
	if (record->suspended && json_object_set_new(child, "suspended", json_true()) < 0)
		return -ENOMEM;
	if (record->holder > 0 &&
		json_object_set_new(child, "holder", json_integer(record->holder)) < 0)
		return -ENOMEM;
	return add_children_max(child, record) < 0 || add_text(child, record) < 0 ? -ENOMEM : 0;
}

json_t *child_json(const struct status_record *record, const char *path, int64_t now_mono_ms)
{
	struct end end = {record->end_kind, record->end_stage, record->end_value};
	int64_t up_ms = record->state == CHILD_RUNNING ? now_mono_ms - record->since_mono_ms : 0;
	char since[40];
	json_t *child = json_pack(
		"{s:s, s:s#, s:s, s:s, s:s, s:o, s:s, s:I, s:s, s:o, s:b, s:s, s:o}", "path", path,
		"name", record->name, (int)strnlen(record->name, sizeof(record->name)), "kind",
		word(spec_kind_name(record->kind)), "state", word(child_state_name(record->state)),
		"why", word(why_name(record->why)), "pid",
		record->pid > 0 ? json_integer(record->pid) : json_null(), "restart",
		word(spec_restart_name(record->restart)), "restarts", (json_int_t)record->restarts,
		"since", format_wall_time(record->since_ns, false, since), "uptime",
		seconds_json(up_ms), "ready", record->ready, "health", health_name(record->health),
		"exit", exit_json(&end));

	if (child && add_optional(child, record, now_mono_ms) < 0) {
		json_decref(child);
		return NULL;
	}
	return child;
}
