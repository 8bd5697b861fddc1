/* names.c - the names of children. */
#include "config/names.h"

#include <stdint.h>
#include <string.h>
#include <uthash.h>

#include "config/spec.h"
#include "config/text.h"

struct name {
	UT_hash_handle hh;
	struct place place;
	unsigned char key[]; /* the parent's address, then the name */
};

void names_check(struct findings *f, const char *name, struct place place)
{
	const char *wrong = NULL;
	size_t length = strlen(name);

	for (const char *c = name; *c != '\0' && wrong == NULL; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			wrong = "holds a control character";
		else if (*c == '/')
			wrong = "holds a '/', which separates the names of a path";
	}
	if (length == 0)
		wrong = "is empty";
	else if (length > SPEC_NAME_MAX)
		wrong = "is longer than 63 bytes";
	else if (*name == '-')
		wrong = "begins with '-'";
	else if (wrong == NULL && !text_is_utf8(name))
		wrong = "is not UTF-8";
	if (wrong != NULL)
		findings_error(f, place, "bad-name", "the name '%s' %s", name, wrong);
}

bool names_take(struct names *names, struct arena *arena, struct findings *f, const void *parent,
	const char *name, struct place place)
{
	const uintptr_t address = (uintptr_t)parent;
	const size_t length = sizeof(address) + strlen(name);
	struct name *new = arena_alloc(arena, sizeof(*new) + length);
	struct name *old;

	if (new == NULL)
		return true;
	memcpy(new->key, &address, sizeof(address));
	memcpy(new->key + sizeof(address), name, strlen(name));
	new->place = place;
	HASH_FIND(hh, names->taken, new->key, length, old);
	if (old != NULL) {
		findings_error(f, place, "duplicate-name",
			"the name '%s' is taken by a sibling at %s:%u", name, old->place.file,
			old->place.line);
		return false;
	}
	HASH_ADD_KEYPTR(hh, names->taken, new->key, length, new);
	if (new->hh.tbl == NULL)
		arena->failed = true;
	return true;
}

void names_free(struct names *names)
{
	HASH_CLEAR(hh, names->taken);
}
