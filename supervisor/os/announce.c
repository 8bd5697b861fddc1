/* announce.c - see announce.h. */
#include "supervisor/os/announce.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/os/log.h"
#include "supervisor/os/loop.h"

struct announce {
	struct watch watch; /* owns watch.fd; watched while something is unsent */
	struct loop *loop;
	const char *unsent; /* static; NULL: all is said */
	bool watched;
	bool ready;
};

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	int fd;

	if ((path[0] != '/' && path[0] != '@') || n < 2) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (n >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, n);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
		int error = errno;

		(void)close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void watch_room(struct announce *a, bool wanted)
{
	if (wanted == a->watched)
		return;
	if (!wanted)
		loop_remove(a->loop, &a->watch);
	else if (loop_add(a->loop, &a->watch, EPOLLOUT) < 0)
		return;
	a->watched = wanted;
}

static void send_unsent(struct announce *a)
{
	ssize_t n = send(a->watch.fd, a->unsent, strlen(a->unsent), MSG_NOSIGNAL);
	bool full = n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR);

	if (n < 0 && !full)
		log_message(LOG_WARNING, NULL, "cannot notify the service manager: %s",
			strerror(errno));
	if (!full)
		a->unsent = NULL;
	watch_room(a, full);
}

static void room(struct watch *watch, uint32_t epoll_events)
{
	(void)epoll_events;
	send_unsent((struct announce *)((char *)watch - offsetof(struct announce, watch)));
}

struct announce *announce_new(struct loop *loop, const char *path)
{
	struct announce *a;
	int fd;

	if (!path || !path[0])
		return NULL;
	fd = connect_to(path);
	if (fd < 0) {
		log_message(LOG_WARNING, NULL, "cannot use NOTIFY_SOCKET=%s: %s", path,
			strerror(errno));
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	if (!a) {
		(void)close(fd);
		return NULL;
	}
	*a = (struct announce){.watch = {.fd = fd, .ready = room}, .loop = loop};
	return a;
}

void announce_free(struct announce *announce)
{
	if (!announce)
		return;
	watch_room(announce, false);
	(void)close(announce->watch.fd);
	free(announce);
}

/* READY=1 comes once; a tree that starts anew is the manager's business no more. */
static const char *words_for(struct announce *a, enum child_state state)
{
	switch (state) {
	case CHILD_RUNNING:
		a->ready = true;
		return "READY=1\nSTATUS=running";
	case CHILD_STOPPING:
		return "STOPPING=1\nSTATUS=stopping";
	case CHILD_STARTING:
		return a->ready ? "STATUS=starting its children again"
				: "STATUS=starting its children";
	case CHILD_RESTARTING:
		return "STATUS=restarting its children";
	case CHILD_PARKED:
		return "STATUS=parked: the restart limit was reached";
	case CHILD_WAITING:
	case CHILD_BACKOFF:
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_FAILED:
	case CHILD_REMOVED:
	case CHILD_STATE_COUNT:
		break;
	}
	return NULL;
}

void announce_root(struct announce *announce, enum child_state state)
{
	const char *words = announce ? words_for(announce, state) : NULL;

	if (!words)
		return;
	/* What waits for readiness must not miss it. */
	if (announce->unsent && strncmp(announce->unsent, "READY", 5) == 0 &&
		state != CHILD_STOPPING)
		return;
	announce->unsent = words;
	send_unsent(announce);
}
