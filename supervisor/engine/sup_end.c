/* sup_end.c - the end of one supervisor (rules 3, 6 and 7): its children are stopped, one by one in
 * reverse order or all at once, and then it is stopped, or has ended itself, or is parked. */
#include <assert.h>

#include "supervisor/engine/internal.h"

bool sup_parks_when_boot_fails(const struct engine *e, uint32_t n)
{
	return node_sup_spec(e, n)->on_limit == ON_LIMIT_PARK && e->node[n].generation > 1;
}

/* A root that has given up or could not start has failed, even if it is told to stop meanwhile. */
static bool is_failure_of_root(const struct engine *e, const struct sup *s)
{
	return s->node == SPEC_ROOT && s->ending != ENDING_PARK &&
	       !(s->ending == ENDING_BOOT_FAILED && sup_parks_when_boot_fails(e, s->node));
}

void sup_end(struct engine *e, uint32_t n, enum ending ending, enum why why, bool brutal)
{
	struct sup *s = node_sup(e, n);
	int64_t shutdown_ms = node_child_spec(e, n)->shutdown_ms;
	bool asked = ending == ENDING_STOPPED;
	bool again = s->phase == PHASE_ENDING;

	assert(s->phase != PHASE_DOWN);
	if (asked && shutdown_ms == SPEC_BRUTAL_KILL)
		brutal = true;
	if (!again || (asked && !is_failure_of_root(e, s)))
		s->ending = (uint8_t)ending;
	if (brutal)
		timer_clear(e, n);
	else if (asked && e->node[n].heap_at == ENGINE_NONE && !s->brutal &&
		 shutdown_ms != SPEC_INFINITY)
		timer_set(e, n, e->now_ms + shutdown_ms);
	if (again && (s->brutal || !brutal))
		return;
	s->brutal = brutal;
	s->concurrent = brutal || node_is_dynamic(e, n);
	s->rewind = true;
	if (s->concurrent || !s->waiting || e->node[s->cursor].state != CHILD_STOPPING)
		s->waiting = false;
	work_push(e, n);
	if (again)
		return;
	s->why = asked && why == WHY_SHUTDOWN ? WHY_SHUTDOWN : WHY_SUPERVISOR;
	s->refuse = true;
	s->phase = PHASE_ENDING;
	child_enter(e, n, CHILD_STOPPING, why);
	command_interrupt(e, s);
}

static void ended(struct engine *e, struct sup *s)
{
	struct node *node = &e->node[s->node];
	enum ending ending = (enum ending)s->ending;

	s->phase = PHASE_DOWN;
	s->cursor = s->subject = ENGINE_NONE;
	switch (ending) {
	case ENDING_STOPPED:
		node->fate = FATE_STOPPED;
		break;
	case ENDING_GAVE_UP:
	case ENDING_AUTO_SHUTDOWN:
		node->fate = FATE_DIED;
		node->end = (struct end){.kind = END_SHUTDOWN};
		break;
	case ENDING_BOOT_FAILED:
		node->fate = FATE_START_FAILED;
		node->end = (struct end){.kind = END_BOOT_FAILED};
		break;
	case ENDING_PARK:
		node->fate = FATE_STOPPED;
		node->stop_to = CHILD_PARKED;
		break;
	}
	child_life_over(e, s->node);
	if (ending == ENDING_PARK)
		sup_park(e, s->node);
}

void sup_park(struct engine *e, uint32_t n)
{
	int64_t retry_after_ms = node_sup_spec(e, n)->retry_after_ms;

	child_enter(e, n, CHILD_PARKED, WHY_LIMIT);
	timer_set(
		e, n, retry_after_ms == SPEC_INFINITY ? ENGINE_NEVER : e->now_ms + retry_after_ms);
}

/* What the children of an ending supervisor are afterwards: below a root that ends by itself
 * nothing will start them any more. */
static enum child_state children_become(const struct engine *e, const struct sup *s)
{
	if (s->ending == ENDING_STOPPED)
		return (enum child_state)e->node[s->node].stop_to;
	return s->node == SPEC_ROOT && s->ending != ENDING_PARK ? CHILD_EXITED : CHILD_WAITING;
}

void sup_advance_ending(struct engine *e, struct sup *s)
{
	enum child_state to = children_become(e, s);

	if (s->refuse && !command_refuse_all(e, s)) {
		work_push(e, s->node);
		return;
	}
	s->refuse = false;
	if (s->waiting)
		return;
	if (s->rewind)
		s->cursor = e->node[s->node].last;
	s->rewind = false;
	while (s->cursor != ENGINE_NONE) {
		uint32_t c = s->cursor;

		if (!actions_have_room(e)) {
			work_push(e, s->node);
			return;
		}
		if (child_stop(e, c, (enum why)s->why, s->brutal, to)) {
			s->cursor = e->node[c].prev;
			if (e->node[c].added)
				tree_remove(e, c, (enum why)s->why);
		} else if (s->concurrent) {
			s->cursor = e->node[c].prev;
		} else {
			s->waiting = true;
			return;
		}
	}
	if (s->live == 0)
		ended(e, s);
}
