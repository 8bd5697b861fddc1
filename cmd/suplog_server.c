/* suplog_server.c - DIR/logs: who may connect, what was asked, what is sent, and to whom too late.
 *
 * One JSON object ended by NUL a request, and the same a record. Nobody here makes anybody wait: a
 * reader that is slow loses lines, and is told how many. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/suplog_reader.h"
#include "supervisor/wire/log_read.h"

enum { ACCEPTS = 8, READ_SIZE = 4096 };

bool reader_room(struct reader *reader, size_t n, size_t most)
{
	size_t unsent = reader->out_n - reader->out_at;
	size_t size = reader->out_size ? reader->out_size : READ_SIZE;
	char *out;

	if (unsent + n > most)
		return false;
	if (reader->out_size - reader->out_n >= n)
		return true;
	if (reader->out_at > 0) {
		memmove(reader->out, reader->out + reader->out_at, unsent);
		reader->out_n = unsent;
		reader->out_at = 0;
	}
	while (size - unsent < n)
		size *= 2;
	if (size == reader->out_size)
		return true;
	out = realloc(reader->out, size);
	if (!out)
		return false;
	reader->out = out;
	reader->out_size = size;
	return true;
}

void reader_paths_free(struct reader *reader)
{
	for (size_t i = 0; i < reader->paths_n; i++)
		free(reader->paths[i]);
	free(reader->paths);
	reader->paths = NULL;
	reader->paths_n = 0;
}

static void reader_close(struct suplog *s, struct reader *reader)
{
	struct reader **at = &s->readers;

	while (*at != reader)
		at = &(*at)->next;
	*at = reader->next;
	s->readers_n--;
	s->followers -= reader->follow;
	watch_close(s, &reader->watch);
	frames_free(&reader->in);
	reader_paths_free(reader);
	free(reader->out);
	free(reader);
}

/* ---- sending */

