/* load_sups.c - supervisors, commands, queues and deadlines of a saved engine; see load.c. */
#include <string.h>

#include "supervisor/engine/load.h"

/* ---- supervisors */

static bool is_child_or_none(const struct engine *e, uint32_t sup_node, uint32_t n)
{
	return n == ENGINE_NONE ||
	       (n < e->fresh_node && e->node[n].used && e->node[n].parent == sup_node);
}

static bool load_sup(struct engine *e, struct reader *r, struct sup *s)
{
	struct saved_sup saved;

	if (!load_take(r, &saved, sizeof(saved)))
		return false;
	if (saved.phase > PHASE_ENDING || saved.ending > ENDING_PARK || saved.why >= WHY_COUNT ||
		(saved.flags & ~(unsigned)SAVED_SUP_FLAGS) || saved.window > s->window.intensity ||
		saved.cause.kind > END_BOOT_FAILED || saved.starting > e->capacity ||
		!is_child_or_none(e, s->node, saved.cursor) ||
		!is_child_or_none(e, s->node, saved.subject) ||
		(saved.command != ENGINE_NONE && saved.command >= COMMANDS_MAX) ||
		(saved.round_command != ENGINE_NONE && saved.round_command >= COMMANDS_MAX))
		return load_bad(r, "a supervisor is wrong");
	s->cursor = saved.cursor;
	s->subject = saved.subject;
	s->starting = saved.starting;
	s->command = saved.command;
	s->round_command = saved.round_command;
	s->window.n = saved.window;
	s->phase = saved.phase;
	s->ending = saved.ending;
	s->why = saved.why;
	s->single = saved.flags & SAVED_SINGLE;
	s->waiting = saved.flags & SAVED_WAITING;
	s->brutal = saved.flags & SAVED_BRUTAL;
	s->concurrent = saved.flags & SAVED_CONCURRENT;
	s->rewind = saved.flags & SAVED_REWIND;
	s->refuse = saved.flags & SAVED_REFUSE;
	s->go_at_ms = saved.go_at_ms;
	s->cause = load_end(&saved.cause);
	return true;
}

bool load_sups(struct engine *e, struct reader *r)
{
	uint64_t times = 0;

	if (r->header.sups != e->nsups)
		return load_bad(r, "its header is wrong");
	for (uint32_t i = 0; i < e->nsups; i++) {
		if (!load_sup(e, r, &e->sup[i]))
			return false;
		times += e->sup[i].window.n;
	}
	if (times != r->header.times)
		return load_bad(r, "its header is wrong");
	for (uint32_t i = 0; i < e->nsups; i++) {
		struct window *window = &e->sup[i].window;

		if (!load_take(r, window->at, window->n * sizeof(*window->at)))
			return false;
		for (uint32_t k = 0; k < window->n; k++)
			if (window->at[k] > e->now_ms ||
				(k > 0 && window->at[k] < window->at[k - 1]))
				return load_bad(r, "the times of a supervisor are wrong");
	}
	return true;
}

/* ---- commands, queues, work */

bool load_commands(struct engine *e, struct reader *r)
{
	for (uint32_t i = 0; i < r->header.commands; i++) {
		struct saved_command saved;

		if (!load_take(r, &saved, sizeof(saved)))
			return false;
		if (saved.slot >= COMMANDS_MAX || e->command[saved.slot].used ||
			saved.index >= e->fresh_node || saved.kind >= CMD_COUNT)
			return load_bad(r, "a command is wrong");
		e->command[saved.slot] =
			(struct command_slot){.command = {.kind = (enum command_kind)saved.kind,
						      .index = saved.index,
						      .token = saved.token},
				.stamp = saved.stamp,
				.used = true};
	}
	e->root_command = r->header.root_command;
	if (e->root_command != ENGINE_NONE && !e->command[e->root_command].used)
		return load_bad(r, "the root's command is wrong");
	e->free_command = ENGINE_NONE;
	e->fresh_command = COMMANDS_MAX;
	for (uint32_t slot = COMMANDS_MAX; slot-- > 0;) {
		if (e->command[slot].used)
			continue;
		e->command[slot].next_free = e->free_command;
		e->free_command = slot;
	}
	return true;
}

static bool queued_command_is_valid(
	const struct engine *e, const struct saved_item *saved, struct command_slot *c)
{
	const struct node *node = &e->node[c->command.index];

	if (saved->kind != QUEUED_COMMAND || !c->used)
		return false;
	/* The entry that it was about may have gone since. */
	if (c->stamp != node->stamp)
		return true;
	return node->used && (c->command.kind == CMD_ADD ? c->command.index == saved->sup
							 : node->parent == saved->sup);
}

