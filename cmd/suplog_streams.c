/* suplog_streams.c - children and their streams: told by supd, paused, flushed, removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/suplog.h"
#include "supervisor/log/queue.h"

struct child *child_find(struct suplog *s, uint32_t index, uint32_t generation)
{
	uint64_t key = (uint64_t)index << 32 | generation;
	struct child *child;

	HASH_FIND(hh, s->children, &key, sizeof(key), child);
	return child;
}

static struct child *child_new(struct suplog *s, const struct log_message *message)
{
	struct child *child = calloc(1, sizeof(*child));
	unsigned before = HASH_COUNT(s->children);

	if (!child)
		return NULL;
	child->key = (uint64_t)message->index << 32 | message->generation;
	child->path = strdup(message->path);
	ring_init(&child->ring, s->options.ring_size);
	if (child->path)
		HASH_ADD(hh, s->children, key, sizeof(child->key), child);
	if (HASH_COUNT(s->children) == before) {
		free(child->path);
		free(child);
		return NULL;
	}
	return child;
}

void child_free(struct suplog *s, struct child *child)
{
	HASH_DEL(s->children, child);
	ring_free(&child->ring);
	free(child->path);
	free(child);
}

/* ---- how a stream is written */

static unsigned colour_of(const char *path)
{
	unsigned hash = 5381;

	for (; *path != '\0'; path++)
		hash = hash * 33 + (unsigned char)*path;
	return 1 + hash % 6;
}

static unsigned width_of(const struct stream *stream)
{
	size_t n = strlen(stream->child->path);

	return stream->settings.prefix && n <= SUPLOG_WIDTH_MOST ? (unsigned)n : 0;
}

static int make_format(
	struct format *format, const struct stream *stream, unsigned width, unsigned colour)
{
	struct format made;
	int rc = format_init(
		&made, &stream->settings, stream->child->path, stream->which, width, colour);

	if (rc < 0)
		return rc;
	format_free(format);
	*format = made;
	return 0;
}

static int make_out_format(struct suplog *s, struct stream *stream)
{
	return make_format(&stream->out_format, stream, s->sink.width,
		s->sink.colours ? colour_of(stream->child->path) : 0);
}

/* A longer path came: the others are padded to it from now on; a failure leaves them as they are.
 */
static void widen(struct suplog *s, const struct stream *cause)
{
	unsigned width = width_of(cause);
	bool out = cause->settings.to != LOG_TO_FILE && width > s->sink.width;
	bool file = cause->file && width > cause->file->width;

	if (!out && !file)
		return;
	if (out)
		s->sink.width = width;
	if (file)
		cause->file->width = width;
	for (uint32_t i = 0; i < s->journal->slots_n; i++) {
		struct stream *stream = s->streams[i];

		if (out && stream && stream->settings.to != LOG_TO_FILE)
			(void)make_out_format(s, stream);
		if (file && stream && stream->file == cause->file)
			(void)make_format(&stream->file_format, stream, width, 0);
	}
}

/* Takes the settings over: all of them or, for want of memory, none. */
static int stream_set(struct suplog *s, struct stream *stream, const struct log_message *message)
{
	struct log_settings old = stream->settings;
	struct file *file = NULL;
	int rc = 0;

	if (message->settings.to != LOG_TO_STDOUT) {
		file = file_get(s, message->settings.file);
		if (!file)
			return -ENOMEM;
	}
	stream->settings = message->settings;
	stream->settings.file = file ? file->path : "";
	if (file) {
		file->settings = stream->settings;
		rc = make_format(&stream->file_format, stream, file->width, 0);
	}
	if (rc == 0 && message->settings.to != LOG_TO_FILE)
		rc = make_out_format(s, stream);
	if (rc < 0) {
		stream->settings = old;
		if (file)
			file_put(s, file);
		return rc;
	}
	if (stream->file)
		file_put(s, stream->file);
	stream->file = file;
	widen(s, stream);
	return 0;
}

/* ---- being told */

static void stream_ready(struct suplog *s, struct watch *watch, uint32_t events)
{
	struct stream *stream = (struct stream *)(void *)watch;

	(void)events;
	/* What comes after the end was asked for is not ours to wait for. */
	if (s->draining && !stream->flush)
		(void)watch_set(s, watch, 0);
	else
		stream_make_ready(s, stream);
}

void stream_free(struct suplog *s, struct stream *stream)
{
	watch_close(s, &stream->watch);
	format_free(&stream->file_format);
	format_free(&stream->out_format);
	format_free(&stream->record);
	if (stream->file)
		file_put(s, stream->file);
	if (stream->child)
		stream->child->streams[stream->which] = NULL;
	free(stream);
}

/* A stream in a slot. */
static int stream_new(struct suplog *s, struct child *child, const struct log_message *message,
	uint32_t slot, struct stream **ret)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	int rc;

	if (!stream)
		return -ENOMEM;
	stream->watch = (struct watch){.ready = stream_ready, .fd = -1};
	stream->which = message->stream;
	stream->slot = slot;
	stream->child = child;
	rc = stream_set(s, stream, message);
	if (rc < 0) {
		stream->child = NULL;
		stream_free(s, stream);
		return rc;
	}
	child->streams[stream->which] = stream;
	s->streams[slot] = stream;
	*ret = stream;
	return 0;
}

