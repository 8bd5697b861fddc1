/* supctl_snapshot.c - reading DIR/status: checks, sequence counters, the walk of the tree, and
 * whether supd is alive. */
#include "cmd/supctl_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"

/* A writer needs well under a microsecond for a record; one that was stopped or died amid it never
 * ends. */
enum { RECORD_TRIES = 100, TREE_TRIES = 50, TREE_WAIT_NS = 1000000 };

struct mapping {
	const char *base;
	size_t size;
	const struct status_header *header;
};

/* Sizes and offsets are believed after this, nothing else is. */
static const char *mapping_check(const struct mapping *map)
{
	const struct status_header *header = map->header;

	if (map->size == 0)
		return "it is empty: supd is just starting, or could not write it";
	if (map->size < sizeof *header)
		return "it is shorter than its header";
	if (memcmp(header->magic, STATUS_MAGIC, sizeof header->magic) != 0)
		return "it is no status table of supd";
	if (header->version != STATUS_VERSION)
		return "it is of another version: supctl and supd must be of the same release";
	if (header->header_size < sizeof *header || header->header_size % 8 != 0 ||
		header->record_size < sizeof(struct status_record) || header->record_size % 8 != 0)
		return "the sizes in its header make no sense";
	if (header->header_size > map->size || header->capacity == 0 ||
		(map->size - header->header_size) / header->record_size < header->capacity)
		return "it is shorter than its header says";
	if (header->root >= header->capacity)
		return "its root lies outside of it";
	return NULL;
}

static const struct status_record *mapping_record(const struct mapping *map, uint32_t index)
{
	size_t offset = map->header->header_size + (size_t)index * map->header->record_size;

	return (const struct status_record *)(const void *)(map->base + offset);
}

/* Copies a record, consistent unless its writer is stuck amid it: then as it stands. Returns
 * whether it is consistent. */
static bool record_read(const struct mapping *map, uint32_t index, struct status_record *ret_record)
{
	const struct status_record *record = mapping_record(map, index);
	bool whole = false;

	for (int i = 0; i < RECORD_TRIES && !whole; i++) {
		uint32_t before = __atomic_load_n(&record->seq, __ATOMIC_ACQUIRE);

		memcpy(ret_record, record, sizeof *ret_record);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		whole = before % 2 == 0 &&
			__atomic_load_n(&record->seq, __ATOMIC_RELAXED) == before;
		if (!whole)
			(void)sched_yield();
	}
	ret_record->name[sizeof ret_record->name - 1] = '\0';
	ret_record->text[sizeof ret_record->text - 1] = '\0';
	return whole;
}

/* ---- the walk */

static int snapshot_grow(struct snapshot *snapshot)
{
	uint32_t capacity = snapshot->capacity ? snapshot->capacity * 2 : 64;
	struct snapshot_node *nodes;

	if (snapshot->n < snapshot->capacity)
		return 0;
	if (capacity < snapshot->capacity)
		return -ENOMEM;
	nodes = reallocarray(snapshot->nodes, capacity, sizeof *nodes);
	if (!nodes)
		return -ENOMEM;
	snapshot->nodes = nodes;
	snapshot->capacity = capacity;
	return 0;
}

/* Adds record index below the node at position parent. Returns 0, -ENOMEM, or -EBADMSG when the
 * links cannot be true. */
static int walk_add(
	struct snapshot *snapshot, const struct mapping *map, uint32_t index, uint32_t parent)
{
	bool root = snapshot->n == 0;
	struct snapshot_node *node;
	uint32_t want;
	int error;

	/* More nodes than records: the links go in circles. */
	if (index >= map->header->capacity || snapshot->n >= map->header->capacity)
		return -EBADMSG;
	error = snapshot_grow(snapshot);
	if (error)
		return error;
	node = &snapshot->nodes[snapshot->n];
	if (!record_read(map, index, &node->record))
		snapshot->torn = true;
	want = root ? STATUS_NONE : snapshot->nodes[parent].index;
	if (node->record.parent != want || (root && !node->record.used))
		return -EBADMSG;
	node->index = index;
	node->parent = parent;
	node->depth = root ? 0 : snapshot->nodes[parent].depth + 1;
	if (node->depth >= SNAPSHOT_DEPTH_MAX)
		return -EBADMSG;
	node->end = ++snapshot->n;
	return 0;
}

/* Preorder. A removed child is passed over with all below it. */
static int walk(struct snapshot *snapshot, const struct mapping *map)
{
	uint32_t steps = 0;
	uint32_t at = 0;
	uint32_t next;
	int error;

	snapshot->n = 0;
	snapshot->torn = false;
	error = walk_add(snapshot, map, map->header->root, 0);
	if (error)
		return error;
	next = snapshot->nodes[0].record.first_child;
	for (;;) {
		const struct snapshot_node *node;

		while (next == STATUS_NONE) {
			snapshot->nodes[at].end = snapshot->n;
			if (at == 0)
				return 0;
			next = snapshot->nodes[at].record.next_sibling;
			at = snapshot->nodes[at].parent;
		}
		error = steps++ < map->header->capacity ? walk_add(snapshot, map, next, at)
							: -EBADMSG;
		if (error)
			return error;
		node = &snapshot->nodes[snapshot->n - 1];
		if (node->record.used) {
			at = snapshot->n - 1;
			next = node->record.first_child;
		} else {
			snapshot->n--;
			next = node->record.next_sibling;
		}
	}
}

