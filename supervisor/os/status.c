/* status.c - the writer's side of the status table. One writer, so a sequence counter a record is
 * all the locking. */
#include "supervisor/os/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

struct status {
	int fd;
	size_t size;
	struct status_header *header;
	struct status_record *record;
};

/* Field 22 of /proc/self/stat; 0 when there is no /proc. */
static uint64_t own_start_ticks(void)
{
	char text[1024];
	char *at;
	ssize_t n;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

static int64_t wall_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_locked(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool locked;

	if (fd < 0)
		return false;
	locked = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	(void)close(fd);
	return locked;
}

/* Allocates the file's blocks now: a full tmpfs is an error here, and not a SIGBUS later. */
static int make_file(const char *path, size_t size)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	int error;
	int fd;

	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = posix_fallocate(fd, 0, (off_t)size);
	if (error == EOPNOTSUPP || error == EINVAL)
		error = ftruncate(fd, (off_t)size) < 0 ? errno : 0;
	if (!error && (fchmod(fd, 0600) < 0 || fcntl(fd, F_OFD_SETLK, &lock) < 0))
		error = errno;
	if (!error)
		return fd;
	(void)close(fd);
	(void)unlink(path);
	return -error;
}

/* With no directory to put it in: a table that only we see. */
static int make_anonymous(size_t size)
{
	int fd = memfd_create("supd-status", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size) == 0)
		return fd;
	(void)close(fd);
	return -ENOMEM;
}

static void fill_header(struct status_header *h, uint32_t capacity)
{
	memcpy(h->magic, STATUS_MAGIC, sizeof(h->magic));
	h->version = STATUS_VERSION;
	h->header_size = sizeof(*h);
	h->record_size = sizeof(struct status_record);
	h->capacity = capacity;
	h->pid = getpid();
	h->pid_start_ticks = own_start_ticks();
	h->generation = 1;
	h->started_ns = wall_ns();
	(void)snprintf(h->version_text, sizeof(h->version_text), "supd %s", SUPD_VERSION);
}

int status_open(const char *dir, uint32_t capacity, struct status **ret_status)
{
	const bool in_dir = dir[0] != '@';
	char path[PATH_SIZE];
	char fresh[PATH_SIZE];
	struct status *s;

	if (snprintf(path, sizeof(path), "%s/status", dir) >= PATH_SIZE ||
		snprintf(fresh, sizeof(fresh), "%s/status.new", dir) >= PATH_SIZE)
		return -ENAMETOOLONG;
	if (in_dir && is_locked(path))
		return -EBUSY;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->size = sizeof(struct status_header) + (size_t)capacity * sizeof(struct status_record);
	s->fd = in_dir ? make_file(fresh, s->size) : make_anonymous(s->size);
	if (s->fd < 0) {
		int error = s->fd;

		free(s);
		return error;
	}
	s->header = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if (s->header == MAP_FAILED || (in_dir && rename(fresh, path) < 0)) {
		int error = -errno;

		(void)close(s->fd);
		free(s);
		return error;
	}
	s->record = (struct status_record *)(void *)(s->header + 1);
	fill_header(s->header, capacity);
	*ret_status = s;
	return 0;
}

int status_open_to(struct status *status, uint32_t mode, uint32_t gid)
{
	const mode_t readable =
		0600 | (mode & S_IWGRP ? S_IRGRP : 0) | (mode & S_IWOTH ? S_IROTH : 0);

	/* The group first: the mode must not open it to the former one. */
	if (fchmod(status->fd, 0600) < 0 ||
		fchown(status->fd, (uid_t)-1, gid == PROC_ID_INHERIT ? getegid() : gid) < 0)
		return -errno;
	return fchmod(status->fd, readable) < 0 ? -errno : 0;
}

void status_close(struct status *status, int exit_status)
{
	if (!status)
		return;
	if (exit_status >= 0) {
		status->header->exit_status = exit_status;
		__atomic_store_n(&status->header->finished, 1, __ATOMIC_RELEASE);
	}
	(void)munmap(status->header, status->size);
	(void)close(status->fd);
	free(status);
}

const struct status_header *status_header(const struct status *status)
{
	return status->header;
}

const struct status_record *status_record(const struct status *status, uint32_t index)
{
	return &status->record[index];
}

static void begin_write(struct status_record *r)
{
	__atomic_store_n(&r->seq, r->seq + 1, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_release);
}

static void end_write(struct status_record *r)
{
	__atomic_store_n(&r->seq, r->seq + 1, __ATOMIC_RELEASE);
}

