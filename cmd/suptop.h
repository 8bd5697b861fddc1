/* suptop.h - what the files of suptop, the screen of `supctl top`, share. */
#ifndef CMD_SUPTOP_H
#define CMD_SUPTOP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/supctl_output.h"
#include "cmd/suptop_model.h"
#include "cmd/suptop_task.h"

/* What stands below the tree. The first three follow the selection. */
enum pane { PANE_LOG, PANE_EVENTS, PANE_WHY, PANE_IMPACT, PANE_OFF };

/* What is being asked on the last line. */
enum prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_SIGNAL, PROMPT_CONFIRM };

struct top {
	const char *dir;
	const char *program; /* supctl */
	struct model model;
	bool utf8;
	bool gone; /* nobody keeps the table up to date any more */
	bool help; /* shown instead of the tree */
	bool quit;
	enum pane pane;
	enum pane resting;  /* to which it returns from why and impact */
	bool unlogged;	    /* PANE_LOG of a child that has no log: its events are shown */
	size_t pane_back;   /* lines that it is scrolled by */
	uint32_t pane_of;   /* the child that it shows, by its number in the table */
	int64_t pane_at_ms; /* when its supctl is to be started; INT64_MAX: it was */
	struct task feed;   /* what fills the pane */
	struct task action; /* what a key asked for */
	char action_words[256];
	char message[512];
	bool message_bad;
	enum prompt prompt;
	char typed[128];
	char found[128];	       /* what was last searched for */
	const char *verb;	       /* PROMPT_CONFIRM: what is to be done */
	char path[SNAPSHOT_PATH_SIZE]; /* and PROMPT_SIGNAL: with whom */
};

/* ---- suptop_draw.c */

/* Draws all of it; curses sends what is new. */
void draw(struct top *top);

/* Rows of the tree that the screen has room for. */
uint32_t rows_shown(const struct top *top);

/* Lines of text that the pane has room for; 0: it is not shown. */
uint32_t pane_lines(const struct top *top);

/* ---- suptop_rows.c */

/* Draws a row of the model on line y, and the titles of the columns. */
void draw_row(const struct top *top, int y, uint32_t row);
void draw_titles(const struct top *top, int y);

/* What a load of one CPU is in percent; "-" when it is not known. Returns buf. */
const char *load_words(double load, char buf[static 16]);

/* ---- suptop_cell.c */

/* Finds out what the terminal can. */
void cells_init(const struct top *top);

/* Writes text at the cursor's line in columns x to x + width, cut or filled up with spaces. What
 * cannot be shown becomes "?". Returns the columns that the text took. */
int cell(
	const struct top *top, int y, int x, int width, const char *text, unsigned long attributes);

/* Attributes of a tone. */
unsigned long tone_attributes(enum tone tone);

/* ---- suptop_pane.c */

/* The selection or the pane has changed: its supctl is started when the user has come to rest. */
void pane_changed(struct top *top, int64_t now_ms);

/* What filled it has ended. */
void pane_ended(struct top *top, int64_t now_ms);

/* Starts it when it is due. */
void pane_keep(struct top *top, int64_t now_ms);

/* ---- suptop_keys.c */

void take_key(struct top *top, int key, int64_t now_ms);

/* The action has ended: says so. */
void action_ended(struct top *top);

__attribute__((format(printf, 3, 4))) void say(struct top *top, bool bad, const char *format, ...);

#endif
