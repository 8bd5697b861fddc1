/* source.c - the text of a configuration made ready for libconfuse: the statements. */
#include "config/source_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scanner *load_scanner(struct load *l)
{
	return &l->includes[l->depth - 1].scanner;
}

struct place load_place(struct load *l, unsigned line)
{
	return (struct place){load_scanner(l)->file, line};
}

static struct block *innermost(struct load *l)
{
	return l->open == 0 ? &l->file : &l->blocks[l->open - 1];
}

void load_damaged(struct load *l)
{
	innermost(l)->damaged = true;
}

/* ---- statements */

/* Is the list over without its '}'? Then what comes is no item, but the next setting. */
static bool list_breaks_off(struct load *l)
{
	const struct token token = scan_peek(load_scanner(l));
	struct token second;

	if (token.kind == TOK_END || token_is(&token, '{') || token_is(&token, '='))
		return true;
	if (token.kind != TOK_WORD)
		return false;
	second = scan_peek_second(load_scanner(l));
	return token_is(&second, '=') &&
	       key_find(innermost(l)->inside, token.text, token.length) != NULL;
}

/* An item that was taken; reports when it is none. */
static bool is_item(struct load *l, const struct key *key, const struct token *token)
{
	struct scanner *s = load_scanner(l);
	const struct token next = scan_peek(s);

	if (token->kind == TOK_BAD) {
		load_damaged(l);
		return false;
	}
	if (token->kind == TOK_PUNCT) {
		SYNTAX(l, token->line, "unexpected '%.*s' in the list of '%s'", (int)token->length,
			token->text, key->name);
		return false;
	}
	if (token->kind == TOK_WORD && token_is(&next, '=')) {
		SYNTAX(l, token->line, "an item with '=' in the list of '%s' needs quotes",
			key->name);
		(void)scan_next(s);
		if (load_value_follows(l, token->line))
			(void)scan_next(s);
		return false;
	}
	return true;
}

/* The items of a list up to its '}', whose '{' was taken at line. */
static void list_items(struct load *l, const struct key *key, unsigned line)
{
	struct scanner *s = load_scanner(l);
	bool first = true;
	bool comma = true;

	emit(l, "{");
	while (!list_breaks_off(l)) {
		struct token token = scan_next(s);
		if (token_is(&token, '}'))
			goto closed;
		if (token_is(&token, ',') && !comma) {
			comma = true;
			continue;
		}
		if (!comma)
			SYNTAX(l, token.line, "missing ',' in the list of '%s'", key->name);
		comma = token.kind == TOK_PUNCT;
		if (!is_item(l, key, &token))
			continue;
		emit(l, first ? "" : ",");
		emit_value(l, &token);
		emit_mark(l, key, token.line, first, false);
		first = false;
	}
	SYNTAX(l, line, "the list of '%s' is never closed: its '}' is missing", key->name);
closed:
	if (first) {
		emit(l, "''");
		emit_mark(l, key, line, true, true);
	}
	emit(l, "}\n");
}

/* key = ...: the '=' was taken. */
static void assign(struct load *l, const struct key *key, unsigned line)
{
	struct scanner *s = load_scanner(l);
	struct token token = scan_peek(s);

	if (token_is(&token, '{') && key->shape == SHAPE_LIST) {
		(void)scan_next(s);
		emit(l, key->name);
		emit(l, "=");
		list_items(l, key, token.line);
		return;
	}
	if (token_is(&token, '{')) {
		(void)scan_next(s);
		SYNTAX(l, line, "'%s' takes one value, not a list", key->name);
		load_skip_block(l, token.line);
		return;
	}
	if (!load_value_follows(l, line)) {
		if (token.kind == TOK_BAD)
			(void)scan_next(s);
		else
			SYNTAX(l, line, "missing value after '%s ='", key->name);
		load_damaged(l);
		return;
	}
	token = scan_next(s);
	if (token.kind == TOK_BAD) {
		load_damaged(l);
		return;
	}
	emit(l, key->name);
	emit(l, "=");
	emit_value(l, &token);
	emit(l, "\n");
	emit_mark(l, key, token.line, true, false);
}

static void value_statement(struct load *l, const struct key *key, unsigned line)
{
	struct scanner *s = load_scanner(l);
	struct token token = scan_peek(s);

	if (token_is(&token, '=')) {
		(void)scan_next(s);
		assign(l, key, line);
	} else if (token_is(&token, '+')) {
		SYNTAX(l, line, "'+=' is not known: write '%s =' with all values", key->name);
		load_skip_statement(l, line);
	} else {
		SYNTAX(l, line, "missing '=' after '%s'", key->name);
		load_skip_statement(l, line);
	}
}

/* backoff = 0: a section that may also be a value. For libconfuse it is a section all the same. */
static void section_as_value(struct load *l, const struct key *key, unsigned line)
{
	(void)scan_next(load_scanner(l));
	open_block(l, key, line, NULL);
	assign(l, key_as_value(key), line);
	close_block(l);
}

/* The '{' of a section is not there. When its settings are, nothing else is missing. */
static void no_brace(struct load *l, const struct key *key, unsigned line,
	const struct token *title, bool bad_title)
{
	const struct scanner *s = load_scanner(l);
	struct token token = scan_peek(s);
	struct token second = scan_peek_second(s);

	if (bad_title)
		return;
	SYNTAX(l, line, "missing '{' after '%s%s%.*s'", key->name, title->length > 0 ? " " : "",
		(int)title->length, title->length > 0 ? title->text : "");
	if (token.kind == TOK_WORD && token.line > line && token_is(&second, '=') &&
		key_find(key->opens, token.text, token.length) != NULL)
		open_block(l, key, line, title->length > 0 ? title : NULL);
	else
		load_skip_statement(l, line);
}

