/* engine.h - the supervision engine: events in, actions out. Pure: no system call, no clock, no
 * output.
 *
 * The engine holds the tree as *entries*, one for each child (process or supervisor), and decides
 * what OTP's supervisor would decide (OTP-SEMANTICS; supervisor(3erl)). The shell feeds it one
 * event at a time with the time of day of its loop (milliseconds, monotonic), then drains and
 * carries out the actions, then feeds the next:
 *
 *     engine_step(engine, now_ms, &event);
 *     while (engine_next_action(engine, &action))
 *             perform(&action);                      (results come back as events, never from
 * inside)
 *
 * There is no timer action: engine_deadline_ms says when the next EV_TIME is due.
 *
 * Identity. An entry has an index, fixed while the entry exists; each life of it (each start) has a
 * new generation. Events and actions carry both; an event for an earlier life is dropped by number.
 * The engine never sees a pid.
 *
 * States of an entry (enum child_state). A process:
 *
 *     WAITING   not started: its supervisor is not up, or has not reached it yet, or (within a
 * restart of the group, or after a death not yet handled) it will be started when its turn comes
 *     STARTING  spawn asked for, or spawned and not yet ready
 *     RUNNING   ready
 *     STOPPING  signalled; until its whole process group is gone. Also: its leader exited by itself
 * and the rest of its group is being stopped BACKOFF   OTP's "restarting": its restart, or the
 * retry of its failed start, is due later STOPPED   by an operator, by name or with its supervisor
 *     EXITED    finished and not to be restarted
 *     FAILED    its last start failed and nothing will retry it
 *     REMOVED   no entry any more (temporary ones after their exit, deleted ones)
 *
 * A supervisor: WAITING, STARTING (boot), RUNNING, RESTARTING (a restart of its children is going
 * on, or its own failed boot will be retried), STOPPING, STOPPED, EXITED (ended itself, not
 * restarted), FAILED, PARKED, REMOVED.
 *
 * What OTP says by waiting we say by state: a supervisor that starts or stops a child is busy;
 * deaths and commands that come meanwhile stand in its queue and are handled in the order of
 * arrival. Supervisors do not wait for each other, except a parent for the start or the stop of its
 * child. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/spec.h"

struct engine;

#define ENGINE_NONE UINT32_MAX
#define ENGINE_NEVER INT64_MAX

struct ref {
	uint32_t index;
	uint32_t generation;
};

/* clang-format off */
#define CHILD_STATES(X) \
	X(WAITING, "waiting") \
	X(STARTING, "starting") \
	X(RUNNING, "running") \
	X(STOPPING, "stopping") \
	X(BACKOFF, "backoff") \
	X(RESTARTING, "restarting") \
	X(STOPPED, "stopped") \
	X(EXITED, "exited") \
	X(FAILED, "failed") \
	X(PARKED, "parked") \
	X(REMOVED, "removed")
/* clang-format on */

/* What brought an entry into its state. */
/* clang-format off */
#define WHYS(X) \
	X(NONE, "none") \
	X(BOOT, "boot") /* its supervisor starts */ \
	X(READY, "ready") \
	X(EXIT, "exit") /* it exited by itself */ \
	X(RESTART, "restart") /* brought back after its own death or failed start */ \
	X(SIBLING, "sibling") /* stopped or started because of a sibling's death */ \
	X(OPERATOR, "operator") /* a command */ \
	X(SUPERVISOR, "supervisor") /* its supervisor is ending */ \
	X(LIMIT, "limit") /* restart limit reached */ \
	X(START_FAILED, "start_failed") /* its start failed */ \
	X(START_TIMEOUT, "start_timeout") /* not ready in time */ \
	X(WATCHDOG, "watchdog") /* no ping in time */ \
	X(UNHEALTHY, "unhealthy") /* its health check says so */ \
	X(AUTO_SHUTDOWN, "auto_shutdown") /* a significant child exited */ \
	X(SHUTDOWN, "shutdown") /* the program ends */
/* clang-format on */

#define ENGINE_ENUM_STATE(id, text) CHILD_##id,
#define ENGINE_ENUM_WHY(id, text) WHY_##id,
enum child_state { CHILD_STATES(ENGINE_ENUM_STATE) CHILD_STATE_COUNT };
enum why { WHYS(ENGINE_ENUM_WHY) WHY_COUNT };
const char *child_state_name(unsigned state);
const char *why_name(unsigned why);

/* How a process ended, or why it could not be started. */
enum end_kind {
	END_NONE,
	END_EXITED,	  /* value: exit status 0..255 */
	END_SIGNALED,	  /* value: signal number */
	END_SPAWN_FAILED, /* value: errno; stage says where (enum of the shell; 0 = fork) */
	END_START_TIMEOUT,
	END_SHUTDOWN,	 /* a supervisor that ended itself */
	END_BOOT_FAILED, /* a supervisor whose boot failed */
	END_WATCHDOG,	 /* no ping in time */
	END_UNHEALTHY,	 /* its health check failed too often */
};

