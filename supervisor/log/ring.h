/* ring.h - the last lines of a child, with their times, in bounded memory. Pure.
 *
 * Grows as it is used, up to its bound; from there the oldest lines make room. */
#ifndef LOG_RING_H
#define LOG_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/log/split.h"

struct ring {
	char *data; /* malloc, NULL while empty */
	size_t size;
	size_t most;	/* what size may become */
	uint64_t first; /* offset of the oldest line, of all bytes ever added */
	uint64_t end;
};

/* A line in the ring; its text is in two parts where the ring's end lies in it. */
struct ring_line {
	int64_t time_us;
	uint8_t stream; /* enum log_stream */
	struct span text;
};

void ring_init(struct ring *ring, size_t most);
void ring_free(struct ring *ring);

/* Adds a span, or of many lines as many of the last as fit. Lines longer than a quarter of the ring
 * are cut, and marked as split. What does not fit for want of memory is not added. */
void ring_add(struct ring *ring, int64_t time_us, uint8_t stream, const struct span *span);

/* Goes through the lines, oldest first: *at is 0 at first. Returns false behind the last. */
bool ring_next(const struct ring *ring, uint64_t *at, struct ring_line *ret);

#endif
