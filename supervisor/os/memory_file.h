/* memory_file.h - memfds through which a child process hands over a specification. */
#ifndef OS_MEMORY_FILE_H
#define OS_MEMORY_FILE_H

#include <stddef.h>

#include "config/spec.h"

/* A memfd that can be sealed. Returns it, or negative errno. */
int memory_file_new(const char *name);

/* Writes all of it. Returns 0 or negative errno. */
int memory_file_write(int fd, const void *data, size_t size);

/* Seals the file, maps it read-only and checks that it is a specification. Returns the block (the
 * caller unmaps it), or NULL with *ret_wrong (a static text). The descriptor stays the caller's. */
const struct spec *memory_file_spec(int fd, size_t *ret_size, const char **ret_wrong);

#endif
