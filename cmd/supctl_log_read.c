/* supctl_log_read.c - asking suplog, and lines of many places in the order of time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl_logs.h"

enum { RING_LINES_MAX = 100000 };

/* ---- what is asked */

static json_t *paths_json(const struct log_wish *wish)
{
	json_t *list = json_array();

	for (size_t i = 0; i < wish->n_paths; i++)
		if (json_array_append_new(list, json_string(wish->paths[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *request_json(const struct log_reading *reading, bool follow)
{
	const struct log_wish *wish = &reading->wish;
	const size_t lines = reading->last < RING_LINES_MAX ? reading->last : RING_LINES_MAX;
	char since[LOG_TIME_SIZE];
	json_t *json = json_pack("{s:o, s:I, s:b}", "paths", paths_json(wish), "lines",
		(json_int_t)lines, "follow", follow);

	if (wish->since_us > 0) {
		log_time_format(wish->since_us, since);
		(void)json_object_set_new(json, "since", json_string(since));
	}
	if (wish->stream)
		(void)json_object_set_new(json, "stream", json_string(wish->stream));
	return json;
}

/* ---- what is answered */

static struct log_source *add_source(struct log_reading *reading)
{
	struct log_source *sources =
		reallocarray(reading->sources, reading->n_sources + 1, sizeof(*sources));

	if (!sources)
		return NULL;
	reading->sources = sources;
	sources += reading->n_sources;
	*sources = (struct log_source){.order = reading->n_sources};
	reading->n_sources++;
	return sources;
}

static struct log_source *find_source(const struct log_reading *reading, const char *path)
{
	for (size_t i = 0; i < reading->n_sources; i++) {
		const char *other = reading->sources[i].path;

		if (path ? other && strcmp(other, path) == 0 : !other)
			return &reading->sources[i];
	}
	return NULL;
}

static int add_writer(struct log_source *source, const char *path)
{
	char **writers = reallocarray(source->writers, source->n_writers + 1, sizeof(*writers));

	if (!writers)
		return -ENOMEM;
	source->writers = writers;
	writers[source->n_writers] = strdup(path);
	if (!writers[source->n_writers])
		return -ENOMEM;
	source->n_writers++;
	return 0;
}

static uint64_t number_of(const json_t *json, const char *key)
{
	const json_int_t n = json_integer_value(json_object_get(json, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* A child has a file. */
static int take_file(struct log_reading *reading, const json_t *answer, bool follow)
{
	const char *file = json_string_value(json_object_get(answer, "file"));
	const char *child = json_string_value(json_object_get(answer, "path"));
	const char *format = json_string_value(json_object_get(answer, "format"));
	struct log_source *source = find_source(reading, file);
	uint64_t inode = 0;

	if (source)
		return add_writer(source, child ? child : "");
	source = add_source(reading);
	if (!source)
		return -ENOMEM;
	source->path = strdup(file);
	if (!source->path)
		return -ENOMEM;
	source->files.form.json = format && strcmp(format, "json") == 0;
	source->files.form.times = json_is_true(json_object_get(answer, "timestamps"));
	source->files.form.prefix = json_is_true(json_object_get(answer, "prefix"));
	/* Without follow nothing comes behind: all that is there by now is wanted. */
	if (follow && json_integer_value(json_object_get(answer, "size")) >= 0)
		inode = number_of(answer, "inode");
	(void)log_files_open(&source->files, file, inode, number_of(answer, "size"));
	return add_writer(source, child ? child : "");
}

/* A line from memory. */
static int take_line(struct log_reading *reading, const json_t *answer)
{
	struct log_line *line = log_line_of_json(answer);
	struct log_source *source = find_source(reading, NULL);
	struct log_line **lines;

	if (!line)
		return 0; /* not a record: something newer, or nothing */
	if (!source)
		source = add_source(reading);
	lines = source ? reallocarray(source->lines, source->n_lines + 1, sizeof(*lines)) : NULL;
	if (!lines) {
		free(line);
		return -ENOMEM;
	}
	source->lines = lines;
	lines[source->n_lines++] = line;
	return 0;
}

static int take(struct log_reading *reading, const json_t *answer, bool follow, bool *ret_end)
{
	*ret_end = json_is_true(json_object_get(answer, "end"));
	if (*ret_end)
		return 0;
	if (json_object_get(answer, "error"))
		return -EPROTO;
	if (json_is_string(json_object_get(answer, "file")))
		return take_file(reading, answer, follow);
	return take_line(reading, answer);
}

int logs_ask(struct log_reading *reading, bool follow, int64_t deadline_ms,
	struct connection *connection)
{
	json_t *request = request_json(reading, follow);
	bool end = false;
	int error = -ENOMEM;

	*connection = (struct connection){.fd = -1};
	if (request)
		error = connection_open_to(connection, reading->dir, "logs", deadline_ms);
	if (error)
		json_decref(request);
	else
		error = connection_send_json(connection, request, deadline_ms);
	while (!error && !end) {
		json_t *answer;

		error = connection_receive_json(connection, deadline_ms, &answer);
		if (error)
			break;
		error = take(reading, answer, follow, &end);
		json_decref(answer);
	}
	if (error)
		connection_close(connection);
	return error;
}

/* ---- in the order of time */

static void advance(struct log_source *source)
{
	if (source->path)
		source->next = log_files_next(&source->files);
	else
		source->next = source->at < source->n_lines ? source->lines[source->at++] : NULL;
}

void logs_begin(struct log_reading *reading)
{
	for (size_t i = 0; i < reading->n_sources; i++) {
		struct log_source *source = &reading->sources[i];

		source->files.wish = &reading->wish;
		source->files.form.paths = (const char *const *)source->writers;
		source->files.form.n_paths = source->n_writers;
		if (source->path && reading->last != SIZE_MAX)
			log_files_tail(&source->files, reading->last);
		advance(source);
	}
}

struct log_line *logs_next(struct log_reading *reading)
{
	struct log_source *first = NULL;
	struct log_line *line;

	for (size_t i = 0; i < reading->n_sources; i++) {
		struct log_source *source = &reading->sources[i];

		if (source->next && (!first || source->next->us < first->next->us))
			first = source;
	}
	if (!first)
		return NULL;
	line = first->next;
	advance(first);
	return line;
}

void logs_close(struct log_reading *reading)
{
	for (size_t i = 0; i < reading->n_sources; i++) {
		struct log_source *source = &reading->sources[i];

		log_files_close(&source->files);
		free(source->next);
		for (size_t k = 0; k < source->n_writers; k++)
			free(source->writers[k]);
		for (size_t k = source->at; k < source->n_lines; k++)
			free(source->lines[k]);
		free(source->writers);
		free(source->lines);
		free(source->path);
	}
	free(reading->sources);
	reading->sources = NULL;
	reading->n_sources = 0;
}

size_t logs_last(
	const char *dir, const char *path, size_t n, int64_t deadline_ms, struct log_line **lines)
{
	struct log_reading reading = {.dir = dir,
		.wish = {.since_us = INT64_MIN, .paths = &path, .n_paths = 1},
		.last = n};
	struct connection connection;
	struct log_line *line;
	size_t found = 0;

	if (logs_ask(&reading, false, deadline_ms, &connection) == 0) {
		connection_close(&connection);
		logs_begin(&reading);
		while ((line = logs_next(&reading)) != NULL) {
			if (found == n) {
				free(lines[0]);
				memmove(lines, lines + 1, (n - 1) * sizeof(*lines));
				found--;
			}
			lines[found++] = line;
		}
	}
	logs_close(&reading);
	return found;
}
