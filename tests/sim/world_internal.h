/* world_internal.h - what the files of the world share. */
#ifndef SIM_WORLD_INTERNAL_H
#define SIM_WORLD_INTERNAL_H

#include "tests/sim/world.h"

enum {
	WORLD_COMMANDS_MAX = 4096,
	WORLD_PATH_MAX = 1024,
	WORLD_ROOM = 16, /* rows for children that come at run time */
};

/* A text that grows. */
struct text {
	char *at;
	size_t n;
	size_t size;
};

/* Something that the kernel will report: when, and after what else of that moment. */
struct due {
	int64_t at_ms; /* WORLD_NEVER: not going to happen */
	uint64_t order;
};

/* The process of a row, from ACT_SPAWN until the engine was told that nothing of it is left. */
struct life {
	bool exists;
	bool leader;  /* has not exited */
	bool members; /* others of its group live */
	uint32_t generation;
	struct end end; /* how the leader ends, when exit is due */
	struct due spawned;
	struct due ready;
	struct due exit;
	struct due gone;
};

/* How the processes of a path behave. */
struct manner {
	char *path;
	int fail_spawns;
	int64_t stop_delay_ms;
	struct end stop_end;
	bool leaves_group;
	int64_t group_delay_ms;
	int64_t spawn_delay_ms;
	int64_t ready_delay_ms;
};

/* What the shell keeps of a child that came at run time; the engine holds a pointer to it until it
 * gives it back. */
struct extra {
	struct addition add;
	char *path;
	char *name;	   /* until it came back */
	struct spec *spec; /* a block of its own, until it came back; NULL: the tree's */
	bool kept;	   /* the command was answered, and there is an entry */
	bool back;
};

/* A row of the engine, as the reports tell it. */
struct row {
	char *path; /* NULL: never seen */
	struct extra *extra;
	uint32_t node; /* in the tree's block, of an instance its template; else SPEC_NONE */
	uint32_t parent;
	uint32_t manner;
	bool is_process;
	uint32_t generation;	/* the highest that was spawned */
	enum child_state state; /* CHILD_REMOVED: no row */
	bool touched;		/* reported in this step */
};

struct world {
	struct spec *spec;
	struct engine *engine;
	uint32_t capacity;
	int64_t now_ms;
	uint64_t order;
	uint32_t steps_of_time; /* EV_TIME in a row in one moment */
	uint32_t alive;
	bool held;
	bool bursts;
	bool saves;
	bool finished;
	bool show_states;
	bool show_ends;
	struct life *life;     /* by row */
	struct row *row;       /* by row */
	struct manner *manner; /* the first are those of the nodes */
	uint32_t manners;
	uint64_t commands;
	struct extra *extra[WORLD_COMMANDS_MAX + 1]; /* by token; NULL: no addition */
	uint32_t additions;
	uint32_t last_prev; /* prev of the last report of REMOVED */
	uint32_t kept;	    /* extras that the engine must have a row for */
	bool replied[WORLD_COMMANDS_MAX + 1];
	world_watch *watch;
	void *watch_context;
	struct text trace;
	struct text history;
	char label[256];
};

/* The moment delay_ms from now, after all that is already due then. */
struct due world_due_in(struct world *w, int64_t delay_ms);
/* The leader will end like this; what comes first counts. */
void world_end_leader(struct life *life, struct due when, struct end end);
/* Lets everything happen that is due now. */
void world_settle(struct world *w);

/* ---- world_rows.c */

void world_make_rows(struct world *w);
void world_free_rows(struct world *w);
/* The row that an action is about, known from now on. */
void world_learn_row(struct world *w, uint32_t index);
/* The path as the test means it, in full: of the tree, or of a child that came at run time. */
const char *world_full_path(
	const struct world *w, const char *path, char buf[static WORLD_PATH_MAX]);
uint32_t world_row_of(struct world *w, const char *path);
struct manner *world_manner_of(struct world *w, const char *path);
/* extra came with an action: it must be the right one, and come once. */
void world_take_back(struct world *w, const struct action *action);
/* The laws that hold between two steps, of a row, and of all children that came at run time. */
void world_check_row(struct world *w, uint32_t index);
void world_check_extras(struct world *w);

/* ---- world_save.c */

/* Puts an engine that was saved and loaded in the place of this one. */
void world_reload(struct world *w);

/* ---- world_text.c */

/* Adds an item to the trace and a line to the history. */
__attribute__((format(printf, 2, 3))) void world_note(struct world *w, const char *format, ...);
/* Adds a line to the history alone. */
__attribute__((format(printf, 2, 3))) void world_remark(struct world *w, const char *format, ...);
void world_note_action(struct world *w, const struct action *action);
void world_remark_event(struct world *w, const struct event *event);

#endif
