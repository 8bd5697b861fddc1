/* arena.c - memory of one reading of a configuration. */
#include "config/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024, ALIGN = _Alignof(max_align_t) };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	max_align_t bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->chunks;
	size_t room = CHUNK_SIZE;
	void *memory;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (chunk == NULL || chunk->size - chunk->used < size) {
		if (size > room)
			room = size;
		chunk = calloc(1, sizeof(*chunk) + room);
		if (chunk == NULL) {
			arena->failed = true;
			return NULL;
		}
		chunk->size = room;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	memory = (char *)chunk->bytes + chunk->used;
	chunk->used += size;
	return memory;
}

const char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (copy == NULL)
		return "";
	memcpy(copy, text, length);
	return copy;
}

const char *arena_str(struct arena *arena, const char *text)
{
	return arena_text(arena, text, strlen(text));
}

const char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (text == NULL)
		return "";
	va_start(args, format);
	(void)vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

bool strs_add(struct arena *arena, struct strs *strs, const char *text)
{
	if (strs->n == strs->capacity) {
		size_t capacity = strs->capacity == 0 ? 8 : strs->capacity * 2;
		const char **item = arena_alloc(arena, capacity * sizeof(*item));
		if (item == NULL)
			return false;
		if (strs->n > 0)
			memcpy(item, strs->item, strs->n * sizeof(*item));
		strs->item = item;
		strs->capacity = capacity;
	}
	strs->item[strs->n++] = text;
	return true;
}

void arena_free(struct arena *arena)
{
	while (arena->chunks != NULL) {
		struct arena_chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		free(chunk);
	}
	arena->failed = false;
}
