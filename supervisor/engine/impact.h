/* impact.h - what if this child died now, and what if it kept dying? The engine itself answers, a
 * copy of it in a fake world (play.h).
 *
 * In that world all that is started is ready at once, what is told to stop goes at once, nothing
 * else dies, and backoff has no jitter. Bounded in time and in memory, for a question that supd
 * answers while it supervises. */
#ifndef ENGINE_IMPACT_H
#define ENGINE_IMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/engine/engine.h"

/* clang-format off */
#define IMPACT_WHATS(X) \
	X(DIES, "dies") /* the child in question; a supervisor: gives up */ \
	X(COUNTS, "counts") /* a supervisor, with that restart */ \
	X(WAITS, "waits") /* the child in question, for its backoff */ \
	X(STOPS, "stops") \
	X(STARTS, "starts") \
	X(REMOVED, "removed") /* no entry any more */ \
	X(NOT_RESTARTED, "not_restarted") /* its entry stays, exited */ \
	X(GIVES_UP, "gives_up") /* a supervisor above: its limit is reached */ \
	X(SHUTS_DOWN, "shuts_down") /* a supervisor above: by auto_shutdown */ \
	X(PARKED, "parked") \
	X(ENDS, "ends") /* the program */
/* clang-format on */
#define IMPACT_ENUM_WHAT(id, text) IMPACT_##id,
enum impact_what { IMPACT_WHATS(IMPACT_ENUM_WHAT) IMPACT_WHAT_COUNT };
const char *impact_what_name(unsigned what);

struct impact_step {
	int64_t at_ms;	/* since the first death */
	uint32_t death; /* which death brought it, from 1 */
	uint32_t index; /* of the entry; COUNTS: the supervisor */
	uint32_t child; /* COUNTS: which child of it is restarted */
	uint32_t count; /* COUNTS: restarts in the window, this one included; STOPS, STARTS,
			   REMOVED: so many more than this one, which have no steps of their own */
	int64_t ms;	/* WAITS: the delay; PARKED: until the next try (ENGINE_NEVER: none) */
	int status;	/* ENDS */
	uint8_t what;	/* enum impact_what */
	bool again;	/* GIVES_UP, SHUTS_DOWN: not for the first time */
};

enum impact_outcome {
	IMPACT_NOT_RUNNING, /* it cannot die: it does not run, and cannot be started */
	IMPACT_TREE_ENDS,   /* the last step says with which status */
	IMPACT_FOR_EVER,    /* `forever` is restarted each forever_ms, and no limit is ever hit */
	IMPACT_STAYS_DOWN, /* `down` (it, or one above it) is not started again; all else goes on */
	IMPACT_UNDECIDED,  /* the bounds were reached first */
};

struct impact {
	struct engine *engine;		   /* of the fake world, for names; owned */
	struct view view;		   /* of it, when asked */
	bool assumed;			   /* it did not run: it was started first */
	uint32_t first_steps;		   /* so many steps belong to the first death */
	enum impact_outcome first_outcome; /* when only the first death is looked at:
					      UNDECIDED = it is up again */
	enum impact_outcome outcome;
	uint32_t deaths; /* in all */
	int64_t at_ms;	 /* the end of the look, since the first death */
	uint32_t down;
	uint32_t forever;
	int64_t forever_ms;
	bool truncated; /* more happened than there are steps */
	uint32_t n;
	struct impact_step *step; /* owned */
};

/* The steps tell of the first death in full; of the later ones what counts against each limit until
 * that limit is hit for the first time, and what stops and starts when it is; after that only how
 * the next level up counts. index: an entry. now_ms: of the loop. Returns NULL when memory ran out.
 * e itself is only read. */
struct impact *impact_look(const struct engine *e, uint32_t index, int64_t now_ms);
void impact_free(struct impact *impact);

#endif
