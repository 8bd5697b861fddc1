/* queue.c - lines on their way to standard output. */
#include "supervisor/log/queue.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct queue_entry) == 24, "no hidden padding");

/* Entries begin at multiples of their own size: none of them is cut by the ring's end. */
static_assert(JOURNAL_QUEUE % 8 == 0, "the ring's end is where an entry may begin");

static size_t entry_size(size_t n)
{
	return (sizeof(struct queue_entry) + n + 7) / 8 * 8;
}

static struct queue_entry *entry_at(struct journal *journal, uint64_t at)
{
	return (struct queue_entry *)(void *)(journal_queue(journal) + at % JOURNAL_QUEUE);
}

/* Bytes up to the ring's end. */
static size_t contiguous(uint64_t at)
{
	return JOURNAL_QUEUE - (size_t)(at % JOURNAL_QUEUE);
}

static uint64_t tail_of(const struct journal *journal)
{
	uint64_t tail = journal_tail(journal);

	for (int k = 0; k < 2; k++)
		if (journal_under_way(journal) && journal->queue_tail[k].seq == journal->batch)
			tail = journal->queue_tail[k].at;
	return tail;
}

/* At worst lines that are split and lines that are not take turns, and each needs a head for a
 * part of LOG_LINE_LEAST bytes: less than the bytes themselves. */
enum { HEADS = 4 * sizeof(struct queue_entry) };
static_assert(
	2 * (sizeof(struct queue_entry) + 8) <= LOG_LINE_LEAST, "heads are smaller than text");

size_t queue_need(size_t carry_n, size_t n)
{
	return carry_n + 2 * n + HEADS;
}

size_t queue_room(struct journal *journal, size_t carry_n, size_t reserved)
{
	size_t free_n = JOURNAL_QUEUE - (size_t)(tail_of(journal) - journal->queue_head);
	/* The ring's end makes room useless, less than the longest entry. */
	size_t room = free_n / 2;

	if (room <= reserved + carry_n + HEADS)
		return 0;
	return (room - reserved - carry_n - HEADS) / 2;
}

bool queue_fits(struct journal *journal, const struct span *span)
{
	uint64_t tail = tail_of(journal);
	size_t n = entry_size(span->a_n + span->b_n);
	size_t free_n = JOURNAL_QUEUE - (size_t)(tail - journal->queue_head);

	return n + (contiguous(tail) < n ? contiguous(tail) : 0) <= free_n;
}

void queue_add(struct journal *journal, uint32_t slot, const struct span *span)
{
	uint64_t *tail = journal_next_tail(journal);
	size_t n = span->a_n + span->b_n;
	struct queue_entry *entry;
	char *text;

	assert(queue_fits(journal, span));
	if (contiguous(*tail) < entry_size(n)) {
		/* Even a ring's end that is shorter than an entry is known by its place. */
		if (contiguous(*tail) >= sizeof(*entry))
			*entry_at(journal, *tail) = (struct queue_entry){.slot = JOURNAL_NO_SLOT};
		*tail += contiguous(*tail);
	}
	entry = entry_at(journal, *tail);
	*entry = (struct queue_entry){.time_us = journal->time_us,
		.slot = slot,
		.n = (uint32_t)n,
		.many = span->many,
		.continued = span->continued,
		.more = span->more};
	text = (char *)(entry + 1);
	memcpy(text, span->a, span->a_n);
	if (span->b_n > 0)
		memcpy(text + span->a_n, span->b, span->b_n);
	*tail += entry_size(n);
}

/* Moves *at over a ring's end that holds nothing. */
static void skip_end(struct journal *journal, uint64_t *at)
{
	if (*at < journal_tail(journal) && (contiguous(*at) < sizeof(struct queue_entry) ||
						   entry_at(journal, *at)->slot == JOURNAL_NO_SLOT))
		*at += contiguous(*at);
}

struct queue_entry *queue_first(struct journal *journal, struct span *ret)
{
	uint64_t head = journal->queue_head;
	struct queue_entry *entry;

	skip_end(journal, &head);
	__atomic_store_n(&journal->queue_head, head, __ATOMIC_RELEASE);
	if (head >= journal_tail(journal))
		return NULL;
	entry = entry_at(journal, head);
	*ret = (struct span){.a = (const char *)(entry + 1) + entry->done,
		.a_n = entry->n - entry->done,
		.many = entry->many != 0,
		.continued = entry->continued != 0,
		.more = entry->more != 0};
	return entry;
}

void queue_advance(struct journal *journal, struct queue_entry *entry, size_t n)
{
	assert(n <= entry->n - entry->done);
	if (entry->done + n == entry->n)
		queue_drop(journal, entry);
	else
		__atomic_store_n(&entry->done, entry->done + (uint32_t)n, __ATOMIC_RELEASE);
}

void queue_drop(struct journal *journal, struct queue_entry *entry)
{
	assert(entry == entry_at(journal, journal->queue_head));
	__atomic_store_n(
		&journal->queue_head, journal->queue_head + entry_size(entry->n), __ATOMIC_RELEASE);
}

const struct queue_entry *queue_next(struct journal *journal, uint64_t *at)
{
	const struct queue_entry *entry;

	if (*at < journal->queue_head)
		*at = journal->queue_head;
	skip_end(journal, at);
	if (*at >= journal_tail(journal))
		return NULL;
	entry = entry_at(journal, *at);
	*at += entry_size(entry->n);
	return entry;
}

bool queue_is_empty(const struct journal *journal)
{
	return journal->queue_head == journal_tail(journal);
}
