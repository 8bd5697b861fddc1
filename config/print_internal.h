/* print_internal.h - between print.c (the tree), print_log.c, and print_control.c (who may ask, who
 * is told). */
#ifndef CONFIG_PRINT_INTERNAL_H
#define CONFIG_PRINT_INTERNAL_H

#include <jansson.h>

#include "config/spec.h"

/* The section control; users and groups are numbers. NULL: out of memory. */
json_t *print_control(const struct spec *spec, const struct control_spec *control);

/* The value of the key log of node i. */
json_t *print_log(const struct spec *spec, uint32_t i);

/* The section sandbox; null: none. */
json_t *print_sandbox(const struct spec *spec, uint32_t offset);

/* A time in seconds, or "infinity", "brutal_kill". */
json_t *print_duration(int64_t ms);
/* The sinks. NULL: out of memory. */
json_t *print_sinks(const struct spec *spec);

#endif
