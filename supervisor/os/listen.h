/* listen.h - the sockets of `sockets`: opened before the tree starts, kept while it runs.
 *
 * Each life of a process gets the same sockets, so whoever connects between two lives waits in the
 * queue of the socket and is refused by nobody. Copies of one process (instances, partitions) share
 * a socket, unless it says reuseport or its address differs. */
#ifndef OS_LISTEN_H
#define OS_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "config/spec.h"

struct listeners;
struct passed_fd; /* child_setup.h */

/* Opens every socket of spec (borrowed). Returns 0 and *ret (NULL: it has none), or negative errno
 * with why saying where, what and the reason; nothing is left open then. A socket file that nobody
 * answers on is replaced. */
int listeners_open(const struct spec *spec, struct listeners **ret, char *why, size_t why_size);

/* What a node passes to its process. Returns how many; *ret lives as long as l. */
size_t listeners_of(const struct listeners *l, uint32_t node, const struct passed_fd **ret);

/* Closes all, and removes the socket files that are still its own. l may be NULL. */
void listeners_close(struct listeners *l);

#endif
