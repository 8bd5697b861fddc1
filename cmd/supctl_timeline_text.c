/* supctl_timeline_text.c - the timeline on a terminal: a line a child, a letter a piece of time. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl_timeline.h"
#include "cmd/supctl_words.h"
#include "supervisor/wire/child_json.h"

enum { NAME_LEAST = 8, NAME_MOST = 40, CLOCK = 12, AXIS_LEAST = 20 };

struct letters {
	const char *end;
	const char *death;
	const char *failed;
	const char *limit;
	const char *running;
	const char *way; /* on its way up or down */
	const char *waiting;
	const char *down;
};

static const struct letters lines = {
	"\u25cb", "\u2717", "!", "\u25c6", "\u2501", "\u2504", "\u00b7", " "};
static const struct letters ascii = {"o", "X", "!", "#", "=", "-", ".", " "};

static const char *letter_of(const struct letters *letters, enum child_state state)
{
	switch (state) {
	case CHILD_RUNNING:
		return letters->running;
	case CHILD_STARTING:
	case CHILD_STOPPING:
	case CHILD_RESTARTING:
		return letters->way;
	case CHILD_WAITING:
	case CHILD_BACKOFF:
	case CHILD_PARKED:
		return letters->waiting;
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_FAILED:
	case CHILD_REMOVED:
	case CHILD_STATE_COUNT:
		break;
	}
	return letters->down;
}

static const char *letter_of_mark(const struct letters *letters, enum mark mark)
{
	switch (mark) {
	case MARK_END:
		return letters->end;
	case MARK_DEATH:
		return letters->death;
	case MARK_FAILED_START:
		return letters->failed;
	case MARK_LIMIT:
		return letters->limit;
	case MARK_NONE:
		break;
	}
	return letters->down;
}

static size_t column_of(const struct timeline *timeline, int64_t at_ms, size_t width)
{
	return (size_t)(timeline_place(timeline, at_ms) * (double)(width - 1) + 0.5);
}

/* Fills states up to column end. dip: in that column it stopped running; where it also runs again
 * there, it has to be seen that it did not all the time. */
static size_t fill(
	enum child_state *states, size_t at, size_t end, enum child_state state, size_t dip)
{
	for (; at < end; at++)
		states[at] = at == dip && state == CHILD_RUNNING ? CHILD_RESTARTING : state;
	return at;
}

/* What happened last in each column, and what stands out in it. */
static void print_lane(struct out *out, const struct timeline *timeline, const struct lane *lane,
	size_t width, enum child_state *states, enum mark *marks)
{
	const struct letters *letters = out->utf8 ? &lines : &ascii;
	enum child_state state = lane_state(lane, timeline->begin_ms - 1);
	size_t at = 0;
	size_t dip = SIZE_MAX;

	memset(marks, 0, width * sizeof *marks);
	for (size_t i = 0; i < lane->n; i++) {
		size_t column = column_of(timeline, lane->turns[i].at_ms, width);

		if (lane->turns[i].at_ms < timeline->begin_ms)
			continue;
		at = fill(states, at, column, state, dip);
		if (state == CHILD_RUNNING && lane->turns[i].to != CHILD_RUNNING)
			dip = column;
		state = lane->turns[i].to;
		if (lane->turns[i].mark != MARK_NONE)
			marks[column] = lane->turns[i].mark;
	}
	(void)fill(states, at, width, state, dip);
	for (size_t i = 0; i < width; i++) {
		bool marked = marks[i] != MARK_NONE;

		out_cell(out,
			marked ? letter_of_mark(letters, marks[i]) : letter_of(letters, states[i]),
			1, true,
			marks[i] > MARK_END ? TONE_BAD
			: marked	    ? TONE_PLAIN
					    : state_tone(states[i]));
	}
}

/* Times, as many as there is room for; each begins below what it tells of. */
static void print_axis(
	struct out *out, const struct timeline *timeline, size_t margin, size_t width)
{
	size_t at = 0;
	char clock[40];

	out_printf(out, "%*s", (int)margin, "");
	for (size_t i = 0; i < timeline->n_moments; i++) {
		size_t column = column_of(timeline, timeline->moments[i], width);

		if (column < at || column + CLOCK > width)
			continue;
		out_printf(out, "%*s%s", (int)(column - at), "",
			timeline_clock(timeline->moments[i], clock));
		at = column + CLOCK + 2;
		if (at > width)
			break;
		out_text(out, "  ");
	}
	out_text(out, "\n");
}

static size_t name_width(const struct out *out, const struct timeline *timeline)
{
	size_t widest = NAME_LEAST;

	for (size_t i = 0; i < timeline->n; i++) {
		size_t columns = out_columns(out, timeline->lanes[i].path);

		if (columns > widest)
			widest = columns;
	}
	if (widest > out->width / 3)
		widest = out->width / 3;
	return widest < NAME_MOST ? widest : NAME_MOST;
}

void timeline_print(struct out *out, const struct timeline *timeline)
{
	const struct letters *letters = out->utf8 ? &lines : &ascii;
	size_t margin = name_width(out, timeline) + 2;
	size_t width = out->width > margin + AXIS_LEAST ? out->width - margin : AXIS_LEAST;
	enum child_state *states = calloc(width, sizeof *states);
	enum mark *marks = calloc(width, sizeof *marks);
	char from[40];

	if (!states || !marks) {
		out->error = ENOMEM;
	} else {
		for (size_t i = 0; i < timeline->n; i++) {
			out_cell(out, timeline->lanes[i].path, margin - 2, true, TONE_BOLD);
			out_text(out, "  ");
			print_lane(out, timeline, &timeline->lanes[i], width, states, marks);
			out_text(out, "\n");
		}
		print_axis(out, timeline, margin, width);
		out_printf(out,
			"\n%s running  %s on its way  %s waiting  %s ended  %s died  %s start "
			"failed  "
			"%s limit\n",
			letters->running, letters->way, letters->waiting, letters->end,
			letters->death, letters->failed, letters->limit);
		out_printf(out, "From %s; long pauses are drawn short.\n",
			format_wall_time(timeline->begin_ms * 1000000, false, from));
	}
	if (timeline->lost > 0)
		out_printf(out, "%llu events before that are not kept any more.\n",
			(unsigned long long)timeline->lost);
	free(states);
	free(marks);
}
