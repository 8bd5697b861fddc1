/* load.h - what load.c and load_sups.c share: the block being read. */
#ifndef ENGINE_LOAD_H
#define ENGINE_LOAD_H

#include "supervisor/engine/internal.h"
#include "supervisor/engine/saved.h"

struct reader {
	const char *at;
	const char *end;
	struct saved_header header;
	const char *rows; /* the section of rows */
	engine_addition *addition;
	void *context;
	const char *why; /* NULL: all is well so far */
};

/* Notes what is wrong, unless something was before. Returns false. */
bool load_bad(struct reader *r, const char *why);

/* Copies the next n bytes. Returns false when there are not so many. */
bool load_take(struct reader *r, void *ret, size_t n);

/* Takes the number of a row that there is. */
bool load_take_row_number(struct reader *r, uint32_t *ret);

/* The saved record of row n. */
struct saved_row load_saved_row(const struct reader *r, uint32_t n);

struct end load_end(const struct saved_end *end);
bool load_addition_is_valid(const struct addition *add);

/* ---- load_sups.c: each reads its sections. Returns false after load_bad. */
bool load_sups(struct engine *e, struct reader *r);
bool load_commands(struct engine *e, struct reader *r);
bool load_queues(struct engine *e, struct reader *r);
bool load_work(struct engine *e, struct reader *r);

/* Do the parts agree? Then deadlines are set. */
bool load_deadlines(struct engine *e, struct reader *r);

#endif
