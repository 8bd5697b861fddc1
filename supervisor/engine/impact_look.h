/* impact_look.h - what impact.c and impact_watch.c share: one look ahead. */
#ifndef ENGINE_IMPACT_LOOK_H
#define ENGINE_IMPACT_LOOK_H

#include "supervisor/engine/impact.h"
#include "supervisor/engine/play.h"

enum { IMPACT_STEPS_MAX = 8192 };

/* A level of the chain, seen from the supervisor above it, which counts its restarts. */
struct level {
	uint32_t index;
	uint32_t window_n;	/* of its own window, if it is a supervisor: when last looked at, */
	int64_t window_last_ms; /* and its latest time */
	bool hit;		/* its limit was hit before */
	bool down;		/* its end was reported, and not yet counted */
	uint32_t pending;	/* the count of its restart, to be told when its end was */
	uint32_t equal;		/* restarts of it at the same interval, the last ones */
	int64_t interval_ms;	/* -1: none yet */
	int64_t restarted_ms;	/* -1: not yet */
};

struct look {
	struct impact *impact;
	struct play *play;
	int64_t began_ms;
	bool recording;
	bool detail;			    /* what stops and starts is told */
	uint32_t listed[IMPACT_WHAT_COUNT]; /* in this death, */
	uint32_t last[IMPACT_WHAT_COUNT];   /* and the last of them: a step */
	uint32_t levels;
	struct level level[SPEC_DEPTH_MAX + 1];
};

/* Adds a step, as long as there is room. what, index, time and death are filled in. */
void impact_note(struct look *look, enum impact_what what, uint32_t index, struct impact_step step);

/* Is what happens to this level news? Not after the level above it has come back once. */
bool impact_is_news(const struct look *look, uint32_t i);

/* What the windows have counted since they were looked at last. */
void impact_windows(struct look *look);

/* Sees each action of the play; context is the look. */
void impact_watch(void *context, struct play *p, const struct action *action);

/* Nothing has been told of this death yet. */
void impact_begin_death(struct look *look);

#endif
