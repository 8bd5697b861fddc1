/* supctl_call.c - a connection to DIR/control: varlink(7) over a stream socket. */
#include "cmd/supctl_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/supctl_output.h"

/* A list of candidates is the longest of what is answered here. */
enum { REPLY_MAX = 16 * 1024 * 1024 };

/* What is left until a deadline: for poll, in milliseconds, -1 without one. */
static int left_ms(int64_t deadline_ms)
{
	int64_t left;

	if (deadline_ms == INT64_MAX)
		return -1;
	left = deadline_ms - now_ms();
	if (left < 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

/* Bounds connect and send, which block: a local socket's connect cannot be polled for. */
static int bound_sending(int fd, int64_t deadline_ms)
{
	int left = left_ms(deadline_ms);
	struct timeval limit = {0}; /* no limit */

	if (left == 0)
		left = 1;
	if (left > 0) {
		limit.tv_sec = left / 1000;
		limit.tv_usec = (suseconds_t)(left % 1000) * 1000;
	}
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ? -errno : 0;
}

/* The name of a socket has room for 107 bytes; a longer one is reached by way of its directory. */
static int address_of(const char *dir, struct sockaddr_un *ret_address, int *ret_dir_fd)
{
	size_t room = sizeof ret_address->sun_path;
	int n;

	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*ret_dir_fd = -1;
	n = snprintf(ret_address->sun_path, room, "%s/control", dir);
	if (n > 0 && (size_t)n < room)
		return 0;
	*ret_dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_dir_fd < 0)
		return -errno;
	(void)snprintf(ret_address->sun_path, room, "/proc/self/fd/%d/control", *ret_dir_fd);
	return 0;
}

int connection_open(struct connection *connection, const char *dir, int64_t deadline_ms)
{
	struct sockaddr_un address;
	int dir_fd;
	int error = address_of(dir, &address, &dir_fd);

	*connection = (struct connection){.fd = -1};
	frames_init(&connection->frames, REPLY_MAX);
	if (error)
		return error;
	connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->fd < 0)
		error = -errno;
	if (!error)
		error = bound_sending(connection->fd, deadline_ms);
	if (!error && connect(connection->fd, (const struct sockaddr *)&address, sizeof address))
		error = errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (dir_fd >= 0)
		(void)close(dir_fd);
	if (error)
		connection_close(connection);
	return error;
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		(void)close(connection->fd);
	connection->fd = -1;
	frames_free(&connection->frames);
}

int connection_send(struct connection *connection, const char *method, json_t *parameters,
	unsigned flags, int64_t deadline_ms)
{
	size_t size = 0;
	size_t done = 0;
	char *text = client_call(method, parameters, flags, &size);
	int error = text ? bound_sending(connection->fd, deadline_ms) : -ENOMEM;

	while (!error && done < size) {
		ssize_t n = send(connection->fd, text + done, size - done, MSG_NOSIGNAL);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			error = -ETIMEDOUT;
		else if (errno == EPIPE)
			error = -ECONNRESET;
		else if (errno != EINTR)
			error = -errno;
	}
	free(text);
	return error;
}

/* Waits for bytes and feeds them. */
static int connection_read(struct connection *connection, int64_t deadline_ms)
{
	struct pollfd watch = {.fd = connection->fd, .events = POLLIN};
	char bytes[16384];
	ssize_t n;
	int ready = poll(&watch, 1, left_ms(deadline_ms));

	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		return now_ms() >= deadline_ms ? -ETIMEDOUT : 0;
	n = recv(connection->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return frames_feed(&connection->frames, bytes, (size_t)n);
}

int connection_receive(struct connection *connection, int64_t deadline_ms, struct client_reply *ret)
{
	const char *text;
	size_t n;

	while (!frames_next(&connection->frames, &text, &n)) {
		int error = connection_read(connection, deadline_ms);

		if (error)
			return error;
	}
	return client_reply_parse(text, n, ret);
}

int call_once(const struct request *request, const char *method, struct client_reply *ret)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	struct connection connection;
	struct client_reply reply;
	int status;
	int error = connection_open(&connection, request->dir, deadline_ms);

	if (error)
		return complain_unreachable(request, error);
	error = connection_send(&connection, method, NULL, 0, deadline_ms);
	if (!error)
		error = connection_receive(&connection, deadline_ms, &reply);
	connection_close(&connection);
	if (error)
		return complain_unreachable(request, error);
	if (!reply.error) {
		*ret = reply;
		return SUPCTL_DONE;
	}
	status = complain_refused(request, NULL, &reply);
	client_reply_free(&reply);
	return status;
}
