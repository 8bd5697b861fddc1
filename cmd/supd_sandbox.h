/* supd_sandbox.h - what of sandboxes this machine, and whoever asks, can enforce. */
#ifndef CMD_SUPD_SANDBOX_H
#define CMD_SUPD_SANDBOX_H

#include <stdio.h>

#include "config/findings.h"
#include "config/spec.h"

/* Has any process of spec a sandbox? */
bool sandbox_is_used(const struct spec *spec);

/* Puts a process into each sandbox of spec, and appends a warning [not-permitted] to *f for each
 * key that could not be enforced, unless its sandbox is optional. */
void sandbox_check(const struct spec *spec, struct findings *f);

/* Tries each key by itself, and prints a line for each: can it be enforced? */
void sandbox_print_keys(FILE *to);

#endif
