/* print_internal.h - between print.c (the tree), print_surroundings.c (part of a process) and
 * print_control.c (who may ask, who is told). */
#ifndef CONFIG_PRINT_INTERNAL_H
#define CONFIG_PRINT_INTERNAL_H

#include <jansson.h>

#include "config/spec.h"

/* Text in JSON is UTF-8; the bytes of a command or a variable may be anything, and what is none
 * shows as '?'. */
json_t *print_text(const char *bytes);

/* The keys limits, nice, oom_score_adj, io_priority, cpu_affinity, stdin, terminal, sockets,
 * resources. NULL: out of memory. */
json_t *print_surroundings(const struct spec *spec, const struct proc_spec *proc);

/* The section control; users and groups are numbers. NULL: out of memory. */
json_t *print_control(const struct spec *spec, const struct control_spec *control);

/* The value of the key log of node i. */
json_t *print_log(const struct spec *spec, uint32_t i);

/* A time in seconds, or "infinity", "brutal_kill". */
json_t *print_duration(int64_t ms);
/* The sinks. NULL: out of memory. */
json_t *print_sinks(const struct spec *spec);

#endif
