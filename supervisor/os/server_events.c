/* server_events.c - the stream of events: one text an event, queued for whoever asked for its path;
 * and a record of each in the history.
 *
 * A subscriber that reads too slowly costs nobody anything: what does not fit into its queue is
 * counted, and the next event that does fit says how many were lost. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "config/units.h"
#include "supervisor/os/server.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/glob.h"

/* An event under way to its subscribers. */
struct event_state {
	const struct event_record *record;
	const char *path;
	struct event_text text; /* made when the first one wants it */
	struct blob *blob;	/* owns text.text */
	bool failed;		/* no memory: it is lost for all */
};

/* ---- to subscribers */

static struct blob *event_blob(struct event_state *event)
{
	if (event->blob || event->failed)
		return event->blob;
	event->failed = event_text_make(event->record, event->path, &event->text) < 0;
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

static void count_lost(struct client *client)
{
	client->events_lost++;
	shell_count_lost(client->server->shell);
}

static void send_event(struct client *client, struct event_state *event)
{
	struct blob *shared = event_blob(event);
	struct blob *own = NULL;

	if (shared && client->events_lost && has_room(client, shared))
		own = with_lost(event, client->events_lost);
	if (!shared || !has_room(client, shared) || (client->events_lost && !own) ||
		client_queue(client, own ? own : shared, true) < 0)
		count_lost(client);
	else
		client->events_lost = 0;
	blob_put(own);
	client_arm(client);
}

/* ---- to sinks */

const struct history *server_history(const struct server *server)
{
	return &server->history;
}

uint64_t server_events(const struct server *server)
{
	return server->seq;
}

/* ---- what happened */

/* The entry's path; of an entry that was removed just now, that of its supervisor and its name. */
static void find_path(struct server *server, uint32_t index, char path[PATH_SIZE])
{
	const struct engine *engine = shell_engine(server->shell);
	const struct status_record *record = shell_record(server->shell, index);
	size_t n = strnlen(record->name, sizeof(record->name));
	int above = -ENOENT;

	if (engine_path(engine, index, path, PATH_SIZE) >= 0)
		return;
	if (record->parent != SPEC_ROOT && record->parent != STATUS_NONE)
		above = engine_path(engine, record->parent, path, PATH_SIZE - n - 2);
	if (above > 0)
		path[above++] = '/';
	else
		above = 0;
	memcpy(path + above, record->name, n);
	path[(size_t)above + n] = '\0';
}

static void publish(struct server *server, struct event_record *record, uint32_t index)
{
	char path[PATH_SIZE];
	struct event_state event = {.record = record, .path = path};
	struct client *client;

	record->seq = ++server->seq;
	shell_count_events(server->shell, record->seq);
	record->wall_ns = loop_wall_ns(shell_loop(server->shell));
	find_path(server, index, path);
	history_add(&server->history, record, path);
	for (client = server->subscribers; client; client = client->next) {
		if (glob_match(client->pattern, path))
			send_event(client, &event);
	}
	blob_put(event.blob);
}

void server_report(struct server *server, const struct action *action)
{
	uint32_t index = action->ref.index;
	struct event_record record = event_of_report(shell_record(server->shell, index), action);

	publish(server, &record, index);
	links_report(server, action);
}

void server_health(
	struct server *server, uint32_t index, enum health_word from, enum health_word to)
{
	struct event_record record = event_of_health(shell_record(server->shell, index), from, to);

	publish(server, &record, index);
}

void server_event(struct server *server, uint32_t index, enum event_type type, enum event_word from,
	enum event_word to)
{
	struct event_record record = {.type = (uint8_t)type,
		.pid = shell_record(server->shell, index)->pid,
		.from = (uint8_t)from,
		.to = (uint8_t)to,
		.why = type == EVENT_SUSPEND ? WHY_OPERATOR : WHY_NONE};

	publish(server, &record, index);
}

/* The entry that a call is about; of one that is about all of supd, the root. Returns false when it
 * names none: then it will be refused. */
static bool find_entry(const struct request *request, uint32_t *ret_index)
{
	const json_t *path = request->args.value[PARAM_PATH];
	const struct engine *engine = shell_engine(request->client->server->shell);
	uint32_t n;

	*ret_index = 0;
	return !path || engine_find(engine, json_string_value(path), ret_index, NULL, 0, &n) == 0;
}

void request_note(const struct request *request)
{
	const struct client *client = request->client;
	const json_t *signal = request->args.value[PARAM_SIGNAL];
	struct event_record record = {.type = EVENT_OPERATOR,
		.to = (uint8_t)(request->method - wire_methods),
		.why = WHY_OPERATOR,
		.uid = client->peer.uid,
		.by = client->peer.pid};
	int number = signal ? parse_signal(json_string_value(signal)) : 0;
	uint32_t index;

	if (request->method->role == ROLE_OBSERVER || !find_entry(request, &index))
		return;
	record.signal = number > 0 ? (uint8_t)number : 0;
	record.pid = shell_record(client->server->shell, index)->pid;
	publish(client->server, &record, index);
}
