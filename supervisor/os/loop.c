/* loop.c - epoll and one timerfd. See loop.h.
 *
 * Watches of a higher rank have an epoll descriptor of their own, which the other one watches: so
 * they are found at once however many clients are ready, and what clients want is interrupted for
 * them. */
#include "supervisor/os/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, RANK_MAX = 2 };

struct loop {
	int epoll_fd;
	int urgent_fd; /* epoll: watches of higher ranks */
	struct watch timer;
	int64_t armed_ms; /* what the timerfd is set to; INT64_MAX: off */
	int64_t now_ms;
	int64_t wall_ns;
	int n; /* events of this wake-up */
	struct epoll_event event[2 * BATCH];
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void read_clock(struct loop *loop)
{
	loop->now_ms = clock_ns(CLOCK_MONOTONIC) / 1000000;
	loop->wall_ns = clock_ns(CLOCK_REALTIME);
}

static void timer_ready(struct watch *watch, uint32_t epoll_events)
{
	struct loop *loop = (struct loop *)((char *)watch - offsetof(struct loop, timer));
	uint64_t expirations;

	(void)epoll_events;
	/* Only to make it not ready; what is due is asked of the engine. */
	if (read(watch->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		loop->armed_ms = INT64_MAX;
}

/* Its events have no watch. */
static int watch_urgent(struct loop *loop)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->urgent_fd, &event);
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->armed_ms = INT64_MAX;
	loop->timer.ready = timer_ready;
	loop->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->urgent_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->timer.fd < 0 || loop->epoll_fd < 0 || loop->urgent_fd < 0 ||
		watch_urgent(loop) < 0 || loop_add(loop, &loop->timer, EPOLLIN) < 0) {
		loop_free(loop);
		return NULL;
	}
	read_clock(loop);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->timer.fd >= 0)
		(void)close(loop->timer.fd);
	if (loop->epoll_fd >= 0)
		(void)close(loop->epoll_fd);
	if (loop->urgent_fd >= 0)
		(void)close(loop->urgent_fd);
	free(loop);
}

static int control(struct loop *loop, int op, struct watch *watch, uint32_t epoll_events)
{
	struct epoll_event event = {.events = epoll_events, .data.ptr = watch};

	int fd = watch->rank > 0 ? loop->urgent_fd : loop->epoll_fd;

	return epoll_ctl(fd, op, watch->fd, &event) < 0 ? -errno : 0;
}

int loop_add(struct loop *loop, struct watch *watch, uint32_t epoll_events)
{
	return control(loop, EPOLL_CTL_ADD, watch, epoll_events);
}

int loop_change(struct loop *loop, struct watch *watch, uint32_t epoll_events)
{
	return control(loop, EPOLL_CTL_MOD, watch, epoll_events);
}

void loop_remove(struct loop *loop, struct watch *watch)
{
	if (watch->fd >= 0)
		(void)control(loop, EPOLL_CTL_DEL, watch, 0);
	for (int i = 0; i < loop->n; i++)
		if (loop->event[i].data.ptr == watch)
			loop->event[i].data.ptr = NULL;
}

int64_t loop_now_ms(const struct loop *loop)
{
	return loop->now_ms;
}

int64_t loop_wall_ns(const struct loop *loop)
{
	return loop->wall_ns;
}

/* The timerfd is touched only when the deadline has changed: a supervisor at rest makes no system
 * call. */
static void arm(struct loop *loop, int64_t deadline_ms)
{
	struct itimerspec when = {0};

	if (deadline_ms == loop->armed_ms)
		return;
	if (deadline_ms != INT64_MAX) {
		when.it_value.tv_sec = deadline_ms / 1000;
		when.it_value.tv_nsec = deadline_ms % 1000 * 1000000;
	}
	if (timerfd_settime(loop->timer.fd, TFD_TIMER_ABSTIME, &when, NULL) == 0)
		loop->armed_ms = deadline_ms;
}

/* The urgent descriptor is among what was found, or a full batch may hide it. */
static void add_urgent(struct loop *loop)
{
	bool look = loop->n == BATCH;
	int n;

	for (int i = 0; i < loop->n && !look; i++)
		look = !loop->event[i].data.ptr;
	n = look ? epoll_wait(loop->urgent_fd, loop->event + loop->n, BATCH, 0) : 0;
	if (n > 0)
		loop->n += n;
}

void loop_wait(struct loop *loop, int64_t deadline_ms, bool poll)
{
	if (!poll && deadline_ms > loop->now_ms)
		arm(loop, deadline_ms);
	else
		poll = true;
	loop->n = epoll_wait(loop->epoll_fd, loop->event, BATCH, poll ? 0 : -1);
	if (loop->n < 0)
		loop->n = 0; /* EINTR: SIGSTOP and SIGCONT, or a tracer */
	add_urgent(loop);
	read_clock(loop);
}

/* Serves what is there for one rank. A rank that is not urgent is left for the next wake-up when
 * something urgent comes meanwhile: it is still ready then. */
static void dispatch_rank(struct loop *loop, int rank)
{
	bool first = true;

	for (int i = 0; i < loop->n; i++) {
		struct watch *watch = loop->event[i].data.ptr;
		struct epoll_event urgent;

		if (!watch || watch->rank != rank)
			continue;
		if (rank == 0 && !first && epoll_wait(loop->urgent_fd, &urgent, 1, 0) > 0)
			return;
		first = false;
		loop->event[i].data.ptr = NULL;
		watch->ready(watch, loop->event[i].events);
	}
}

void loop_dispatch(struct loop *loop)
{
	for (int rank = RANK_MAX; rank >= 0; rank--)
		dispatch_rank(loop, rank);
	loop->n = 0;
}

void loop_turn(struct loop *loop, int64_t deadline_ms, bool poll)
{
	loop_wait(loop, deadline_ms, poll);
	loop_dispatch(loop);
}
