/* server_client.c - one client: its bytes in, its texts out, and when it goes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"

enum { IOV_COUNT = 64, CLIENTS_MIN = 16 };

/* ---- texts */

struct blob *blob_new(char *text, size_t n)
{
	struct blob *blob = text ? malloc(sizeof(*blob)) : NULL;

	if (!blob) {
		free(text);
		return NULL;
	}
	*blob = (struct blob){.text = text, .n = n, .refs = 1};
	return blob;
}

void blob_put(struct blob *blob)
{
	if (!blob || --blob->refs > 0)
		return;
	free(blob->text);
	free(blob);
}

/* ---- output */

static void out_drop_first(struct client *client)
{
	struct out *out = client->out_first;
	size_t n = out->blob->n;

	client->out_first = out->next;
	if (!client->out_first)
		client->out_end = &client->out_first;
	client->out_offset = 0;
	client->out_bytes -= n;
	client->server->out_bytes -= n;
	if (out->event) {
		client->events--;
		client->event_bytes -= n;
	}
	blob_put(out->blob);
	free(out);
}

static void out_drop_all(struct client *client)
{
	while (client->out_first)
		out_drop_first(client);
}

int client_queue(struct client *client, struct blob *blob, bool event)
{
	struct out *out = malloc(sizeof(*out));

	if (!out)
		return -ENOMEM;
	blob->refs++;
	*out = (struct out){.blob = blob, .event = event};
	*client->out_end = out;
	client->out_end = &out->next;
	client->out_bytes += blob->n;
	client->server->out_bytes += blob->n;
	if (event) {
		client->events++;
		client->event_bytes += blob->n;
	}
	return 0;
}

void client_send(struct client *client, char *text, size_t n)
{
	struct blob *blob = blob_new(text, n);

	/* An answer that cannot be given must not be skipped: the next would be taken for it. */
	if (!blob || (!client->deaf && client_queue(client, blob, false) < 0))
		client->dead = true;
	blob_put(blob);
}

static void out_sent(struct client *client, size_t n)
{
	while (client->out_first) {
		size_t left = client->out_first->blob->n - client->out_offset;

		if (n < left) {
			client->out_offset += n;
			return;
		}
		n -= left;
		out_drop_first(client);
	}
}

