/* tree.c - nodes, names and paths.
 *
 * Node i of the configuration is row i of the engine, so the root is row 0. Names hang in a hash by
 * the last part of the path, since that is what people type; a longer path is compared upwards from
 * there. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "supervisor/engine/internal.h"

/* FNV-1a. */
static uint32_t hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 16777619u;
	return h;
}

static uint32_t *bucket_of(const struct engine *e, const char *name, size_t len)
{
	return &e->hash[hash_name(name, len) & e->hash_mask];
}

static void hash_add(struct engine *e, uint32_t n)
{
	const char *name = e->node[n].name;
	uint32_t *bucket = bucket_of(e, name, strlen(name));

	e->node[n].hash_next = *bucket;
	*bucket = n;
}

static void hash_remove(struct engine *e, uint32_t n)
{
	const char *name = e->node[n].name;
	uint32_t *at = bucket_of(e, name, strlen(name));

	while (*at != n)
		at = &e->node[*at].hash_next;
	*at = e->node[n].hash_next;
}

static void link_last(struct engine *e, uint32_t parent, uint32_t n)
{
	struct node *p = &e->node[parent];

	e->node[n].prev = p->last;
	if (p->last == ENGINE_NONE)
		p->first = n;
	else
		e->node[p->last].next = n;
	p->last = n;
}

static void unlink_node(struct engine *e, uint32_t n)
{
	struct node *node = &e->node[n];
	struct node *p = &e->node[node->parent];

	if (node->prev == ENGINE_NONE)
		p->first = node->next;
	else
		e->node[node->prev].next = node->next;
	if (node->next == ENGINE_NONE)
		p->last = node->prev;
	else
		e->node[node->next].prev = node->prev;
}

static void sup_init(struct engine *e, uint32_t n, int64_t **times)
{
	const struct sup_spec *spec = node_sup_spec(e, n);

	e->node[n].sup = e->nsups;
	e->sup[e->nsups++] = (struct sup){
		.node = n,
		.cursor = ENGINE_NONE,
		.subject = ENGINE_NONE,
		.queue_first = ENGINE_NONE,
		.queue_last = ENGINE_NONE,
		.command = ENGINE_NONE,
		.round_command = ENGINE_NONE,
		.phase = PHASE_DOWN,
		.window = {.at = *times,
			.intensity = spec->intensity,
			.period_ms = spec->period_ms},
	};
	*times += spec->intensity;
}

static void node_init(struct engine *e, uint32_t n, const struct spec *spec, uint32_t spec_node)
{
	struct node *node = &e->node[n];

	*node = (struct node){.spec = spec,
		.spec_node = spec_node,
		.parent = ENGINE_NONE,
		.first = ENGINE_NONE,
		.last = ENGINE_NONE,
		.next = ENGINE_NONE,
		.prev = ENGINE_NONE,
		.hash_next = ENGINE_NONE,
		.sup = ENGINE_NONE,
		/* Never those of the row's earlier entries: their late events must find nobody. */
		.generation = node->generation,
		.stamp = node->stamp,
		.heap_at = ENGINE_NONE,
		.work_next = ENGINE_NONE,
		.state = CHILD_WAITING,
		.used = true};
}

/* The template of a dynamic supervisor is no child: its row stays empty. */
static bool is_template(const struct spec *spec, uint32_t i)
{
	uint32_t parent = spec_node(spec, i)->parent;

	return parent != SPEC_NONE && spec_node(spec, parent)->kind == KIND_DYNAMIC;
}

void tree_build(struct engine *e)
{
	int64_t *times = e->times;

	e->free_node = e->freed_node = ENGINE_NONE;
	e->fresh_node = e->spec->nodes;
	for (uint32_t i = 0; i < e->spec->nodes; i++) {
		const struct spec_node *spec = spec_node(e->spec, i);

		if (is_template(e->spec, i))
			continue;
		node_init(e, i, e->spec, i);
		e->node[i].name = spec_str(e->spec, spec->name);
		hash_add(e, i);
		if (spec->kind != KIND_PROCESS)
			sup_init(e, i, &times);
		if (i == SPEC_ROOT)
			continue;
		e->node[i].parent = spec->parent;
		link_last(e, spec->parent, i);
	}
}

static uint32_t take_row(struct engine *e)
{
	uint32_t n = e->free_node;

	if (n != ENGINE_NONE)
		e->free_node = e->node[n].hash_next;
	else if (e->fresh_node < e->capacity)
		n = e->fresh_node++;
	return n;
}

uint32_t tree_add(struct engine *e, uint32_t parent, const struct addition *add)
{
	uint32_t n = take_row(e);

	if (n == ENGINE_NONE)
		return ENGINE_NONE;
	node_init(e, n, add->spec, add->node);
	e->node[n].name = add->name;
	e->node[n].extra = add->extra;
	e->node[n].task = add->task;
	e->node[n].added = true;
	e->node[n].parent = parent;
	e->node[n].why = WHY_OPERATOR;
	e->node[n].since_ms = e->now_ms;
	link_last(e, parent, n);
	hash_add(e, n);
	node_sup(e, parent)->added++;
	return n;
}

void tree_remove(struct engine *e, uint32_t n, enum why why)
{
	struct node *node = &e->node[n];

	assert(!node->live && node->heap_at == ENGINE_NONE && e->item[n].kind == QUEUED_NOT);
	child_enter(e, n, CHILD_REMOVED, why);
	node->stamp++;
	if (!node->added)
		return;
	node_sup(e, node->parent)->added--;
	unlink_node(e, n);
	hash_remove(e, n);
	node->used = false;
	node->hash_next = e->freed_node;
	e->freed_node = n;
}

