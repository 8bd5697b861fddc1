/* supctl_metrics.h - the status table as metrics, in the text formats that monitoring systems read.
 */
#ifndef CMD_SUPCTL_METRICS_H
#define CMD_SUPCTL_METRICS_H

#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_usage.h"

/* The two formats differ in what a counter is called where its type is told: OpenMetrics leaves the
 * "_total" off, the older one of Prometheus does not. Without their types the counters are right in
 * both. */
enum metrics_format { METRICS_BOTH, METRICS_OPENMETRICS, METRICS_PROMETHEUS, METRICS_FORMATS };

extern const char *const metrics_format_names[METRICS_FORMATS];

/* Prints all metrics. usage: by position. snapshot NULL: of a supd that cannot be seen, only that.
 */
void metrics_print(struct out *out, const struct snapshot *snapshot, const struct usage *usage,
	enum metrics_format format);

/* A label's value, escaped, without its quotes. */
void metrics_label(struct out *out, const char *text);

/* Is there a supd, and is all well that should run (supctl health)? */
bool metrics_is_up(const struct snapshot *snapshot);

#endif
