/* supctl_log_line.h - a line that a child wrote, from whichever place it comes. */
#ifndef CMD_SUPCTL_LOG_LINE_H
#define CMD_SUPCTL_LOG_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_TIME_SIZE = 28 }; /* "2026-11-24T13:39:35.123456Z" and a NUL */

struct log_line {
	int64_t us; /* for the order: of its time, or, where it has none, of the file's change */
	char time[LOG_TIME_SIZE]; /* "": it has none */
	char stream[8];		  /* "out", "err", "merged"; "": that is not known */
	bool truncated;
	bool continued;
	const char *path; /* in bytes, NUL-ended */
	const char *text; /* in bytes, NUL-ended; may hold others */
	size_t n;
	char bytes[];
};

/* Of whom the lines of a file are, and how they are written. */
struct log_form {
	bool json;
	bool times;
	bool prefix;
	const char *const *paths; /* of the children that write there */
	size_t n_paths;
};

/* A record of suplog's, or a line of a file that is in JSON. Returns a line (malloc), or NULL when
 * it is none, or memory ran out. */
struct log_line *log_line_of_json(const json_t *record);

/* A line of a file, n bytes without its newline; us: when the file was changed last. Returns it
 * (malloc), or NULL when memory ran out. */
struct log_line *log_line_of_text(
	const struct log_form *form, const char *text, size_t n, int64_t us);

/* "2026-11-24T13:39:35.123456Z" at the beginning of n bytes, into microseconds. */
bool log_time_parse(const char *text, size_t n, int64_t *ret_us);
void log_time_format(int64_t us, char buf[static LOG_TIME_SIZE]);

json_t *log_line_json(const struct log_line *line);

#endif
