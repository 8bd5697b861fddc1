/* supd_paths.h - the paths that the lines of a script may name (supd_script.h). */
#ifndef CMD_SUPD_PATHS_H
#define CMD_SUPD_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/findings.h"
#include "config/spec.h"

/* A path that a line may name. */
struct known {
	char *path;    /* malloc */
	uint32_t node; /* of the tree; an instance has its template's; SPEC_NONE: added below a
			  static supervisor */
	bool added;
};

struct paths {
	const struct spec *spec;
	struct known *list;
	size_t n;
};

/* All paths of the tree: node i has place i. A template has none (""). Returns 0 or -ENOMEM; either
 * way paths_free ends it. */
int paths_of_tree(struct paths *paths, const struct spec *spec);

/* Adds a path (malloc, stolen; NULL: there was no memory for it). Returns 0 or -ENOMEM. */
int paths_add(struct paths *paths, char *path, uint32_t node, bool added);
void paths_free(struct paths *paths);

/* "sup/name"; "name" below the root. malloc, or NULL. */
char *paths_join(const char *sup, const char *name);

/* Finds what text names: a whole path, or an unambiguous last part. Returns its place, or SIZE_MAX
 * after an error at place. */
size_t paths_find(
	const struct paths *paths, const char *text, struct findings *f, struct place place);

#endif
