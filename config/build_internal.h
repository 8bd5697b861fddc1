/* build_internal.h - between build.c (the tree) and build_process.c (one process). */
#ifndef CONFIG_BUILD_INTERNAL_H
#define CONFIG_BUILD_INTERNAL_H

#include "config/keys.h"
#include "config/users.h"

/* The environment computed last, and from what: children with the same settings share it. */
struct last_environment {
	const char *user;
	const char *file;
	const char **items;
	size_t n;
	uint32_t offset;
	bool there;
};

struct build {
	struct reading *r;
	struct spec_builder *b;
	char *const *env;
	struct users users;
	struct last_environment last;
	struct record process_defaults; /* the defaults of the contract: every key is set */
	struct record supervisor_defaults;
};

/* Where a key of record was set. */
struct place build_place(const struct record *record, const char *key_name);

/* Is it set by the contract only, and by no file? */
bool build_is_default(const struct record *record, const char *key_name);

/* Fills the process members of *node. Everything of record is set. */
void build_process(struct build *build, const struct record *record, struct spec_node *node);

#endif