void tree_recycle(struct engine *e)
{
	while (e->freed_node != ENGINE_NONE) {
		uint32_t n = e->freed_node;

		e->freed_node = e->node[n].hash_next;
		e->node[n].hash_next = e->free_node;
		e->free_node = n;
	}
}

uint32_t tree_child(const struct engine *e, uint32_t parent, const char *name)
{
	for (uint32_t n = *bucket_of(e, name, strlen(name)); n != ENGINE_NONE;
		n = e->node[n].hash_next)
		if (e->node[n].parent == parent && e->node[n].state != CHILD_REMOVED &&
			strcmp(e->node[n].name, name) == 0)
			return n;
	return ENGINE_NONE;
}

bool tree_has(const struct engine *e, uint32_t n)
{
	if (!e->node[n].used)
		return false;
	while (n != ENGINE_NONE && e->node[n].state != CHILD_REMOVED)
		n = e->node[n].parent;
	return n == ENGINE_NONE;
}

/* Does the path of n end with the `len` bytes at path, at a boundary between names? *ret_whole: it
 * is all of it. */
static bool path_ends_with(
	const struct engine *e, uint32_t n, const char *path, size_t len, bool *ret_whole)
{
	for (;;) {
		const char *name = e->node[n].name;
		size_t name_len = strlen(name);

		if (n == SPEC_ROOT || name_len > len ||
			memcmp(path + len - name_len, name, name_len) != 0)
			return false;
		len -= name_len;
		n = e->node[n].parent;
		if (len == 0) {
			*ret_whole = n == SPEC_ROOT;
			return true;
		}
		if (path[--len] != '/')
			return false;
	}
}

/* Rows of the configuration are numbered in tree order. */
static void insert_sorted(uint32_t *list, uint32_t n, uint32_t value)
{
	while (n > 0 && list[n - 1] > value) {
		list[n] = list[n - 1];
		n--;
	}
	list[n] = value;
}

int engine_find(const struct engine *e, const char *path, uint32_t *ret_index,
	uint32_t *ret_candidates, uint32_t max, uint32_t *ret_n)
{
	size_t len = strlen(path);
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	uint32_t found = ENGINE_NONE;
	uint32_t matches = 0;

	if (strcmp(path, "/") == 0) {
		*ret_index = SPEC_ROOT;
		return 0;
	}
	for (uint32_t n = *bucket_of(e, name, strlen(name)); n != ENGINE_NONE;
		n = e->node[n].hash_next) {
		bool whole;

		if (!tree_has(e, n) || !path_ends_with(e, n, path, len, &whole))
			continue;
		if (whole) {
			*ret_index = n;
			return 0;
		}
		if (ret_candidates && matches < max)
			insert_sorted(ret_candidates, matches, n);
		found = n;
		matches++;
	}
	if (matches == 0)
		return -ENOENT;
	if (matches > 1) {
		if (ret_n)
			*ret_n = matches;
		return -ENOTUNIQ;
	}
	*ret_index = found;
	return 0;
}

int engine_path(const struct engine *e, uint32_t index, char *buf, size_t size)
{
	size_t len = 0;
	size_t at;

	if (index == SPEC_ROOT) {
		if (size < 2)
			return -ENAMETOOLONG;
		memcpy(buf, "/", 2);
		return 1;
	}
	for (uint32_t n = index; n != SPEC_ROOT; n = e->node[n].parent)
		len += strlen(e->node[n].name) + 1;
	if (len > size)
		return -ENAMETOOLONG;
	at = len;
	for (uint32_t n = index; n != SPEC_ROOT; n = e->node[n].parent) {
		const char *name = e->node[n].name;
		size_t name_len = strlen(name);

		buf[--at] = n == index ? '\0' : '/';
		at -= name_len;
		memcpy(buf + at, name, name_len);
	}
	return (int)len - 1;
}

uint32_t engine_capacity(const struct engine *e)
{
	return e->capacity;
}

static int64_t next_try_ms(const struct engine *e, uint32_t n)
{
	if (e->node[n].heap_at != ENGINE_NONE)
		return e->node[n].deadline_ms;
	return e->item[n].kind == QUEUED_NOT ? ENGINE_NEVER : e->now_ms;
}

static int64_t window_end_ms(const struct window *w)
{
	return w->n == 0 ? 0 : w->at[(w->first + w->n - 1) % w->intensity] + w->period_ms;
}

bool engine_view(const struct engine *e, uint32_t index, struct view *ret_view)
{
	const struct node *node = &e->node[index];
	const struct spec_node *spec;

	assert(index < e->capacity);
	if (!node->used)
		return false;
	spec = spec_node(node->spec, node->spec_node);
	*ret_view = (struct view){
		.ref = {index, node->generation},
		.parent = node->parent,
		.first_child = node->first,
		.next_sibling = node->next,
		.prev_sibling = node->prev,
		.name = node->name,
		.extra = node->extra,
		.added = node->added,
		.task = node->task,
		.spec = node->spec,
		.node = node->spec_node,
		.kind = (enum spec_kind)spec->kind,
		.state = tree_has(e, index) ? (enum child_state)node->state : CHILD_REMOVED,
		.why = (enum why)node->why,
		.ready = node->ready,
		.end = node->end,
		.restarts = node->restarts,
		.streak = node->streak,
		.window = node->sup == ENGINE_NONE ? 0 : e->sup[node->sup].window.n,
		.since_ms = node->since_ms,
		.next_try_ms = ENGINE_NEVER,
	};
	if (node->sup != ENGINE_NONE)
		ret_view->window_end_ms = window_end_ms(&e->sup[node->sup].window);
	if (node->state == CHILD_BACKOFF || node->state == CHILD_PARKED)
		ret_view->next_try_ms = next_try_ms(e, index);
	return true;
}
