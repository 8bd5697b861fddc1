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

static void act_on(struct engine *e, uint32_t n, enum action_kind kind)
{
	const struct node *node = &e->node[n];

	act(e, &(struct action){.kind = kind,
		       .ref = {n, node->generation},
		       .part = (enum part)node->part,
		       .watchdog = node->why == WHY_WATCHDOG && node->state == CHILD_STOPPING});
}

static int64_t after_ms(const struct engine *e, int64_t ms)
{
	return ms == SPEC_INFINITY ? ENGINE_NEVER : e->now_ms + ms;
}

static void child_kill(struct engine *e, uint32_t n)
{
	e->node[n].killed = true;
	timer_clear(e, n);
	act_on(e, n, ACT_KILL);
}

/* The first signal of a stop (rule 3). */
static void child_signal(struct engine *e, uint32_t n, bool brutal)
{
	int64_t shutdown_ms = node_child_spec(e, n)->shutdown_ms;

	if (brutal || shutdown_ms == SPEC_BRUTAL_KILL) {
		child_kill(e, n);
		return;
	}
	act_on(e, n, ACT_SIGNAL);
	timer_set(e, n, after_ms(e, shutdown_ms));
}

/* ---- start */

/* The next process of this life. */
static void begin_part(struct engine *e, uint32_t n, enum part part)
{
	struct node *node = &e->node[n];

	node->part = (uint8_t)part;
	node->killed = node->spawned = node->leader = false;
	act_on(e, n, ACT_SPAWN);
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

bool child_is_stopped_entry(const struct engine *e, uint32_t n)
{
	return !e->node[n].live && e->node[n].state != CHILD_REMOVED &&
	       e->node[n].state != CHILD_BACKOFF &&
	       (e->item[n].kind == QUEUED_NOT || e->item[n].kind == QUEUED_UNPARK);
}

/* ---- backoff */

/* xorshift64*: a number in [0, bound). */
static uint64_t random_below(struct engine *e, uint64_t bound)
{
	e->random ^= e->random >> 12;
	e->random ^= e->random << 25;
	e->random ^= e->random >> 27;
	return bound == 0 ? 0 : (e->random * 2685821657736338717u >> 11) % bound;
}

int64_t child_backoff_ms(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];
	const struct spec_backoff *b = &node_child_spec(e, n)->backoff;
	int64_t delay = b->initial_ms;
	int64_t vary;

	if (node_is_sup(e, n) || b->initial_ms == 0)
		return 0;
	node->streak++;
	if (node->streak == 1)
		return 0;
	for (uint32_t i = 2; i < node->streak && delay < b->max_ms; i++)
		delay = delay * b->factor_milli / 1000;
	if (delay > b->max_ms)
		delay = b->max_ms;
	vary = e->steady ? 0 : delay * b->jitter_milli / 1000;
	return delay - vary + (int64_t)random_below(e, (uint64_t)(2 * vary + 1));
}
