/* internal.h - what the engine's rooms share; nothing outside supervisor/engine/ includes it.
 *
 * Every child is a node; a supervisor has a struct sup besides. All links are numbers into arrays,
 * so the whole state is flat. Rooms, and who may call whom: engine (events, work queue, actions) ->
 * strategy (what a supervisor does next), command -> child (one life) -> tree, timers, intensity,
 * actions. Calls upwards ("my child is down") go through sup.c's four notices,
 * which only note a fact and put the supervisor on the work queue; so nothing recurses, however
 * deep the tree. */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include <assert.h>

#include "supervisor/engine/engine.h"

/* A case that the rules exclude. */
#define UNREACHABLE() __assert_fail("unreachable", __FILE__, __LINE__, __func__)

/* What the end of the present life will mean, once nothing of it is left. */
enum fate {
	FATE_DIED,	   /* by itself: rule 4 */
	FATE_STOPPED,	   /* it was asked to: no consequence, rule 3 */
	FATE_START_FAILED, /* before it was ready */
	FATE_DONE,	   /* ready = exit, and it has: up, and over */
	FATE_NEXT,	   /* before_start has succeeded: the program comes */
};

/* Why a node stands in its supervisor's queue. */
enum queued {
	QUEUED_NOT,
	QUEUED_EXIT,	/* it died by itself */
	QUEUED_RETRY,	/* its start failed within a restart: count, then try again */
	QUEUED_GO,	/* its backoff is over: start, without counting */
	QUEUED_UNPARK,	/* parked, and retry_after is over */
	QUEUED_COMMAND, /* (command items only) */
};

/* An item of a supervisor's queue. Items 0 .. capacity-1 belong to the nodes, those after it to
 * commands. */
struct item {
	uint32_t next;
	uint32_t prev;
	uint32_t sup; /* in whose queue */
	uint8_t kind; /* enum queued */
};

struct node {
	const struct spec *spec; /* borrowed */
	const char *name;	 /* borrowed */
	void *extra;		 /* of an addition: the shell's */
	uint32_t spec_node;
	uint32_t parent, first, last, next, prev; /* nodes; ENGINE_NONE at the ends */
	uint32_t hash_next;			  /* chain of names, or of free nodes */
	uint32_t sup;				  /* its struct sup; ENGINE_NONE for a process */
	uint32_t generation; /* of the present or last life; 0 = never started */
	uint32_t stamp;	     /* which entry: changes when the entry is removed */
	uint32_t heap_at;    /* place in the deadline heap; ENGINE_NONE */
	uint32_t work_next;
	uint32_t streak;
	int64_t deadline_ms; /* valid while heap_at is */
	int64_t since_ms;
	int64_t watchdog_ms; /* of this life; 0 = off */
	int64_t ping_ms;     /* the last one */
	uint64_t restarts;
	struct end end;
	uint8_t state;	 /* enum child_state; changed by child_enter alone */
	uint8_t why;	 /* enum why */
	uint8_t fate;	 /* enum fate */
	uint8_t stop_to; /* enum child_state: what a finished stop makes of it */
	bool used;
	bool added; /* at run time: not of the configuration */
	bool task;
	bool live;    /* a process, or a group, or a supervisor that is not down; counted in its
			 parent's live */
	bool spawned; /* the answer to ACT_SPAWN has come */
	bool leader;  /* the leader has not exited */
	bool killed;
	bool end_is_set; /* by the engine (a timeout, ill health): the exit that follows only
			    carries it out */
	bool ran;	 /* the program was started: after_stop is due */
	uint8_t part;	 /* enum part */
	bool ready;
	bool in_work;
};

enum phase {
	PHASE_DOWN,
	PHASE_RESET,	   /* back to the configured children, then boot */
	PHASE_BOOT,	   /* starting children, cursor = the one being started */
	PHASE_IDLE,	   /* takes from its queue */
	PHASE_GROUP_STOP,  /* restart round: stopping the set, cursor going backwards */
	PHASE_GROUP_START, /* restart round: starting the set */
	PHASE_COMMAND,	   /* a command on child `cursor` is under way */
	PHASE_ENDING,	   /* stopping all children */
};

