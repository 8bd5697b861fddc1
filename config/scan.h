/* scan.h - the tokens of a configuration file, with the line of each.
 *
 * The lexical rules are libconfuse's, made strict: what libconfuse would drop silently (a stray
 * character, an unset variable, a string that never ends) is an error here. */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "config/findings.h"

enum token_kind {
	TOK_END,
	TOK_WORD,   /* without quotes */
	TOK_STRING, /* in quotes, or a bare ${VAR} */
	TOK_PUNCT,  /* one of { } ( ) = , and + for += */
	TOK_BAD,    /* reported already */
};

struct token {
	enum token_kind kind;
	char punct;
	const char *text; /* as written, quotes included; not NUL-ended */
	size_t length;
	unsigned line; /* of its first character */
};

struct scanner {
	const char *file;
	const char *at;
	const char *end;
	unsigned line;
	struct findings *findings;
};

/* Takes the next token. */
struct token scan_next(struct scanner *s);

/* The next token and the one after it, without taking them or reporting anything. */
struct token scan_peek(const struct scanner *s);
struct token scan_peek_second(const struct scanner *s);

bool token_is(const struct token *token, char punct);

#endif
