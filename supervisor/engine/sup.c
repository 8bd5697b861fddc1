/* sup.c - one supervisor's life: boot and its queue; and what it hears from its children.
 *
 * A supervisor is in one phase at a time, and what it waits for is the child at its cursor. Notices
 * from below only note a fact and put the supervisor on the work list; sup_advance does one unit of
 * work. */
#include <assert.h>

#include "supervisor/engine/internal.h"

static void finish(struct engine *e, int status)
{
	e->finished = true;
	act(e, &(struct action){.kind = ACT_FINISHED, .status = status});
}

/* supd's exit status when the root shut itself down: that of the process which ended it (INTERFACE,
 * section 1). */
static int status_of(const struct end *cause)
{
	switch ((enum end_kind)cause->kind) {
	case END_EXITED:
		return cause->value;
	case END_SIGNALED:
		return 128 + cause->value;
	case END_NONE:
	case END_SPAWN_FAILED:
	case END_START_TIMEOUT:
	case END_SHUTDOWN:
	case END_BOOT_FAILED:
	case END_WATCHDOG:
	case END_UNHEALTHY:
		return 1;
	}
	return 1;
}

void sup_enter_phase(struct engine *e, struct sup *s, enum phase phase, uint32_t cursor)
{
	s->phase = (uint8_t)phase;
	s->cursor = cursor;
	s->waiting = false;
	work_push(e, s->node);
}

void sup_settle(struct engine *e, uint32_t n)
{
	if (e->node[n].state == CHILD_RESTARTING && node_sup(e, n)->phase == PHASE_IDLE)
		child_enter(e, n, CHILD_RUNNING, WHY_READY);
}

/* ---- boot (rule 2) */

void sup_boot(struct engine *e, uint32_t n)
{
	struct sup *s = node_sup(e, n);

	assert(s->phase == PHASE_DOWN && s->live == 0);
	intensity_clear(&s->window);
	s->brutal = s->concurrent = s->rewind = s->refuse = false;
	s->starting = 0;
	sup_enter_phase(e, s, PHASE_RESET, e->node[n].first);
}

/* "From its configured spec and from zero": what was removed comes back, what was added is gone. */
static void advance_reset(struct engine *e, struct sup *s)
{
	while (s->cursor != ENGINE_NONE) {
		uint32_t c = s->cursor;

		if (!actions_have_room(e)) {
			work_push(e, s->node);
			return;
		}
		s->cursor = e->node[c].next;
		e->node[c].streak = 0;
		e->node[c].ready = false;
		if (e->node[c].added)
			tree_remove(e, c, WHY_BOOT);
		else if (e->node[c].state != CHILD_WAITING)
			child_enter(e, c, CHILD_WAITING, WHY_BOOT);
	}
	sup_enter_phase(e, s, PHASE_BOOT, e->node[s->node].first);
}

static bool boots_concurrently(const struct engine *e, const struct sup *s)
{
	return node_sup_spec(e, s->node)->start == START_CONCURRENT;
}

/* Starts all that are left, in order, none waiting for another (rule 11). */
static void boot_all(struct engine *e, struct sup *s)
{
	while (s->cursor != ENGINE_NONE) {
		uint32_t c = s->cursor;

		if (!actions_have_room(e)) {
			work_push(e, s->node);
			return;
		}
		s->cursor = e->node[c].next;
		s->starting++;
		child_start(e, c, WHY_BOOT);
	}
}

static void advance_boot(struct engine *e, struct sup *s)
{
	uint32_t n = s->node;

	if (boots_concurrently(e, s))
		boot_all(e, s);
	if (s->waiting || s->starting > 0 || (s->cursor != ENGINE_NONE && boots_concurrently(e, s)))
		return;
	if (s->cursor != ENGINE_NONE) {
		s->waiting = true;
		child_start(e, s->cursor, WHY_BOOT);
		return;
	}
	e->node[n].ready = true;
	sup_enter_phase(e, s, PHASE_IDLE, ENGINE_NONE);
	child_enter(e, n, CHILD_RUNNING, WHY_READY);
	sup_child_is_up(e, n);
}

/* ---- notices from below */

void sup_child_is_up(struct engine *e, uint32_t n)
{
	struct sup *s = parent_sup(e, n);

	if (!s)
		command_root_done(e, RESULT_OK);
	if (s && s->phase == PHASE_BOOT && s->starting > 0) {
		s->starting--;
		work_push(e, s->node);
		return;
	}
	if (!s || !s->waiting || s->cursor != n)
		return;
	switch ((enum phase)s->phase) {
	case PHASE_BOOT:
		sup_enter_phase(e, s, PHASE_BOOT, e->node[n].next);
		break;
	case PHASE_GROUP_START:
		if (n == s->subject)
			command_round_over(e, s, n, RESULT_OK);
		sup_enter_phase(e, s, PHASE_GROUP_START, sup_round_next(e, s, n));
		break;
	case PHASE_COMMAND:
		command_child_up(e, s, n);
		break;
	case PHASE_DOWN:
	case PHASE_RESET:
	case PHASE_IDLE:
	case PHASE_GROUP_STOP:
	case PHASE_ENDING:
		break;
	}
}

