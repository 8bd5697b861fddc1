/* shell_notify.h - what children say of themselves, and what supd keeps for them because of it:
 * readiness by notify messages or by a newline, watchdog, main process, stored descriptors. */
#ifndef OS_SHELL_NOTIFY_H
#define OS_SHELL_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/engine/engine.h"

struct shell;
struct passed_fd;

enum { SHELL_NOTIFY_PASSED_MAX = 65 }; /* FD_STORE_MAX and one */

/* Makes the socket DIR/notify. Returns false after a message. */
bool shell_notify_open(struct shell *shell, const char *dir);
void shell_notify_close(struct shell *shell);

/* What has been said, before those who said it are reaped. */
void shell_notify_serve(struct shell *shell);

/* The descriptors of the life ref besides its sockets: those that it stored, then, for READY_FD,
 * the one that it becomes ready on, *ret_ready_fd, which is to be closed after the spawn (-1:
 * none). sockets: how many come before them; ret has room for SHELL_NOTIFY_PASSED_MAX. Returns how
 * many, or negative errno. */
int shell_notify_passed(struct shell *shell, const struct view *view, size_t sockets,
	struct passed_fd *ret, int *ret_ready_fd);

/* For each ACT_REPORT. */
void shell_notify_report(struct shell *shell, const struct action *action);

/* At the end of a turn: stored descriptors of those who came to their end are closed. */
void shell_notify_settle(struct shell *shell);

#endif
