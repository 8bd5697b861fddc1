/* event_json.c - something that happened, as the interface's type Event. */
#include "supervisor/wire/event_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/child_json.h"

/* What stands behind the event's last member. */
static const char tail[] = "}},\"continues\":true}";

static const char *word(const char *name)
{
	return name ? name : "unknown";
}

struct event_words event_words_of_report(
	const struct status_record *record, const struct action *report)
{
	return (struct event_words){.kind = word(spec_kind_name(record->kind)),
		.from = word(child_state_name(report->from)),
		.to = word(child_state_name(report->to)),
		.why = word(why_name(report->why)),
		.end = report->end};
}

struct event_words event_words_of_health(enum health_word from, enum health_word to)
{
	return (struct event_words){.kind = EVENT_KIND_HEALTH,
		.from = health_name(from),
		.to = health_name(to),
		.why = word(why_name(WHY_NONE))};
}

int event_text_make(uint64_t seq, int64_t wall_ns, const char *path,
	const struct status_record *record, const struct event_words *words, struct event_text *ret)
{
	char time[40];
	json_t *event = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "seq",
		(json_int_t)seq, "time", format_wall_time(wall_ns, true, time), "path", path,
		"kind", words->kind, "from", words->from, "to", words->to, "why", words->why, "pid",
		record->pid > 0 ? json_integer(record->pid) : json_null(), "exit",
		exit_json(&words->end));
	char *body = event ? json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
	char *text = NULL;
	int n = -1;

	json_decref(event);
	if (body) {
		body[strlen(body) - 1] = '\0'; /* its closing brace is the tail's first */
		n = asprintf(&text, "{\"parameters\":{\"event\":%s%s", body, tail);
	}
	free(body);
	if (n < 0)
		return -ENOMEM;
	*ret = (struct event_text){
		.text = text, .n = (size_t)n + 1, .lost_at = (size_t)n - strlen(tail)};
	return 0;
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
