/* server.c - the control socket: its life, its clients coming, its time. */
#include "supervisor/os/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"

enum { SOCKET_MODE = 0600 };

/* ---- clients coming */

static void refuse(int fd, enum error_id error, json_t *parameters)
{
	size_t n = 0;
	char *text = error_text(wire_errors[error].name, parameters, &n);

	if (text)
		(void)!send(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
	(void)close(fd);
}

static void welcome(struct server *server, int fd)
{
	struct ucred peer;
	enum role role;

	if (!peer_role(server, fd, &peer, &role))
		refuse(fd, ERROR_PERMISSION_DENIED, NULL);
	else if (server->n_clients - server->n_linked >= CLIENTS_MAX ||
		 server->n_clients >= LINKED_MAX + 2 * CLIENTS_MAX)
		refuse(fd, ERROR_LIMIT_REACHED, json_pack("{s:s}", "path", "/"));
	else if (client_new(server, fd, &peer, role) < 0)
		(void)close(fd);
}

/* Without descriptors the connection stays in the backlog and the listener readable: accepting
 * stops for a while, else the loop would spin. */
static void pause_accepting(struct server *server)
{
	struct loop *loop = shell_loop(server->shell);

	if (loop_change(loop, &server->listener, 0) == 0)
		server->accept_again_ms = loop_now_ms(loop) + ACCEPT_PAUSE_MS;
}

static void resume_accepting(struct server *server)
{
	server->accept_again_ms = INT64_MAX;
	(void)loop_change(shell_loop(server->shell), &server->listener, EPOLLIN);
}

static void listener_ready(struct watch *watch, uint32_t epoll_events)
{
	struct server *server =
		(struct server *)(void *)((char *)watch - offsetof(struct server, listener));

	(void)epoll_events;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			welcome(server, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			pause_accepting(server);
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return;
		}
	}
}

/* ---- its life */

static int server_open(struct server *server, const char *dir)
{
	struct stat st;
	int rc;

	if (dir[0] == '@')
		return 0;
	if (asprintf(&server->path, "%s/control", dir) < 0) {
		server->path = NULL;
		return -ENOMEM;
	}
	rc = listen_control(server->path);
	if (rc < 0)
		return rc;
	server->listener.fd = rc;
	if (lstat(server->path, &st) < 0)
		return -errno;
	server->dev = st.st_dev;
	server->ino = st.st_ino;
	rc = server_control(server);
	if (rc < 0)
		return rc;
	return loop_add(shell_loop(server->shell), &server->listener, EPOLLIN);
}

int server_control(struct server *server)
{
	const struct control_spec *control = spec_control(shell_spec(server->shell));
	uint32_t mode = control ? control->mode : SOCKET_MODE;
	uint32_t gid = control ? control->gid : PROC_ID_INHERIT;
	int rc;

	if (!server->path)
		return 0;
	rc = listen_control_open_to(server->path, mode, gid);
	return rc < 0 ? rc : shell_open_status(server->shell, mode, gid);
}

struct server *server_new(struct shell *shell, const char *dir)
{
	struct server *server = calloc(1, sizeof(*server));
	int rc;

	if (!server)
		return NULL;
	server->shell = shell;
	server->listener = (struct watch){.fd = -1, .ready = listener_ready};
	server->uid = geteuid();
	server->accept_again_ms = INT64_MAX;
	pace_init(&server->pace, loop_now_ms(shell_loop(shell)));
	server->stop_first = ENGINE_NONE;
	rc = server_open(server, dir);
	if (rc == 0)
		return server;
	server_free(server);
	errno = -rc;
	return NULL;
}

/* Removes the socket unless another server has put its own in the place. */
static void remove_socket(const struct server *server)
{
	struct stat st;

	if (server->ino && lstat(server->path, &st) == 0 && st.st_dev == server->dev &&
		st.st_ino == server->ino)
		(void)unlink(server->path);
}

void server_free(struct server *server)
{
	if (!server)
		return;
	for (uint32_t i = 0; i < server->clients_size; i++) {
		if (!server->clients[i])
			continue;
		client_flush(server->clients[i]);
		client_free(server->clients[i]);
	}
	if (server->listener.fd >= 0) {
		loop_remove(shell_loop(server->shell), &server->listener);
		remove_socket(server);
		(void)close(server->listener.fd);
	}
	free(server->path);
	free(server->heap);
	free(server->links);
	free(server->clients);
	history_free(&server->history);
	free(server);
}

/* ---- time */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t server_deadline_ms(const struct server *server)
{
	int64_t deadline_ms = server->heap_n ? server->heap[0]->deadline_ms : INT64_MAX;

	deadline_ms = earlier(deadline_ms, links_deadline_ms(server));
	deadline_ms = earlier(deadline_ms, pace_deadline_ms(server));
	return earlier(deadline_ms, server->accept_again_ms);
}

void server_time(struct server *server, int64_t now_ms)
{
	struct pending *pending;

	while ((pending = pending_due(server, now_ms)))
		pending_answer(pending, ERROR_TIMEOUT, json_pack("{s:s}", "path", pending->path));
	links_time(server, now_ms);
	pace_time(server, now_ms);
	if (server->accept_again_ms <= now_ms)
		resume_accepting(server);
}
