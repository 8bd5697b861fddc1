/* supctl_log_counts.h - what suplog has counted of the output of each child. */
#ifndef CMD_SUPCTL_LOG_COUNTS_H
#define CMD_SUPCTL_LOG_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/supctl_snapshot.h"

struct log_counts {
	bool known; /* its log is a section */
	int64_t bytes, lines;
	int64_t dropped_bytes, dropped_lines;
	int64_t rotations;
};

/* Asks suplog and fills counts (room for snapshot->n) by position. Does not wait longer than half a
 * second; where there is no suplog, or no answer, nothing is known. */
void log_counts_read(const char *dir, const struct snapshot *snapshot, struct log_counts *counts);

#endif
