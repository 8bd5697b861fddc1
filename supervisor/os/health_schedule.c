/* health_schedule.c - see health_schedule.h. */
#include "supervisor/os/health_schedule.h"

#include <stdbool.h>
#include <stdlib.h>

enum { VARIATION = 10 /* an interval is varied by up to one part in so many */ };

struct health_schedule {
	uint32_t *heap;	 /* rows, the earliest first */
	uint32_t *at;	 /* by row: its place in the heap and one more; 0: it is not there */
	int64_t *due_ms; /* by row */
	uint32_t n;
	uint64_t random;
};

struct health_schedule *health_schedule_new(uint32_t capacity, uint64_t seed)
{
	struct health_schedule *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->heap = calloc(capacity, sizeof(*s->heap));
	s->at = calloc(capacity, sizeof(*s->at));
	s->due_ms = calloc(capacity, sizeof(*s->due_ms));
	if (!s->heap || !s->at || !s->due_ms) {
		health_schedule_free(s);
		return NULL;
	}
	s->random = seed;
	return s;
}

void health_schedule_free(struct health_schedule *schedule)
{
	if (!schedule)
		return;
	free(schedule->heap);
	free(schedule->at);
	free(schedule->due_ms);
	free(schedule);
}

/* ---- the dice (splitmix64) */

static uint64_t throw_dice(struct health_schedule *s)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int64_t health_schedule_phase(struct health_schedule *schedule, int64_t interval_ms)
{
	return (int64_t)(throw_dice(schedule) % (uint64_t)interval_ms);
}

int64_t health_schedule_step(struct health_schedule *schedule, int64_t interval_ms)
{
	const int64_t most = interval_ms / VARIATION;
	const int64_t step = interval_ms - most + health_schedule_phase(schedule, 2 * most + 1);

	return step > 0 ? step : 1;
}

/* ---- the heap */

static bool is_before(const struct health_schedule *s, uint32_t a, uint32_t b)
{
	return s->due_ms[s->heap[a]] < s->due_ms[s->heap[b]];
}

static void put(struct health_schedule *s, uint32_t place, uint32_t row)
{
	s->heap[place] = row;
	s->at[row] = place + 1;
}

static void swap(struct health_schedule *s, uint32_t a, uint32_t b)
{
	uint32_t row = s->heap[a];

	put(s, a, s->heap[b]);
	put(s, b, row);
}

static void settle(struct health_schedule *s, uint32_t place)
{
	while (place > 0 && is_before(s, place, (place - 1) / 2)) {
		swap(s, place, (place - 1) / 2);
		place = (place - 1) / 2;
	}
	for (;;) {
		uint32_t child = 2 * place + 1;

		if (child + 1 < s->n && is_before(s, child + 1, child))
			child++;
		if (child >= s->n || !is_before(s, child, place))
			return;
		swap(s, place, child);
		place = child;
	}
}

void health_schedule_set(struct health_schedule *schedule, uint32_t row, int64_t due_ms)
{
	schedule->due_ms[row] = due_ms;
	if (schedule->at[row] == 0)
		put(schedule, schedule->n++, row);
	settle(schedule, schedule->at[row] - 1);
}

void health_schedule_clear(struct health_schedule *schedule, uint32_t row)
{
	uint32_t place = schedule->at[row] - 1;

	if (schedule->at[row] == 0)
		return;
	schedule->at[row] = 0;
	if (place == --schedule->n)
		return;
	put(schedule, place, schedule->heap[schedule->n]);
	settle(schedule, place);
}

int64_t health_schedule_next_ms(const struct health_schedule *schedule)
{
	return schedule->n > 0 ? schedule->due_ms[schedule->heap[0]] : INT64_MAX;
}

uint32_t health_schedule_take(struct health_schedule *schedule, int64_t now_ms)
{
	uint32_t row;

	if (health_schedule_next_ms(schedule) > now_ms)
		return UINT32_MAX;
	row = schedule->heap[0];
	health_schedule_clear(schedule, row);
	return row;
}
