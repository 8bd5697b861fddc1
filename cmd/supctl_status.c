/* supctl_status.c - status: the status table as a tree, as JSON, once or each second. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_format.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_table.h"
#include "cmd/supctl_usage.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/child_json.h"

enum { WARNING_SIZE = PATH_MAX + 128 };

/* What must be said of a table that nobody keeps up to date. Returns the exit status that follows:
 * behind a supd that is gone nothing answers, so that is "not reachable". */
static int warning_of(
	const char *dir, const struct snapshot *snapshot, char warning[static WARNING_SIZE])
{
	const struct status_header *header = &snapshot->header;

	warning[0] = '\0';
	switch (snapshot->liveness) {
	case SUPD_ALIVE:
		if (snapshot->torn)
			(void)snprintf(warning, WARNING_SIZE,
				"the tree changed while it was read; some of this may be old");
		return SUPCTL_DONE;
	case SUPD_STOPPED:
		(void)snprintf(warning, WARNING_SIZE,
			"the supervisor behind %s (pid %d) is stopped (SIGSTOP); this is the last "
			"it wrote",
			dir, header->pid);
		return SUPCTL_DONE;
	case SUPD_ENDED:
		(void)snprintf(warning, WARNING_SIZE,
			"the supervisor behind %s (pid %d) has ended, with exit status %d; this is "
			"the last it wrote",
			dir, header->pid, header->exit_status);
		return SUPCTL_UNREACHABLE;
	case SUPD_GONE:
		(void)snprintf(warning, WARNING_SIZE,
			"the supervisor behind %s (pid %d) is gone; this is the last it wrote", dir,
			header->pid);
		return SUPCTL_UNREACHABLE;
	}
	return SUPCTL_DONE;
}

/* ---- choosing */

/* Marks what paths name, with all below. Returns an enum supctl_exit: REFUSED when a path names
 * nothing or more than one, else NOT_RUNNING when one of them is not running. */
static int choose(const struct request *request, const struct snapshot *snapshot, bool *chosen)
{
	int status = SUPCTL_DONE;

	if (request->n_args == 0)
		memset(chosen, true, snapshot->n * sizeof *chosen);
	for (size_t i = 0; i < request->n_args; i++) {
		uint32_t at;

		if (snapshot_locate(snapshot, request->args[i], &at) != SUPCTL_DONE) {
			status = SUPCTL_REFUSED;
			continue;
		}
		for (uint32_t j = at; j < snapshot->nodes[at].end; j++)
			chosen[j] = true;
		if (snapshot->nodes[at].record.state != CHILD_RUNNING && status == SUPCTL_DONE)
			status = SUPCTL_NOT_RUNNING;
	}
	return status;
}

/* ---- JSON */

/* Members of a Child, and what usage_add adds. */
static const char *const fields[] = {"path", "name", "kind", "state", "why", "pid", "strategy",
	"restart", "restarts", "since", "uptime", "ready", "health", "exit", "next_try",
	"suspended", "holder", "text", "max_children", "partitions", "memory", "cpu", "processes"};

static json_t *make_child(
	const struct snapshot *snapshot, uint32_t position, const struct usage *usage)
{
	char path[SNAPSHOT_PATH_SIZE];
	json_t *child = child_json(&snapshot->nodes[position].record,
		snapshot_path(snapshot, position, path), snapshot->now_mono_ms);

	if (child && usage && usage_add(child, &usage[position]) < 0) {
		json_decref(child);
		return NULL;
	}
	return child;
}

static void print_lines(struct out *out, const struct snapshot *snapshot, const bool *chosen,
	const struct usage *usage, const char *format)
{
	for (uint32_t i = 1; i < snapshot->n && !out->error; i++) {
		json_t *child = chosen[i] ? make_child(snapshot, i, usage) : NULL;

		if (child)
			format_print(out, format, child);
		else if (chosen[i])
			out->error = ENOMEM;
		json_decref(child);
	}
}

/* usage: by position; NULL: not asked for. */
static void print_json(struct out *out, const struct snapshot *snapshot, const bool *chosen,
	const struct usage *usage)
{
	const struct status_record *root = &snapshot->nodes[0].record;
	const char *state = child_state_name(root->state);
	json_t *name = json_string(root->name);
	bool first = true;

	/* A child at a time: a tree of ten thousand must not be built in memory first. */
	out_text(out, "{\"root\":");
	out_json(out, name);
	json_decref(name);
	out_printf(out, ",\"state\":\"%s\",\"pid\":%d,\"generation\":%llu,\"children\":[",
		state ? state : "unknown", snapshot->header.pid,
		(unsigned long long)snapshot->header.generation);
	for (uint32_t i = 1; i < snapshot->n; i++) {
		json_t *child;

		if (!chosen[i])
			continue;
		child = make_child(snapshot, i, usage);
		if (!first)
			out_text(out, ",");
		first = false;
		out_json(out, child);
		json_decref(child);
	}
	out_text(out, "]}\n");
}

