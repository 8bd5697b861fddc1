/* impact_words.h - what impact_text.c writes with: a text that grows, names, phrases, lists. */
#ifndef WIRE_IMPACT_WORDS_H
#define WIRE_IMPACT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/engine/impact.h"

enum { IMPACT_PATH_SIZE = 2112 };

struct text {
	const struct impact *impact;
	char *at; /* malloc; NULL while empty */
	size_t n;
	size_t size;
	bool failed; /* memory ran out */
};

__attribute__((format(printf, 2, 3))) void text_say(struct text *t, const char *format, ...);

/* "3 restarts within 5s" */
void text_limit(struct text *t, const struct sup_spec *sup);

/* What one step says, without a newline; nothing of stops and starts. */
void text_phrase(struct text *t, const struct impact_step *step);

/* "  stops    a, b, c": what is stopped (and removed), or started, from step `at` on, a line each,
 * behind indent; when stands behind those that are started. Returns the step after them. */
uint32_t text_list(struct text *t, uint32_t at, uint32_t end, const char *indent, const char *when);
bool impact_is_stop(const struct text *t, uint32_t i);
bool impact_is_start(const struct text *t, uint32_t i);

const char *impact_path_of(
	const struct text *t, uint32_t index, char path[static IMPACT_PATH_SIZE]);
/* At the end of the look. */
bool impact_is_parked(const struct text *t, uint32_t index);

const struct sup_spec *impact_sup_spec(const struct text *t, uint32_t index);

/* A time that has passed: "300ms", "1.2s", "2m05s". */
const char *impact_time(int64_t ms, char buf[static 32]);

#endif
