/* command.c - what operators ask for (rule 8): start, stop, restart, delete. None is ever counted
 * as a restart.
 *
 * A command stands in the queue of the child's supervisor and is carried out when its turn comes;
 * while it is under way the supervisor is busy (PHASE_COMMAND), as OTP's is within terminate_child
 * and restart_child. Every command is answered exactly once. */
#include <assert.h>

#include "supervisor/engine/internal.h"

static void reply(struct engine *e, const struct command *command, uint32_t n, enum result result,
	enum child_state state)
{
	act(e, &(struct action){.kind = ACT_REPLY,
		       .ref = {n, e->node[n].generation},
		       .token = command->token,
		       .result = result,
		       .state = state,
		       .end = e->node[n].end,
		       .extra = command->add.extra,
		       .prev = ENGINE_NONE});
}

/* Answers about row n, and frees the slot. */
static void answer_about(
	struct engine *e, uint32_t slot, enum result result, uint32_t n, enum child_state state)
{
	struct command_slot *c = &e->command[slot];

	assert(c->used);
	reply(e, &c->command, n, result, state);
	c->used = false;
	c->next_free = e->free_command;
	e->free_command = slot;
}

static void answer(struct engine *e, uint32_t slot, enum result result)
{
	uint32_t n = e->command[slot].command.index;

	answer_about(e, slot, result, n, (enum child_state)e->node[n].state);
}

/* The supervisor that was asked is not there to do it. By now the child's row may be another's:
 * then the answer is about the supervisor. */
static void refuse(struct engine *e, uint32_t slot, uint32_t sup_node)
{
	const struct command_slot *c = &e->command[slot];
	uint32_t n = c->command.index;

	if (c->stamp != e->node[n].stamp)
		n = sup_node;
	answer_about(e, slot, RESULT_SUPERVISOR_DOWN, n, (enum child_state)e->node[sup_node].state);
}

/* Is what the supervisor is doing a start of child n? */
static bool is_starting(const struct engine *e, const struct sup *s, uint32_t n)
{
	if (s->phase == PHASE_BOOT)
		return s->command == ENGINE_NONE && e->node[n].state == CHILD_STARTING;
	if (!s->waiting || s->cursor != n)
		return false;
	if (s->phase == PHASE_GROUP_START)
		return s->command == ENGINE_NONE;
	if (s->phase != PHASE_COMMAND || e->node[n].state != CHILD_STARTING)
		return false;
	return s->command == ENGINE_NONE || e->command[s->command].command.kind != CMD_STOP;
}

/* A stop of a supervisor does not wait for its start (rule 11): it takes over. A boot or a
 * restart round then goes on with what stands after it. */
static bool may_preempt(const struct engine *e, const struct sup *s, const struct command *command)
{
	return command->kind == CMD_STOP && node_is_sup(e, command->index) &&
	       is_starting(e, s, command->index);
}

static void preempt(struct engine *e, struct sup *s, uint32_t slot)
{
	uint32_t interrupted = s->command;

	(void)child_stop(e, e->command[slot].command.index, WHY_OPERATOR, false, CHILD_STOPPED);
	s->command = slot;
	if (interrupted != ENGINE_NONE)
		answer(e, interrupted, RESULT_INVALID_STATE);
}

/* The root has no supervisor in whose queue a command could stand; all that can be asked of it here
 * is to boot anew when it is parked. */
static void root_command(struct engine *e, uint32_t slot)
{
	if (e->command[slot].command.kind != CMD_START ||
		e->node[SPEC_ROOT].state != CHILD_PARKED) {
		answer(e, slot, RESULT_INVALID_STATE);
		return;
	}
	e->root_command = slot;
	child_start(e, SPEC_ROOT, WHY_OPERATOR);
}

void command_root_done(struct engine *e, enum result result)
{
	uint32_t slot = e->root_command;

	e->root_command = ENGINE_NONE;
	if (slot != ENGINE_NONE)
		answer(e, slot, result);
}

/* ENGINE_NONE: too many are outstanding. */
static uint32_t take_slot(struct engine *e)
{
	uint32_t slot = e->free_command;

	if (slot != ENGINE_NONE)
		e->free_command = e->command[slot].next_free;
	else if (e->fresh_command < COMMANDS_MAX)
		slot = e->fresh_command++;
	return slot;
}

