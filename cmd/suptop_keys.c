/* suptop_keys.c - what the keys do. */
#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/suptop.h"

enum { ESCAPE = 27, DELETE = 127, CTRL_H = 8, CTRL_L = 12 };

void say(struct top *top, bool bad, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(top->message, sizeof top->message, format, args);
	va_end(args);
	top->message_bad = bad;
}

/* ---- asking supd for something */

static void act(struct top *top, const char *verb, const char *signal)
{
	const char *const args[] = {verb, signal ? signal : "--", signal ? "--" : top->path,
		signal ? top->path : NULL, NULL};
	int error;

	if (top->action.pid > 0) {
		say(top, true, "%s is still going on", top->action_words);
		return;
	}
	(void)snprintf(top->action_words, sizeof top->action_words, "%s%s%s %.160s", verb,
		signal ? " " : "", signal ? signal : "", top->path);
	error = task_start(&top->action, top->program, top->dir, args);
	if (error)
		say(top, true, "cannot run %s: %s", top->program, strerror(-error));
	else
		say(top, false, "%s ...", top->action_words);
}

void action_ended(struct top *top)
{
	const struct task *task = &top->action;

	if (task->status != 0 && task->n > 0)
		say(top, true, "%s", task_line(task, task->n - 1));
	else if (task->status != 0)
		say(top, true, "%s failed: status %d", top->action_words, task->status);
	else
		say(top, false, "%s: done", top->action_words);
}

static void note_path(struct top *top)
{
	(void)snapshot_path(&top->model.snapshot, model_position(&top->model), top->path);
}

/* What stops something is asked for twice. */
static void ask(struct top *top, enum prompt prompt, const char *verb)
{
	note_path(top);
	top->prompt = prompt;
	top->verb = verb;
	top->typed[0] = '\0';
	top->message[0] = '\0';
}

/* ---- prompts */

static void search(struct top *top, const char *text, bool back, bool here)
{
	if (!text[0])
		return;
	if (!model_search(&top->model, text, back, here))
		say(top, true, "no path has %s in it", text);
}

static void prompt_enter(struct top *top)
{
	enum prompt prompt = top->prompt;

	top->prompt = PROMPT_NONE;
	if (prompt == PROMPT_SEARCH) {
		if (top->typed[0])
			memcpy(top->found, top->typed, sizeof top->found);
		search(top, top->found, false, true);
	} else if (prompt == PROMPT_SIGNAL && top->typed[0]) {
		act(top, "signal", top->typed);
	}
}

static void prompt_key(struct top *top, int key)
{
	size_t n = strlen(top->typed);

	if (top->prompt == PROMPT_CONFIRM) {
		top->prompt = PROMPT_NONE;
		if (key == 'y' || key == 'Y')
			act(top, top->verb, NULL);
		return;
	}
	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		prompt_enter(top);
	} else if (key == ESCAPE) {
		top->prompt = PROMPT_NONE;
	} else if (key == KEY_BACKSPACE || key == DELETE || key == CTRL_H) {
		if (n == 0)
			top->prompt = PROMPT_NONE;
		/* A character of several bytes goes whole. */
		while (n > 0 && ((unsigned char)top->typed[--n] & 0xc0) == 0x80)
			;
		top->typed[n] = '\0';
	} else if (key >= ' ' && key <= UCHAR_MAX && n + 1 < sizeof top->typed) {
		top->typed[n] = (char)key;
		top->typed[n + 1] = '\0';
	}
}

/* ---- keys */

/* Returns whether it was one. */
static bool moving_key(struct top *top, int key)
{
	struct model *model = &top->model;
	int64_t page = rows_shown(top) > 1 ? rows_shown(top) - 1 : 1;

	switch (key) {
	case KEY_UP:
		model_move(model, -1);
		return true;
	case KEY_DOWN:
		model_move(model, 1);
		return true;
	case KEY_PPAGE:
		model_move(model, -page);
		return true;
	case KEY_NPAGE:
		model_move(model, page);
		return true;
	case KEY_HOME:
	case 'g':
		model_move(model, -(int64_t)model->n_rows);
		return true;
	case KEY_END:
	case 'G':
		model_move(model, model->n_rows);
		return true;
	case ' ':
	case '\n':
	case '\r':
	case KEY_ENTER:
		model_fold(model);
		return true;
	case 'f':
		model_fold_all(model);
		return true;
	case '!':
		if (!model_next_wrong(model))
			say(top, false, "all that should run is well");
		return true;
	default:
		return false;
	}
}

static void show(struct top *top, enum pane pane, int64_t now_ms)
{
	if (top->pane == PANE_LOG || top->pane == PANE_EVENTS)
		top->resting = top->pane;
	top->pane = pane;
	top->unlogged = false;
	task_stop(&top->feed);
	task_init(&top->feed);
	top->pane_of = top->model.chosen;
	top->pane_back = 0;
	/* It was asked for: no need to wait. */
	top->pane_at_ms = pane == PANE_OFF ? INT64_MAX : now_ms;
}

/* pane_back counts from where the pane begins: sentences at their first line, events at their
 * last. */
static void scroll_pane(struct top *top, bool up)
{
	bool sentences = top->pane == PANE_WHY || top->pane == PANE_IMPACT;

	if (up != sentences)
		top->pane_back++;
	else
		top->pane_back -= top->pane_back > 0;
}

static bool pane_key(struct top *top, int key, int64_t now_ms)
{
	switch (key) {
	case 'w':
		show(top, PANE_WHY, now_ms);
		return true;
	case 'i':
		show(top, PANE_IMPACT, now_ms);
		return true;
	case 'e':
		show(top, PANE_EVENTS, now_ms);
		return true;
	case 'l':
		show(top, PANE_LOG, now_ms);
		return true;
	case 'p':
		show(top, top->pane == PANE_OFF ? top->resting : PANE_OFF, now_ms);
		return true;
	case '[':
		scroll_pane(top, true);
		return true;
	case ']':
		scroll_pane(top, false);
		return true;
	default:
		return false;
	}
}

static void acting_key(struct top *top, int key)
{
	switch (key) {
	case 's':
		note_path(top);
		act(top, "start", NULL);
		break;
	case 'x':
		ask(top, PROMPT_CONFIRM, "stop");
		break;
	case 'r':
		ask(top, PROMPT_CONFIRM, "restart");
		break;
	case 'k':
		ask(top, PROMPT_SIGNAL, NULL);
		break;
	case '/':
		ask(top, PROMPT_SEARCH, NULL);
		break;
	case 'n':
	case 'N':
		search(top, top->found, key == 'N', false);
		break;
	case '?':
	case 'h':
		top->help = true;
		break;
	case CTRL_L:
		(void)clearok(curscr, TRUE);
		break;
	case 'q':
		top->quit = true;
		break;
	default:
		break;
	}
}

void take_key(struct top *top, int key, int64_t now_ms)
{
	if (key == KEY_RESIZE)
		return;
	if (top->prompt != PROMPT_NONE) {
		prompt_key(top, key);
		return;
	}
	top->message[0] = '\0';
	if (top->help) {
		top->help = false;
		return;
	}
	if (!moving_key(top, key) && !pane_key(top, key, now_ms))
		acting_key(top, key);
}
