/* child.c - one child: the states of a life, its stop, and what its end means.
 *
 * A life begins with child_start and is over when nothing of it is left (child_life_over): for a
 * process, when its leader is reaped and its group is empty; for a supervisor, when its last child
 * is down. What the end means is decided when it begins (fate), and a stop that comes later
 * overrides it: a child that is already dying when it is to be stopped has been stopped (rules 3
 * and 10). */
#include <assert.h>

#include "supervisor/engine/internal.h"

static uint32_t before(const struct node *node)
{
	return node->prev == ENGINE_NONE ? node->parent : node->prev;
}

void child_enter(struct engine *e, uint32_t n, enum child_state state, enum why why)
{
	struct node *node = &e->node[n];
	enum child_state from = (enum child_state)node->state;

	if (from == state && node->why == why)
		return;
	/* However it ends, a life that was long enough ends the streak. */
	if (from == CHILD_RUNNING &&
		e->now_ms - node->since_ms >= node_child_spec(e, n)->backoff.reset_after_ms)
		node->streak = 0;
	node->state = (uint8_t)state;
	node->why = (uint8_t)why;
	node->since_ms = e->now_ms;
	act(e, &(struct action){.kind = ACT_REPORT,
		       .ref = {n, node->generation},
		       .from = from,
		       .to = state,
		       .why = why,
		       .end = node->end,
		       .extra = state == CHILD_REMOVED ? node->extra : NULL,
		       .prev = state == CHILD_REMOVED && node->added ? before(node) : ENGINE_NONE});
}

/* ---- start */

/* The next process of this life. */
static void begin_part(struct engine *e, uint32_t n, enum part part)
{
	struct node *node = &e->node[n];

	node->part = (uint8_t)part;
	node->killed = node->spawned = node->leader = false;
	act(e, &(struct action){.kind = ACT_SPAWN, .ref = {n, node->generation}, .part = part});
}

void child_start(struct engine *e, uint32_t n, enum why why)
{
	struct node *node = &e->node[n];

	assert(!node->live && e->item[n].kind == QUEUED_NOT);
	timer_clear(e, n);
	if (node->generation > 0 && (why == WHY_RESTART || why == WHY_SIBLING))
		node->restarts++;
	node->generation++;
	node->live = true;
	node->ready = node->end_is_set = node->ran = false;
	node->fate = FATE_DIED;
	node->stop_to = CHILD_WAITING;
	if (parent_sup(e, n))
		parent_sup(e, n)->live++;
	child_enter(e, n, CHILD_STARTING, why);
	if (node_is_sup(e, n)) {
		sup_boot(e, n);
		return;
	}
	node->watchdog_ms = node_child_spec(e, n)->watchdog_ms;
	begin_part(e, n, node_child_spec(e, n)->before_start ? PART_BEFORE_START : PART_MAIN);
	timer_set(e, n, after_ms(e, node_child_spec(e, n)->start_timeout_ms));
}

static void child_up(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];

	node->ready = true;
	node->ping_ms = e->now_ms;
	timer_set(e, n, node->watchdog_ms > 0 ? e->now_ms + node->watchdog_ms : ENGINE_NEVER);
	child_enter(e, n, CHILD_RUNNING, WHY_READY);
	sup_child_is_up(e, n);
}

void child_spawned(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];

	assert(!node->spawned);
	node->spawned = node->leader = true;
	node->ran |= node->part == PART_MAIN;
	if (node->state == CHILD_STOPPING && node->part != PART_AFTER_STOP)
		child_signal(e, n, node->killed);
	else if (node->part == PART_MAIN && node_ready(e, n) == READY_EXEC)
		child_up(e, n);
}

void child_spawn_failed(struct engine *e, uint32_t n, struct end end)
{
	struct node *node = &e->node[n];

	if (node->part != PART_AFTER_STOP && !node->end_is_set)
		node->end = end;
	if (node->state == CHILD_STARTING)
		node->fate = FATE_START_FAILED;
	child_life_over(e, n);
}

void child_ready(struct engine *e, uint32_t n)
{
	enum ready_kind ready = node_ready(e, n);

	if (e->node[n].state == CHILD_STARTING && e->node[n].spawned &&
		e->node[n].part == PART_MAIN && ready != READY_EXEC && ready != READY_EXIT)
		child_up(e, n);
}

/* ---- end */

