/* suplog_reader.h - those who read at DIR/logs: connections, and the answers to what they ask. */
#ifndef CMD_SUPLOG_READER_H
#define CMD_SUPLOG_READER_H

#include "cmd/suplog.h"
#include "supervisor/wire/frame.h"

enum {
	REQUEST_MOST = 64 * 1024,
	READER_FOLLOW_MOST = 256 * 1024,       /* unsent bytes of a reader that follows, */
	READER_ANSWER_MOST = 16 * 1024 * 1024, /* and of one that gets an answer */
};

struct reader {
	struct watch watch; /* first; the connection */
	struct reader *next;
	struct frames in;
	char *out; /* malloc; not sent yet: from out_at to out_n */
	size_t out_n;
	size_t out_at;
	size_t out_size;
	bool follow;
	bool closing;  /* when all is sent */
	uint64_t lost; /* lines that it was too slow for, and was not told of */
	/* What it asked for. */
	bool all; /* children, not only */
	char **paths;
	size_t paths_n;
	size_t lines;
	int64_t since_us;
	int stream; /* enum log_stream; -1: any */
};

/* Makes room for n bytes behind out_n, with at most `most` unsent. */
bool reader_room(struct reader *reader, size_t n, size_t most);
/* Did it ask for that child? */
bool reader_wants_child(const struct reader *reader, const struct child *child);
/* Is the reader to get what a stream of that child says? */
bool reader_wants(const struct reader *reader, const struct child *child, enum log_stream which);
/* May whoever connected read lines? */
bool peer_may_read(const struct suplog *s, int fd);
/* Answers a request. */
void reader_answer(struct suplog *s, struct reader *reader, const char *text, size_t n);
void reader_paths_free(struct reader *reader);

#endif
