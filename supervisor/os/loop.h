/* loop.h - the event loop: epoll, one timerfd, one reading of the clock a wake-up.
 *
 * Watches are embedded in their owners and never copied. A handler may remove any watch, its own
 * too: what the same wake-up still had for it is dropped. */
#ifndef OS_LOOP_H
#define OS_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop;

struct watch {
	int fd;	  /* -1: not watched; the loop never closes it */
	int rank; /* within one wake-up, higher ranks are served first, and those of rank 0 wait for
		     the next one when something of a higher rank comes; 0 unless set, and never
		     changed while it is watched */
	void (*ready)(struct watch *watch, uint32_t epoll_events);
};

/* Makes a loop, or returns NULL with errno. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Watch watch->fd for EPOLLIN and so on (level-triggered). Return 0 or negative errno. */
int loop_add(struct loop *loop, struct watch *watch, uint32_t epoll_events);
int loop_change(struct loop *loop, struct watch *watch, uint32_t epoll_events);
void loop_remove(struct loop *loop, struct watch *watch);

/* The clock as of this wake-up: CLOCK_MONOTONIC in milliseconds, and CLOCK_REALTIME in nanoseconds
 * for display. */
int64_t loop_now_ms(const struct loop *loop);
int64_t loop_wall_ns(const struct loop *loop);

/* Waits until something is ready or deadline_ms (INT64_MAX: no limit) has come, and reads the
 * clock. With poll = true it does not wait. Never fails once the loop exists. */
void loop_wait(struct loop *loop, int64_t deadline_ms, bool poll);

/* Calls the handlers of what loop_wait found, by rank. */
void loop_dispatch(struct loop *loop);

/* Both, for a caller with nothing to do in between. */
void loop_turn(struct loop *loop, int64_t deadline_ms, bool poll);

#endif
