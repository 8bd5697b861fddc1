/* child.h - the specification of one child that an operator adds at run time (supctl start-child).
 */
#ifndef CONFIG_CHILD_H
#define CONFIG_CHILD_H

#include <stddef.h>

#include "config/findings.h"
#include "config/spec.h"

struct config_child_request {
	const char *name;
	const char *sup_path;	  /* of its supervisor, "/" for the root: for %p */
	const char *const *words; /* NULL-ended: the command as it is, no splitting, no specifiers;
				     NULL: none */
	const char *const *settings; /* NULL-ended "KEY=VALUE": any key of a process; NULL: none */
	char *const *env;	     /* supd's own environment */
};

/* Builds a block of a root supervisor and one process, node 1. Returns it (malloc, *ret_size), or
 * NULL with findings. Runs in a child process of supd, as config_read does. */
struct spec *config_child(
	const struct config_child_request *request, struct findings *f, size_t *ret_size);

#endif
