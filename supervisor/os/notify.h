/* notify.h - DIR/notify, the socket for sd_notify(3) messages.
 *
 * One socket for all children; who speaks is told by the kernel (SCM_CREDENTIALS). Descriptors that
 * come with a message are closed as soon as it is served: whoever sent BARRIER=1 waits for that.
 *
 * Where the directories above the socket do not let everybody through there is a second one,
 * without a file, for children that run as another user. */
#ifndef OS_NOTIFY_H
#define OS_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "supervisor/wire/notify_text.h"

struct loop;
struct notify;

/* A message of process pid, with n descriptors (CLOEXEC); whoever keeps one puts -1 in its place.
 */
typedef void notify_message(
	void *context, pid_t pid, const struct notify_text *said, int *fds, size_t n);

/* Returns NULL with errno. path is borrowed. */
struct notify *notify_new(
	struct loop *loop, const char *path, notify_message *message, void *context);
void notify_free(struct notify *notify);

/* The second socket, as $NOTIFY_SOCKET names it: "@NAME"; NULL: the path serves everybody. */
const char *notify_name(const struct notify *notify);

/* Serves what has come, now: before its senders are reaped and unknown. At most a batch. */
void notify_serve(struct notify *notify);

#endif
