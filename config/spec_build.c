/* spec_build.c - building a specification block.
 *
 * The data (strings, lists, records) grows in one buffer behind the place of the header; the nodes
 * grow in another and are put behind the data at the end. What has been stored once is found again
 * by its bytes. Each entry of the hash keeps its own copy, since the buffer moves as it grows. */
#include "config/spec.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Alignment must not be mixed up: bytes that were stored as a string may not serve as a record. */
enum room { ROOM_STRINGS, ROOM_LISTS, ROOM_RECORDS, ROOM_COUNT };
static const size_t ROOM_ALIGN[ROOM_COUNT] = {
	[ROOM_STRINGS] = 1, [ROOM_LISTS] = sizeof(uint32_t), [ROOM_RECORDS] = sizeof(uint64_t)};
enum { NODES_ALIGN = 16 };

struct stored {
	UT_hash_handle hh;
	struct stored *before; /* all of them, the last first */
	uint32_t offset;
	unsigned char bytes[];
};

struct spec_builder {
	char *data; /* the first sizeof(struct spec) bytes are kept for the header */
	size_t size;
	size_t capacity;
	struct spec_node *nodes;
	uint32_t *last_child; /* a node */
	uint32_t n;
	uint32_t nodes_capacity;
	struct stored *stored[ROOM_COUNT];
	struct stored *last_stored;
	uint32_t runtime_dir;
	uint32_t log_uid;
	uint32_t log_gid;
	uint32_t file;
	uint32_t control;
	uint32_t sinks;
	bool failed;
};

struct spec_builder *spec_builder_new(void)
{
	struct spec_builder *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->capacity = 4096;
	b->data = calloc(1, b->capacity);
	if (b->data == NULL) {
		free(b);
		return NULL;
	}
	b->size = sizeof(struct spec);
	b->runtime_dir = SPEC_NONE;
	b->log_uid = PROC_ID_INHERIT;
	b->log_gid = PROC_ID_INHERIT;
	b->file = SPEC_NONE;
	b->control = SPEC_NONE;
	b->sinks = SPEC_NONE;
	return b;
}

void spec_builder_free(struct spec_builder *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < ROOM_COUNT; i++)
		HASH_CLEAR(hh, b->stored[i]);
	while (b->last_stored != NULL) {
		struct stored *item = b->last_stored;
		b->last_stored = item->before;
		free(item);
	}
	free(b->data);
	free(b->nodes);
	free(b->last_child);
	free(b);
}

/* Makes room for more bytes, zero. Returns false when memory, or what an offset can name, ran out.
 */
static bool reserve(struct spec_builder *b, size_t more)
{
	size_t capacity = b->capacity;
	char *data;

	if (more > UINT32_MAX / 2 || b->size + more > UINT32_MAX / 2)
		return false;
	if (b->size + more <= capacity)
		return true;
	while (capacity < b->size + more)
		capacity *= 2;
	data = realloc(b->data, capacity);
	if (data == NULL)
		return false;
	memset(data + b->capacity, 0, capacity - b->capacity);
	b->data = data;
	b->capacity = capacity;
	return true;
}

static uint32_t store_failed(struct spec_builder *b)
{
	b->failed = true;
	return SPEC_NONE;
}

static uint32_t store(struct spec_builder *b, enum room room, const void *bytes, size_t size)
{
	const size_t align = ROOM_ALIGN[room];
	struct stored *item;

	HASH_FIND(hh, b->stored[room], bytes, size, item);
	if (item != NULL)
		return item->offset;
	if (size > UINT32_MAX / 2 || !reserve(b, size + align))
		return store_failed(b);
	item = malloc(sizeof(*item) + size);
	if (item == NULL)
		return store_failed(b);
	memcpy(item->bytes, bytes, size);
	b->size = (b->size + align - 1) / align * align;
	item->offset = (uint32_t)b->size;
	HASH_ADD_KEYPTR(hh, b->stored[room], item->bytes, size, item);
	if (item->hh.tbl == NULL) {
		free(item);
		return store_failed(b);
	}
	item->before = b->last_stored;
	b->last_stored = item;
	memcpy(b->data + b->size, bytes, size);
	b->size += size;
	return item->offset;
}

uint32_t spec_add_str(struct spec_builder *b, const char *text)
{
	return store(b, ROOM_STRINGS, text, strlen(text) + 1);
}

uint32_t spec_add_numbers(struct spec_builder *b, const uint32_t *numbers, size_t n)
{
	uint32_t *list;
	uint32_t offset;

	if (n > UINT32_MAX / 2 / sizeof(*list) - 1)
		return store_failed(b);
	list = malloc((n + 1) * sizeof(*list));
	if (list == NULL)
		return store_failed(b);
	list[0] = (uint32_t)n;
	if (n > 0)
		memcpy(list + 1, numbers, n * sizeof(*list));
	offset = store(b, ROOM_LISTS, list, (n + 1) * sizeof(*list));
	free(list);
	return offset;
}

uint32_t spec_add_strs(struct spec_builder *b, const char *const *strs, size_t n)
{
	uint32_t *offsets = calloc(n + 1, sizeof(*offsets));
	uint32_t list;

	if (offsets == NULL)
		return store_failed(b);
	for (size_t i = 0; i < n; i++)
		offsets[i] = spec_add_str(b, strs[i]);
	list = spec_add_numbers(b, offsets, n);
	free(offsets);
	return list;
}

uint32_t spec_add_child(struct spec_builder *b, const struct child_spec *child)
{
	return store(b, ROOM_RECORDS, child, sizeof(*child));
}

uint32_t spec_add_sup(struct spec_builder *b, const struct sup_spec *sup)
{
	return store(b, ROOM_RECORDS, sup, sizeof(*sup));
}

