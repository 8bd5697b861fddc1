/* supctl_logs.c - logs: what children have written, and what they write. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/supctl_logs.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/log_read.h"
#include "supervisor/wire/methods.h"

enum { FOLLOW_LINES = 10, LINES_MAX = 1000000, WIDTH_MAX = 40, US = 1000000 };

/* One command, as it was asked for. */
struct logs {
	const struct request *request;
	struct log_reading reading;
	char **paths; /* malloc: those of the wish, in full */
	bool *is_process;
	bool with_path; /* lines of several children */
	size_t width;	/* of a path */
	bool failed;	/* something that was asked for cannot be shown */
};

/* ---- options */

/* "10m": so long ago; or a time. */
static bool read_since(const char *text, int64_t *ret_us)
{
	struct timespec now = {0};
	int64_t us = 0;
	int64_t ms;
	char full[LOG_TIME_SIZE];
	const size_t n = strlen(text);

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (parse_duration(text, &ms) == 0) {
		us = (int64_t)now.tv_sec * US + now.tv_nsec / 1000;
		*ret_us = ms > us / 1000 ? 0 : us - ms * 1000;
		return true;
	}
	/* The fraction may be left out, or short. */
	if (n < sizeof("2026-01-01T00:00:00Z") - 1 || n >= sizeof(full) || text[n - 1] != 'Z' ||
		(n > 20 && text[19] != '.'))
		return false;
	memcpy(full, "0000-00-00T00:00:00.000000Z", sizeof(full));
	memcpy(full, text, n - 1);
	full[19] = '.';
	return log_time_parse(full, sizeof(full) - 1, ret_us);
}

static int read_options(struct logs *logs)
{
	const struct request *request = logs->request;
	int64_t n = 0;

	logs->reading.wish.since_us = INT64_MIN;
	logs->reading.last = request->flags & FLAG_FOLLOW ? FOLLOW_LINES : SIZE_MAX;
	if (request->since && !(request->flags & FLAG_LINES))
		logs->reading.last = SIZE_MAX;
	if (request->lines && strcmp(request->lines, "all") == 0) {
		logs->reading.last = SIZE_MAX;
	} else if (request->lines) {
		if (parse_number(request->lines, 0, LINES_MAX, &n) < 0) {
			complain("-n takes a number of lines up to %d, or all, not %s", LINES_MAX,
				request->lines);
			return SUPCTL_USAGE;
		}
		logs->reading.last = (size_t)n;
	}
	if (request->since && !read_since(request->since, &logs->reading.wish.since_us)) {
		complain("--since takes a duration (10m: since ten minutes ago) or a time such as "
			 "2026-01-01T00:00:00Z, not %s",
			request->since);
		return SUPCTL_USAGE;
	}
	if (request->stream && strcmp(request->stream, "out") != 0 &&
		strcmp(request->stream, "err") != 0) {
		complain("--stream is out or err, not %s", request->stream);
		return SUPCTL_USAGE;
	}
	logs->reading.wish.stream = request->stream;
	return SUPCTL_DONE;
}

/* Finds the children that are meant. The root is all of them. */
static int find_paths(struct logs *logs)
{
	const struct request *request = logs->request;
	struct snapshot snapshot;
	char path[SNAPSHOT_PATH_SIZE];
	int status = SUPCTL_DONE;
	size_t n = 0;

	logs->with_path = request->n_args != 1;
	if (request->n_args == 0)
		return SUPCTL_DONE;
	logs->paths = calloc(request->n_args, sizeof(*logs->paths));
	logs->is_process = calloc(request->n_args, sizeof(*logs->is_process));
	if (!logs->paths || !logs->is_process)
		return SUPCTL_REFUSED;
	status = snapshot_open(request->dir, &snapshot);
	if (status != SUPCTL_DONE)
		return status;
	for (size_t i = 0; i < request->n_args && status == SUPCTL_DONE; i++) {
		uint32_t at = 0;

		status = snapshot_locate(&snapshot, request->args[i], &at);
		if (status != SUPCTL_DONE)
			break;
		logs->with_path |= snapshot.nodes[at].record.kind != KIND_PROCESS;
		logs->is_process[n] = snapshot.nodes[at].record.kind == KIND_PROCESS;
		logs->paths[n] = strdup(snapshot_path(&snapshot, at, path));
		n += logs->paths[n] != NULL;
		if (at == 0)
			break; /* all others are below it */
	}
	snapshot_free(&snapshot);
	logs->reading.wish.paths = (const char *const *)logs->paths;
	logs->reading.wish.n_paths = n;
	if (n > 0 && strcmp(logs->paths[n - 1], "/") == 0)
		logs->reading.wish.n_paths = 0;
	return status;
}

