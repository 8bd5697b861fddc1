/* strategy.c - which children a death takes down, and bringing them back; giving up.
 *
 * The order of decisions is that of OTP's supervisor.erl: handle the exit (rule 4), count
 * (rule 5.1), stop the set (5.3), start the set (5.4), and when a start fails, end the round and
 * queue the retry behind what came meanwhile (5.5). */
#include <assert.h>

#include "supervisor/engine/internal.h"

/* ---- a child exited by itself (rules 4 and 7) */

static bool is_active(const struct engine *e, uint32_t n)
{
	return e->node[n].state != CHILD_REMOVED && !child_is_stopped_entry(e, n);
}

static void auto_shutdown(struct engine *e, struct sup *s, struct end cause)
{
	switch ((enum auto_shutdown)node_sup_spec(e, s->node)->auto_shutdown) {
	case AUTO_SHUTDOWN_NEVER:
	case AUTO_SHUTDOWN_COUNT:
		return;
	case AUTO_SHUTDOWN_ALL_SIGNIFICANT:
		for (uint32_t c = e->node[s->node].first; c != ENGINE_NONE; c = e->node[c].next)
			if (node_is_significant(e, c) && is_active(e, c))
				return;
		break;
	case AUTO_SHUTDOWN_ANY_SIGNIFICANT:
		break;
	}
	s->cause = cause;
	sup_end(e, s->node, ENDING_AUTO_SHUTDOWN, WHY_AUTO_SHUTDOWN, false);
}

static bool leaves_no_entry(const struct engine *e, struct sup *s, uint32_t c)
{
	return node_restart(e, c) == RESTART_TEMPORARY || node_is_dynamic(e, s->node);
}

void sup_handle_exit(struct engine *e, struct sup *s, uint32_t c)
{
	bool significant = node_is_significant(e, c);
	struct end cause = node_is_sup(e, c) ? node_sup(e, c)->cause : e->node[c].end;
	bool one_shot_done = e->node[c].state == CHILD_EXITED;

	switch (node_restart(e, c)) {
	case RESTART_PERMANENT:
		if (!one_shot_done) {
			sup_restart_round(e, s, c);
			return;
		}
		break;
	case RESTART_TRANSIENT:
		if (!child_ended_normally(e, c)) {
			sup_restart_round(e, s, c);
			return;
		}
		break;
	case RESTART_TEMPORARY:
	case RESTART_COUNT:
		break;
	}
	if (leaves_no_entry(e, s, c))
		tree_remove(e, c, WHY_EXIT);
	else if (!one_shot_done)
		child_enter(e, c, CHILD_EXITED, WHY_EXIT);
	if (significant)
		auto_shutdown(e, s, cause);
}

/* ---- restart rounds (rule 5) */

/* Rule 6. */
static void give_up(struct engine *e, struct sup *s, uint32_t subject)
{
	bool failed = e->node[subject].state != CHILD_WAITING;
	bool park = node_sup_spec(e, s->node)->on_limit == ON_LIMIT_PARK;

	s->cause = (struct end){.kind = END_NONE};
	if (leaves_no_entry(e, s, subject))
		tree_remove(e, subject, WHY_LIMIT);
	else
		child_enter(e, subject, failed ? CHILD_FAILED : CHILD_EXITED, WHY_LIMIT);
	sup_end(e, s->node, park ? ENDING_PARK : ENDING_GAVE_UP, WHY_LIMIT, false);
}

void sup_begin_round(struct engine *e, struct sup *s, uint32_t subject, int64_t go_at_ms)
{
	s->subject = subject;
	s->go_at_ms = go_at_ms;
	s->single = node_is_dynamic(e, s->node) ||
		    node_sup_spec(e, s->node)->strategy == STRATEGY_ONE_FOR_ONE;
	if (!s->single)
		child_enter(e, s->node, CHILD_RESTARTING, WHY_RESTART);
	sup_enter_phase(e, s, PHASE_GROUP_STOP, s->single ? subject : e->node[s->node].last);
}

void sup_restart_round(struct engine *e, struct sup *s, uint32_t subject)
{
	if (intensity_add(&s->window, e->now_ms))
		sup_begin_round(e, s, subject, e->now_ms + child_backoff_ms(e, subject));
	else
		give_up(e, s, subject);
}

static uint32_t round_first(const struct engine *e, const struct sup *s)
{
	return node_sup_spec(e, s->node)->strategy == STRATEGY_ONE_FOR_ALL && !s->single
		       ? e->node[s->node].first
		       : s->subject;
}

void sup_advance_group_stop(struct engine *e, struct sup *s)
{
	uint32_t first = round_first(e, s);

	while (!s->waiting && s->cursor != ENGINE_NONE) {
		uint32_t c = s->cursor;

		if (!actions_have_room(e)) {
			work_push(e, s->node);
			return;
		}
		if (c != s->subject && !child_stop(e, c, WHY_SIBLING, false, CHILD_WAITING)) {
			s->waiting = true;
			return;
		}
		s->cursor = c == first ? ENGINE_NONE : e->node[c].prev;
		if (c != s->subject && e->node[c].state != CHILD_REMOVED &&
			node_restart(e, c) == RESTART_TEMPORARY)
			tree_remove(e, c, WHY_SIBLING);
	}
	if (s->waiting)
		return;
	if (s->go_at_ms > e->now_ms) {
		child_enter(e, s->subject, CHILD_BACKOFF, WHY_RESTART);
		timer_set(e, s->subject, s->go_at_ms);
		sup_enter_phase(e, s, PHASE_IDLE, ENGINE_NONE);
		return;
	}
	sup_enter_phase(e, s, PHASE_GROUP_START, round_first(e, s));
}

uint32_t sup_round_next(const struct engine *e, const struct sup *s, uint32_t c)
{
	return s->single ? ENGINE_NONE : e->node[c].next;
}

void sup_advance_group_start(struct engine *e, struct sup *s)
{
	if (s->waiting)
		return;
	while (s->cursor != ENGINE_NONE && e->node[s->cursor].state == CHILD_REMOVED)
		s->cursor = sup_round_next(e, s, s->cursor);
	if (s->cursor == ENGINE_NONE) {
		sup_enter_phase(e, s, PHASE_IDLE, ENGINE_NONE);
		sup_settle(e, s->node);
		return;
	}
	s->waiting = true;
	child_start(e, s->cursor, s->cursor == s->subject ? WHY_RESTART : WHY_SIBLING);
}

void sup_round_failed(struct engine *e, struct sup *s, uint32_t n)
{
	child_enter(e, n, node_is_sup(e, n) ? CHILD_RESTARTING : CHILD_BACKOFF, WHY_START_FAILED);
	command_round_over(e, s, n, RESULT_START_FAILED);
	sup_enter_phase(e, s, PHASE_IDLE, ENGINE_NONE);
	queue_push(e, s->node, n, QUEUED_RETRY);
}
