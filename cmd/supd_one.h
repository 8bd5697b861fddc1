/* supd_one.h - the tree of one command: supd -d DIR -- COMMAND. */
#ifndef CMD_SUPD_ONE_H
#define CMD_SUPD_ONE_H

#include "config/spec.h"
#include "supervisor/os/solo.h"

/* A supervisor "command" with the command as its only child, temporary and significant: when it
 * ends, so does the tree, with its status. Returns it (malloc), or NULL after a message
 * with *ret_status, supd's exit status: 127 when there is no such command, 126 when it is not
 * executable, 3 when there is no memory. */
struct spec *one_spec(const struct solo_options *options, int *ret_status);

#endif
