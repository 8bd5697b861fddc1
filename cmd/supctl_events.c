/* supctl_events.c - events: what happens in the tree, a line each, as it happens. */
#include <errno.h>
#include <stdbool.h>

#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_event_words.h"
#include "cmd/supctl_format.h"
#include "cmd/supctl_output.h"
#include "supervisor/wire/methods.h"

static const char *const fields[] = {"seq", "time", "path", "kind", "from", "to", "why", "pid",
	"exit", "limit", "within", "by", "signal", "lost"};

static void show(const struct request *request, json_t *event, bool first)
{
	event_name_caller(event);
	if (request->format) {
		format_print(request->out, request->format, event);
		return;
	}
	if (!(request->flags & FLAG_JSON)) {
		event_print(request->out, event, first && request->flags & FLAG_SINCE_START);
		return;
	}
	out_json(request->out, event);
	out_text(request->out, "\n");
}

/* Takes replies until the stream ends. Returns an enum supctl_exit. */
static int follow(const struct request *request, struct connection *connection)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	struct out *out = request->out;
	bool more = true;
	bool first_event = true;

	/* Only the first reply, that the subscription stands, is to come in time. */
	for (bool first = true; more && !out->error; first = false) {
		struct client_reply reply;
		json_t *event;
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
		if (json_is_object(event)) {
			show(request, event, first_event);
			first_event = false;
		}
		more = reply.continues;
		client_reply_free(&reply);
		if (!frames_ready(&connection->frames))
			out_flush(out);
	}
	return SUPCTL_DONE;
}

/* Of two members that nobody asks for there is none: a supd that is older does not know them. */
static json_t *what_is_asked(const struct request *request)
{
	json_t *parameters =
		request->n_args ? json_pack("{s:s}", "pattern", request->args[0]) : json_object();
	int failed = parameters ? 0 : -1;

	if (!failed && request->flags & FLAG_SINCE_START)
		failed = json_object_set_new(parameters, "since", json_integer(0));
	if (!failed && request->flags & FLAG_NO_FOLLOW)
		failed = json_object_set_new(parameters, "follow", json_false());
	if (!failed)
		return parameters;
	json_decref(parameters);
	return NULL;
}

int verb_events(const struct request *request)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	json_t *parameters = what_is_asked(request);
	struct connection connection;
	int status;
	int error = -ENOMEM;

	if (request->format && !format_is_good(request->format, fields, ARRAY_LEN(fields))) {
		json_decref(parameters);
		return SUPCTL_USAGE;
	}
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
