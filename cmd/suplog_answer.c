/* suplog_answer.c - what is asked at DIR/logs, and the answer.
 *
 *   {"paths":["web"],"lines":10,"since":"2026-11-24T13:00:00Z","stream":"err","follow":true}
 *   {"counters":true,"paths":[]}
 *
 * The last lines of children without a file come as records, in the order of their times; for one
 * with a file the answer names the file, and how much of it there was at that moment, so that the
 * reader reads it itself and what it then follows goes on from there. {"end":true} is the last. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/suplog_reader.h"

/* A line of a ring. */
struct item {
	int64_t time_us;
	size_t order; /* among lines of one time: as they were found */
	struct child *child;
	uint64_t at; /* in its ring */
};

struct items {
	struct item *list; /* malloc */
	size_t n;
	size_t size;
};

enum { ITEMS_MOST = 1 << 20 };

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

/* ---- files */

static const struct stream *stream_with_file(const struct child *child)
{
	for (int i = 0; i < LOG_STREAM_COUNT; i++)
		if (child->streams[i] && child->streams[i]->file)
			return child->streams[i];
	return NULL;
}

/* Do other children write into it, too? */
static bool is_shared(const struct suplog *s, const struct child *child, const struct file *file)
{
	for (const struct child *other = s->children; other; other = other->hh.next) {
		const struct stream *stream = stream_with_file(other);

		if (other != child && stream && stream->file == file)
			return true;
	}
	return false;
}

static void send_file(struct suplog *s, struct reader *reader, const struct child *child,
	const struct stream *stream)
{
	const struct file *file = stream->file;
	const struct log_settings *settings = &stream->settings;

	send_object(reader,
		json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:I, s:I}", "path", child->path, "file",
			file->path, "format", log_format_name(settings->format), "timestamps",
			settings->timestamps != LOG_TIMESTAMPS_NONE, "prefix", settings->prefix,
			"shared", is_shared(s, child, file), "inode", (json_int_t)file->inode,
			"size", file->fd < 0 ? (json_int_t)-1 : (json_int_t)file->size));
}

/* ---- rings */

