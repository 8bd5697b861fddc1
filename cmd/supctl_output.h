/* supctl_output.h - everything that supctl prints goes through here: a buffered standard output
 * with cells, tones and JSON, and complaints on standard error. */
#ifndef CMD_SUPCTL_OUTPUT_H
#define CMD_SUPCTL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BUSY, TONE_BAD, TONE_DIM, TONE_BOLD, TONE_COUNT };

struct out {
	int fd;
	int error; /* 0, or the errno that ended the output; nothing is written after it */
	bool terminal;
	bool colour;
	bool utf8;
	unsigned width;	 /* columns of a line */
	unsigned height; /* lines of the terminal; 0 = no limit */
	size_t len;
	char buf[1 << 16];
};

/* Descriptors 0, 1 and 2 must be taken before anything else is opened: else the control socket
 * could become standard output. Returns 0 or negative errno. */
int out_guard_descriptors(void);

/* Ready for JSON and plain text. */
void out_init(struct out *out, int fd);

/* Finds out what a table needs: the locale, colours, the size of the terminal. Costs a few files.
 */
void out_prepare_table(struct out *out);

void out_bytes(struct out *out, const char *bytes, size_t n);
void out_text(struct out *out, const char *text);
__attribute__((format(printf, 2, 3))) void out_printf(struct out *out, const char *format, ...);

/* One compact JSON value, without a newline. value may be NULL (memory ran out): then the output
 * fails with ENOMEM. */
void out_json(struct out *out, const json_t *value);

/* text in a tone, at most columns wide (cut with an ellipsis), filled up with spaces when pad is
 * set. What is no printable character in the locale becomes "?". */
void out_cell(struct out *out, const char *text, size_t columns, bool pad, enum tone tone);

/* How many columns out_cell needs for text. */
size_t out_columns(const struct out *out, const char *text);

void out_flush(struct out *out);

/* Flushes. Returns whether the output arrived. A reader that went away (EPIPE) is quietly true:
 * it has all it wanted; any other failure is complained of. */
bool out_finish(struct out *out);

/* "supctl: ...\n" on standard error, in one write. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

#endif
