/* suplog_answer.c - what is asked at DIR/logs, and the answer (supervisor/wire/log_read.h).
 *
 * The last lines of children without a file are in their rings. Of one with a file the answer says
 * how far the file is written at this moment: its reader reads so far for itself, and what it then
 * follows goes on from there. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/suplog_reader.h"
#include "supervisor/wire/log_read.h"

/* ---- sending */

/* Adds one object. Steals it. */
static void send_object(struct reader *reader, json_t *object)
{
	size_t n = object ? json_dumpb(object, NULL, 0, JSON_COMPACT) : 0;

	if (n > 0 && reader_room(reader, n + 1, READER_ANSWER_MOST)) {
		(void)json_dumpb(object, reader->out + reader->out_n, n, JSON_COMPACT);
		reader->out[reader->out_n + n] = '\0';
		reader->out_n += n + 1;
	} else {
		reader->lost++;
	}
	json_decref(object);
}

static void refuse(struct reader *reader, const char *why)
{
	send_object(reader, json_pack("{s:s}", "error", why));
	reader->closing = true;
}

/* ---- sources */

/* The stream that tells how a child is written. */
static const struct stream *first_stream(const struct child *child)
{
	for (int i = 0; i < LOG_STREAM_COUNT; i++)
		if (child->streams[i])
			return child->streams[i];
	return NULL;
}

/* Adds what is counted of one stream. */
static void count(struct suplog *s, const struct stream *stream, struct slot *sum)
{
	const struct slot *slot = journal_slot(s->journal, stream->slot);
	const struct stream_state *state = slot_state(s->journal, slot);

	sum->state[0].bytes += state->bytes;
	sum->state[0].lines += state->lines;
	sum->dropped_bytes += slot->dropped_bytes;
	sum->dropped_lines += slot->dropped_lines;
	sum->rotations += slot->rotations;
	if (slot->error)
		sum->error = slot->error;
}

static json_t *counters(struct suplog *s, const struct child *child)
{
	struct slot sum = {0};

	for (int i = 0; i < LOG_STREAM_COUNT; i++)
		if (child->streams[i])
			count(s, child->streams[i], &sum);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:s?}", "bytes", (json_int_t)sum.state[0].bytes,
		"lines", (json_int_t)sum.state[0].lines, "dropped_bytes",
		(json_int_t)sum.dropped_bytes, "dropped_lines", (json_int_t)sum.dropped_lines,
		"rotations", (json_int_t)sum.rotations, "error",
		sum.error ? strerrorname_np(sum.error) : NULL);
}

static json_t *source(struct suplog *s, const struct child *child, const struct stream *stream)
{
	const struct log_settings *settings = &stream->settings;
	struct file *file = stream->file;
	json_t *object = json_pack("{s:s, s:s?, s:s, s:s, s:b, s:s, s:b}", "path", child->path,
		"file", file ? file->path : NULL, "to", log_to_name(settings->to), "format",
		log_format_name(settings->format), "prefix", settings->prefix, "timestamps",
		log_timestamps_name(settings->timestamps), "merged",
		stream->which == LOG_STREAM_MERGED);
	json_t *sums = counters(s, child);
	bool well = object && sums && json_object_update(object, sums) == 0;

	json_decref(sums);
	if (well && file) {
		file_look(file);
		json_t *place = json_pack("{s:I, s:I, s:I}", "device", (json_int_t)file->device,
			"inode", (json_int_t)file->inode, "offset", (json_int_t)file->size);

		well = place && json_object_update(object, place) == 0;
		json_decref(place);
	}
	if (well)
		return object;
	json_decref(object);
	return NULL;
}

static void send_source(struct suplog *s, struct reader *reader, const struct child *child)
{
	const struct stream *stream = first_stream(child);
	json_t *object = stream ? source(s, child, stream) : NULL;

	/* A failed part fails the whole, which is then lost, and said to be. */
	if (stream)
		send_object(reader, json_pack("{s:o}", LOG_READ_SOURCE, object));
}

/* ---- rings */

static bool wants_line(
	const struct reader *reader, const struct child *child, const struct ring_line *line)
{
	return line->time_us >= reader->since_us &&
	       reader_wants(reader, child, (enum log_stream)line->stream);
}

