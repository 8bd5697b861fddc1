/* suptop_rows.c - the rows of the tree, and the titles of their columns. */
#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "cmd/supctl_words.h"
#include "cmd/suptop.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"

enum column {
	COLUMN_STATE,
	COLUMN_PID,
	COLUMN_CPU,
	COLUMN_MEMORY,
	COLUMN_UP,
	COLUMN_RESTARTS,
	COLUMN_RECENT,
	COLUMN_EXIT,
	COLUMNS
};

/* Which are shown depends on the width of the screen; the name has what is left. */
static const struct {
	const char *title;
	int width;
	int from; /* width of a screen that has room for it */
	bool right;
} columns[COLUMNS] = {
	[COLUMN_STATE] = {"STATE", 10, 0, false},
	[COLUMN_PID] = {"PID", 7, 72, true},
	[COLUMN_CPU] = {"CPU%", 5, 50, true},
	[COLUMN_MEMORY] = {"MEM", 5, 56, true},
	[COLUMN_UP] = {"UP", 6, 40, true},
	[COLUMN_RESTARTS] = {"RST", 4, 44, true},
	[COLUMN_RECENT] = {"LAST MINUTE", MODEL_STEPS, 80, false},
	[COLUMN_EXIT] = {"LAST EXIT", 24, 110, false},
};

enum { CELL_SIZE = 192, NAME_MOST = 56 };

/* After the first minute without seconds: what does not change need not be sent. */
static const char *short_age(int64_t ms, char buf[static 32])
{
	if (ms >= 60000 && ms < 3600000)
		(void)snprintf(buf, 32, "%dm", (int)(ms / 60000));
	else
		(void)format_age(ms, buf);
	return buf;
}

const char *load_words(double load, char buf[static 16])
{
	if (load < 0)
		return "-";
	(void)snprintf(buf, 16, load < 0.9995 ? "%.1f" : "%.0f", load * 100);
	return buf;
}

/* Restarts of the last minute, the present on the right: a bar a step. */
static const char *spark(const struct top *top, const struct track *track, char buf[static 64])
{
	static const char *const bars[] = {" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585",
		"\u2586", "\u2587", "\u2588"};
	static const char *const plain[] = {" ", ".", ":", "-", "=", "+", "*", "%", "#"};
	char *end = buf;

	for (unsigned back = MODEL_STEPS; back-- > 0;) {
		unsigned n = model_recent(&top->model, track, back);

		n = n > 8 ? 8 : n;
		end = stpcpy(end, top->utf8 ? bars[n] : plain[n]);
	}
	return buf;
}

static const char *cell_text(
	const struct top *top, uint32_t position, enum column column, char buf[static CELL_SIZE])
{
	const struct snapshot *snapshot = &top->model.snapshot;
	const struct status_record *record = &snapshot->nodes[position].record;
	const struct track *track = model_track(&top->model, position);
	const struct end end = {record->end_kind, record->end_stage, record->end_value};
	int32_t pid = position == 0 ? snapshot->header.pid : record->pid;
	const char *state = child_state_name(record->state);
	bool has_none = record->kind == KIND_PROCESS && pid <= 0;

	switch (column) {
	case COLUMN_STATE:
		if (record->state == CHILD_RUNNING && record->health == HEALTH_UNHEALTHY)
			return "unhealthy";
		if (record->suspended)
			return "suspended";
		return state ? state : "?";
	case COLUMN_PID:
		(void)snprintf(buf, CELL_SIZE, pid > 0 ? "%d" : "-", pid);
		return buf;
	case COLUMN_CPU:
		return load_words(has_none ? -1 : track->load, buf);
	case COLUMN_MEMORY:
		return usage_memory_words(has_none ? -1 : track->memory, buf);
	case COLUMN_UP:
		return record->state == CHILD_RUNNING
			       ? short_age(snapshot->now_mono_ms - record->since_mono_ms, buf)
			       : "-";
	case COLUMN_RESTARTS:
		(void)snprintf(buf, CELL_SIZE, "%llu", (unsigned long long)record->restarts);
		return buf;
	case COLUMN_RECENT:
		return spark(top, track, buf);
	case COLUMN_EXIT:
		(void)end_words(&end, buf);
		if (record->text[0])
			(void)snprintf(buf + strlen(buf), CELL_SIZE - strlen(buf), "  says: %s",
				record->text);
		return buf;
	case COLUMNS:
		break;
	}
	return "";
}

