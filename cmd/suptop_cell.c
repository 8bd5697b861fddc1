/* suptop_cell.c - text on the screen, column by column. */
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cmd/suptop.h"

void cells_init(const struct top *top)
{
	const char *no_colour = getenv("NO_COLOR");

	(void)top;
	if ((no_colour && *no_colour) || !has_colors() || start_color() == ERR)
		return;
	/* Without it black would be painted over the terminal's own ground. */
	short ground = use_default_colors() == OK ? -1 : COLOR_BLACK;

	(void)init_pair(TONE_GOOD, COLOR_GREEN, ground);
	(void)init_pair(TONE_BUSY, COLOR_YELLOW, ground);
	(void)init_pair(TONE_BAD, COLOR_RED, ground);
}

unsigned long tone_attributes(enum tone tone)
{
	bool colours = COLOR_PAIRS > TONE_BAD;

	switch (tone) {
	case TONE_GOOD:
		return colours ? COLOR_PAIR(TONE_GOOD) : A_NORMAL;
	case TONE_BUSY:
		return colours ? COLOR_PAIR(TONE_BUSY) : A_NORMAL;
	case TONE_BAD:
		return (colours ? COLOR_PAIR(TONE_BAD) : A_NORMAL) | A_BOLD;
	case TONE_DIM:
		return A_DIM;
	case TONE_BOLD:
		return A_BOLD;
	case TONE_PLAIN:
	case TONE_COUNT:
		break;
	}
	return A_NORMAL;
}

/* The next character of text: its bytes (at least 1) and its columns; 0 columns with *ret_ok false
 * for what cannot be shown. */
static size_t next_char(const struct top *top, const char *text, int *ret_columns)
{
	unsigned char c = (unsigned char)*text;
	mbstate_t state = {0};
	wchar_t wide;
	size_t n;

	*ret_columns = c >= ' ' && c < 0x7f ? 1 : -1;
	if (c < 0x80 || !top->utf8)
		return 1;
	n = mbrtowc(&wide, text, strlen(text), &state);
	if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
		return 1;
	*ret_columns = wcwidth(wide);
	return n;
}

static int columns_of(const struct top *top, const char *text)
{
	int total = 0;
	int columns;

	while (*text) {
		text += next_char(top, text, &columns);
		total += columns < 0 ? 1 : columns;
	}
	return total;
}

int cell(const struct top *top, int y, int x, int width, const char *text, unsigned long attributes)
{
	int total = columns_of(top, text);
	int limit = total > width ? width - 1 : width;
	int used = 0;
	int columns;

	if (width <= 0 || move(y, x) == ERR)
		return 0;
	(void)attr_set((attr_t)attributes & ~A_COLOR, (short)PAIR_NUMBER((int)attributes), NULL);
	while (*text) {
		size_t n = next_char(top, text, &columns);

		if (used + (columns < 0 ? 1 : columns) > limit)
			break;
		if (columns < 0)
			(void)addch('?');
		else
			(void)addnstr(text, (int)n);
		used += columns < 0 ? 1 : columns;
		text += n;
	}
	if (total > width) {
		(void)addstr(top->utf8 ? "\u2026" : "~");
		used++;
	}
	for (int i = used; i < width; i++)
		(void)addch(' ');
	(void)attr_set(A_NORMAL, 0, NULL);
	return used;
}
