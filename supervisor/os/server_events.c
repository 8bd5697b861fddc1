/* server_events.c - the stream of events: one text an event, queued for whoever asked for its path.
 *
 * A subscriber that reads too slowly costs nobody anything: what does not fit into its queue is
 * counted, and the next event that does fit says how many were lost. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "supervisor/os/server.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/event_json.h"
#include "supervisor/wire/glob.h"

/* An event under way to its subscribers; made when the first one wants it. */
struct event_state {
	struct event_words words;
	const struct status_record *record;
	char path[PATH_SIZE];
	struct event_text text;
	struct blob *blob; /* owns text.text */
	bool failed;	   /* no memory: it is lost for all */
};

void method_subscribe(const struct request *request)
{
	struct client *client = request->client;
	const char *pattern = json_string_value(request->args.value[PARAM_PATTERN]);
	const char *bad = NULL;
	char *text;
	size_t n = 0;

	if (!request->call->more)
		bad = "more";
	else if (pattern && strlen(pattern) > PATTERN_MAX)
		bad = wire_params[PARAM_PATTERN].name;
	if (bad) {
		request_error(
			request, ERROR_INVALID_PARAMETER, json_pack("{s:s}", "parameter", bad));
		return;
	}
	/* Without anybody to send to there is nothing to do. */
	if (request->call->oneway || client->deaf)
		return;
	client->pattern = strdup(pattern ? pattern : "*");
	if (!client->pattern) {
		client->dead = true;
		return;
	}
	client->server->n_subscribers++;
	DL_APPEND(client->server->subscribers, client);
	text = reply_text(NULL, true, &n);
	client_send(client, text, n);
}

static struct blob *event_blob(struct server *server, struct event_state *event)
{
	if (event->blob || event->failed)
		return event->blob;
	event->failed = event_text_make(server->seq, loop_wall_ns(shell_loop(server->shell)),
				event->path, event->record, &event->words, &event->text) < 0;
	if (!event->failed)
		event->blob = blob_new(event->text.text, event->text.n);
	event->failed = !event->blob;
	return event->blob;
}

static struct blob *with_lost(const struct event_state *event, uint64_t lost)
{
	size_t n = 0;
	char *text = event_text_with_lost(&event->text, lost, &n);

	return blob_new(text, n);
}

static bool has_room(const struct client *client, const struct blob *blob)
{
	return client->events < EVENTS_MAX && client->event_bytes + blob->n <= EVENT_BYTES_MAX;
}

static void send_event(struct client *client, struct event_state *event)
{
	struct blob *shared = event_blob(client->server, event);
	struct blob *own = NULL;

	if (shared && client->events_lost && has_room(client, shared))
		own = with_lost(event, client->events_lost);
	if (!shared || !has_room(client, shared) || (client->events_lost && !own) ||
		client_queue(client, own ? own : shared, true) < 0)
		client->events_lost++;
	else
		client->events_lost = 0;
	blob_put(own);
	client_arm(client);
}

/* The entry's path; of an entry that was removed just now what is left of it, its name. */
static void find_path(struct server *server, struct event_state *event, uint32_t index)
{
	size_t n;

	if (engine_path(shell_engine(server->shell), index, event->path, sizeof(event->path)) >= 0)
		return;
	n = strnlen(event->record->name, sizeof(event->record->name));
	memcpy(event->path, event->record->name, n);
	event->path[n] = '\0';
}

static void publish(struct server *server, struct event_state *event, uint32_t index)
{
	struct client *client;

	find_path(server, event, index);
	for (client = server->subscribers; client; client = client->next) {
		if (glob_match(client->pattern, event->path))
			send_event(client, event);
	}
	blob_put(event->blob);
}

void server_report(struct server *server, const struct action *action)
{
	struct event_state event = {.record = shell_record(server->shell, action->ref.index)};

	server->seq++;
	links_report(server, action);
	if (server->n_subscribers == 0)
		return;
	event.words = event_words_of_report(event.record, action);
	publish(server, &event, action->ref.index);
}

void server_health(
	struct server *server, uint32_t index, enum health_word from, enum health_word to)
{
	struct event_state event = {.record = shell_record(server->shell, index),
		.words = event_words_of_health(from, to)};

	server->seq++;
	if (server->n_subscribers > 0)
		publish(server, &event, index);
}
