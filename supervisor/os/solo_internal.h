/* solo_internal.h - between solo.c (signals and ends), solo_start.c (the command and the terminal)
 * and solo_sweep.c (what the command leaves behind). */
#ifndef OS_SOLO_INTERNAL_H
#define OS_SOLO_INTERNAL_H

#include <signal.h>
#include <sys/types.h>

#include "supervisor/os/solo.h"

struct solo {
	const struct solo_options *options;
	sigset_t mask;	     /* inherited */
	bool chld_ignored;   /* inherited: SIGCHLD was */
	bool init;	     /* we are PID 1 */
	pid_t main;	     /* the command, until it is reaped; then 0 */
	pid_t group;	     /* its process group */
	int status;	     /* of the command, as an exit status */
	int terminal;	     /* the controlling one; -1: none */
	bool handed;	     /* the command has the terminal */
	bool main_stopped;   /* it stands still */
	bool stop_forwarded; /* and we were told so: we follow it */
	bool sweeping;	     /* the command has ended: what is left has been told to stop */
	bool killing;	     /* the time is over: everything is killed */
	int64_t insist_ms;   /* not stopped by then: SIGSTOP; INT64_MAX: no stop is on its way */
	int64_t kill_ms;     /* SIGKILL for everything; INT64_MAX: not yet decided */
	int64_t give_up_ms;  /* what cannot be killed is left behind */
	int64_t look_ms;     /* look for new orphans then; INT64_MAX: nothing new */
	pid_t *told;	     /* orphans that were told to stop, in the kernel's order */
	size_t told_n;
	size_t told_size;
};

int64_t solo_now_ms(void);

/* ---- solo_start.c */

/* Blocks every signal and keeps the inherited mask; becomes the subreaper. Returns 0 or negative
 * errno. */
int solo_prepare(struct solo *solo);

/* Starts the command. Returns 0, or an exit status after a message. */
int solo_start(struct solo *solo);

/* Puts the command's group into the foreground, if supd's own is there; and supd's own again, if it
 * was not. */
void solo_terminal_hand(struct solo *solo);
void solo_terminal_back(struct solo *solo);

/* ---- solo_sweep.c */

/* The command has ended: tells what is left to stop. */
void solo_sweep(struct solo *solo);

/* An orphan was reaped: those that it had are ours now. */
void solo_sweep_again(struct solo *solo);

/* What is due. */
void solo_sweep_time(struct solo *solo, int64_t now_ms);

/* Kills everything. */
void solo_kill(struct solo *solo);

#endif
