/* forward.h - a tree of one command (supd -d DIR -- COMMAND): signals are for the command, not for
 * supd. */
#ifndef OS_FORWARD_H
#define OS_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

struct end;
struct shell;
struct solo_options;

struct forward {
	const struct solo_options *options; /* NULL: there is a tree, nothing is forwarded */
	int64_t kill_ms;		    /* the grace is over; INT64_MAX: it has not begun */
	int not_started;		    /* supd's exit status for it; 0: it has started */
};

/* The row of the command. */
enum { FORWARD_ROW = 1 };

/* Returns true when the signal has been taken. */
bool forward_signal(struct shell *shell, int signal);

/* When the grace is over (INT64_MAX: never), and killing then. */
int64_t forward_deadline_ms(const struct shell *shell);
void forward_time(struct shell *shell, int64_t now_ms);

/* The command was started, or not: failure says at what stage and why. */
void forward_started(struct shell *shell, uint32_t row, const struct end *failure);

/* The exit status, where that of the tree would be status. */
int forward_status(const struct shell *shell, int status);

#endif
