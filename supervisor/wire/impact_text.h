/* impact_text.h - the answer of impact (engine/impact.h) for people and for programs. Pure. */
#ifndef WIRE_IMPACT_TEXT_H
#define WIRE_IMPACT_TEXT_H

#include <jansson.h>

#include "supervisor/engine/impact.h"

/* The whole answer in words, lines ended by newlines (malloc; the caller frees it). NULL when
 * memory ran out. */
char *impact_text(const struct impact *impact);

/* The list of the interface's type ImpactStep. Returns a new reference, or NULL when memory ran
 * out. */
json_t *impact_json(const struct impact *impact);

#endif
