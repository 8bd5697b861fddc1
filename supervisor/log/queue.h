/* queue.h - lines on their way to standard output, in memory that outlives the logger. Pure.
 *
 * A ring of the journal. What a batch adds is there when the batch is committed; what was written
 * is taken off by one store. Entries hold lines as they came: they are formatted when their turn
 * comes, so that their room is known before they are read. */
#ifndef LOG_QUEUE_H
#define LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/log/journal.h"
#include "supervisor/log/split.h"

struct queue_entry {
	int64_t time_us;
	uint32_t slot; /* JOURNAL_NO_SLOT: nothing, up to the ring's end */
	uint32_t n;
	uint32_t done; /* bytes of its whole lines that were written */
	uint8_t many;  /* as in struct span */
	uint8_t continued;
	uint8_t more;
	uint8_t pad;
};

/* What n bytes need at most, read with a carry of carry_n before them, however they fall into
 * spans. */
size_t queue_need(size_t carry_n, size_t n);

/* Bytes that a stream may read for their spans to fit surely, when reserved is what all that is
 * still to be added needs; 0: it must wait. */
size_t queue_room(struct journal *journal, size_t carry_n, size_t reserved);

/* Does a span surely fit, in the batch under way? */
bool queue_fits(struct journal *journal, const struct span *span);

/* Adds one that fits. */
void queue_add(struct journal *journal, uint32_t slot, const struct span *span);

/* The oldest that is committed, and what is left of it; NULL: none. */
struct queue_entry *queue_first(struct journal *journal, struct span *ret);

/* n bytes of the first, a `many`, were written. */
void queue_advance(struct journal *journal, struct queue_entry *entry, size_t n);
/* All of it was. */
void queue_drop(struct journal *journal, struct queue_entry *entry);

/* Goes through the committed ones: *at is 0 at first. NULL behind the last. */
const struct queue_entry *queue_next(struct journal *journal, uint64_t *at);

bool queue_is_empty(const struct journal *journal);

#endif
