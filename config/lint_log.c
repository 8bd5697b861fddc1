/* lint_log.c - children that write to one file, and do not agree on it. */
#include <stdlib.h>

/* An allocation that fails leaves the element out. */
#include <uthash.h>

#include "config/lint_internal.h"

/* The first process that names a file. */
struct log_seen {
	UT_hash_handle hh; /* by file */
	uint32_t file;	   /* the string; equal ones are one */
	uint32_t node;
	const struct log_spec *log;
};

/* The first setting of the file, not of the lines of a child, that differs; NULL: none. */
static const char *difference(const struct log_spec *a, const struct log_spec *b)
{
	if (a->max_size != b->max_size)
		return "max_size";
	if (a->max_age_ms != b->max_age_ms)
		return "max_age";
	if (a->max_files != b->max_files)
		return "max_files";
	if (a->compress != b->compress)
		return "compress";
	if (a->mode != b->mode)
		return "mode";
	if (a->uid != b->uid || a->gid != b->gid)
		return "owner";
	return a->line != b->line ? "format" : NULL;
}

void lint_log(struct lint *lint, uint32_t i)
{
	const struct spec *spec = lint->spec;
	const struct log_spec *log = spec_log(spec, i);
	struct log_seen *seen = NULL;
	struct place first;
	const char *key;

	if (!log || log->file == SPEC_NONE)
		return;
	HASH_FIND(hh, lint->logs, &log->file, sizeof(log->file), seen);
	if (!seen) {
		seen = malloc(sizeof(*seen));
		if (!seen)
			return;
		*seen = (struct log_seen){.file = log->file, .node = i, .log = log};
		HASH_ADD(hh, lint->logs, file, sizeof(seen->file), seen);
		if (!seen->hh.tbl)
			free(seen);
		return;
	}
	key = difference(seen->log, log);
	first = lint_place(lint, seen->node);
	if (key)
		findings_warning(lint->findings, lint_place(lint, i), "shared-log",
			"'%s' writes to the log file of '%s' (%s:%u) with another %s: give both "
			"the same, or each its own file (%%n in its name)",
			spec_str(spec, spec_node(spec, i)->name),
			spec_str(spec, spec_node(spec, seen->node)->name), first.file, first.line,
			key);
}

void lint_log_free(struct lint *lint)
{
	struct log_seen *seen = lint->logs;

	HASH_CLEAR(hh, lint->logs);
	while (seen) {
		struct log_seen *next = seen->hh.next;

		free(seen);
		seen = next;
	}
}
