/* suplog.h - the logger's parts: pipes in, lines out, rotation. Inside of suplog alone.
 *
 * A round: what epoll reports is served (messages of supd, readers, standard output); streams that
 * have something to read only become ready. Then one batch takes a piece of each ready stream, as
 * far as the buffer goes, writes the files and is committed (supervisor/log/journal.h). Standard
 * output comes after that, out of its queue: a reader that stands still stops the streams that go
 * there, and no other.
 *
 * Nothing here may be lost by a kill: all that matters is in the journal and in the pipes. So the
 * logger may also end itself when it must begin anew. */
#ifndef CMD_SUPLOG_H
#define CMD_SUPLOG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* An allocation that fails leaves the element out. */
#include <uthash.h>

#include "supervisor/log/archive.h"
#include "supervisor/log/format.h"
#include "supervisor/log/journal.h"
#include "supervisor/log/ring.h"
#include "supervisor/wire/log_message.h"

enum {
	SUPLOG_SLOTS_MOST = 65536,
	SUPLOG_PIPE_SIZE = 256 * 1024,
	SUPLOG_WIDTH_MOST = 40, /* of the paths that are padded */
	OUT_IOV = 256,
	OUT_TEXT = 512 * 1024,	    /* room for formatted lines, */
	OUT_TEXT_FULL = 128 * 1024, /* which are written from here on */
	READERS_MOST = 16,
};

struct suplog;

/* Something that epoll watches; embedded in its owner, first. */
struct watch {
	void (*ready)(struct suplog *s, struct watch *watch, uint32_t events);
	int fd;		 /* -1: none */
	uint32_t events; /* watched for; 0: not in epoll */
};

/* A file that lines go to; all streams that name it share it. */
struct file {
	UT_hash_handle hh; /* by path */
	char *path;
	unsigned refs;
	unsigned width; /* of the longest path of its streams */
	struct log_settings
		settings; /* max_size and what follows: of the stream told last; no file */
	int fd;
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t born_us;
	int64_t checked_ms; /* when it was last compared with what the path names */
	struct archives archives;
	bool scanned;	  /* archives are known */
	bool in_batch;	  /* its offset is in the journal */
	uint64_t planned; /* the most bytes that the pieces of this batch become */
	int error;	  /* the errno that makes it drop; 0: none */
	int64_t retry_ms;
	uint64_t lost_lines; /* dropped since, and not said yet */
	uint64_t lost_bytes;
};

struct child;

struct stream {
	struct watch watch; /* fd: the reading end; owned */
	struct child *child;
	enum log_stream which;
	uint32_t slot;
	struct log_settings settings; /* file: the file's path */
	struct file *file;	      /* NULL: none */
	struct format file_format;
	struct format out_format;
	struct format record; /* made for the first reader */
	struct stream *next_ready;
	bool ready; /* in the list of those that have something to read */
	bool in_batch;
	bool paused; /* standard output is full */
	bool grown;  /* its pipe was made larger, or cannot be */
	bool always; /* epoll cannot watch it: a regular file */
	bool ended;  /* its end was read */
	bool flush;  /* when flush_left bytes more were read, the line ends */
	uint64_t flush_left;
	uint32_t queued; /* entries in the queue of standard output */
};

struct child {
	UT_hash_handle hh; /* by key */
	uint64_t key;	   /* its index and its generation */
	char *path;
	struct stream *streams[LOG_STREAM_COUNT];
	struct ring ring; /* of children without a file */
	bool removed;
	uint64_t rotated;	 /* the batch before which a file of it was rotated last */
	struct child *next_gone; /* everything is written, supd is to be told */
};

/* Lines on their way to a file. */
struct out {
	struct file *file;
	struct stream *stream; /* whose lines were added last */
	bool notice;	       /* the first line tells of a loss */
	struct iovec iov[OUT_IOV];
	unsigned iov_n;
	char *text; /* OUT_TEXT bytes, when first needed */
	size_t text_n;
	size_t bytes;
};

struct stdout_sink {
	struct watch watch;
	unsigned width;
	bool colours;
	bool regular;
	bool dead;    /* nobody will ever read it */
	bool polled;  /* its description waits: ask before each write */
	bool waiting; /* for room */
	bool notice;  /* the text tells of a loss */
	size_t chunk; /* the most bytes of one write */
	char *text;   /* one or more whole lines, formatted */
	size_t text_n;
	size_t text_at;	 /* written of it */
	size_t source_n; /* bytes of the first entry that they are; 0: all of it */
	uint64_t text_lines;
	int error;
	int64_t retry_ms;
	uint64_t lost_lines;
	uint64_t lost_bytes;
};

