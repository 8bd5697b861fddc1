/* build.h - from the records of a file to a specification. */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/keys.h"

struct build_request {
	const char *file_name;
	const char
		*above; /* path of the root, which is one in a larger tree; NULL: it is the root */
	char *const *env;
	const struct record *outer; /* sections defaults above the root: the outermost, whose `next`
				       leads inwards; NULL: none */
};

/* Checks the tree below file, fills in defaults, and builds the block. What is wrong goes to
 * r->findings. Returns NULL when there are errors, these or earlier ones, or memory ran out. */
struct spec *config_build(struct reading *r, struct record *file,
	const struct build_request *request, size_t *ret_size);

#endif
