/* init.h - making supd's process fit to be a supervisor, before anything else runs. */
#ifndef OS_INIT_H
#define OS_INIT_H

#include <sys/resource.h>

/* Blocks every signal and sets every disposition to the default (children inherit those); opens
 * /dev/null on a descriptor 0, 1 or 2 that is closed; marks all others CLOEXEC; raises the soft
 * limit of descriptors to the hard one, returning the original in *ret_nofile; becomes the child
 * subreaper unless it is PID 1. Returns 0, or negative errno with *ret_what naming what the system
 * refused. */
int init_process(struct rlimit *ret_nofile, const char **ret_what);

/* As root: closes supd's memory to processes without CAP_SYS_PTRACE, be they of its own user. For
 * others it would close supd's /proc to supd's own children before their exec, which need it. */
void init_close_memory(void);

/* A signalfd for all signals. Returns it, or negative errno. */
int init_signalfd(void);

#endif
