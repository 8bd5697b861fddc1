/* server_links.c - tasks and the calls that are linked to them.
 *
 * A table by row of the engine says which call waits for the end of that row's task. When the call
 * is over first, the task is stopped; that is asked of the engine in server_time, since the calls
 * end while it is being drained, too. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/child_json.h"

/* A stop of ours: nobody's call has such a token. */
#define TOKEN_STOP (UINT64_C(1) << 62)

int links_open(struct server *server)
{
	uint32_t capacity = shell_status(server->shell)->capacity;

	if (server->n_linked >= LINKED_MAX)
		return -EMFILE;
	if (!server->links)
		server->links = calloc(capacity, sizeof(*server->links));
	return server->links ? 0 : -ENOMEM;
}

/* ---- stopping */

static void stop_later(struct server *server, uint32_t row, uint32_t generation)
{
	struct link *link = &server->links[row];

	link->stop_generation = generation;
	if (link->stop)
		return;
	link->stop = true;
	link->stop_next = ENGINE_NONE;
	if (server->stop_first == ENGINE_NONE)
		server->stop_first = row;
	else
		server->links[server->stop_last].stop_next = row;
	server->stop_last = row;
}

static uint32_t stop_pop(struct server *server)
{
	uint32_t row = server->stop_first;

	server->stop_first = server->links[row].stop_next;
	server->links[row].stop = false;
	return row;
}

/* Is it still the same task? */
static bool is_there(const struct server *server, uint32_t row, uint32_t generation)
{
	struct view view;

	return engine_view(shell_engine(server->shell), row, &view) &&
	       view.ref.generation == generation;
}

int64_t links_deadline_ms(const struct server *server)
{
	return server->stop_first == ENGINE_NONE ? INT64_MAX : server->stop_again_ms;
}

void links_time(struct server *server, int64_t now_ms)
{
	for (int i = 0; i < STOPS_A_TURN && links_deadline_ms(server) <= now_ms; i++) {
		uint32_t row = stop_pop(server);

		if (is_there(server, row, server->links[row].stop_generation))
			shell_command(server->shell, CMD_STOP, row, TOKEN_STOP | row);
	}
}

bool links_reply(struct server *server, const struct action *action)
{
	uint32_t row = (uint32_t)action->token;

	if (!(action->token & TOKEN_STOP) || token_links(action->token))
		return false;
	/* Its turn comes again when the engine has carried out some of the others. */
	if (action->result == RESULT_BUSY) {
		stop_later(server, row, server->links[row].stop_generation);
		server->stop_again_ms = loop_now_ms(shell_loop(server->shell)) + STOP_PAUSE_MS;
	}
	return true;
}

/* ---- linking */

void link_begin(struct pending *pending, struct ref ref)
{
	struct server *server = pending->client->server;
	struct link *link = &server->links[ref.index];

	pending->row = ref.index;
	pending_untime(pending);
	link->token = pending->token;
	link->generation = ref.generation;
	server->n_linked++;
}

void link_cut(struct server *server, uint32_t row)
{
	struct link *link = &server->links[row];

	link->token = 0;
	server->n_linked--;
	stop_later(server, row, link->generation);
}

void link_orphan(struct server *server, struct ref ref)
{
	stop_later(server, ref.index, ref.generation);
}

void links_report(struct server *server, const struct action *action)
{
	uint32_t row = action->ref.index;
	struct pending *pending;
	char path[PATH_SIZE];

	if (action->to != CHILD_REMOVED || !server->links || !server->links[row].token ||
		server->links[row].generation != action->ref.generation)
		return;
	pending = pending_find(server, server->links[row].token);
	assert(pending && pending->row == row);
	server->links[row].token = 0;
	server->n_linked--;
	pending->row = ENGINE_NONE;
	if (engine_path(shell_engine(server->shell), row, path, sizeof(path)) < 0)
		path[0] = '\0';
	pending_answer(pending, ERROR_COUNT,
		json_pack("{s:s, s:o}", "path", path, "exit", exit_json(&action->end)));
}
