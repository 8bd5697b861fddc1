/* journal.c - what the logger must not lose, in memory that outlives it. */
#include "supervisor/log/journal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct journal) <= JOURNAL_HEAD, "the head has room");
static_assert(sizeof(struct slot) <= JOURNAL_SLOT_HEAD, "a slot's head has room");
static_assert(JOURNAL_SLOT % 4096 == 0 && JOURNAL_SLOTS_AT % 4096 == 0, "slots begin on pages");
static_assert(sizeof(struct stream_state) == 32, "no hidden padding");

/* The stores of a journal happen in the order that they are written in: whoever reads them later
 * saw the writer killed in between. One process writes, so the compiler alone must be held. */
#define STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELEASE)

void journal_init(struct journal *journal)
{
	STORE(journal->magic, 0);
	memset(journal, 0, sizeof(*journal));
	STORE(journal->committed, 1);
	STORE(journal->magic, JOURNAL_MAGIC);
}

bool journal_is_sound(const struct journal *journal, size_t size)
{
	return size >= JOURNAL_SLOTS_AT && journal->magic == JOURNAL_MAGIC &&
	       journal->slots_n <= (size - JOURNAL_SLOTS_AT) / JOURNAL_SLOT &&
	       journal->pieces_n <= JOURNAL_PIECES && journal->files_n <= JOURNAL_FILES;
}

char *journal_buffer(struct journal *journal)
{
	return (char *)journal + JOURNAL_HEAD;
}

char *journal_queue(struct journal *journal)
{
	return (char *)journal + JOURNAL_HEAD + JOURNAL_BUFFER;
}

struct slot *journal_slot(struct journal *journal, uint32_t i)
{
	assert(i < journal->slots_n);
	return (struct slot *)(void *)((char *)journal + JOURNAL_SLOTS_AT +
				       (size_t)i * JOURNAL_SLOT);
}

char *slot_carry(struct slot *slot, unsigned at)
{
	assert(at < 2);
	return (char *)slot + JOURNAL_SLOT_HEAD + (size_t)at * LOG_LINE_MOST;
}

void journal_begin(struct journal *journal, int64_t time_us)
{
	assert(!journal_under_way(journal));
	journal->time_us = time_us;
	journal->tries = 0;
	journal->pieces_n = 0;
	journal->files_n = 0;
	STORE(journal->batch, journal->committed + 1);
}

bool journal_under_way(const struct journal *journal)
{
	return journal->batch > journal->committed;
}

void journal_piece_open(struct journal *journal, uint32_t slot)
{
	assert(journal_under_way(journal) && journal->pieces_n < JOURNAL_PIECES);
	journal->pieces[journal->pieces_n] = (struct journal_piece){.slot = slot};
	STORE(journal->pieces_n, journal->pieces_n + 1);
}

void journal_piece_sized(struct journal *journal, uint32_t n, uint32_t flags)
{
	struct journal_piece *piece = &journal->pieces[journal->pieces_n - 1];

	assert(journal->pieces_n > 0);
	piece->flags = flags;
	STORE(piece->n, n);
}

void journal_piece_withdraw(struct journal *journal)
{
	assert(journal->pieces_n > 0);
	STORE(journal->pieces_n, journal->pieces_n - 1);
}

void journal_written(struct journal *journal, const struct journal_file *file)
{
	assert(journal_under_way(journal) && journal->files_n < JOURNAL_FILES);
	journal->files[journal->files_n] = *file;
	STORE(journal->files_n, journal->files_n + 1);
}

void journal_commit(struct journal *journal)
{
	assert(journal_under_way(journal));
	STORE(journal->committed, journal->batch);
}

/* Forgets what the batch under way had made of states. */
static void forget(struct journal *journal)
{
	for (uint32_t i = 0; i < journal->pieces_n; i++) {
		struct slot *slot = journal_slot(journal, journal->pieces[i].slot);

		for (int k = 0; k < 2; k++)
			if (slot->state[k].seq == journal->batch)
				slot->state[k].seq = 0;
	}
	for (int k = 0; k < 2; k++)
		if (journal->queue_tail[k].seq == journal->batch)
			journal->queue_tail[k].seq = 0;
}

int journal_resume(struct journal *journal, uint32_t staged, size_t *ret_at)
{
	size_t at = 0;

	assert(journal_under_way(journal));
	if (journal->tries++ >= JOURNAL_TRIES)
		return -EBADMSG;
	for (uint32_t i = 0; i < journal->pieces_n; i++) {
		if (journal->pieces[i].slot >= journal->slots_n)
			return -EBADMSG;
		at += journal->pieces[i].n;
	}
	forget(journal);
	if (journal->pieces_n > 0 && journal->pieces[journal->pieces_n - 1].n == 0 && staged > 0) {
		/* Killed between the splice and the store of its size. */
		journal_piece_sized(journal, staged, 0);
		at += staged;
	}
	if (staged > at || at > JOURNAL_BUFFER)
		return -EBADMSG;
	*ret_at = at - staged;
	return 0;
}

void journal_give_up(struct journal *journal)
{
	journal->pieces_n = 0;
	journal->files_n = 0;
	/* With the number of the batch nothing that it made becomes valid. */
	for (uint32_t i = 0; i < journal->slots_n; i++) {
		struct slot *slot = journal_slot(journal, i);

		for (int k = 0; k < 2; k++)
			if (slot->state[k].seq == journal->batch)
				slot->state[k].seq = 0;
	}
	for (int k = 0; k < 2; k++)
		if (journal->queue_tail[k].seq == journal->batch)
			journal->queue_tail[k].seq = 0;
	STORE(journal->batch, journal->committed);
}

void journal_files_cut(struct journal *journal)
{
	STORE(journal->files_n, 0);
}

/* Of two numbers the index of the greatest that is not beyond committed. */
static unsigned valid_of(uint64_t committed, uint64_t first, uint64_t second)
{
	if (second > committed)
		return 0;
	return first > committed || second > first;
}

const struct stream_state *slot_state(const struct journal *journal, const struct slot *slot)
{
	return &slot->state[valid_of(journal->committed, slot->state[0].seq, slot->state[1].seq)];
}

struct stream_state *slot_next(const struct journal *journal, struct slot *slot)
{
	const struct stream_state *now = slot_state(journal, slot);
	struct stream_state *next = &slot->state[now == &slot->state[0]];

	assert(journal_under_way(journal));
	if (next->seq == journal->batch)
		return next;
	*next = *now;
	next->seq = journal->batch;
	return next;
}

static unsigned valid_tail(const struct journal *journal)
{
	return valid_of(journal->committed, journal->queue_tail[0].seq, journal->queue_tail[1].seq);
}

uint64_t journal_tail(const struct journal *journal)
{
	return journal->queue_tail[valid_tail(journal)].at;
}

uint64_t *journal_next_tail(struct journal *journal)
{
	unsigned now = valid_tail(journal);
	struct journal_tail *next = &journal->queue_tail[1 - now];

	assert(journal_under_way(journal));
	if (next->seq != journal->batch)
		*next = (struct journal_tail){journal->batch, journal->queue_tail[now].at};
	return &next->at;
}