/* Why a supervisor is ending. */
enum ending {
	ENDING_STOPPED, /* its parent or the program stops it */
	ENDING_GAVE_UP,
	ENDING_BOOT_FAILED,
	ENDING_AUTO_SHUTDOWN,
	ENDING_PARK,
};

struct window {
	int64_t *at; /* ring of `intensity` times, a part of engine.times */
	uint32_t intensity;
	uint32_t first;
	uint32_t n;
	int64_t period_ms;
};

struct sup {
	uint32_t node;
	uint32_t cursor;
	uint32_t subject;     /* the child that caused the restart round */
	uint32_t live;	      /* children that are live */
	uint32_t added;	      /* children that were added */
	uint32_t starting;    /* concurrent boot: children not yet up */
	uint32_t queue_first; /* items */
	uint32_t queue_last;
	uint32_t command;	/* the command under way; ENGINE_NONE */
	uint32_t round_command; /* the start that waits for the subject of the round; ENGINE_NONE */
	uint8_t phase;		/* enum phase */
	uint8_t ending;		/* enum ending */
	uint8_t why;		/* enum why, for the children that its ending stops */
	bool single;		/* the set of the round is the subject alone */
	bool waiting;		/* for the child at the cursor to be up or down */
	bool brutal;		/* ending: SIGKILL, all at once */
	bool concurrent;	/* ending: all at once */
	bool rewind;		/* ending: begin with the last child */
	bool refuse;		/* ending: there may be commands in the queue to refuse */
	int64_t go_at_ms;	/* the round's start phase is due */
	struct end cause;	/* what ended it, for supd's exit status */
	struct window window;
};

struct command_slot {
	struct command command;
	uint32_t stamp;
	uint32_t next_free;
	bool used;
};

enum {
	ACTIONS_MAX = 512, /* bounds what one burst of work may produce; the shell drains, and work
			      goes on */
	ACTIONS_ROOM = 32, /* one unit of work never produces more */
	COMMANDS_MAX = 1024,
	BURST_SPAWNS_MAX =
		8, /* each costs a fork and an exec: the shell wants to look up in between */
};

struct engine {
	const struct spec *spec;
	int64_t now_ms;
	uint32_t capacity;
	uint32_t nsups;
	uint32_t free_node;  /* freed rows */
	uint32_t freed_node; /* freed since the ring was drained: reports still speak of them */
	uint32_t fresh_node; /* rows from here on were never used */
	uint32_t free_command;
	uint32_t
		fresh_command; /* slots from here on were never used: their memory is not touched */
	uint32_t root_command; /* the start of a parked root that is under way; ENGINE_NONE */
	uint32_t work_first, work_last;
	uint32_t heap_n;
	uint32_t hash_mask;
	bool time_due; /* EV_TIME came: fire what is due */
	bool finished;
	bool steady; /* backoff without jitter: for looking ahead */
	uint64_t random;
	struct node *node;
	struct item *item; /* capacity + COMMANDS_MAX */
	struct sup *sup;
	uint32_t *heap;
	uint32_t *hash;
	int64_t *times;
	struct command_slot *command;
	uint32_t action_first, action_n;
	uint32_t burst_spawns; /* since the ring was last empty */
	struct action action[ACTIONS_MAX];
};

/* ---- engine.c: actions and work */
void act(struct engine *e, const struct action *action);
bool actions_have_room(const struct engine *e);
void work_push(struct engine *e, uint32_t sup_node);

/* ---- tree.c */
static inline const struct child_spec *node_child_spec(const struct engine *e, uint32_t n)
{
	return spec_child(e->node[n].spec, e->node[n].spec_node);
}

static inline const struct sup_spec *node_sup_spec(const struct engine *e, uint32_t n)
{
	return spec_sup(e->node[n].spec, e->node[n].spec_node);
}

static inline enum restart_type node_restart(const struct engine *e, uint32_t n)
{
	return e->node[n].task ? RESTART_TEMPORARY
			       : (enum restart_type)node_child_spec(e, n)->restart;
}

