/* supctl_metrics_verb.c - metrics: once to standard output, or served by a program of its own. */
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_helper.h"
#include "cmd/supctl_metrics.h"
#include "config/units.h"

static int read_format(const struct request *request, enum metrics_format *ret_format)
{
	const char *nearest;

	*ret_format = METRICS_BOTH;
	if (!request->format)
		return SUPCTL_DONE;
	for (int i = 0; i < METRICS_FORMATS; i++) {
		if (strcmp(metrics_format_names[i], request->format) == 0) {
			*ret_format = (enum metrics_format)i;
			return SUPCTL_DONE;
		}
	}
	nearest = nearest_word(request->format, metrics_format_names, METRICS_FORMATS);
	complain("metrics: %s is no format: %s%s%s", request->format,
		nearest ? "did you mean " : "write openmetrics, prometheus or both",
		nearest ? nearest : "", nearest ? "?" : "");
	return SUPCTL_USAGE;
}

static int print_once(const struct request *request, enum metrics_format format)
{
	struct measured measured;
	struct snapshot snapshot;
	const char *why;
	int status = snapshot_open(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	/* That was for its complaints; now all of one moment. */
	snapshot_free(&snapshot);
	if (measure(request->dir, &measured, &why) < 0) {
		complain("out of memory");
		return SUPCTL_REFUSED;
	}
	metrics_print(request->out, &measured, format);
	status = metrics_is_up(&measured.snapshot) ? SUPCTL_DONE : SUPCTL_UNREACHABLE;
	measured_free(&measured);
	return status;
}

int verb_metrics(const struct request *request)
{
	enum metrics_format format;
	int status = read_format(request, &format);

	if (status != SUPCTL_DONE)
		return status;
	if (request->flags & FLAG_JSON) {
		complain("metrics has no --json: `supctl status --json` has the same numbers");
		return SUPCTL_USAGE;
	}
	if (!request->listen)
		return print_once(request, format);
	if (request->format) {
		complain("metrics --listen has no --format: each client asks for its own");
		return SUPCTL_USAGE;
	}
	return helper_exec(
		"supmetrics", (const char *[]){NULL, request->dir, request->listen, NULL});
}
