/* shell_messages.h - what is said on stderr about a change of state. */
#ifndef OS_SHELL_MESSAGES_H
#define OS_SHELL_MESSAGES_H

#include <sys/types.h>

#include "supervisor/engine/engine.h"

/* Logs an ACT_REPORT in words. place: where the configuration asks for what made a start fail, ""
 * when that is not known. */
void shell_log_report(
	const struct engine *engine, const struct action *action, pid_t pid, const char *place);

/* "exited with status 1", "killed by SIGKILL", "exec: No such file or directory", … Returns buf. */
const char *end_in_words(const struct end *end, char *buf, size_t size);

/* Prints the tree on stderr (SIGUSR1). */
void shell_log_tree(
	const struct engine *engine, pid_t (*pid_of)(void *context, uint32_t index), void *context);

#endif
