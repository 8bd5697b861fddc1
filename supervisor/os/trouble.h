/* trouble.h - what is remembered of the health checks of one child that failed: for whoever asks
 * why it is not well, or was stopped. */
#ifndef OS_TROUBLE_H
#define OS_TROUBLE_H

#include <stdint.h>

struct trouble {
	uint32_t generation; /* the life that was checked */
	uint32_t failures;   /* in a row, those that do not count included */
	int64_t at_ms;	     /* the last of them */
	char reason[];	     /* its own words, a line */
};

/* Notes a failure; what was noted of an earlier life is forgotten. *trouble is malloc, NULL: none
 * yet; NULL too when there is no memory: it is only words. */
void trouble_note(
	struct trouble **trouble, uint32_t generation, int64_t now_ms, const char *reason);

/* A success: forgets the failures of this life. What ended an earlier life stays. */
void trouble_over(struct trouble **trouble, uint32_t generation);

void trouble_free(struct trouble **trouble);

#endif
