/* supctl_log_read.c - asking suplog, and lines of many places in the order of time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cmd/supctl_logs.h"
#include "supervisor/wire/log_read.h"

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
	/* Which are the last ones until some time, suplog does not know. */
	const size_t lines = reading->last < RING_LINES_MAX && wish->until_us == 0 ? reading->last
										   : RING_LINES_MAX;
	json_t *json =
		json_pack("{s:I, s:b}", LOG_READ_LINES, (json_int_t)lines, LOG_READ_FOLLOW, follow);
	int failed = json ? 0 : -1;

	if (!failed && wish->n_paths > 0)
		failed = json_object_set_new(json, LOG_READ_PATHS, paths_json(wish));
	if (!failed && wish->since_us > 0)
		failed = json_object_set_new(
			json, LOG_READ_SINCE, json_integer((json_int_t)wish->since_us));
	if (!failed && wish->stream)
		failed = json_object_set_new(json, LOG_READ_STREAM, json_string(wish->stream));
	if (!failed)
		return json;
	json_decref(json);
	return NULL;
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

static struct log_source *source_of_file(const struct log_reading *reading, const char *file)
{
	for (size_t i = 0; i < reading->n_sources; i++)
		if (reading->sources[i].path && strcmp(reading->sources[i].path, file) == 0)
			return &reading->sources[i];
	return NULL;
}

/* Lines in memory are a source for each child. Those of one child come together. */
static struct log_source *source_of_child(struct log_reading *reading, const char *child)
{
	for (size_t n = 0; n < reading->n_sources; n++) {
		const size_t at = (reading->last_found + n) % reading->n_sources;
		const struct log_source *source = &reading->sources[at];

		if (source->path || strcmp(source->writers[0], child) != 0)
			continue;
		reading->last_found = at;
		return &reading->sources[at];
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

static int find_file(struct log_source *source, const json_t *answer, bool follow)
{
	const char *format = json_string_value(json_object_get(answer, "format"));
	const char *times = json_string_value(json_object_get(answer, "timestamps"));
	/* Without follow nothing comes behind: all that is there by now is wanted. */
	const uint64_t inode = follow ? number_of(answer, "inode") : 0;

	source->files.form.json = format && strcmp(format, "json") == 0;
	source->files.form.times = times && strcmp(times, "none") != 0;
	source->files.form.prefix = json_is_true(json_object_get(answer, "prefix"));
	return log_files_open(&source->files, source->path, inode, number_of(answer, "offset"));
}

/* A child, with its file or without. Children with one file are one source. */
static int take_source(struct log_reading *reading, const json_t *answer, bool follow)
{
	const char *file = json_string_value(json_object_get(answer, "file"));
	const char *child = json_string_value(json_object_get(answer, "path"));
	struct log_source *source = file ? source_of_file(reading, file) : NULL;

	if (!child)
		return -EPROTO;
	if (source)
		return add_writer(source, child);
	source = add_source(reading);
	if (!source || add_writer(source, child) < 0)
		return -ENOMEM;
	if (!file)
		return 0;
	source->path = strdup(file);
	if (!source->path)
		return -ENOMEM;
	/* Nothing was written yet, as a rule. */
	if (find_file(source, answer, follow) == -ENOENT)
		source->dropped = number_of(answer, "dropped_lines");
	return 0;
}

/* A line from memory. */
static int take_line(struct log_reading *reading, const json_t *answer)
{
	struct log_line *line = log_line_of_json(answer);
	struct log_source *source = line ? source_of_child(reading, line->path) : NULL;
	struct log_line **lines;

	if (!source) {
		free(line); /* something newer than this supctl */
		return 0;
	}
	lines = reallocarray(source->lines, source->n_lines + 1, sizeof(struct log_line *));
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
	const json_t *source = json_object_get(answer, LOG_READ_SOURCE);

	*ret_end = json_is_true(json_object_get(answer, LOG_READ_END));
	if (*ret_end)
		return 0;
	if (json_object_get(answer, "error"))
		return -EPROTO;
	return source ? take_source(reading, source, follow) : take_line(reading, answer);
}

/* Each file takes two descriptors. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int logs_ask(struct log_reading *reading, bool follow, int64_t deadline_ms,
	struct connection *connection)
{
	json_t *request = request_json(reading, follow);
	bool end = false;
	int error = -ENOMEM;

	*connection = (struct connection){.fd = -1};
	allow_descriptors();
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

static struct log_line *next_in_memory(const struct log_reading *reading, struct log_source *source)
{
	while (source->at < source->n_lines) {
		struct log_line *line = source->lines[source->at++];

		if (log_wish_meets(&reading->wish, line))
			return line;
		free(line);
	}
	return NULL;
}

static void advance(const struct log_reading *reading, struct log_source *source)
{
	if (source->path)
		source->next = log_files_next(&source->files);
	else
		source->next = next_in_memory(reading, source);
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
		advance(reading, source);
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
	advance(reading, first);
	return line;
}

bool logs_unread(const struct log_reading *reading)
{
	for (size_t i = 0; i < reading->n_sources; i++)
		if (reading->sources[i].files.failed)
			return true;
	return false;
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

size_t logs_last(const char *dir, const char *path, int64_t until_us, size_t n, int64_t deadline_ms,
	struct log_line **lines)
{
	struct log_reading reading = {.dir = dir,
		.wish = {.since_us = INT64_MIN, .until_us = until_us, .paths = &path, .n_paths = 1},
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
				memmove(lines, lines + 1, (n - 1) * sizeof(struct log_line *));
				found--;
			}
			lines[found++] = line;
		}
	}
	logs_close(&reading);
	return found;
}
