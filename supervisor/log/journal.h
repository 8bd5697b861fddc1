/* journal.h - what the logger must not lose, in memory that outlives it. Pure: it sees memory only.
 *
 * The memory is a memfd that supd holds over the logger's deaths. In it lie a buffer with the bytes
 * of the batch under way, the unfinished lines of all streams, and the lines on their way to
 * standard output.
 *
 * A batch is some pieces, each so many bytes of one stream, which go to their files and are then
 * committed by one store. A kill at any instant leaves one of these, and the successor takes it up:
 *
 *   nothing under way             batch <= committed: nothing to do
 *   bytes in the stage pipe       the last piece: what the pipe holds is the end of it, what came
 *                                 before is in the buffer already. Read the rest
 *   bytes in the buffer           cut the files back to their offsets, do the batch again
 *   committed                     the store was done: nothing to do
 *
 * What a batch changes of a stream it writes into the one of two states that is not valid; valid is
 * the one with the greatest number that is not beyond `committed`. */
#ifndef LOG_JOURNAL_H
#define LOG_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/wire/log_message.h"

#define JOURNAL_MAGIC 0x31676f4c70755373u /* "suLog1" with its layout's version */

enum {
	JOURNAL_PIECES = 64,
	JOURNAL_FILES = 64,
	JOURNAL_TRIES = 20,
	JOURNAL_HEAD = 8192,
	JOURNAL_BUFFER = 512 * 1024,
	JOURNAL_QUEUE = 1024 * 1024,
	JOURNAL_SLOT_HEAD = 12288,
	JOURNAL_SLOT = JOURNAL_SLOT_HEAD + 2 * LOG_LINE_MOST,
};
#define JOURNAL_SLOTS_AT ((size_t)(JOURNAL_HEAD + JOURNAL_BUFFER + JOURNAL_QUEUE))
#define JOURNAL_NO_SLOT UINT32_MAX

/* What is known of a stream once a batch is committed. */
struct stream_state {
	uint64_t seq;	   /* the batch that made it */
	uint64_t bytes;	   /* read from the pipe */
	uint64_t lines;	   /* the lines among them, parts of split ones counted each */
	uint32_t carry_n;  /* bytes of the line that has not ended yet, */
	uint8_t carry_at;  /* in this one of the two */
	uint8_t continued; /* bool: the carry goes on with a line that was split */
	uint8_t pad[2];
};

/* A stream's place. Bytes are touched, and take memory, as they are needed. */
struct slot {
	uint64_t used; /* 0: free */
	struct stream_state state[2];
	/* Only counted, outside of any batch. */
	uint64_t dropped_bytes;
	uint64_t dropped_lines;
	uint64_t rotations;
	int32_t error; /* the last errno that made it drop; 0: none */
	uint32_t message_n;
	char message[LOG_MESSAGE_MAX]; /* LOG_MESSAGE_STREAM: who it is, and how it is written */
};

enum { PIECE_FLUSH = 1 };

struct journal_piece {
	uint32_t slot;
	uint32_t n; /* 0 in the last piece: not known yet */
	uint32_t flags;
	uint32_t pad;
};

/* Where the batch began to write a file. */
struct journal_file {
	uint64_t device;
	uint64_t inode;
	uint64_t offset;
	uint32_t slot; /* a stream that is written to it */
	uint32_t pad;
};

/* The end of the queue, as the states of streams: two of it. */
struct journal_tail {
	uint64_t seq;
	uint64_t at;
};

struct journal {
	uint64_t magic;	    /* written last */
	uint64_t committed; /* the batch that was finished last */
	uint64_t batch;	    /* committed + 1: it is under way */
	int64_t time_us;    /* its time, so that it is the same when it is done again */
	uint64_t queue_head;
	struct journal_tail queue_tail[2];
	uint32_t tries; /* how often the batch was resumed */
	uint32_t pad;
	uint32_t queue_torn; /* part of a line was written to standard output */
	uint32_t slots_n;    /* slots that the memory has room for */
	uint32_t pieces_n;
	uint32_t files_n;
	struct journal_piece pieces[JOURNAL_PIECES];
	struct journal_file files[JOURNAL_FILES];
};

/* Empties the memory, which has room for its head, buffer and queue, and is all zero or was left by
 * another version. */
void journal_init(struct journal *journal);

/* Is this memory, of size bytes, what journal_init made, by this version? */
bool journal_is_sound(const struct journal *journal, size_t size);

char *journal_buffer(struct journal *journal);
char *journal_queue(struct journal *journal);
struct slot *journal_slot(struct journal *journal, uint32_t i); /* i < slots_n */
char *slot_carry(struct slot *slot, unsigned at);		/* LOG_LINE_MOST bytes */

/* A batch, in this order: begin; for each piece open, then sized with what was spliced, or
 * withdrawn; written for each file before its first write; commit. */
void journal_begin(struct journal *journal, int64_t time_us);
bool journal_under_way(const struct journal *journal);
void journal_piece_open(struct journal *journal, uint32_t slot);
void journal_piece_sized(struct journal *journal, uint32_t n, uint32_t flags);
void journal_piece_withdraw(struct journal *journal);
void journal_written(struct journal *journal, const struct journal_file *file);
void journal_commit(struct journal *journal);

/* What a predecessor left under way: the bytes of the last piece that are missing are the staged
 * ones in the stage pipe. *ret_at: where in the buffer they belong. Forgets what the batch had
 * changed, so that it can be done again once the files are cut back. Returns 0, or -EBADMSG: it
 * makes no sense, or was tried JOURNAL_TRIES times in vain; then journal_give_up. */
int journal_resume(struct journal *journal, uint32_t staged, size_t *ret_at);
void journal_files_cut(struct journal *journal); /* they are */
/* The batch under way is lost. */
void journal_give_up(struct journal *journal);

/* The valid state of a slot, */
const struct stream_state *slot_state(const struct journal *journal, const struct slot *slot);
/* and the one that the batch under way makes of it: at first a copy. */
struct stream_state *slot_next(const struct journal *journal, struct slot *slot);

uint64_t journal_tail(const struct journal *journal);
/* The end of the queue that the batch under way sees, and moves. */
uint64_t *journal_next_tail(struct journal *journal);

#endif
