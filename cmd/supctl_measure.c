/* supctl_measure.c - what metrics are made of: one look at all places that know something. */
#include <errno.h>
#include <stdlib.h>

#include "cmd/supctl_metrics.h"

void measured_free(struct measured *measured)
{
	snapshot_free(&measured->snapshot);
	free(measured->usage);
	free(measured->logs);
	*measured = (struct measured){0};
}

int measure(const char *dir, struct measured *ret, const char **ret_why)
{
	struct measured measured = {0};
	int error = snapshot_read(dir, &measured.snapshot, ret_why);

	if (error)
		return error;
	measured.usage = calloc(measured.snapshot.n, sizeof *measured.usage);
	measured.logs = calloc(measured.snapshot.n, sizeof *measured.logs);
	if (!measured.usage || !measured.logs ||
		usage_read(&measured.snapshot, NULL, measured.usage) < 0) {
		measured_free(&measured);
		return -ENOMEM;
	}
	if (metrics_is_up(&measured.snapshot))
		log_counts_read(dir, &measured.snapshot, measured.logs);
	*ret = measured;
	return 0;
}
