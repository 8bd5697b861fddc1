/* child_reader.h - the specification of one child from an operator's words, made by a child process
 * of supd.
 *
 * The reader has little memory and little time; whatever it does with what it was given, PID 1 sees
 * its exit and a sealed memfd, which it checks, or a few lines of text. */
#ifndef OS_CHILD_READER_H
#define OS_CHILD_READER_H

#include <stddef.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"

struct child_reader {
	pid_t pid;
	int block_fd;
	int text_fd; /* what is wrong, when something is */
};

struct child_reader_request {
	const char *name;
	const char *sup_path;
	const struct spec *spec;     /* where its specification is */
	uint32_t sup;		     /* and its node there */
	const char *const *words;    /* NULL-ended; NULL: none */
	const char *const *settings; /* NULL-ended "KEY=VALUE"; NULL: none */
};

/* Forks the reader. Returns 0 or negative errno. The caller learns of its end by reaping it. */
int child_reader_start(struct child_reader *reader, const struct child_reader_request *request);

/* After its end: returns the block (mapped, *ret_size; the caller unmaps it), node 1 of which is
 * the child; or NULL with the reason in why. */
void *child_reader_finish(
	struct child_reader *reader, struct end end, size_t *ret_size, char *why, size_t why_size);

/* Kills it, closes its descriptors; whoever comes after reaps it. */
void child_reader_abandon(struct child_reader *reader);

#endif
