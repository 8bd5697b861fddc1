/* world.c - lives of processes in virtual time, and the laws that every action must keep.
 *
 * What the kernel will report is kept with the life it is about, as the moment when it is due; the
 * order of what is due in one moment is the order in which it came about. The number of processes
 * in a test is small, so the next one is found by looking at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>

#include "tests/sim/world_internal.h"

static const struct due NOT_DUE = {.at_ms = WORLD_NEVER};

struct due world_due_in(struct world *w, int64_t delay_ms)
{
	if (delay_ms == WORLD_NEVER)
		return NOT_DUE;
	return (struct due){.at_ms = w->now_ms + delay_ms, .order = ++w->order};
}

static bool due_before(struct due a, struct due b)
{
	return a.at_ms < b.at_ms || (a.at_ms == b.at_ms && a.order < b.order);
}

/* ---- carrying out actions */

/* The life that action is about; a breach when it is not the present one. */
static struct life *life_of(struct world *w, const struct action *action)
{
	struct life *life = &w->life[action->ref.index];

	if (!life->exists)
		world_broken(w, "an action to a process that does not live");
	if (life->generation != action->ref.generation)
		world_broken(w, "an action to a former life");
	return life;
}

static void do_spawn(struct world *w, const struct action *action)
{
	struct life *life = &w->life[action->ref.index];
	struct row *row = &w->row[action->ref.index];
	const struct manner *manner = &w->manner[row->manner];

	if (!row->is_process)
		world_broken(w, "a spawn of something that is no process");
	if (life->exists)
		world_broken(w, "a second life beside the first");
	if (action->ref.generation <= row->generation)
		world_broken(w, "a new life with an old generation");
	row->generation = action->ref.generation;
	*life = (struct life){
		.exists = true,
		.leader = true,
		.members = manner->leaves_group,
		.generation = action->ref.generation,
		.spawned = world_due_in(w, manner->spawn_delay_ms),
		.ready = NOT_DUE,
		.exit = NOT_DUE,
		.gone = NOT_DUE,
	};
	w->alive++;
}

void world_end_leader(struct life *life, struct due when, struct end end)
{
	if (!life->leader || !due_before(when, life->exit))
		return;
	life->exit = when;
	life->end = end;
}

static void do_signal(struct world *w, const struct action *action)
{
	struct life *life = life_of(w, action);
	const struct manner *manner = &w->manner[w->row[action->ref.index].manner];

	world_end_leader(life, world_due_in(w, manner->stop_delay_ms), manner->stop_end);
	if (life->members) {
		struct due when = world_due_in(w, manner->group_delay_ms);

		if (due_before(when, life->gone))
			life->gone = when;
	}
}

static void do_kill(struct world *w, const struct action *action)
{
	struct life *life = life_of(w, action);
	struct end killed = {.kind = END_SIGNALED, .value = SIGKILL};

	world_end_leader(life, world_due_in(w, 0), killed);
	if (life->members && life->leader)
		life->members = false;
	else if (life->members)
		life->gone = world_due_in(w, 0);
}

static void do_report(struct world *w, const struct action *action)
{
	struct row *row = &w->row[action->ref.index];

	if (action->from != row->state)
		world_broken(w, "a report from the state %s, but it was %s",
			child_state_name(action->from), child_state_name(row->state));
	if (action->to == CHILD_REMOVED)
		w->last_prev = action->prev;
	row->state = action->to;
	row->touched = true;
	world_take_back(w, action);
}

static void do_reply(struct world *w, const struct action *action)
{
	if (action->token == 0 || action->token > w->commands)
		world_broken(w, "a reply to a command that nobody gave");
	if (w->replied[action->token])
		world_broken(w, "a second reply to a command");
	w->replied[action->token] = true;
	world_take_back(w, action);
}

static void do_finished(struct world *w)
{
	w->finished = true;
	if (w->alive > 0)
		world_broken(w, "finished, and %u processes live", w->alive);
	for (uint64_t token = 1; token <= w->commands; token++) {
		if (!w->replied[token])
			world_broken(w, "finished, and no reply to command %llu",
				(unsigned long long)token);
	}
}

static void perform(struct world *w, const struct action *action)
{
	bool about_row = action->kind != ACT_REPLY && action->kind != ACT_FINISHED;
	uint32_t node = SPEC_NONE;

	if (about_row) {
		world_learn_row(w, action->ref.index);
		node = w->row[action->ref.index].node;
	}
	world_note_action(w, action);
	if (w->watch != NULL)
		w->watch(w->watch_context, w, action, node);
	if (w->finished)
		world_broken(w, "an action after the last one");
	switch (action->kind) {
	case ACT_SPAWN:
		do_spawn(w, action);
		break;
	case ACT_SIGNAL:
		do_signal(w, action);
		break;
	case ACT_KILL:
		do_kill(w, action);
		break;
	case ACT_REPORT:
		do_report(w, action);
		break;
	case ACT_REPLY:
		do_reply(w, action);
		break;
	case ACT_FINISHED:
		do_finished(w);
		break;
	}
}

static void check_deadline(struct world *w)
{
	int64_t deadline_ms = engine_deadline_ms(w->engine);

	if (deadline_ms < w->now_ms)
		world_broken(w, "asks to be called at %lld, in the past", (long long)deadline_ms);
	if (w->finished && deadline_ms != ENGINE_NEVER)
		world_broken(w, "finished, and asks to be called again");
}

