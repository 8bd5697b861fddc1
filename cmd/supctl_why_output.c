/* supctl_why_output.c - see supctl_why_output.h. */
#include "cmd/supctl_why_output.h"

#include <stdlib.h>

#include "cmd/supctl_output.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"

enum {
	WAIT_MS = 500,
	GRACE_US =
		20000, /* suplog takes the time when it reads a line, just after it was written */
};

void last_output_find(const struct request *request, const char *path,
	const struct status_record *record, struct last_output *ret)
{
	const int64_t wait_ms = request->timeout_ms < WAIT_MS ? request->timeout_ms : WAIT_MS;
	const int64_t deadline_ms = deadline_after(wait_ms);

	*ret = (struct last_output){
		.before_end = record->end_kind != END_NONE && record->end_ns > 0};
	if (record->kind != KIND_PROCESS)
		return;
	if (ret->before_end)
		ret->n = logs_last(request->dir, path, record->end_ns / 1000 + GRACE_US, WHY_LINES,
			deadline_ms, ret->lines);
	if (ret->n > 0)
		return;
	ret->before_end = false;
	ret->n = logs_last(request->dir, path, 0, WHY_LINES, deadline_ms, ret->lines);
}

void last_output_free(struct last_output *output)
{
	for (size_t i = 0; i < output->n; i++)
		free(output->lines[i]);
	output->n = 0;
}

void last_output_print(struct out *out, const struct last_output *output)
{
	if (output->n == 0)
		return;
	out_text(out, output->before_end ? "Before it ended it wrote:\n" : "It wrote last:\n");
	for (size_t i = 0; i < output->n; i++) {
		const size_t width = out->width > 4 ? out->width - 4 : 1;

		out_text(out, "  | ");
		out_cell(out, output->lines[i]->text, width, false, TONE_PLAIN);
		out_text(out, "\n");
	}
}

json_t *last_output_json(const struct last_output *output)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < output->n; i++)
		if (json_array_append_new(list, log_line_json(output->lines[i])) < 0) {
			json_decref(list);
			list = NULL;
		}
	return list;
}
