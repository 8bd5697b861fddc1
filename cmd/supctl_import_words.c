/* supctl_import_words.c - values of another supervisor's file as supd.conf(5) writes them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supctl_import.h"

enum { NAME_MAX_BYTES = 63 };

static void put(FILE *to, char c, enum import_quoting quoting)
{
	if (c == '"' || c == '\\' || c == '$')
		(void)fputc('\\', to);
	if (c == '%' && quoting == IMPORT_SPECIFIERS)
		(void)fputc('%', to);
	(void)fputc(c, to);
}

static void put_text(FILE *to, const char *text, enum import_quoting quoting)
{
	for (; *text; text++)
		put(to, *text, quoting);
}

static bool is(const char *name, size_t n, const char *word)
{
	return strlen(word) == n && strncmp(name, word, n) == 0;
}

/* One %(name)s. Returns false: it has no counterpart. */
static bool put_expansion(FILE *to, const struct import_names *names, const char *name, size_t n,
	enum import_quoting quoting)
{
	char host[256];

	if (n > 4 && strncmp(name, "ENV_", 4) == 0)
		(void)fprintf(to, "${%.*s}", (int)n - 4, name + 4);
	else if (is(name, n, "program_name"))
		put_text(to, names->program, quoting);
	else if (is(name, n, "group_name"))
		put_text(to, names->group, quoting);
	else if (is(name, n, "here"))
		put_text(to, names->here, quoting);
	else if (is(name, n, "process_num"))
		(void)fputs(names->instance, to);
	else if (is(name, n, "host_node_name") && gethostname(host, sizeof host) == 0)
		put_text(to, host, quoting);
	else
		return false;
	return true;
}

/* Writes what stands at text, which begins with '%'. Returns how many bytes that were. */
static size_t put_percent(
	FILE *to, const struct import_names *names, const char *text, enum import_quoting quoting)
{
	size_t name = strcspn(text, ")");
	size_t end;

	if (text[1] == '%') {
		put(to, '%', quoting);
		return 2;
	}
	if (text[1] != '(' || text[name] != ')') {
		put(to, '%', quoting);
		return 1;
	}
	end = name + 1;
	while (isdigit((unsigned char)text[end]))
		end++;
	if ((text[end] == 's' || text[end] == 'd') &&
		put_expansion(to, names, text + 2, name - 2, quoting))
		return end + 1;
	put(to, '%', quoting);
	return 1;
}

char *import_quote(const struct import_names *names, const char *text, enum import_quoting quoting)
{
	char *result = NULL;
	size_t size;
	FILE *to = open_memstream(&result, &size);
	bool bad;

	if (!to)
		return NULL;
	(void)fputc('"', to);
	while (*text)
		if (names && *text == '%')
			text += put_percent(to, names, text, quoting);
		else
			put(to, *text++, quoting);
	(void)fputc('"', to);
	bad = ferror(to) != 0;
	if (fclose(to) != 0 || bad) {
		free(result);
		return NULL;
	}
	return result;
}

void import_name(const char *text, char name[static 64])
{
	size_t n = 0;

	for (; *text && n < NAME_MAX_BYTES; text++) {
		name[n] = *text;
		if (!isalnum((unsigned char)*text) && !strchr("_.+@:", *text) &&
			(*text != '-' || n == 0))
			name[n] = '_';
		n++;
	}
	name[n] = '\0';
}