static bool load_item(struct engine *e, struct reader *r)
{
	struct saved_item saved;
	struct command *command;

	if (!load_take(r, &saved, sizeof(saved)))
		return false;
	if (saved.sup >= r->header.nodes || !e->node[saved.sup].used ||
		!node_is_sup(e, saved.sup) || saved.item >= e->capacity + COMMANDS_MAX ||
		e->item[saved.item].kind != QUEUED_NOT || saved.kind == QUEUED_NOT)
		return load_bad(r, "a queue is wrong");
	if (saved.item < e->capacity) {
		if (saved.kind > QUEUED_UNPARK || saved.item >= e->fresh_node ||
			!is_child_or_none(e, saved.sup, saved.item) || e->node[saved.item].live ||
			e->node[saved.item].state == CHILD_REMOVED)
			return load_bad(r, "a queue is wrong");
		queue_push(e, saved.sup, saved.item, (enum queued)saved.kind);
		return true;
	}
	if (!queued_command_is_valid(e, &saved, &e->command[saved.item - e->capacity]))
		return load_bad(r, "a queue is wrong");
	command = &e->command[saved.item - e->capacity].command;
	if (command->kind == CMD_ADD &&
		(!r->addition ||
			!r->addition(r->context, ENGINE_NONE, command->token, &command->add) ||
			!load_addition_is_valid(&command->add)))
		return load_bad(r, "a command is not known any more");
	queue_push(e, saved.sup, saved.item, QUEUED_COMMAND);
	return true;
}

bool load_queues(struct engine *e, struct reader *r)
{
	for (uint32_t i = 0; i < r->header.queued; i++)
		if (!load_item(e, r))
			return false;
	return true;
}

bool load_work(struct engine *e, struct reader *r)
{
	/* What the queues have put there. */
	for (uint32_t n = e->work_first; n != ENGINE_NONE; n = e->node[n].work_next)
		e->node[n].in_work = false;
	e->work_first = e->work_last = ENGINE_NONE;
	for (uint32_t i = 0; i < r->header.work; i++) {
		uint32_t n;

		if (!load_take_row_number(r, &n))
			return false;
		if (!e->node[n].used || !node_is_sup(e, n) || e->node[n].in_work)
			return load_bad(r, "the work list is wrong");
		work_push(e, n);
	}
	return true;
}

/* ---- do the parts agree? */

static bool is_under_way(const struct engine *e, uint32_t slot)
{
	return e->command[slot].used && e->item[e->capacity + slot].kind == QUEUED_NOT;
}

static bool command_is_sound(const struct engine *e, const struct sup *s)
{
	if (s->round_command != ENGINE_NONE &&
		(!is_under_way(e, s->round_command) || s->round_command == s->command ||
			s->subject == ENGINE_NONE))
		return false;
	if (s->command == ENGINE_NONE)
		return true;
	return is_under_way(e, s->command) &&
	       (s->phase == PHASE_COMMAND || s->phase == PHASE_ENDING ||
		       s->phase == PHASE_GROUP_START || s->phase == PHASE_BOOT);
}

static bool sup_is_sound(const struct engine *e, const struct sup *s)
{
	const struct node *node = &e->node[s->node];

	if (node->live == (s->phase == PHASE_DOWN) || !command_is_sound(e, s))
		return false;
	if (s->phase == PHASE_DOWN || s->phase == PHASE_IDLE)
		return s->cursor == ENGINE_NONE && (s->phase == PHASE_IDLE || s->live == 0);
	return !s->waiting || s->cursor != ENGINE_NONE;
}

static bool node_is_sound(const struct engine *e, uint32_t n)
{
	const struct node *node = &e->node[n];
	bool up = node->state == CHILD_STARTING || node->state == CHILD_RUNNING ||
		  node->state == CHILD_STOPPING;

	if (node_is_sup(e, n))
		return sup_is_sound(e, &e->sup[node->sup]);
	return node->live == up;
}

static bool may_be_due(const struct engine *e, uint32_t n)
{
	const struct node *node = &e->node[n];

	if (node_is_sup(e, n))
		return node->state == CHILD_PARKED || e->sup[node->sup].phase == PHASE_ENDING;
	/* RUNNING: its watchdog. */
	return node->state == CHILD_STARTING || node->state == CHILD_RUNNING ||
	       node->state == CHILD_STOPPING || node->state == CHILD_BACKOFF;
}

bool load_deadlines(struct engine *e, struct reader *r)
{
	for (uint32_t n = 0; n < e->fresh_node; n++) {
		struct saved_row row = load_saved_row(r, n);

		if (!e->node[n].used)
			continue;
		if (!node_is_sound(e, n))
			return load_bad(r, "a row contradicts another");
		if (!(row.flags & SAVED_DEADLINE))
			continue;
		if (!may_be_due(e, n))
			return load_bad(r, "a deadline is wrong");
		timer_set(e, n, row.deadline_ms);
	}
	return true;
}
