/* supctl_table.c - a snapshot as a tree-shaped table: two passes over the rows, one to measure, one
 * to print. */
#include "cmd/supctl_table.h"

#include <stdio.h>
#include <string.h>

#include "cmd/supctl_holders.h"
#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"

enum column {
	COLUMN_NAME,
	COLUMN_STATE,
	COLUMN_PID,
	COLUMN_UPTIME,
	COLUMN_RESTARTS,
	COLUMN_EXIT,
	COLUMN_SAYS
};
enum {
	COLUMNS = COLUMN_SAYS + 1,
	GAP = 2,
	NAME_MIN = 16,
	SAYS_MIN = 8,
	STREAK_SIZE = 24,
	CELL_SIZE = END_WORDS_SIZE + 64
};

static const char *const titles[COLUMNS] = {
	[COLUMN_NAME] = "NAME",
	[COLUMN_STATE] = "STATE",
	[COLUMN_PID] = "PID",
	[COLUMN_UPTIME] = "UPTIME",
	[COLUMN_RESTARTS] = "RESTARTS",
	[COLUMN_EXIT] = "LAST EXIT",
	[COLUMN_SAYS] = "SAYS",
};

/* One line, in words. */
struct row {
	char name[SNAPSHOT_PATH_SIZE + 32];
	char cells[COLUMNS][CELL_SIZE]; /* COLUMN_NAME's is not used */
	enum tone tone;			/* of the state */
};

struct table {
	struct out *out;
	const struct snapshot *snapshot;
	const bool *chosen;
	const char *line_end;
	size_t widths[COLUMNS];
	int columns;   /* that are shown: what nobody says is not */
	size_t indent; /* columns a level of the tree takes */
	struct row row;
};

static bool is_top(const struct table *table, uint32_t i)
{
	return i == 0 || !table->chosen[table->snapshot->nodes[i].parent];
}

/* Levels between the node and the topmost chosen one above it. */
static uint32_t level_of(const struct table *table, uint32_t i)
{
	uint32_t level = 0;

	for (; !is_top(table, i); i = table->snapshot->nodes[i].parent)
		level++;
	return level;
}

/* Children of a dynamic supervisor; those of a partition supervisor that run. */
static uint32_t count_children(const struct snapshot *snapshot, uint32_t i)
{
	bool all = snapshot->nodes[i].record.kind == KIND_DYNAMIC;
	uint32_t n = 0;

	for (uint32_t at = i + 1; at < snapshot->nodes[i].end; at = snapshot->nodes[at].end)
		n += all || snapshot->nodes[at].record.state == CHILD_RUNNING;
	return n;
}

static const char *row_name(const struct table *table, uint32_t i, char *buf, size_t size)
{
	const struct status_record *record = &table->snapshot->nodes[i].record;
	const char *strategy = spec_strategy_name(record->strategy);
	char path[SNAPSHOT_PATH_SIZE];
	const char *name = record->name;

	if (i != 0 && is_top(table, i))
		name = snapshot_path(table->snapshot, i, path);
	if (record->kind == KIND_DYNAMIC || record->kind == KIND_PARTITION)
		(void)snprintf(buf, size, "%s (%s, %u of %u)", name, spec_kind_name(record->kind),
			count_children(table->snapshot, i), record->children_max);
	else if (record->kind == KIND_PROCESS || !strategy)
		(void)snprintf(buf, size, "%s", name);
	else
		(void)snprintf(buf, size, "%s (%s)", name, strategy);
	return buf;
}

/* Shown from the second on: the first restart of a streak does not wait. */
static const char *streak_words(uint32_t streak, char buf[static STREAK_SIZE])
{
	buf[0] = '\0';
	if (streak > 1)
		(void)snprintf(buf, STREAK_SIZE, " (streak %u)", streak);
	return buf;
}

