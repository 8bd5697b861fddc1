/* supctl_tree.c - tree: the tree drawn, with strategies, limits and live states. */
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/child_json.h"

/* The subtree that is drawn. */
struct drawing {
	struct out *out;
	const struct snapshot *snapshot;
	uint32_t top; /* position */
};

/* ---- the picture */

static void draw_branches(const struct drawing *drawing, uint32_t position)
{
	const struct snapshot_node *nodes = drawing->snapshot->nodes;
	const bool utf8 = drawing->out->utf8;
	bool last[SNAPSHOT_DEPTH_MAX] = {0};
	uint32_t levels = 0;

	for (uint32_t at = position; at != drawing->top && levels < SNAPSHOT_DEPTH_MAX;
		at = nodes[at].parent)
		last[levels++] = nodes[at].end == nodes[nodes[at].parent].end;
	while (levels-- > 1)
		out_text(drawing->out, last[levels] ? "   " : utf8 ? "\u2502  " : "|  ");
	if (position == drawing->top)
		return;
	if (utf8)
		out_text(drawing->out, last[0] ? "\u2514\u2500 " : "\u251c\u2500 ");
	else
		out_text(drawing->out, last[0] ? "`- " : "|- ");
}

/* A sign a state, so that it can be told without colours. */
static const char *sign_of(const struct status_record *record, bool utf8)
{
	switch (state_tone(record->state)) {
	case TONE_GOOD:
		return utf8 ? "\u25cf" : "*";
	case TONE_BUSY:
		return utf8 ? "\u25d0" : "~";
	case TONE_BAD:
		return utf8 ? "\u2717" : "x";
	case TONE_PLAIN:
	case TONE_DIM:
	case TONE_BOLD:
	case TONE_COUNT:
		break;
	}
	return utf8 ? "\u25cb" : "-";
}

/* (rest_for_one, 3 restarts within 5s) */
static void draw_kind(struct out *out, const struct status_record *record)
{
	const char *strategy = spec_strategy_name(record->strategy);
	const char *restart = spec_restart_name(record->restart);
	char period[32];

	if (record->kind == KIND_PROCESS) {
		if (record->restart != RESTART_PERMANENT && restart)
			out_printf(out, " (%s%s)", restart,
				record->significant ? ", significant" : "");
		return;
	}
	out_printf(out, " (%s, %u restart%s within %s)",
		record->kind == KIND_SUPERVISOR && strategy ? strategy
							    : spec_kind_name(record->kind),
		record->max_restarts, record->max_restarts == 1 ? "" : "s",
		format_duration(record->period_ms, period));
}

/* What the state does not say. */
static void draw_details(const struct drawing *drawing, uint32_t position)
{
	const struct status_record *record = &drawing->snapshot->nodes[position].record;
	const struct end end = {record->end_kind, record->end_stage, record->end_value};
	int32_t pid = position == 0 ? drawing->snapshot->header.pid : record->pid;
	struct out *out = drawing->out;
	char words[END_WORDS_SIZE];

	if (record->suspended)
		out_text(out, ", suspended");
	if (record->health == HEALTH_UNHEALTHY)
		out_text(out, ", unhealthy");
	if (pid > 0)
		out_printf(out, ", pid %d", pid);
	if (record->restarts > 0)
		out_printf(out, ", %llu restart%s", (unsigned long long)record->restarts,
			record->restarts == 1 ? "" : "s");
	if (record->state != CHILD_RUNNING && end.kind != END_NONE)
		out_printf(out, ", last exit: %s", end_words(&end, words));
}

static void draw_node(const struct drawing *drawing, uint32_t position)
{
	const struct status_record *record = &drawing->snapshot->nodes[position].record;
	const char *state = child_state_name(record->state);
	enum tone tone = record->health == HEALTH_UNHEALTHY ? TONE_BAD : state_tone(record->state);
	struct out *out = drawing->out;
	char path[SNAPSHOT_PATH_SIZE];
	const char *name = record->name;

	if (position == drawing->top && position != 0)
		name = snapshot_path(drawing->snapshot, position, path);
	draw_branches(drawing, position);
	out_cell(out, sign_of(record, out->utf8), 1, false, tone);
	out_text(out, " ");
	out_cell(out, name, out_columns(out, name), false,
		record->kind == KIND_PROCESS ? TONE_PLAIN : TONE_BOLD);
	draw_kind(out, record);
	out_text(out, "  ");
	out_cell(out, state ? state : "?", strlen(state ? state : "?"), false, tone);
	draw_details(drawing, position);
	out_text(out, "\n");
}

/* ---- JSON: each child as in status, with its children inside */

static void print_open(const struct drawing *drawing, uint32_t position)
{
	const struct snapshot *snapshot = drawing->snapshot;
	char path[SNAPSHOT_PATH_SIZE];
	json_t *child = child_json(&snapshot->nodes[position].record,
		snapshot_path(snapshot, position, path), snapshot->now_mono_ms);
	char *text = child ? json_dumps(child, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(child);
	if (text) {
		text[strlen(text) - 1] = '\0';
		out_text(drawing->out, text);
		out_text(drawing->out, ",\"children\":[");
	} else {
		out_json(drawing->out, NULL);
	}
	free(text);
}

static void print_json(const struct drawing *drawing)
{
	const struct snapshot_node *nodes = drawing->snapshot->nodes;
	uint32_t end = nodes[drawing->top].end;
	uint32_t open = 0;
	uint32_t depth = nodes[drawing->top].depth;

	for (uint32_t i = drawing->top; i < end; i++) {
		bool sibling = i > drawing->top && nodes[i].depth < depth + open;

		for (; open > nodes[i].depth - depth; open--)
			out_text(drawing->out, "]}");
		if (sibling)
			out_text(drawing->out, ",");
		print_open(drawing, i);
		open++;
	}
	for (; open > 0; open--)
		out_text(drawing->out, "]}");
	out_text(drawing->out, "\n");
}

/* ---- the command */

int verb_tree(const struct request *request)
{
	struct snapshot snapshot;
	struct drawing drawing = {.out = request->out, .snapshot = &snapshot};
	int status = snapshot_open(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	if (request->n_args > 0)
		status = snapshot_locate(&snapshot, request->args[0], &drawing.top);
	if (status == SUPCTL_DONE && request->flags & FLAG_JSON) {
		print_json(&drawing);
	} else if (status == SUPCTL_DONE) {
		out_prepare_table(request->out);
		for (uint32_t i = drawing.top; i < snapshot.nodes[drawing.top].end; i++)
			draw_node(&drawing, i);
	}
	if (status == SUPCTL_DONE &&
		(snapshot.liveness == SUPD_GONE || snapshot.liveness == SUPD_ENDED)) {
		complain("the supervisor behind %s is gone; this is the last it wrote",
			request->dir);
		status = SUPCTL_UNREACHABLE;
	}
	snapshot_free(&snapshot);
	return status;
}