/* Of an end by exit or signal, in the place of the stage: the kernel killed a process of the child
 * for want of memory; the process left a core file. The engine only hands it on. */
enum { END_OOM = 1, END_DUMPED = 2 };

struct end {
	uint8_t kind;  /* enum end_kind */
	uint8_t stage; /* END_SPAWN_FAILED: where; END_EXITED, END_SIGNALED: 0 or as above */
	int32_t value;
};

/* ---- events */

enum event_kind {
	EV_BOOT,	 /* start the tree; once, first of all */
	EV_SPAWNED,	 /* the exec succeeded */
	EV_SPAWN_FAILED, /* fork, set-up or exec failed: end */
	EV_READY,	 /* the child says that it is ready */
	EV_EXITED, /* the leader exited and was reaped: end; gone: nothing of its group is left */
	EV_GONE,   /* after EV_EXITED with gone = false: the group is empty now */
	EV_PING,   /* the child says that it lives (WATCHDOG=1) */
	EV_PERIOD, /* its watchdog period is ms from now on (WATCHDOG_USEC=); 0: none */
	EV_EXTEND, /* its start, or its stop, may take ms longer from now (EXTEND_TIMEOUT_USEC=) */
	EV_UNHEALTHY, /* its health check failed too often, or it said WATCHDOG=trigger (watchdog)
		       */
	EV_TIME,      /* time has passed; does what is due */
	EV_COMMAND,
	EV_SHUTDOWN, /* orderly stop of the tree; brutal: SIGKILL everywhere, also when a stop is
			under way */
};

/* A child that comes at run time. spec, name and extra belong to the shell and stay valid until the
 * engine gives extra back: with the ACT_REPLY that refuses the command, or with the ACT_REPORT that
 * the entry is REMOVED. */
struct addition {
	const struct spec *spec; /* below a dynamic supervisor: the tree's own block */
	uint32_t node;		 /* a process; below a dynamic supervisor: its template */
	const char *name;
	void *extra;
	bool task; /* temporary, ready by exec, whatever its specification says (Task.Supervisor) */
};

/* None of the commands is ever counted as a restart (OTP-SEMANTICS, rule 8). */
/* clang-format off */
#define COMMANDS(X) \
	X(START, "start") /* OTP restart_child/2 */ \
	X(STOP, "stop") /* OTP terminate_child/2 */ \
	X(RESTART, "restart") /* stop, then start */ \
	X(DELETE, "delete") /* OTP delete_child/2 */ \
	X(ADD, "add") /* OTP start_child/2 */
/* clang-format on */
#define ENGINE_ENUM_COMMAND(id, text) CMD_##id,
enum command_kind { COMMANDS(ENGINE_ENUM_COMMAND) CMD_COUNT };
const char *command_name(unsigned kind);

struct command {
	enum command_kind kind;
	uint32_t index; /* the entry, from engine_find in this very wake-up; ADD: the supervisor */
	uint64_t token; /* comes back in ACT_REPLY */
	struct addition add;
};

struct event {
	enum event_kind kind;
	struct ref ref; /* SPAWNED, SPAWN_FAILED, READY, EXITED, GONE */
	struct end end; /* EXITED, SPAWN_FAILED */
	bool gone;	/* EXITED */
	bool watchdog;	/* UNHEALTHY: by the watchdog */
	int64_t ms;	/* PERIOD, EXTEND: >= 0 */
	bool brutal;	/* SHUTDOWN */
	struct command command;
};

/* ---- actions */

/* A life of a process has up to three parts, each a process of its own: a hook before it, the
 * program, a hook after it. */
enum part {
	PART_MAIN,
	PART_BEFORE_START, /* exits with status 0, or the start has failed */
	PART_AFTER_STOP,   /* after the program has run and is gone; how it ends changes nothing */
};

enum action_kind {
	ACT_SPAWN,  /* start a new life of ref; answer with EV_SPAWNED or EV_SPAWN_FAILED, always */
	ACT_SIGNAL, /* the child's stop signal to its whole group */
	ACT_KILL,   /* SIGKILL to its whole group */
	ACT_REPORT, /* the entry changed its state: from, to, why; engine_view has the rest */
	ACT_REPLY,  /* the answer to a command; exactly one each */
	ACT_FINISHED, /* the root has ended and nothing is left: status is supd's exit status. The
			 last action */
};

enum result {
	RESULT_OK,
	RESULT_INVALID_STATE,	/* state says which */
	RESULT_EXISTS,		/* ADD: the name is taken; ref and state: by whom */
	RESULT_START_FAILED,	/* end says why */
	RESULT_LIMIT_REACHED,	/* max_children */
	RESULT_BUSY,		/* too many commands are outstanding */
	RESULT_SUPERVISOR_DOWN, /* its supervisor is not running; state is the supervisor's */
	RESULT_GONE,		/* the entry was removed before the command's turn came */
};

