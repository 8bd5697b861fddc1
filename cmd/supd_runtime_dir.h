/* supd_runtime_dir.h - where the control socket and the status table go. */
#ifndef CMD_SUPD_RUNTIME_DIR_H
#define CMD_SUPD_RUNTIME_DIR_H

#include "config/spec.h"

/* The first of: given (-d; NULL: not), $SUPD_RUNTIME_DIR, the configuration, the default; made, if
 * it is not there. When it cannot be had, and nobody asked for it, or we are PID 1, which had
 * better run without than not at all: a directory in one of RUNTIME_PLACES, or none, which is a
 * name that begins with '@'; after a message. Returns it (malloc), or NULL after a message. */
char *runtime_dir_make(const char *given, const struct spec *spec);

#endif