static int walk_until_whole(
	struct snapshot *snapshot, const struct mapping *map, const char **ret_why)
{
	static const struct timespec pause = {.tv_nsec = TREE_WAIT_NS};
	bool whole = false;
	int error = 0;

	for (int i = 0; i < TREE_TRIES; i++) {
		uint32_t before = __atomic_load_n(&map->header->tree_seq, __ATOMIC_ACQUIRE);

		error = walk(snapshot, map);
		if (error == -ENOMEM)
			return error;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		whole = before % 2 == 0 &&
			__atomic_load_n(&map->header->tree_seq, __ATOMIC_RELAXED) == before;
		if (whole)
			break;
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	if (!whole)
		snapshot->torn = true;
	if (error)
		*ret_why = "its links do not form a tree";
	return error;
}

/* ---- is supd alive? */

/* Whether process pid is stopped, and still the one that started at start_ticks. */
static bool process_stopped(int32_t pid, uint64_t start_ticks)
{
	char path[64];
	char stat[1024];
	const char *at;
	char *end;
	char state;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, stat, sizeof stat - 1);
	(void)close(fd);
	if (n <= 0)
		return false;
	stat[n] = '\0';
	/* Field 2, the name, may hold anything; it ends at the last ')'. Then field 3, the state.
	 */
	at = strrchr(stat, ')');
	if (!at || at[1] != ' ' || !at[2])
		return false;
	state = at[2];
	at += 2;
	for (int field = 3; field < 22 && at; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || (state != 'T' && state != 't'))
		return false;
	errno = 0;
	return strtoull(at, &end, 10) == start_ticks && end != at && errno == 0;
}

static enum liveness liveness_of(int fd, const struct status_header *header)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};

	if (header->finished)
		return SUPD_ENDED;
	if (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK)
		return SUPD_GONE;
	return process_stopped(header->pid, header->pid_start_ticks) ? SUPD_STOPPED : SUPD_ALIVE;
}

/* ---- the face */

static int snapshot_map(int fd, struct snapshot *snapshot, const char **ret_why)
{
	struct mapping map = {0};
	struct stat stat;
	void *base = NULL;
	int error;

	if (fstat(fd, &stat) < 0)
		return -errno;
	if (!S_ISREG(stat.st_mode)) {
		*ret_why = "it is no regular file";
		return -EBADMSG;
	}
	map.size = (size_t)stat.st_size;
	if (map.size) {
		base = mmap(NULL, map.size, PROT_READ, MAP_SHARED, fd, 0);
		if (base == MAP_FAILED)
			return -errno;
	}
	map.base = base;
	map.header = base;
	*ret_why = mapping_check(&map);
	error = *ret_why ? -EBADMSG : walk_until_whole(snapshot, &map, ret_why);
	if (!error) {
		snapshot->header = *map.header;
		snapshot->header.version_text[sizeof snapshot->header.version_text - 1] = '\0';
		snapshot->liveness = liveness_of(fd, &snapshot->header);
		snapshot->now_mono_ms = now_ms();
	}
	if (base)
		(void)munmap(base, map.size);
	return error;
}

int snapshot_read(const char *dir, struct snapshot *ret, const char **ret_why)
{
	struct snapshot snapshot = {0};
	char path[PATH_MAX];
	int error;
	int fd;
	int n = snprintf(path, sizeof path, "%s/status", dir);

	*ret_why = NULL;
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	/* NONBLOCK: should it be a fifo, the open must not wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	error = snapshot_map(fd, &snapshot, ret_why);
	(void)close(fd);
	if (error)
		snapshot_free(&snapshot);
	else
		*ret = snapshot;
	return error;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->nodes);
	*snapshot = (struct snapshot){0};
}

int snapshot_open(const char *dir, struct snapshot *ret)
{
	const char *why = NULL;
	int error = snapshot_read(dir, ret, &why);

	if (!error)
		return SUPCTL_DONE;
	if (error == -EBADMSG) {
		complain("cannot use %s/status: %s", dir, why);
		return SUPCTL_REFUSED;
	}
	if (error == -ENOMEM) {
		complain("out of memory");
		return SUPCTL_REFUSED;
	}
	complain("no supd to be seen at %s: %s/status: %s%s", dir, dir, strerror(-error),
		error == -EACCES ? ": become root or the user that supd runs as; the section "
				   "control of supd.conf lets others in"
				 : "; is it running? -d DIR names another runtime directory");
	return SUPCTL_UNREACHABLE;
}

int snapshot_open_live(const char *dir, struct snapshot *ret)
{
	int status = snapshot_open(dir, ret);

	if (status != SUPCTL_DONE || ret->liveness == SUPD_ALIVE)
		return status;
	if (ret->liveness == SUPD_STOPPED) {
		complain("the supervisor behind %s (pid %d) is stopped (SIGSTOP); this is the last "
			 "it "
			 "wrote",
			dir, ret->header.pid);
		return SUPCTL_DONE;
	}
	complain("the supervisor behind %s (pid %d) %s", dir, ret->header.pid,
		ret->liveness == SUPD_ENDED ? "has ended" : "is gone");
	snapshot_free(ret);
	return SUPCTL_UNREACHABLE;
}
