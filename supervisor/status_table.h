/* status_table.h - the layout of DIR/status, a public contract (supd-status(5)).
 *
 * supd maps the file shared and writes it; anyone who may read the file maps it read-only. No
 * message to supd is needed, and the table stays readable when supd is stopped, hung or dead. All
 * numbers are native; the file never leaves the machine.
 *
 * Reading a record: read seq (acquire); odd = being written, try again; copy the record; read seq
 * again (acquire fence before); if it changed, try again. The tree's links (root, first_child,
 * next_sibling) are guarded by tree_seq in the header in the same way: a reader that walks the tree
 * and finds tree_seq changed walks again.
 * A linked record that is not used stands for a child that was removed: it is passed over, with all
 * below it.
 *
 * Is supd alive? supd holds an open-file-description lock (F_OFD_SETLK, write) on byte 0 of the
 * file; F_OFD_GETLK tells a reader, in any pid namespace. The kernel drops it when supd dies. */
#ifndef SUPERVISOR_STATUS_TABLE_H
#define SUPERVISOR_STATUS_TABLE_H

#include <stdint.h>

#define STATUS_MAGIC "supd-st\0" /* 8 bytes */
#define STATUS_VERSION 1u
#define STATUS_NONE UINT32_MAX
#define STATUS_NAME_SIZE 64
#define STATUS_TEXT_SIZE 48

/* The health of a process. */
enum health_word {
	HEALTH_NONE, /* it has no health check, or does not run */
	HEALTH_HEALTHY,
	HEALTH_UNHEALTHY, /* also while it is stopped for that, and until it starts again */
	HEALTH_STARTING,  /* no result yet */
};

struct status_header {
	char magic[8];
	uint32_t version;
	uint32_t header_size; /* offset of record 0 */
	uint32_t record_size; /* sizeof(struct status_record) of the writer */
	uint32_t capacity;    /* number of records */
	uint32_t tree_seq;    /* odd while links change */
	uint32_t root;	      /* record of the root supervisor: 0 */
	int32_t pid;	      /* supd, in its own pid namespace */
	uint32_t finished;    /* 1: supd has ended in good order; exit_status is its own */
	int32_t exit_status;
	uint32_t pad;
	uint64_t generation;	  /* of the configuration: 1, and one more with each reload */
	uint64_t pid_start_ticks; /* field 22 of /proc/PID/stat of supd: tells a reused pid */
	int64_t started_ns;	  /* wall clock, CLOCK_REALTIME */
	char version_text[32];	  /* supd --version */
	uint64_t events;	  /* that happened since supd started */
	uint64_t events_lost;	  /* that did not reach a subscriber: he was too slow; summed up */
	char pad2[136];
};

struct status_record {
	uint32_t seq;	   /* odd while being written */
	uint8_t used;	   /* 0: free */
	uint8_t kind;	   /* enum spec_kind */
	uint8_t state;	   /* enum child_state */
	uint8_t why;	   /* enum why */
	uint8_t restart;   /* enum restart_type */
	uint8_t strategy;  /* enum strategy; supervisors */
	uint8_t ready;	   /* bool */
	uint8_t health;	   /* enum health_word */
	uint8_t end_kind;  /* enum end_kind of the last end */
	uint8_t end_stage; /* END_SPAWN_FAILED: where; END_EXITED and END_SIGNALED: 1, the kernel
			      killed for want of memory; 2, it left a core file */
	uint8_t significant;
	uint8_t suspended;     /* bool: stands still, by supctl suspend */
	int32_t end_value;     /* exit status, signal or errno */
	int32_t pid;	       /* 0: no process */
	uint32_t parent;       /* record, STATUS_NONE for the root */
	uint32_t first_child;  /* record or STATUS_NONE */
	uint32_t next_sibling; /* record or STATUS_NONE, in tree order */
	uint32_t generation;   /* which life */
	uint32_t streak;       /* restarts in the present streak of backoff */
	uint32_t max_restarts; /* supervisors */
	uint64_t restarts;
	int64_t since_ns;      /* wall clock: when it entered its state */
	int64_t since_mono_ms; /* the same on CLOCK_MONOTONIC */
	int64_t next_try_ms;   /* CLOCK_MONOTONIC; INT64_MAX: none */
	int64_t period_ms;     /* supervisors: max_seconds */
	int64_t end_ns;	       /* wall clock: when it last ended; 0 never */
	char name[STATUS_NAME_SIZE];
	char text[STATUS_TEXT_SIZE]; /* what the process says of itself (sd_notify STATUS=) */
	uint32_t children_max;	     /* dynamic: max_children; partition: partitions; else 0 */
	int32_t holder; /* stopping, its own process has ended: one that keeps it from being gone,
			   0: none is known */
	uint32_t starts_failed; /* starts that failed, first or repeated, since the entry exists */
	uint32_t window;	/* supervisors: restarts that count against the limit, */
	int64_t window_end_ms;	/* until then (CLOCK_MONOTONIC), when the last is too old */
};

_Static_assert(sizeof(struct status_header) == 256, "the header is 256 bytes");
_Static_assert(sizeof(struct status_record) == 232, "a record is 232 bytes");

#endif
