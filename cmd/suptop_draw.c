/* suptop_draw.c - the screen: a title, the tree, the pane, a line for keys, prompts and messages.
 */
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

enum { HEAD = 2, FOOT = 1, SMALL = 16, CELL_SIZE = 192, NAME_MOST = 56 };

/* ---- who has how many lines */

static uint32_t lines_of_pane(const struct top *top)
{
	int most = top->pane == PANE_WHY || top->pane == PANE_IMPACT ? LINES / 2 : LINES / 3;

	if (top->pane == PANE_OFF || LINES < SMALL)
		return 0;
	return (uint32_t)(most < 6 ? 6 : most) + 1;
}

uint32_t pane_lines(const struct top *top)
{
	uint32_t lines = lines_of_pane(top);

	return lines > 0 ? lines - 1 : 0;
}

uint32_t rows_shown(const struct top *top)
{
	int lines = LINES - HEAD - FOOT - (int)lines_of_pane(top);

	return lines > 0 ? (uint32_t)lines : 1;
}

/* ---- a row */

/* After the first minute without seconds: what does not change need not be sent. */
static const char *short_age(int64_t ms, char buf[static 32])
{
	if (ms >= 60000 && ms < 3600000)
		(void)snprintf(buf, 32, "%dm", (int)(ms / 60000));
	else
		(void)format_age(ms, buf);
	return buf;
}

static const char *load_words(double load, char buf[static 16])
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

static void draw_row(const struct top *top, int y, uint32_t row)
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

/* ---- the rest */

static void draw_title(const struct top *top)
{
	const struct model *model = &top->model;
	const struct snapshot *snapshot = &model->snapshot;
	const struct track *root = model_track(model, 0);
	char memory[16];
	char load[16];
	char text[512];
	int n = 0;

	if (top->gone)
		(void)snprintf(text, sizeof text,
			"%s: the supervisor (pid %d) is gone; this is the last it wrote",
			snapshot->nodes[0].record.name, snapshot->header.pid);
	else
		(void)snprintf(text, sizeof text, "%s: %u of %u running%s",
			snapshot->nodes[0].record.name, model->running, model->processes,
			snapshot->liveness == SUPD_STOPPED ? "; supd is stopped (SIGSTOP)" : "");
	n = cell(top, 0, 0, COLS, text, top->gone ? tone_attributes(TONE_BAD) : A_BOLD);
	if (!top->gone && model->wrong > 0) {
		(void)snprintf(text, sizeof text, ", %u in trouble", model->wrong);
		n += cell(top, 0, n, COLS - n, text, tone_attributes(TONE_BAD));
	}
	(void)snprintf(text, sizeof text, "cpu %s%%  mem %s", load_words(root->load, load),
		usage_memory_words(root->memory, memory));
	if (n + 2 + (int)strlen(text) <= COLS)
		(void)cell(top, 0, COLS - (int)strlen(text), (int)strlen(text), text, A_NORMAL);
}

static void draw_titles(const struct top *top)
{
	int x = name_width();

	(void)cell(top, 1, 0, COLS, "NAME", A_UNDERLINE);
	for (int c = 0; c < COLUMNS; c++) {
		int width = column_width(c, x + 1);
		char text[32];

		if (COLS < columns[c].from)
			continue;
		(void)snprintf(
			text, sizeof text, "%*s", columns[c].right ? width : 0, columns[c].title);
		(void)cell(top, 1, x + 1, width, text, A_UNDERLINE);
		x += width + 1;
	}
}

