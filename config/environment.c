/* environment.c - the whole environment of a process. */
#include "config/environment.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
static const char RULE[] = "environment-file";

struct variable {
	UT_hash_handle hh;
	size_t at; /* in strs */
};

void environment_add(struct environment *e, const char *assignment)
{
	const char *equal = strchr(assignment, '=');
	size_t length = equal != NULL ? (size_t)(equal - assignment) : strlen(assignment);
	struct variable *variable;

	HASH_FIND(hh, e->names, assignment, length, variable);
	if (variable != NULL) {
		e->strs.item[variable->at] = assignment;
		return;
	}
	variable = arena_alloc(e->arena, sizeof(*variable));
	if (variable == NULL)
		return;
	variable->at = e->strs.n;
	if (!strs_add(e->arena, &e->strs, assignment))
		return;
	HASH_ADD_KEYPTR(hh, e->names, assignment, length, variable);
	if (variable->hh.tbl == NULL)
		e->arena->failed = true;
}

void environment_set(struct environment *e, const char *name, const char *value)
{
	environment_add(e, arena_format(e->arena, "%s=%s", name, value));
}

void environment_base(struct environment *e, char *const *env)
{
	static const char *const PRIVATE[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
		"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "SUPD_PATH", "SUPD_NAME",
		"SUPD_INSTANCE"};

	for (; env != NULL && *env != NULL; env++) {
		const char *equal = strchr(*env, '=');
		bool private = equal == NULL || equal == *env;
		for (size_t i = 0; i < ARRAY_LEN(PRIVATE) && !private; i++) {
			const size_t length = strlen(PRIVATE[i]);
			private = (size_t)(equal - *env) == length &&
				  strncmp(*env, PRIVATE[i], length) == 0;
		}
		if (!private)
			environment_add(e, *env);
	}
}

/* The value at text: bare up to the end of the line, or in quotes (in double ones a backslash takes
 * the next character as it is). Returns NULL when it does not end well. */
static const char *read_value(struct arena *arena, const char *text)
{
	char *value = arena_alloc(arena, strlen(text) + 1);
	const char quote = *text;
	char *to = value;

	if (value == NULL)
		return NULL;
	if (quote != '"' && quote != '\'') {
		for (to = stpcpy(value, text); to > value && isspace((unsigned char)to[-1]);)
			*--to = '\0';
		return value;
	}
	for (text++; *text != quote; text++) {
		if (*text == '\\' && quote == '"')
			text++;
		if (*text == '\0')
			return NULL;
		*to++ = *text;
	}
	text++;
	return text[strspn(text, " \t\r")] == '\0' ? value : NULL;
}

static void read_line(struct environment *e, struct findings *f, char *line, struct place place)
{
	const char *name = line + strspn(line, " \t\r");
	size_t length;
	const char *value;

	if (*name == '\0' || *name == '#' || *name == ';')
		return;
	if (strncmp(name, "export", 6) == 0 && (name[6] == ' ' || name[6] == '\t'))
		name += 6 + strspn(name + 6, " \t");
	for (length = 0; isalnum((unsigned char)name[length]) || name[length] == '_';)
		length++;
	if (length == 0 || name[length] != '=' || isdigit((unsigned char)*name)) {
		findings_error(f, place, RULE, "a line is NAME=value, a comment or empty");
		return;
	}
	value = read_value(e->arena, name + length + 1);
	if (value == NULL) {
		findings_error(f, place, RULE,
			"the value of %.*s is not closed well: a quote is "
			"missing, or something follows it",
			(int)length, name);
		return;
	}
	environment_add(e, arena_format(e->arena, "%.*s=%s", (int)length, name, value));
}

void environment_file(
	struct environment *e, struct findings *f, const char *path, bool optional, struct place at)
{
	FILE *file = fopen(path, "re");
	struct place place = {path, 0};
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;

	if (file == NULL) {
		if (!optional || errno != ENOENT)
			findings_error(f, at, RULE, "cannot read %s: %s", path, strerror(errno));
		return;
	}
	errno = 0;
	while ((length = getline(&line, &capacity, file)) >= 0) {
		place.line++;
		if (length > 0 && line[length - 1] == '\n')
			line[--length] = '\0';
		if (strlen(line) != (size_t)length)
			findings_error(f, place, RULE, "this line holds a NUL byte");
		else
			read_line(e, f, line, place);
	}
	if (ferror(file) != 0)
		findings_error(f, at, RULE, "cannot read %s: %s", path, strerror(errno));
	free(line);
	(void)fclose(file);
}

void environment_free(struct environment *e)
{
	HASH_CLEAR(hh, e->names);
	e->strs = (struct strs){0};
}
