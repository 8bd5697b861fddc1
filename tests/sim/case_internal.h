/* case_internal.h - what the files of the random cases share. */
#ifndef SIM_CASE_INTERNAL_H
#define SIM_CASE_INTERNAL_H

#include "tests/sim/case.h"

/* One time in n. */
bool case_once_in(struct play *play, uint32_t n);

/* A tree of up to about forty nodes and five levels, as text (malloc). */
char *case_random_tree(struct play *play);
void case_random_manners(struct play *play);

#endif
