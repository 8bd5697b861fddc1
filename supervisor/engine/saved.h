/* saved.h - how a saved engine lies in memory: written by save.c, read by load.c.
 *
 * One flat block: a header, then sections one behind the other, in the order of this page. It holds
 * no pointer and nothing that follows from the rest: links of configured children, names, the hash
 * and the heap are made anew. What can be told in several ways (where a ring begins) is told in
 * one, so that equal engines give equal blocks. Records are copied out of the block, so they need
 * no alignment. All numbers are native: the block never leaves the machine. */
#ifndef ENGINE_SAVED_H
#define ENGINE_SAVED_H

#include <stddef.h>
#include <stdint.h>

#define SAVED_MAGIC 0x65566153u /* "SaVe" */
#define SAVED_VERSION 3u	/* one more with each change of this page */

struct saved_header {
	uint32_t magic;
	uint32_t version;
	uint64_t size;	   /* of the block, bytes */
	uint64_t checksum; /* of what follows this member */
	uint64_t spec_size;
	uint64_t spec_checksum;
	int64_t now_ms;
	uint64_t random;
	uint32_t nodes; /* of the specification: rows 0 .. nodes-1 */
	uint32_t capacity;
	uint32_t rows; /* that were ever used */
	uint32_t sups;
	uint32_t added;	 /* rows of children that came at run time */
	uint32_t free;	 /* rows that can be used again */
	uint32_t freed;	 /* rows that can be, after the next step begins */
	uint32_t times;	 /* restarts in all windows */
	uint32_t queued; /* items in all queues */
	uint32_t work;	 /* supervisors on the work list */
	uint32_t commands;
	uint32_t root_command; /* its slot; ENGINE_NONE */
	uint8_t time_due;
	uint8_t finished;
	uint8_t pad[6];
};

enum saved_flag {
	SAVED_USED = 1u << 0,
	SAVED_ADDED = 1u << 1,
	SAVED_TASK = 1u << 2,
	SAVED_LIVE = 1u << 3,
	SAVED_SPAWNED = 1u << 4,
	SAVED_LEADER = 1u << 5,
	SAVED_KILLED = 1u << 6,
	SAVED_READY = 1u << 7,
	SAVED_DEADLINE = 1u << 8,
	SAVED_END_IS_SET = 1u << 9,
	SAVED_RAN = 1u << 10,
	SAVED_FLAGS = (1u << 11) - 1,
};

struct saved_end {
	uint8_t kind;
	uint8_t stage;
	uint8_t pad[2];
	int32_t value;
};

/* rows times. Of a row not used only generation and stamp count; the rest is 0. */
struct saved_row {
	uint32_t generation;
	uint32_t stamp;
	uint32_t flags;	 /* enum saved_flag */
	uint32_t parent; /* of an addition */
	uint32_t streak;
	uint8_t state;
	uint8_t why;
	uint8_t fate;
	uint8_t stop_to;
	uint8_t part;
	uint8_t pad[7];
	struct saved_end end;
	int64_t deadline_ms; /* with SAVED_DEADLINE */
	int64_t since_ms;
	int64_t watchdog_ms;
	int64_t ping_ms;
	uint64_t restarts;
};

/* Then `added` row numbers (uint32_t), as their parents have them in order; `free` row numbers, the
 * next to be used first; `freed` row numbers. */

enum saved_sup_flag {
	SAVED_SINGLE = 1u << 0,
	SAVED_WAITING = 1u << 1,
	SAVED_BRUTAL = 1u << 2,
	SAVED_CONCURRENT = 1u << 3,
	SAVED_REWIND = 1u << 4,
	SAVED_REFUSE = 1u << 5,
	SAVED_SUP_FLAGS = (1u << 6) - 1,
};

/* sups times, in the order of their nodes. */
struct saved_sup {
	uint32_t cursor;
	uint32_t subject;
	uint32_t starting;
	uint32_t command;
	uint32_t round_command;
	uint32_t window; /* restarts in it */
	uint8_t phase;
	uint8_t ending;
	uint8_t why;
	uint8_t flags; /* enum saved_sup_flag */
	uint32_t pad;
	int64_t go_at_ms;
	struct saved_end cause;
};

/* Then `times` times (int64_t), the oldest of a supervisor first. */

/* commands times, by slot. */
struct saved_command {
	uint64_t token;
	uint32_t slot;
	uint32_t index;
	uint32_t kind;
	uint32_t stamp;
};

/* queued times, a supervisor's in their order. */
struct saved_item {
	uint32_t sup;
	uint32_t item; /* a row, or capacity + a command's slot */
	uint32_t kind;
};

/* Then `work` nodes (uint32_t), in their order. */

/* FNV-1a over words of 8 bytes, then the bytes that are left. */
static inline uint64_t saved_checksum(const void *block, size_t size)
{
	const unsigned char *at = block;
	uint64_t h = 14695981039346656037u;

	for (; size >= sizeof(h); size -= sizeof(h), at += sizeof(h)) {
		uint64_t word;

		__builtin_memcpy(&word, at, sizeof(word));
		h = (h ^ word) * 1099511628211u;
		h ^= h >> 32;
	}
	for (; size > 0; size--)
		h = (h ^ *at++) * 1099511628211u;
	return h;
}

#define SAVED_CHECKED_FROM (offsetof(struct saved_header, checksum) + sizeof(uint64_t))

#endif
