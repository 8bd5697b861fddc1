/* supctl_timeline.h - the history of events as lanes over time: one a child, with the states that
 * it went through and what ended its lives. Pure, but for the printing.
 *
 * The axis does not run evenly: the room between one moment at which something happened and the
 * next grows with the logarithm of the time between them. So the milliseconds of a cascade can be
 * told apart, and the hours before it do not push them off the page. */
#ifndef CMD_SUPCTL_TIMELINE_H
#define CMD_SUPCTL_TIMELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "supervisor/engine/engine.h"

/* What stands out on a lane. An end with exit status 0 is no death. */
enum mark { MARK_NONE, MARK_END, MARK_DEATH, MARK_FAILED_START, MARK_LIMIT };

/* A change of state. */
struct turn {
	int64_t at_ms; /* wall clock */
	enum child_state from;
	enum child_state to;
	enum mark mark;
	bool restart; /* to starting, by its supervisor */
	char *words;  /* malloc: what is said of it */
};

struct lane {
	char *path; /* malloc */
	struct turn *turns;
	size_t n;
	size_t room;
	enum child_state state; /* of one that nothing happened to */
	uint32_t restarts;	/* between begin and end; timeline_finish */
};

struct timeline {
	struct lane *lanes; /* in the order of the tree, or of their first event */
	size_t n;
	size_t room;
	int64_t begin_ms;
	int64_t end_ms;	  /* not before the last turn */
	int64_t *moments; /* at which something happened, in order, each once; timeline_finish */
	double *places;	  /* where each lies on the axis, 0 to 1 */
	size_t n_moments;
	uint64_t lost; /* events that are not kept any more */
};

void timeline_free(struct timeline *timeline);

/* Makes a lane for each node at and below a position, in the order of the tree. Returns 0 or
 * -ENOMEM. */
int timeline_lanes(struct timeline *timeline, const struct snapshot *snapshot, uint32_t position);

/* Takes an event (the interface's type Event), in their order. all: also of children that have no
 * lane yet. What is no change of state is passed over. Returns 0, -ENOMEM, or -EINVAL: it is no
 * event. */
int timeline_add(struct timeline *timeline, const json_t *event, bool all);

/* When all events are there: lays out the axis from begin_ms (INT64_MIN: the first event) to end_ms
 * (INT64_MIN: the last). Lanes beyond most are dropped, those to which nothing happened first.
 * Returns 0 or -ENOMEM. */
int timeline_finish(struct timeline *timeline, int64_t begin_ms, int64_t end_ms, size_t most);

/* Where a moment lies between begin (0) and end (1). */
double timeline_place(const struct timeline *timeline, int64_t at_ms);

/* The state of a lane just after a moment. */
enum child_state lane_state(const struct lane *lane, int64_t at_ms);

/* "14:03:07.123", of the wall clock, UTC. Returns buf. */
const char *timeline_clock(int64_t at_ms, char buf[static 40]);

void timeline_print(struct out *out, const struct timeline *timeline);
void timeline_svg(struct out *out, const struct timeline *timeline);

#endif