bool child_ended_normally(const struct engine *e, uint32_t n)
{
	const struct child_spec *spec = node_child_spec(e, n);
	const struct end *end = &e->node[n].end;

	switch ((enum end_kind)end->kind) {
	case END_EXITED:
		return end->value == 0 ||
		       (spec->success_statuses[(end->value & 255) / 32] >> (end->value % 32)) & 1;
	case END_SIGNALED:
		return end->value >= 1 && end->value <= 64 &&
		       (spec->success_signals >> (end->value - 1)) & 1;
	case END_SHUTDOWN:
		return true;
	case END_NONE:
	case END_SPAWN_FAILED:
	case END_START_TIMEOUT:
	case END_BOOT_FAILED:
	case END_WATCHDOG:
	case END_UNHEALTHY:
		return false;
	}
	return false;
}

/* The leader ended unasked: what does that mean? */
static enum fate fate_of_exit(const struct engine *e, uint32_t n)
{
	const struct node *node = &e->node[n];

	if (node->state == CHILD_RUNNING)
		return FATE_DIED;
	if (node->part == PART_BEFORE_START && node->end.kind == END_EXITED && node->end.value == 0)
		return FATE_NEXT;
	if (node->part == PART_MAIN && node_ready(e, n) == READY_EXIT && child_ended_normally(e, n))
		return FATE_DONE;
	return FATE_START_FAILED;
}

void child_exited(struct engine *e, uint32_t n, struct end end, bool gone)
{
	struct node *node = &e->node[n];
	struct end before = node->end;

	if (!node->leader)
		return;
	node->leader = false;
	if (!node->end_is_set && node->part != PART_AFTER_STOP)
		node->end = end;
	if (node->state != CHILD_STOPPING) {
		node->fate = (uint8_t)fate_of_exit(e, n);
		/* The hook has done its work; the program has not ended. */
		if (node->fate == FATE_NEXT)
			node->end = before;
		if (!gone) {
			/* The rest of its group first (rule 11, "gone"). */
			child_enter(e, n, CHILD_STOPPING, WHY_EXIT);
			child_signal(e, n, false);
		}
	} else if (node->part == PART_AFTER_STOP && !gone) {
		child_signal(e, n, node->killed);
	}
	if (gone)
		child_life_over(e, n);
}

void child_gone(struct engine *e, uint32_t n)
{
	if (e->node[n].spawned && !e->node[n].leader)
		child_life_over(e, n);
}

/* The part of the life that is over may not have been the last. Returns true when another has
 * begun. */
static bool life_goes_on(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];

	if (node_is_sup(e, n))
		return false;
	if (node->fate == FATE_NEXT) {
		node->fate = FATE_DIED;
		if (node->state == CHILD_STOPPING)
			child_enter(e, n, CHILD_STARTING, WHY_EXIT);
		begin_part(e, n, PART_MAIN);
		return true;
	}
	if (node->part != PART_MAIN || !node->ran || !node_child_spec(e, n)->after_stop)
		return false;
	if (node->state != CHILD_STOPPING)
		child_enter(e, n, CHILD_STOPPING, WHY_EXIT);
	begin_part(e, n, PART_AFTER_STOP);
	timer_set(e, n, after_ms(e, node_child_spec(e, n)->hook_timeout_ms));
	return true;
}

void child_life_over(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];
	struct sup *parent = parent_sup(e, n);

	assert(node->live);
	if (life_goes_on(e, n))
		return;
	timer_clear(e, n);
	node->live = node->spawned = node->leader = false;
	if (parent) {
		assert(parent->live > 0);
		parent->live--;
	}
	switch ((enum fate)node->fate) {
	case FATE_DIED:
		node->ready = false;
		child_enter(e, n, parent ? CHILD_WAITING : CHILD_EXITED, WHY_EXIT);
		sup_child_died(e, n);
		break;
	case FATE_STOPPED:
		node->ready = false;
		child_enter(e, n, (enum child_state)node->stop_to, (enum why)node->why);
		sup_child_is_down(e, n);
		break;
	case FATE_START_FAILED:
		sup_child_start_failed(e, n);
		break;
	case FATE_NEXT:
		UNREACHABLE();
	case FATE_DONE:
		node->ready = true;
		child_enter(e, n, CHILD_EXITED, WHY_READY);
		sup_child_is_up(e, n);
		sup_child_died(e, n);
		break;
	}
}

bool child_is_stopped_entry(const struct engine *e, uint32_t n)
{
	return !e->node[n].live && e->node[n].state != CHILD_REMOVED &&
	       e->node[n].state != CHILD_BACKOFF &&
	       (e->item[n].kind == QUEUED_NOT || e->item[n].kind == QUEUED_UNPARK);
}
