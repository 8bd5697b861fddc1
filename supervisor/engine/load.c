/* load.c - an engine from a block of engine_save.
 *
 * The block is not trusted: its checksum, its sizes, every number and every word of an enum are
 * checked before they are used, and in the end whether the states agree with each other. A block
 * that is refused leaves nothing behind. */
#include <string.h>

#include "supervisor/engine/load.h"

bool load_bad(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return false;
}

bool load_take(struct reader *r, void *ret, size_t n)
{
	if ((size_t)(r->end - r->at) < n)
		return load_bad(r, "a section is cut off");
	memcpy(ret, r->at, n);
	r->at += n;
	return true;
}

bool load_take_row_number(struct reader *r, uint32_t *ret)
{
	if (!load_take(r, ret, sizeof(*ret)))
		return false;
	return *ret < r->header.rows || load_bad(r, "a row number is out of range");
}

/* ---- the header */

static bool take_header(struct reader *r, const struct spec *spec, const void *buf, size_t size)
{
	struct saved_header *h = &r->header;

	r->at = buf;
	r->end = r->at + size;
	if (size < sizeof(*h) || !load_take(r, h, sizeof(*h)))
		return load_bad(r, "it is too short");
	if (h->magic != SAVED_MAGIC)
		return load_bad(r, "it is no saved engine");
	if (h->version != SAVED_VERSION)
		return load_bad(r, "it is of another version");
	if (h->size != size)
		return load_bad(r, "its size is wrong");
	if (h->checksum !=
		saved_checksum((const char *)buf + SAVED_CHECKED_FROM, size - SAVED_CHECKED_FROM))
		return load_bad(r, "its checksum is wrong");
	if (h->spec_size != spec->size || h->nodes != spec->nodes ||
		h->spec_checksum != saved_checksum(spec, spec->size))
		return load_bad(r, "it belongs to another specification");
	if (h->capacity < h->nodes || h->capacity > 2u * SPEC_NODES_MAX || h->rows < h->nodes ||
		h->rows > h->capacity || h->commands > COMMANDS_MAX ||
		(h->root_command != ENGINE_NONE && h->root_command >= COMMANDS_MAX) ||
		(uint64_t)h->added + h->free + h->freed != h->rows - h->nodes || h->random == 0 ||
		h->time_due > 1 || h->finished > 1)
		return load_bad(r, "its header is wrong");
	return true;
}

/* ---- rows */

struct saved_row load_saved_row(const struct reader *r, uint32_t n)
{
	struct saved_row row;

	memcpy(&row, r->rows + (size_t)n * sizeof(row), sizeof(row));
	return row;
}

static bool row_is_valid(const struct saved_row *row)
{
	bool live = row->flags & SAVED_LIVE;
	bool spawned = row->flags & SAVED_SPAWNED;

	return !(row->flags & ~(uint32_t)SAVED_FLAGS) && row->state < CHILD_STATE_COUNT &&
	       row->why < WHY_COUNT && row->fate <= FATE_NEXT && row->stop_to < CHILD_STATE_COUNT &&
	       row->end.kind <= END_UNHEALTHY && row->part <= PART_AFTER_STOP &&
	       (live || !spawned) && (spawned || !(row->flags & SAVED_LEADER)) &&
	       row->deadline_ms != ENGINE_NEVER;
}

struct end load_end(const struct saved_end *end)
{
	return (struct end){.kind = end->kind, .stage = end->stage, .value = end->value};
}

static void load_node(struct engine *e, uint32_t n, const struct saved_row *row)
{
	struct node *node = &e->node[n];
	uint32_t parent = node->parent;

	node->streak = row->streak;
	node->since_ms = row->since_ms;
	node->restarts = row->restarts;
	node->end = load_end(&row->end);
	node->state = row->state;
	node->why = row->why;
	node->fate = row->fate;
	node->stop_to = row->stop_to;
	node->task = row->flags & SAVED_TASK;
	node->live = row->flags & SAVED_LIVE;
	node->spawned = row->flags & SAVED_SPAWNED;
	node->leader = row->flags & SAVED_LEADER;
	node->killed = row->flags & SAVED_KILLED;
	node->ready = row->flags & SAVED_READY;
	node->end_is_set = row->flags & SAVED_END_IS_SET;
	node->ran = row->flags & SAVED_RAN;
	node->part = row->part;
	node->watchdog_ms = row->watchdog_ms;
	node->ping_ms = row->ping_ms;
	if (node->live && parent != ENGINE_NONE)
		node_sup(e, parent)->live++;
}

