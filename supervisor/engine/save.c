/* save.c - the whole state as one flat block, and a copy of an engine.
 *
 * Between two steps an engine is nothing but its arrays, which name each other by number. */
#include <assert.h>
#include <string.h>

#include "supervisor/engine/internal.h"
#include "supervisor/engine/saved.h"

/* Counts all that is put, and copies what there is room for. */
struct writer {
	char *buf;
	size_t size;
	size_t n;
};

static void put(struct writer *w, const void *data, size_t n)
{
	if (w->n + n <= w->size)
		memcpy(w->buf + w->n, data, n);
	w->n += n;
}

static void put_number(struct writer *w, uint32_t number)
{
	put(w, &number, sizeof(number));
}

static struct saved_end save_end(const struct end *end)
{
	return (struct saved_end){.kind = end->kind, .stage = end->stage, .value = end->value};
}

static uint32_t flag(bool is, uint32_t bit)
{
	return is ? bit : 0;
}

static void save_row(struct writer *w, const struct node *node)
{
	struct saved_row row = {.generation = node->generation, .stamp = node->stamp};

	if (node->used) {
		bool due = node->heap_at != ENGINE_NONE;

		row.flags = SAVED_USED | flag(node->added, SAVED_ADDED) |
			    flag(node->task, SAVED_TASK) | flag(node->live, SAVED_LIVE) |
			    flag(node->spawned, SAVED_SPAWNED) | flag(node->leader, SAVED_LEADER) |
			    flag(node->killed, SAVED_KILLED) | flag(node->ready, SAVED_READY) |
			    flag(due, SAVED_DEADLINE) | flag(node->end_is_set, SAVED_END_IS_SET) |
			    flag(node->ran, SAVED_RAN);
		row.part = node->part;
		row.watchdog_ms = node->watchdog_ms;
		row.ping_ms = node->ping_ms;
		row.parent = node->added ? node->parent : 0;
		row.streak = node->streak;
		row.state = node->state;
		row.why = node->why;
		row.fate = node->fate;
		row.stop_to = node->stop_to;
		row.end = save_end(&node->end);
		row.deadline_ms = due ? node->deadline_ms : 0;
		row.since_ms = node->since_ms;
		row.restarts = node->restarts;
	}
	put(w, &row, sizeof(row));
}

static uint32_t save_added(struct writer *w, const struct engine *e)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->nsups; i++) {
		uint32_t c = e->node[e->sup[i].node].last;

		/* Additions stand behind the configured children. */
		while (c != ENGINE_NONE && e->node[c].added && e->node[c].prev != ENGINE_NONE &&
			e->node[e->node[c].prev].added)
			c = e->node[c].prev;
		for (; c != ENGINE_NONE && e->node[c].added; c = e->node[c].next, n++)
			put_number(w, c);
	}
	return n;
}

static uint32_t save_free(struct writer *w, const struct engine *e, uint32_t first)
{
	uint32_t n = 0;

	for (uint32_t row = first; row != ENGINE_NONE; row = e->node[row].hash_next, n++)
		put_number(w, row);
	return n;
}

static void save_sup(struct writer *w, const struct sup *s)
{
	bool round = s->phase == PHASE_GROUP_STOP || s->phase == PHASE_GROUP_START;
	struct saved_sup saved = {
		.cursor = s->cursor,
		/* What is left of an earlier round may name a row that has gone. */
		.subject = round ? s->subject : ENGINE_NONE,
		.starting = s->starting,
		.command = s->command,
		.round_command = s->round_command,
		.window = s->window.n,
		.phase = s->phase,
		.ending = s->ending,
		.why = s->why,
		.flags = (uint8_t)(flag(s->single, SAVED_SINGLE) | flag(s->waiting, SAVED_WAITING) |
				   flag(s->brutal, SAVED_BRUTAL) |
				   flag(s->concurrent, SAVED_CONCURRENT) |
				   flag(s->rewind, SAVED_REWIND) | flag(s->refuse, SAVED_REFUSE)),
		.go_at_ms = s->go_at_ms,
		.cause = save_end(&s->cause),
	};

	put(w, &saved, sizeof(saved));
}

static uint32_t save_times(struct writer *w, const struct window *window)
{
	for (uint32_t i = 0; i < window->n; i++)
		put(w, &window->at[(window->first + i) % window->intensity], sizeof(int64_t));
	return window->n;
}

