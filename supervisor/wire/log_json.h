/* log_json.h - what becomes of the output of a process, as the interface's type Log. Pure. */
#ifndef WIRE_LOG_JSON_H
#define WIRE_LOG_JSON_H

#include <jansson.h>

#include "config/spec.h"

/* A new reference, to null when the output is inherited; or NULL when memory ran out. */
json_t *log_json(const struct spec *spec, uint32_t node);

#endif
