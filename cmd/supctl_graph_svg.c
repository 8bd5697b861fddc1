/* supctl_graph_svg.c - the tree as an SVG, from left to right: a column a level, a row a process.
 *
 * The layout is that of a tidy tree: a subtree takes as much height as its own box or all of its
 * children need, whichever is more, no two overlap, and a supervisor stands in the middle of its
 * children. Nodes are in preorder, so one walk backwards and one forwards do it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/supctl_graph.h"
#include "cmd/supctl_svg.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"

enum {
	MARGIN = 24,
	HEAD = 44,    /* room for the title */
	FOOT = 36,    /* and for the legend */
	PITCH = 32,   /* of rows */
	BOX = 26,     /* the height of a process */
	SUP_BOX = 42, /* and of a supervisor */
	SUP_PITCH = SUP_BOX + 8,
	AIR = 8,  /* between families */
	GAP = 44, /* between columns */
	PAD = 12, /* within a box */
	LEGEND_WIDTH = 640,
};

struct place {
	unsigned height; /* of the subtree */
	unsigned top;
	unsigned middle; /* of its box */
};

struct picture {
	struct out *out;
	const struct snapshot *snapshot;
	struct place *places;
	unsigned x[SNAPSHOT_DEPTH_MAX];
	unsigned width[SNAPSHOT_DEPTH_MAX]; /* of the boxes of a level */
	unsigned name[SNAPSHOT_DEPTH_MAX];  /* of the names of processes */
};

static bool is_process(const struct picture *p, uint32_t i)
{
	return p->snapshot->nodes[i].record.kind == KIND_PROCESS;
}

/* ---- layout */

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* The columns. Returns the width of the picture. */
static unsigned lay_columns(struct picture *p)
{
	char words[GRAPH_WORDS_SIZE];
	unsigned x = MARGIN;

	for (uint32_t i = 0; i < p->snapshot->n; i++) {
		const struct snapshot_node *node = &p->snapshot->nodes[i];
		unsigned name = svg_width(node->record.name, SVG_FONT);
		unsigned says = svg_width(graph_words(p->snapshot, i, words), SVG_FONT_SMALL);

		if (is_process(p, i)) {
			p->name[node->depth] = most(p->name[node->depth], name);
			name = p->name[node->depth] + PAD + says;
		}
		p->width[node->depth] = most(p->width[node->depth], most(name, says) + 2 * PAD + 6);
	}
	/* A name further down may have widened the column of names. */
	for (uint32_t i = 0; i < p->snapshot->n; i++) {
		uint32_t depth = p->snapshot->nodes[i].depth;
		unsigned says = svg_width(graph_words(p->snapshot, i, words), SVG_FONT_SMALL);

		if (is_process(p, i))
			p->width[depth] =
				most(p->width[depth], p->name[depth] + PAD + says + 2 * PAD + 6);
	}
	for (int d = 0; d < SNAPSHOT_DEPTH_MAX && p->width[d] > 0; d++) {
		p->x[d] = x;
		x += p->width[d] + GAP;
	}
	return most(x - GAP + MARGIN, LEGEND_WIDTH);
}

/* Returns the height of the picture. */
static unsigned lay_rows(struct picture *p)
{
	const struct snapshot_node *nodes = p->snapshot->nodes;
	struct place *places = p->places;

	for (uint32_t i = p->snapshot->n; i-- > 0;) {
		/* A little air between the children of one and those of the next. */
		if (places[i].height > 0)
			places[i].height += AIR;
		places[i].height = most(places[i].height, is_process(p, i) ? PITCH : SUP_PITCH);
		if (i > 0)
			places[nodes[i].parent].height += places[i].height;
	}
	places[0].top = HEAD;
	for (uint32_t i = 0; i < p->snapshot->n; i++) {
		unsigned used = 0;
		unsigned top;

		for (uint32_t c = i + 1; c < nodes[i].end; c = nodes[c].end)
			used += places[c].height;
		top = places[i].top + (places[i].height - used) / 2;
		for (uint32_t c = i + 1; c < nodes[i].end; c = nodes[c].end) {
			places[c].top = top;
			top += places[c].height;
		}
		places[i].middle = places[i].top + places[i].height / 2;
	}
	for (uint32_t i = p->snapshot->n; i-- > 0;) {
		uint32_t last = 0;

		for (uint32_t c = i + 1; c < nodes[i].end; c = nodes[c].end)
			last = c;
		if (last)
			places[i].middle = (places[i + 1].middle + places[last].middle) / 2;
	}
	return HEAD + places[0].height + FOOT;
}

/* ---- drawing */

/* A triangle that points down, on the trunk above y. */
static void draw_tip(struct out *out, unsigned x, unsigned y)
{
	out_printf(out, "<path class=\"tip\" d=\"M%u %ul-4 -7h8z\"/>\n", x, y);
}

/* From a supervisor to its children: a trunk, and a branch to each. What its strategy does shows in
 * the trunk: rest_for_one points at those that come after, one_for_all holds all together. */