struct reader;
struct job;

struct options {
	bool supd;		      /* started by supd */
	struct log_settings settings; /* of standard input, when alone */
	const char *prefix;
	const char *readers; /* who may read besides: "u1000,g4"; NULL: nobody */
	uid_t user;	     /* to become; LOG_NO_ID: no change */
	gid_t group;
	size_t ring_size;
	size_t batch_size;
	bool seccomp;
};

struct suplog {
	struct options options;
	int epoll_fd;
	int stage_in; /* -1: none: what was read and not written dies with us */
	int stage_out;
	int peek_in; /* -1: none; a pipe for copies of what is to be read, which die with us */
	int peek_out;
	size_t stage_size;
	size_t batch_most;
	struct journal *journal;
	size_t journal_size;	 /* of the memfd */
	size_t journal_map;	 /* mapped */
	int journal_fd;		 /* -1: private memory */
	uint32_t slots_most;	 /* that the address space has room for */
	uint32_t slot_free;	 /* no slot before it is free */
	size_t batch_n;		 /* bytes in the buffer */
	size_t queue_need;	 /* what they need in the queue */
	char time[TIME_TEXT];	 /* of the batch */
	int64_t now_us;		 /* wall clock, of the round */
	int64_t now_ms;		 /* monotonic */
	struct stream **streams; /* by slot; slots_most */
	struct child *children;	 /* uthash */
	struct file *files;	 /* uthash */
	struct stream *ready_first;
	struct stream **ready_end;
	struct child *gone;
	uint32_t paused_n;
	unsigned pipes_grown;
	struct out out;
	struct stdout_sink sink;
	struct watch supd;	 /* descriptor 3 */
	struct watch signals;	 /* alone: a signalfd */
	struct watch listener;	 /* DIR/logs */
	struct watch compressor; /* a pidfd */
	pid_t compressor_pid;
	struct job *jobs;
	struct job **jobs_end;
	bool guarded;  /* guard_drop was done */
	bool may_exec; /* the seccomp filter lets archives be compressed */
	uid_t owner;   /* may read, besides root */
	struct reader *readers;
	unsigned readers_n;
	unsigned followers;
	struct stream *alone; /* standard input; NULL: for supd */
	bool draining;
	bool again;	  /* a new life is to begin: see check_exec */
	bool ended;	  /* the loop's work is over */
	int64_t drain_ms; /* when standard output last took something */
	/* Tests stop here: called after each thing that a kill can come behind. */
	void (*step)(struct suplog *s);
};

/* ---- suplog_options.c */
/* Reads the command line into *ret; what is wrong, or asked for (--help), ends the program. */
void options_read(int argc, char **argv, struct options *ret);

/* ---- suplog_start.c */
/* Everything up to the loop, for s with its options set and all else zero. Returns 0 or negative
 * errno, and then *ret_what cannot be done. */
int suplog_start(struct suplog *s, const char **ret_what);

/* ---- suplog_memory.c */
/* Maps the journal: fd, or private memory when it is -1, and lays it out when it is not sound.
 * Returns 0 or negative errno. */
int memory_open(struct suplog *s, int fd);
/* A slot that nobody uses; grows the memory. Returns 0 or negative errno. */
int memory_slot(struct suplog *s, uint32_t *ret);
/* Forgets a slot, and gives its memory back. */
void memory_free_slot(struct suplog *s, uint32_t slot);

/* ---- suplog_streams.c */
struct child *child_find(struct suplog *s, uint32_t index, uint32_t generation);
/* A stream was told, or is told again: makes it or changes it. fd: its reading end, which it takes,
 * or -1. Returns 0 or negative errno. */
int stream_tell(struct suplog *s, const struct log_message *message, int fd);
/* Makes the streams of all slots that a predecessor left, still without descriptors. */
void streams_restore(struct suplog *s);
/* The line under way ends when all that is in the pipe now was read. */
void stream_flush_soon(struct suplog *s, struct stream *stream);
void stream_free(struct suplog *s, struct stream *stream);
void stream_make_ready(struct suplog *s, struct stream *stream);
void stream_pause(struct suplog *s, struct stream *stream);
void streams_resume(struct suplog *s);
/* The child is no more. */
void child_remove(struct suplog *s, struct child *child);
/* Lets go of a stream of a removed child, when everything of it is written, and of the child with
 * the last one. */
