/* play_due.c - what the processes of a play will do next: a binary heap of rows. */
#include "supervisor/engine/play_due.h"

static bool earlier(const struct play *p, uint32_t a, uint32_t b)
{
	const struct life *x = &p->life[a];
	const struct life *y = &p->life[b];

	return x->at_ms < y->at_ms || (x->at_ms == y->at_ms && x->order < y->order);
}

static void place(struct play *p, uint32_t at, uint32_t row)
{
	p->heap[at] = row;
	p->life[row].heap_at = at;
}

static void sift_up(struct play *p, uint32_t at)
{
	uint32_t row = p->heap[at];

	for (; at > 0 && earlier(p, row, p->heap[(at - 1) / 2]); at = (at - 1) / 2)
		place(p, at, p->heap[(at - 1) / 2]);
	place(p, at, row);
}

static void sift_down(struct play *p, uint32_t at)
{
	uint32_t row = p->heap[at];

	for (;;) {
		uint32_t below = 2 * at + 1;

		if (below >= p->heap_n)
			break;
		if (below + 1 < p->heap_n && earlier(p, p->heap[below + 1], p->heap[below]))
			below++;
		if (!earlier(p, p->heap[below], row))
			break;
		place(p, at, p->heap[below]);
		at = below;
	}
	place(p, at, row);
}

void play_forget(struct play *p, uint32_t row)
{
	uint32_t at = p->life[row].heap_at;
	uint32_t moved;

	p->life[row].next = NEXT_NOTHING;
	if (at == ENGINE_NONE)
		return;
	p->life[row].heap_at = ENGINE_NONE;
	moved = p->heap[--p->heap_n];
	if (moved == row)
		return;
	place(p, at, moved);
	sift_up(p, at);
	sift_down(p, p->life[moved].heap_at);
}

void play_plan(struct play *p, uint32_t row, enum next next, int64_t delay_ms, struct end end)
{
	struct life *life = &p->life[row];

	play_forget(p, row);
	life->next = (uint8_t)next;
	life->at_ms = p->now_ms + delay_ms;
	life->order = p->order++;
	life->end = end;
	place(p, p->heap_n, row);
	p->heap_n++;
	sift_up(p, p->heap_n - 1);
}
