/* spec_json.h - a child's specification as the interface's type Spec. Pure. */
#ifndef WIRE_SPEC_JSON_H
#define WIRE_SPEC_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "config/spec.h"

/* The Spec of a node. argv, NULL-ended, stands in the place of its command when given. environment:
 * whether it is told. Returns a new reference, or NULL when memory ran out. */
json_t *spec_json(const struct spec *spec, uint32_t node, char *const *argv, bool environment);

#endif
