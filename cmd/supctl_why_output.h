/* supctl_why_output.h - of why: the last lines that a child has written. */
#ifndef CMD_SUPCTL_WHY_OUTPUT_H
#define CMD_SUPCTL_WHY_OUTPUT_H

#include "cmd/supctl_logs.h"
#include "supervisor/status_table.h"

enum { WHY_LINES = 5 };

struct out;

struct last_output {
	struct log_line *lines[WHY_LINES];
	size_t n;
	bool before_end; /* before its last end; else until now */
};

/* Finds what it wrote before it ended last, or, when it never did, last. Nothing where there is
 * nothing to be had within a short time. */
void last_output_find(const struct request *request, const char *path,
	const struct status_record *record, struct last_output *ret);
void last_output_free(struct last_output *output);

void last_output_print(struct out *out, const struct last_output *output);
json_t *last_output_json(const struct last_output *output);

#endif
