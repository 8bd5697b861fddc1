/* fd_store.c - see fd_store.h. A child without stored descriptors costs nothing here. */
#include "supervisor/os/fd_store.h"

#include <assert.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "supervisor/os/child_setup.h"
#include "supervisor/os/loop.h"

struct stored {
	struct watch watch; /* owns watch.fd */
	struct stored *prev, *next;
	struct held *held;
	bool watched;
	char name[];
};

/* What one row holds. */
struct held {
	UT_hash_handle hh;
	struct fd_store *store;
	struct stored *first; /* the oldest */
	struct held *expired_next;
	uint32_t row;
	uint32_t n;
	bool expired;
};

struct fd_store {
	struct loop *loop;
	struct held *rows;
	struct held *expired;
	size_t total;
	size_t total_max;
};

struct fd_store *fd_store_new(struct loop *loop, size_t total_max)
{
	struct fd_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->loop = loop;
	store->total_max = total_max;
	return store;
}

static struct held *find(const struct fd_store *store, uint32_t row)
{
	struct held *held;

	HASH_FIND(hh, store->rows, &row, sizeof(row), held);
	return held;
}

static struct held *find_or_add(struct fd_store *store, uint32_t row)
{
	struct held *held = find(store, row);

	if (held)
		return held;
	held = calloc(1, sizeof(*held));
	if (!held)
		return NULL;
	held->store = store;
	held->row = row;
	HASH_ADD(hh, store->rows, row, sizeof(row), held);
	if (held->hh.tbl)
		return held;
	free(held);
	return NULL;
}

static void let_go(struct stored *stored)
{
	struct held *held = stored->held;

	if (stored->watched)
		loop_remove(held->store->loop, &stored->watch);
	(void)close(stored->watch.fd);
	DL_DELETE(held->first, stored);
	held->n--;
	held->store->total--;
	free(stored);
}

static void drop(struct fd_store *store, struct held *held)
{
	struct held **at = &store->expired;
	struct stored *stored;
	struct stored *next;

	while (held->expired && *at != held)
		at = &(*at)->expired_next;
	if (held->expired)
		*at = held->expired_next;
	for (stored = held->first; stored; stored = next) {
		next = stored->next;
		let_go(stored);
	}
	assert(store->rows);
	HASH_DEL(store->rows, held);
	free(held);
}

void fd_store_free(struct fd_store *store)
{
	struct held *held;
	struct held *next;

	if (!store)
		return;
	for (held = store->rows; held; held = next) {
		next = held->hh.next;
		drop(store, held);
	}
	free(store);
}

static void hung_up(struct watch *watch, uint32_t epoll_events)
{
	struct stored *stored = (struct stored *)((char *)watch - offsetof(struct stored, watch));

	if (epoll_events & (EPOLLHUP | EPOLLERR))
		let_go(stored);
}

/* The same open file? A kernel that cannot tell says no. */
static bool same_file(int a, int b)
{
	pid_t self = getpid();

	return syscall(SYS_kcmp, self, self, KCMP_FILE, a, b) == 0;
}

int fd_store_add(
	struct fd_store *store, uint32_t row, const char *name, size_t n, int fd, bool poll)
{
	struct held *held = find_or_add(store, row);
	struct stored *stored;

	if (!held)
		return -ENOMEM;
	DL_FOREACH(held->first, stored)
	if (same_file(stored->watch.fd, fd))
		return -EEXIST;
	if (held->n == FD_STORE_MAX || store->total >= store->total_max)
		return -ENOSPC;
	stored = calloc(1, sizeof(*stored) + n + 1);
	if (!stored)
		return -ENOMEM;
	memcpy(stored->name, name, n);
	stored->held = held;
	stored->watch = (struct watch){.fd = fd, .ready = hung_up};
	/* What cannot be watched, a file for instance, never hangs up. */
	stored->watched = poll && loop_add(store->loop, &stored->watch, 0) == 0;
	DL_APPEND(held->first, stored);
	held->n++;
	store->total++;
	return 0;
}

void fd_store_remove(struct fd_store *store, uint32_t row, const char *name, size_t n)
{
	struct held *held = find(store, row);
	struct stored *stored;
	struct stored *next;

	if (!held)
		return;
	for (stored = held->first; stored; stored = next) {
		next = stored->next;
		if (strlen(stored->name) == n && memcmp(stored->name, name, n) == 0)
			let_go(stored);
	}
}

size_t fd_store_list(const struct fd_store *store, uint32_t row, struct passed_fd *ret)
{
	struct held *held = store->rows ? find(store, row) : NULL;
	struct stored *stored;
	size_t n = 0;

	if (!held)
		return 0;
	DL_FOREACH(held->first, stored)
	ret[n++] = (struct passed_fd){
		.fd = stored->watch.fd, .number = PASSED_LISTEN, .name = stored->name};
	return n;
}

void fd_store_drop(struct fd_store *store, uint32_t row)
{
	struct held *held = store->rows ? find(store, row) : NULL;

	if (held)
		drop(store, held);
}

void fd_store_expire(struct fd_store *store, uint32_t row)
{
	struct held *held = store->rows ? find(store, row) : NULL;

	if (!held || held->expired)
		return;
	held->expired = true;
	held->expired_next = store->expired;
	store->expired = held;
}

void fd_store_settle(struct fd_store *store, fd_store_wanted *wanted, void *context)
{
	while (store->expired) {
		struct held *held = store->expired;

		store->expired = held->expired_next;
		held->expired = false;
		if (!wanted(context, held->row))
			drop(store, held);
	}
}
