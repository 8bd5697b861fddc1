/* command.c - a command line into words. */
#include "config/command.h"

#include <assert.h>
#include <string.h>

static const char RULE[] = "bad-command";

/* Takes one word at *at, quotes removed, into to (which has room). Returns false when a quote does
 * not end. */
static bool take_word(const char **at, char *to)
{
	char quote = '\0';
	const char *c = *at;

	for (; *c != '\0'; c++) {
		if (quote == '\0' && strchr(" \t\n\r", *c) != NULL)
			break;
		if (quote == '\0' && (*c == '\'' || *c == '"')) {
			quote = *c;
		} else if (quote != '\0' && *c == quote) {
			quote = '\0';
		} else if (*c == '\\' && quote != '\'') {
			/* In double quotes a backslash is itself before most characters. */
			if (c[1] == '\0')
				return false;
			if (quote == '"' && strchr("$`\"\\\n", c[1]) == NULL)
				*to++ = *c;
			if (*++c != '\n')
				*to++ = *c;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	*at = c;
	return quote == '\0';
}

/* What the specifier at percent stands for, or NULL after reporting that it is none. */
static const char *specifier(struct findings *f, struct place place, const char *percent,
	const struct specifiers *specifiers)
{
	if (percent[1] == 'n')
		return specifiers->name;
	if (percent[1] == 'p')
		return specifiers->path;
	if (percent[1] == '%')
		return "%";
	if (percent[1] == 'i')
		findings_error(f, place, RULE,
			"%%i is the number of a partition, and this is no partition");
	else
		findings_error(f, place, RULE,
			"unknown specifier '%.2s' in the command (known: %%n name, %%p path); "
			"write %%%% for a percent sign",
			percent);
	return NULL;
}

/* The word with its specifiers replaced; NULL after a report, or when memory ran out. */
static const char *expand(struct arena *arena, struct findings *f, struct place place,
	const char *word, const struct specifiers *specifiers)
{
	size_t room = strlen(word) + 1;
	char *result;
	char *to;

	if (strchr(word, '%') == NULL)
		return word;
	for (const char *c = strchr(word, '%'); c != NULL; c = strchr(c + 2, '%')) {
		const char *value = specifier(f, place, c, specifiers);
		if (value == NULL)
			return NULL;
		room += strlen(value);
	}
	result = arena_alloc(arena, room);
	if (result == NULL)
		return NULL;
	for (to = result; *word != '\0';) {
		if (*word != '%') {
			*to++ = *word++;
			continue;
		}
		const char *value = specifier(f, place, word, specifiers);
		assert(value != NULL); /* the pass before saw it */
		to = stpcpy(to, value);
		word += 2;
	}
	return result;
}

bool command_split(struct arena *arena, struct findings *f, struct place place, const char *command,
	const struct specifiers *specifiers, struct strs *ret_words)
{
	char *room = arena_alloc(arena, strlen(command) + 1);
	struct strs words = {0};
	bool good = true;

	if (room == NULL)
		return false;
	for (;;) {
		command += strspn(command, " \t\n\r");
		if (*command == '\0')
			break;
		if (!take_word(&command, room)) {
			findings_error(f, place, RULE,
				"the command ends inside quotes, or with a backslash");
			return false;
		}
		const char *word = expand(arena, f, place, arena_str(arena, room), specifiers);
		good = good && word != NULL;
		if (word != NULL && !strs_add(arena, &words, word))
			return false;
		if (words.n > COMMAND_WORDS_MAX) {
			findings_error(f, place, RULE, "the command has more than %d words",
				COMMAND_WORDS_MAX);
			return false;
		}
	}
	if (good && (words.n == 0 || *words.item[0] == '\0')) {
		findings_error(f, place, RULE, "the command is empty");
		good = false;
	}
	if (good)
		*ret_words = words;
	return good;
}
