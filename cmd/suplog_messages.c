/* suplog_messages.c - what supd tells, and the little that it is told. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/suplog.h"

enum { BATCH = 64, FDS_MOST = 4 };

/* The first descriptor that came along, -1 if none; more than one is nobody's. */
static int passed_fd(struct msghdr *header)
{
	int ret = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		int fds[FDS_MOST];
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		for (size_t i = 0; i < n; i++) {
			if (ret < 0)
				ret = fds[i];
			else
				(void)close(fds[i]);
		}
	}
	return ret;
}

/* Archives are compressed by other programs. When that was not foreseen, it is given up for good:
 * then a new life begins that foresees it. Nothing is lost by a death. */
static void check_exec(struct suplog *s, const struct log_message *message)
{
	if (message->settings.compress != LOG_COMPRESS_NONE && !s->may_exec && s->guarded)
		s->ended = s->again = true;
	else if (message->settings.compress != LOG_COMPRESS_NONE)
		s->may_exec = true;
}

static void exited(struct suplog *s, struct child *child)
{
	for (int i = 0; i < LOG_STREAM_COUNT; i++)
		if (child->streams[i])
			stream_flush_soon(s, child->streams[i]);
}

/* What concerns one child. fd: taken. */
static void obey_child(struct suplog *s, const struct log_message *message, int fd)
{
	struct child *child = child_find(s, message->index, message->generation);
	int rc;

	if (message->kind == LOG_MESSAGE_STREAM) {
		check_exec(s, message);
		rc = stream_tell(s, message, fd);
		if (rc < 0)
			say("%s: its output cannot be read: %s", message->path, strerror(-rc));
		return;
	}
	if (fd >= 0)
		(void)close(fd);
	if (child && message->kind == LOG_MESSAGE_EXITED)
		exited(s, child);
	else if (child && message->kind == LOG_MESSAGE_REMOVED && !child->removed)
		child_remove(s, child);
	else if (!child && message->kind == LOG_MESSAGE_REMOVED)
		gone_unknown(s, message);
}

static void obey(struct suplog *s, const struct log_message *message, int fd)
{
	switch (message->kind) {
	case LOG_MESSAGE_STREAM:
	case LOG_MESSAGE_STARTED:
	case LOG_MESSAGE_EXITED:
	case LOG_MESSAGE_REMOVED:
		obey_child(s, message, fd);
		return;
	case LOG_MESSAGE_REOPEN:
		files_reopen(s);
		break;
	case LOG_MESSAGE_DRAIN:
		loop_drain(s);
		break;
	case LOG_MESSAGE_READY:
	case LOG_MESSAGE_GONE:
	case LOG_MESSAGE_COUNT:
		break; /* not ours to hear */
	}
	if (fd >= 0)
		(void)close(fd);
}

/* Reads one message. Returns false when none is there. */
static bool receive(struct suplog *s)
{
	char bytes[LOG_MESSAGE_MAX];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MOST * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = bytes, .iov_len = sizeof(bytes)};
	struct msghdr header = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(s->supd.fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct log_message message;
	int fd;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		/* supd is no more: what its children wrote is still in their pipes. */
		watch_close(s, &s->supd);
		loop_drain(s);
		return false;
	}
	fd = passed_fd(&header);
	if (log_message_read(bytes, (size_t)n, &message) < 0) {
		say("a message of supd's is not understood");
		if (fd >= 0)
			(void)close(fd);
		return true;
	}
	obey(s, &message, fd);
	return true;
}

static void supd_ready(struct suplog *s, struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	for (int i = 0; i < BATCH && s->supd.fd >= 0 && !s->ended; i++)
		if (!receive(s))
			break;
}

/* Returns 0 or negative errno. */
static int tell(struct suplog *s, const struct log_message *message)
{
	char bytes[LOG_MESSAGE_MAX];
	size_t n = log_message_write(message, bytes);

	if (s->supd.fd < 0)
		return 0;
	if (send(s->supd.fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

void gone_unknown(struct suplog *s, const struct log_message *message)
{
	struct log_message gone = {.kind = LOG_MESSAGE_GONE,
		.index = message->index,
		.generation = message->generation};

	(void)tell(s, &gone);
}

void messages_gone(struct suplog *s)
{
	while (s->gone) {
		struct child *child = s->gone;
		struct log_message gone = {.kind = LOG_MESSAGE_GONE,
			.index = (uint32_t)(child->key >> 32),
			.generation = (uint32_t)child->key};

		if (tell(s, &gone) == -EAGAIN) {
			(void)watch_set(s, &s->supd, EPOLLIN | EPOLLOUT);
			return;
		}
		s->gone = child->next_gone;
		child_free(s, child);
	}
	if (s->supd.events == (EPOLLIN | EPOLLOUT))
		(void)watch_set(s, &s->supd, EPOLLIN);
}

void messages_start(struct suplog *s)
{
	struct log_message ready = {.kind = LOG_MESSAGE_READY};

	s->supd = (struct watch){.ready = supd_ready, .fd = LOG_FD_SOCKET};
	(void)watch_set(s, &s->supd, EPOLLIN);
	(void)tell(s, &ready);
	/* What supd has told by now decides what may be given up. */
	while (s->supd.fd >= 0 && receive(s))
		;
}
