/* ready_pipe.c - see ready_pipe.h. */
#include "supervisor/os/ready_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "supervisor/os/loop.h"

/* Whoever writes so much without a newline means something else. */
enum { BYTES_MAX = 65536 };

struct ready_pipe {
	struct watch watch; /* owns watch.fd */
	UT_hash_handle hh;
	struct ready_pipes *pipes;
	struct ref ref;
	size_t bytes;
};

struct ready_pipes {
	struct loop *loop;
	ready_pipe_said *said;
	void *context;
	struct ready_pipe *rows;
};

struct ready_pipes *ready_pipes_new(struct loop *loop, ready_pipe_said *said, void *context)
{
	struct ready_pipes *pipes = calloc(1, sizeof(*pipes));

	if (pipes)
		*pipes = (struct ready_pipes){.loop = loop, .said = said, .context = context};
	return pipes;
}

static void drop(struct ready_pipe *pipe)
{
	struct ready_pipes *pipes = pipe->pipes;

	loop_remove(pipes->loop, &pipe->watch);
	(void)close(pipe->watch.fd);
	HASH_DEL(pipes->rows, pipe);
	free(pipe);
}

void ready_pipes_free(struct ready_pipes *pipes)
{
	struct ready_pipe *pipe;
	struct ready_pipe *next;

	if (!pipes)
		return;
	for (pipe = pipes->rows; pipe; pipe = next) {
		next = pipe->hh.next;
		drop(pipe);
	}
	free(pipes);
}

/* To close the descriptor without a newline says nothing; the start goes on, up to its time-out. */
static void pipe_ready(struct watch *watch, uint32_t epoll_events)
{
	struct ready_pipe *pipe =
		(struct ready_pipe *)((char *)watch - offsetof(struct ready_pipe, watch));
	struct ready_pipes *pipes = pipe->pipes;
	struct ref ref = pipe->ref;
	char bytes[512];
	ssize_t n = read(watch->fd, bytes, sizeof(bytes));
	bool said = n > 0 && memchr(bytes, '\n', (size_t)n);

	(void)epoll_events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	pipe->bytes += n > 0 ? (size_t)n : 0;
	if (!said && n > 0 && pipe->bytes <= BYTES_MAX)
		return;
	drop(pipe);
	if (said)
		pipes->said(pipes->context, ref);
}

static int add(struct ready_pipes *pipes, struct ref ref, int fd)
{
	struct ready_pipe *pipe = calloc(1, sizeof(*pipe));
	int error;

	if (!pipe)
		return -ENOMEM;
	*pipe = (struct ready_pipe){
		.watch = {.fd = fd, .rank = 2, .ready = pipe_ready}, .pipes = pipes, .ref = ref};
	error = loop_add(pipes->loop, &pipe->watch, EPOLLIN);
	if (error == 0) {
		HASH_ADD(hh, pipes->rows, ref.index, sizeof(ref.index), pipe);
		if (pipe->hh.tbl)
			return 0;
		loop_remove(pipes->loop, &pipe->watch);
		error = -ENOMEM;
	}
	free(pipe);
	return error;
}

int ready_pipe_open(struct ready_pipes *pipes, struct ref ref)
{
	int fds[2];
	int error;

	ready_pipe_close(pipes, ref.index);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	/* Our end alone: what the child writes to is as blocking as programs expect. */
	error = fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : add(pipes, ref, fds[0]);
	if (error == 0)
		return fds[1];
	(void)close(fds[0]);
	(void)close(fds[1]);
	return error;
}

void ready_pipe_close(struct ready_pipes *pipes, uint32_t row)
{
	struct ready_pipe *pipe = NULL;

	if (!pipes->rows)
		return;
	HASH_FIND(hh, pipes->rows, &row, sizeof(row), pipe);
	if (pipe)
		drop(pipe);
}
