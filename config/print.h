/* print.h - a specification as JSON: supd --print-config. */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include <stdio.h>

#include "config/spec.h"

/* Writes the tree of spec (checked), after defaults and includes; keys as in the configuration,
 * durations in seconds or as words. The same spec gives the same bytes. Returns 0, -ENOMEM or
 * -EIO. */
int config_print(FILE *to, const struct spec *spec);

#endif
