/* impact_watch.c - what impact makes of the engine's actions; see impact.c. */
#include <string.h>

#include "supervisor/engine/impact_look.h"
#include "supervisor/engine/internal.h"

enum { LISTED_MAX = 1000 /* of what one death stops, starts or removes; the rest is counted */ };

/* ---- noting */

void impact_note(struct look *look, enum impact_what what, uint32_t index, struct impact_step step)
{
	struct impact *impact = look->impact;

	if (impact->n == IMPACT_STEPS_MAX) {
		impact->truncated = true;
		return;
	}
	step.at_ms = play_now_ms(look->play) - look->began_ms;
	step.death = impact->deaths;
	step.index = index;
	step.what = (uint8_t)what;
	impact->step[impact->n++] = step;
}

/* Stops, starts and removals can be as many as there are children. */
static void note_listed(struct look *look, enum impact_what what, uint32_t index)
{
	if (look->listed[what] == LISTED_MAX) {
		look->impact->step[look->last[what]].count++;
		return;
	}
	look->listed[what]++;
	look->last[what] = look->impact->n;
	impact_note(look, what, index, (struct impact_step){0});
	/* There was no room: what is left is counted where the last one stands. */
	if (look->last[what] == look->impact->n)
		look->last[what]--;
}

static uint32_t level_of(const struct look *look, uint32_t index)
{
	for (uint32_t i = 0; i < look->levels; i++)
		if (look->level[i].index == index)
			return i;
	return ENGINE_NONE;
}

bool impact_is_news(const struct look *look, uint32_t i)
{
	return i + 1 >= look->levels || !look->level[i + 1].hit || look->detail;
}

static void forget_below(struct look *look, uint32_t i)
{
	while (i-- > 0) {
		look->level[i].equal = 0;
		look->level[i].interval_ms = look->level[i].restarted_ms = -1;
	}
}

/* Level i is restarted: the level above it counts. */
static void restarted(struct look *look, uint32_t i, uint32_t count)
{
	struct level *level = &look->level[i];
	int64_t now_ms = play_now_ms(look->play);
	int64_t interval_ms = level->restarted_ms < 0 ? -1 : now_ms - level->restarted_ms;

	level->equal = interval_ms >= 0 && interval_ms == level->interval_ms ? level->equal + 1 : 0;
	level->interval_ms = interval_ms;
	level->restarted_ms = now_ms;
	level->pending = count;
	forget_below(look, i);
}

/* The engine may be further than the actions that have been taken from it: a count is told after
 * the end that it counts. */
static void tell_counts(struct look *look)
{
	for (uint32_t i = 0; i + 1 < look->levels; i++) {
		struct level *level = &look->level[i];

		if (level->pending == 0 || !level->down)
			continue;
		if (impact_is_news(look, i))
			impact_note(look, IMPACT_COUNTS, look->level[i + 1].index,
				(struct impact_step){
					.child = level->index, .count = level->pending});
		level->pending = 0;
		level->down = false;
	}
}

static int64_t window_last_ms(const struct window *w)
{
	return w->n == 0 ? 0 : w->at[(w->first + w->n - 1) % w->intensity];
}

void impact_windows(struct look *look)
{
	struct engine *e = play_engine(look->play);

	for (uint32_t i = 1; i < look->levels; i++) {
		struct level *level = &look->level[i];
		const struct window *w = &node_sup(e, level->index)->window;
		int64_t last_ms = window_last_ms(w);
		bool changed = w->n != level->window_n || last_ms != level->window_last_ms;

		level->window_n = w->n;
		level->window_last_ms = last_ms;
		if (changed && w->n > 0 && look->recording)
			restarted(look, i - 1, w->n);
	}
}

/* A supervisor of the chain ends itself. */
static void ends_itself(struct look *look, uint32_t i, enum impact_what what)
{
	struct level *level = &look->level[i];
	bool news = impact_is_news(look, i);
	bool again = level->hit;

	if (!level->hit)
		look->detail = true;
	level->hit = true;
	if (news)
		impact_note(look, what, level->index, (struct impact_step){.again = again});
}

static void report_chain(struct look *look, uint32_t i, const struct action *action)
{
	uint32_t n = action->ref.index;
	struct view view = {.next_try_ms = ENGINE_NEVER};

	(void)engine_view(play_engine(look->play), n, &view);
	if (action->to == CHILD_STOPPING && action->why == WHY_LIMIT && i > 0)
		ends_itself(look, i, IMPACT_GIVES_UP);
	else if (action->to == CHILD_STOPPING && action->why == WHY_AUTO_SHUTDOWN)
		ends_itself(look, i, IMPACT_SHUTS_DOWN);
	else if (action->to == CHILD_PARKED)
		impact_note(look, IMPACT_PARKED, n,
			(struct impact_step){
				.ms = view.next_try_ms > play_now_ms(look->play)
					      ? view.next_try_ms - play_now_ms(look->play)
					      : ENGINE_NEVER});
	else if (action->to == CHILD_EXITED && action->why == WHY_EXIT && n != SPEC_ROOT)
		impact_note(look, IMPACT_NOT_RESTARTED, n, (struct impact_step){0});
	else if (action->to == CHILD_REMOVED && action->why != WHY_BOOT && impact_is_news(look, i))
		impact_note(look, IMPACT_REMOVED, n, (struct impact_step){0});
	else if (i > 0 || !impact_is_news(look, 0))
		return;
	else if (action->to == CHILD_BACKOFF && action->why == WHY_RESTART)
		impact_note(look, IMPACT_WAITS, n,
			(struct impact_step){.ms = view.next_try_ms - play_now_ms(look->play)});
	else if (action->to == CHILD_STARTING && view.kind == KIND_PROCESS)
		note_listed(look, IMPACT_STARTS, n);
}

static void report_other(struct look *look, const struct action *action)
{
	uint32_t n = action->ref.index;

	if (!look->detail || node_is_sup(play_engine(look->play), n))
		return;
	if (action->to == CHILD_STOPPING)
		note_listed(look, IMPACT_STOPS, n);
	else if (action->to == CHILD_STARTING)
		note_listed(look, IMPACT_STARTS, n);
	else if (action->to == CHILD_REMOVED && action->why == WHY_SIBLING)
		note_listed(look, IMPACT_REMOVED, n);
}

void impact_watch(void *context, struct play *p, const struct action *action)
{
	struct look *look = context;
	uint32_t i = action->kind == ACT_REPORT ? level_of(look, action->ref.index) : ENGINE_NONE;

	(void)p;
	impact_windows(look);
	if (!look->recording)
		return;
	tell_counts(look);
	if (action->kind == ACT_FINISHED)
		impact_note(look, IMPACT_ENDS, SPEC_ROOT,
			(struct impact_step){.status = action->status});
	if (action->kind != ACT_REPORT)
		return;
	if (i == ENGINE_NONE) {
		report_other(look, action);
		return;
	}
	report_chain(look, i, action);
	if (action->to == CHILD_WAITING && action->why == WHY_EXIT)
		look->level[i].down = true;
	tell_counts(look);
}

void impact_begin_death(struct look *look)
{
	for (uint32_t i = 0; i < look->levels; i++) {
		look->level[i].pending = 0;
		look->level[i].down = false;
	}
	memset(look->listed, 0, sizeof(look->listed));
}