static ssize_t send_some(struct client *client)
{
	struct iovec iov[IOV_COUNT];
	struct msghdr message = {.msg_iov = iov};
	size_t offset = client->out_offset;

	for (struct out *out = client->out_first; out && message.msg_iovlen < IOV_COUNT;
		out = out->next) {
		iov[message.msg_iovlen++] = (struct iovec){
			.iov_base = out->blob->text + offset, .iov_len = out->blob->n - offset};
		offset = 0;
	}
	return sendmsg(client->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void unsubscribe(struct client *client)
{
	if (!client->pattern)
		return;
	client->server->n_subscribers--;
	DL_DELETE(client->server->subscribers, client);
	free(client->pattern);
	client->pattern = NULL;
}

void client_flush(struct client *client)
{
	while (client->out_first) {
		ssize_t n = send_some(client);

		if (n >= 0) {
			out_sent(client, (size_t)n);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			client->deaf = true;
			unsubscribe(client);
			out_drop_all(client);
		}
	}
}

/* ---- its life */

static bool may_call(const struct client *client)
{
	return !client->closing && !client->dead && !client->awaited && !client->pattern &&
	       !client->waits && client->n_calls < CALLS_MAX && client->out_bytes < OUT_LOW;
}

static bool is_finished(struct client *client)
{
	if (client->dead)
		return true;
	if (client->out_first || client->awaited || client->pattern)
		return false;
	return client->closing || (client->eof && !frames_ready(&client->in));
}

void client_arm(struct client *client)
{
	bool waiting = may_call(client) && frames_ready(&client->in);
	uint32_t interest = 0;

	if (may_call(client) && !waiting && !client->eof)
		interest |= EPOLLIN;
	/* Also what need not be sent brings the handler back in the next turn of the loop. */
	if (client->out_first || waiting || is_finished(client))
		interest |= EPOLLOUT;
	if (interest == client->interest)
		return;
	if (loop_change(shell_loop(client->server->shell), &client->watch, interest) == 0)
		client->interest = interest;
}

static void drop_calls(struct client *client)
{
	for (int i = 0; i < CALLS_MAX; i++) {
		if (client->calls[i].token)
			pending_free(&client->calls[i]);
	}
}

/* Nobody waits any more for what it asked; what it sent before it went is still carried out. */
static void hang_up(struct client *client)
{
	client->hung_up = true;
	client->deaf = true;
	drop_calls(client);
	unsubscribe(client);
	pace_leave(client);
	out_drop_all(client);
}

static void client_read(struct client *client)
{
	char bytes[READ_SIZE];
	ssize_t n = passed_receive(client, bytes, sizeof(bytes));

	if (n > 0) {
		if (frames_feed(&client->in, bytes, (size_t)n) == -ENOMEM)
			client->dead = true;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR) || client->hung_up) {
		client->eof = true;
	}
}

static void take_messages(struct client *client)
{
	const char *text;
	size_t n;

	client->turn = CALLS_A_TURN;
	while (client->turn > 0 && may_call(client)) {
		if (!frames_next(&client->in, &text, &n))
			break;
		client->turn--;
		if (client_message(client, text, n))
			passed_served(client);
		else
			frames_put_back(&client->in, n);
	}
	if (client->in.oversize && !frames_ready(&client->in))
		client->closing = true;
}

static void client_ready(struct watch *watch, uint32_t epoll_events)
{
	struct client *client =
		(struct client *)(void *)((char *)watch - offsetof(struct client, watch));

	client->running = true;
	if ((epoll_events & (EPOLLHUP | EPOLLERR)) && !client->hung_up)
		hang_up(client);
	client_flush(client);
	if (may_call(client) && !client->eof && !frames_ready(&client->in))
		client_read(client);
	take_messages(client);
	client_flush(client);
	client->running = false;
	if (is_finished(client))
		client_free(client);
	else
		client_arm(client);
}

/* A free slot. Returns false without memory for one. */
static bool find_slot(struct server *server, uint32_t *ret_slot)
{
	uint32_t size = server->clients_size ? 2 * server->clients_size : CLIENTS_MIN;
	uint32_t slot = server->free_slot;
	struct client **clients;

	while (slot < server->clients_size && server->clients[slot])
		slot++;
	server->free_slot = slot;
	if (slot == server->clients_size) {
		clients = reallocarray(server->clients, size, sizeof(struct client *));
		if (!clients)
			return false;
		memset(clients + slot, 0, (size - slot) * sizeof(struct client *));
		server->clients = clients;
		server->clients_size = size;
	}
	*ret_slot = slot;
	return true;
}

int client_new(struct server *server, int fd, const struct ucred *peer, enum role role)
{
	uint32_t slot = 0;
	struct client *client = find_slot(server, &slot) ? calloc(1, sizeof(*client)) : NULL;
	int rc;

	if (!client)
		return -ENOMEM;
	client->watch = (struct watch){.fd = fd, .ready = client_ready};
	client->server = server;
	client->slot = slot;
	client->interest = EPOLLIN;
	client->peer = *peer;
	client->role = role;
	client->out_end = &client->out_first;
	frames_init(&client->in, FRAME_MAX_DEFAULT);
	rc = loop_add(shell_loop(server->shell), &client->watch, client->interest);
	if (rc < 0) {
		free(client);
		return rc;
	}
	server->clients[slot] = client;
	server->n_clients++;
	return 0;
}

void client_free(struct client *client)
{
	struct server *server = client->server;

	loop_remove(shell_loop(server->shell), &client->watch);
	(void)close(client->watch.fd);
	drop_calls(client);
	unsubscribe(client);
	pace_leave(client);
	out_drop_all(client);
	frames_free(&client->in);
	passed_drop_all(client);
	server->clients[client->slot] = NULL;
	if (client->slot < server->free_slot)
		server->free_slot = client->slot;
	server->n_clients--;
	/* Its descriptor is free: if accepting waits for one, let it try at once. */
	if (server->accept_again_ms != INT64_MAX)
		server->accept_again_ms = 0;
	free(client);
}
