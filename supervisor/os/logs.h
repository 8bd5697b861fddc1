/* logs.h - the output of children on its way to suplog: supd's part.
 *
 * A child whose log is a section has a pipe for its stdout and one for its stderr, or one for both.
 * supd holds both ends for as long as the child stands in the tree, over all of its lives; its
 * processes get the writing ends, suplog the reading ones. supd itself neither reads nor writes a
 * byte of them. suplog is a process of supd's own, outside the tree, there from the first child on
 * that has such a section. When it dies a new one gets the same pipes, the same journal (a memfd)
 * and the same stage pipe, in which lies all that it must not lose: writers notice a pause.
 *
 * What suplog is told goes over a socket that supd never waits for: what does not fit stands in a
 * queue of children, each with bits for what is left to say (wire/log_message.h).
 *
 * With no such section anywhere there is no process, no descriptor and no memory but one struct. */
#ifndef OS_LOGS_H
#define OS_LOGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"

struct logs;
struct shell;

/* How long the end of supd waits for suplog to write what is left. */
enum { LOGS_DRAIN_MS = 5000 };

/* dir: the runtime directory, borrowed. capacity: rows of the engine. Looks for suplog, and makes
 * room for descriptors, when the tree has logs. NULL with errno; ENOENT: it needs suplog, and that
 * is nowhere. */
struct logs *logs_new(struct shell *shell, const char *dir, uint32_t capacity);
void logs_free(struct logs *logs);

/* Sets stdio[1] and stdio[2] of a process of that row to where its output goes, unless they are set
 * (not -1) already; they stay logs' own. path: the child's. Returns 0 or negative errno. */
int logs_stdio(struct logs *logs, uint32_t row, const struct view *view, const char *path,
	int stdio[static 3]);

/* A process of that row runs; has ended; the child is no more. Rows without a log are let be. */
void logs_started(struct logs *logs, uint32_t row, pid_t pid);
void logs_exited(struct logs *logs, uint32_t row);
void logs_removed(struct logs *logs, uint32_t row);

/* Files were renamed: they are to be opened anew. */
void logs_reopen(struct logs *logs);

/* When logs_time has something to do; INT64_MAX: not by time. */
int64_t logs_deadline_ms(const struct logs *logs);
void logs_time(struct logs *logs, int64_t now_ms);

/* The tree is down: waits until suplog has written what is left in the pipes, at most
 * LOGS_DRAIN_MS, or until a signal that stops supd comes. */
void logs_end(struct logs *logs, int signal_fd);

#endif
