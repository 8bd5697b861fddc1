/* surroundings_json.h - what a process runs in, as JSON: for --print-config and for the interface's
 * type Spec. Pure. */
#ifndef CONFIG_SURROUNDINGS_JSON_H
#define CONFIG_SURROUNDINGS_JSON_H

#include <jansson.h>

#include "config/spec.h"

/* The members limits, nice, oom_score_adj, io_priority, cpu_affinity, stdin, terminal, sockets,
 * resources. A new reference, or NULL when memory ran out. */
json_t *surroundings_json(const struct spec *spec, const struct proc_spec *proc);

#endif
