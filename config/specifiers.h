/* specifiers.h - %n, %p, %i and %% in the words of a command. Pure.
 *
 * Commands of the configuration are expanded when it is read; those of a dynamic supervisor's
 * template when an instance is made. */
#ifndef CONFIG_SPECIFIERS_H
#define CONFIG_SPECIFIERS_H

#include <stddef.h>
#include <stdint.h>

struct specifiers {
	const char *name;  /* %n */
	const char *path;  /* %p */
	const char *index; /* %i; NULL: not within a partition, and then an error */
};

/* Expands word into buf (size bytes; NULL and 0 to learn the size), NUL-ended when it fits. Returns
 * the length of the whole, or -EINVAL with *ret_bad (may be NULL) the character after the '%' that
 * means nothing here ('\0': the end). */
int64_t specifiers_expand(
	const char *word, const struct specifiers *s, char *buf, size_t size, char *ret_bad);

#endif
