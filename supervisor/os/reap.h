/* reap.h - which process is whose, reaping, and process groups that outlive their leader. */
#ifndef OS_REAP_H
#define OS_REAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"

struct reaper;
struct loop;
struct strays;

/* Told of each of our own processes that ended; gone: nothing of its child is left. */
typedef void reap_exited(void *context, struct ref ref, struct end end, bool gone);
/* Told before reap_exited, while reaper_find still finds the process: what it said before it died
 * has to be heard first. */
typedef void reap_dying(void *context, struct ref ref);
typedef void reap_gone(void *context, struct ref ref);

/* Another process keeps the child from being gone: reaper_holder. */
typedef void reap_held(void *context, struct ref ref);

/* A process of supd's own that is no child of the tree: a reader of settings, a health check, … .
 * Embedded in its owner, and known to the reaper from reaper_add_helper until it has ended. Of all
 * other processes the reaper takes those that nobody knows for orphans. */
struct helper {
	pid_t pid; /* 0: none */
	/* It was reaped; the reaper knows it no more, and it may be used anew. */
	void (*ended)(struct helper *helper, struct end end);
	struct helper *next; /* the reaper's */
};

/* capacity: rows of the engine. All memory is taken here. */
struct reaper *reaper_new(
	uint32_t capacity, reap_dying *dying, reap_exited *exited, reap_gone *gone, void *context);
void reaper_free(struct reaper *reaper);

/* From now on a child is gone when its strays are, too. strays: borrowed. */
void reaper_set_strays(struct reaper *reaper, struct strays *strays, reap_held *held);

/* From now on a main process that is somebody else's child is watched. loop: borrowed; it outlives
 * the reaper. */
void reaper_set_loop(struct reaper *reaper, struct loop *loop);

/* Takes the end of pid, which was not reaped yet, for helper. Takes no memory. */
void reaper_add_helper(struct reaper *reaper, struct helper *helper, pid_t pid);

/* Nobody cares any more how it ends: it will be reaped as an orphan. */
void reaper_drop_helper(struct reaper *reaper, struct helper *helper);

/* A new life: pid is the leader of its own process group. */
void reaper_add(struct reaper *reaper, struct ref ref, pid_t pid);

/* Another process of that life is the main one from now on (MAINPID): its end is that of the child,
 * and that of the leader is no more. pid may be the child of somebody else as long as the leader
 * lives; when nobody tells how it ended, the leader is the main process again. Returns 0,
 * -ESRCH (that life, or pid, is over), -EBUSY (pid belongs to another row) or -ENOMEM. */
int reaper_set_main(struct reaper *reaper, struct ref ref, pid_t pid);

/* The pid of a row's main process, also while only the rest of its group lives; 0 = none. */
pid_t reaper_pid(const struct reaper *reaper, uint32_t index);

/* The row whose process is pid, or leads the process group pid; ENGINE_NONE. */
uint32_t reaper_find(const struct reaper *reaper, pid_t pid);

/* Is pid the leader of a child, a member of its group, or a helper? */
bool reaper_knows(const struct reaper *reaper, pid_t pid);

/* A process that is left although the child's own has ended; 0: none is known. */
pid_t reaper_holder(const struct reaper *reaper, uint32_t index);

/* Sends the signal of a stop to the group of that life and to its strays, also to those that are
 * found later, and wakes it when it is suspended. Returns as reaper_signal. */
int reaper_stop(struct reaper *reaper, struct ref ref, int signal);

/* Makes that life stand still, or go on. Returns as reaper_signal. */
int reaper_suspend(struct reaper *reaper, struct ref ref, bool suspend);
bool reaper_is_suspended(const struct reaper *reaper, uint32_t index);
uint32_t reaper_suspended(const struct reaper *reaper); /* how many are */

/* Sends a signal to the group of that life. Returns 0, -ESRCH when it has none, or another negative
 * errno. */
int reaper_signal(const struct reaper *reaper, struct ref ref, int signal);

/* Reaps what is dead, orphans too, at most a batch. Returns true when there may be more. */
bool reaper_run(struct reaper *reaper);

/* A SIGCHLD said that pid has changed; others may have died behind the same signal. Returns as
 * reaper_run does. */
bool reaper_told(struct reaper *reaper, pid_t pid, int64_t now_ms);

/* Groups whose leader is gone are looked at again when an orphan was reaped and at this time
 * (INT64_MAX: none left). */
int64_t reaper_deadline_ms(const struct reaper *reaper);
bool reaper_time(struct reaper *reaper, int64_t now_ms); /* as reaper_run */

uint64_t reaper_orphans(const struct reaper *reaper);

#endif