void command_arrive(struct engine *e, const struct command *command)
{
	uint32_t n = command->index;
	uint32_t slot = take_slot(e);
	struct sup *s;

	assert(n < e->capacity);
	if (slot == ENGINE_NONE) {
		reply(e, command, n, RESULT_BUSY, (enum child_state)e->node[n].state);
		return;
	}
	e->command[slot] =
		(struct command_slot){.command = *command, .stamp = e->node[n].stamp, .used = true};
	if (!tree_has(e, n)) {
		answer(e, slot, RESULT_GONE);
		return;
	}
	assert(command->kind != CMD_ADD || node_is_sup(e, n));
	s = command->kind == CMD_ADD ? node_sup(e, n) : parent_sup(e, n);
	if (!s)
		root_command(e, slot);
	else if (s->phase == PHASE_DOWN || s->phase == PHASE_ENDING)
		refuse(e, slot, s->node);
	else if (may_preempt(e, s, command))
		preempt(e, s, slot);
	else
		queue_push(e, s->node, e->capacity + slot, QUEUED_COMMAND);
}

/* The command is over; the supervisor goes on with its queue. */
static void conclude(struct engine *e, struct sup *s, enum result result)
{
	uint32_t slot = s->command;

	s->command = ENGINE_NONE;
	if (slot != ENGINE_NONE && result == RESULT_SUPERVISOR_DOWN)
		refuse(e, slot, s->node);
	else if (slot != ENGINE_NONE)
		answer(e, slot, result);
	if (s->phase != PHASE_COMMAND)
		return;
	s->phase = PHASE_IDLE;
	s->cursor = ENGINE_NONE;
	s->waiting = false;
	sup_settle(e, s->node);
	work_push(e, s->node);
}

/* Begins to wait for child n. */
static void under_way(struct sup *s, uint32_t n)
{
	s->phase = PHASE_COMMAND;
	s->cursor = n;
	s->waiting = true;
}

/* Its round is due later, or has been since and its supervisor was busy. */
static bool waits_for_round(const struct engine *e, uint32_t n)
{
	return e->node[n].state == CHILD_BACKOFF &&
	       (e->node[n].heap_at != ENGINE_NONE || e->item[n].kind == QUEUED_GO);
}

/* The round that was due later begins now; it was counted at the death. The command waits for its
 * subject, beside whatever command interrupts the round. */
static void hasten_round(struct engine *e, struct sup *s, uint32_t n)
{
	s->round_command = s->command;
	s->command = ENGINE_NONE;
	timer_clear(e, n);
	queue_remove(e, n);
	sup_begin_round(e, s, n, e->now_ms);
}

void command_round_over(struct engine *e, struct sup *s, uint32_t n, enum result result)
{
	uint32_t slot = s->round_command;

	s->round_command = ENGINE_NONE;
	if (slot != ENGINE_NONE && result == RESULT_SUPERVISOR_DOWN)
		refuse(e, slot, n);
	else if (slot != ENGINE_NONE)
		answer_about(e, slot, result, n, (enum child_state)e->node[n].state);
}

static void begin_start(struct engine *e, struct sup *s, uint32_t n)
{
	queue_remove(e, n); /* parked: retry_after is served as well */
	under_way(s, n);
	child_start(e, n, WHY_OPERATOR);
}

/* The child of a stop command is down: "temporary, or an instance of a dynamic supervisor:
 * removed". */
static void stopped(struct engine *e, struct sup *s, uint32_t n)
{
	if (e->node[n].state != CHILD_REMOVED &&
		(node_restart(e, n) == RESTART_TEMPORARY || node_is_dynamic(e, s->node)))
		tree_remove(e, n, WHY_OPERATOR);
	conclude(e, s, RESULT_OK);
}

