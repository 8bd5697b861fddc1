/* suplog_batch.c - pieces of streams, from the pipes through the journal to where they go.
 *
 * The steps, each of which a kill may come behind, are those of journal.h. A stream gives one piece
 * a batch at most: its next carry is written over the one before the last. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/suplog.h"
#include "supervisor/log/queue.h"

enum {
	PIECE_LEAST = 4096,
	/* What is in pipes is memory that nobody counts. */
	PIPES_GROWN_MOST = 256,
};

/* ---- taking pieces */

/* How much the stream may read now; 0: it must wait, for another batch or until it is resumed. */
static size_t piece_limit(struct suplog *s, struct stream *stream)
{
	struct slot *slot = journal_slot(s->journal, stream->slot);
	size_t limit = s->batch_most - s->batch_n;
	size_t room;

	if (stream->settings.to != LOG_TO_FILE && stream->settings.on_full == LOG_ON_FULL_BLOCK) {
		room = queue_room(s->journal, slot_state(s->journal, slot)->carry_n, s->queue_need);
		if (room < PIECE_LEAST) {
			if (!queue_is_empty(s->journal) || s->batch_n > 0)
				stream_pause(s, stream);
			return 0;
		}
		limit = limit < room ? limit : room;
	}
	if (stream->flush && stream->flush_left < limit)
		limit = (size_t)stream->flush_left;
	return stream->file ? room_limit(s, stream, limit) : limit;
}

/* A pipe that was found full gets more room, if the system allows it. */
static void pipe_grow(struct suplog *s, struct stream *stream, size_t n)
{
	int size = fcntl(stream->watch.fd, F_GETPIPE_SZ);

	if (stream->grown || size < 0 || n < (size_t)size / 2)
		return;
	stream->grown = true;
	if (s->pipes_grown >= PIPES_GROWN_MOST)
		return;
	s->pipes_grown++;
	for (int larger = (int)s->stage_size; larger > size; larger /= 2)
		if (fcntl(stream->watch.fd, F_SETPIPE_SZ, larger) >= 0)
			return;
}

/* Moves up to limit bytes into the buffer. Returns their number, 0 at the end of the stream, or
 * negative errno (-EAGAIN: it is empty). */
