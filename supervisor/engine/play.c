/* play.c - see play.h.
 *
 * As in supd's loop, what processes do comes before what time brings. */
#include "supervisor/engine/play.h"

#include <stdlib.h>

#include "supervisor/engine/internal.h"
#include "supervisor/engine/play_due.h"

/* Linux has the same numbers everywhere. */
enum { SIGNAL_KILL = 9 };

/* ---- what the engine wants */

static struct end signaled(int signal)
{
	return (struct end){.kind = END_SIGNALED, .value = signal};
}

static void obey(struct play *p, uint32_t row, int signal)
{
	struct life *life = &p->life[row];
	const struct node *node = &p->e->node[row];

	if (!life->exists || life->next == NEXT_SPAWNED || life->next == NEXT_SPAWN_FAILED)
		return;
	if (node->leader)
		play_plan(p, row, NEXT_EXIT, 0, signaled(signal));
	else
		play_plan(p, row, NEXT_GONE, 0, node->end);
}

static void spawn(struct play *p, const struct ref *ref)
{
	struct life *life = &p->life[ref->index];
	struct end failed = {.kind = END_SPAWN_FAILED};

	life->exists = true;
	life->generation = ref->generation;
	if (life->fail_starts > 0 && p->e->node[ref->index].part != PART_AFTER_STOP) {
		life->fail_starts--;
		play_plan(p, ref->index, NEXT_SPAWN_FAILED, 0, failed);
	} else {
		play_plan(p, ref->index, NEXT_SPAWNED, 0, failed);
	}
}

static void carry_out(struct play *p, const struct action *action)
{
	uint32_t row = action->ref.index;
	const struct node *node = &p->e->node[row];

	switch (action->kind) {
	case ACT_SPAWN:
		spawn(p, &action->ref);
		break;
	case ACT_SIGNAL:
		if (!p->life[row].ignores_stop)
			obey(p, row, spec_proc(node->spec, node->spec_node)->stop_signal);
		break;
	case ACT_KILL:
		obey(p, row, SIGNAL_KILL);
		break;
	case ACT_REPORT:
		/* Whoever gets the row next is somebody else. */
		if (action->to == CHILD_REMOVED && node->added) {
			play_forget(p, row);
			p->life[row] = (struct life){.heap_at = ENGINE_NONE};
		}
		break;
	case ACT_REPLY:
		break;
	case ACT_FINISHED:
		p->finished = true;
		p->status = action->status;
		break;
	}
}

static void spend(struct play *p)
{
	if (p->budget > 0)
		p->budget--;
}

static void drain(struct play *p)
{
	struct action action;

	while (engine_next_action(p->e, &action)) {
		spend(p);
		p->watch(p->context, p, &action);
		carry_out(p, &action);
	}
}

static void feed(struct play *p, const struct event *event)
{
	spend(p);
	engine_step(p->e, p->now_ms, event);
	drain(p);
}

/* ---- what processes do */

/* The exec has succeeded: when is it ready? A hook does its work at once. */
static void plan_readiness(struct play *p, uint32_t row)
{
	const struct life *life = &p->life[row];
	const struct node *node = &p->e->node[row];
	struct end done = {.kind = END_EXITED, .value = 0};

	if (!life->exists || life->next != NEXT_NOTHING)
		return;
	if (node->part != PART_MAIN) {
		play_plan(p, row, NEXT_EXIT, 0, done);
		return;
	}
	if (node->state != CHILD_STARTING)
		return;
	switch (node_ready(p->e, row)) {
	case READY_EXEC:
	case READY_COUNT:
		break;
	case READY_NOTIFY:
	case READY_FD:
	case READY_PROBE:
		play_plan(p, row, NEXT_READY, life->slow_ms, done);
		break;
	case READY_EXIT:
		play_plan(p, row, NEXT_EXIT, life->slow_ms, done);
		break;
	}
}

/* Its program runs, and will never be late for the watchdog. */
static void has_spawned(struct play *p, uint32_t row)
{
	if (!p->life[row].exists)
		return;
	child_period(p->e, row, 0);
	plan_readiness(p, row);
}

static void happen(struct play *p, uint32_t row)
{
	struct life *life = &p->life[row];
	struct event event = {.ref = {row, life->generation}, .end = life->end, .gone = true};
	enum next next = (enum next)life->next;

	play_forget(p, row);
	switch (next) {
	case NEXT_NOTHING:
		return;
	case NEXT_SPAWNED:
		event.kind = EV_SPAWNED;
		break;
	case NEXT_READY:
		event.kind = EV_READY;
		break;
	case NEXT_SPAWN_FAILED:
		event.kind = EV_SPAWN_FAILED;
		life->exists = false;
		break;
	case NEXT_EXIT:
		event.kind = EV_EXITED;
		life->exists = false;
		break;
	case NEXT_GONE:
		event.kind = EV_GONE;
		life->exists = false;
		break;
	}
	feed(p, &event);
	if (next == NEXT_SPAWNED)
		has_spawned(p, row);
}

