/* suptop_pane.c - what fills the pane below the tree: a supctl whose output it shows. */
#include <stdio.h>
#include <string.h>

#include "cmd/suptop.h"
#include "config/spec.h"

/* So long the selection must rest on a child: who moves through the tree starts nothing. */
enum { REST_MS = 250 };

void pane_changed(struct top *top, int64_t now_ms)
{
	top->pane_at_ms = top->pane == PANE_OFF ? INT64_MAX : now_ms + REST_MS;
	if (top->pane == PANE_OFF)
		task_stop(&top->feed);
}

/* A pattern of events for a child, and for what is below it. */
static void pattern_of(const struct top *top, const char *path, char *pattern, size_t size)
{
	const struct snapshot_node *node = &top->model.snapshot.nodes[model_position(&top->model)];
	bool process = node->record.kind == KIND_PROCESS;

	(void)snprintf(
		pattern, size, "%s%s", strcmp(path, "/") == 0 ? "" : path, process ? "" : "*");
}

static int start_events(struct top *top, const char *pattern)
{
	return task_start(&top->feed, top->program, top->dir,
		(const char *const[]){"events", "--since-start", "--", pattern, NULL});
}

void pane_ended(struct top *top, int64_t now_ms)
{
	if (top->pane != PANE_LOG || top->unlogged || top->feed.status == 0)
		return;
	/* Its output goes to supd's own, or nowhere: what happens to it is the next best thing. */
	top->unlogged = true;
	top->pane_at_ms = now_ms;
}

static int start_feed(struct top *top, const char *path)
{
	char pattern[SNAPSHOT_PATH_SIZE + 2];

	pattern_of(top, path, pattern, sizeof pattern);
	switch (top->pane) {
	case PANE_LOG:
		if (top->unlogged)
			return start_events(top, pattern);
		return task_start(&top->feed, top->program, top->dir,
			(const char *const[]){"logs", "-f", "-n", "100", "--", path, NULL});
	case PANE_EVENTS:
		return start_events(top, pattern);
	case PANE_WHY:
		return task_start(&top->feed, top->program, top->dir,
			(const char *const[]){"why", "--", path, NULL});
	case PANE_IMPACT:
		return task_start(&top->feed, top->program, top->dir,
			(const char *const[]){"impact", "--", path, NULL});
	case PANE_OFF:
		break;
	}
	return 0;
}

void pane_keep(struct top *top, int64_t now_ms)
{
	const struct model *model = &top->model;
	char path[SNAPSHOT_PATH_SIZE];
	int error;

	if (model->n_rows == 0)
		return;
	if (top->pane != PANE_OFF && model->chosen != top->pane_of) {
		/* Answers are about one child: with another one the pane returns to what it was. */
		if (top->pane == PANE_WHY || top->pane == PANE_IMPACT)
			top->pane = top->resting;
		top->pane_of = model->chosen;
		top->pane_back = 0;
		top->unlogged = false;
		task_stop(&top->feed);
		task_init(&top->feed);
		pane_changed(top, now_ms);
	}
	if (now_ms < top->pane_at_ms)
		return;
	top->pane_at_ms = INT64_MAX;
	top->pane_back = 0;
	error = start_feed(top, snapshot_path(&model->snapshot, model_position(model), path));
	if (error)
		say(top, true, "cannot run %s: %s", top->program, strerror(-error));
}
