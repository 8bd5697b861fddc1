/* play_due.h - the world of a play (play.c), and what its processes will do next.
 *
 * Each row has at most one thing that its process will do; these stand in a heap by time, then by
 * the order in which they were set. */
#ifndef ENGINE_PLAY_DUE_H
#define ENGINE_PLAY_DUE_H

#include "supervisor/engine/play.h"

enum next {
	NEXT_NOTHING,
	NEXT_SPAWNED,
	NEXT_SPAWN_FAILED,
	NEXT_READY,
	NEXT_EXIT,
	NEXT_GONE, /* its leader has exited already */
};

struct life {
	bool exists;
	bool ignores_stop;
	uint8_t next; /* enum next */
	uint32_t generation;
	uint32_t heap_at; /* ENGINE_NONE: nothing is due */
	uint32_t fail_starts;
	int64_t slow_ms;
	int64_t at_ms;
	uint64_t order;
	struct end end; /* NEXT_EXIT, NEXT_SPAWN_FAILED */
};

struct play {
	struct engine *e;
	int64_t now_ms;
	uint64_t budget;
	uint64_t order;
	play_watch *watch;
	void *context;
	struct life *life; /* by row */
	uint32_t *heap;
	uint32_t heap_n;
	bool finished;
	int status;
};

/* The row's process will do this, so long from now, and nothing that was planned before. end: with
 * NEXT_EXIT and NEXT_SPAWN_FAILED. */
void play_plan(struct play *p, uint32_t row, enum next next, int64_t delay_ms, struct end end);
void play_forget(struct play *p, uint32_t row);

#endif
