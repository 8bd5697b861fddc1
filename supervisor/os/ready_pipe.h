/* ready_pipe.h - readiness by a newline on a descriptor (ready = fd:N), as s6 programs give it.
 *
 * A pipe stands for each such child while it starts, and no longer. */
#ifndef OS_READY_PIPE_H
#define OS_READY_PIPE_H

#include <stddef.h>

#include "supervisor/engine/engine.h"

struct loop;
struct ready_pipes;

/* The newline came. */
typedef void ready_pipe_said(void *context, struct ref ref);

/* Returns NULL when memory ran out. */
struct ready_pipes *ready_pipes_new(struct loop *loop, ready_pipe_said *said, void *context);
void ready_pipes_free(struct ready_pipes *pipes);

/* A pipe for the life ref. Returns the end to write to (CLOEXEC), which is the caller's, or
 * negative errno. */
int ready_pipe_open(struct ready_pipes *pipes, struct ref ref);

/* The child of row starts no more. */
void ready_pipe_close(struct ready_pipes *pipes, uint32_t row);

#endif
