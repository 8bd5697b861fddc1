/* child.h - the specification of one process that comes at run time, from an operator's words. */
#ifndef CONFIG_CHILD_H
#define CONFIG_CHILD_H

#include <stddef.h>

#include "config/findings.h"
#include "config/spec.h"

/* What an operator asks for: supctl start-child SUP NAME [--set KEY=VALUE...] [-- WORDS...]. */
struct config_child_request {
	const char *name;
	const char *sup_path;	  /* of the supervisor that it goes below; "/" is the root */
	const struct spec *spec;  /* the tree, checked; NULL: not known: nothing is inherited, and
				     what must agree with the supervisor is not checked */
	uint32_t sup;		  /* the supervisor's node there */
	const char *const *words; /* the command, as it is; NULL-ended; NULL: a setting has it */
	const char *const *settings; /* "KEY=VALUE", NULL-ended; NULL: none. Any key of a process
					but instances, or SECTION.KEY. VALUE as in the file, one
					value, {list} or {section}; what begins with none of " ' {
					${ is taken as it stands, blanks and all */
	char *const *env;	     /* supd's own environment */
};

/* Builds a block whose node 0 stands for the supervisor and whose node 1 is the process. Appends
 * every error to *f (place "start-child", line 0). Returns it (malloc, *ret_size bytes; the caller
 * frees it), or NULL when there is any error.
 *
 * What no setting says comes from the sections defaults above it, as for a process of the file.
 *
 * Nothing but settings of that one process can come out of it: each value is scanned by itself, and
 * no text is put together from them. To be called in a child process, as config_read. */
struct spec *config_child(
	const struct config_child_request *request, struct findings *f, size_t *ret_size);

#endif
