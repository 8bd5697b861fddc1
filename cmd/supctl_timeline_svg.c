/* supctl_timeline_svg.c - the timeline as an SVG: a row a child, a bar a state. */
#include <stdio.h>
#include <string.h>

#include "cmd/supctl_svg.h"
#include "cmd/supctl_timeline.h"
#include "cmd/supctl_words.h"
#include "supervisor/wire/child_json.h"

enum {
	MARGIN = 20,
	HEAD = 66,
	FOOT = 40,
	PITCH = 22,
	BAR = 12,
	AXIS = 900,
	CLOCK_WIDTH = 92,
	INDENT = 12,
};

struct drawing {
	struct out *out;
	const struct timeline *timeline;
	unsigned left; /* where the axis begins */
	unsigned bottom;
};

static double x_of(const struct drawing *d, int64_t at_ms)
{
	return d->left + timeline_place(d->timeline, at_ms) * AXIS;
}

static void draw_text(struct out *out, double x, double y, const char *class, const char *text)
{
	out_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	svg_text(out, text);
	out_text(out, "</text>\n");
}

/* ---- lanes */

static unsigned depth_of(const char *path)
{
	unsigned depth = strcmp(path, "/") != 0;

	for (; *path; path++)
		depth += *path == '/' && path[1];
	return depth;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static bool is_drawn(enum child_state state)
{
	return state != CHILD_STOPPED && state != CHILD_EXITED && state != CHILD_REMOVED &&
	       state != CHILD_WAITING;
}

static void draw_bar(const struct drawing *d, unsigned y, int64_t from_ms, int64_t to_ms,
	enum child_state state, const char *words)
{
	bool low = state != CHILD_RUNNING;
	double x = x_of(d, from_ms);
	double width = x_of(d, to_ms) - x;

	if (!is_drawn(state) || width <= 0)
		return;
	out_printf(d->out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%d\"><title>",
		svg_class(state_tone(state)), x, y + (low ? BAR / 4 : 0), width < 1 ? 1.0 : width,
		low ? BAR / 2 : BAR);
	svg_text(d->out, words ? words : child_state_name(state));
	out_text(d->out, "</title></rect>\n");
}

/* A sign at a place, on a ground of its own so that it shows on a bar. */
static void draw_sign(struct out *out, double x, double y, enum mark mark)
{
	switch (mark) {
	case MARK_NONE:
		return;
	case MARK_LIMIT:
		out_printf(out,
			"<path class=\"halo\" d=\"M%.1f %.1fl7 7l-7 7l-7 -7z\"/>"
			"<path class=\"bad\" d=\"M%.1f %.1fl7 7l-7 7l-7 -7z\"/>\n",
			x, y - 7, x, y - 7);
		return;
	case MARK_END:
		out_printf(out,
			"<circle class=\"page\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"/>"
			"<circle class=\"line\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n",
			x, y, x, y);
		return;
	case MARK_DEATH:
	case MARK_FAILED_START:
		break;
	}
	if (mark == MARK_FAILED_START)
		out_printf(out,
			"<circle class=\"page\" cx=\"%.1f\" cy=\"%.1f\" r=\"8\"/>"
			"<circle class=\"cross\" cx=\"%.1f\" cy=\"%.1f\" r=\"6.5\"/>",
			x, y, x, y);
	else
		out_printf(
			out, "<path class=\"halo\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\"/>", x - 4, y - 4);
	out_printf(out, "<path class=\"cross\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\"/>\n", x - 4, y - 4);
}

static void draw_mark(const struct drawing *d, unsigned y, const struct turn *turn)
{
	if (turn->mark == MARK_NONE)
		return;
	out_text(d->out, "<g><title>");
	svg_text(d->out, turn->words);
	out_text(d->out, "</title>");
	draw_sign(d->out, x_of(d, turn->at_ms), y + BAR / 2.0, turn->mark);
	out_text(d->out, "</g>\n");
}

static void draw_lane(const struct drawing *d, const struct lane *lane, unsigned top)
{
	int64_t from_ms = d->timeline->begin_ms;
	enum child_state state = lane_state(lane, from_ms - 1);
	unsigned y = top + (PITCH - BAR) / 2;
	const char *words = NULL;
	char restarts[32];

	out_text(d->out, "<g><title>");
	svg_text(d->out, lane->path);
	out_text(d->out, "</title>");
	draw_text(d->out, MARGIN + INDENT * depth_of(lane->path), top + 15, "ink",
		last_name(lane->path));
	out_text(d->out, "</g>\n");
	for (size_t i = 0; i < lane->n; i++) {
		const struct turn *turn = &lane->turns[i];

		if (turn->at_ms >= d->timeline->begin_ms) {
			draw_bar(d, y, from_ms, turn->at_ms, state, words);
			from_ms = turn->at_ms;
		}
		state = turn->to;
		words = turn->words;
	}
	draw_bar(d, y, from_ms, d->timeline->end_ms, state, words);
	for (size_t i = 0; i < lane->n; i++)
		if (lane->turns[i].at_ms >= d->timeline->begin_ms)
			draw_mark(d, y, &lane->turns[i]);
	if (lane->restarts == 0)
		return;
	(void)snprintf(restarts, sizeof restarts, "%u restart%s", lane->restarts,
		lane->restarts == 1 ? "" : "s");
	draw_text(d->out, d->left + AXIS + 10, top + 15, "small note", restarts);
}

/* ---- the rest */

static void draw_axis(const struct drawing *d)
{
	double free_from = 0;
	char clock[40];

	for (size_t i = 0; i < d->timeline->n_moments; i++) {
		double x = x_of(d, d->timeline->moments[i]);

		if (x < free_from || x + CLOCK_WIDTH > d->left + AXIS + 80)
			continue;
		out_printf(d->out, "<path class=\"rule\" d=\"M%.1f %dV%u\"/>\n", x, HEAD - 6,
			d->bottom);
		draw_text(d->out, x, HEAD - 10, "small note",
			timeline_clock(d->timeline->moments[i], clock));
		free_from = x + CLOCK_WIDTH;
	}
}

static void draw_legend(const struct drawing *d)
{
	static const struct {
		const char *class;
		const char *words;
		int height;
	} bars[] = {{"good", "running", BAR},
		{"busy", "on its way, or waiting to be tried", BAR / 2},
		{"bad", "failed, parked", BAR / 2}};
	static const struct {
		enum mark mark;
		const char *words;
	} signs[] = {{MARK_END, "ended, status 0"}, {MARK_DEATH, "died"},
		{MARK_FAILED_START, "start failed"}, {MARK_LIMIT, "restart limit reached"}};
	double y = d->bottom + 26;
	double x = MARGIN;

	for (size_t i = 0; i < sizeof bars / sizeof bars[0]; i++) {
		out_printf(d->out,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"22\" height=\"%d\"/>\n",
			bars[i].class, x, y - 4 - bars[i].height / 2.0, bars[i].height);
		draw_text(d->out, x + 28, y, "small note", bars[i].words);
		x += 28 + svg_width(bars[i].words, SVG_FONT_SMALL) + 16;
	}
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		draw_sign(d->out, x + 6, y - 4, signs[i].mark);
		draw_text(d->out, x + 18, y, "small note", signs[i].words);
		x += 18 + svg_width(signs[i].words, SVG_FONT_SMALL) + 14;
	}
}

