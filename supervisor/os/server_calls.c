/* server_calls.c - outstanding calls: their tokens and their time-outs.
 *
 * A token is the serial number of the call and its place: client slot and index there. A place is
 * used again, a serial number is not, so an answer that comes late finds nothing. One bit says that
 * the call links: then the answer that finds nothing means a task whose caller is gone. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"

enum { TOKEN_SHIFT = 20, HEAP_MIN = 16 };

#define TOKEN_LINKS (UINT64_C(1) << 63)

_Static_assert((LINKED_MAX + 2 * CLIENTS_MAX) * CALLS_MAX <= 1 << TOKEN_SHIFT,
	"a place fits into a token");

/* ---- the heap of deadlines */

static void heap_put(struct server *server, uint32_t at, struct pending *pending)
{
	server->heap[at] = pending;
	pending->heap_at = at;
}

static void heap_up(struct server *server, uint32_t at, struct pending *pending)
{
	while (at > 0) {
		uint32_t parent = (at - 1) / 2;

		if (server->heap[parent]->deadline_ms <= pending->deadline_ms)
			break;
		heap_put(server, at, server->heap[parent]);
		at = parent;
	}
	heap_put(server, at, pending);
}

static void heap_down(struct server *server, uint32_t at, struct pending *pending)
{
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child + 1 < server->heap_n &&
			server->heap[child + 1]->deadline_ms < server->heap[child]->deadline_ms)
			child++;
		if (child >= server->heap_n ||
			pending->deadline_ms <= server->heap[child]->deadline_ms)
			break;
		heap_put(server, at, server->heap[child]);
		at = child;
	}
	heap_put(server, at, pending);
}

static bool heap_add(struct server *server, struct pending *pending)
{
	if (server->heap_n == server->heap_size) {
		uint32_t size = server->heap_size ? 2 * server->heap_size : HEAP_MIN;
		struct pending **heap = reallocarray(server->heap, size, sizeof(struct pending *));

		if (!heap)
			return false;
		server->heap = heap;
		server->heap_size = size;
	}
	heap_up(server, server->heap_n++, pending);
	return true;
}

static void heap_remove(struct server *server, struct pending *pending)
{
	uint32_t at = pending->heap_at;
	struct pending *last = server->heap[--server->heap_n];

	assert(server->heap[at] == pending);
	pending->heap_at = HEAP_NONE;
	if (last == pending)
		return;
	if (at > 0 && last->deadline_ms < server->heap[(at - 1) / 2]->deadline_ms)
		heap_up(server, at, last);
	else
		heap_down(server, at, last);
}

/* ---- outstanding calls */

struct pending *pending_new(struct client *client, enum pending_kind kind, const char *path,
	int64_t timeout_ms, bool oneway)
{
	struct server *server = client->server;
	uint64_t place = (uint64_t)client->slot * CALLS_MAX;
	struct pending *pending = client->calls;

	assert(client->n_calls < CALLS_MAX);
	while (pending->token)
		pending++;
	place += (uint64_t)(pending - client->calls);
	*pending = (struct pending){
		.token = (++server->serial << TOKEN_SHIFT) | place |
			 (kind == PENDING_LINK ? TOKEN_LINKS : 0),
		.client = client,
		.path = strdup(path),
		.heap_at = HEAP_NONE,
		.row = ENGINE_NONE,
		.kind = (uint8_t)kind,
		.oneway = oneway,
	};
	if (timeout_ms > 0)
		pending->deadline_ms = loop_now_ms(shell_loop(server->shell)) + timeout_ms;
	if (!pending->path || (timeout_ms > 0 && !heap_add(server, pending))) {
		free(pending->path);
		pending->token = 0;
		return NULL;
	}
	client->n_calls++;
	if (!oneway)
		client->awaited = pending;
	return pending;
}

struct pending *pending_find(const struct server *server, uint64_t token)
{
	uint64_t place = token & ((1u << TOKEN_SHIFT) - 1);
	uint64_t slot = place / CALLS_MAX;
	struct client *client = slot < server->clients_size ? server->clients[slot] : NULL;
	struct pending *pending = client ? &client->calls[place % CALLS_MAX] : NULL;

	return pending && token && pending->token == token ? pending : NULL;
}

void pending_free(struct pending *pending)
{
	struct client *client = pending->client;

	if (pending->heap_at != HEAP_NONE)
		heap_remove(client->server, pending);
	if (pending->row != ENGINE_NONE)
		link_cut(client->server, pending->row);
	if (client->awaited == pending)
		client->awaited = NULL;
	free(pending->path);
	client->n_calls--;
	*pending = (struct pending){0};
}

struct pending *pending_due(const struct server *server, int64_t now_ms)
{
	if (server->heap_n == 0 || server->heap[0]->deadline_ms > now_ms)
		return NULL;
	return server->heap[0];
}

void pending_untime(struct pending *pending)
{
	if (pending->heap_at != HEAP_NONE)
		heap_remove(pending->client->server, pending);
}

bool token_links(uint64_t token)
{
	return token & TOKEN_LINKS;
}
