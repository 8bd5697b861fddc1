/* frame.c - varlink's framing: messages that end with a NUL, out of a stream of bytes. */
#include "supervisor/wire/frame.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_SIZE_MIN = 512 };

void frames_init(struct frames *frames, size_t max)
{
	*frames = (struct frames){.max = max};
}

void frames_free(struct frames *frames)
{
	free(frames->data);
	frames_init(frames, frames->max);
}

/* Moves scanned on to the end of the first message, or to the end of what is there. */
static bool scan(struct frames *frames)
{
	const char *nul;

	if (frames->scanned == frames->end)
		return false;
	nul = memchr(frames->data + frames->scanned, '\0', frames->end - frames->scanned);
	frames->scanned = nul ? (size_t)(nul - frames->data) : frames->end;
	return nul != NULL;
}

static int make_room(struct frames *frames, size_t n)
{
	size_t kept = frames->end - frames->start;
	size_t size = frames->size ? frames->size : FRAME_SIZE_MIN;
	char *data;

	if (frames->size - frames->end >= n)
		return 0;
	if (frames->start) {
		memmove(frames->data, frames->data + frames->start, kept);
		frames->scanned -= frames->start;
		frames->start = 0;
		frames->end = kept;
	}
	while (size - kept < n) {
		if (size > SIZE_MAX / 2)
			return -ENOMEM;
		size *= 2;
	}
	if (size == frames->size)
		return 0;
	data = realloc(frames->data, size);
	if (!data)
		return -ENOMEM;
	frames->data = data;
	frames->size = size;
	return 0;
}

int frames_feed(struct frames *frames, const char *bytes, size_t n)
{
	int rc;

	if (frames->oversize)
		return -EMSGSIZE;
	if (n == 0)
		return 0;
	rc = make_room(frames, n);
	if (rc < 0)
		return rc;
	memcpy(frames->data + frames->end, bytes, n);
	frames->end += n;
	if (!scan(frames) && frames->end - frames->start > frames->max)
		frames->oversize = true;
	return frames->oversize ? -EMSGSIZE : 0;
}

bool frames_ready(struct frames *frames)
{
	return scan(frames) && frames->scanned - frames->start <= frames->max;
}

bool frames_next(struct frames *frames, const char **ret_text, size_t *ret_n)
{
	if (!scan(frames)) {
		if (frames->start == frames->end)
			frames_free(frames);
		else if (frames->end - frames->start > frames->max)
			frames->oversize = true;
		return false;
	}
	assert(frames->scanned >= frames->start);
	if (frames->scanned - frames->start > frames->max) {
		frames->oversize = true;
		return false;
	}
	*ret_text = frames->data + frames->start;
	*ret_n = frames->scanned - frames->start;
	frames->start = ++frames->scanned;
	return true;
}

void frames_put_back(struct frames *frames, size_t n)
{
	assert(frames->scanned == frames->start && frames->start > n);
	frames->scanned--;
	frames->start -= n + 1;
}
