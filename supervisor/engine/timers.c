/* timers.c - deadlines: a binary heap of nodes, each node at most once.
 *
 * Ties are broken by node number, so that equal deadlines fire in the same order in every run. */
#include <assert.h>

#include "supervisor/engine/internal.h"

static bool earlier(const struct engine *e, uint32_t a, uint32_t b)
{
	int64_t x = e->node[a].deadline_ms;
	int64_t y = e->node[b].deadline_ms;

	return x < y || (x == y && a < b);
}

static void place(struct engine *e, uint32_t at, uint32_t n)
{
	e->heap[at] = n;
	e->node[n].heap_at = at;
}

static void sift_up(struct engine *e, uint32_t at)
{
	uint32_t n = e->heap[at];

	while (at > 0 && earlier(e, n, e->heap[(at - 1) / 2])) {
		place(e, at, e->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(e, at, n);
}

static void sift_down(struct engine *e, uint32_t at)
{
	uint32_t n = e->heap[at];

	for (;;) {
		uint32_t below = 2 * at + 1;

		if (below >= e->heap_n)
			break;
		if (below + 1 < e->heap_n && earlier(e, e->heap[below + 1], e->heap[below]))
			below++;
		if (!earlier(e, e->heap[below], n))
			break;
		place(e, at, e->heap[below]);
		at = below;
	}
	place(e, at, n);
}

void timer_clear(struct engine *e, uint32_t n)
{
	uint32_t at = e->node[n].heap_at;
	uint32_t moved;

	if (at == ENGINE_NONE)
		return;
	assert(at < e->heap_n && e->heap[at] == n);
	e->node[n].heap_at = ENGINE_NONE;
	moved = e->heap[--e->heap_n];
	if (moved == n)
		return;
	place(e, at, moved);
	sift_up(e, at);
	sift_down(e, e->node[moved].heap_at);
}

void timer_set(struct engine *e, uint32_t n, int64_t deadline_ms)
{
	timer_clear(e, n);
	if (deadline_ms == ENGINE_NEVER)
		return;
	assert(e->heap_n < e->capacity);
	e->node[n].deadline_ms = deadline_ms;
	place(e, e->heap_n, n);
	e->heap_n++;
	sift_up(e, e->heap_n - 1);
}

uint32_t timer_take_due(struct engine *e)
{
	uint32_t n;

	if (e->heap_n == 0 || e->node[e->heap[0]].deadline_ms > e->now_ms)
		return ENGINE_NONE;
	n = e->heap[0];
	timer_clear(e, n);
	return n;
}

int64_t engine_deadline_ms(const struct engine *e)
{
	return e->heap_n == 0 ? ENGINE_NEVER : e->node[e->heap[0]].deadline_ms;
}