static bool load_rows(struct engine *e, struct reader *r)
{
	r->rows = r->at;
	for (uint32_t n = 0; n < r->header.rows; n++) {
		struct saved_row row;
		bool configured = n < r->header.nodes;

		if (!load_take(r, &row, sizeof(row)))
			return false;
		if (!row_is_valid(&row))
			return load_bad(r, "a row is wrong");
		if (configured && (!(row.flags & SAVED_USED) != !e->node[n].used ||
					  (row.flags & SAVED_ADDED)))
			return load_bad(r, "a configured row is wrong");
		if (!configured && !(row.flags & SAVED_USED) != !(row.flags & SAVED_ADDED))
			return load_bad(r, "an added row is wrong");
		e->node[n].generation = row.generation;
		e->node[n].stamp = row.stamp;
		if (e->node[n].used)
			load_node(e, n, &row);
	}
	return true;
}

bool load_addition_is_valid(const struct addition *add)
{
	return add->spec && add->name && add->node < add->spec->nodes &&
	       spec_node(add->spec, add->node)->kind == KIND_PROCESS;
}

static bool load_addition(struct engine *e, struct reader *r, uint32_t n)
{
	struct saved_row row = load_saved_row(r, n);
	struct addition add = {0};

	if (n < r->header.nodes || !(row.flags & SAVED_USED) || e->node[n].used ||
		row.parent >= r->header.nodes || !e->node[row.parent].used ||
		!node_is_sup(e, row.parent))
		return load_bad(r, "an addition is wrong");
	if (!r->addition || !r->addition(r->context, n, 0, &add) || !load_addition_is_valid(&add))
		return load_bad(r, "an addition is not known any more");
	/* The next free row is this one. */
	e->free_node = n;
	e->node[n].hash_next = ENGINE_NONE;
	if (tree_add(e, row.parent, &add) != n)
		return load_bad(r, "an addition is wrong");
	load_node(e, n, &row);
	return true;
}

/* Appends to the list at *first the rows that follow. */
static bool load_free(struct engine *e, struct reader *r, uint32_t count, uint32_t *first)
{
	uint32_t *end = first;

	*first = ENGINE_NONE;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t n;

		if (!load_take_row_number(r, &n))
			return false;
		/* work_next marks those that are in a list: it is 0 in a row never used. */
		if (n < r->header.nodes || e->node[n].used || e->node[n].work_next == ENGINE_NONE)
			return load_bad(r, "a free row is wrong");
		e->node[n].work_next = ENGINE_NONE;
		e->node[n].hash_next = ENGINE_NONE;
		*end = n;
		end = &e->node[n].hash_next;
	}
	return true;
}

static bool load_lists(struct engine *e, struct reader *r)
{
	for (uint32_t i = 0; i < r->header.added; i++) {
		uint32_t n = ENGINE_NONE;

		if (!load_take_row_number(r, &n) || !load_addition(e, r, n))
			return false;
	}
	e->fresh_node = r->header.rows;
	return load_free(e, r, r->header.free, &e->free_node) &&
	       load_free(e, r, r->header.freed, &e->freed_node);
}

static bool load_all(struct engine *e, struct reader *r)
{
	e->now_ms = r->header.now_ms;
	e->random = r->header.random;
	e->time_due = r->header.time_due;
	e->finished = r->header.finished;
	if (!load_rows(e, r) || !load_lists(e, r) || !load_sups(e, r) || !load_commands(e, r))
		return false;
	if (!load_queues(e, r) || !load_work(e, r) || !load_deadlines(e, r))
		return false;
	return r->at == r->end || load_bad(r, "something stands behind its end");
}

struct engine *engine_load(const struct spec *spec, const void *buf, size_t size,
	engine_addition *addition, void *context, const char **ret_why)
{
	struct reader r = {.addition = addition, .context = context};
	struct engine *e = NULL;

	if (take_header(&r, spec, buf, size)) {
		e = engine_new(spec, r.header.capacity, 1);
		if (!e)
			(void)load_bad(&r, "memory ran out");
		else
			(void)load_all(e, &r);
	}
	if (r.why) {
		engine_free(e);
		e = NULL;
		*ret_why = r.why;
	}
	return e;
}
