/* emit.c - the text that libconfuse gets, and the marks beside it. */
#include <stdlib.h>
#include <string.h>

#include "config/source_internal.h"

static void put(struct load *l, const char *text, size_t length)
{
	struct source *to = l->source;

	if (to->capacity - to->size <= length) {
		size_t capacity = to->capacity == 0 ? 65536 : to->capacity * 2;
		while (capacity - to->size <= length)
			capacity *= 2;
		char *grown = realloc(to->text, capacity);
		if (grown == NULL) {
			l->failed = true;
			return;
		}
		to->text = grown;
		to->capacity = capacity;
	}
	memcpy(to->text + to->size, text, length);
	to->size += length;
	to->text[to->size] = '\0';
}

void emit(struct load *l, const char *text)
{
	put(l, text, strlen(text));
}

/* In quotes, so that how libconfuse ends a bare word does not matter. */
void emit_value(struct load *l, const struct token *token)
{
	if (token->kind == TOK_STRING && *token->text != '$') {
		put(l, token->text, token->length);
	} else if (token->kind == TOK_STRING) {
		emit(l, "\"");
		put(l, token->text, token->length);
		emit(l, "\"");
	} else {
		emit(l, "'");
		for (size_t i = 0; i < token->length; i++) {
			const bool backslash = token->text[i] == '\\';
			put(l, backslash ? "\\\\" : &token->text[i], backslash ? 2 : 1);
		}
		emit(l, "'");
	}
}

static void add_mark(struct load *l, struct marks *marks, const struct mark *mark)
{
	if (marks->n == marks->capacity) {
		size_t capacity = marks->capacity == 0 ? 256 : marks->capacity * 2;
		struct mark *list = reallocarray(marks->list, capacity, sizeof(*list));
		if (list == NULL) {
			l->failed = true;
			return;
		}
		marks->list = list;
		marks->capacity = capacity;
	}
	marks->list[marks->n++] = *mark;
}

/* Is one of the two innermost sections defaults? */
static bool in_defaults(const struct load *l)
{
	for (uint32_t i = l->open; i > 0 && i + 2 > l->open; i--) {
		if (l->blocks[i - 1].inside == IN_DEFAULTS)
			return true;
	}
	return false;
}

void emit_mark(struct load *l, const struct key *key, unsigned line, bool first, bool empty)
{
	const struct mark mark = {.key = key,
		.place = load_place(l, line),
		.depth = l->open,
		.first = first,
		.in_defaults = in_defaults(l),
		.empty = empty};
	add_mark(l, &l->source->values, &mark);
}

void open_block(struct load *l, const struct key *key, unsigned line, const struct token *title)
{
	struct block *block = &l->blocks[l->open++];
	const char *unnamed;

	*block = (struct block){.key = key, .place = load_place(l, line), .inside = key->opens};
	if (context_is_supervisor(key->opens) && ++l->supervisors > l->source->supervisors)
		l->source->supervisors = l->supervisors;
	emit(l, key->name);
	emit(l, " ");
	if (title != NULL) {
		emit_value(l, title);
	} else if (key->shape == SHAPE_TITLED) {
		/* Refused already; it goes on so that what is in it is looked at, too. */
		unnamed = arena_format(&l->r->arena, "'unnamed %zu'", l->source->size);
		emit(l, unnamed);
	}
	emit(l, " {\n");
}

void close_block(struct load *l)
{
	const struct block *block = &l->blocks[l->open - 1];
	const struct mark mark = {.key = block->key,
		.place = block->place,
		.depth = l->open,
		.first = true,
		.in_defaults = in_defaults(l),
		.damaged = block->damaged};

	add_mark(l, &l->source->closes, &mark);
	emit(l, "}\n");
	if (context_is_supervisor(block->inside))
		l->supervisors--;
	l->open--;
}