/* ---- output */

/* The column that paths have: as wide as the widest of those that are known. */
static void find_width(struct logs *logs)
{
	for (size_t i = 0; i < logs->reading.n_sources; i++) {
		const struct log_source *source = &logs->reading.sources[i];

		for (size_t k = 0; k < source->n_writers; k++) {
			const size_t columns = out_columns(logs->request->out, source->writers[k]);

			if (columns > logs->width)
				logs->width = columns < WIDTH_MAX ? columns : WIDTH_MAX;
		}
	}
}

/* What a terminal would take for more than text, but for colours. */
static void print_clean(struct out *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)text[i];
		size_t length = 0;

		if (c == 0x1b && i + 1 < n && text[i + 1] == '[')
			length = 2 + strspn(text + i + 2, "0123456789;");
		if (length > 0 && i + length < n && text[i + length] == 'm') {
			out_bytes(out, text + i, length + 1);
			i += length;
		} else {
			out_bytes(out, (c < ' ' && c != '\t') || c == 0x7f ? "?" : text + i, 1);
		}
	}
}

static void print_text(struct logs *logs, const struct log_line *line)
{
	struct out *out = logs->request->out;
	const bool err = strcmp(line->stream, "err") == 0;

	if (logs->request->flags & FLAG_TIMES) {
		out_cell(out, line->time, LOG_TIME_SIZE - 1, true, TONE_DIM);
		out_text(out, " ");
	}
	if (logs->with_path) {
		const size_t columns = out_columns(out, line->path);

		if (columns > logs->width)
			logs->width = columns < WIDTH_MAX ? columns : WIDTH_MAX;
		out_cell(out, line->path, columns > logs->width ? columns : logs->width, true,
			TONE_BOLD);
		out_cell(out, err ? " !" : " |", 2, false, err ? TONE_BAD : TONE_DIM);
		out_text(out, " ");
	}
	if (out->terminal)
		print_clean(out, line->text, line->n);
	else
		out_bytes(out, line->text, line->n);
	out_text(out, "\n");
}

/* Frees the line. */
static void print_line(struct logs *logs, struct log_line *line)
{
	struct out *out = logs->request->out;

	if (logs->request->flags & FLAG_JSON) {
		json_t *json = log_line_json(line);

		out_json(out, json);
		out_text(out, "\n");
		json_decref(json);
	} else {
		print_text(logs, line);
	}
	free(line);
}

/* The last of them: they are known when all have been seen. */
static void print_last(struct logs *logs, size_t n)
{
	struct log_line **ring = calloc(n, sizeof(struct log_line *));
	struct log_line *line;
	size_t at = 0;

	while (ring && (line = logs_next(&logs->reading)) != NULL) {
		free(ring[at]);
		ring[at] = line;
		at = (at + 1) % n;
	}
	for (size_t i = 0; ring && i < n; i++) {
		if (ring[(at + i) % n])
			print_line(logs, ring[(at + i) % n]);
	}
	free(ring);
}

static void print_past(struct logs *logs)
{
	struct log_line *line;

	logs_begin(&logs->reading);
	if (logs->reading.last != SIZE_MAX) {
		if (logs->reading.last > 0)
			print_last(logs, logs->reading.last);
		return;
	}
	while (!logs->request->out->error && (line = logs_next(&logs->reading)) != NULL)
		print_line(logs, line);
}

/* ---- why there is nothing */

static bool is_known(const struct log_reading *reading, const char *path)
{
	for (size_t i = 0; i < reading->n_sources; i++) {
		const struct log_source *source = &reading->sources[i];

		for (size_t k = 0; k < source->n_writers; k++)
			if (strcmp(source->writers[k], path) == 0)
				return true;
	}
	return false;
}

/* Of a process of which suplog says nothing. One that has only written nothing yet is fine. */
static bool explain(const struct request *request, const char *path)
{
	struct client_reply reply;
	const json_t *log;
	const char *to;
	bool explained = true;

	if (call_wait(request, WIRE_INTERFACE ".Inspect", json_pack("{s:s}", "path", path),
		    &reply) != SUPCTL_DONE)
		return true;
	log = json_object_get(json_object_get(reply.parameters, "spec"), "log");
	to = json_string_value(json_object_get(log, "to"));
	if (!reply.error && !json_is_object(log))
		complain("%s has no log section: its output goes to supd's own standard output and "
			 "error (log = inherit)",
			path);
	else if (!reply.error && to && strcmp(to, "null") == 0)
		complain("%s has log = null: its output goes to /dev/null", path);
	else
		explained = false;
	client_reply_free(&reply);
	return explained;
}