/* How many bytes of text go on one line of the pane: up to its last space. */
static size_t part_of(const char *text, size_t width)
{
	size_t n = strlen(text);

	if (n <= width)
		return n;
	for (size_t i = width; i > width / 2; i--)
		if (text[i] == ' ')
			return i;
	/* Not amid a character. */
	for (n = width; n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

/* Sentences are broken into lines. */
static void draw_sentences(const struct top *top, int y, int end, size_t first)
{
	for (size_t i = first; i < top->feed.n && y < end; i++) {
		const char *text = task_line(&top->feed, i);
		int indent = 0;

		do {
			size_t n = part_of(text, (size_t)(COLS - indent));
			char part[TASK_LINE];

			(void)snprintf(part, sizeof part, "%.*s", (int)n, text);
			(void)cell(top, y++, indent, COLS - indent, part, A_NORMAL);
			text += n;
			text += *text == ' ';
			indent = COLS > 40 ? 4 : 0;
		} while (*text && y < end);
	}
}

static void draw_pane_title(const struct top *top, int y)
{
	static const char *const words[] = {[PANE_LOG] = "log",
		[PANE_EVENTS] = "events",
		[PANE_WHY] = "why",
		[PANE_IMPACT] = "impact",
		[PANE_OFF] = ""};
	char path[SNAPSHOT_PATH_SIZE];
	char title[SNAPSHOT_PATH_SIZE + 32];

	(void)snprintf(title, sizeof title, "%s: %s%s",
		snapshot_path(&top->model.snapshot, model_position(&top->model), path),
		words[top->unlogged ? PANE_EVENTS : top->pane],
		top->feed.n == 0 && top->feed.pid > 0 ? " (nothing yet)" : "");
	(void)cell(top, y, 0, COLS, title, A_REVERSE | A_DIM);
}

static void draw_pane(struct top *top)
{
	size_t lines = pane_lines(top);
	int end = LINES - FOOT;
	int y = end - (int)lines;
	size_t first = task_first(&top->feed);
	size_t kept = top->feed.n - first;
	size_t most = kept > lines ? kept - lines : 0;
	bool sentences = top->pane == PANE_WHY || top->pane == PANE_IMPACT;

	if (lines == 0)
		return;
	/* Sentences are read from their beginning, events from their end. */
	if (sentences)
		most = kept > 0 ? kept - 1 : 0;
	if (top->pane_back > most)
		top->pane_back = most;
	draw_pane_title(top, y - 1);
	if (sentences) {
		draw_sentences(top, y, end, first + top->pane_back);
		return;
	}
	first += most - top->pane_back;
	for (size_t i = first; i < top->feed.n && y < end; i++)
		(void)cell(top, y++, 0, COLS, task_line(&top->feed, i), A_NORMAL);
}

static void draw_foot(const struct top *top)
{
	char text[SNAPSHOT_PATH_SIZE + 256];
	int y = LINES - 1;

	switch (top->prompt) {
	case PROMPT_NONE:
		break;
	case PROMPT_SEARCH:
		(void)snprintf(text, sizeof text, "/%s", top->typed);
		break;
	case PROMPT_SIGNAL:
		(void)snprintf(text, sizeof text, "signal to %s (HUP, USR1, ...): %s", top->path,
			top->typed);
		break;
	case PROMPT_CONFIRM:
		(void)snprintf(text, sizeof text, "%s %s? (y/n)", top->verb, top->path);
		break;
	}
	if (top->prompt != PROMPT_NONE)
		(void)cell(top, y, 0, COLS - 1, text, A_BOLD);
	else if (top->message[0])
		(void)cell(top, y, 0, COLS - 1, top->message,
			top->message_bad ? tone_attributes(TONE_BAD) : A_BOLD);
	else
		(void)cell(top, y, 0, COLS - 1,
			"? help  s start  x stop  r restart  k signal  w why  i impact  / search  "
			"q quit",
			A_DIM);
}

static void draw_help(const struct top *top)
{
	static const char *const help[] = {
		"Moving         arrows, page up and down, home (g), end (G)",
		"               !  the next child that is not as it should be",
		"               /  search a path; n, N: the next, the one before",
		"Folding        space  what is below; f  all, or unfold all",
		"Acting         s start   x stop   r restart   k send a signal",
		"The pane       e  events   l  log",
		"               w  why it is in its state",
		"               i  what would happen if it died",
		"               p  hide it, show it;   [ ]  scroll it",
		"               q  quit;   ctrl-L  draw all again",
		"",
		"CPU% is of one CPU. MEM is resident memory, or that of the control group. LAST",
		"MINUTE has a bar for each five seconds with restarts, the present on the right.",
		"",
		"Any key goes back.",
	};
	int n = (int)(sizeof help / sizeof help[0]);

	for (int i = 0; i < n && i < LINES; i++)
		(void)cell(top, i, 0, COLS, help[i], A_NORMAL);
}

void draw(struct top *top)
{
	uint32_t height = rows_shown(top);

	(void)erase();
	if (top->help) {
		draw_help(top);
	} else if (top->model.n_rows > 0) {
		model_scroll(&top->model, height);
		draw_title(top);
		draw_titles(top);
		for (uint32_t i = 0; i < height && top->model.first + i < top->model.n_rows; i++)
			draw_row(top, HEAD + (int)i, top->model.first + i);
		draw_pane(top);
		draw_foot(top);
	}
	(void)move(LINES - 1, COLS - 1);
	(void)refresh();
}