uint32_t spec_add_proc(struct spec_builder *b, const struct proc_spec *proc)
{
	return store(b, ROOM_RECORDS, proc, sizeof(*proc));
}

uint32_t spec_add_health(struct spec_builder *b, const struct health_spec *health)
{
	return store(b, ROOM_RECORDS, health, sizeof(*health));
}

uint32_t spec_add_log(struct spec_builder *b, const struct log_spec *log)
{
	return store(b, ROOM_RECORDS, log, sizeof(*log));
}

uint32_t spec_add_surroundings(struct spec_builder *b, const struct surroundings_spec *surroundings)
{
	return store(b, ROOM_RECORDS, surroundings, sizeof(*surroundings));
}

uint32_t spec_add_resources(struct spec_builder *b, const struct resources_spec *resources)
{
	return store(b, ROOM_RECORDS, resources, sizeof(*resources));
}

uint32_t spec_add_socket(struct spec_builder *b, const struct socket_spec *socket)
{
	return store(b, ROOM_RECORDS, socket, sizeof(*socket));
}

uint32_t spec_add_sandbox(struct spec_builder *b, const struct sandbox_spec *sandbox)
{
	return store(b, ROOM_RECORDS, sandbox, sizeof(*sandbox));
}

uint32_t spec_add_setting(struct spec_builder *b, const struct setting_spec *setting)
{
	return store(b, ROOM_RECORDS, setting, sizeof(*setting));
}

static bool reserve_node(struct spec_builder *b)
{
	uint32_t capacity = b->nodes_capacity == 0 ? 64 : b->nodes_capacity * 2;
	struct spec_node *nodes;
	uint32_t *last_child;

	if (b->n < b->nodes_capacity)
		return true;
	if (b->n >= SPEC_NODES_MAX)
		return false;
	nodes = reallocarray(b->nodes, capacity, sizeof(*nodes));
	if (nodes == NULL)
		return false;
	b->nodes = nodes;
	last_child = reallocarray(b->last_child, capacity, sizeof(*last_child));
	if (last_child == NULL)
		return false;
	b->last_child = last_child;
	b->nodes_capacity = capacity;
	return true;
}

uint32_t spec_add_node(struct spec_builder *b, uint32_t parent, const struct spec_node *node)
{
	const uint32_t number = b->n;
	struct spec_node *to;

	if (!reserve_node(b) || (parent == SPEC_NONE) != (number == SPEC_ROOT) ||
		(parent != SPEC_NONE && parent >= number))
		return store_failed(b);
	to = &b->nodes[number];
	memset(to, 0, sizeof(*to));
	to->name = node->name;
	to->parent = parent;
	to->first_child = SPEC_NONE;
	to->next_sibling = SPEC_NONE;
	to->child = node->child;
	to->sup = node->sup;
	to->proc = node->proc;
	to->argv = node->argv;
	to->file = node->file;
	to->line = node->line;
	to->kind = node->kind;
	to->repeat = node->repeat;
	b->last_child[number] = SPEC_NONE;
	if (parent != SPEC_NONE) {
		struct spec_node *above = &b->nodes[parent];
		if (above->first_child == SPEC_NONE)
			above->first_child = number;
		else
			b->nodes[b->last_child[parent]].next_sibling = number;
		b->last_child[parent] = number;
		above->children++;
	}
	b->n++;
	return number;
}

void spec_set_runtime_dir(struct spec_builder *b, const char *dir)
{
	b->runtime_dir = spec_add_str(b, dir);
}

void spec_set_file(struct spec_builder *b, const char *file)
{
	b->file = spec_add_str(b, file);
}

void spec_set_log_user(struct spec_builder *b, uint32_t uid, uint32_t gid)
{
	b->log_uid = uid;
	b->log_gid = gid;
}

void spec_set_control(struct spec_builder *b, const struct control_spec *control)
{
	b->control = store(b, ROOM_RECORDS, control, sizeof(*control));
}

uint32_t spec_add_sink(struct spec_builder *b, const struct sink_spec *sink)
{
	return store(b, ROOM_RECORDS, sink, sizeof(*sink));
}

void spec_set_sinks(struct spec_builder *b, const uint32_t *sinks, size_t n)
{
	b->sinks = spec_add_numbers(b, sinks, n);
}

struct spec *spec_build_finish(struct spec_builder *b, size_t *ret_size)
{
	const size_t nodes_size = (size_t)b->n * sizeof(struct spec_node);
	size_t nodes_at;
	struct spec *spec;

	if (b->file == SPEC_NONE)
		spec_set_file(b, "");
	/* At least one byte between data and nodes: it ends the last string (spec_check). */
	nodes_at = (b->size + NODES_ALIGN) / NODES_ALIGN * NODES_ALIGN;
	if (b->failed || b->n == 0 || nodes_at + nodes_size > UINT32_MAX)
		return NULL;
	spec = calloc(1, nodes_at + nodes_size);
	if (spec == NULL)
		return NULL;
	memcpy(spec, b->data, b->size);
	*spec = (struct spec){
		.magic = SPEC_MAGIC,
		.version = SPEC_VERSION,
		.size = nodes_at + nodes_size,
		.nodes = b->n,
		.nodes_at = (uint32_t)nodes_at,
		.runtime_dir = b->runtime_dir,
		.file = b->file,
		.control = b->control,
		.sinks = b->sinks,
		.log_uid = b->log_uid,
		.log_gid = b->log_gid,
	};
	memcpy((char *)spec + nodes_at, b->nodes, nodes_size);
	*ret_size = spec->size;
	return spec;
}
