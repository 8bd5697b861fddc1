/* source.h - the text of a configuration made ready for libconfuse: includes put in their places,
 * comments gone, what is wrong reported and left out.
 *
 * libconfuse stops at the first thing it does not like, forgets the line a section began on, and
 * its own include knows no patterns. So the files are first walked statement by statement with the
 * table of keys (keys.h). What comes out is one text that libconfuse can read to its end, and for
 * each of its callbacks, in their order, a mark that tells the key and its place. */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/keys.h"

struct mark {
	const struct key *key;
	struct place place; /* of the value; of the line where the section begins */
	uint32_t depth;	    /* sections open around the value; around the section and itself */
	bool first;	    /* the first value of its statement */
	bool empty;	    /* the list is empty: the value stands for nothing */
	bool in_defaults;   /* it, or the section around it, stands in a section defaults */
	bool damaged;	    /* section: something in it was left out */
};

struct marks {
	struct mark *list;
	size_t n;
	size_t capacity;
};

struct source {
	char *text; /* NUL-ended */
	size_t size;
	size_t capacity;
	struct marks values;  /* one a value, in order */
	struct marks closes;  /* one a section, in order of their ends */
	uint32_t supervisors; /* the most open at once, one in the other */
	bool damaged;	      /* something at the top level was left out */
	const char *file;
};

/* Reads file and all that it includes. What is wrong goes to r->findings. Returns false when memory
 * ran out. */
bool source_load(struct reading *r, const char *file, struct source *ret_source);
void source_free(struct source *source);

#endif
