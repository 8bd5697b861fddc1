/* event_json.c - something that happened, as the interface's type Event.
 *
 * The text is put together by hand: a thousand of them are asked for at once. */
#include "supervisor/wire/event_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config/units.h"
#include "supervisor/wire/child_json.h"

/* What stands around the event, whose own last brace is the tail's first. */
static const char head[] = "{\"parameters\":{\"event\":";
static const char tail[] = "}},\"continues\":true}";

/* Names and words without the path: at most so many bytes. */
enum { WORD_SIZE = 32, ESCAPED_MAX = 6 /* bytes that one may need */ };

static const char *word(const char *name)
{
	return name ? name : "unknown";
}

const char *event_type_name(enum event_type type)
{
#define EVENT_TYPE_NAME(id, text) [EVENT_##id] = (text),
	static const char *const NAMES[EVENT_TYPE_COUNT] = {EVENT_TYPES(EVENT_TYPE_NAME)};

	return NAMES[type];
}

/* ---- records */

struct event_record event_of_report(const struct status_record *record, const struct action *report)
{
	struct event_record event = {.type = EVENT_STATE,
		.kind = record->kind,
		.pid = record->pid,
		.from = (uint8_t)report->from,
		.to = (uint8_t)report->to,
		.why = (uint8_t)report->why,
		.end_kind = report->end.kind,
		.end_stage = report->end.stage,
		.end_value = report->end.value};

	if (report->why == WHY_LIMIT && record->kind != KIND_PROCESS) {
		event.is_limit = true;
		event.limit = record->max_restarts;
		event.within_ms = record->period_ms;
	}
	return event;
}

struct event_record event_of_health(
	const struct status_record *record, enum health_word from, enum health_word to)
{
	return (struct event_record){.type = EVENT_HEALTH,
		.pid = record->pid,
		.from = (uint8_t)from,
		.to = (uint8_t)to,
		.why = WHY_NONE};
}

/* ---- their words */

/* "StartChild" -> "start-child": as it is asked for on a command line. */
static const char *command_word(unsigned method, char buf[static WORD_SIZE])
{
	const char *name = method < METHOD_COUNT ? wire_methods[method].name : "Unknown";
	size_t n = 0;

	for (; *name && n < WORD_SIZE - 2; name++) {
		bool capital = *name >= 'A' && *name <= 'Z';

		if (capital && n > 0)
			buf[n++] = '-';
		buf[n++] = (char)(capital ? *name - 'A' + 'a' : *name);
	}
	buf[n] = '\0';
	return buf;
}

static const char *event_word(unsigned value)
{
	static const char *const WORDS[] = {[EVENT_WORD_RUNNING] = "running",
		[EVENT_WORD_SUSPENDED] = "suspended",
		[EVENT_WORD_DONE] = "done",
		[EVENT_WORD_FAILED] = "failed",
		[EVENT_WORD_RELOADING] = "reloading"};

	return value < sizeof(WORDS) / sizeof(WORDS[0]) ? WORDS[value] : "unknown";
}

/* from or to of a record. */
static const char *value_word(const struct event_record *record, unsigned value)
{
	switch ((enum event_type)record->type) {
	case EVENT_STATE:
		return word(child_state_name(value));
	case EVENT_HEALTH:
		return health_name(value);
	case EVENT_OPERATOR:
	case EVENT_SUSPEND:
	case EVENT_RELOAD:
	case EVENT_TYPE_COUNT:
		break;
	}
	return event_word(value);
}

/* ---- the text */

/* Writes one byte of a path as it stands between quotes. Returns what is behind it. */
static char *put_byte(char *at, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	if (byte < 0x20) {
		memcpy(at, "\\u00", 4);
		at[4] = digits[byte >> 4];
		at[5] = digits[byte & 15];
		return at + ESCAPED_MAX;
	}
	if (byte == '"' || byte == '\\')
		*at++ = '\\';
	*at++ = (char)byte;
	return at;
}

