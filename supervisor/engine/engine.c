/* engine.c - the engine's face: events in, work, actions out.
 *
 * An event changes one entry and notes what follows from it: an item in a supervisor's queue, a
 * supervisor on the work list. Work is then done until none is left or the ring of actions is
 * nearly full; what is left goes on when the shell has drained the ring. So a step's cost and its
 * actions are bounded, and nothing recurses. */
#include "supervisor/engine/engine.h"

#include <assert.h>
#include <stdlib.h>

#include "supervisor/engine/internal.h"

void act(struct engine *e, const struct action *action)
{
	assert(e->action_n < ACTIONS_MAX);
	e->action[(e->action_first + e->action_n) % ACTIONS_MAX] = *action;
	e->action_n++;
	if (action->kind == ACT_SPAWN)
		e->burst_spawns++;
}

bool actions_have_room(const struct engine *e)
{
	return e->action_n + ACTIONS_ROOM <= ACTIONS_MAX && e->burst_spawns < BURST_SPAWNS_MAX;
}

bool engine_has_action(const struct engine *e)
{
	return e->action_n > 0;
}

bool engine_has_work(const struct engine *e)
{
	return !e->finished && (e->work_first != ENGINE_NONE || e->time_due);
}

void work_push(struct engine *e, uint32_t sup_node)
{
	struct node *node = &e->node[sup_node];

	if (node->in_work)
		return;
	node->in_work = true;
	node->work_next = ENGINE_NONE;
	if (e->work_first == ENGINE_NONE)
		e->work_first = sup_node;
	else
		e->node[e->work_last].work_next = sup_node;
	e->work_last = sup_node;
}

static bool work_step(struct engine *e)
{
	uint32_t n = e->work_first;

	if (n == ENGINE_NONE)
		return false;
	e->work_first = e->node[n].work_next;
	e->node[n].in_work = false;
	sup_advance(e, n);
	return true;
}

static bool time_step(struct engine *e)
{
	uint32_t n;

	if (!e->time_due)
		return false;
	n = timer_take_due(e);
	if (n == ENGINE_NONE) {
		e->time_due = false;
		return false;
	}
	child_deadline(e, n);
	return true;
}

/* Deadlines go after the work that an event has caused: an exit and a deadline of the same moment
 * is an exit. */
static void pump(struct engine *e)
{
	while (!e->finished && actions_have_room(e) && (work_step(e) || time_step(e)))
		;
}

struct engine *engine_new(const struct spec *spec, uint32_t capacity, uint64_t seed)
{
	struct engine *e = calloc(1, sizeof(*e));
	size_t times = 0;
	uint32_t sups = 0;
	uint32_t buckets = 16;

	assert(capacity >= spec->nodes);
	if (!e)
		return NULL;
	for (uint32_t i = 0; i < spec->nodes; i++) {
		if (spec_node(spec, i)->kind == KIND_PROCESS)
			continue;
		sups++;
		times += spec_sup(spec, i)->intensity;
	}
	while (buckets < capacity)
		buckets *= 2;
	assert(sups > 0); /* the root */
	e->spec = spec;
	e->capacity = capacity;
	e->random = seed | 1;
	e->hash_mask = buckets - 1;
	e->work_first = e->work_last = ENGINE_NONE;
	e->node = calloc(capacity, sizeof(*e->node));
	e->item = calloc((size_t)capacity + COMMANDS_MAX, sizeof(*e->item));
	e->sup = calloc(sups, sizeof(*e->sup));
	e->heap = calloc(capacity, sizeof(*e->heap));
	e->hash = calloc(buckets, sizeof(*e->hash));
	e->times = calloc(times ? times : 1, sizeof(*e->times));
	e->root_command = ENGINE_NONE;
	e->command = calloc(COMMANDS_MAX, sizeof(*e->command));
	if (!e->node || !e->item || !e->sup || !e->heap || !e->hash || !e->times || !e->command) {
		engine_free(e);
		return NULL;
	}
	for (uint32_t i = 0; i < buckets; i++)
		e->hash[i] = ENGINE_NONE;
	e->free_command = ENGINE_NONE;
	tree_build(e);
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	free(e->node);
	free(e->item);
	free(e->sup);
	free(e->heap);
	free(e->hash);
	free(e->times);
	free(e->command);
	free(e);
}

static void shutdown(struct engine *e, bool brutal)
{
	if (e->node[SPEC_ROOT].live) {
		e->node[SPEC_ROOT].stop_to = CHILD_STOPPED;
		sup_end(e, SPEC_ROOT, ENDING_STOPPED, WHY_SHUTDOWN, brutal);
		return;
	}
	/* Nothing was ever started, or it is parked. */
	timer_clear(e, SPEC_ROOT);
	child_enter(e, SPEC_ROOT, CHILD_STOPPED, WHY_SHUTDOWN);
	e->finished = true;
	act(e, &(struct action){.kind = ACT_FINISHED, .status = 0});
}

/* Is the event about the present life of its entry? A late one is no error: the life it tells of is
 * over. */
static bool event_is_current(const struct engine *e, const struct event *event)
{
	const struct node *node;

	if (event->ref.index >= e->capacity)
		return false;
	node = &e->node[event->ref.index];
	return node->used && node->live && node->sup == ENGINE_NONE &&
	       node->generation == event->ref.generation;
}

static void take_event(struct engine *e, const struct event *event)
{
	uint32_t n = event->ref.index;

	switch (event->kind) {
	case EV_BOOT:
		assert(!e->node[SPEC_ROOT].live);
		child_start(e, SPEC_ROOT, WHY_BOOT);
		break;
	case EV_SPAWNED:
		if (event_is_current(e, event))
			child_spawned(e, n);
		break;
	case EV_SPAWN_FAILED:
		if (event_is_current(e, event))
			child_spawn_failed(e, n, event->end);
		break;
	case EV_READY:
		if (event_is_current(e, event))
			child_ready(e, n);
		break;
	case EV_EXITED:
		if (event_is_current(e, event))
			child_exited(e, n, event->end, event->gone);
		break;
	case EV_GONE:
		if (event_is_current(e, event))
			child_gone(e, n);
		break;
	case EV_PING:
		if (event_is_current(e, event))
			child_ping(e, n);
		break;
	case EV_PERIOD:
		if (event_is_current(e, event))
			child_period(e, n, event->ms);
		break;
	case EV_EXTEND:
		if (event_is_current(e, event))
			child_extend(e, n, event->ms);
		break;
	case EV_UNHEALTHY:
		if (event_is_current(e, event))
			child_unhealthy(e, n, event->watchdog ? WHY_WATCHDOG : WHY_UNHEALTHY);
		break;
	case EV_TIME:
		e->time_due = true;
		break;
	case EV_COMMAND:
		command_arrive(e, &event->command);
		break;
	case EV_SHUTDOWN:
		shutdown(e, event->brutal);
		break;
	}
}

void engine_step(struct engine *e, int64_t now_ms, const struct event *event)
{
	assert(e->action_n == 0 && now_ms >= e->now_ms);
	e->now_ms = now_ms;
	tree_recycle(e);
	if (e->finished)
		return;
	e->burst_spawns = 0;
	take_event(e, event);
	pump(e);
}

bool engine_next_action(struct engine *e, struct action *ret_action)
{
	if (e->action_n == 0) {
		e->burst_spawns = 0;
		pump(e);
	}
	if (e->action_n == 0) {
		e->action_first = 0; /* the same few cache lines, again and again */
		return false;
	}
	*ret_action = e->action[e->action_first];
	e->action_first = (e->action_first + 1) % ACTIONS_MAX;
	e->action_n--;
	return true;
}