static void draw_branches(struct picture *p, uint32_t i)
{
	const struct snapshot_node *nodes = p->snapshot->nodes;
	const struct snapshot_node *node = &nodes[i];
	unsigned from = p->x[node->depth] + p->width[node->depth];
	unsigned trunk = from + GAP / 2;
	unsigned strategy = node->record.strategy;
	uint32_t last = 0;

	if (is_process(p, i) || node->end == i + 1)
		return;
	out_printf(p->out, "<path class=\"line\" d=\"M%u %uH%u\"/>\n", from, p->places[i].middle,
		trunk);
	for (uint32_t c = i + 1; c < node->end; c = nodes[c].end) {
		unsigned y = p->places[c].middle;

		out_printf(p->out, "<path class=\"line\" d=\"M%u %uH%u\"/>\n", trunk, y,
			p->x[nodes[c].depth]);
		if (last && strategy == STRATEGY_REST_FOR_ONE)
			draw_tip(p->out, trunk, (p->places[last].middle + y) / 2 + 4);
		last = c;
	}
	out_printf(p->out, "<path class=\"line%s\" d=\"M%u %uV%u\"/>\n",
		strategy == STRATEGY_ONE_FOR_ALL ? " heavy" : "", trunk, p->places[i + 1].middle,
		p->places[last].middle);
}

static void draw_text(struct out *out, unsigned x, unsigned y, const char *class, const char *text)
{
	out_printf(out, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
	svg_text(out, text);
	out_text(out, "</text>\n");
}

static void draw_box(struct picture *p, uint32_t i)
{
	const struct snapshot_node *node = &p->snapshot->nodes[i];
	bool process = is_process(p, i);
	unsigned height = process ? BOX : SUP_BOX;
	unsigned x = p->x[node->depth];
	unsigned middle = p->places[i].middle;
	const char *class = svg_class(graph_tone(&node->record));
	char words[GRAPH_WORDS_SIZE];
	char path[SNAPSHOT_PATH_SIZE];
	char small[32];

	out_text(p->out, "<g><title>");
	svg_text(p->out, snapshot_path(p->snapshot, i, path));
	out_printf(p->out,
		"</title><rect class=\"box\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" "
		"rx=\"5\"/><rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"5\" height=\"%u\" "
		"rx=\"2\"/>\n",
		x, middle - height / 2, p->width[node->depth], height, class, x,
		middle - height / 2, height);
	(void)snprintf(small, sizeof small, "small %stext", process ? class : "note ");
	if (!process && node->record.state == CHILD_RUNNING)
		(void)snprintf(small, sizeof small, "small note");
	else
		(void)snprintf(small, sizeof small, "small %stext", class);
	(void)graph_words(p->snapshot, i, words);
	if (process) {
		draw_text(p->out, x + PAD + 4, middle + 5, "ink", node->record.name);
		draw_text(
			p->out, x + PAD + 4 + p->name[node->depth] + PAD, middle + 4, small, words);
	} else {
		draw_text(p->out, x + PAD + 4, middle - 3, "ink bold", node->record.name);
		draw_text(p->out, x + PAD + 4, middle + 14, small, words);
	}
	out_text(p->out, "</g>\n");
}

/* What the colours and the trunks mean. */
static void draw_legend(struct out *out, unsigned y)
{
	static const struct {
		const char *class;
		const char *words;
	} colours[] = {{"good", "running"}, {"busy", "on its way"}, {"bad", "in trouble"},
		{"idle", "not running"}};
	unsigned x = MARGIN;

	for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
		out_printf(out,
			"<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"9\" height=\"9\" "
			"rx=\"2\"/>\n",
			colours[i].class, x, y - 9);
		draw_text(out, x + 14, y, "small note", colours[i].words);
		x += 14 + svg_width(colours[i].words, SVG_FONT_SMALL) + 14;
	}
	out_printf(out, "<path class=\"line heavy\" d=\"M%u %uv-12\"/>\n", x + 2, y + 1);
	draw_text(out, x + 10, y, "small note", "all together (one_for_all)");
	x += 10 + svg_width("all together (one_for_all)", SVG_FONT_SMALL) + 14;
	draw_tip(out, x + 4, y);
	draw_text(out, x + 14, y, "small note", "and those after it (rest_for_one)");
}

static void draw(struct picture *p, unsigned width, unsigned height)
{
	const struct snapshot *snapshot = p->snapshot;
	uint32_t running = 0;
	uint32_t processes = 0;
	char title[STATUS_NAME_SIZE + 64];

	for (uint32_t i = 0; i < snapshot->n; i++) {
		processes += is_process(p, i);
		running += is_process(p, i) && snapshot->nodes[i].record.state == CHILD_RUNNING;
	}
	(void)snprintf(title, sizeof title, "%s: %u of %u processes running",
		snapshot->nodes[0].record.name, running, processes);
	svg_begin(p->out, width, height, title);
	draw_text(p->out, MARGIN, MARGIN + 4, "ink bold", title);
	for (uint32_t i = 0; i < snapshot->n; i++)
		draw_branches(p, i);
	for (uint32_t i = 0; i < snapshot->n; i++)
		draw_box(p, i);
	draw_legend(p->out, height - 14);
	svg_end(p->out);
}

int graph_svg(struct out *out, const struct snapshot *snapshot)
{
	struct picture picture = {.out = out, .snapshot = snapshot};
	unsigned width;
	unsigned height;

	picture.places = calloc(snapshot->n, sizeof *picture.places);
	if (!picture.places)
		return -ENOMEM;
	width = lay_columns(&picture);
	height = lay_rows(&picture);
	draw(&picture, width, height);
	free(picture.places);
	return 0;
}
