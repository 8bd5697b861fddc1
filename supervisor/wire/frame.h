/* frame.h - varlink's framing: messages that end with a NUL, out of a stream of bytes.
 *
 * Incremental: feed what was read, take the messages that are whole. No byte is looked at twice.
 * Only the message not yet whole is bounded here; how many whole ones may wait is the reader's
 * business, who stops reading. Pure. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>

enum { FRAME_MAX_DEFAULT = 1024 * 1024 };

struct frames {
	char *data;	/* malloc, NULL while empty */
	size_t size;	/* allocated */
	size_t start;	/* of the first message not yet taken */
	size_t end;	/* of the bytes fed */
	size_t scanned; /* start <= scanned <= end: no NUL in [start, scanned) */
	size_t max;	/* bytes of one message, without its NUL */
	bool oversize;	/* a message was longer: nothing after it can be understood */
};

/* max: the most bytes that a message may have, its NUL not counted. */
void frames_init(struct frames *frames, size_t max);
void frames_free(struct frames *frames);

/* Adds n bytes as read. Returns 0, -ENOMEM (nothing was added), or -EMSGSIZE: the message under way
 * is longer than max. Whole messages before that one can still be taken; every later feed fails. */
int frames_feed(struct frames *frames, const char *bytes, size_t n);

/* Takes the next whole message: *ret_text is NUL-ended, of *ret_n bytes, valid until the next call.
 * Returns false when none is whole, and then gives the memory back if nothing is left of it. */
bool frames_next(struct frames *frames, const char **ret_text, size_t *ret_n);

/* Puts back the message of n bytes that was taken last, to be taken again; nothing else may have
 * been done since. */
void frames_put_back(struct frames *frames, size_t n);

/* Is a whole message waiting? */
bool frames_ready(struct frames *frames);

#endif
