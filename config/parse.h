/* parse.h - a configuration file into a specification. */
#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H

#include <stddef.h>

#include "config/findings.h"
#include "config/spec.h"

/* Reads file and what it includes. env: supd's own environment, from which that of each process is
 * made. Appends every error of the files to *f, or, when there is none, every warning (lint.h,
 * programs.h), sorted by place. Returns the block (malloc, *ret_size bytes; the caller frees it),
 * or NULL when there is any error.
 *
 * To be called in a child process: it takes what memory it likes, uses libconfuse's globals, and
 * libconfuse's scanner may exit when memory runs out. */
struct spec *config_read(const char *file, char *const *env, struct findings *f, size_t *ret_size);

#endif
