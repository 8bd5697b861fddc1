/* logs_send.c - what suplog is told, a datagram each, and what it says. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "supervisor/os/log.h"
#include "supervisor/os/logs_internal.h"

enum { MESSAGES_A_TURN = 64 };

/* ---- the queue */

void logs_tell(struct logs *logs, struct logged *logged, unsigned what)
{
	if (what && !logged->tell) {
		logged->prev = logs->last;
		logged->next = NULL;
		if (logs->last)
			logs->last->next = logged;
		else
			logs->first = logged;
		logs->last = logged;
	}
	logged->tell |= what;
}

void logs_untell(struct logs *logs, struct logged *logged)
{
	if (!logged->tell)
		return;
	if (logged->prev)
		logged->prev->next = logged->next;
	else
		logs->first = logged->next;
	if (logged->next)
		logged->next->prev = logged->prev;
	else
		logs->last = logged->prev;
	logged->tell = 0;
}

/* ---- sending */

/* fd: goes along; -1: none does. Returns as logs_send. */
static int send_message(const struct logs *logs, const struct log_message *message, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char buf[LOG_MESSAGE_MAX];
	struct iovec iov = {.iov_base = buf, .iov_len = log_message_write(message, buf)};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	if (iov.iov_len == 0)
		return 0; /* logs_children.c lets no such thing pass */
	if (fd >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	if (sendmsg(logs->watch.fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	if (errno == EAGAIN)
		return -EAGAIN;
	/* Too many descriptors on their way, or no memory: that passes, but nobody tells. */
	if (errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM || errno == EINTR)
		return -ENOBUFS;
	return -EPIPE;
}

/* Takes the first bit of what is to be told, and makes the message of it. Returns the descriptor
 * that goes along, or -1. */
static int next_message(const struct logged *logged, unsigned bit, struct log_message *ret)
{
	*ret = (struct log_message){
		.index = logged->id, .generation = logged->generation, .pid = logged->pid};
	switch (bit) {
	case TELL_OUT:
	case TELL_ERR:
		ret->kind = LOG_MESSAGE_STREAM;
		ret->stream = bit == TELL_ERR ? LOG_STREAM_ERR : LOG_STREAM_OUT;
		if (logged->merged)
			ret->stream = LOG_STREAM_MERGED;
		ret->path = logged->texts;
		ret->settings = logged->settings;
		return logged->in[bit == TELL_ERR ? LOGGED_ERR : LOGGED_OUT];
	case TELL_EXITED:
		ret->kind = LOG_MESSAGE_EXITED;
		break;
	case TELL_STARTED:
		ret->kind = LOG_MESSAGE_STARTED;
		break;
	default:
		ret->kind = LOG_MESSAGE_REMOVED;
		break;
	}
	return -1;
}

/* All that is to be told of one child. */
static int send_of(struct logs *logs, struct logged *logged)
{
	unsigned left = logged->tell;
	int error = 0;

	while (left && error == 0) {
		const unsigned bit = left & -left;
		struct log_message message;
		int fd = next_message(logged, bit, &message);

		/* It has ended meanwhile, and that was said. */
		if (bit != TELL_STARTED || logged->pid > 0)
			error = send_message(logs, &message, fd);
		if (error == 0)
			left &= ~bit;
	}
	if (left == 0)
		logs_untell(logs, logged);
	else
		logged->tell = left;
	return error;
}

static int send_plain(struct logs *logs, enum log_message_kind kind, bool *flag)
{
	const struct log_message message = {.kind = kind};
	int error;

	if (!*flag)
		return 0;
	error = send_message(logs, &message, -1);
	if (error == 0)
		*flag = false;
	return error;
}

int logs_send(struct logs *logs)
{
	int error = 0;

	if (logs->watch.fd < 0)
		return -EPIPE;
	while (logs->first && error == 0)
		error = send_of(logs, logs->first);
	if (error == 0)
		error = send_plain(logs, LOG_MESSAGE_REOPEN, &logs->reopen);
	if (error == 0)
		error = send_plain(logs, LOG_MESSAGE_DRAIN, &logs->drain);
	return error;
}

/* ---- hearing */

static void take(struct logs *logs, const struct log_message *message)
{
	if (message->kind == LOG_MESSAGE_READY)
		log_message(LOG_DEBUG, NULL, "suplog is ready, pid %d", (int)logs->helper.pid);
	else if (message->kind == LOG_MESSAGE_GONE)
		logs_gone(logs, message->index, message->generation);
}

bool logs_hear(struct logs *logs)
{
	char buf[LOG_MESSAGE_MAX];
	struct log_message message;

	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		ssize_t n = recv(logs->watch.fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (n <= 0)
			return false;
		if (log_message_read(buf, (size_t)n, &message) == 0)
			take(logs, &message);
	}
	return true;
}
