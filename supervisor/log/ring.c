/* ring.c - the last lines of a child, with their times, in bounded memory. */
#include "supervisor/log/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RING_LEAST = 2048 };

struct entry {
	int64_t time_us;
	uint32_t n;
	uint8_t stream;
	uint8_t continued;
	uint8_t more;
	uint8_t pad;
};

void ring_init(struct ring *ring, size_t most)
{
	*ring = (struct ring){.most = most};
}

void ring_free(struct ring *ring)
{
	free(ring->data);
	ring_init(ring, ring->most);
}

/* Copies to or from an offset, around the ring's end. */
static void copy_in(struct ring *ring, uint64_t at, const void *bytes, size_t n)
{
	size_t place = at % ring->size;
	size_t first = n < ring->size - place ? n : ring->size - place;

	memcpy(ring->data + place, bytes, first);
	if (n > first)
		memcpy(ring->data, (const char *)bytes + first, n - first);
}

static void copy_out(const struct ring *ring, uint64_t at, void *bytes, size_t n)
{
	size_t place = at % ring->size;
	size_t first = n < ring->size - place ? n : ring->size - place;

	memcpy(bytes, ring->data + place, first);
	if (n > first)
		memcpy((char *)bytes + first, ring->data, n - first);
}

/* Doubles the ring. Offsets stay as they are, places change. */
static bool grow(struct ring *ring)
{
	size_t kept = (size_t)(ring->end - ring->first);
	struct ring larger = *ring;

	larger.size = ring->size ? ring->size * 2 : RING_LEAST;
	if (larger.size > ring->most)
		larger.size = ring->most;
	if (larger.size <= ring->size)
		return false;
	larger.data = malloc(larger.size);
	if (!larger.data)
		return false;
	for (size_t done = 0; done < kept;) {
		assert(ring->size > 0);
		size_t place = (ring->first + done) % ring->size;
		size_t n = ring->size - place < kept - done ? ring->size - place : kept - done;

		copy_in(&larger, ring->first + done, ring->data + place, n);
		done += n;
	}
	free(ring->data);
	*ring = larger;
	return true;
}

/* Makes room for n bytes more: by growing, else at the cost of the oldest. */
static bool make_room(struct ring *ring, size_t n)
{
	while (ring->size - (size_t)(ring->end - ring->first) < n) {
		struct entry entry;

		if (grow(ring))
			continue;
		if (ring->first == ring->end)
			return false;
		copy_out(ring, ring->first, &entry, sizeof(entry));
		ring->first += sizeof(entry) + entry.n;
	}
	return true;
}

static void add_line(struct ring *ring, int64_t time_us, uint8_t stream, const struct span *line)
{
	size_t longest = ring->most / 4;
	size_t a_n = line->a_n < longest ? line->a_n : longest;
	size_t b_n = line->b_n < longest - a_n ? line->b_n : longest - a_n;
	struct entry entry = {.time_us = time_us,
		.n = (uint32_t)(a_n + b_n),
		.stream = stream,
		.continued = line->continued,
		.more = line->more || a_n < line->a_n || b_n < line->b_n};

	if (!make_room(ring, sizeof(entry) + entry.n))
		return;
	copy_in(ring, ring->end, &entry, sizeof(entry));
	copy_in(ring, ring->end + sizeof(entry), line->a, a_n);
	if (b_n > 0)
		copy_in(ring, ring->end + sizeof(entry) + a_n, line->b, b_n);
	ring->end += sizeof(entry) + entry.n;
}

void ring_add(struct ring *ring, int64_t time_us, uint8_t stream, const struct span *span)
{
	const char *at = span->a;
	const char *end = span->a + span->a_n;

	if (!span->many) {
		add_line(ring, time_us, stream, span);
		return;
	}
	if (span->a_n > ring->most) {
		/* The first of these would be gone before the last is added. */
		at = memchr(end - ring->most, '\n', ring->most);
		assert(at);
		at++;
	}
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct span line = {.a = at, .a_n = (size_t)(newline - at)};

		assert(newline);
		add_line(ring, time_us, stream, &line);
		at = newline + 1;
	}
}

bool ring_next(const struct ring *ring, uint64_t *at, struct ring_line *ret)
{
	struct entry entry;
	size_t place;

	if (*at < ring->first)
		*at = ring->first;
	if (*at >= ring->end)
		return false;
	copy_out(ring, *at, &entry, sizeof(entry));
	place = (*at + sizeof(entry)) % ring->size;
	*ret = (struct ring_line){
		.time_us = entry.time_us,
		.stream = entry.stream,
		.text = {.a = ring->data + place,
			.a_n = entry.n < ring->size - place ? entry.n : ring->size - place,
			.b = ring->data,
			.continued = entry.continued != 0,
			.more = entry.more != 0},
	};
	ret->text.b_n = entry.n - ret->text.a_n;
	*at += sizeof(entry) + entry.n;
	return true;
}
