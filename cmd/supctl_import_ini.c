/* supctl_import_ini.c - an ini file, as supervisord's own reader takes it. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl_import.h"
#include "cmd/supctl_output.h"

/* Where a reader of lines is. */
struct cursor {
	const char *file;
	char *next; /* NULL: the end */
	unsigned line;
	const char *section; /* NULL: none yet */
	char *tail;	     /* the end of the last value; NULL: none that could go on */
};

static char *trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}

/* The next line, ended; NULL: there is none. */
static char *take_line(struct cursor *cursor)
{
	char *line = cursor->next;
	char *end;

	if (line == NULL || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	cursor->next = end ? end + 1 : NULL;
	cursor->line++;
	return line;
}

static int add(struct ini *ini, struct ini_entry entry)
{
	if (ini->n == ini->room) {
		size_t room = ini->room ? ini->room * 2 : 64;
		struct ini_entry *entries = reallocarray(ini->entries, room, sizeof *entries);

		if (!entries) {
			complain("out of memory");
			return -ENOMEM;
		}
		ini->entries = entries;
		ini->room = room;
	}
	ini->entries[ini->n++] = entry;
	return 0;
}

static int bad(const struct cursor *cursor, const char *why)
{
	complain("%s:%u: %s", cursor->file, cursor->line, why);
	return -EINVAL;
}

static int take_section(struct ini *ini, struct cursor *cursor, char *line)
{
	char *end = strchr(line, ']');

	if (!end)
		return bad(cursor, "this section's ']' is missing");
	*end = '\0';
	cursor->section = trim(line + 1);
	cursor->tail = NULL;
	return add(ini,
		(struct ini_entry){
			.section = cursor->section, .file = cursor->file, .line = cursor->line});
}

static int take_value(struct ini *ini, struct cursor *cursor, char *line)
{
	char *separator = line + strcspn(line, "=:");
	char *value;

	if (!cursor->section)
		return bad(cursor, "a section such as [program:web] must come first");
	if (*separator == '\0')
		return bad(cursor, "this is no KEY = VALUE");
	*separator = '\0';
	value = trim(separator + 1);
	cursor->tail = value + strlen(value);
	return add(ini, (struct ini_entry){.section = cursor->section,
				.key = trim(line),
				.value = value,
				.file = cursor->file,
				.line = cursor->line});
}

/* A line that begins with a blank goes on with the value: it is moved to its end, to which there is
 * always room, since it lies behind. */
static void go_on(struct cursor *cursor, const char *line)
{
	size_t n = strlen(line);

	*cursor->tail++ = ' ';
	memmove(cursor->tail, line, n + 1);
	cursor->tail += n;
}

static void cut_comment(char *line)
{
	for (char *c = line; *c; c++)
		if (*c == ';' && (c == line || isspace((unsigned char)c[-1]))) {
			*c = '\0';
			return;
		}
}

static int take(struct ini *ini, struct cursor *cursor, char *line)
{
	const bool indented = *line == ' ' || *line == '\t';

	if (*line == '#')
		return 0;
	cut_comment(line);
	line = trim(line);
	if (*line == '\0')
		return 0;
	if (indented && cursor->tail) {
		go_on(cursor, line);
		return 0;
	}
	return *line == '[' ? take_section(ini, cursor, line) : take_value(ini, cursor, line);
}

int ini_read(struct ini *ini, char *text, const char *file)
{
	struct cursor cursor = {.file = file, .next = text};
	char *line;

	while ((line = take_line(&cursor)) != NULL) {
		int error = take(ini, &cursor, line);

		if (error < 0)
			return error;
	}
	return 0;
}

void ini_free(struct ini *ini)
{
	free(ini->entries);
	*ini = (struct ini){0};
}

const char *ini_value(const struct ini *ini, size_t section, const char *key)
{
	const char *value = NULL;

	for (size_t i = section + 1; i < ini->n && ini->entries[i].key; i++)
		if (strcmp(ini->entries[i].key, key) == 0)
			value = ini->entries[i].value;
	return value;
}
