/* suplog_room.c - how much a stream may read for its file not to become longer than max_size.
 *
 * A file is rotated between batches alone, so a batch must not hold more than what still fits. How
 * much lines grow by their times and prefixes is known when they are: they are looked at before
 * they are read, by tee(2), and only those that fit are taken. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/suplog.h"

enum { BLIND_LEAST = 64 };

void room_start(struct suplog *s)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	s->peek_in = fds[0];
	s->peek_out = fds[1];
	for (int size = SUPLOG_PIPE_SIZE; size > 65536; size /= 2)
		if (fcntl(s->peek_out, F_SETPIPE_SZ, size) >= 0)
			break;
}

/* Copies up to limit bytes that can be read from the stream to at. Returns their number, or 0: it
 * has none, or is no pipe. */
static size_t peek(struct suplog *s, const struct stream *stream, char *at, size_t limit)
{
	ssize_t n;

	if (s->peek_in < 0 || stream->watch.fd < 0)
		return 0;
	n = tee(stream->watch.fd, s->peek_out, limit, SPLICE_F_NONBLOCK);
	for (ssize_t got = 0, more; got < n; got += more) {
		more = read(s->peek_in, at + got, (size_t)(n - got));
		if (more <= 0)
			return 0;
	}
	return n > 0 ? (size_t)n : 0;
}

/* How the stream goes on with these bytes, after what is carried. */
static struct split split_begin(
	struct suplog *s, const struct stream *stream, const char *data, size_t n)
{
	struct slot *slot = journal_slot(s->journal, stream->slot);
	const struct stream_state *state = slot_state(s->journal, slot);
	struct split split = {.carry = slot_carry(slot, state->carry_at),
		.carry_n = state->carry_n,
		.data = data,
		.n = n,
		.max_line = stream->settings.max_line,
		.continued = state->continued != 0};

	if (split.max_line < split.carry_n)
		split.max_line = split.carry_n;
	return split;
}

/* The bytes of the first of these whole lines that become no more than left. */
static size_t lines_that_fit(const struct format *format, const struct span *lines, uint64_t left)
{
	size_t at = 0;

	while (at < lines->a_n) {
		const char *newline = memchr(lines->a + at, '\n', lines->a_n - at);
		struct span line = {.a = lines->a + at, .a_n = (size_t)(newline - (lines->a + at))};
		size_t most = format_span_most(format, &line);

		if (most > left)
			break;
		left -= most;
		at += line.a_n + 1;
	}
	return at;
}

/* How many of n bytes become no more than left; 0: not even the first line. */
static size_t bytes_that_fit(
	struct suplog *s, const struct stream *stream, const char *data, size_t n, uint64_t left)
{
	const struct format *format = &stream->file_format;
	struct split split = split_begin(s, stream, data, n);
	struct span span;

	for (size_t fit = 0; split_next(&split, &span); fit = (size_t)(split.data - data)) {
		size_t most = format_span_most(format, &span);

		if (most <= left)
			left -= most;
		else
			return fit + (span.many ? lines_that_fit(format, &span, left) : 0);
	}
	return n;
}

/* The bytes of the first line or part of a line: at least one. */
static size_t first_line(struct suplog *s, const struct stream *stream, const char *data, size_t n)
{
	struct split split = split_begin(s, stream, data, n);
	struct span span;

	if (!split_next(&split, &span))
		return n;
	if (span.many) {
		const char *newline = memchr(span.a, '\n', span.a_n);

		return (size_t)(newline - span.a) + 1;
	}
	return split.data > data ? (size_t)(split.data - data) : 1;
}

size_t room_limit(struct suplog *s, struct stream *stream, size_t limit)
{
	const struct file *file = stream->file;
	uint64_t most = file->settings.max_size;
	uint64_t left = file_left(file);
	uint64_t growth = format_byte_most(&stream->file_format);
	char *at = journal_buffer(s->journal) + s->batch_n;
	size_t fit;
	size_t n;

	if (most == 0 || limit == 0)
		return limit;
	if (format_is_plain(&stream->file_format))
		return file_room(file, limit);
	n = peek(s, stream, at, limit);
	if (n == 0) {
		/* Any byte may be a line. A file with nothing planned will be rotated. */
		if (left / growth < BLIND_LEAST && file->planned > 0)
			return 0;
		n = (size_t)((left / growth < BLIND_LEAST ? most : left) / growth);
		n = n > BLIND_LEAST ? n : BLIND_LEAST;
		return n < limit ? n : limit;
	}
	fit = bytes_that_fit(s, stream, at, n, left);
	if (fit > 0 || file->planned > 0)
		return fit;
	fit = bytes_that_fit(s, stream, at, n, most);
	return fit > 0 ? fit : first_line(s, stream, at, n);
}

void room_plan(struct suplog *s, const struct stream *stream, const char *data,
	const struct journal_piece *piece)
{
	struct file *file = stream->file;
	struct split split;
	struct span span;

	if (!file || file->settings.max_size == 0)
		return;
	if (format_is_plain(&stream->file_format)) {
		file->planned += piece->n;
		return;
	}
	split = split_begin(s, stream, data, piece->n);
	split.flush = (piece->flags & PIECE_FLUSH) != 0;
	while (split_next(&split, &span))
		file->planned += format_span_most(&stream->file_format, &span);
}
