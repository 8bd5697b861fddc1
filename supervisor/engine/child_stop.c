/* child_stop.c - one child told to go: signals and their deadlines, ill health, the stop itself,
 * and what happens when any of its times is over. */
#include <assert.h>

#include "supervisor/engine/internal.h"

static void act_on(struct engine *e, uint32_t n, enum action_kind kind)
{
	const struct node *node = &e->node[n];

	act(e, &(struct action){.kind = kind,
		       .ref = {n, node->generation},
		       .part = (enum part)node->part,
		       .watchdog = node->why == WHY_WATCHDOG && node->state == CHILD_STOPPING});
}

static void child_kill(struct engine *e, uint32_t n)
{
	e->node[n].killed = true;
	timer_clear(e, n);
	act_on(e, n, ACT_KILL);
}

void child_signal(struct engine *e, uint32_t n, bool brutal)
{
	int64_t shutdown_ms = node_child_spec(e, n)->shutdown_ms;

	if (brutal || shutdown_ms == SPEC_BRUTAL_KILL) {
		child_kill(e, n);
		return;
	}
	act_on(e, n, ACT_SIGNAL);
	timer_set(e, n, after_ms(e, shutdown_ms));
}

/* ---- watchdog and health */

void child_ping(struct engine *e, uint32_t n)
{
	e->node[n].ping_ms = e->now_ms;
}

void child_period(struct engine *e, uint32_t n, int64_t ms)
{
	struct node *node = &e->node[n];

	node->watchdog_ms = ms;
	node->ping_ms = e->now_ms;
	if (node->state == CHILD_RUNNING)
		timer_set(e, n, ms > 0 ? e->now_ms + ms : ENGINE_NEVER);
}

void child_extend(struct engine *e, uint32_t n, int64_t ms)
{
	struct node *node = &e->node[n];

	if ((node->state == CHILD_STARTING || node->state == CHILD_STOPPING) && !node->killed &&
		node->heap_at != ENGINE_NONE && node->deadline_ms < e->now_ms + ms)
		timer_set(e, n, e->now_ms + ms);
}

/* It lives, but it is ill: stopped, and treated as an abnormal exit. */
void child_unhealthy(struct engine *e, uint32_t n, enum why why)
{
	struct node *node = &e->node[n];

	if (node->state != CHILD_RUNNING)
		return;
	node->fate = FATE_DIED;
	node->end = (struct end){.kind = why == WHY_WATCHDOG ? END_WATCHDOG : END_UNHEALTHY};
	node->end_is_set = true;
	child_enter(e, n, CHILD_STOPPING, why);
	child_signal(e, n, false);
}

/* ---- stop */

/* Nothing of it lives; whatever was due is void. */
static void stop_dead(struct engine *e, uint32_t n, enum why why, enum child_state stop_to)
{
	struct node *node = &e->node[n];
	bool due = node->heap_at != ENGINE_NONE || e->item[n].kind != QUEUED_NOT;

	timer_clear(e, n);
	queue_remove(e, n);
	if (due || node->state == CHILD_WAITING || node->state == CHILD_PARKED)
		child_enter(e, n, stop_to, stop_to == node->state ? (enum why)node->why : why);
}

bool child_stop(struct engine *e, uint32_t n, enum why why, bool brutal, enum child_state stop_to)
{
	struct node *node = &e->node[n];

	if (!node->live) {
		stop_dead(e, n, why, stop_to);
		return true;
	}
	node->stop_to = (uint8_t)stop_to;
	node->fate = FATE_STOPPED;
	if (node_is_sup(e, n)) {
		sup_end(e, n, ENDING_STOPPED, why, brutal);
		return false;
	}
	if (node->state == CHILD_STOPPING) {
		/* Its last moments had begun already; now they are part of this stop. */
		node->why = (uint8_t)why;
		if (brutal && !node->killed && node->spawned)
			child_kill(e, n);
		node->killed |= brutal;
		return false;
	}
	child_enter(e, n, CHILD_STOPPING, why);
	if (node->spawned)
		child_signal(e, n, brutal);
	else
		node->killed = brutal;
	return false;
}

/* A ping is one store; whether it came in time is seen when the deadline comes. */
static void watchdog_deadline(struct engine *e, uint32_t n)
{
	int64_t due_ms = e->node[n].ping_ms + e->node[n].watchdog_ms;

	if (due_ms > e->now_ms)
		timer_set(e, n, due_ms);
	else
		child_unhealthy(e, n, WHY_WATCHDOG);
}

void child_deadline(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];

	if (node_is_sup(e, n)) {
		if (node->state == CHILD_PARKED && n == SPEC_ROOT)
			child_start(e, n, WHY_RESTART);
		else if (node->state == CHILD_PARKED)
			queue_push(e, node->parent, n, QUEUED_UNPARK);
		else
			sup_end(e, n, ENDING_STOPPED, (enum why)node->why, true);
		return;
	}
	switch ((enum child_state)node->state) {
	case CHILD_STARTING:
		/* Its supervisor is ending and will come to it in its turn. */
		if (node_sup(e, node->parent)->phase == PHASE_ENDING)
			break;
		node->fate = FATE_START_FAILED;
		node->end = (struct end){.kind = END_START_TIMEOUT};
		node->end_is_set = true;
		child_enter(e, n, CHILD_STOPPING, WHY_START_TIMEOUT);
		if (node->spawned)
			child_signal(e, n, false);
		break;
	case CHILD_STOPPING:
		child_kill(e, n);
		break;
	case CHILD_BACKOFF:
		queue_push(e, node->parent, n, QUEUED_GO);
		break;
	case CHILD_RUNNING:
		watchdog_deadline(e, n);
		break;
	case CHILD_WAITING:
	case CHILD_RESTARTING:
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_FAILED:
	case CHILD_PARKED:
	case CHILD_REMOVED:
	case CHILD_STATE_COUNT:
		UNREACHABLE();
	}
}