/* It costs a look at all processes. */
static bool wants_usage(const struct request *request)
{
	if (request->flags & FLAG_NO_USAGE)
		return false;
	return !request->format || strstr(request->format, "{memory}") ||
	       strstr(request->format, "{cpu}") || strstr(request->format, "{processes}");
}

/* Returns an enum supctl_exit. */
static int status_json(
	const struct request *request, const struct snapshot *snapshot, const bool *chosen)
{
	struct usage *usage = NULL;

	if (wants_usage(request)) {
		usage = calloc(snapshot->n, sizeof *usage);
		if (!usage || usage_read(snapshot, chosen, usage) < 0) {
			complain("out of memory");
			free(usage);
			return SUPCTL_REFUSED;
		}
	}
	if (request->format)
		print_lines(request->out, snapshot, chosen, usage, request->format);
	else
		print_json(request->out, snapshot, chosen, usage);
	free(usage);
	return SUPCTL_DONE;
}

/* ---- once, and again */

static bool is_for_programs(const struct request *request)
{
	return request->flags & FLAG_JSON || request->format;
}

static int status_once(const struct request *request)
{
	struct out *out = request->out;
	char warning[WARNING_SIZE];
	struct snapshot snapshot;
	bool *chosen;
	int status = snapshot_open(request->dir, &snapshot);
	int gone;

	if (status != SUPCTL_DONE)
		return status;
	chosen = calloc(snapshot.n, sizeof *chosen);
	if (!chosen) {
		complain("out of memory");
		snapshot_free(&snapshot);
		return SUPCTL_REFUSED;
	}
	gone = warning_of(request->dir, &snapshot, warning);
	if (warning[0])
		complain("%s", warning);
	status = choose(request, &snapshot, chosen);
	if (status != SUPCTL_REFUSED && is_for_programs(request)) {
		int done = status_json(request, &snapshot, chosen);

		status = done > status ? done : status;
	} else if (status != SUPCTL_REFUSED) {
		out_prepare_table(out);
		table_print(out, &snapshot, chosen, 0, "\n");
	}
	free(chosen);
	snapshot_free(&snapshot);
	return gone > status ? gone : status;
}

/* One picture of --watch: on a terminal over the one before, without clearing it first. */
static int watch_draw(const struct request *request)
{
	struct out *out = request->out;
	const char *line_end = out->terminal ? "\033[K\n" : "\n";
	unsigned height = out->terminal && out->height > 2 ? out->height - 1 : 0;
	char warning[WARNING_SIZE];
	struct snapshot snapshot;
	bool *chosen;
	int status = snapshot_open(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	chosen = calloc(snapshot.n, sizeof *chosen);
	status = chosen ? choose(request, &snapshot, chosen) : SUPCTL_REFUSED;
	if (status == SUPCTL_DONE || status == SUPCTL_NOT_RUNNING) {
		(void)warning_of(request->dir, &snapshot, warning);
		if (out->terminal)
			out_text(out, "\033[H");
		if (warning[0]) {
			out_cell(out, warning, out->width, false, TONE_BAD);
			out_text(out, line_end);
		}
		table_print(out, &snapshot, chosen, height ? height - (warning[0] != '\0') : 0,
			line_end);
		if (out->terminal)
			out_text(out, "\033[J");
	}
	free(chosen);
	snapshot_free(&snapshot);
	return status;
}

static int status_watch(const struct request *request)
{
	const struct timespec second = {.tv_sec = 1};
	struct out *out = request->out;
	sigset_t set;
	int signal;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return SUPCTL_REFUSED;
	out_prepare_table(out);
	if (out->terminal)
		out_text(out, "\033[2J");
	for (bool first = true;; first = false) {
		int status = SUPCTL_DONE;

		if (is_for_programs(request))
			status = status_once(request);
		else
			status = watch_draw(request);
		/* A supd that was there once may come back; one that never was is an error. */
		if (status == SUPCTL_REFUSED || (first && status == SUPCTL_UNREACHABLE))
			return status;
		out_flush(out);
		if (out->error)
			return SUPCTL_DONE;
		/* The pause, which a signal ends; a new size of the terminal draws at once. */
		signal = sigtimedwait(&set, NULL, &second);
		if (signal == SIGWINCH)
			out_prepare_table(out);
		if (signal == SIGINT || signal == SIGTERM)
			return SUPCTL_DONE;
	}
}

int verb_status(const struct request *request)
{
	if (request->format && request->flags & FLAG_JSON) {
		complain("status: give --json or --format, not both");
		return SUPCTL_USAGE;
	}
	if (request->format && !format_is_good(request->format, fields, ARRAY_LEN(fields)))
		return SUPCTL_USAGE;
	return request->flags & FLAG_WATCH ? status_watch(request) : status_once(request);
}
