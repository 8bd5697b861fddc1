/* skip.c - leaving out what cannot be read, and finding where it goes on. */
#include "config/source_internal.h"

void load_skip_block(struct load *l, unsigned line)
{
	struct scanner *s = load_scanner(l);

	for (unsigned depth = 1; depth > 0;) {
		struct token token = scan_next(s);
		if (token.kind == TOK_END) {
			SYNTAX(l, line, "this '{' is never closed: its '}' is missing");
			return;
		}
		if (token_is(&token, '{'))
			depth++;
		else if (token_is(&token, '}'))
			depth--;
	}
}

bool load_value_follows(struct load *l, unsigned line)
{
	struct token token = scan_peek(load_scanner(l));
	struct token second;

	if (token.kind != TOK_WORD || token.line == line)
		return token.kind == TOK_WORD || token.kind == TOK_STRING;
	second = scan_peek_second(load_scanner(l));
	if (token_is(&second, '=') || token_is(&second, '+'))
		return false;
	return key_find(CONTEXT_COUNT, token.text, token.length) == NULL ||
	       (second.kind != TOK_STRING && !token_is(&second, '{'));
}

void load_skip_arguments(struct load *l, unsigned line)
{
	struct scanner *s = load_scanner(l);

	for (;;) {
		struct token token = scan_peek(s);
		if (token.kind == TOK_END || token.line != line || token_is(&token, '}'))
			return;
		token = scan_next(s);
		if (token_is(&token, ')'))
			return;
	}
}

void load_skip_statement(struct load *l, unsigned line)
{
	struct scanner *s = load_scanner(l);
	struct token token = scan_peek(s);

	load_damaged(l);
	if (token_is(&token, '=') || token_is(&token, '+')) {
		(void)scan_next(s);
		if (load_value_follows(l, line)) {
			(void)scan_next(s);
			return;
		}
	} else if (token_is(&token, '(')) {
		load_skip_arguments(l, line);
		return;
	} else if (token.line == line && load_value_follows(l, line)) {
		(void)scan_next(s);
	}
	token = scan_peek(s);
	if (token_is(&token, '{')) {
		(void)scan_next(s);
		load_skip_block(l, token.line);
	}
}