static ssize_t take_bytes(struct suplog *s, struct stream *stream, size_t limit)
{
	char *to = journal_buffer(s->journal) + s->batch_n;
	ssize_t n;

	if (stream->watch.fd < 0)
		return -EAGAIN;
	if (s->stage_in < 0) {
		n = read(stream->watch.fd, to, limit);
		return n < 0 ? -errno : n;
	}
	n = splice(stream->watch.fd, NULL, s->stage_out, NULL, limit,
		SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	suplog_step(s);
	journal_piece_sized(s->journal, (uint32_t)n, 0);
	suplog_step(s);
	/* All of it is there: it comes at once, or in parts when a kill is on its way. */
	for (ssize_t got = 0, more; got < n; got += more) {
		more = read(s->stage_in, to + got, (size_t)(n - got));
		if (more <= 0)
			return more < 0 ? -errno : -EIO;
	}
	suplog_step(s);
	return n;
}

/* *n bytes of at most limit were read, or why not. Does the line under way end with them? */
static bool piece_ends(struct suplog *s, struct stream *stream, size_t limit, ssize_t *n)
{
	if (limit > 0 && *n <= 0 && *n != -EAGAIN && *n != -EINTR) {
		stream->ended = true;
		(void)watch_set(s, &stream->watch, 0);
		stream->flush = true;
	}
	if (*n <= 0) {
		*n = 0;
		stream->flush_left = 0;
	} else if (stream->flush) {
		stream->flush_left -= (uint64_t)*n;
	}
	return stream->flush && stream->flush_left == 0;
}

/* Is a stream to be looked at again in the next round? */
static bool piece_take(struct suplog *s, struct stream *stream)
{
	size_t limit = piece_limit(s, stream);
	bool flush = stream->flush && stream->flush_left == 0;
	ssize_t n = 0;

	if (limit == 0 && !flush)
		return !stream->paused;
	if (!journal_under_way(s->journal)) {
		journal_begin(s->journal, s->now_us);
		suplog_step(s);
	}
	journal_piece_open(s->journal, stream->slot);
	suplog_step(s);
	if (limit > 0)
		n = take_bytes(s, stream, limit);
	flush = piece_ends(s, stream, limit, &n);
	if (n == 0 && !flush) {
		journal_piece_withdraw(s->journal);
		return false;
	}
	journal_piece_sized(s->journal, (uint32_t)n, flush ? PIECE_FLUSH : 0);
	suplog_step(s);
	if (flush)
		stream->flush = false;
	stream->in_batch = true;
	room_plan(s, stream, journal_buffer(s->journal) + s->batch_n,
		&s->journal->pieces[s->journal->pieces_n - 1]);
	s->batch_n += (size_t)n;
	if (stream->settings.to != LOG_TO_FILE)
		s->queue_need += queue_need(
			slot_state(s->journal, journal_slot(s->journal, stream->slot))->carry_n,
			(size_t)n);
	pipe_grow(s, stream, (size_t)n);
	if (s->draining)
		return stream->flush;
	if ((size_t)n == limit && n > 0)
		return true;
	return stream->flush || (stream->always && !stream->ended);
}

/* A piece of each ready stream, as far as the buffer goes. */
static void take_pieces(struct suplog *s)
{
	struct stream *last = NULL;

	s->batch_n = 0;
	s->queue_need = 0;
	while (s->ready_first && s->batch_most - s->batch_n >= PIECE_LEAST) {
		struct stream *stream = s->ready_first;

		if (stream == last || stream->in_batch ||
			(journal_under_way(s->journal) && s->journal->pieces_n == JOURNAL_PIECES))
			break;
		s->ready_first = stream->next_ready;
		if (!s->ready_first)
			s->ready_end = &s->ready_first;
		stream->ready = false;
		if (!piece_take(s, stream))
			continue;
		stream_make_ready(s, stream);
		if (!stream->in_batch && !last)
			last = stream; /* it waits for the next batch: once around is enough */
	}
}

/* ---- what becomes of them */

static void to_queue(struct suplog *s, struct stream *stream, const struct span *span)
{
	uint64_t lines = span->many ? count_lines(span->a, span->a_n) : 1;
	uint64_t bytes = span->a_n + span->b_n;

	if (s->sink.dead) {
		stream_dropped(s, stream, lines, bytes, EPIPE);
		return;
	}
	if (!queue_fits(s->journal, span)) {
		/* Only with on_full = drop: a stream that blocks reads no more than fits. */
		s->sink.lost_lines += lines;
		s->sink.lost_bytes += bytes;
		stream_dropped(s, stream, lines, bytes, ENOBUFS);
		return;
	}
	queue_add(s->journal, stream->slot, span);
	stream->queued++;
}

static void emit(struct suplog *s, struct stream *stream, const struct span *span)
{
	if (stream->file)
		out_span(s, stream, span);
	else
		ring_add(&stream->child->ring, s->journal->time_us, (uint8_t)stream->which, span);
	if (stream->settings.to != LOG_TO_FILE)
		to_queue(s, stream, span);
	if (s->followers > 0)
		server_follow(s, stream, span);
}

/* Keeps what is left of a piece for the next one. */
static void carry_on(struct slot *slot, struct stream_state *next, const struct split *split)
{
	if (split->carry_n > 0) {
		/* The line goes on growing where it is; what is valid of it does not change. */
		memcpy(slot_carry(slot, next->carry_at) + split->carry_n, split->data, split->n);
	} else if (split->n > 0) {
		next->carry_at = (uint8_t)(1 - next->carry_at);
		memcpy(slot_carry(slot, next->carry_at), split->data, split->n);
	}
	next->carry_n = (uint32_t)(split->carry_n + split->n);
	next->continued = split->continued;
}

static void process(struct suplog *s, const struct journal_piece *piece, const char *data)
{
	struct stream *stream = s->streams[piece->slot];
	struct slot *slot = journal_slot(s->journal, piece->slot);
	struct stream_state *next = slot_next(s->journal, slot);
	struct split split = {.carry = slot_carry(slot, next->carry_at),
		.carry_n = next->carry_n,
		.data = data,
		.n = piece->n,
		.max_line = stream ? stream->settings.max_line : LOG_LINE_MOST,
		.continued = next->continued != 0,
		.flush = (piece->flags & PIECE_FLUSH) != 0};
	struct span span;

	/* The bound may have become smaller since. */
	if (split.max_line < split.carry_n)
		split.max_line = split.carry_n;
	next->bytes += piece->n;
	while (split_next(&split, &span)) {
		next->lines += span.many ? count_lines(span.a, span.a_n) : 1;
		if (stream)
			emit(s, stream, &span);
	}
	carry_on(slot, next, &split);
}

static void process_all(struct suplog *s)
{
	const char *data = journal_buffer(s->journal);

	format_time(s->journal->time_us, s->time);
	for (uint32_t i = 0; i < s->journal->pieces_n; i++) {
		process(s, &s->journal->pieces[i], data);
		data += s->journal->pieces[i].n;
	}
	out_flush(s);
	journal_commit(s->journal);
	suplog_step(s);
}

/* What was known of the batch alone. */
static void forget(struct suplog *s)
{
	for (uint32_t i = 0; i < s->journal->pieces_n; i++) {
		struct stream *stream = s->streams[s->journal->pieces[i].slot];
		struct file *file = stream ? stream->file : NULL;

		if (!stream)
			continue;
		stream->in_batch = false;
		if (file) {
			file->in_batch = false;
			file->planned = 0;
		}
		stream_let_go(s, stream);
	}
}

void batch_run(struct suplog *s)
{
	if (!s->ready_first)
		return;
	take_pieces(s);
	if (!journal_under_way(s->journal))
		return;
	process_all(s);
	forget(s);
}

/* Reads what is in the stage pipe: to at, or to nowhere when it is NULL. */
static int read_staged(struct suplog *s, size_t staged, char *at)
{
	char nowhere[4096] = {0};

	while (staged > 0) {
		size_t most = at || staged < sizeof(nowhere) ? staged : sizeof(nowhere);
		ssize_t n = read(s->stage_in, at ? at : nowhere, most);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at = at ? at + n : NULL;
		staged -= (size_t)n;
		suplog_step(s);
	}
	return 0;
}

static void redo(struct suplog *s)
{
	struct journal *journal = s->journal;
	const char *data = journal_buffer(journal);

	for (uint32_t i = 0; i < journal->files_n; i++)
		file_cut(s, &journal->files[i]);
	journal_files_cut(journal);
	suplog_step(s);
	for (uint32_t i = 0; i < journal->pieces_n; i++) {
		struct stream *stream = s->streams[journal->pieces[i].slot];

		if (stream)
			room_plan(s, stream, data, &journal->pieces[i]);
		data += journal->pieces[i].n;
	}
	process_all(s);
	forget(s);
}

int batch_recover(struct suplog *s)
{
	struct journal *journal = s->journal;
	int staged = 0;
	size_t at = 0;
	int rc = -EBADMSG;

	if (s->stage_in >= 0 && ioctl(s->stage_in, FIONREAD, &staged) < 0)
		return -errno;
	if (!journal_under_way(journal) && staged == 0)
		return 0;
	if (journal_under_way(journal))
		rc = journal_resume(journal, (uint32_t)staged, &at);
	if (rc == 0) {
		rc = read_staged(s, (size_t)staged, journal_buffer(journal) + at);
		if (rc < 0)
			return rc;
		redo(s);
		return 0;
	}
	/* Another version left it, or it cannot be done: better some lines than all that follow. */
	say("what was under way cannot be recovered, and is lost");
	if (journal_under_way(journal))
		journal_give_up(journal);
	return read_staged(s, (size_t)staged, NULL);
}