static void draw_title(const struct drawing *d)
{
	char from[40];
	char to[40];
	char title[160];
	double x;

	(void)snprintf(title, sizeof title, "%s to %s",
		format_wall_time(d->timeline->begin_ms * 1000000, true, from),
		format_wall_time(d->timeline->end_ms * 1000000, true, to));
	draw_text(d->out, MARGIN, MARGIN + 6, "ink bold", title);
	/* Bold letters are wider. */
	x = MARGIN + svg_width(title, SVG_FONT) * 1.12 + 20;
	(void)snprintf(title, sizeof title, "Long pauses are drawn short.");
	if (d->timeline->lost > 0)
		(void)snprintf(title, sizeof title,
			"Long pauses are drawn short. %llu events before that are not kept any "
			"more.",
			(unsigned long long)d->timeline->lost);
	draw_text(d->out, x, MARGIN + 6, "small note", title);
}

void timeline_svg(struct out *out, const struct timeline *timeline)
{
	struct drawing d = {.out = out, .timeline = timeline, .left = 120};
	unsigned top = HEAD;

	for (size_t i = 0; i < timeline->n; i++) {
		const char *path = timeline->lanes[i].path;
		unsigned right = MARGIN + INDENT * depth_of(path) +
				 svg_width(last_name(path), SVG_FONT) + 16;

		d.left = right > d.left ? right : d.left;
	}
	d.bottom = HEAD + (unsigned)timeline->n * PITCH + 4;
	svg_begin(out, d.left + AXIS + 100, d.bottom + FOOT, "what happened, over time");
	draw_title(&d);
	draw_axis(&d);
	for (size_t i = 0; i < timeline->n; i++, top += PITCH)
		draw_lane(&d, &timeline->lanes[i], top);
	draw_legend(&d);
	svg_end(out);
}