static inline enum ready_kind node_ready(const struct engine *e, uint32_t n)
{
	return e->node[n].task ? READY_EXEC : (enum ready_kind)node_child_spec(e, n)->ready;
}

static inline bool node_is_significant(const struct engine *e, uint32_t n)
{
	return node_child_spec(e, n)->significant && !e->node[n].task;
}

static inline bool node_is_sup(const struct engine *e, uint32_t n)
{
	return e->node[n].sup != ENGINE_NONE;
}

static inline struct sup *node_sup(struct engine *e, uint32_t n)
{
	return &e->sup[e->node[n].sup];
}

/* NULL for the root. */
static inline struct sup *parent_sup(struct engine *e, uint32_t n)
{
	return e->node[n].parent == ENGINE_NONE ? NULL : node_sup(e, e->node[n].parent);
}

static inline bool node_is_dynamic(const struct engine *e, uint32_t n)
{
	return spec_node(e->node[n].spec, e->node[n].spec_node)->kind == KIND_DYNAMIC;
}

void tree_build(struct engine *e);

/* A new entry at the end of a supervisor's order. Returns its row, ENGINE_NONE when there is none
 * left. */
uint32_t tree_add(struct engine *e, uint32_t parent, const struct addition *add);

/* The child of that name, removed ones not counted; ENGINE_NONE. */
uint32_t tree_child(const struct engine *e, uint32_t parent, const char *name);

/* Rows that were freed may be used again: the ring is empty, nobody speaks of them any more. */
void tree_recycle(struct engine *e);

/* Is there such an entry? What is below a removed supervisor has gone with it. */
bool tree_has(const struct engine *e, uint32_t n);

/* The entry is no more. A configured one keeps its place for the next boot of its supervisor; an
 * added one is freed. */
void tree_remove(struct engine *e, uint32_t n, enum why why);

/* ---- timers.c: one deadline a node, in a heap */
void timer_set(struct engine *e, uint32_t n, int64_t deadline_ms);
void timer_clear(struct engine *e, uint32_t n);

/* The node whose deadline has come, its timer cleared; ENGINE_NONE when there is none. */
uint32_t timer_take_due(struct engine *e);

/* ---- intensity.c */

/* Notes a restart at now_ms. Returns false, noting nothing, when it makes more than intensity
 * within period_ms, the restart itself and both ends included (OTP supervisor:add_restart). Never
 * allocates. */
bool intensity_add(struct window *w, int64_t now_ms);
void intensity_clear(struct window *w);

/* ---- queue.c: what a supervisor has not come to yet */
void queue_push(struct engine *e, uint32_t sup_node, uint32_t item, enum queued kind);
void queue_remove(struct engine *e, uint32_t item);
/* An item, or ENGINE_NONE. */
uint32_t queue_pop(struct engine *e, uint32_t sup_node, enum queued *ret_kind);

/* When ms from now is over. */
static inline int64_t after_ms(const struct engine *e, int64_t ms)
{
	return ms == SPEC_INFINITY ? ENGINE_NEVER : e->now_ms + ms;
}

/* ---- child.c: one child's states */
void child_enter(struct engine *e, uint32_t n, enum child_state state, enum why why);
void child_start(struct engine *e, uint32_t n, enum why why);

void child_spawned(struct engine *e, uint32_t n);
void child_spawn_failed(struct engine *e, uint32_t n, struct end end);
void child_ready(struct engine *e, uint32_t n);
void child_exited(struct engine *e, uint32_t n, struct end end, bool gone);
void child_gone(struct engine *e, uint32_t n);
bool child_ended_normally(const struct engine *e, uint32_t n);

/* The end of a supervisor's life, from sup.c; a process comes here by itself. */
void child_life_over(struct engine *e, uint32_t n);

/* OTP's words for an entry: stopped (nothing lives and nothing is due), and its opposite for
 * rule 7. */
bool child_is_stopped_entry(const struct engine *e, uint32_t n);

/* ---- child_stop.c: a child told to go */

/* The first signal of a stop (rule 3). */
void child_signal(struct engine *e, uint32_t n, bool brutal);