static void explain_all(struct logs *logs)
{
	for (size_t i = 0; i < logs->reading.wish.n_paths; i++)
		if (logs->is_process[i] && !is_known(&logs->reading, logs->paths[i]))
			logs->failed |= explain(logs->request, logs->paths[i]);
}

/* Returns an enum supctl_exit. */
static int complain_nothing(struct logs *logs, int error)
{
	const struct request *request = logs->request;

	if (error == -EPROTO) {
		complain("suplog does not understand this supctl: are they of one version?");
		return SUPCTL_REFUSED;
	}
	if (error != -ENOENT && error != -ECONNREFUSED)
		return complain_unreachable(request, error);
	explain_all(logs);
	if (!logs->failed)
		complain("nothing is logged at %s: no child that runs has a log section",
			request->dir);
	return SUPCTL_REFUSED;
}

/* Of what cannot be shown, or not be told apart: lines of a file without times, or streams. */
static void warn(const struct logs *logs)
{
	const struct request *request = logs->request;

	for (size_t i = 0; i < logs->reading.n_sources; i++) {
		const struct log_source *source = &logs->reading.sources[i];
		const struct log_form *form = &source->files.form;

		if (source->dropped > 0)
			complain("%s cannot be made, and what was to be written there is dropped: "
				 "supd's standard error says why",
				source->path);
		if (!source->path || form->json)
			continue;
		if (request->since && !form->times)
			complain("the lines in %s have no times (timestamps = none): since then "
				 "cannot be told",
				source->path);
		if (request->stream && !form->prefix)
			complain("the lines in %s do not say of which stream they are (prefix = "
				 "false): all are shown",
				source->path);
	}
}

/* ---- live */

static void print_live(struct logs *logs, const json_t *answer)
{
	const json_t *lost = json_object_get(answer, LOG_READ_LOST);
	struct log_line *line = log_line_of_json(answer);

	if (lost)
		complain("%lld lines are not shown: this reader was too slow",
			(long long)json_integer_value(lost));
	if (line)
		print_line(logs, line);
}

/* suplog has ended. Is there another one? Then its lines follow. */
static int reconnect(struct logs *logs, struct connection *connection)
{
	struct log_reading next = {.dir = logs->reading.dir, .wish = logs->reading.wish, .last = 0};
	int error;

	connection_close(connection);
	error = logs_ask(&next, true, deadline_after(logs->request->timeout_ms), connection);
	logs_close(&next);
	return error;
}

static int follow(struct logs *logs, struct connection *connection)
{
	const struct request *request = logs->request;
	int error = 0;

	while (!request->out->error) {
		json_t *answer = NULL;

		if (!frames_ready(&connection->frames))
			out_flush(request->out);
		error = connection_receive_json(connection, INT64_MAX, &answer);
		if (error == 0)
			print_live(logs, answer);
		json_decref(answer);
		if (error && reconnect(logs, connection) < 0) {
			complain("supd at %s has ended", request->dir);
			break;
		}
		if (error)
			complain("the logger was restarted: lines of this moment may be missing "
				 "here");
	}
	return SUPCTL_DONE;
}

/* ---- the command */

static int show(struct logs *logs)
{
	const struct request *request = logs->request;
	const bool follows = request->flags & FLAG_FOLLOW;
	struct connection connection;
	int error =
		logs_ask(&logs->reading, follows, deadline_after(request->timeout_ms), &connection);

	if (error)
		return complain_nothing(logs, error);
	if (!follows)
		connection_close(&connection);
	warn(logs);
	explain_all(logs);
	find_width(logs);
	print_past(logs);
	out_flush(request->out);
	if (follows && !logs->failed)
		(void)follow(logs, &connection);
	connection_close(&connection);
	return logs->failed || logs_unread(&logs->reading) ? SUPCTL_REFUSED : SUPCTL_DONE;
}

int verb_logs(const struct request *request)
{
	struct logs logs = {.request = request, .reading = {.dir = request->dir}};
	int status = read_options(&logs);

	out_prepare_table(request->out);
	if (status == SUPCTL_DONE)
		status = find_paths(&logs);
	if (status == SUPCTL_DONE)
		status = show(&logs);
	logs_close(&logs.reading);
	for (size_t i = 0; logs.paths && i < request->n_args; i++)
		free(logs.paths[i]);
	free(logs.paths);
	free(logs.is_process);
	return status;
}
