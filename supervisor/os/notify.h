/* notify.h - DIR/notify, the socket for sd_notify(3) messages: READY=1 and STATUS=.
 *
 * One socket for all children; who speaks is told by the kernel (SCM_CREDENTIALS). Descriptors that
 * come with a message are closed at once: systemd-notify waits until they are. */
#ifndef OS_NOTIFY_H
#define OS_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

struct loop;
struct notify;

/* A message of process pid: ready: it said READY=1; text: its STATUS=, or NULL. */
typedef void notify_message(void *context, pid_t pid, bool ready, const char *text);

/* Returns NULL with errno. path is borrowed. */
struct notify *notify_new(
	struct loop *loop, const char *path, notify_message *message, void *context);
/* Reads what has been sent so far: before the death of a sender is told, say. */
void notify_read(struct notify *notify);

void notify_free(struct notify *notify);

#endif