static void send_line(
	struct reader *reader, const struct child *child, const struct ring_line *line)
{
	struct format format;
	char time[TIME_TEXT];
	size_t most;
	char *end;

	if (format_init_record(&format, child->path, (enum log_stream)line->stream) < 0) {
		reader->lost++;
		return;
	}
	most = format_most(&format, line->text.a_n + line->text.b_n);
	if (reader_room(reader, most, READER_ANSWER_MOST)) {
		format_time(line->time_us, time);
		end = format_line(&format, time, &line->text, reader->out + reader->out_n);
		reader->out_n = (size_t)(end - reader->out);
	} else {
		reader->lost++;
	}
	format_free(&format);
}

/* The last lines of one ring, no more than were asked for. */
static void send_ring(struct reader *reader, const struct child *child)
{
	struct ring_line line;
	size_t n = 0;
	size_t skip;

	for (uint64_t at = 0; ring_next(&child->ring, &at, &line);)
		n += wants_line(reader, child, &line);
	skip = n > reader->lines ? n - reader->lines : 0;
	for (uint64_t at = 0; ring_next(&child->ring, &at, &line);) {
		if (!wants_line(reader, child, &line))
			continue;
		if (skip > 0)
			skip--;
		else
			send_line(reader, child, &line);
	}
}

/* ---- the request */

static bool read_paths(struct reader *reader, const json_t *paths)
{
	size_t n = json_array_size(paths);

	reader->paths = n ? calloc(n, sizeof(char *)) : NULL;
	for (size_t i = 0; i < n && reader->paths; i++) {
		const char *path = json_string_value(json_array_get(paths, i));

		reader->paths[i] = path ? strdup(path) : NULL;
		if (!reader->paths[i])
			return false;
		reader->paths_n++;
	}
	return n == 0 || reader->paths;
}

/* Returns NULL, or what is wrong. */
static const char *read_request(struct reader *reader, const json_t *request, bool *ret_sources)
{
	const json_t *lines = json_object_get(request, LOG_READ_LINES);
	const json_t *since = json_object_get(request, LOG_READ_SINCE);
	const json_t *stream_json = json_object_get(request, LOG_READ_STREAM);
	const char *stream = stream_json ? json_string_value(stream_json) : "any";

	reader->lines = SIZE_MAX;
	reader->stream = -1;
	reader->since_us = INT64_MIN;
	if (lines && (!json_is_integer(lines) || json_integer_value(lines) < 0))
		return "lines is a number";
	if (lines)
		reader->lines = (size_t)json_integer_value(lines);
	if (since && !json_is_integer(since))
		return "since is a number of microseconds";
	if (since)
		reader->since_us = json_integer_value(since);
	if (stream && strcmp(stream, "out") == 0)
		reader->stream = LOG_STREAM_OUT;
	else if (stream && strcmp(stream, "err") == 0)
		reader->stream = LOG_STREAM_ERR;
	else if (stream_json)
		return "stream is out or err";
	reader->all = !json_object_get(request, LOG_READ_PATHS);
	if (!reader->all && !read_paths(reader, json_object_get(request, LOG_READ_PATHS)))
		return "paths is an array of strings";
	*ret_sources = json_is_true(json_object_get(request, LOG_READ_SOURCES));
	reader->follow = !*ret_sources && json_is_true(json_object_get(request, LOG_READ_FOLLOW));
	return NULL;
}

void reader_answer(struct suplog *s, struct reader *reader, const char *text, size_t n)
{
	json_t *request = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	bool sources = false;
	const char *wrong = json_is_object(request) ? read_request(reader, request, &sources)
						    : "a request is an object of JSON";

	json_decref(request);
	if (wrong) {
		refuse(reader, wrong);
		return;
	}
	s->followers += reader->follow;
	for (struct child *child = s->children; child; child = child->hh.next)
		if (reader_wants_child(reader, child))
			send_source(s, reader, child);
	for (struct child *child = s->children; child && !sources; child = child->hh.next)
		if (reader_wants_child(reader, child))
			send_ring(reader, child);
	if (reader->lost > 0) {
		send_object(reader, json_pack("{s:I}", LOG_READ_LOST, (json_int_t)reader->lost));
		reader->lost = 0;
	}
	send_object(reader, json_pack("{s:b}", LOG_READ_END, 1));
	reader->closing = !reader->follow;
}
