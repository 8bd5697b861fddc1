/* scan.c - the tokens of a configuration file. */
#include "config/scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void bad(const struct scanner *s, unsigned line, const char *text)
{
	if (s->findings != NULL)
		findings_error(s->findings, (struct place){s->file, line}, "syntax", "%s", text);
}

static bool starts(const struct scanner *s, const char *with)
{
	const size_t length = strlen(with);
	return (size_t)(s->end - s->at) >= length && memcmp(s->at, with, length) == 0;
}

static void skip_line(struct scanner *s)
{
	const char *newline = memchr(s->at, '\n', (size_t)(s->end - s->at));
	s->at = newline != NULL ? newline : s->end;
}

static void skip_block_comment(struct scanner *s)
{
	const unsigned line = s->line;

	for (s->at += 2; s->at < s->end; s->at++) {
		if (starts(s, "*/")) {
			s->at += 2;
			return;
		}
		if (*s->at == '\n')
			s->line++;
	}
	bad(s, line, "this comment is never closed: '*/' is missing");
}

static void skip_space(struct scanner *s)
{
	for (;;) {
		if (s->at == s->end)
			return;
		if (*s->at == '\n') {
			s->line++;
			s->at++;
		} else if (*s->at == ' ' || *s->at == '\t' || *s->at == '\r') {
			s->at++;
		} else if (*s->at == '#' || starts(s, "//")) {
			skip_line(s);
		} else if (starts(s, "/*")) {
			skip_block_comment(s);
		} else {
			return;
		}
	}
}

/* "${NAME}" or "${NAME:-default}" at s->at. libconfuse takes an unset one for nothing; that hides
 * mistakes. Returns false when it does not end or is not set. */
static bool take_variable(struct scanner *s)
{
	const char *name = s->at + 2;
	const char *c = name;
	size_t length;
	char *copy;
	bool is_set;

	while (c < s->end && *c != '}' && *c != '\n' && *c != '"')
		c++;
	if (c == s->end || *c != '}') {
		bad(s, s->line, "'${' without its '}'");
		s->at += 2;
		return false;
	}
	s->at = c + 1;
	length = (size_t)(c - name);
	if (memmem(name, length, ":-", 2) != NULL)
		return true;
	copy = strndup(name, length);
	if (copy == NULL) {
		bad(s, s->line, "out of memory");
		return false;
	}
	is_set = getenv(copy) != NULL;
	if (!is_set && s->findings != NULL)
		findings_error(s->findings, (struct place){s->file, s->line}, "unset-variable",
			"environment variable '%s' is not set, and no default is given: write "
			"${%s:-DEFAULT}",
			copy, copy);
	free(copy);
	return is_set;
}

/* The characters after a backslash in double quotes: numbers must be a byte, and not NUL. Returns
 * false when they are not. */
static bool take_escape(struct scanner *s)
{
	char digits[4] = {0};
	int base = 8;
	size_t n = 0;
	long value = 1;
	size_t max = 3;

	s->at++;
	if (s->at == s->end)
		return true;
	if (*s->at == '\n')
		s->line++;
	if (*s->at == 'x' && s->at + 1 < s->end && isxdigit((unsigned char)s->at[1])) {
		base = 16;
		max = 2;
		s->at++;
	} else if (!isdigit((unsigned char)*s->at)) {
		s->at++;
		return true;
	}
	while (n < max && s->at < s->end &&
		(base == 16 ? isxdigit((unsigned char)*s->at) : isdigit((unsigned char)*s->at)))
		digits[n++] = *s->at++;
	if (base == 8 && (strspn(digits, "01234567") != n ||
				 (s->at < s->end && isdigit((unsigned char)*s->at))))
		value = 0;
	else
		value = strtol(digits, NULL, base);
	if (value >= 1 && value <= 255)
		return true;
	bad(s, s->line,
		"this escape in double quotes is no character: \\1 to \\377, or "
		"\\x01 to \\xff");
	return false;
}

static struct token take_quoted(struct scanner *s)
{
	const char quote = *s->at;
	struct token token = {.kind = TOK_STRING, .text = s->at, .line = s->line};
	bool good = true;

	s->at++;
	while (s->at < s->end && *s->at != quote) {
		if (quote == '"' && starts(s, "${")) {
			good = take_variable(s) && good;
		} else if (*s->at == '\\' && quote == '"') {
			good = take_escape(s) && good;
		} else if (*s->at == '\\') {
			s->at++;
			if (s->at < s->end && *s->at == '\n')
				s->line++;
			if (s->at < s->end)
				s->at++;
		} else {
			if (*s->at == '\n')
				s->line++;
			s->at++;
		}
	}
	if (s->at == s->end) {
		bad(s, token.line, "this string is never closed: its quote is missing");
		token.kind = TOK_BAD;
		return token;
	}
	s->at++;
	token.length = (size_t)(s->at - token.text);
	if (!good)
		token.kind = TOK_BAD;
	return token;
}

static bool in_word(const struct scanner *s)
{
	if (s->at == s->end || strchr(" \t\r\n#\"'={}(),;", *s->at) != NULL)
		return false;
	return *s->at != '+' || s->at + 1 == s->end || s->at[1] != '=';
}

struct token scan_next(struct scanner *s)
{
	struct token token = {.kind = TOK_END};

	skip_space(s);
	token.line = s->line;
	token.text = s->at;
	if (s->at == s->end)
		return token;
	if (*s->at == '"' || *s->at == '\'')
		return take_quoted(s);
	if (starts(s, "${")) {
		token.kind = take_variable(s) ? TOK_STRING : TOK_BAD;
	} else if (starts(s, "+=")) {
		token.kind = TOK_PUNCT;
		token.punct = '+';
		s->at += 2;
	} else if (strchr("{}()=,", *s->at) != NULL) {
		token.kind = TOK_PUNCT;
		token.punct = *s->at++;
	} else if (*s->at == ';') {
		bad(s, s->line, "';' has no place here: a setting needs no mark at its end");
		token.kind = TOK_BAD;
		s->at++;
	} else {
		token.kind = TOK_WORD;
		while (in_word(s))
			s->at++;
	}
	token.length = (size_t)(s->at - token.text);
	return token;
}

struct token scan_peek(const struct scanner *s)
{
	struct scanner copy = *s;

	copy.findings = NULL;
	return scan_next(&copy);
}

struct token scan_peek_second(const struct scanner *s)
{
	struct scanner copy = *s;

	copy.findings = NULL;
	(void)scan_next(&copy);
	return scan_next(&copy);
}

bool token_is(const struct token *token, char punct)
{
	return token->kind == TOK_PUNCT && token->punct == punct;
}
