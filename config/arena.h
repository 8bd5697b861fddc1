/* arena.h - memory of one reading of a configuration: taken piece by piece, given back at once.
 *
 * Running out of memory is remembered; every function then returns what is safe to use, so that a
 * reader may check once, at its end. */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
	struct arena_chunk *chunks;
	bool failed; /* memory ran out at least once */
};

/* Zeroed memory of size bytes, aligned for anything; NULL when memory ran out. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of length bytes of text, NUL-ended; "" when memory ran out. */
const char *arena_text(struct arena *arena, const char *text, size_t length);
const char *arena_str(struct arena *arena, const char *text);

/* printf into the arena; "" when memory ran out. */
const char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A list of strings that grows; all zero is the empty list. */
struct strs {
	const char **item;
	size_t n;
	size_t capacity;
};

/* Appends text (borrowed). Returns false when memory ran out. */
bool strs_add(struct arena *arena, struct strs *strs, const char *text);

void arena_free(struct arena *arena);

#endif
