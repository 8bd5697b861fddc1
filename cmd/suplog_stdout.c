/* suplog_stdout.c - lines out of the queue to standard output, which never makes anybody wait.
 *
 * To a pipe or a terminal whole lines go, as many at once as the system surely takes in one piece,
 * so that no other writer comes between the parts of one. What was written is taken off the queue
 * after it was written: after a kill in between it is written once more. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/suplog.h"
#include "supervisor/log/queue.h"

enum { CHUNK_FILE = 64 * 1024, RETRY_MS = 250 };

static void sink_ready(struct suplog *s, struct watch *watch, uint32_t events)
{
	struct stdout_sink *sink = &s->sink;

	(void)events;
	(void)watch_set(s, watch, 0);
	sink->waiting = false;
}

void sink_open(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	struct stat stat;
	int fd = -1;

	sink->chunk = PIPE_BUF;
	sink->watch = (struct watch){.ready = sink_ready, .fd = STDOUT_FILENO};
	if (fstat(STDOUT_FILENO, &stat) < 0) {
		sink->dead = true;
		sink->watch.fd = -1;
		return;
	}
	sink->regular = S_ISREG(stat.st_mode);
	if (sink->regular)
		sink->chunk = CHUNK_FILE;
	/* Others share the description that we were given: the one that does not wait is our own.
	 * A file's has the place in it that they share, too. */
	if (S_ISFIFO(stat.st_mode) || S_ISCHR(stat.st_mode))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		sink->watch.fd = fd;
	sink->polled = fd < 0 && !sink->regular;
	sink->colours = isatty(STDOUT_FILENO) && (!no_color || no_color[0] == '\0') &&
			!(term && strcmp(term, "dumb") == 0);
}

/* ---- a chunk */

static struct stream *stream_of(struct suplog *s, const struct queue_entry *entry)
{
	return entry->slot < s->journal->slots_n ? s->streams[entry->slot] : NULL;
}

static void finish(struct suplog *s, struct queue_entry *entry)
{
	struct stream *stream = stream_of(s, entry);

	queue_drop(s->journal, entry);
	suplog_step(s);
	if (!stream)
		return;
	stream->queued--;
	stream_let_go(s, stream);
}

/* Takes what the chunk was made of off the queue. */
static void advance(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;
	struct span span;
	struct queue_entry *entry = queue_first(s->journal, &span);

	if (sink->source_n == 0 || sink->source_n == span.a_n)
		finish(s, entry);
	else
		queue_advance(s->journal, entry, sink->source_n);
	sink->text_n = 0;
}

/* Formats the next lines. False: there are none. */
static bool make_chunk(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;
	struct span span;
	struct queue_entry *entry;
	struct stream *stream;
	struct span first;
	char time[TIME_TEXT];
	size_t size;

	for (;;) {
		entry = queue_first(s->journal, &span);
		if (!entry)
			return false;
		stream = stream_of(s, entry);
		if (stream)
			break;
		queue_drop(s->journal, entry);
	}
	format_time(entry->time_us, time);
	sink->text_at = 0;
	sink->source_n = 0;
	sink->text_lines = 1;
	sink->text_n = 0;
	if (s->journal->queue_torn) {
		/* A predecessor died, and perhaps amid a line. */
		sink->text[sink->text_n++] = '\n';
		s->journal->queue_torn = 0;
	}
	if (span.many) {
		size = span.a_n;
		first = span;
		sink->text_n += format_lines(&stream->out_format, time, &span,
			sink->text + sink->text_n, sink->chunk - sink->text_n, &sink->text_lines);
		sink->source_n = size - span.a_n;
		if (sink->source_n > 0)
			return true;
		/* Not even one is surely short enough. */
		first.a_n = (size_t)((const char *)memchr(span.a, '\n', span.a_n) - span.a);
		first.many = false;
		sink->source_n = first.a_n + 1;
		sink->text_lines = 1;
		span = first;
	}
	sink->text_n =
		(size_t)(format_line(&stream->out_format, time, &span, sink->text + sink->text_n) -
			 sink->text);
	return true;
}

/* ---- writing */

