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
enum { NAME_SIZE = 32 }; /* the kernel makes names of five digits */

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
	struct watch named; /* fd -1: there is none */
	char name[NAME_SIZE];
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
static int receive(struct notify *n, int fd)
{
	int got;

	for (size_t i = 0; i < AT_ONCE; i++)
		n->header[i].msg_hdr = (struct msghdr){.msg_iov = &n->slot[i].iov,
			.msg_iovlen = 1,
			.msg_control = n->slot[i].control.bytes,
			.msg_controllen = sizeof(n->slot[i].control.bytes)};
	got = recvmmsg(fd, n->header, AT_ONCE, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
	for (int i = 0; i < got; i++)
		serve(n, &n->header[i], &n->slot[i]);
	return got;
}

static void serve_batch(struct notify *n, int fd)
{
	for (int i = 0; fd >= 0 && i < BATCH; i += AT_ONCE)
		if (receive(n, fd) < AT_ONCE)
			return;
}

void notify_serve(struct notify *notify)
{
	serve_batch(notify, notify->watch.fd);
	serve_batch(notify, notify->named.fd);
}

static void notify_ready(struct watch *watch, uint32_t epoll_events)
{
	struct notify *n = (struct notify *)((char *)watch - offsetof(struct notify, watch));

	(void)epoll_events;
	serve_batch(n, n->watch.fd);
}

static void named_ready(struct watch *watch, uint32_t epoll_events)
{
	struct notify *n = (struct notify *)((char *)watch - offsetof(struct notify, named));

	(void)epoll_events;
	serve_batch(n, n->named.fd);
}

/* Closes fd, with errno as it was. */
static int give_up(int fd)
{
	int error = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = error;
	return -1;
}

/* The kernel says who speaks. */
static int new_socket(void)
{
	int on = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0)
		return fd;
	return give_up(fd);
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const bool is_file = path[0] != '@';
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!is_file)
		address.sun_path[0] = '\0';
	fd = new_socket();
	if (fd < 0)
		return -1;
	/* Children run as other users; who may say what is decided by the sender's pid. */
	if ((is_file && unlink(path) < 0 && errno != ENOENT) ||
		bind(fd, (struct sockaddr *)&address, size) < 0 ||
		(is_file && chmod(path, 0666) < 0))
		return give_up(fd);
	return fd;
}

/* A socket without a file, by a name that the kernel makes up. */
static int open_named(char name[static NAME_SIZE])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(address.sun_family);
	int fd = new_socket();
	size_t length;

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, size) < 0)
		return give_up(fd);
	size = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return give_up(fd);
	length = size - offsetof(struct sockaddr_un, sun_path);
	if (length < 2 || length >= NAME_SIZE)
		return give_up(fd);
	name[0] = '@';
	memcpy(name + 1, address.sun_path + 1, length - 1);
	name[length] = '\0';
	return fd;
}

/* May everybody search the directories above the path? Of a name there are none. */
static bool is_open_to_all(const char *path)
{
	char above[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat info;

	if (path[0] == '@' || strlen(path) >= sizeof(above))
		return path[0] == '@';
	memcpy(above, path, strlen(path) + 1);
	for (char *slash = strrchr(above, '/'); slash && slash > above;
		slash = strrchr(above, '/')) {
		*slash = '\0';
		if (stat(above, &info) < 0 || !(info.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

static int watch_all(struct notify *n)
{
	if (n->watch.fd < 0 || loop_add(n->loop, &n->watch, EPOLLIN) < 0)
		return -1;
	if (is_open_to_all(n->path))
		return 0;
	n->named.fd = open_named(n->name);
	return n->named.fd < 0 ? -1 : loop_add(n->loop, &n->named, EPOLLIN);
}

struct notify *notify_new(
	struct loop *loop, const char *path, notify_message *message, void *context)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->watch = (struct watch){.fd = open_socket(path), .rank = 2, .ready = notify_ready};
	n->named = (struct watch){.fd = -1, .rank = 2, .ready = named_ready};
	n->loop = loop;
	n->path = path;
	n->message = message;
	n->context = context;
	for (size_t i = 0; i < AT_ONCE; i++)
		n->slot[i].iov = (struct iovec){n->slot[i].text, MESSAGE_MAX};
	if (watch_all(n) == 0)
		return n;
	(void)give_up(n->watch.fd);
	(void)give_up(n->named.fd);
	free(n);
	return NULL;
}

const char *notify_name(const struct notify *notify)
{
	return notify->named.fd < 0 ? NULL : notify->name;
}

static void let_go(struct notify *n, struct watch *watch)
{
	if (watch->fd < 0)
		return;
	loop_remove(n->loop, watch);
	(void)close(watch->fd);
}

void notify_free(struct notify *notify)
{
	if (!notify)
		return;
	let_go(notify, &notify->watch);
	let_go(notify, &notify->named);
	if (notify->path[0] != '@')
		(void)unlink(notify->path);
	free(notify);
}
