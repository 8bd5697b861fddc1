/* suplog_out.c - lines on their way to a file, in as few writes as possible.
 *
 * Lines that need no change are written from where they lie, others from where they were formatted.
 * A write that fails leaves whole lines: the file is cut back behind the last of them. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/suplog.h"

void stream_dropped(
	struct suplog *s, struct stream *stream, uint64_t lines, uint64_t bytes, int error)
{
	struct slot *slot = journal_slot(s->journal, stream->slot);

	slot->dropped_lines += lines;
	slot->dropped_bytes += bytes;
	slot->error = error;
}

/* ---- writing */

/* The end of the last whole line within the first n bytes. */
static size_t whole_lines(const struct out *out, size_t n)
{
	size_t end = 0;
	size_t at = 0;

	for (unsigned i = 0; i < out->iov_n && at < n; i++) {
		const struct iovec *part = &out->iov[i];
		size_t len = part->iov_len < n - at ? part->iov_len : n - at;
		const char *newline = memrchr(part->iov_base, '\n', len);

		if (newline)
			end = at + (size_t)(newline - (const char *)part->iov_base) + 1;
		at += part->iov_len;
	}
	return end;
}

/* Counts what was collected from byte `from` on as lost. */
static void lose(struct suplog *s, struct out *out, size_t from, int error)
{
	uint64_t lines = 0;
	size_t at = 0;

	for (unsigned i = 0; i < out->iov_n; i++) {
		const struct iovec *part = &out->iov[i];
		size_t skip = from > at ? from - at : 0;

		if (skip < part->iov_len)
			lines += count_lines(
				(const char *)part->iov_base + skip, part->iov_len - skip);
		at += part->iov_len;
	}
	/* The line that told of a loss is none of the stream's. */
	if (out->notice && from == 0 && lines > 0)
		lines--;
	out->file->lost_lines += lines;
	out->file->lost_bytes += out->bytes - from;
	if (out->stream)
		stream_dropped(s, out->stream, lines, out->bytes - from, error);
	file_failed(s, out->file, error);
}

/* Writes all of out. Returns the bytes written, *ret_error why not all. */
static size_t write_all(struct suplog *s, struct out *out, int *ret_error)
{
	struct iovec iov[OUT_IOV];
	struct iovec *at = iov;
	unsigned n = out->iov_n;
	size_t done = 0;

	memcpy(iov, out->iov, n * sizeof(iov[0]));
	*ret_error = 0;
	while (done < out->bytes) {
		ssize_t wrote = writev(out->file->fd, at, (int)n);

		suplog_step(s);
		if (wrote <= 0) {
			*ret_error = wrote < 0 ? errno : ENOSPC;
			if (*ret_error == EINTR)
				continue;
			break;
		}
		done += (size_t)wrote;
		for (; n > 0 && (size_t)wrote >= at->iov_len; at++, n--)
			wrote -= (ssize_t)at->iov_len;
		if (n > 0) {
			at->iov_base = (char *)at->iov_base + wrote;
			at->iov_len -= (size_t)wrote;
		}
	}
	return done;
}

void out_flush(struct suplog *s)
{
	struct out *out = &s->out;
	struct file *file = out->file;
	size_t done;
	int error;

	if (out->bytes > 0) {
		done = write_all(s, out, &error);
		if (error != 0) {
			size_t whole = whole_lines(out, done);

			if (whole < done && ftruncate(file->fd, (off_t)(file->size + whole)) == 0)
				done = whole;
			if (out->notice && done > 0)
				file->lost_lines = file->lost_bytes = 0;
			lose(s, out, done, error);
		} else if (out->notice) {
			file->lost_lines = file->lost_bytes = 0;
		}
		file->size += done;
		suplog_step(s);
	}
	out->iov_n = 0;
	out->text_n = 0;
	out->bytes = 0;
	out->notice = false;
	out->stream = NULL;
}

/* ---- collecting */

static void add(struct suplog *s, const char *bytes, size_t n)
{
	struct out *out = &s->out;
	struct iovec *last = out->iov_n ? &out->iov[out->iov_n - 1] : NULL;

	if (n == 0)
		return;
	if (last && (const char *)last->iov_base + last->iov_len == bytes) {
		last->iov_len += n;
	} else {
		assert(out->iov_n < OUT_IOV);
		/* writev has no const, and changes nothing. */
		out->iov[out->iov_n++] =
			(struct iovec){.iov_base = (void *)(uintptr_t)bytes, .iov_len = n};
	}
	out->bytes += n;
}

/* Room for formatted lines; false: there is no memory. */
static bool text_ready(struct out *out)
{
	if (!out->text)
		out->text = malloc(OUT_TEXT);
	return out->text != NULL;
}

static void add_plain(struct suplog *s, const struct span *span)
{
	static const char begin[] = "[...] ";
	static const char end[] = " [...]\n";

	if (span->many) {
		add(s, span->a, span->a_n);
		return;
	}
	if (span->continued)
		add(s, begin, sizeof(begin) - 1);
	add(s, span->a, span->a_n);
	add(s, span->b, span->b_n);
	if (span->more)
		add(s, end, sizeof(end) - 1);
	else
		add(s, end + sizeof(end) - 2, 1);
}

static void add_formatted(struct suplog *s, const struct format *format, const struct span *span)
{
	struct out *out = &s->out;
	struct span left = *span;
	size_t most = format_most(format, LOG_LINE_MOST);
	size_t lines;
	size_t n;

	do {
		struct file *file = out->file;
		struct stream *stream = out->stream;

		if (out->text_n >= OUT_TEXT_FULL || OUT_TEXT - out->text_n < most ||
			out->iov_n == OUT_IOV) {
			out_flush(s);
			out->file = file;
			out->stream = stream;
		}
		if (left.many)
			n = format_lines(format, s->time, &left, out->text + out->text_n,
				OUT_TEXT - out->text_n, &lines);
		else
			n = (size_t)(format_line(format, s->time, &left, out->text + out->text_n) -
				     (out->text + out->text_n));
		add(s, out->text + out->text_n, n);
		out->text_n += n;
	} while (left.many && left.a_n > 0);
}

/* Says what was lost, before what is written again. */
static void add_notice(struct suplog *s, const struct stream *stream)
{
	struct out *out = &s->out;
	char *at = out->text + out->text_n;
	size_t n;

	n = format_loss(&stream->file_format, s->time, out->file->lost_lines, out->file->lost_bytes,
		strerror(out->file->error), at);
	add(s, at, n);
	out->text_n += n;
	out->notice = true;
}

void out_span(struct suplog *s, struct stream *stream, const struct span *span)
{
	struct out *out = &s->out;
	struct file *file = stream->file;
	bool plain = format_is_plain(&stream->file_format);

	/* Losses are counted for the stream whose lines they are. */
	if (out->file != file || (out->stream != stream && file->lost_lines > 0) ||
		out->iov_n + 4 > OUT_IOV)
		out_flush(s);
	if (!file_begin(s, file) || ((!plain || file->lost_lines > 0) && !text_ready(out))) {
		uint64_t lines = span->many ? count_lines(span->a, span->a_n) : 1;

		file->lost_lines += lines;
		file->lost_bytes += span->a_n + span->b_n;
		stream_dropped(s, stream, lines, span->a_n + span->b_n,
			file->error ? file->error : ENOMEM);
		return;
	}
	out->file = file;
	out->stream = stream;
	if (file->lost_lines > 0 && out->bytes == 0 && !out->notice)
		add_notice(s, stream);
	if (plain)
		add_plain(s, span);
	else
		add_formatted(s, &stream->file_format, span);
}
