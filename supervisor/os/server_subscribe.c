/* server_subscribe.c - the method Subscribe: what is kept of the past in one text, then the live
 * stream. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/glob.h"

enum { TEXT_SIZE_MIN = 4096 };

/* What a call asks of the past. */
struct asked {
	const char *pattern;
	uint64_t since;	  /* events after that number */
	uint64_t history; /* at most so many, the last ones */
	bool past;	  /* any of it */
	bool counts_gap;  /* it knows which number comes next, and is told how many are gone */
	bool follow;
};

/* Replies one after the other. */
struct replies {
	char *text; /* malloc */
	size_t n;
	size_t size;
	size_t max;
	bool over;   /* more than max */
	bool failed; /* no memory */
};

static void replies_add(struct replies *replies, const char *text, size_t n)
{
	size_t size = replies->size ? replies->size : TEXT_SIZE_MIN;
	char *grown;

	if (replies->failed || replies->over)
		return;
	if (!text || n > replies->max - replies->n) {
		replies->failed = !text;
		replies->over = text != NULL;
		return;
	}
	while (size - replies->n < n)
		size *= 2;
	if (size != replies->size) {
		grown = realloc(replies->text, size);
		replies->failed = !grown;
		if (!grown)
			return;
		replies->text = grown;
		replies->size = size;
	}
	memcpy(replies->text + replies->n, text, n);
	replies->n += n;
}

/* The reply without an event: that the subscription stands, or that no more comes. */
static void replies_add_empty(struct replies *replies, bool continues)
{
	size_t n = 0;
	char *text = reply_text(NULL, continues, &n);

	replies_add(replies, text, n);
	free(text);
}

static void replies_add_event(
	struct replies *replies, const struct event_record *record, const char *path, uint64_t lost)
{
	struct event_text event;
	char *with = NULL;

	if (event_text_make(record, path, &event) < 0) {
		replies->failed = true;
		return;
	}
	if (lost > 0)
		with = event_text_with_lost(&event, lost, &event.n);
	replies_add(replies, lost > 0 ? with : event.text, event.n);
	free(with);
	free(event.text);
}

static bool is_wanted(
	const struct asked *asked, const struct event_record *record, const char *path)
{
	return record->seq > asked->since && glob_match(asked->pattern, path);
}

static uint64_t count_wanted(const struct history *history, const struct asked *asked)
{
	struct event_record record;
	struct history_at at = {0};
	const char *path;
	uint64_t n = 0;

	while (history_next(history, &at, &record, &path))
		n += is_wanted(asked, &record, path);
	return n;
}

/* Those before the oldest that is kept are lost, whatever their paths were. */
static uint64_t gap_of(const struct history *history, const struct asked *asked)
{
	struct event_record record;
	struct history_at at = {0};
	const char *path;

	if (!asked->counts_gap || !history_next(history, &at, &record, &path) ||
		record.seq <= asked->since + 1)
		return 0;
	return record.seq - 1 - asked->since;
}

static void replies_add_past(
	struct replies *replies, const struct history *history, const struct asked *asked)
{
	uint64_t wanted = count_wanted(history, asked);
	uint64_t skip = wanted > asked->history ? wanted - asked->history : 0;
	uint64_t lost = gap_of(history, asked);
	struct event_record record;
	struct history_at at = {0};
	const char *path;

	while (history_next(history, &at, &record, &path) && !replies->over && !replies->failed) {
		if (!is_wanted(asked, &record, path) || (skip > 0 && skip--))
			continue;
		replies_add_event(replies, &record, path, lost);
		lost = 0;
	}
}

/* Reads a number of the call. Returns false when it is negative. */
static bool number_of(const struct request *request, enum param param, uint64_t *ret)
{
	const json_t *value = request->args.value[param];

	if (value && json_integer_value(value) < 0)
		return false;
	if (value)
		*ret = (uint64_t)json_integer_value(value);
	return true;
}

/* Returns NULL, or the name of the parameter at fault. */
static const char *read_asked(const struct request *request, struct asked *ret)
{
	const char *pattern = json_string_value(request->args.value[PARAM_PATTERN]);
	const json_t *follow = request->args.value[PARAM_FOLLOW];

	*ret = (struct asked){.pattern = pattern ? pattern : "*",
		.history = UINT64_MAX,
		.past = request->args.value[PARAM_SINCE] || request->args.value[PARAM_HISTORY],
		.counts_gap = request->args.value[PARAM_SINCE],
		.follow = !follow || json_is_true(follow)};
	if (!request->call->more)
		return "more";
	if (strlen(ret->pattern) > PATTERN_MAX)
		return wire_params[PARAM_PATTERN].name;
	if (!number_of(request, PARAM_SINCE, &ret->since))
		return wire_params[PARAM_SINCE].name;
	if (!number_of(request, PARAM_HISTORY, &ret->history))
		return wire_params[PARAM_HISTORY].name;
	return NULL;
}

/* From now on it gets what happens. Returns false without memory. */
static bool subscribe(struct client *client, const char *pattern)
{
	client->pattern = strdup(pattern);
	if (!client->pattern)
		return false;
	client->server->n_subscribers++;
	DL_APPEND(client->server->subscribers, client);
	return true;
}

void method_subscribe(const struct request *request)
{
	struct client *client = request->client;
	struct server *server = client->server;
	struct replies replies = {.max = OUT_TOTAL_MAX};
	struct asked asked;
	const char *bad = read_asked(request, &asked);

	if (bad) {
		request_invalid(request, bad);
		return;
	}
	/* Without anybody to send to there is nothing to do. */
	if (request->call->oneway || client->deaf)
		return;
	replies.max -= server->out_bytes < replies.max ? server->out_bytes : replies.max;
	replies_add_empty(&replies, true);
	if (asked.past) {
		/* A full history takes a millisecond: the next call waits for the next turn. */
		client->turn = 0;
		replies_add_past(&replies, &server->history, &asked);
	}
	if (!asked.follow)
		replies_add_empty(&replies, false);
	if (replies.over)
		request_error(request, ERROR_LIMIT_REACHED, json_pack("{s:s}", "path", "/"));
	else if (replies.failed || (asked.follow && !subscribe(client, asked.pattern)))
		client->dead = true;
	else
		client_send(client, replies.text, replies.n);
	if (replies.over || client->dead)
		free(replies.text);
}
