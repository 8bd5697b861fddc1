/* seccomp.h - names of system calls into a filter that the kernel takes. To be called in the
 * process that reads the configuration: it takes some milliseconds and some memory. */
#ifndef CONFIG_SECCOMP_H
#define CONFIG_SECCOMP_H

#include "config/keys.h"

struct seccomp_request {
	const char *profile; /* NULL: none */
	const struct list *allow;
	const struct list *deny;
	enum filter_action action;
	struct place place; /* of the whole */
};

/* Compiles. *ret_words, in the arena, are the instructions of a struct sock_filter array, two words
 * each. What is neither in the profile nor in allow meets the action, and what is in deny does,
 * too; with neither profile nor allow everything else is allowed. Returns false after a report. */
bool seccomp_compile(struct reading *r, const struct seccomp_request *request, uint32_t **ret_words,
	size_t *ret_n);

#endif
