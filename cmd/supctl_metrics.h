/* supctl_metrics.h - the status table as metrics, in the text formats that monitoring systems read.
 */
#ifndef CMD_SUPCTL_METRICS_H
#define CMD_SUPCTL_METRICS_H

#include "cmd/supctl_log_counts.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_usage.h"

/* The two formats differ in what a counter is called where its type is told: OpenMetrics leaves the
 * "_total" off, the older one of Prometheus does not. Without their types the counters are right in
 * both. */
enum metrics_format { METRICS_BOTH, METRICS_OPENMETRICS, METRICS_PROMETHEUS, METRICS_FORMATS };

extern const char *const metrics_format_names[METRICS_FORMATS];

/* What the metrics are made of. */
struct measured {
	struct snapshot snapshot;
	struct usage *usage;	 /* by position; malloc, as the next */
	struct log_counts *logs; /* by position */
};

/* Looks at DIR/status, at /proc and the control groups, and asks suplog. Returns 0 or negative
 * errno, and *ret_why as snapshot_read. */
int measure(const char *dir, struct measured *ret, const char **ret_why);
void measured_free(struct measured *measured);

/* Prints all metrics. measured NULL: of a supd that cannot be seen, only that. */
void metrics_print(struct out *out, const struct measured *measured, enum metrics_format format);

/* A label's value, escaped, without its quotes. */
void metrics_label(struct out *out, const char *text);

/* Is there a supd? */
bool metrics_is_up(const struct snapshot *snapshot);

#endif
