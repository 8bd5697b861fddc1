/* kept.h - sections defaults that outlive the file: a child that comes at run time inherits them,
 * so the specification keeps their values as they were read. */
#ifndef CONFIG_KEPT_H
#define CONFIG_KEPT_H

#include "config/keys.h"

/* Adds what a section defaults says to a block: a list of struct setting_spec. Returns its offset,
 * or SPEC_NONE when there is nothing to keep. instances is left out: a child that comes at run time
 * is one. */
uint32_t kept_add(struct spec_builder *b, struct arena *arena, const struct record *defaults);

/* The sections that stand above a new child of supervisor node sup of a checked specification, made
 * again: the outermost, whose `next` leads inwards; of r's arena, with texts of spec. NULL: there
 * is none. */
const struct record *kept_above(struct reading *r, const struct spec *spec, uint32_t sup);

#endif