static void fill_spec(struct status_record *r, const struct view *view)
{
	const struct child_spec *child = spec_child(view->spec, view->node);

	(void)snprintf(r->name, sizeof(r->name), "%s", view->name);
	r->end_ns = 0;
	r->health = HEALTH_NONE;
	r->starts_failed = 0;
	r->kind = (uint8_t)view->kind;
	r->restart = view->task ? RESTART_TEMPORARY : child->restart;
	r->significant = child->significant;
	r->children_max = 0;
	if (view->kind == KIND_PROCESS)
		return;
	r->children_max = spec_sup(view->spec, view->node)->max_children +
			  spec_sup(view->spec, view->node)->partitions;
	r->strategy = spec_sup(view->spec, view->node)->strategy;
	r->max_restarts = spec_sup(view->spec, view->node)->intensity;
	r->period_ms = spec_sup(view->spec, view->node)->period_ms;
}

/* A change of links is announced to those who walk the tree. */
static void write_links(struct status *s, struct status_record *r, const struct view *view)
{
	uint32_t *seq = &s->header->tree_seq;

	if (r->parent == view->parent && r->first_child == view->first_child &&
		r->next_sibling == view->next_sibling)
		return;
	__atomic_store_n(seq, *seq + 1, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_release);
	r->parent = view->parent;
	r->first_child = view->first_child;
	r->next_sibling = view->next_sibling;
	__atomic_store_n(seq, *seq + 1, __ATOMIC_RELEASE);
}

static bool is_up(unsigned state)
{
	return state == CHILD_STARTING || state == CHILD_RUNNING || state == CHILD_STOPPING;
}

/* Is the end that the engine knows another one than the row's? It may be the same in words. */
static bool has_ended(const struct status_record *r, const struct view *view)
{
	if (view->end.kind == END_NONE)
		return false;
	return view->end.kind != r->end_kind || view->end.value != r->end_value || r->end_ns == 0 ||
	       (is_up(r->state) && !is_up(view->state));
}

void status_write(struct status *status, const struct engine *engine, uint32_t index, pid_t pid,
	int64_t now_ms, int64_t wall)
{
	struct status_record *r = &status->record[index];
	struct view view;
	bool exists = engine_view(engine, index, &view);
	int64_t since_ms;

	begin_write(r);
	if (!exists) {
		r->used = 0;
		end_write(r);
		return;
	}
	/* What has not begun to start yet waits since the table was made. */
	since_ms = view.since_ms > 0 ? view.since_ms : r->used ? r->since_mono_ms : now_ms;
	if (!r->used)
		fill_spec(r, &view);
	if (has_ended(r, &view))
		r->end_ns = wall;
	r->used = view.state != CHILD_REMOVED;
	r->state = (uint8_t)view.state;
	r->why = (uint8_t)view.why;
	r->ready = view.ready;
	r->end_kind = view.end.kind;
	r->end_stage = view.end.stage;
	r->end_value = view.end.value;
	r->pid = pid;
	r->generation = view.ref.generation;
	r->streak = view.streak;
	r->restarts = view.restarts;
	r->since_mono_ms = since_ms;
	r->since_ns = wall - (now_ms - since_ms) * 1000000;
	r->next_try_ms = view.next_try_ms;
	r->window = view.window;
	r->window_end_ms = view.window_end_ms;
	write_links(status, r, &view);
	if (view.state != CHILD_STARTING && view.state != CHILD_RUNNING)
		r->text[0] = '\0';
	end_write(r);
}

void status_held(struct status *status, uint32_t index, pid_t holder, bool suspended)
{
	struct status_record *r = &status->record[index];

	if (r->holder == holder && r->suspended == suspended)
		return;
	begin_write(r);
	r->holder = holder;
	r->suspended = suspended;
	end_write(r);
}

void status_text(struct status *status, uint32_t index, const char *text)
{
	struct status_record *r = &status->record[index];

	begin_write(r);
	(void)snprintf(r->text, sizeof(r->text), "%s", text);
	end_write(r);
}

void status_health(struct status *status, uint32_t index, enum health_word health)
{
	struct status_record *r = &status->record[index];

	if (r->health == health)
		return;
	begin_write(r);
	r->health = (uint8_t)health;
	end_write(r);
}

void status_start_failed(struct status *status, uint32_t index)
{
	struct status_record *r = &status->record[index];

	begin_write(r);
	r->starts_failed++;
	end_write(r);
}

void status_events(struct status *status, uint64_t events)
{
	__atomic_store_n(&status->header->events, events, __ATOMIC_RELAXED);
}

void status_event_lost(struct status *status)
{
	__atomic_store_n(
		&status->header->events_lost, status->header->events_lost + 1, __ATOMIC_RELAXED);
}
