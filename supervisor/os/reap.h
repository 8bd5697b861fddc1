/* reap.h - which process is whose, reaping, and process groups that outlive their leader. */
#ifndef OS_REAP_H
#define OS_REAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"

struct reaper;

/* Told of each of our own processes that ended; gone: its group is empty. */
typedef void reap_exited(void *context, struct ref ref, struct end end, bool gone);
/* Told before reap_exited, while reaper_find still finds the process: what it said before it died
 * has to be heard first. */
typedef void reap_dying(void *context, struct ref ref);
typedef void reap_gone(void *context, struct ref ref);

/* Asked of every other process that ended: was it one of supd's own helpers? If not it was an
 * orphan. */
typedef bool reap_other(void *context, pid_t pid, struct end end);

/* capacity: rows of the engine. All memory is taken here. */
struct reaper *reaper_new(uint32_t capacity, reap_dying *dying, reap_exited *exited,
	reap_gone *gone, reap_other *other, void *context);
void reaper_free(struct reaper *reaper);

/* A new life: pid is the leader of its own process group. */
void reaper_add(struct reaper *reaper, struct ref ref, pid_t pid);

/* The pid of a row's process, also while only the rest of its group lives; 0 = none. */
pid_t reaper_pid(const struct reaper *reaper, uint32_t index);

/* The row whose process is pid, or leads the process group pid; ENGINE_NONE. */
uint32_t reaper_find(const struct reaper *reaper, pid_t pid);

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