static unsigned long state_attributes(const struct status_record *record)
{
	if (record->health == HEALTH_UNHEALTHY)
		return tone_attributes(TONE_BAD);
	return tone_attributes(record->suspended ? TONE_BUSY : state_tone(record->state));
}

/* What the columns leave. A wide screen has more room than names need: the last column has the
 * rest, so that names and their numbers stay together. */
static int name_width(void)
{
	int width = COLS;

	for (int c = 0; c < COLUMNS; c++)
		if (COLS >= columns[c].from)
			width -= columns[c].width + 1;
	if (COLS >= columns[COLUMN_EXIT].from && width > NAME_MOST)
		width = NAME_MOST;
	return width > 1 ? width : 1;
}

static int column_width(int column, int x)
{
	return column == COLUMN_EXIT ? COLS - x : columns[column].width;
}

/* The name, indented, behind the mark of what is folded; then, dim, the strategy. */
static void draw_name(const struct top *top, int y, uint32_t position, unsigned long selected)
{
	static const char *const marks[2][2] = {{"- ", "+ "}, {"\u25be ", "\u25b8 "}};
	const struct snapshot_node *node = &top->model.snapshot.nodes[position];
	bool process = node->record.kind == KIND_PROCESS;
	bool folded = !process && model_track(&top->model, position)->folded;
	const char *kind = node->record.kind == KIND_SUPERVISOR
				   ? spec_strategy_name(node->record.strategy)
				   : spec_kind_name(node->record.kind);
	int width = name_width();
	int indent = 2 * (int)node->depth;
	char text[STATUS_NAME_SIZE + 32];

	if (indent > width / 2)
		indent = width / 2;
	if (folded)
		(void)snprintf(text, sizeof text, "%s%s (%u)", marks[top->utf8][1],
			node->record.name, node->end - position - 1);
	else
		(void)snprintf(text, sizeof text, "%s%s", process ? "  " : marks[top->utf8][0],
			node->record.name);
	(void)cell(top, y, 0, indent, "", selected);
	indent += cell(
		top, y, indent, width - indent, text, selected | (process ? A_NORMAL : A_BOLD));
	if (!process && kind && !folded && indent + 2 + (int)strlen(kind) <= width)
		(void)cell(top, y, indent + 1, width - indent - 1, kind, selected | A_DIM);
}

void draw_row(const struct top *top, int y, uint32_t row)
{
	uint32_t position = top->model.rows[row];
	const struct status_record *record = &top->model.snapshot.nodes[position].record;
	unsigned long selected = row == top->model.selected ? A_REVERSE : A_NORMAL;
	int x = name_width();

	draw_name(top, y, position, selected);
	for (int c = 0; c < COLUMNS; c++) {
		int width = column_width(c, x + 1);
		char buf[CELL_SIZE];
		const char *text;
		int length;

		if (COLS < columns[c].from)
			continue;
		text = cell_text(top, position, (enum column)c, buf);
		length = (int)strlen(text);
		(void)cell(top, y, x, 1, "", selected);
		x++;
		if (columns[c].right && length < width)
			(void)cell(top, y, x, width - length, "", selected);
		else
			length = width;
		(void)cell(top, y, x + width - length, length, text,
			selected | (c == COLUMN_STATE ? state_attributes(record) : A_NORMAL));
		x += width;
	}
}

void draw_titles(const struct top *top, int y)
{
	int x = name_width();

	(void)cell(top, y, 0, COLS, "NAME", A_UNDERLINE);
	for (int c = 0; c < COLUMNS; c++) {
		int width = column_width(c, x + 1);
		char text[32];

		if (COLS < columns[c].from)
			continue;
		(void)snprintf(
			text, sizeof text, "%*s", columns[c].right ? width : 0, columns[c].title);
		(void)cell(top, y, x + 1, width, text, A_UNDERLINE);
		x += width + 1;
	}
}
