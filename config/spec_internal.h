/* spec_internal.h - between spec_check.c and the files that check parts of a block. */
#ifndef CONFIG_SPEC_INTERNAL_H
#define CONFIG_SPEC_INTERNAL_H

#include "config/spec.h"

struct check;

/* Does what an offset names lie inside the data of the block? */
bool spec_record_inside(const struct check *c, uint32_t offset, size_t size, size_t align);
bool spec_string_inside(const struct check *c, uint32_t offset);
bool spec_list_inside(struct check *c, uint32_t offset, bool strings);

/* Is the sandbox at offset (or SPEC_NONE) as PID 1 may rely on it? */
bool spec_check_sandbox(struct check *c, const struct spec *spec, uint32_t offset);

#endif