/* ---- the play */

/* A process that lives when the play begins. */
static void adopt(struct play *p, uint32_t row)
{
	const struct node *node = &p->e->node[row];
	struct life *life = &p->life[row];

	life->exists = true;
	life->generation = node->generation;
	if (!node->spawned)
		play_plan(p, row, NEXT_SPAWNED, 0, node->end);
	else if (!node->leader)
		play_plan(p, row, NEXT_GONE, 0, node->end);
	else if (node->state == CHILD_STOPPING)
		obey(p, row, spec_proc(node->spec, node->spec_node)->stop_signal);
	else
		has_spawned(p, row);
}

struct play *play_new(
	struct engine *e, int64_t now_ms, uint64_t budget, play_watch *watch, void *context)
{
	struct play *p = calloc(1, sizeof(*p));

	if (!p) {
		engine_free(e);
		return NULL;
	}
	assert(e->action_n == 0 && now_ms >= e->now_ms);
	*p = (struct play){
		.e = e, .now_ms = now_ms, .budget = budget, .watch = watch, .context = context};
	p->life = calloc(e->capacity, sizeof(*p->life));
	p->heap = calloc(e->capacity, sizeof(*p->heap));
	if (!p->life || !p->heap) {
		play_free(p);
		return NULL;
	}
	for (uint32_t row = 0; row < e->capacity; row++)
		p->life[row].heap_at = ENGINE_NONE;
	for (uint32_t row = 0; row < e->fresh_node; row++)
		if (e->node[row].used && e->node[row].live && !node_is_sup(e, row))
			adopt(p, row);
	p->finished = e->finished;
	return p;
}

void play_free(struct play *p)
{
	if (!p)
		return;
	engine_free(p->e);
	free(p->life);
	free(p->heap);
	free(p);
}

struct engine *play_take_engine(struct play *p)
{
	struct engine *e = p->e;

	p->e = NULL;
	play_free(p);
	return e;
}

static bool is_over(const struct play *p)
{
	return p->finished || p->budget == 0;
}

void play_settle(struct play *p)
{
	while (!is_over(p)) {
		if (p->heap_n > 0 && p->life[p->heap[0]].at_ms <= p->now_ms)
			happen(p, p->heap[0]);
		else if (engine_deadline_ms(p->e) <= p->now_ms || engine_has_work(p->e))
			feed(p, &(struct event){.kind = EV_TIME});
		else
			return;
	}
}

void play_event(struct play *p, const struct event *event)
{
	if (is_over(p))
		return;
	feed(p, event);
	play_settle(p);
}

bool play_end_process(struct play *p, uint32_t index, struct end end)
{
	if (is_over(p) || !p->life[index].exists || !p->e->node[index].leader)
		return false;
	play_plan(p, index, NEXT_EXIT, 0, end);
	play_settle(p);
	return true;
}

bool play_give_up(struct play *p, uint32_t index)
{
	if (is_over(p) || p->e->node[index].state != CHILD_RUNNING || !node_is_sup(p->e, index))
		return false;
	feed(p, &(struct event){.kind = EV_TIME});
	node_sup(p->e, index)->cause = (struct end){.kind = END_NONE};
	sup_end(p->e, index,
		node_sup_spec(p->e, index)->on_limit == ON_LIMIT_PARK ? ENDING_PARK
								      : ENDING_GAVE_UP,
		WHY_LIMIT, false);
	drain(p);
	play_settle(p);
	return true;
}

bool play_next(struct play *p, int64_t until_ms)
{
	int64_t next_ms = engine_deadline_ms(p->e);

	if (is_over(p))
		return false;
	if (p->heap_n > 0 && p->life[p->heap[0]].at_ms < next_ms)
		next_ms = p->life[p->heap[0]].at_ms;
	if (next_ms == ENGINE_NEVER || next_ms > until_ms) {
		if (until_ms != ENGINE_NEVER)
			p->now_ms = until_ms;
		return false;
	}
	if (next_ms > p->now_ms)
		p->now_ms = next_ms;
	play_settle(p);
	return true;
}

void play_fail_starts(struct play *p, uint32_t index, uint32_t n)
{
	p->life[index].fail_starts = n;
}

void play_slow_start(struct play *p, uint32_t index, int64_t delay_ms)
{
	p->life[index].slow_ms = delay_ms;
}

void play_ignore_stop(struct play *p, uint32_t index)
{
	p->life[index].ignores_stop = true;
}

struct engine *play_engine(struct play *p)
{
	return p->e;
}

int64_t play_now_ms(const struct play *p)
{
	return p->now_ms;
}

bool play_finished(const struct play *p, int *ret_status)
{
	if (p->finished)
		*ret_status = p->status;
	return p->finished;
}

bool play_spent(const struct play *p)
{
	return p->budget == 0;
}