/* OTP's start_child: the name must be new; the child goes to the end of the order. */
static void add(struct engine *e, struct sup *s, struct command_slot *c)
{
	uint32_t taken = tree_child(e, s->node, c->command.add.name);
	uint32_t max = node_sup_spec(e, s->node)->max_children;
	uint32_t n = ENGINE_NONE;

	if (taken != ENGINE_NONE) {
		c->command.index = taken;
		conclude(e, s, RESULT_EXISTS);
		return;
	}
	if (!node_is_dynamic(e, s->node) || s->added < max)
		n = tree_add(e, s->node, &c->command.add);
	if (n == ENGINE_NONE) {
		conclude(e, s, RESULT_LIMIT_REACHED);
		return;
	}
	c->command.add.extra = NULL; /* the entry has it now */
	c->command.index = n;
	begin_start(e, s, n);
}

void command_run(struct engine *e, uint32_t sup_node, uint32_t slot)
{
	struct sup *s = node_sup(e, sup_node);
	struct command_slot *c = &e->command[slot];
	uint32_t n = c->command.index;

	assert(s->phase == PHASE_IDLE && s->command == ENGINE_NONE);
	s->command = slot;
	s->phase = PHASE_COMMAND;
	if (c->stamp != e->node[n].stamp) {
		conclude(e, s, RESULT_GONE);
		return;
	}
	switch (c->command.kind) {
	case CMD_STOP:
		if (child_stop(e, n, WHY_OPERATOR, false, CHILD_STOPPED))
			stopped(e, s, n);
		else
			under_way(s, n);
		break;
	case CMD_RESTART:
		if (child_stop(e, n, WHY_OPERATOR, false, CHILD_STOPPED))
			begin_start(e, s, n);
		else
			under_way(s, n);
		break;
	case CMD_START:
		if (child_is_stopped_entry(e, n))
			begin_start(e, s, n);
		else if (waits_for_round(e, n))
			hasten_round(e, s, n);
		else
			conclude(e, s, RESULT_INVALID_STATE);
		break;
	case CMD_DELETE:
		if (!child_is_stopped_entry(e, n)) {
			conclude(e, s, RESULT_INVALID_STATE);
			break;
		}
		timer_clear(e, n);
		queue_remove(e, n);
		tree_remove(e, n, WHY_OPERATOR);
		conclude(e, s, RESULT_OK);
		break;
	case CMD_ADD:
		add(e, s, c);
		break;
	case CMD_COUNT:
		UNREACHABLE();
	}
}

void command_child_down(struct engine *e, struct sup *s, uint32_t n)
{
	const struct command_slot *c = &e->command[s->command];

	if (c->command.index != n)
		return;
	if (c->command.kind == CMD_RESTART && s->phase == PHASE_COMMAND)
		begin_start(e, s, n);
	else
		stopped(e, s, n);
}

void command_child_up(struct engine *e, struct sup *s, uint32_t n)
{
	(void)n;
	conclude(e, s, RESULT_OK);
}

void command_child_failed(struct engine *e, struct sup *s, uint32_t n)
{
	bool was_add = s->command != ENGINE_NONE && e->command[s->command].command.kind == CMD_ADD;

	/* Unparked in vain: parked again. */
	if (s->command == ENGINE_NONE && node_is_sup(e, n)) {
		sup_park(e, n);
		conclude(e, s, RESULT_START_FAILED);
		return;
	}
	child_enter(e, n, CHILD_FAILED, WHY_START_FAILED);
	if (was_add || node_is_dynamic(e, s->node))
		tree_remove(e, n, WHY_START_FAILED);
	conclude(e, s, RESULT_START_FAILED);
}

void command_interrupt(struct engine *e, struct sup *s)
{
	command_round_over(e, s, s->node, RESULT_SUPERVISOR_DOWN);
	if (s->command == ENGINE_NONE)
		return;
	/* A stop goes on, and is answered when it is done; a start has lost its point. */
	if (e->command[s->command].command.kind != CMD_STOP)
		conclude(e, s, RESULT_SUPERVISOR_DOWN);
}

bool command_refuse_all(struct engine *e, struct sup *s)
{
	uint32_t item = s->queue_first;

	while (item != ENGINE_NONE) {
		uint32_t next = e->item[item].next;

		if (e->item[item].kind == QUEUED_COMMAND) {
			if (!actions_have_room(e))
				return false;
			queue_remove(e, item);
			refuse(e, item - e->capacity, s->node);
		}
		item = next;
	}
	return true;
}
