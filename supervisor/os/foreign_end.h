/* foreign_end.h - the end of a process that is somebody else's child: its parent reaps it. */
#ifndef OS_FOREIGN_END_H
#define OS_FOREIGN_END_H

#include <stdbool.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"

/* A descriptor that is readable when process pid has ended. Returns -1 with errno. */
int foreign_open(pid_t pid);

/* How it ended, once the descriptor is readable. Returns false when nobody tells: its parent was
 * faster, and the kernel is older than 6.15. */
bool foreign_end(int pidfd, pid_t pid, struct end *ret);

#endif
