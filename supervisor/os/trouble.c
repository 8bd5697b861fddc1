/* trouble.c - see trouble.h. */
#include "supervisor/os/trouble.h"

#include <stdlib.h>
#include <string.h>

void trouble_note(struct trouble **trouble, uint32_t generation, int64_t now_ms, const char *reason)
{
	const struct trouble *old = *trouble;
	uint32_t failures = old && old->generation == generation ? old->failures : 0;
	size_t size = strlen(reason) + 1;
	struct trouble *new = malloc(sizeof(*new) + size);

	free(*trouble);
	*trouble = new;
	if (!new)
		return;
	*new = (struct trouble){
		.generation = generation, .failures = failures + 1, .at_ms = now_ms};
	memcpy(new->reason, reason, size);
}

void trouble_over(struct trouble **trouble, uint32_t generation)
{
	if (*trouble && (*trouble)->generation == generation)
		trouble_free(trouble);
}

void trouble_free(struct trouble **trouble)
{
	free(*trouble);
	*trouble = NULL;
}