static int items_add(struct items *items, const struct item *item)
{
	if (items->n == items->size) {
		size_t size = items->size ? items->size * 2 : 64;
		struct item *list;

		if (size > ITEMS_MOST)
			return -E2BIG;
		list = reallocarray(items->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		items->list = list;
		items->size = size;
	}
	items->list[items->n] = *item;
	items->list[items->n].order = items->n;
	items->n++;
	return 0;
}

static bool wants_line(
	const struct reader *reader, const struct child *child, const struct ring_line *line)
{
	return line->time_us >= reader->since_us &&
	       reader_wants(reader, child, (enum log_stream)line->stream);
}

/* Collects the last lines of one ring, no more than were asked for. */
static int collect(const struct reader *reader, struct child *child, struct items *items)
{
	struct ring_line line;
	size_t count = 0;
	size_t skip;

	for (uint64_t at = 0; ring_next(&child->ring, &at, &line);)
		count += wants_line(reader, child, &line);
	skip = count > reader->lines ? count - reader->lines : 0;
	for (uint64_t at = 0, before = child->ring.first; ring_next(&child->ring, &at, &line);
		before = at) {
		struct item item = {.time_us = line.time_us, .child = child, .at = before};

		if (!wants_line(reader, child, &line))
			continue;
		if (skip > 0)
			skip--;
		else if (items_add(items, &item) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct item *first = a;
	const struct item *second = b;

	if (first->time_us != second->time_us)
		return first->time_us < second->time_us ? -1 : 1;
	return first->order < second->order ? -1 : 1;
}

static void send_item(struct reader *reader, const struct item *item)
{
	struct format format;
	struct ring_line line;
	uint64_t at = item->at;
	char time[TIME_TEXT];
	size_t most;
	char *end;

	if (!ring_next(&item->child->ring, &at, &line) ||
		format_init_record(&format, item->child->path, (enum log_stream)line.stream) < 0) {
		reader->lost++;
		return;
	}
	most = format_most(&format, line.text.a_n + line.text.b_n);
	if (reader_room(reader, most, READER_ANSWER_MOST)) {
		format_time(line.time_us, time);
		end = format_line(&format, time, &line.text, reader->out + reader->out_n);
		reader->out_n = (size_t)(end - reader->out);
	} else {
		reader->lost++;
	}
	format_free(&format);
}

static void send_rings(struct suplog *s, struct reader *reader)
{
	struct items items = {0};
	int rc = 0;

	for (struct child *child = s->children; child && rc == 0; child = child->hh.next)
		if (!stream_with_file(child))
			rc = collect(reader, child, &items);
	if (items.n > 0)
		qsort(items.list, items.n, sizeof(items.list[0]), by_time);
	for (size_t i = items.n > reader->lines ? items.n - reader->lines : 0; i < items.n; i++)
		send_item(reader, &items.list[i]);
	free(items.list);
}

/* ---- counters */

static void send_counters(struct suplog *s, struct reader *reader)
{
	for (uint32_t i = 0; i < s->journal->slots_n; i++) {
		const struct stream *stream = s->streams[i];
		const struct slot *slot = journal_slot(s->journal, i);
		const struct stream_state *state;

		if (!stream || !reader_wants(reader, stream->child, stream->which))
			continue;
		state = slot_state(s->journal, slot);
		send_object(
			reader, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s}", "path",
					stream->child->path, "stream",
					log_stream_name(stream->which), "bytes",
					(json_int_t)state->bytes, "lines", (json_int_t)state->lines,
					"dropped_bytes", (json_int_t)slot->dropped_bytes,
					"dropped_lines", (json_int_t)slot->dropped_lines,
					"rotations", (json_int_t)slot->rotations, "error",
					slot->error ? strerror(slot->error) : ""));
	}
}

/* ---- the request */

/* "2026-11-24T13:39:35Z", with or without a fraction. */
static bool read_time(const char *text, int64_t *ret_us)
{
	struct civil time = {0};
	int end = 0;
	int n = sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u%n", &time.year, &time.month, &time.day,
		&time.hour, &time.minute, &time.second, &end);
	unsigned unit = 100000;

	if (n != 6 || time.month < 1 || time.month > 12 || time.day < 1 || time.day > 31)
		return false;
	text += end;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
			time.us += (unsigned)(*text - '0') * unit;
	if (strcmp(text, "Z") != 0)
		return false;
	*ret_us = civil_to_us(&time);
	return true;
}

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
static const char *read_request(struct reader *reader, const json_t *request, bool *ret_counters)
{
	const json_t *lines = json_object_get(request, "lines");
	const json_t *since = json_object_get(request, "since");
	const char *stream = json_string_value(json_object_get(request, "stream"));

	reader->lines = LINES_DEFAULT;
	reader->stream = -1;
	reader->since_us = INT64_MIN;
	if (lines && (json_integer_value(lines) < 0 || json_integer_value(lines) > LINES_MOST))
		return "lines is a number up to 100000";
	if (lines)
		reader->lines = (size_t)json_integer_value(lines);
	if (since &&
		!(json_is_string(since) && read_time(json_string_value(since), &reader->since_us)))
		return "since is a time such as 2026-11-24T13:39:35Z";
	for (int i = 0; stream && i < LOG_STREAM_COUNT; i++)
		if (strcmp(stream, log_stream_name((unsigned)i)) == 0)
			reader->stream = i;
	if (stream && reader->stream < 0)
		return "stream is out, err or merged";
	if (!read_paths(reader, json_object_get(request, "paths")))
		return "paths is an array of strings";
	*ret_counters = json_is_true(json_object_get(request, "counters"));
	reader->follow = !*ret_counters && json_is_true(json_object_get(request, "follow"));
	return NULL;
}

void reader_answer(struct suplog *s, struct reader *reader, const char *text, size_t n)
{
	json_t *request = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	bool counters = false;
	const char *wrong = json_is_object(request) ? read_request(reader, request, &counters)
						    : "a request is an object of JSON";

	json_decref(request);
	if (wrong) {
		refuse(reader, wrong);
		return;
	}
	s->followers += reader->follow;
	if (counters) {
		send_counters(s, reader);
	} else {
		for (struct child *child = s->children; child; child = child->hh.next) {
			const struct stream *stream = stream_with_file(child);

			if (stream && reader_wants(reader, child, LOG_STREAM_MERGED))
				send_file(s, reader, child, stream);
		}
		send_rings(s, reader);
	}
	if (reader->lost > 0) {
		send_object(reader, json_pack("{s:I}", "lost", (json_int_t)reader->lost));
		reader->lost = 0;
	}
	send_object(reader, json_pack("{s:b}", "end", 1));
	reader->closing = !reader->follow;
}
