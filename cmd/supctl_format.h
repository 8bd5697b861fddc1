/* supctl_format.h - --format 'TEXT {FIELD} TEXT': lines for scripts. */
#ifndef CMD_SUPCTL_FORMAT_H
#define CMD_SUPCTL_FORMAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cmd/supctl_output.h"

/* Complains of a format with a field that is not among the names (n of them), or with a brace that
 * is not closed. Returns whether it is good. */
bool format_is_good(const char *format, const char *const *names, size_t n);

/* The line of one object: each {FIELD} is its member of that name, "-" for null or none; {{ and }}
 * are braces, \t and \n what they are elsewhere. An exit is told in a word, as in the table. */
void format_print(struct out *out, const char *format, const json_t *object);

#endif