static void row_fill_exit(const struct snapshot *snapshot, const struct status_record *record,
	char cell[static CELL_SIZE])
{
	struct end end = {record->end_kind, record->end_stage, record->end_value};
	int64_t left_ms = record->next_try_ms - snapshot->now_mono_ms;
	char words[END_WORDS_SIZE];
	char age[32];
	char streak[STREAK_SIZE];
	char command[HOLDER_COMMAND_SIZE];

	if (record->kind == KIND_PROCESS && record->state == CHILD_STOPPING &&
		holder_command(holder_of(record), command))
		(void)snprintf(cell, CELL_SIZE, "waits for %d (%.60s)", holder_of(record), command);
	else if ((record->state == CHILD_BACKOFF || record->state == CHILD_RESTARTING) &&
		 record->next_try_ms != INT64_MAX)
		(void)snprintf(cell, CELL_SIZE, "%s, again in %s%s", end_words(&end, words),
			format_age(left_ms > 0 ? left_ms + 999 : 0, age),
			streak_words(record->streak, streak));
	else
		(void)snprintf(cell, CELL_SIZE, "%s", end_words(&end, words));
}

static void row_fill(struct table *table, uint32_t i)
{
	const struct snapshot *snapshot = table->snapshot;
	const struct status_record *record = &snapshot->nodes[i].record;
	int32_t pid = i == 0 ? snapshot->header.pid : record->pid;
	const char *state = child_state_name(record->state);
	struct row *row = &table->row;

	(void)row_name(table, i, row->name, sizeof row->name);
	if (record->suspended)
		state = "suspended";
	(void)snprintf(row->cells[COLUMN_STATE], CELL_SIZE, "%s%s", state ? state : "?",
		record->health == HEALTH_UNHEALTHY ? " (unhealthy)" : "");
	(void)strcpy(row->cells[COLUMN_PID], "-");
	if (pid > 0)
		(void)snprintf(row->cells[COLUMN_PID], CELL_SIZE, "%d", pid);
	(void)strcpy(row->cells[COLUMN_UPTIME], "-");
	if (record->state == CHILD_RUNNING)
		(void)format_age(
			snapshot->now_mono_ms - record->since_mono_ms, row->cells[COLUMN_UPTIME]);
	(void)snprintf(row->cells[COLUMN_RESTARTS], CELL_SIZE, "%llu",
		(unsigned long long)record->restarts);
	row_fill_exit(snapshot, record, row->cells[COLUMN_EXIT]);
	(void)snprintf(row->cells[COLUMN_SAYS], CELL_SIZE, "%.*s", (int)sizeof(record->text),
		record->text);
	row->tone = record->health == HEALTH_UNHEALTHY ? TONE_BAD
		    : record->suspended		       ? TONE_BUSY
						       : state_tone(record->state);
}

/* ---- measuring */

/* All columns but the name, and how deep the tree is. */
static size_t measure_cells(struct table *table)
{
	size_t deepest = 0;

	for (uint32_t i = 0; i < table->snapshot->n; i++) {
		size_t level;

		if (!table->chosen[i])
			continue;
		row_fill(table, i);
		for (int c = COLUMN_STATE; c < COLUMNS; c++) {
			size_t n = out_columns(table->out, table->row.cells[c]);

			if (n > table->widths[c])
				table->widths[c] = n;
		}
		level = level_of(table, i);
		if (level > deepest)
			deepest = level;
	}
	return deepest;
}

static size_t measure_names(struct table *table, size_t room)
{
	size_t widest = table->widths[COLUMN_NAME];

	for (uint32_t i = 0; i < table->snapshot->n && widest < room; i++) {
		size_t n;

		if (!table->chosen[i])
			continue;
		(void)row_name(table, i, table->row.name, sizeof table->row.name);
		n = out_columns(table->out, table->row.name) + level_of(table, i) * table->indent;
		if (n > widest)
			widest = n;
	}
	return widest < room ? widest : room;
}

/* What processes say stands last, in what a terminal has left. */
static void measure_says(struct table *table, size_t used)
{
	size_t *width = &table->widths[COLUMN_SAYS];
	size_t left = table->out->width > used + GAP ? table->out->width - used - GAP : 0;

	table->columns = *width > 0 ? COLUMNS : COLUMN_SAYS;
	if (*width < strlen(titles[COLUMN_SAYS]))
		*width = strlen(titles[COLUMN_SAYS]);
	if (table->out->terminal && *width > left)
		*width = left > SAYS_MIN ? left : SAYS_MIN;
}

