/* log_message.h - what supd and its logger tell each other, a datagram each. Pure on buffers.
 *
 * They share a SOCK_SEQPACKET socket, supd's end of it non-blocking. supd holds the pipes of each
 * logged child over suplog's deaths, and tells each new suplog all of them again: what was said
 * twice does no harm. Nothing here carries a byte of a log.
 *
 *   supd -> suplog
 *     STREAM    here is a stream, its reading end as SCM_RIGHTS; told again with other settings,
 *               with or without a descriptor, it changes
 *     STARTED   a process of that child runs, as pid
 *     EXITED    it ended: what is left of a line without its newline is a line
 *     REMOVED   the child is no more: read its streams to the end, then say GONE
 *     REOPEN    close all files and open them anew (somebody renamed them)
 *     DRAIN     supd is going: read everything to the end, write it, exit 0
 *   suplog -> supd
 *     READY     it has recovered what its predecessor left, and serves
 *     GONE      all that was in the streams of a removed child is written: supd may let go of
 *               them. Until then supd keeps the reading ends, and tells a new suplog STREAM and
 *               REMOVED again: so the last lines of a child survive the logger's death, too. */
#ifndef WIRE_LOG_MESSAGE_H
#define WIRE_LOG_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define LOG_TOS(X) X(STDOUT, "stdout") X(FILE, "file") X(BOTH, "both")
#define LOG_FORMATS(X) X(TEXT, "text") X(JSON, "json")
#define LOG_COMPRESSIONS(X) X(NONE, "none") X(GZIP, "gzip") X(ZSTD, "zstd")
#define LOG_ON_FULLS(X) X(BLOCK, "block") X(DROP, "drop")
#define LOG_TIMESTAMPS(X) X(NONE, "none") X(RFC3339, "rfc3339")
#define LOG_STREAMS(X) X(OUT, "out") X(ERR, "err") X(MERGED, "merged")
#define LOG_MESSAGES(X) \
	X(STREAM, "stream") X(STARTED, "started") X(EXITED, "exited") X(REMOVED, "removed") \
	X(REOPEN, "reopen") X(DRAIN, "drain") X(READY, "ready") X(GONE, "gone")
/* clang-format on */

#define LOG_ENUM_TO(id, text) LOG_TO_##id,
#define LOG_ENUM_FORMAT(id, text) LOG_FORMAT_##id,
#define LOG_ENUM_COMPRESS(id, text) LOG_COMPRESS_##id,
#define LOG_ENUM_ON_FULL(id, text) LOG_ON_FULL_##id,
#define LOG_ENUM_TIMESTAMPS(id, text) LOG_TIMESTAMPS_##id,
#define LOG_ENUM_STREAM(id, text) LOG_STREAM_##id,
#define LOG_ENUM_MESSAGE(id, text) LOG_MESSAGE_##id,
enum log_to { LOG_TOS(LOG_ENUM_TO) LOG_TO_COUNT };
enum log_format { LOG_FORMATS(LOG_ENUM_FORMAT) LOG_FORMAT_COUNT };
enum log_compress { LOG_COMPRESSIONS(LOG_ENUM_COMPRESS) LOG_COMPRESS_COUNT };
enum log_on_full { LOG_ON_FULLS(LOG_ENUM_ON_FULL) LOG_ON_FULL_COUNT };
enum log_timestamps { LOG_TIMESTAMPS(LOG_ENUM_TIMESTAMPS) LOG_TIMESTAMPS_COUNT };
enum log_stream { LOG_STREAMS(LOG_ENUM_STREAM) LOG_STREAM_COUNT };
enum log_message_kind { LOG_MESSAGES(LOG_ENUM_MESSAGE) LOG_MESSAGE_COUNT };

enum {
	LOG_MESSAGE_VERSION = 1,
	/* Bytes of a text without its NUL: a child's path, a file's. */
	LOG_PATH_MAX = 2200,
	LOG_FILE_MAX = 4095,
	/* No message is longer. */
	LOG_MESSAGE_MAX = 8192,
	/* Bounds of max_line, and what it is where nobody says. */
	LOG_LINE_LEAST = 256,
	LOG_LINE_MOST = 65536,
	LOG_LINE_DEFAULT = 16384,
	/* The descriptors that suplog --supd finds. */
	LOG_FD_SOCKET = 3,
	LOG_FD_JOURNAL = 4,   /* a memfd, empty at first: suplog lays it out */
	LOG_FD_STAGE_IN = 5,  /* the reading end of the stage pipe, blocking */
	LOG_FD_STAGE_OUT = 6, /* its writing end */
	LOG_FD_LISTEN = 7,    /* DIR/logs */
};

/* No user, no group: suplog's own. */
#define LOG_NO_ID UINT32_MAX

/* How a stream is written. */
struct log_settings {
	const char *file;   /* absolute; "" without one (to = stdout) */
	uint64_t max_size;  /* bytes of the file before it is rotated; 0: no bound */
	int64_t max_age_ms; /* likewise its age; 0: no bound */
	uint32_t max_files; /* archives kept; 0: all */
	uint32_t max_line;  /* LOG_LINE_LEAST to LOG_LINE_MOST; longer lines are split */
	uint32_t mode;	    /* of files that suplog makes */
	uint32_t uid;	    /* their owner, or LOG_NO_ID */
	uint32_t gid;
	uint8_t to;	    /* enum log_to */
	uint8_t format;	    /* enum log_format */
	uint8_t compress;   /* enum log_compress: archives */
	uint8_t on_full;    /* enum log_on_full: when standard output takes no more */
	uint8_t timestamps; /* enum log_timestamps; json always has the time */
	bool prefix;	    /* text: the child's path before each line; json always has it */
};

struct log_message {
	enum log_message_kind kind;
	uint32_t index; /* STREAM, STARTED, EXITED, REMOVED, GONE: the child, */
	uint32_t generation;
	int32_t pid;		      /* STREAM, STARTED: of its process; 0: none runs */
	enum log_stream stream;	      /* STREAM: which */
	const char *path;	      /* STREAM: the child's, "web/app" */
	struct log_settings settings; /* STREAM */
};

/* Writes the message. Returns its bytes, or 0 when a text is too long or a value out of its range:
 * a fault of the caller's. */
size_t log_message_write(const struct log_message *message, char buf[static LOG_MESSAGE_MAX]);

/* Reads n bytes into *ret, whose texts lie in bytes. Returns 0, -EPROTO (another version) or
 * -EBADMSG, and then *ret is untouched. bytes: aligned or not. */
int log_message_read(const char *bytes, size_t n, struct log_message *ret);

/* The word of a value ("stdout", "err"), "?" outside of the range. */
const char *log_to_name(unsigned to);
const char *log_format_name(unsigned format);
const char *log_compress_name(unsigned compress);
const char *log_on_full_name(unsigned on_full);
const char *log_timestamps_name(unsigned timestamps);
const char *log_stream_name(unsigned stream);
const char *log_message_name(unsigned kind);

#endif
