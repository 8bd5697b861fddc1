/* supd_script.h - the failure script of supd --simulate, read and checked (supd(8), SIMULATION). */
#ifndef CMD_SUPD_SCRIPT_H
#define CMD_SUPD_SCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/findings.h"
#include "config/spec.h"

/* id, word, its arguments: each a letter of enum script_argument, how they are written. */
/* clang-format off */
#define SCRIPT_WORDS(X) \
	X(BOOT, "boot", "", "boot") \
	X(EXIT, "exit", "Ps", "exit PATH [STATUS]") \
	X(KILL, "kill", "Pg", "kill PATH [SIGNAL]") \
	X(FAIL_START, "fail-start", "Pc", "fail-start PATH [TIMES]") \
	X(SLOW_START, "slow-start", "Pt", "slow-start PATH TIME") \
	X(IGNORE_TERM, "ignore-term", "P", "ignore-term PATH") \
	X(STOP, "stop", "p", "stop PATH") \
	X(START, "start", "p", "start PATH") \
	X(RESTART, "restart", "p", "restart PATH") \
	X(DELETE, "delete", "p", "delete PATH") \
	X(START_CHILD, "start-child", "SnK", "start-child SUPERVISOR NAME [KEY=VALUE...]") \
	X(SHUTDOWN, "shutdown", "", "shutdown") \
	X(ADVANCE, "advance", "t", "advance TIME")
/* clang-format on */

enum script_argument {
	ARGUMENT_PROCESS = 'P', /* a path of a process */
	ARGUMENT_CHILD = 'p',	/* a path of any child */
	ARGUMENT_SUPERVISOR = 'S',
	ARGUMENT_NAME = 'n',	 /* a new one */
	ARGUMENT_SETTINGS = 'K', /* any number of KEY=VALUE */
	ARGUMENT_STATUS = 's',	 /* 0..255; may be left out: 0 */
	ARGUMENT_SIGNAL = 'g',	 /* may be left out: KILL */
	ARGUMENT_TIMES = 'c',	 /* may be left out: 1 */
	ARGUMENT_TIME = 't',
};

#define SCRIPT_ENUM_WORD(id, word, arguments, usage) SCRIPT_##id,
enum script_word { SCRIPT_WORDS(SCRIPT_ENUM_WORD) SCRIPT_WORD_COUNT };

struct script_line {
	enum script_word word;
	unsigned line;
	char *path;    /* malloc: in full; NULL: the word has none */
	int64_t value; /* status, signal, times, or milliseconds */
	/* START_CHILD: path is the supervisor's */
	char *name;	    /* malloc */
	struct spec *child; /* malloc: node 1 is the process; NULL: the supervisor's template */
	uint32_t template;  /* node of the tree */
};

struct script {
	struct script_line *list;
	size_t n;
	size_t additions;
};

/* Reads a script for the tree in spec from in, to its end. file is its name in messages. Appends
 * every error to *f. Returns 0, -EINVAL after errors in the script, or another negative errno. */
int script_read(FILE *in, const char *file, const struct spec *spec, struct findings *f,
	struct script *ret);
void script_free(struct script *script);

#endif
