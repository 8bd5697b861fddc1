/* notify.c - see notify.h. */
#include "supervisor/os/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/os/loop.h"

/* As many messages a wake-up, as many bytes a message, as many descriptors with it as anyone may
 * send. */
enum { BATCH = 64, MESSAGE_MAX = 4096, FDS_MAX = 253 };

struct notify {
	struct watch watch;
	struct loop *loop;
	const char *path;
	notify_message *message;
	void *context;
};

static void close_descriptors(const struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		(void)close(fd);
	}
}

/* Reads what came beside the message. Returns the sender's pid, 0 when the kernel did not say. */
static pid_t sender_of(struct msghdr *msg)
{
	pid_t pid = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS) {
			close_descriptors(c);
		} else if (c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred cred;

			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			pid = cred.pid;
		}
	}
	return pid;
}

static void take_message(struct notify *n, pid_t pid, char *text)
{
	bool ready = false;
	const char *status = NULL;
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strcmp(line, "READY=1") == 0)
			ready = true;
		else if (strncmp(line, "STATUS=", 7) == 0)
			status = line + 7;
	}
	if (ready || status)
		n->message(n->context, pid, ready, status);
}

/* Returns false when there is no message (or none that can be had). */
static bool receive(struct notify *n)
{
	char text[MESSAGE_MAX + 1];
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * FDS_MAX)];
		struct cmsghdr align;
	} beside;
	struct iovec iov = {.iov_base = text, .iov_len = MESSAGE_MAX};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = beside.bytes,
		.msg_controllen = sizeof(beside.bytes)};
	ssize_t len = recvmsg(n->watch.fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	pid_t pid;

	if (len < 0)
		return false;
	pid = sender_of(&msg);
	text[len] = '\0';
	/* A message that was cut, or holds a NUL, is not what sd_notify sends. */
	if (pid > 0 && !(msg.msg_flags & MSG_TRUNC) && strlen(text) == (size_t)len)
		take_message(n, pid, text);
	return true;
}

void notify_read(struct notify *notify)
{
	for (int i = 0; i < BATCH && receive(notify); i++)
		;
}

static void notify_ready(struct watch *watch, uint32_t epoll_events)
{
	(void)epoll_events;
	notify_read((struct notify *)((char *)watch - offsetof(struct notify, watch)));
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int on = 1;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* Children run as other users; who may say what is decided by the sender's pid. */
	if ((unlink(path) < 0 && errno != ENOENT) ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		chmod(path, 0666) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
		int error = errno;

		(void)close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

struct notify *notify_new(
	struct loop *loop, const char *path, notify_message *message, void *context)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	*n = (struct notify){.watch = {.fd = open_socket(path), .rank = 2, .ready = notify_ready},
		.loop = loop,
		.path = path,
		.message = message,
		.context = context};
	if (n->watch.fd < 0 || loop_add(loop, &n->watch, EPOLLIN) < 0) {
		int error = errno;

		if (n->watch.fd >= 0)
			(void)close(n->watch.fd);
		free(n);
		errno = error;
		return NULL;
	}
	return n;
}

void notify_free(struct notify *notify)
{
	if (!notify)
		return;
	loop_remove(notify->loop, &notify->watch);
	(void)close(notify->watch.fd);
	(void)unlink(notify->path);
	free(notify);
}
