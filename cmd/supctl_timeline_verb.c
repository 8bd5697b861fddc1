/* supctl_timeline_verb.c - timeline: from the history that supd keeps, or from a file of events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_timeline.h"
#include "config/units.h"
#include "supervisor/wire/methods.h"

enum { LANES_MAX = 200 };

static int complain_memory(void)
{
	complain("out of memory");
	return SUPCTL_REFUSED;
}

/* ---- from a file of `supctl events --json` */

static int read_lines(const char *name, FILE *file, struct timeline *timeline)
{
	char *line = NULL;
	size_t size = 0;
	size_t number = 0;
	int error = 0;

	while (!error && getline(&line, &size, file) >= 0) {
		json_t *event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		number++;
		if (line[strspn(line, " \t\r\n")])
			error = timeline_add(timeline, event, true);
		json_decref(event);
	}
	free(line);
	if (error == -EINVAL) {
		complain("%s:%zu: this is no event; `supctl events --json` writes them", name,
			number);
		return SUPCTL_REFUSED;
	}
	if (!error && ferror(file)) {
		complain("cannot read %s", name);
		return SUPCTL_REFUSED;
	}
	return error ? complain_memory() : SUPCTL_DONE;
}

static int read_file(const char *name, struct timeline *timeline)
{
	FILE *file;
	int status;

	if (strcmp(name, "-") == 0)
		return read_lines("standard input", stdin, timeline);
	file = fopen(name, "re");
	if (!file) {
		complain("cannot read %s: %s", name, strerror(errno));
		return SUPCTL_REFUSED;
	}
	status = read_lines(name, file, timeline);
	(void)fclose(file);
	return status;
}

/* ---- from supd */

static int make_lanes(const struct request *request, struct timeline *timeline)
{
	struct snapshot snapshot;
	int status = snapshot_open_live(request->dir, &snapshot);
	uint32_t position = 0;
	int error = 0;

	if (status != SUPCTL_DONE)
		return status;
	if (request->n_args == 0)
		error = timeline_lanes(timeline, &snapshot, 0);
	for (size_t i = 0; i < request->n_args && !error && status == SUPCTL_DONE; i++) {
		status = snapshot_locate(&snapshot, request->args[i], &position);
		if (status == SUPCTL_DONE)
			error = timeline_lanes(timeline, &snapshot, position);
	}
	snapshot_free(&snapshot);
	return error ? complain_memory() : status;
}

static int take_history(
	const struct request *request, struct connection *connection, struct timeline *timeline)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	bool more = true;

	while (more) {
		struct client_reply reply;
		const json_t *event;
		int error = connection_receive(connection, deadline_ms, &reply);

		if (error)
			return complain_unreachable(request, error);
		if (reply.error) {
			int status = complain_refused(request, NULL, &reply);

			client_reply_free(&reply);
			return status;
		}
		event = json_object_get(reply.parameters, "event");
		if (json_is_object(event))
			error = timeline_add(timeline, event, request->n_args == 0);
		more = reply.continues;
		client_reply_free(&reply);
		if (error == -ENOMEM)
			return complain_memory();
	}
	return SUPCTL_DONE;
}

static int ask_supd(const struct request *request, struct timeline *timeline)
{
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	struct connection connection;
	json_t *parameters;
	int status = make_lanes(request, timeline);
	int error;

	if (status != SUPCTL_DONE)
		return status;
	parameters = json_pack("{s:i, s:b}", "since", 0, "follow", 0);
	if (!parameters)
		return complain_memory();
	error = connection_open(&connection, request->dir, deadline_ms);
	if (error) {
		json_decref(parameters);
		return complain_unreachable(request, error);
	}
	error = connection_send(
		&connection, WIRE_INTERFACE ".Subscribe", parameters, CLIENT_MORE, deadline_ms);
	status = error ? complain_unreachable(request, error)
		       : take_history(request, &connection, timeline);
	connection_close(&connection);
	return status;
}

/* ---- the command */

static int64_t wall_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int read_begin(const struct request *request, int64_t *ret_ms)
{
	int64_t ago_ms;

	*ret_ms = INT64_MIN;
	if (!request->since)
		return SUPCTL_DONE;
	if (parse_duration(request->since, &ago_ms) < 0) {
		complain("timeline: --since takes a duration (10m: the last ten minutes), not %s",
			request->since);
		return SUPCTL_USAGE;
	}
	*ret_ms = ago_ms > wall_ms() ? INT64_MIN : wall_ms() - ago_ms;
	return SUPCTL_DONE;
}

static int show(const struct request *request, struct timeline *timeline, int64_t begin_ms)
{
	int64_t end_ms = request->from ? INT64_MIN : wall_ms();

	if (timeline_finish(timeline, begin_ms, end_ms, LANES_MAX) < 0)
		return complain_memory();
	if (request->flags & FLAG_SVG) {
		timeline_svg(request->out, timeline);
		return SUPCTL_DONE;
	}
	out_prepare_table(request->out);
	timeline_print(request->out, timeline);
	return SUPCTL_DONE;
}

int verb_timeline(const struct request *request)
{
	struct timeline timeline = {0};
	int64_t begin_ms;
	int status = read_begin(request, &begin_ms);

	if (status == SUPCTL_DONE && request->flags & FLAG_JSON) {
		complain("timeline has no --json: `supctl events --since-start --no-follow --json` "
			 "has the events");
		status = SUPCTL_USAGE;
	}
	if (status == SUPCTL_DONE && request->from && request->n_args > 0) {
		complain("timeline --from takes all that is in the file: no PATHs");
		status = SUPCTL_USAGE;
	}
	if (status != SUPCTL_DONE)
		return status;
	status = request->from ? read_file(request->from, &timeline) : ask_supd(request, &timeline);
	if (status == SUPCTL_DONE)
		status = show(request, &timeline, begin_ms);
	timeline_free(&timeline);
	return status;
}