/* Carries out what there is to do; in bursts, as the shell does: after one with spawns in it, what
 * is known of those spawns is fed before the engine goes on. */
static void drain(struct world *w)
{
	struct action action;
	bool spawned = false;

	while (engine_next_action(w->engine, &action)) {
		perform(w, &action);
		spawned = spawned || action.kind == ACT_SPAWN;
		if (w->bursts && spawned && !engine_has_action(w->engine))
			break;
	}
	for (uint32_t i = 0; i < w->capacity; i++) {
		if (w->row[i].touched)
			world_check_row(w, i);
	}
	if (w->saves && !engine_has_action(w->engine))
		world_reload(w);
	if (engine_has_work(w->engine))
		return;
	world_check_extras(w);
	if (engine_next_action(w->engine, &action))
		world_broken(w, "an action after there was none");
	check_deadline(w);
}

void world_feed(struct world *w, const struct event *event)
{
	if (w->finished)
		world_broken(w, "the test feeds an event after the end");
	if (event->kind == EV_TIME)
		w->steps_of_time++;
	else
		w->steps_of_time = 0;
	if (w->steps_of_time > w->capacity + 16)
		world_broken(w, "asks to be called again and again in the same moment");
	world_remark_event(w, event);
	engine_step(w->engine, w->now_ms, event);
	if (event->kind == EV_EXITED && event->ref.index < w->capacity)
		w->row[event->ref.index].touched = true;
	drain(w);
}

/* ---- time */

/* The life with the earliest report, and which of its four it is; NULL: nothing is due by by_ms,
 * or the world is held. */
static struct life *next_due(struct world *w, int64_t by_ms, struct due **ret_due)
{
	struct life *found = NULL;
	struct due first = {.at_ms = by_ms, .order = UINT64_MAX};

	for (uint32_t i = 0; !w->held && w->alive > 0 && i < w->capacity; i++) {
		struct life *life = &w->life[i];
		struct due *each[] = {&life->spawned, &life->ready, &life->exit, &life->gone};

		if (!life->exists)
			continue;
		for (size_t n = 0; n < sizeof(each) / sizeof(each[0]); n++) {
			/* nothing is known of a child before its spawn is; a group is empty only
			 * when its leader is gone too */
			if (n > 0 && life->spawned.at_ms != WORLD_NEVER)
				continue;
			if (n == 3 && life->leader)
				continue;
			if (each[n]->at_ms != WORLD_NEVER && due_before(*each[n], first)) {
				first = *each[n];
				found = life;
				*ret_due = each[n];
			}
		}
	}
	return found;
}

static void end_life(struct world *w, struct life *life)
{
	life->exists = false;
	w->alive--;
	if (w->show_ends)
		world_note(w, "gone %s", w->row[life - w->life].path);
}

static void report_spawned(struct world *w, struct life *life, struct event *event)
{
	struct manner *manner = &w->manner[w->row[event->ref.index].manner];

	if (manner->fail_spawns == 0) {
		event->kind = EV_SPAWNED;
		life->ready = world_due_in(w, manner->ready_delay_ms);
		return;
	}
	if (manner->fail_spawns > 0)
		manner->fail_spawns--;
	event->kind = EV_SPAWN_FAILED;
	event->end = (struct end){.kind = END_SPAWN_FAILED, .stage = 1, .value = 2};
	end_life(w, life);
}

/* Tells the engine what due says about life. */
static void report(struct world *w, struct life *life, struct due *due)
{
	struct event event = {
		.ref = {.index = (uint32_t)(life - w->life), .generation = life->generation}};

	*due = NOT_DUE;
	if (due == &life->spawned) {
		report_spawned(w, life, &event);
	} else if (due == &life->ready) {
		event.kind = EV_READY;
	} else if (due == &life->exit) {
		event.kind = EV_EXITED;
		event.end = life->end;
		event.gone = !life->members;
		life->leader = false;
		life->ready = NOT_DUE;
		if (event.gone)
			end_life(w, life);
	} else {
		event.kind = EV_GONE;
		end_life(w, life);
	}
	world_feed(w, &event);
}

/* One thing that is due now: what the kernel reports comes before time. */
static bool do_next(struct world *w)
{
	struct due *due = NULL;
	struct life *life = next_due(w, w->now_ms, &due);

	if (life != NULL) {
		report(w, life, due);
		return true;
	}
	if (engine_has_work(w->engine)) {
		drain(w);
		return true;
	}
	if (engine_deadline_ms(w->engine) > w->now_ms)
		return false;
	world_feed(w, &(struct event){.kind = EV_TIME});
	return true;
}

void world_settle(struct world *w)
{
	for (uint32_t n = 0; !w->finished && do_next(w); n++) {
		if (n > 1000000)
			world_broken(w, "no end of it in one moment");
	}
}

void world_advance(struct world *w, int64_t ms)
{
	int64_t until_ms = w->now_ms + ms;

	world_settle(w);
	while (!w->finished) {
		struct due *due = NULL;
		int64_t next_ms = engine_deadline_ms(w->engine);

		if (next_due(w, until_ms, &due) != NULL && due->at_ms < next_ms)
			next_ms = due->at_ms;
		if (next_ms > until_ms)
			break;
		if (next_ms > w->now_ms) {
			w->now_ms = next_ms;
			w->steps_of_time = 0;
		}
		world_settle(w);
	}
	w->now_ms = until_ms;
}
