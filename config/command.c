/* command.c - a command line into words. */
#include "config/command.h"

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

/* The word with its specifiers replaced, or as it is when they are to be kept; NULL after a report,
 * or when memory ran out. */
static const char *expand(struct arena *arena, struct findings *f, struct place place,
	const char *word, const struct specifiers *specifiers, enum command_specifiers what)
{
	char bad = '\0';
	int64_t length;
	char *result;

	if (strchr(word, '%') == NULL)
		return word;
	length = specifiers_expand(word, specifiers, NULL, 0, &bad);
	if (length < 0 && bad == 'i') {
		findings_error(f, place, RULE,
			"%%i is the index in a partition or the number of an instance, and this is "
			"neither");
		return NULL;
	}
	if (length < 0) {
		findings_error(f, place, RULE,
			"unknown specifier '%%%.1s' in the command (known: %%n name, %%p path%s); "
			"write %%%% for a percent sign",
			&bad, specifiers->index != NULL ? ", %i number" : "");
		return NULL;
	}
	if (what == SPECIFIERS_KEEP)
		return word;
	result = arena_alloc(arena, (size_t)length + 1);
	if (result != NULL)
		(void)specifiers_expand(word, specifiers, result, (size_t)length + 1, NULL);
	return result;
}

bool command_split(struct arena *arena, struct findings *f, struct place place, const char *command,
	const struct specifiers *specifiers, enum command_specifiers what, struct strs *ret_words)
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
		const char *word =
			expand(arena, f, place, arena_str(arena, room), specifiers, what);
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
