/* supctl_call.c - a connection to DIR/control: varlink(7) over a stream socket. */
#include "cmd/supctl_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/supctl_output.h"
#include "config/spec.h"

/* A list of candidates is the longest of what is answered here. */
enum { REPLY_MAX = 16 * 1024 * 1024, GRACE_MS = 1000 };

int left_ms(int64_t deadline_ms)
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
static int address_of(
	const char *dir, const char *name, struct sockaddr_un *ret_address, int *ret_dir_fd)
{
	size_t room = sizeof ret_address->sun_path;
	int n;

	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*ret_dir_fd = -1;
	n = snprintf(ret_address->sun_path, room, "%s/%s", dir, name);
	if (n > 0 && (size_t)n < room)
		return 0;
	*ret_dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_dir_fd < 0)
		return -errno;
	(void)snprintf(ret_address->sun_path, room, "/proc/self/fd/%d/%s", *ret_dir_fd, name);
	return 0;
}

int connection_open_to(
	struct connection *connection, const char *dir, const char *name, int64_t deadline_ms)
{
	struct sockaddr_un address;
	int dir_fd;
	int error = address_of(dir, name, &address, &dir_fd);

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

int connection_open(struct connection *connection, const char *dir, int64_t deadline_ms)
{
	return connection_open_to(connection, dir, "control", deadline_ms);
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		(void)close(connection->fd);
	connection->fd = -1;
	frames_free(&connection->frames);
}

/* send(2); descriptors 0, 1 and 2 go with the bytes when stdio is set. */
static ssize_t send_some(int fd, const char *bytes, size_t n, bool stdio)
{
	static const int fds[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	union {
		char bytes[CMSG_SPACE(sizeof fds)];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {.iov_base = (char *)(uintptr_t)bytes, .iov_len = n};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (stdio) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof fds);
		memcpy(CMSG_DATA(header), fds, sizeof fds);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static int send_text(struct connection *connection, const char *text, size_t size, unsigned flags,
	bool stdio, int64_t deadline_ms)
{
	size_t done = 0;
	int error = bound_sending(connection->fd, deadline_ms);

	while (!error && done < size) {
		ssize_t n = send_some(connection->fd, text + done, size - done, stdio && done == 0);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			error = -ETIMEDOUT;
		else if (errno == EPIPE && !(flags & CLIENT_ONEWAY))
			break; /* it may have said why: whoever takes the reply finds out */
		else if (errno == EPIPE)
			error = -ECONNRESET;
		else if (errno != EINTR)
			error = -errno;
	}
	return error;
}

static int send_call(struct connection *connection, const char *method, json_t *parameters,
	unsigned flags, bool stdio, int64_t deadline_ms)
{
	size_t size = 0;
	char *text = client_call(method, parameters, flags, &size);
	int error = text ? send_text(connection, text, size, flags, stdio, deadline_ms) : -ENOMEM;

	free(text);
	return error;
}

int connection_send_json(struct connection *connection, json_t *object, int64_t deadline_ms)
{
	char *text = json_dumps(object, JSON_COMPACT);
	int error = -ENOMEM;

	if (text)
		error = send_text(connection, text, strlen(text) + 1, 0, false, deadline_ms);
	free(text);
	json_decref(object);
	return error;
}

int connection_send(struct connection *connection, const char *method, json_t *parameters,
	unsigned flags, int64_t deadline_ms)
{
	return send_call(connection, method, parameters, flags, false, deadline_ms);
}

int connection_send_stdio(struct connection *connection, const char *method, json_t *parameters,
	unsigned flags, int64_t deadline_ms)
{
	return send_call(connection, method, parameters, flags, true, deadline_ms);
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

static int receive_text(
	struct connection *connection, int64_t deadline_ms, const char **ret_text, size_t *ret_n)
{
	while (!frames_next(&connection->frames, ret_text, ret_n)) {
		int error = connection_read(connection, deadline_ms);

		if (error)
			return error;
	}
	return 0;
}

int connection_receive(struct connection *connection, int64_t deadline_ms, struct client_reply *ret)
{
	const char *text;
	size_t n;
	int error = receive_text(connection, deadline_ms, &text, &n);

	return error ? error : client_reply_parse(text, n, ret);
}

int connection_receive_json(struct connection *connection, int64_t deadline_ms, json_t **ret)
{
	const char *text;
	size_t n;
	int error = receive_text(connection, deadline_ms, &text, &n);

	if (error)
		return error;
	*ret = json_loadb(text, n, 0, NULL);
	if (json_is_object(*ret))
		return 0;
	json_decref(*ret);
	return -EBADMSG;
}

/* Opens, sends, takes one reply, closes. Complains when that fails. */
static int call(const struct request *request, const char *method, json_t *parameters,
	int64_t deadline_ms, struct client_reply *ret)
{
	struct connection connection;
	int error = connection_open(&connection, request->dir, deadline_ms);

	if (error) {
		json_decref(parameters);
		return complain_unreachable(request, error);
	}
	error = connection_send(&connection, method, parameters, 0, deadline_ms);
	if (!error)
		error = connection_receive(&connection, deadline_ms, ret);
	connection_close(&connection);
	return error ? complain_unreachable(request, error) : SUPCTL_DONE;
}

int call_once(const struct request *request, const char *method, struct client_reply *ret)
{
	struct client_reply reply = {0};
	int status = call(request, method, NULL, deadline_after(request->timeout_ms), &reply);

	if (status == SUPCTL_DONE && reply.error) {
		status = complain_refused(request, NULL, &reply);
		client_reply_free(&reply);
	}
	if (status == SUPCTL_DONE)
		*ret = reply;
	return status;
}

json_t *with_timeout(const struct request *request, json_t *parameters)
{
	int64_t timeout_ms = request->timeout_ms;

	if (timeout_ms == SPEC_INFINITY ||
		json_object_set_new(parameters, "timeout_ms", json_integer(timeout_ms)) == 0)
		return parameters;
	json_decref(parameters);
	return NULL;
}

int64_t deadline_with_grace(int64_t timeout_ms)
{
	int64_t deadline_ms = deadline_after(timeout_ms);

	return deadline_ms < INT64_MAX - GRACE_MS ? deadline_ms + GRACE_MS : deadline_ms;
}

int call_wait(const struct request *request, const char *method, json_t *parameters,
	struct client_reply *ret)
{
	if (!parameters)
		return complain_unreachable(request, -ENOMEM);
	return call(request, method, parameters, deadline_with_grace(request->timeout_ms), ret);
}
