/* notify_text.h - what a process says of itself in one datagram (sd_notify(3)). Pure.
 *
 * Lines NAME=value, the last with or without its newline. Of a name that comes twice the first
 * counts; names that are unknown and values out of range are passed over, so that a newer library
 * and an older supd get along. */
#ifndef WIRE_NOTIFY_TEXT_H
#define WIRE_NOTIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NOTIFY_FDNAME_MAX = 255, NOTIFY_NONE = -1 };

/* Texts lie in the datagram; NULL: not said. */
struct notify_text {
	bool ready;
	bool reloading;
	bool stopping;
	bool ping;     /* WATCHDOG=1 */
	bool trigger;  /* WATCHDOG=trigger */
	bool fd_store; /* FDSTORE=1 */
	bool fd_remove;
	bool fd_no_poll;     /* FDPOLL=0 */
	int error;	     /* ERRNO, 0: not said */
	int64_t main_pid;    /* the numbers: NOTIFY_NONE: not said */
	int64_t watchdog_ms; /* rounded up; 0: off */
	int64_t extend_ms;
	const char *status;
	size_t status_n;
	const char *fd_name;
	size_t fd_name_n;
};

/* Reads n bytes. Returns 0, or -EBADMSG: nothing that sd_notify sends (a NUL amid the text), and
 * *ret is untouched. */
int notify_parse(const char *text, size_t n, struct notify_text *ret);

/* What is shown of a process that said this, and of which now was shown before: its STATUS, or the
 * ERRNO; with "reloading" or "stopping" before it, until it is ready. Returns buf. */
char *notify_status(const char *now, const struct notify_text *said, char *buf, size_t size);

/* Writes text for display, NUL-ended: cut between characters, with '?' for what is none or would
 * disturb a terminal. Returns buf. */
char *notify_display(const char *text, size_t n, char *buf, size_t size);

#endif
