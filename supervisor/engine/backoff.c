/* backoff.c - how long a restart waits (rule 11): a streak, a delay that grows, and its jitter. */
#include "supervisor/engine/internal.h"

/* xorshift64*: a number in [0, bound). */
static uint64_t random_below(struct engine *e, uint64_t bound)
{
	e->random ^= e->random >> 12;
	e->random ^= e->random << 25;
	e->random ^= e->random >> 27;
	return bound == 0 ? 0 : (e->random * 2685821657736338717u >> 11) % bound;
}

int64_t child_backoff_ms(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];
	const struct spec_backoff *b = &node_child_spec(e, n)->backoff;
	int64_t delay = b->initial_ms;
	int64_t vary;

	if (node_is_sup(e, n) || b->initial_ms == 0)
		return 0;
	node->streak++;
	if (node->streak == 1)
		return 0;
	for (uint32_t i = 2; i < node->streak && delay < b->max_ms; i++)
		delay = delay * b->factor_milli / 1000;
	if (delay > b->max_ms)
		delay = b->max_ms;
	vary = e->steady ? 0 : delay * b->jitter_milli / 1000;
	return delay - vary + (int64_t)random_below(e, (uint64_t)(2 * vary + 1));
}