static void section_statement(struct load *l, const struct key *key, unsigned line)
{
	struct scanner *s = load_scanner(l);
	struct token title = {0};
	struct token token = scan_peek(s);
	bool titled = key->shape == SHAPE_TITLED;
	bool bad_title = false;

	if (token_is(&token, '=') && key->as_value != NULL) {
		section_as_value(l, key, line);
		return;
	}
	if (token_is(&token, '=') || token_is(&token, '+')) {
		SYNTAX(l, line, "'%s' is a section: %s%s { ... }", key->name, key->name,
			titled ? " \"NAME\"" : "");
		load_skip_statement(l, line);
		return;
	}
	if (titled && load_value_follows(l, line)) {
		title = scan_next(s);
	} else if (titled && token.kind == TOK_BAD) {
		bad_title = true;
		(void)scan_next(s);
		load_damaged(l);
	} else if (titled) {
		SYNTAX(l, line, "'%s' needs a name: %s \"NAME\" { ... }", key->name, key->name);
	} else if (token.kind == TOK_STRING || token.kind == TOK_WORD) {
		SYNTAX(l, line, "'%s' has no name: %s { ... }", key->name, key->name);
		(void)scan_next(s);
	}
	token = scan_peek(s);
	if (!token_is(&token, '{')) {
		no_brace(l, key, line, &title, bad_title);
		return;
	}
	(void)scan_next(s);
	if (l->open == BLOCKS_MAX ||
		(key->shape == SHAPE_TITLED && l->supervisors > SPEC_DEPTH_MAX)) {
		findings_error(l->r->findings, load_place(l, line), "nesting",
			"the tree is nested deeper than %d levels", SPEC_DEPTH_MAX);
		load_damaged(l);
		load_skip_block(l, token.line);
		return;
	}
	open_block(l, key, line, title.length > 0 ? &title : NULL);
}

static void unknown_key(struct load *l, const struct token *word)
{
	const enum context context = innermost(l)->inside;
	const struct key *elsewhere = key_find(CONTEXT_COUNT, word->text, word->length);
	const char *name = arena_text(&l->r->arena, word->text, word->length);
	const char *near = key_nearest(context, name);
	struct place place = load_place(l, word->line);

	if (elsewhere != NULL && key_why_not(context, elsewhere) != NULL) {
		findings_error(l->r->findings, place, "unknown-key", "'%s' has no place %s: %s",
			name, context_where(context), key_why_not(context, elsewhere));
	} else if (elsewhere != NULL) {
		enum context home = IN_SUPERVISOR;
		while (!(elsewhere->where & (1u << home)))
			home = (home + 1) % CONTEXT_COUNT;
		findings_error(l->r->findings, place, "unknown-key",
			"'%s' has no place %s: it belongs %s", name, context_where(context),
			context_where(home));
	} else if (near != NULL) {
		findings_error(l->r->findings, place, "unknown-key",
			"unknown key '%s' %s; did you mean '%s'?", name, context_where(context),
			near);
	} else {
		findings_error(l->r->findings, place, "unknown-key", "unknown key '%s' %s", name,
			context_where(context));
	}
}

static void statement(struct load *l, const struct token *word)
{
	const struct key *key = key_find(innermost(l)->inside, word->text, word->length);

	if (word->length == strlen("include") && memcmp(word->text, "include", word->length) == 0) {
		load_include(l, word);
	} else if (key == NULL) {
		unknown_key(l, word);
		load_skip_statement(l, word->line);
	} else if (key->shape == SHAPE_SECTION || key->shape == SHAPE_TITLED) {
		section_statement(l, key, word->line);
	} else {
		value_statement(l, key, word->line);
	}
}

/* The end of a file: what it opened must be closed. */
static void end_of_file(struct load *l)
{
	while (l->open > l->includes[l->depth - 1].blocks) {
		const struct block *block = innermost(l);
		findings_error(l->r->findings, block->place, "syntax",
			"this %s is never closed: its '}' is missing", block->key->name);
		close_block(l);
	}
	if (!load_next_file(l))
		l->depth--;
}

static void load_step(struct load *l)
{
	struct token token = scan_next(load_scanner(l));

	if (token.kind == TOK_END) {
		end_of_file(l);
	} else if (token_is(&token, '}')) {
		if (l->open > l->includes[l->depth - 1].blocks)
			close_block(l);
		else
			SYNTAX(l, token.line, "this '}' closes nothing");
	} else if (token.kind == TOK_WORD) {
		statement(l, &token);
	} else if (token.kind == TOK_BAD) {
		load_damaged(l);
	} else {
		SYNTAX(l, token.line, "unexpected '%.*s': a key should stand here",
			(int)token.length, token.text);
		if (token_is(&token, '{'))
			load_skip_block(l, token.line);
		else if (token.kind == TOK_STRING ||
			 (token_is(&token, '=') && load_value_follows(l, token.line)))
			load_skip_statement(l, token.line);
	}
}

bool source_load(struct reading *r, const char *file, struct source *ret_source)
{
	struct load *l = calloc(1, sizeof(*l));
	const char *paths[1] = {file};

	if (l == NULL)
		return false;
	*ret_source = (struct source){.file = file};
	l->r = r;
	l->source = ret_source;
	l->file = (struct block){.inside = IN_FILE};
	l->includes[0] = (struct include){.paths = paths, .n = 1};
	l->depth = 1;
	emit(l, "\n");
	if (!load_next_file(l))
		l->depth = 0;
	while (l->depth > 0 && !l->failed)
		load_step(l);
	ret_source->damaged = l->file.damaged;
	bool good = !l->failed && !r->arena.failed;
	free(l);
	return good;
}

void source_free(struct source *source)
{
	free(source->text);
	free(source->values.list);
	free(source->closes.list);
}
