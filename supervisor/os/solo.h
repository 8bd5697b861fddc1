/* solo.h - one command, supervised the way a container's PID 1 does: supd -- COMMAND.
 *
 * No tree, no engine, no configuration: the command is started once, signals are forwarded to its
 * process group, orphans are reaped, and when it has ended so does supd, with its status, after
 * what it left behind has been stopped.
 *
 * The command gets everything as supd was given it: descriptors, environment, signal mask, ignored
 * signals. Only its process group is its own, and that is in the foreground of the terminal when
 * supd's was.
 *
 * Job control: a stop signal for supd is one for the group, and when the command has stopped supd
 * stops itself, so that a shell sees the job stop; SIGCONT wakes both. A command that does not care
 * about the stop signal is stopped by SIGSTOP a little later. */
#ifndef OS_SOLO_H
#define OS_SOLO_H

#include <stdbool.h>
#include <stdint.h>

enum { SOLO_SIGNALS = 65, SOLO_STATUSES = 256 };

struct solo_options {
	char *const *argv; /* of the command; NULL-ended */
	int64_t grace_ms;  /* from the first stop signal to SIGKILL; SPEC_INFINITY: for ever */
	uint8_t rewrite[SOLO_SIGNALS]; /* what a signal is forwarded as; 0: not at all */
	bool expected[SOLO_STATUSES];  /* a status that counts as 0 */
};

/* Every signal as itself, no grace, no status expected. */
void solo_defaults(struct solo_options *options);

/* Runs the command to its end. Returns supd's exit status: that of the command, 128+N when signal N
 * killed it; 127 when it was not found, 126 when it could not be executed, 3 when the system
 * refused what supd cannot do without. Call it first of all: it takes the signals as they were
 * inherited. */
int solo_run(const struct solo_options *options);

/* Looks for a command as execvp(3) does. Returns 0 when it may be executed, else ENOENT (not found;
 * a directory of PATH that may not be looked into has nothing, as for a shell), EACCES (it is
 * there, and may not), or another errno. */
int solo_find(const char *command);

#endif