void stream_let_go(struct suplog *s, struct stream *stream);
void child_free(struct suplog *s, struct child *child);

/* ---- suplog_batch.c */
/* Does again what a predecessor left under way. Returns 0 or negative errno. */
int batch_recover(struct suplog *s);
/* Takes from ready streams, writes, commits. */
void batch_run(struct suplog *s);

/* ---- suplog_file.c */
/* The file of that path with a reference to it, or NULL for want of memory. */
struct file *file_get(struct suplog *s, const char *path);
void file_put(struct suplog *s, struct file *file);
void file_close(struct file *file);
void files_reopen(struct suplog *s);
/* Learns the place of a file that is not open: how far a predecessor came. */
void file_look(struct file *file);
/* Before the first line of a batch: opens, rotates, notes the offset. May it be written? */
bool file_begin(struct suplog *s, struct file *file);
/* Cuts the file of an entry of the journal back, if it is still the same. */
void file_cut(struct suplog *s, const struct journal_file *entry);
/* Bytes that may still be planned for the file in this batch. */
uint64_t file_left(const struct file *file);
/* Bytes that a stream written as it comes may read in this batch for the file not to become longer
 * than it may; 0: none in this batch. */
size_t file_room(const struct file *file, size_t wanted);
void file_failed(struct suplog *s, struct file *file, int error);

/* ---- suplog_room.c */
/* Bytes, at most limit, that the stream may read now for its file not to become longer than
 * max_size, by more than a line that is longer itself; 0: none in this batch. What lies behind the
 * batch in the buffer is overwritten. */
size_t room_limit(struct suplog *s, struct stream *stream, size_t limit);
/* Counts a piece of the stream as planned for its file. */
void room_plan(struct suplog *s, const struct stream *stream, const char *data,
	const struct journal_piece *piece);
/* Makes the pipe to look ahead with; without it pieces are smaller than they could be. */
void room_start(struct suplog *s);

/* ---- suplog_out.c */
/* Writes a span of a stream to its file, sooner or later, and counts what must be dropped. */
void out_span(struct suplog *s, struct stream *stream, const struct span *span);
/* Writes what was collected. */
void out_flush(struct suplog *s);
void stream_dropped(
	struct suplog *s, struct stream *stream, uint64_t lines, uint64_t bytes, int error);

/* ---- suplog_archive.c */
/* Renames the file, which is not empty; it is closed. */
int file_rotate(struct suplog *s, struct file *file);
/* Finds the archives that are there. */
void file_scan(struct suplog *s, struct file *file);
void jobs_free(struct suplog *s);

/* ---- suplog_stdout.c */
void sink_open(struct suplog *s);
/* Writes what standard output takes. */
void sink_drain(struct suplog *s);

/* ---- suplog_messages.c */
void messages_start(struct suplog *s);
void messages_gone(struct suplog *s);
void gone_unknown(struct suplog *s, const struct log_message *message);

/* ---- suplog_server.c */
void server_start(struct suplog *s);
/* Lines for the readers that follow. */
void server_follow(struct suplog *s, struct stream *stream, const struct span *span);
/* Sends what was collected for them. */
void server_flush(struct suplog *s);
void server_stop(struct suplog *s);

/* ---- suplog_guard.c */
/* Gives up what is not needed from here on. Returns 0 or negative errno, *ret_what tells of what.
 */
int guard_drop(struct suplog *s, const char **ret_what);

/* ---- suplog_loop.c */
int watch_set(struct suplog *s, struct watch *watch, uint32_t events);
void watch_close(struct suplog *s, struct watch *watch);
void clock_read(struct suplog *s);
void loop_run(struct suplog *s);
/* Ends when everything that is in the pipes now is written. */
void loop_drain(struct suplog *s);
/* Lets go of everything, except what is inherited. Returns true when lines were dropped. */
bool suplog_close(struct suplog *s);
/* Says something to people, on standard error. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

static inline void suplog_step(struct suplog *s)
{
	if (s->step)
		s->step(s);
}

#endif
