/* reap_internal.h - between reap.c (which process is whose, and reaping), linger.c (the stop of a
 * child, and what outlives its own process) and reap_main.c (main processes that are not the leader
 * of their group). */
#ifndef OS_REAP_INTERNAL_H
#define OS_REAP_INTERNAL_H

#include "supervisor/os/loop.h"
#include "supervisor/os/reap.h"

enum { HELPER_LISTS = 64 };

/* The main process of a row where the leader is not. */
struct main_process {
	struct helper helper;
	struct reaper *reaper;
	uint32_t row;
	pid_t group;	    /* its process group when it was named */
	struct watch watch; /* owns watch.fd, foreign_open; -1: it is our child */
};

struct proc {
	pid_t pid; /* of the leader, and of its group; 0: none */
	uint32_t generation;
	uint32_t next_linger;	   /* row; only while lingering */
	pid_t holder;		   /* one that is left; only while lingering */
	int told;		   /* the signal of its stop; 0: none yet */
	struct main_process *main; /* owned; NULL: the leader is it */
	struct end end;		   /* of the leader, when main outlives it */
	bool leader;		   /* not reaped yet */
	bool suspended;
	bool exited; /* the engine knows */
	bool lingers;
};

struct reaper {
	reap_dying *dying;
	reap_exited *exited;
	reap_gone *gone;
	reap_held *held;
	struct strays *strays; /* NULL: only the group counts */
	struct loop *loop;     /* NULL: the end of somebody else's child is not seen */
	void *context;
	struct helper *helpers[HELPER_LISTS]; /* by pid */
	struct proc *proc;		      /* by row */
	uint32_t *slot; /* pid -> row: open addressing, linear probing, at most half full */
	uint32_t mask;
	uint32_t capacity;
	uint32_t linger; /* first row whose group outlives its leader */
	int64_t poll_ms;
	int64_t poll_step_ms;
	int64_t walk_ms; /* the walk is due; INT64_MAX: not */
	uint32_t n;	 /* rows with a process */
	int64_t now_ms;	 /* as far as we were told */
	uint32_t suspended;
	uint64_t orphans;
};

/* ---- reap.c */

/* The row whose leader, or group, has this number. */
uint32_t reap_find_slot(const struct reaper *r, pid_t pid);

/* Gives a row another group: its number is known under the new one. */
void reap_move(struct reaper *r, uint32_t row, pid_t group);

/* The row is free for its next life. */
void reap_forget(struct reaper *r, uint32_t row);

/* ---- linger.c */

bool reap_group_is_empty(const struct proc *proc);

/* The child has exited. */
void reap_tell(struct reaper *r, uint32_t row, struct end end);

/* The row waits for something that has to be looked at again. */
void linger_add(struct reaper *r, uint32_t row);

/* Looks at all that linger: at once, or when it is time. */
void linger_check(struct reaper *r);
void linger_poll(struct reaper *r, int64_t now_ms);

/* ---- reap_main.c */

/* Of a row that has a main process. */
bool main_lives(const struct proc *proc);

/* Signals a main process that has left the group, with its own group where it leads one. Returns
 * -ESRCH when it has not left. */
int main_signal(const struct proc *proc, int signal);

void main_drop(struct reaper *r, struct proc *proc);

/* The leader is gone and the main process lives. Returns false when somebody has to look again. */
bool main_takes_over(struct reaper *r, uint32_t row);

/* The row whose main process is pid; ENGINE_NONE. */
uint32_t main_find(const struct reaper *r, pid_t pid);

#endif
