/* impact.c - see impact.h.
 *
 * The chain is the child in question and the supervisors above it, level 0 and up. Only its deaths
 * make anything count, so all counting happens along the chain, and each level, once restarted,
 * begins from the same state (rule 2). Hence "for ever": when a level comes back at the same
 * interval for longer than its supervisor's period, nothing older is left in that window, and it
 * will never be fuller than now. */
#include "supervisor/engine/impact.h"

#include <stdlib.h>

#include "supervisor/engine/impact_look.h"
#include "supervisor/engine/internal.h"

enum {
	DEATHS_MAX = 100000,
	BUDGET = 1000000,   /* events and actions: some tens of milliseconds */
	WAKE_UPS_MAX = 256, /* waiting for the child to be up */
};

const char *impact_what_name(unsigned what)
{
#define IMPACT_NAME_WHAT(id, text) [IMPACT_##id] = (text),
	static const char *const names[IMPACT_WHAT_COUNT] = {IMPACT_WHATS(IMPACT_NAME_WHAT)};

	return what < IMPACT_WHAT_COUNT ? names[what] : NULL;
}

/* ---- is it up? */

static bool is_up(const struct look *look)
{
	return play_engine(look->play)->node[look->impact->view.ref.index].state == CHILD_RUNNING;
}

static bool is_final(const struct engine *e, uint32_t n)
{
	switch ((enum child_state)e->node[n].state) {
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_FAILED:
	case CHILD_PARKED:
	case CHILD_REMOVED:
		return e->item[n].kind == QUEUED_NOT;
	case CHILD_WAITING:
	case CHILD_STARTING:
	case CHILD_RUNNING:
	case CHILD_STOPPING:
	case CHILD_BACKOFF:
	case CHILD_RESTARTING:
	case CHILD_STATE_COUNT:
		break;
	}
	return false;
}

/* It or one above it will not be started again. */
static bool stays_down(const struct look *look)
{
	for (uint32_t i = look->levels; i-- > 0;) {
		if (is_final(play_engine(look->play), look->level[i].index)) {
			look->impact->down = look->level[i].index;
			return true;
		}
	}
	return false;
}

/* Lets time pass until it is up. Returns what came instead: UNDECIDED = it is up. */
static enum impact_outcome wait_until_up(struct look *look)
{
	int status;

	for (uint32_t i = 0; i < WAKE_UPS_MAX; i++) {
		if (play_finished(look->play, &status))
			return IMPACT_TREE_ENDS;
		if (play_spent(look->play) || is_up(look))
			return IMPACT_UNDECIDED;
		if (stays_down(look) || !play_next(look->play, ENGINE_NEVER))
			return IMPACT_STAYS_DOWN;
	}
	return IMPACT_UNDECIDED;
}

/* ---- the look */

/* What is restarted for ever, if anything. */
static bool goes_on_for_ever(const struct look *look, uint32_t *ret_level)
{
	for (uint32_t i = 0; i + 1 < look->levels; i++) {
		const struct level *level = &look->level[i];
		int64_t period_ms = node_sup(play_engine(look->play), look->level[i + 1].index)
					    ->window.period_ms;

		if (level->equal > 0 && level->interval_ms > 0 &&
			level->interval_ms > period_ms / (level->equal + 1)) {
			*ret_level = i;
			return true;
		}
	}
	return false;
}

/* An end that is abnormal for it: SIGKILL, or the first exit status that is. */
static struct end abnormal_end(const struct engine *e, uint32_t n)
{
	const struct child_spec *spec = node_child_spec(e, n);
	struct end end = {.kind = END_SIGNALED, .value = 9};

	if (!((spec->success_signals >> 8) & 1))
		return end;
	end.kind = END_EXITED;
	for (end.value = 1; end.value < 255; end.value++)
		if (!((spec->success_statuses[end.value / 32] >> (end.value % 32)) & 1))
			break;
	return end;
}

static void die(struct look *look)
{
	struct engine *e = play_engine(look->play);
	uint32_t n = look->impact->view.ref.index;

	look->detail = look->impact->deaths == 0;
	look->impact->deaths++;
	impact_begin_death(look);
	if (impact_is_news(look, 0))
		impact_note(look, IMPACT_DIES, n, (struct impact_step){0});
	if (node_is_sup(e, n))
		(void)play_give_up(look->play, n);
	else
		(void)play_end_process(look->play, n, abnormal_end(e, n));
}

static void keep_dying(struct look *look)
{
	struct impact *impact = look->impact;
	uint32_t level;

	impact->outcome = impact->first_outcome;
	while (impact->outcome == IMPACT_UNDECIDED && !play_spent(look->play) && is_up(look)) {
		if (goes_on_for_ever(look, &level)) {
			impact->outcome = IMPACT_FOR_EVER;
			impact->forever = look->level[level].index;
			impact->forever_ms = look->level[level].interval_ms;
			break;
		}
		if (impact->deaths == DEATHS_MAX)
			break;
		die(look);
		impact->outcome = wait_until_up(look);
	}
	impact->at_ms = play_now_ms(look->play) - look->began_ms;
}

/* A stopped child is started first: the question is about its death. */
static void assume_running(struct look *look)
{
	struct impact *impact = look->impact;

	play_settle(look->play);
	if (wait_until_up(look) != IMPACT_STAYS_DOWN || look->levels < 2 ||
		play_engine(look->play)->node[look->level[1].index].state != CHILD_RUNNING)
		return;
	play_event(look->play,
		&(struct event){.kind = EV_COMMAND,
			.command = {.kind = CMD_START, .index = impact->view.ref.index}});
	impact->assumed = is_up(look);
}

static void look_ahead(struct look *look)
{
	struct impact *impact = look->impact;

	impact_windows(look);
	assume_running(look);
	look->began_ms = play_now_ms(look->play);
	if (!is_up(look)) {
		impact->first_outcome = impact->outcome = IMPACT_NOT_RUNNING;
		return;
	}
	look->recording = true;
	die(look);
	impact->first_outcome = wait_until_up(look);
	impact->first_steps = impact->n;
	keep_dying(look);
}

static void find_chain(struct look *look, const struct engine *e)
{
	uint32_t n = look->impact->view.ref.index;

	for (; n != ENGINE_NONE && look->levels <= SPEC_DEPTH_MAX; n = e->node[n].parent) {
		struct level *level = &look->level[look->levels++];

		*level = (struct level){.index = n, .interval_ms = -1, .restarted_ms = -1};
	}
}

struct impact *impact_look(const struct engine *e, uint32_t index, int64_t now_ms)
{
	struct impact *impact = calloc(1, sizeof(*impact));
	struct look look = {.impact = impact};
	struct engine *clone;

	if (!impact)
		return NULL;
	(void)engine_view(e, index, &impact->view);
	impact->step = calloc(IMPACT_STEPS_MAX, sizeof(*impact->step));
	clone = impact->step ? engine_clone(e) : NULL;
	if (!clone) {
		impact_free(impact);
		return NULL;
	}
	clone->steady = true;
	find_chain(&look, e);
	look.play = play_new(clone, now_ms, BUDGET, impact_watch, &look);
	if (!look.play) {
		impact_free(impact);
		return NULL;
	}
	look_ahead(&look);
	impact->engine = play_take_engine(look.play);
	return impact;
}

void impact_free(struct impact *impact)
{
	if (!impact)
		return;
	engine_free(impact->engine);
	free(impact->step);
	free(impact);
}