/* A path, fit to stand between quotes. Returns malloc, or NULL. */
static char *escaped(const char *path)
{
	char *text = malloc(strlen(path) * ESCAPED_MAX + 1);
	char *at = text;

	if (!text)
		return NULL;
	for (; *path; path++)
		at = put_byte(at, (unsigned char)*path);
	*at = '\0';
	return text;
}

static char *exit_text(const struct event_record *record)
{
	const struct end end = {record->end_kind, record->end_stage, record->end_value};
	json_t *json;
	char *text;

	if (end.kind == END_NONE)
		return strdup("null");
	json = exit_json(&end);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}

/* What only some events have, each with its comma in front. */
static const char *more_text(const struct event_record *record, char buf[static 96])
{
	char name[16];
	int n = 0;

	buf[0] = '\0';
	if (record->is_limit)
		(void)snprintf(buf, 96, ",\"limit\":%u,\"within\":%lld.%03d", record->limit,
			(long long)(record->within_ms / 1000), (int)(record->within_ms % 1000));
	if (record->type == EVENT_OPERATOR)
		n = snprintf(buf, 96, ",\"by\":{\"uid\":%u,\"pid\":%d}", record->uid, record->by);
	if (record->signal > 0 && n >= 0)
		(void)snprintf(buf + n, 96 - (size_t)n, ",\"signal\":\"%s\"",
			signal_name(record->signal, name));
	return buf;
}

/* The event without its last brace. Returns its length, or a negative number. */
static int put_together(
	const struct event_record *record, const char *path, const char *exit, char **ret_text)
{
	bool asked = record->type == EVENT_OPERATOR;
	const char *type = event_type_name((enum event_type)record->type);
	char time[40];
	char pid[16] = "null";
	char command[WORD_SIZE];
	char more[96];

	if (record->pid > 0)
		(void)snprintf(pid, sizeof(pid), "%d", record->pid);
	return asprintf(ret_text,
		"{\"seq\":%llu,\"time\":\"%s\",\"path\":\"%s\","
		"\"kind\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"why\":\"%s\",\"pid\":%s,"
		"\"exit\":%s%s",
		(unsigned long long)record->seq, format_wall_time(record->wall_ns, true, time),
		path, type ? type : word(spec_kind_name(record->kind)),
		asked ? "none" : value_word(record, record->from),
		asked ? command_word(record->to, command) : value_word(record, record->to),
		word(why_name(record->why)), pid, exit, more_text(record, more));
}

/* Returns malloc, or NULL. */
static char *body_of(const struct event_record *record, const char *path)
{
	char *name = escaped(path);
	char *exit = exit_text(record);
	char *text = NULL;

	if (name && exit && put_together(record, name, exit, &text) < 0)
		text = NULL;
	free(name);
	free(exit);
	return text;
}

int event_text_make(const struct event_record *record, const char *path, struct event_text *ret)
{
	char *body = body_of(record, path);
	char *text = NULL;
	int n = body ? asprintf(&text, "%s%s%s", head, body, tail) : -1;

	free(body);
	if (n < 0)
		return -ENOMEM;
	*ret = (struct event_text){
		.text = text, .n = (size_t)n + 1, .lost_at = (size_t)n - strlen(tail)};
	return 0;
}

char *event_line_make(
	const struct event_record *record, const char *path, uint64_t lost, size_t *ret_n)
{
	char *body = body_of(record, path);
	char *text = NULL;
	int n = -1;

	if (body && lost > 0)
		n = asprintf(&text, "%s,\"lost\":%llu}\n", body, (unsigned long long)lost);
	else if (body)
		n = asprintf(&text, "%s}\n", body);
	free(body);
	if (n < 0)
		return NULL;
	*ret_n = (size_t)n;
	return text;
}

char *event_text_with_lost(const struct event_text *event, uint64_t lost, size_t *ret_n)
{
	char *text = NULL;
	int n = asprintf(&text, "%.*s,\"lost\":%llu%s", (int)event->lost_at, event->text,
		(unsigned long long)lost, event->text + event->lost_at);

	if (n < 0)
		return NULL;
	*ret_n = (size_t)n + 1;
	return text;
}
