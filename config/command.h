/* command.h - a command line into words, by the shell's rules of quoting and nothing else of it. */
#ifndef CONFIG_COMMAND_H
#define CONFIG_COMMAND_H

#include <stdbool.h>

#include "config/arena.h"
#include "config/findings.h"
#include "config/specifiers.h"

enum { COMMAND_WORDS_MAX = 4096 };

/* The words of a template keep their specifiers: each instance has its own name. */
enum command_specifiers { SPECIFIERS_EXPAND, SPECIFIERS_KEEP };

/* Splits command into *ret_words. Returns false after reporting what is wrong, also of specifiers
 * that are only kept. */
bool command_split(struct arena *arena, struct findings *f, struct place place, const char *command,
	const struct specifiers *specifiers, enum command_specifiers what, struct strs *ret_words);

#endif