/* Returns false when the reader is gone. */
static bool reader_send(struct suplog *s, struct reader *reader)
{
	while (reader->out_at < reader->out_n) {
		ssize_t n = send(reader->watch.fd, reader->out + reader->out_at,
			reader->out_n - reader->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return watch_set(s, &reader->watch, EPOLLIN | EPOLLOUT) == 0;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			reader->out_at += (size_t)n;
	}
	reader->out_n = 0;
	reader->out_at = 0;
	if (!reader->follow) {
		free(reader->out);
		reader->out = NULL;
		reader->out_size = 0;
	}
	return !reader->closing && watch_set(s, &reader->watch, EPOLLIN) == 0;
}

/* Tells of the lines that it lost, once it takes something again. */
static void tell_lost(struct reader *reader)
{
	enum { MOST = 64 };
	int n;

	if (reader->lost == 0 || !reader_room(reader, MOST, READER_FOLLOW_MOST / 2))
		return;
	n = snprintf(reader->out + reader->out_n, MOST, "{\"" LOG_READ_LOST "\":%llu}",
		(unsigned long long)reader->lost);
	reader->out_n += (size_t)n + 1;
	reader->lost = 0;
}

void server_flush(struct suplog *s)
{
	struct reader *reader;
	struct reader *next;

	for (reader = s->readers; reader; reader = next) {
		next = reader->next;
		tell_lost(reader);
		/* One that waits for room is served when epoll says so. */
		if ((reader->watch.events & EPOLLOUT) == 0 &&
			(reader->out_at < reader->out_n || reader->closing) &&
			!reader_send(s, reader))
			reader_close(s, reader);
	}
}

bool reader_wants_child(const struct reader *reader, const struct child *child)
{
	for (size_t i = 0; i < reader->paths_n; i++) {
		const size_t n = strlen(reader->paths[i]);

		/* The child itself, or what is below it. */
		if (strncmp(child->path, reader->paths[i], n) == 0 &&
			(child->path[n] == '\0' || child->path[n] == '/'))
			return true;
	}
	return reader->all;
}

bool reader_wants(const struct reader *reader, const struct child *child, enum log_stream which)
{
	/* What is merged counts as standard output. */
	if (reader->stream >= 0 && (which == LOG_STREAM_ERR) != (reader->stream == LOG_STREAM_ERR))
		return false;
	return reader_wants_child(reader, child);
}

static void follow_one(struct suplog *s, struct reader *reader, const struct stream *stream,
	const struct span *line)
{
	size_t most = format_most(&stream->record, line->a_n + line->b_n);
	char *end;

	if (reader->lost > 0 || !reader_room(reader, most, READER_FOLLOW_MOST)) {
		reader->lost++;
		return;
	}
	end = format_line(&stream->record, s->time, line, reader->out + reader->out_n);
	reader->out_n = (size_t)(end - reader->out);
}

void server_follow(struct suplog *s, struct stream *stream, const struct span *span)
{
	if (!stream->record.head &&
		format_init_record(&stream->record, stream->child->path, stream->which) < 0)
		return;
	for (struct reader *reader = s->readers; reader; reader = reader->next) {
		const char *at = span->a;
		size_t left = span->a_n;

		if (!reader->follow || !reader_wants(reader, stream->child, stream->which))
			continue;
		if (!span->many) {
			follow_one(s, reader, stream, span);
			continue;
		}
		while (left > 0) {
			const char *newline = memchr(at, '\n', left);
			struct span line = {.a = at, .a_n = (size_t)(newline - at)};

			follow_one(s, reader, stream, &line);
			left -= line.a_n + 1;
			at = newline + 1;
		}
	}
}

/* ---- receiving */

/* Returns false when the reader is gone, or says what nobody understands. */
static bool reader_receive(struct suplog *s, struct reader *reader)
{
	char bytes[READ_SIZE];
	const char *text;
	size_t text_n;
	ssize_t n = recv(reader->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	/* Its one request was answered, or is being answered: it has nothing more to say. */
	if (reader->follow || reader->closing)
		return true;
	if (frames_feed(&reader->in, bytes, (size_t)n) < 0)
		return false;
	if (frames_next(&reader->in, &text, &text_n))
		reader_answer(s, reader, text, text_n);
	return true;
}

static void reader_ready(struct suplog *s, struct watch *watch, uint32_t events)
{
	struct reader *reader = (struct reader *)(void *)watch;
	bool well = true;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		well = reader_receive(s, reader);
	if (well && (events & EPOLLOUT))
		well = reader_send(s, reader);
	if (!well)
		reader_close(s, reader);
}

static void listener_ready(struct suplog *s, struct watch *watch, uint32_t events)
{
	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct reader *reader;

		if (fd < 0)
			return;
		reader = peer_may_read(s, fd) && s->readers_n < READERS_MOST
				 ? calloc(1, sizeof(*reader))
				 : NULL;
		if (!reader) {
			(void)close(fd);
			continue;
		}
		reader->watch = (struct watch){.ready = reader_ready, .fd = fd};
		frames_init(&reader->in, REQUEST_MOST);
		reader->next = s->readers;
		s->readers = reader;
		s->readers_n++;
		if (watch_set(s, &reader->watch, EPOLLIN) < 0)
			reader_close(s, reader);
	}
}

void server_start(struct suplog *s)
{
	int flag = 0;
	socklen_t size = sizeof(flag);

	/* It may have been given none. */
	if (getsockopt(LOG_FD_LISTEN, SOL_SOCKET, SO_ACCEPTCONN, &flag, &size) < 0 || !flag)
		return;
	s->listener = (struct watch){.ready = listener_ready, .fd = LOG_FD_LISTEN};
	(void)watch_set(s, &s->listener, EPOLLIN);
}

void server_stop(struct suplog *s)
{
	while (s->readers)
		reader_close(s, s->readers);
}