static void lose_all(struct suplog *s, int error)
{
	struct stdout_sink *sink = &s->sink;
	struct span span;
	struct queue_entry *entry;

	while ((entry = queue_first(s->journal, &span))) {
		struct stream *stream = stream_of(s, entry);
		uint64_t lines = span.many ? count_lines(span.a, span.a_n) : 1;

		sink->lost_lines += lines;
		sink->lost_bytes += span.a_n;
		if (stream)
			stream_dropped(s, stream, lines, span.a_n, error);
		finish(s, entry);
	}
	sink->text_n = 0;
	s->journal->queue_torn = 0;
}

static void sink_failed(struct suplog *s, int error)
{
	struct stdout_sink *sink = &s->sink;

	if (sink->error != error)
		say("standard output: %s; its lines are dropped", strerror(error));
	sink->error = error;
	sink->retry_ms = s->now_ms + RETRY_MS;
	/* A reader that is gone does not come back; a disk may become less full. */
	if (error != ENOSPC && error != EDQUOT && error != EFBIG)
		sink->dead = true;
	lose_all(s, error);
}

/* Writes the chunk. Returns 1: all of it, 0: it takes no more now, or negative errno. */
static int write_chunk(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;

	while (sink->text_at < sink->text_n) {
		size_t left = sink->text_n - sink->text_at;
		struct pollfd room = {.fd = sink->watch.fd, .events = POLLOUT};
		ssize_t n;

		if (sink->polled) {
			/* Poll says that a page is free: so much does not wait. */
			if (poll(&room, 1, 0) == 0)
				return 0;
			left = left < PIPE_BUF ? left : PIPE_BUF;
		}
		/* A kill may come amid a write that the system does not take as one. */
		s->journal->queue_torn = sink->regular || sink->text_n > PIPE_BUF;
		n = write(sink->watch.fd, sink->text + sink->text_at, left);
		suplog_step(s);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			sink->text_at += (size_t)n;
			s->drain_ms = s->now_ms;
		}
		s->journal->queue_torn = sink->text_at > 0 && sink->text_at < sink->text_n &&
					 sink->text[sink->text_at - 1] != '\n';
	}
	return 1;
}

/* Says what was lost, before what is written again. */
static void make_notice(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;
	struct format plain = {.time = false};
	char time[TIME_TEXT];

	format_time(s->now_us, time);
	sink->text_at = 0;
	sink->text_n = format_loss(&plain, time, sink->lost_lines, sink->lost_bytes,
		sink->error ? strerror(sink->error) : "standard output was full", sink->text);
	sink->notice = true;
}

static void wait_for_room(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;

	sink->waiting = watch_set(s, &sink->watch, EPOLLOUT) == 0;
}

/* What to write next: the rest of a chunk, a notice, or lines. False: nothing. */
static bool next_text(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;

	if (sink->text_at < sink->text_n)
		return true;
	if (queue_is_empty(s->journal))
		return false;
	if (!sink->text)
		sink->text = malloc(OUT_TEXT);
	if (!sink->text)
		return false;
	if (sink->lost_lines > 0 && (sink->error == 0 || s->now_ms >= sink->retry_ms)) {
		make_notice(s);
		return true;
	}
	return make_chunk(s);
}

void sink_drain(struct suplog *s)
{
	struct stdout_sink *sink = &s->sink;

	if (sink->waiting)
		return;
	if (sink->dead || (sink->error != 0 && s->now_ms < sink->retry_ms))
		lose_all(s, sink->error);
	while (next_text(s)) {
		int rc = write_chunk(s);

		if (rc == 0) {
			wait_for_room(s);
			break;
		}
		if (rc < 0) {
			sink->notice = false;
			sink_failed(s, -rc);
			break;
		}
		if (sink->notice) {
			sink->notice = false;
			sink->lost_lines = sink->lost_bytes = 0;
			sink->error = 0;
			sink->text_n = 0;
		} else {
			advance(s);
		}
	}
	if (s->paused_n > 0 && queue_room(s->journal, LOG_LINE_MOST, 0) >= PIPE_BUF)
		streams_resume(s);
}
