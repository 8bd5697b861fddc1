/* supctl_logs.h - lines that children have written, from suplog and from files. */
#ifndef CMD_SUPCTL_LOGS_H
#define CMD_SUPCTL_LOGS_H

#include "cmd/supctl_call.h"
#include "cmd/supctl_log_files.h"

/* A place that lines come from: a file with its archives, or what suplog has in memory. */
struct log_source {
	struct log_files files;
	char *path;	/* of the file; NULL: lines are those in memory, of one child */
	char **writers; /* malloc: paths of the children that write there */
	size_t n_writers;
	uint64_t dropped;	 /* lines, where there is no file: it cannot be made */
	struct log_line **lines; /* in memory: malloc */
	size_t n_lines;
	size_t at;
	struct log_line *next; /* the next line in turn; NULL: none is left */
	size_t order;	       /* among lines of one time */
};

struct log_reading {
	const char *dir;
	struct log_wish wish;
	size_t last; /* so many lines; SIZE_MAX: all */
	struct log_source *sources;
	size_t n_sources;
	size_t last_found; /* the source of the line before */
};

/* Asks suplog for what is there, with follow also for what comes: then *connection goes on to tell
 * of it. Returns 0, or negative errno (-ECONNREFUSED, -ENOENT: nothing is logged), and then
 * *connection is closed. */
int logs_ask(struct log_reading *reading, bool follow, int64_t deadline_ms,
	struct connection *connection);

/* All of it in the order of time, one by one (malloc); NULL: no more. logs_begin goes to the last
 * lines first. */
void logs_begin(struct log_reading *reading);
struct log_line *logs_next(struct log_reading *reading);

/* Was something there that could not be read? That was said. */
bool logs_unread(const struct log_reading *reading);

void logs_close(struct log_reading *reading);

/* The last n lines of one process until then (0: now) into lines (malloc each). Says nothing when
 * there is none, and waits no longer than the deadline. Returns how many. */
size_t logs_last(const char *dir, const char *path, int64_t until_us, size_t n, int64_t deadline_ms,
	struct log_line **lines);

#endif
