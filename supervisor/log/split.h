/* split.h - bytes of a stream into lines. Pure; copies nothing.
 *
 * Whole lines that fit come many at once, as they lie in the data: who passes them on unchanged
 * need not look at them. A line longer than max_line comes in parts. */
#ifndef LOG_SPLIT_H
#define LOG_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct split {
	const char *carry; /* the line so far, from before */
	size_t carry_n;	   /* at most max_line */
	const char *data;  /* what came; split_next moves on in it */
	size_t n;
	size_t max_line; /* bytes, without the newline */
	bool continued;	 /* what comes next goes on with a line that was split */
	bool flush;	 /* the end of data ends the line */
};

/* Lines, or a part of one. */
struct span {
	const char *a; /* many: whole lines, each with its newline; else a part of one line, */
	size_t a_n;
	const char *b; /* and the rest of it, both without the newline */
	size_t b_n;
	bool many;
	bool continued; /* it goes on with the line before */
	bool more;	/* and its end is still to come */
};

/* The next span, or false: then split holds what is to be carried to the next time: carry_n bytes
 * of the old carry, then n of data (one of them may be 0), at most max_line together, and
 * `continued`. */
bool split_next(struct split *split, struct span *ret);

/* The newlines in n bytes. */
size_t count_lines(const char *bytes, size_t n);

#endif
