/* command.h - a command line into words, by the shell's rules of quoting and nothing else of it. */
#ifndef CONFIG_COMMAND_H
#define CONFIG_COMMAND_H

#include <stdbool.h>

#include "config/arena.h"
#include "config/findings.h"
#include "config/specifiers.h"

enum { COMMAND_WORDS_MAX = 4096 };

/* Splits command into *ret_words. Returns false after reporting what is wrong. */
bool command_split(struct arena *arena, struct findings *f, struct place place, const char *command,
	const struct specifiers *specifiers, struct strs *ret_words);

#endif