struct action {
	enum action_kind kind;
	struct ref ref; /* all but FINISHED; REPLY: the entry it is about, ADD: the new one */
	enum part part; /* SPAWN */
	bool watchdog;	/* SIGNAL: the watchdog's signal, not the stop signal */
	enum child_state from;	/* REPORT */
	enum child_state to;	/* REPORT */
	enum why why;		/* REPORT */
	struct end end;		/* REPORT (its last end), REPLY with START_FAILED */
	uint64_t token;		/* REPLY */
	enum result result;	/* REPLY */
	enum child_state state; /* REPLY: of the entry now */
	int status;		/* FINISHED */
	void *extra;		/* REPORT, REPLY: of an addition, given back; else NULL */
	uint32_t prev; /* REPORT of REMOVED: who stood before an addition, the parent when nobody
			  did; else ENGINE_NONE */
};

/* ---- the face */

/* Makes an engine for the tree in spec (checked; borrowed: it must outlive the engine) with room
 * for capacity entries, at least as many as spec has nodes. seed feeds the jitter of backoff. NULL:
 * out of memory. All memory the engine will ever use is taken here. */
struct engine *engine_new(const struct spec *spec, uint32_t capacity, uint64_t seed);
void engine_free(struct engine *e);

/* Takes one event. now_ms must not be less than at the step before. Never allocates; the actions of
 * the step before must have been drained. */
void engine_step(struct engine *e, int64_t now_ms, const struct event *event);

/* Takes the next action. Returns false when there is none; then the next event may be fed. */
bool engine_next_action(struct engine *e, struct action *ret_action);

/* Is there an action to take without further work, and is there work left? After a burst of spawns
 * the shell may turn to other things first: feed events, then drain again. */
bool engine_has_action(const struct engine *e);
bool engine_has_work(const struct engine *e);

/* When EV_TIME is due next, ENGINE_NEVER = not by time. */
int64_t engine_deadline_ms(const struct engine *e);

/* A state's row. Times are of the engine's clock. */
struct view {
	struct ref ref;
	uint32_t parent; /* ENGINE_NONE for the root */
	uint32_t first_child;
	uint32_t next_sibling;
	uint32_t prev_sibling;
	const char *name;
	void *extra; /* of an addition; else NULL */
	bool added;
	bool task;
	const struct spec *spec; /* the block that its specification stands in, */
	uint32_t node;		 /* and its number there */
	enum spec_kind kind;
	enum child_state state;
	enum why why;
	bool ready;
	struct end end;	   /* the last one */
	uint64_t restarts; /* starts by restart (rule 5), since supd began */
	uint32_t streak;   /* restarts in the present streak of backoff */
	uint32_t window;   /* supervisor: restarts that count against its limit, at the last look */
	int64_t window_end_ms; /* when the last of them is too old to count; 0: there is none */
	int64_t since_ms;      /* when it entered its state */
	int64_t next_try_ms;   /* BACKOFF: when; else ENGINE_NEVER */
};

/* Fills *ret_view for row index (0 <= index < engine_capacity). Returns false when the row is free.
 * The root is row 0; walk with first_child and next_sibling. */
bool engine_view(const struct engine *e, uint32_t index, struct view *ret_view);
uint32_t engine_capacity(const struct engine *e);

/* Finds the entry that path names: "/" the root; "web/app" from below the root; else an unambiguous
 * last part
 * ("app", "b/app"). Returns 0; -ENOENT; -ENOTUNIQ: ambiguous, then up to max candidates are in
 * ret_candidates (may be NULL) and their full number in *ret_n. */
int engine_find(const struct engine *e, const char *path, uint32_t *ret_index,
	uint32_t *ret_candidates, uint32_t max, uint32_t *ret_n);

/* Writes the path of a row ("web/app", "/" for the root), NUL-ended. Returns its length, or
 * -ENAMETOOLONG. */
int engine_path(const struct engine *e, uint32_t index, char *buf, size_t size);

/* ---- saving (save.c, load.c) */

/* Writes the whole state as one flat block without pointers, for an engine whose actions are
 * drained. Returns the size needed; when that is more than size, buf holds nothing of use. Equal
 * engines give equal blocks. Never allocates. */
size_t engine_save(const struct engine *e, void *buf, size_t size);

/* Gives back what engine_save could not write, the shell's own: the addition that stands in row,
 * or, with row ENGINE_NONE, that of the command with this token, which has not had its turn.
 * Returns false when it is not known any more; the block is refused then. */
typedef bool engine_addition(void *context, uint32_t row, uint64_t token, struct addition *ret);

/* Makes an engine that goes on where the saved one was. spec: the same block as then (its bytes are
 * compared; borrowed as in engine_new). addition may be NULL when there is none. The block is
 * checked, not trusted. Returns NULL with *ret_why, a static text, saying what is wrong; also when
 * memory ran out. The time of the next step must not be less than that of the last one before the
 * save. */
struct engine *engine_load(const struct spec *spec, const void *buf, size_t size,
	engine_addition *addition, void *context, const char **ret_why);

/* A copy that lives by itself, for looking ahead; the actions of e are drained. Names and extras of
 * additions stay those of the original: it must not go on while the copy is used. NULL: out of
 * memory. */
struct engine *engine_clone(const struct engine *e);

#endif
