/* suptop_draw.c - the screen: a title, the tree, the pane, a line for keys, prompts and messages.
 */
#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "cmd/supctl_words.h"
#include "cmd/suptop.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"

enum { HEAD = 2, FOOT = 1, SMALL = 16 };

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
		draw_titles(top, 1);
		for (uint32_t i = 0; i < height && top->model.first + i < top->model.n_rows; i++)
			draw_row(top, HEAD + (int)i, top->model.first + i);
		draw_pane(top);
		draw_foot(top);
	}
	(void)move(LINES - 1, COLS - 1);
	(void)refresh();
}
