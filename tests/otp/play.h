/* play.h - what the two halves of playing a case with the engine share. */
#ifndef OTP_PLAY_H
#define OTP_PLAY_H

#include "supervisor/engine/engine.h"
#include "tests/otp/case.h"
#include "tests/sim/world.h"

enum { LINES_MAX = 4096, CALLS_MAX = 16 };

struct line {
	const char *word;
	const char *rest; /* after the path */
	uint32_t node;	  /* SPEC_NONE: no path */
};

/* What is known of a node; all of it is about its present life, but for fails. */
struct actor {
	char path[CASE_PATH_MAX];
	uint32_t fails;	    /* starts to come that fail */
	bool left;	    /* the script made it exit */
	bool stillborn;	    /* its start fails */
	bool killed;	    /* it was sent SIGKILL */
	bool asked;	    /* a supervisor: its stop was asked for, by its parent or the program */
	int64_t stopped_ms; /* when its stop began */
	uint32_t first;	    /* and the line of that moment */
};

struct player {
	const struct otp_case *c;
	struct world *w;
	FILE *out;
	uint32_t lines;
	uint64_t given; /* commands, so far: the world numbers them so */
	uint32_t calls; /* in this block */
	uint64_t token[CALLS_MAX];
	const char *reply[CALLS_MAX];
	uint32_t late;	      /* the first call that came after the exits of such a block */
	uint32_t caller_of;   /* in a block of several things: their supervisor, */
	uint32_t caller_life; /* and which life of it they were for */
	struct line line[LINES_MAX];
	struct actor actor[CASE_NODES_MAX];
};

/* Adds a line to the trace of this block; node SPEC_NONE: no path in it. */
void trace_say(struct player *p, const char *word, uint32_t node, const char *rest);

/* To be called for every action: a world_watch, whose context is the player. */
void trace_watch(void *context, struct world *w, const struct action *action, uint32_t node);

/* The state of a node's entry, CHILD_REMOVED when it has none; then *ret_view is not touched. */
enum child_state trace_state(const struct player *p, uint32_t node, struct view *ret_view);

/* Writes the block, and begins the next. */
void trace_end_block(struct player *p);

#endif