static void measure(struct table *table)
{
	size_t others = 0;
	size_t deepest;
	size_t room;

	for (int c = 0; c < COLUMNS; c++)
		table->widths[c] = c == COLUMN_SAYS ? 0 : strlen(titles[c]);
	deepest = measure_cells(table);
	for (int c = COLUMN_STATE; c < COLUMN_SAYS; c++)
		others += GAP + table->widths[c];
	room = table->out->width > others + NAME_MIN ? table->out->width - others : NAME_MIN;
	/* A deep tree is drawn narrower, so that names keep half of the column. */
	table->indent = 3;
	while (table->indent > 1 && deepest * table->indent > room / 2)
		table->indent--;
	table->widths[COLUMN_NAME] = measure_names(table, room);
	measure_says(table, others + table->widths[COLUMN_NAME]);
}

/* ---- printing */

/* The lines of the tree in front of a name. Returns the columns used. */
static size_t print_branches(const struct table *table, uint32_t i)
{
	/* Of each the first indent columns are shown. */
	static const char *const ascii[] = {"|  ", "   ", "|- ", "`- "};
	static const char *const lines[][4] = {
		[1] = {"\u2502", " ", "\u251c", "\u2514"},
		[2] = {"\u2502 ", "  ", "\u251c ", "\u2514 "},
		[3] = {"\u2502  ", "   ", "\u251c\u2500 ", "\u2514\u2500 "},
	};
	const struct snapshot_node *nodes = table->snapshot->nodes;
	bool last[SNAPSHOT_DEPTH_MAX] = {0};
	uint32_t level = 0;
	size_t room = table->widths[COLUMN_NAME] / 2;

	for (uint32_t at = i; !is_top(table, at); at = nodes[at].parent)
		last[level++] = nodes[at].record.next_sibling == STATUS_NONE;
	/* Deeper than there is room: the innermost levels count. */
	if (level * table->indent > room)
		level = (uint32_t)(room / table->indent);
	for (uint32_t l = level; l-- > 0;) {
		int shape = (l == 0 ? 2 : 0) + last[l];

		if (table->out->utf8)
			out_text(table->out, lines[table->indent][shape]);
		else
			out_bytes(table->out, ascii[shape], table->indent);
	}
	return level * table->indent;
}

static bool is_padded(const struct table *table, const struct row *row, int column)
{
	if (column == COLUMN_EXIT)
		return table->columns > COLUMN_SAYS && row->cells[COLUMN_SAYS][0];
	return column != COLUMN_SAYS;
}

static void print_row(struct table *table, uint32_t i)
{
	const struct row *row = &table->row;
	struct out *out = table->out;
	bool process = table->snapshot->nodes[i].record.kind == KIND_PROCESS;
	size_t used;

	row_fill(table, i);
	used = print_branches(table, i);
	out_cell(out, row->name, table->widths[COLUMN_NAME] - used, true,
		process ? TONE_PLAIN : TONE_BOLD);
	for (int c = COLUMN_STATE; c < table->columns; c++) {
		/* Nothing is said by most of them: no blanks up to there. */
		if (c == COLUMN_SAYS && !row->cells[c][0])
			break;
		out_text(out, "  ");
		out_cell(out, row->cells[c], table->widths[c], is_padded(table, row, c),
			c == COLUMN_STATE ? row->tone : TONE_PLAIN);
	}
	out_text(out, table->line_end);
}

void table_print(struct out *out, const struct snapshot *snapshot, const bool *chosen,
	unsigned max_lines, const char *line_end)
{
	struct table table = {
		.out = out, .snapshot = snapshot, .chosen = chosen, .line_end = line_end};
	unsigned lines = 1;
	uint32_t left = 0;

	measure(&table);
	for (int c = 0; c < table.columns; c++) {
		if (c)
			out_text(out, "  ");
		out_cell(out, titles[c], table.widths[c], c + 1 < table.columns, TONE_DIM);
	}
	out_text(out, line_end);
	for (uint32_t i = 0; i < snapshot->n; i++)
		left += chosen[i];
	for (uint32_t i = 0; i < snapshot->n; i++) {
		if (!chosen[i])
			continue;
		if (max_lines && lines + 1 >= max_lines && left > 1) {
			out_printf(out, "... %u more%s", left, line_end);
			return;
		}
		print_row(&table, i);
		lines++;
		left--;
	}
}
