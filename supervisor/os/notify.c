/* notify.c - see notify.h.
 *
 * Messages are taken several with one call: a thousand children that serve their watchdog ten times
 * a second come in crowds. */
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

/* As many messages a wake-up, and of them a call; as many bytes a message, as many descriptors with
 * it as anyone may send (SCM_MAX_FD). */
enum { BATCH = 64, AT_ONCE = 4, MESSAGE_MAX = 4096, FDS_MAX = 253 };

/* What came beside a message. */
struct beside {
	pid_t pid; /* 0: the kernel did not say */
	int fds[FDS_MAX];
	size_t n;
};

struct slot {
	char text[MESSAGE_MAX];
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * FDS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec iov;
};

struct notify {
	struct watch watch;
	struct loop *loop;
	const char *path;
	notify_message *message;
	void *context;
	struct mmsghdr header[AT_ONCE];
	struct slot slot[AT_ONCE];
};

static void take_descriptors(const struct cmsghdr *c, struct beside *beside)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (beside->n < FDS_MAX)
			beside->fds[beside->n++] = fd;
		else
			(void)close(fd);
	}
}

static void read_beside(struct msghdr *msg, struct beside *beside)
{
	beside->pid = 0;
	beside->n = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS) {
			take_descriptors(c, beside);
		} else if (c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred cred;

			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			beside->pid = cred.pid;
		}
	}
}

static void serve(struct notify *n, struct mmsghdr *header, const struct slot *slot)
{
	struct beside beside;
	struct notify_text said;

	read_beside(&header->msg_hdr, &beside);
	/* A message that was cut is not what sd_notify sends. */
	if (beside.pid > 0 && !(header->msg_hdr.msg_flags & MSG_TRUNC) &&
		notify_parse(slot->text, header->msg_len, &said) == 0)
		n->message(n->context, beside.pid, &said, beside.fds, beside.n);
	for (size_t i = 0; i < beside.n; i++)
		if (beside.fds[i] >= 0)
			(void)close(beside.fds[i]);
}

/* Returns how many messages there were. */
static int receive(struct notify *n)
{
	int got;

	for (size_t i = 0; i < AT_ONCE; i++)
		n->header[i].msg_hdr = (struct msghdr){.msg_iov = &n->slot[i].iov,
			.msg_iovlen = 1,
			.msg_control = n->slot[i].control.bytes,
			.msg_controllen = sizeof(n->slot[i].control.bytes)};
	got = recvmmsg(n->watch.fd, n->header, AT_ONCE, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
	for (int i = 0; i < got; i++)
		serve(n, &n->header[i], &n->slot[i]);
	return got;
}

void notify_serve(struct notify *notify)
{
	for (int i = 0; i < BATCH; i += AT_ONCE)
		if (receive(notify) < AT_ONCE)
			return;
}

static void notify_ready(struct watch *watch, uint32_t epoll_events)
{
	(void)epoll_events;
	notify_serve((struct notify *)((char *)watch - offsetof(struct notify, watch)));
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const bool is_file = path[0] != '@';
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	int on = 1;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!is_file)
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* Children run as other users; who may say what is decided by the sender's pid. */
	if ((is_file && unlink(path) < 0 && errno != ENOENT) ||
		bind(fd, (struct sockaddr *)&address, size) < 0 ||
		(is_file && chmod(path, 0666) < 0) ||
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
	n->watch = (struct watch){.fd = open_socket(path), .rank = 2, .ready = notify_ready};
	n->loop = loop;
	n->path = path;
	n->message = message;
	n->context = context;
	for (size_t i = 0; i < AT_ONCE; i++)
		n->slot[i].iov = (struct iovec){n->slot[i].text, MESSAGE_MAX};
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
	if (notify->path[0] != '@')
		(void)unlink(notify->path);
	free(notify);
}