/* Stops a child: whatever it is doing, this stop takes over (rules 3, 5.6, 10). Returns true when
 * nothing of it lives, so that there is nothing to wait for; else sup_child_is_down follows.
 */
bool child_stop(struct engine *e, uint32_t n, enum why why, bool brutal, enum child_state stop_to);

void child_deadline(struct engine *e, uint32_t n);
void child_ping(struct engine *e, uint32_t n);
void child_period(struct engine *e, uint32_t n, int64_t ms);
void child_extend(struct engine *e, uint32_t n, int64_t ms);
void child_unhealthy(struct engine *e, uint32_t n, enum why why);

/* ---- backoff.c */

/* The delay before the next restart of n, which has just died or failed to start; moves the streak
 * on. */
int64_t child_backoff_ms(struct engine *e, uint32_t n);

/* ---- sup.c: one supervisor. The notices from below only note a fact and queue work. */
void sup_child_is_up(struct engine *e, uint32_t n);
void sup_child_is_down(struct engine *e, uint32_t n);
void sup_child_start_failed(struct engine *e, uint32_t n);
void sup_child_died(struct engine *e, uint32_t n);

void sup_boot(struct engine *e, uint32_t n);

/* One unit of work; puts the supervisor on the work list again while there is more. */
void sup_advance(struct engine *e, uint32_t n);

void sup_enter_phase(struct engine *e, struct sup *s, enum phase phase, uint32_t cursor);

/* A restart round is complete or void: a supervisor that shows RESTARTING is RUNNING again. */
void sup_settle(struct engine *e, uint32_t n);

/* ---- sup_end.c: its end */

/* Begins, or takes over, the end of a supervisor. */
void sup_end(struct engine *e, uint32_t n, enum ending ending, enum why why, bool brutal);

void sup_advance_ending(struct engine *e, struct sup *s);

/* Parks a supervisor that is down (rule 11, on_limit): by command, or when retry_after is over, it
 * boots anew. */
void sup_park(struct engine *e, uint32_t n);

/* A retry of a parked root that fails parks it again. */
bool sup_parks_when_boot_fails(const struct engine *e, uint32_t n);

/* ---- strategy.c: rules 4 to 7 */

/* Child c exited by itself, and its turn has come (rules 4 and 7). */
void sup_handle_exit(struct engine *e, struct sup *s, uint32_t c);

/* Counts, then begins a round for the child that died or failed to start, or gives up (rules 5 and
 * 6). */
void sup_restart_round(struct engine *e, struct sup *s, uint32_t subject);

/* Stops the set of a round, then starts it, not before go_at_ms. */
void sup_begin_round(struct engine *e, struct sup *s, uint32_t subject, int64_t go_at_ms);
void sup_advance_group_stop(struct engine *e, struct sup *s);
void sup_advance_group_start(struct engine *e, struct sup *s);
uint32_t sup_round_next(const struct engine *e, const struct sup *s, uint32_t c);

/* A failed start within a round: the round is over, the child restarting (rule 5.5). */
void sup_round_failed(struct engine *e, struct sup *s, uint32_t n);

/* ---- command.c */
void command_arrive(struct engine *e, const struct command *command);
void command_run(struct engine *e, uint32_t sup_node, uint32_t slot); /* its turn has come */

/* The child that the command under way waits for is down, up, or could not be started. */
void command_child_down(struct engine *e, struct sup *s, uint32_t n);
void command_child_up(struct engine *e, struct sup *s, uint32_t n);
void command_child_failed(struct engine *e, struct sup *s, uint32_t n);

/* The subject of a round is up, or the round has failed at n, or its supervisor n ends: answers the
 * start command that made the round begin early, if one did. */
void command_round_over(struct engine *e, struct sup *s, uint32_t n, enum result result);

/* The root, which has no supervisor, is up, or could not be started. */
void command_root_done(struct engine *e, enum result result);

/* The supervisor is ending: what can't be done any more is refused. refuse_all: those in its queue;
 * returns false when the ring of actions is full before all are. */
bool command_refuse_all(struct engine *e, struct sup *s);
void command_interrupt(struct engine *e, struct sup *s);

#endif