static uint32_t save_commands(struct writer *w, const struct engine *e)
{
	uint32_t n = 0;

	for (uint32_t slot = 0; slot < COMMANDS_MAX; slot++) {
		const struct command_slot *c = &e->command[slot];
		struct saved_command saved = {.token = c->command.token,
			.slot = slot,
			.index = c->command.index,
			.kind = c->command.kind,
			.stamp = c->stamp};

		if (!c->used)
			continue;
		put(w, &saved, sizeof(saved));
		n++;
	}
	return n;
}

static uint32_t save_queue(struct writer *w, const struct engine *e, const struct sup *s)
{
	uint32_t n = 0;

	for (uint32_t item = s->queue_first; item != ENGINE_NONE; item = e->item[item].next, n++) {
		struct saved_item saved = {
			.sup = s->node, .item = item, .kind = e->item[item].kind};

		put(w, &saved, sizeof(saved));
	}
	return n;
}

static uint32_t save_work(struct writer *w, const struct engine *e)
{
	uint32_t n = 0;

	for (uint32_t at = e->work_first; at != ENGINE_NONE; at = e->node[at].work_next, n++)
		put_number(w, at);
	return n;
}

size_t engine_save(const struct engine *e, void *buf, size_t size)
{
	struct writer w = {.buf = buf, .size = size, .n = sizeof(struct saved_header)};
	struct saved_header header = {.magic = SAVED_MAGIC,
		.version = SAVED_VERSION,
		.spec_size = e->spec->size,
		.now_ms = e->now_ms,
		.random = e->random,
		.nodes = e->spec->nodes,
		.capacity = e->capacity,
		.rows = e->fresh_node,
		.sups = e->nsups,
		.root_command = e->root_command,
		.time_due = e->time_due,
		.finished = e->finished};

	assert(e->action_n == 0);
	for (uint32_t i = 0; i < e->fresh_node; i++)
		save_row(&w, &e->node[i]);
	header.added = save_added(&w, e);
	header.free = save_free(&w, e, e->free_node);
	header.freed = save_free(&w, e, e->freed_node);
	for (uint32_t i = 0; i < e->nsups; i++)
		save_sup(&w, &e->sup[i]);
	for (uint32_t i = 0; i < e->nsups; i++)
		header.times += save_times(&w, &e->sup[i].window);
	header.commands = save_commands(&w, e);
	for (uint32_t i = 0; i < e->nsups; i++)
		header.queued += save_queue(&w, e, &e->sup[i]);
	header.work = save_work(&w, e);
	header.size = w.n;
	if (w.n > size)
		return w.n;
	header.spec_checksum = saved_checksum(e->spec, e->spec->size);
	memcpy(buf, &header, sizeof(header));
	header.checksum = saved_checksum(w.buf + SAVED_CHECKED_FROM, w.n - SAVED_CHECKED_FROM);
	memcpy(buf, &header, sizeof(header));
	return w.n;
}

/* ---- a copy */

static void copy_arrays(struct engine *to, const struct engine *from)
{
	int64_t *times = to->times;

	memcpy(to->node, from->node, from->capacity * sizeof(*to->node));
	memcpy(to->item, from->item, ((size_t)from->capacity + COMMANDS_MAX) * sizeof(*to->item));
	memcpy(to->sup, from->sup, from->nsups * sizeof(*to->sup));
	memcpy(to->heap, from->heap, from->heap_n * sizeof(*to->heap));
	memcpy(to->hash, from->hash, ((size_t)from->hash_mask + 1) * sizeof(*to->hash));
	memcpy(to->command, from->command, COMMANDS_MAX * sizeof(*to->command));
	for (uint32_t i = 0; i < to->nsups; i++) {
		struct window *window = &to->sup[i].window;

		memcpy(times, from->sup[i].window.at, window->intensity * sizeof(*times));
		window->at = times;
		times += window->intensity;
	}
}

struct engine *engine_clone(const struct engine *e)
{
	struct engine *clone = engine_new(e->spec, e->capacity, 1);
	struct engine own;

	assert(e->action_n == 0);
	if (!clone)
		return NULL;
	own = *clone;
	*clone = *e;
	clone->node = own.node;
	clone->item = own.item;
	clone->sup = own.sup;
	clone->heap = own.heap;
	clone->hash = own.hash;
	clone->times = own.times;
	clone->command = own.command;
	copy_arrays(clone, e);
	return clone;
}
