/* format.h - a line of a stream as it is written. Pure.
 *
 *   text  [TIME ][PATH | ]LINE     '|' for standard output and merged streams, '!' for standard
 * error json  {"time":TIME,"path":PATH,"stream":"out","line":LINE}
 *
 * Text passes the bytes of a line as they are. A line that was split ends with " [...]", and its
 * next part begins with "[...] "; in json they have "truncated":true and "continued":true. In json
 * a line that is not UTF-8 has "binary":true, and each of its bytes from 0x80 stands as the
 * character of that number: nothing of it is lost. */
#ifndef LOG_FORMAT_H
#define LOG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/log/split.h"
#include "supervisor/wire/log_message.h"

/* The wall clock in UTC. */
struct civil {
	unsigned year, month, day, hour, minute, second, us;
};
void civil_from_us(int64_t us, struct civil *ret);
int64_t civil_to_us(const struct civil *civil);

enum {
	TIME_TEXT = 27, /* "2026-11-24T13:39:35.123456Z", without a NUL */
	/* The most that a line grows, besides six bytes for each byte of it. */
	FORMAT_EXTRA = 160,
};

/* How a stream is written to one sink; its texts are made once. */
struct format {
	bool json;
	bool time;
	bool newline_is_nul; /* records of DIR/logs */
	char *head;	     /* what stands between the time and the line: malloc */
	size_t head_n;
};

/* The most bytes that format_line writes for a line of n bytes. */
size_t format_most(const struct format *format, size_t n);

/* The most bytes that these lines become, or this part of one, by format_line or format_lines; near
 * to what they become. */
size_t format_span_most(const struct format *format, const struct span *span);
/* The most bytes that one byte becomes. */
size_t format_byte_most(const struct format *format);

/* Makes the texts of a format; colour: 0, or 1 to 6 for a terminal; width: of the path, padded.
 * Returns 0 or -ENOMEM. */
int format_init(struct format *format, const struct log_settings *settings, const char *path,
	enum log_stream stream, unsigned width, unsigned colour);
/* Of records: json, with NUL in place of the newline. */
int format_init_record(struct format *format, const char *path, enum log_stream stream);
void format_free(struct format *format);

/* Are whole lines written as they came? */
bool format_is_plain(const struct format *format);

void format_time(int64_t us, char buf[static TIME_TEXT]);

/* Writes one line or a part of one (not `many`), with its newline, to out, which has room for
 * format_most. Returns the end. */
char *format_line(const struct format *format, const char time[static TIME_TEXT],
	const struct span *line, char *out);

/* Writes as many of the whole lines of *lines as surely fit into size bytes and takes them off it.
 * Returns the bytes written; *ret_lines their number. */
size_t format_lines(const struct format *format, const char time[static TIME_TEXT],
	struct span *lines, char *out, size_t size, size_t *ret_lines);

/* The most bytes of format_loss. */
enum { FORMAT_LOSS_MAX = 320 };
/* A line that says what was dropped and why. Returns its bytes. */
size_t format_loss(const struct format *format, const char time[static TIME_TEXT], uint64_t lines,
	uint64_t bytes, const char *why, char out[static FORMAT_LOSS_MAX]);

/* Is it UTF-8, both parts together? */
bool is_utf8(const char *a, size_t a_n, const char *b, size_t b_n);

#endif
