/* supctl_events.c - events: what happens in the tree, a line each, as it happens. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_words.h"
#include "supervisor/status_table.h"
#include "supervisor/wire/child_json.h"
#include "supervisor/wire/event_json.h"
#include "supervisor/wire/methods.h"

static const char *text_of(const json_t *event, const char *name)
{
	const char *text = json_string_value(json_object_get(event, name));

	return text ? text : "?";
}

/* The tone of a state by its name. */
static enum tone tone_of(const char *state)
{
	for (unsigned i = 0; i < CHILD_STATE_COUNT; i++)
		if (strcmp(child_state_name(i), state) == 0)
			return state_tone(i);
	return TONE_PLAIN;
}

/* The tone of a word of health. */
static enum tone health_tone(const char *health)
{
	if (strcmp(health, health_name(HEALTH_UNHEALTHY)) == 0)
		return TONE_BAD;
	return strcmp(health, health_name(HEALTH_HEALTHY)) == 0 ? TONE_GOOD : TONE_BUSY;
}

static void print_text(struct out *out, const char *text, enum tone tone)
{
	out_cell(out, text, out_columns(out, text), false, tone);
}

/* Whether the exit belongs to this event: that of a former life says nothing of a start, nor of a
 * stop that has only begun. */
static bool exit_is_news(const char *to, const char *why)
{
	if (strcmp(to, child_state_name(CHILD_STARTING)) == 0 ||
		strcmp(to, child_state_name(CHILD_RUNNING)) == 0)
		return false;
	return strcmp(to, child_state_name(CHILD_STOPPING)) != 0 ||
	       strcmp(why, why_name(WHY_EXIT)) == 0;
}

/* What changed: health starting -> healthy */
static void print_change(struct out *out, const json_t *event, bool health)
{
	const char *to = text_of(event, "to");

	if (health)
		out_text(out, "health ");
	print_text(out, text_of(event, "from"), TONE_PLAIN);
	out_text(out, " -> ");
	print_text(out, to, health ? health_tone(to) : tone_of(to));
	if (health)
		return;
	out_text(out, "  ");
	print_text(out, text_of(event, "why"), TONE_PLAIN);
}

/* 2026-01-01T00:00:00.123Z  web/app  running -> backoff  exit (exit 1) */
static void print_event(struct out *out, const json_t *event)
{
	json_int_t lost = json_integer_value(json_object_get(event, "lost"));
	json_int_t pid = json_integer_value(json_object_get(event, "pid"));
	const json_t *exit = json_object_get(event, "exit");
	const char *to = text_of(event, "to");
	char words[END_WORDS_SIZE];

	if (lost > 0)
		out_printf(out, "... %lld events lost here: this reader was too slow\n",
			(long long)lost);
	print_text(out, text_of(event, "time"), TONE_DIM);
	out_text(out, "  ");
	print_text(out, text_of(event, "path"), TONE_BOLD);
	out_text(out, "  ");
	print_change(out, event, strcmp(text_of(event, "kind"), event_type_name(EVENT_HEALTH)) == 0);
	if (json_is_object(exit) && exit_is_news(to, text_of(event, "why")))
		out_printf(out, " (%s)", exit_words(exit, words));
	if (pid > 0)
		out_printf(out, "  pid %lld", (long long)pid);
	out_text(out, "\n");
}

/* Takes replies until the stream ends. Returns an enum supctl_exit. */
static int follow(const struct request *request, struct connection *connection)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	struct out *out = request->out;
	bool more = true;

	/* Only the first reply, that the subscription stands, is to come in time. */
	for (bool first = true; more && !out->error; first = false) {
		struct client_reply reply;
		const json_t *event;
		int error = connection_receive(connection, first ? deadline_ms : INT64_MAX, &reply);

		if (error == -ECONNRESET && !first) {
			complain("supd at %s has ended", request->dir);
			return SUPCTL_DONE;
		}
		if (error)
			return complain_unreachable(request, error);
		if (reply.error) {
			int status = complain_refused(request, NULL, &reply);

			client_reply_free(&reply);
			return status;
		}
		event = json_object_get(reply.parameters, "event");
		if (json_is_object(event) && request->flags & FLAG_JSON) {
			out_json(out, event);
			out_text(out, "\n");
		} else if (json_is_object(event)) {
			print_event(out, event);
		}
		more = reply.continues;
		client_reply_free(&reply);
		if (!frames_ready(&connection->frames))
			out_flush(out);
	}
	return SUPCTL_DONE;
}

int verb_events(const struct request *request)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	json_t *parameters =
		request->n_args ? json_pack("{s:s}", "pattern", request->args[0]) : json_object();
	struct connection connection;
	int status;
	int error = -ENOMEM;

	if (parameters)
		error = connection_open(&connection, request->dir, deadline_ms);
	if (error) {
		json_decref(parameters);
		return complain_unreachable(request, error);
	}
	if (!(request->flags & FLAG_JSON))
		out_prepare_table(request->out);
	error = connection_send(
		&connection, WIRE_INTERFACE ".Subscribe", parameters, CLIENT_MORE, deadline_ms);
	status = error ? complain_unreachable(request, error) : follow(request, &connection);
	connection_close(&connection);
	return status;
}
