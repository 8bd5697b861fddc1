/* case.h - a random case: a tree, how its processes behave, and what befalls it.
 *
 * Everything comes from one seed, which is printed with a failure. PROP_SEED=N begins with another
 * seed, PROP_CASES=N plays another number of cases; PROP_SEED=N PROP_CASES=1 plays one again. */
#ifndef SIM_CASE_H
#define SIM_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/world.h"

/* What may occur in a case. */
struct flavour {
	bool slow; /* delays of spawns, readiness and stops, backoff, processes that do not obey */
	bool failing;	/* spawns fail */
	bool groups;	/* leaders leave others of their group behind */
	bool killing;	/* supervisors with a time or brutal_kill, brutal shutdown */
	bool commanded; /* operators give commands */
	bool bursts;	/* the shell pauses after a burst of spawns */
	bool late;	/* dynamic supervisors, and children added to others */
	bool significant;
	bool parking;
	bool concurrent; /* boots */
	bool saved;	 /* the engine is saved and loaded after every step */
};

enum { CASE_COMMANDS_MAX = 512, CASE_ROWS_MAX = 96 };

struct play {
	uint64_t seed;
	uint64_t random;
	const struct flavour *flavour;
	struct world *w;
	const struct spec *spec;
	char *tree;
	uint32_t commands;
	enum command_kind command[CASE_COMMANDS_MAX + 1]; /* by token */
};

/* Makes the world of a case and boots it. watch (may be NULL) sees every action; its context is the
 * play. */
void case_begin(struct play *play, uint64_t seed, const struct flavour *flavour, world_watch *watch,
	void *context);
/* Plays steps random events, less when the program ends before. */
void case_play(struct play *play, uint32_t steps);
/* Ends the program, if need be by force, and sees that it has ended. */
void case_end(struct play *play);
void case_free(struct play *play);

/* A number below bound, and 0 <= result. */
uint32_t case_below(struct play *play, uint32_t bound);
/* The node after the subtree of node. */
uint32_t case_subtree_end(const struct spec *spec, uint32_t node);

uint64_t case_first_seed(void);
uint32_t case_count(uint32_t usual);

#endif