/* A stop by command took over from a start: the boot or the round goes on without it. */
static void start_was_taken_over(struct engine *e, struct sup *s, uint32_t n)
{
	if (s->phase == PHASE_BOOT && s->starting > 0) {
		s->starting--;
		work_push(e, s->node);
	} else if (s->phase == PHASE_BOOT && s->waiting && s->cursor == n) {
		sup_enter_phase(e, s, PHASE_BOOT, e->node[n].next);
	} else if (s->phase == PHASE_GROUP_START && s->waiting && s->cursor == n) {
		sup_enter_phase(e, s, PHASE_GROUP_START, sup_round_next(e, s, n));
	}
}

void sup_child_is_down(struct engine *e, uint32_t n)
{
	struct sup *s = parent_sup(e, n);

	if (!s) {
		command_root_done(e, RESULT_INVALID_STATE);
		if (e->node[n].state != CHILD_PARKED)
			finish(e, 0);
		return;
	}
	if (s->command != ENGINE_NONE)
		command_child_down(e, s, n);
	start_was_taken_over(e, s, n);
	if (s->phase != PHASE_GROUP_STOP && s->phase != PHASE_ENDING)
		return;
	if (s->cursor == n)
		s->waiting = false;
	work_push(e, s->node);
	if (s->phase == PHASE_ENDING && e->node[n].added && e->node[n].used) {
		if (s->cursor == n)
			s->cursor = e->node[n].prev;
		tree_remove(e, n, (enum why)s->why);
	}
}

void sup_child_start_failed(struct engine *e, uint32_t n)
{
	struct sup *s = parent_sup(e, n);

	if (!s)
		command_root_done(e, RESULT_START_FAILED);
	if (!s && sup_parks_when_boot_fails(e, n)) {
		sup_park(e, n);
		return;
	}
	if (!s) {
		child_enter(e, n, CHILD_FAILED, WHY_START_FAILED);
		finish(e, 1);
		return;
	}
	switch ((enum phase)s->phase) {
	case PHASE_BOOT:
		child_enter(e, n, CHILD_FAILED, WHY_START_FAILED);
		s->waiting = false;
		sup_end(e, s->node, ENDING_BOOT_FAILED, WHY_START_FAILED, false);
		break;
	case PHASE_GROUP_START:
		sup_round_failed(e, s, n);
		break;
	case PHASE_COMMAND:
		command_child_failed(e, s, n);
		break;
	case PHASE_DOWN:
	case PHASE_RESET:
	case PHASE_IDLE:
	case PHASE_GROUP_STOP:
	case PHASE_ENDING:
		child_enter(e, n, CHILD_FAILED, WHY_START_FAILED);
		sup_child_is_down(e, n);
		break;
	}
}

void sup_child_died(struct engine *e, uint32_t n)
{
	struct sup *s = parent_sup(e, n);

	if (!s)
		finish(e, node_sup(e, n)->ending == ENDING_AUTO_SHUTDOWN
				  ? status_of(&node_sup(e, n)->cause)
				  : 1);
	else if (s->phase == PHASE_ENDING)
		sup_child_is_down(e, n);
	else
		queue_push(e, s->node, n, QUEUED_EXIT);
}

/* ---- one unit of work */

static void advance_idle(struct engine *e, struct sup *s)
{
	while (s->phase == PHASE_IDLE) {
		enum queued kind;
		uint32_t item;

		if (!actions_have_room(e)) {
			work_push(e, s->node);
			return;
		}
		item = queue_pop(e, s->node, &kind);
		if (item == ENGINE_NONE)
			return;
		switch (kind) {
		case QUEUED_EXIT:
			sup_handle_exit(e, s, item);
			break;
		case QUEUED_RETRY:
			sup_restart_round(e, s, item);
			break;
		case QUEUED_GO:
			sup_begin_round(e, s, item, e->now_ms);
			break;
		case QUEUED_UNPARK:
			sup_enter_phase(e, s, PHASE_COMMAND, item);
			s->waiting = true;
			child_start(e, item, WHY_RESTART);
			break;
		case QUEUED_COMMAND:
			command_run(e, s->node, item - e->capacity);
			break;
		case QUEUED_NOT:
			UNREACHABLE();
		}
	}
}

void sup_advance(struct engine *e, uint32_t n)
{
	struct sup *s = node_sup(e, n);

	switch ((enum phase)s->phase) {
	case PHASE_RESET:
		advance_reset(e, s);
		break;
	case PHASE_BOOT:
		advance_boot(e, s);
		break;
	case PHASE_IDLE:
		advance_idle(e, s);
		break;
	case PHASE_GROUP_STOP:
		sup_advance_group_stop(e, s);
		break;
	case PHASE_GROUP_START:
		sup_advance_group_start(e, s);
		break;
	case PHASE_ENDING:
		sup_advance_ending(e, s);
		break;
	case PHASE_DOWN:
	case PHASE_COMMAND:
		break;
	}
}