/* What a successor has to know of the stream. A torn one is told again by supd. */
static void slot_write(struct suplog *s, uint32_t slot, const struct log_message *message)
{
	struct slot *memory = journal_slot(s->journal, slot);
	char buf[LOG_MESSAGE_MAX];
	size_t n = log_message_write(message, buf);

	if (memory->message_n == n && memcmp(memory->message, buf, n) == 0)
		return;
	memcpy(memory->message, buf, n);
	memory->message_n = (uint32_t)n;
	__atomic_store_n(&memory->used, 1, __ATOMIC_RELEASE);
}

static int stream_take(struct suplog *s, struct stream *stream, int fd)
{
	watch_close(s, &stream->watch);
	stream->ended = false;
	stream->watch.fd = fd;
	if (stream->paused)
		return 0;
	return watch_set(s, &stream->watch, EPOLLIN);
}

int stream_tell(struct suplog *s, const struct log_message *message, int fd)
{
	struct child *child = child_find(s, message->index, message->generation);
	struct stream *stream;
	uint32_t slot = JOURNAL_NO_SLOT;
	int rc;

	if (!child)
		child = child_new(s, message);
	if (!child)
		return -ENOMEM;
	stream = child->streams[message->stream];
	if (stream) {
		rc = stream_set(s, stream, message);
	} else {
		rc = memory_slot(s, &slot);
		if (rc == 0)
			rc = stream_new(s, child, message, slot, &stream);
	}
	if (rc < 0 || !stream)
		return rc;
	slot_write(s, stream->slot, message);
	if (fd >= 0)
		rc = stream_take(s, stream, fd);
	/* It may have ended while nobody listened. */
	if (rc >= 0 && fd >= 0 && message->pid == 0)
		stream_flush_soon(s, stream);
	return rc;
}

void streams_restore(struct suplog *s)
{
	for (uint32_t i = 0; i < s->journal->slots_n; i++) {
		struct slot *slot = journal_slot(s->journal, i);
		struct log_message message;
		struct stream *stream;
		struct child *child;

		if (slot->used == 0)
			continue;
		if (slot->message_n > sizeof(slot->message) ||
			log_message_read(slot->message, slot->message_n, &message) < 0 ||
			message.kind != LOG_MESSAGE_STREAM) {
			memory_free_slot(s, i);
			continue;
		}
		child = child_find(s, message.index, message.generation);
		if (!child)
			child = child_new(s, &message);
		if (!child || child->streams[message.stream] ||
			stream_new(s, child, &message, i, &stream) < 0)
			memory_free_slot(s, i);
		else if (message.settings.compress != LOG_COMPRESS_NONE)
			s->may_exec = true;
	}
	for (uint64_t at = 0;;) {
		const struct queue_entry *entry = queue_next(s->journal, &at);

		if (!entry)
			break;
		if (entry->slot < s->journal->slots_n && s->streams[entry->slot])
			s->streams[entry->slot]->queued++;
	}
}

/* ---- ready, paused, flushed */

void stream_make_ready(struct suplog *s, struct stream *stream)
{
	if (stream->ready || stream->paused)
		return;
	stream->ready = true;
	stream->next_ready = NULL;
	*s->ready_end = stream;
	s->ready_end = &stream->next_ready;
}

void stream_flush_soon(struct suplog *s, struct stream *stream)
{
	int n = 0;

	if (stream->watch.fd >= 0 && ioctl(stream->watch.fd, FIONREAD, &n) < 0)
		n = 0;
	stream->flush = true;
	stream->flush_left = (uint64_t)n;
	stream_make_ready(s, stream);
}

void stream_pause(struct suplog *s, struct stream *stream)
{
	if (stream->paused)
		return;
	stream->paused = true;
	s->paused_n++;
	(void)watch_set(s, &stream->watch, 0);
}

void streams_resume(struct suplog *s)
{
	for (uint32_t i = 0; i < s->journal->slots_n && s->paused_n > 0; i++) {
		struct stream *stream = s->streams[i];

		if (!stream || !stream->paused)
			continue;
		stream->paused = false;
		s->paused_n--;
		if (stream->watch.fd >= 0 && !stream->ended)
			(void)watch_set(s, &stream->watch, EPOLLIN);
		stream_make_ready(s, stream);
	}
}

/* ---- the end */

void child_remove(struct suplog *s, struct child *child)
{
	bool any = false;

	child->removed = true;
	for (int i = 0; i < LOG_STREAM_COUNT; i++) {
		if (!child->streams[i])
			continue;
		any = true;
		stream_flush_soon(s, child->streams[i]);
	}
	if (!any) {
		child->next_gone = s->gone;
		s->gone = child;
	}
}

void stream_let_go(struct suplog *s, struct stream *stream)
{
	struct child *child = stream->child;

	if (!child->removed || stream->flush || stream->ready || stream->paused ||
		stream->queued > 0)
		return;
	memory_free_slot(s, stream->slot);
	stream_free(s, stream);
	for (int i = 0; i < LOG_STREAM_COUNT; i++)
		if (child->streams[i])
			return;
	child->next_gone = s->gone;
	s->gone = child;
}
