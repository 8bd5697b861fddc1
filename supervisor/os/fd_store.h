/* fd_store.h - descriptors that children have given supd to keep over their restarts (FDSTORE). */
#ifndef OS_FD_STORE_H
#define OS_FD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fd_store;
struct loop;
struct passed_fd;

enum { FD_STORE_MAX = 64 }; /* for one child */

/* total_max: so many for all children together. Returns NULL when memory ran out. */
struct fd_store *fd_store_new(struct loop *loop, size_t total_max);
void fd_store_free(struct fd_store *store);

/* Keeps fd for row under the name of n bytes; poll: it is closed when its other end hangs up.
 * Returns 0, and fd is the store's; -EEXIST (the child has stored the same open file before),
 * -ENOSPC or -ENOMEM. */
int fd_store_add(
	struct fd_store *store, uint32_t row, const char *name, size_t n, int fd, bool poll);

/* Closes those of that name. */
void fd_store_remove(struct fd_store *store, uint32_t row, const char *name, size_t n);

/* Fills in those of row (ret has room for FD_STORE_MAX), the oldest first; names stay the store's.
 * Returns how many. */
size_t fd_store_list(const struct fd_store *store, uint32_t row, struct passed_fd *ret);

/* Closes all of row. */
void fd_store_drop(struct fd_store *store, uint32_t row);

/* The child may have come to its end: closes all of row with the next fd_store_settle, unless
 * wanted then says that it lives on. */
void fd_store_expire(struct fd_store *store, uint32_t row);
typedef bool fd_store_wanted(void *context, uint32_t row);
void fd_store_settle(struct fd_store *store, fd_store_wanted *wanted, void *context);

#endif
