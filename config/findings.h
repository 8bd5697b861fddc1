/* findings.h - what is wrong with a configuration, and where. */
#ifndef CONFIG_FINDINGS_H
#define CONFIG_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A line of a file; line 0: what is no file. */
struct place {
	const char *file;
	unsigned line;
};

struct finding {
	bool is_error; /* else a warning */
	char *file;
	unsigned line;
	char *text;
	const char *rule; /* static: the name in brackets */
	size_t order;	  /* of its finding; breaks ties */
};

/* All zero is none. */
struct findings {
	struct finding *list;
	size_t n;
	size_t capacity;
	bool lost; /* memory ran out: some are missing, and there was at least one error */
};

void findings_error(struct findings *f, struct place place, const char *rule, const char *format,
	...) __attribute__((format(printf, 4, 5)));
void findings_warning(struct findings *f, struct place place, const char *rule, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* How many; lost counts as one error. */
size_t findings_errors(const struct findings *f);
size_t findings_warnings(const struct findings *f);

/* By file, line, and order of finding; what is said twice of a line (of a setting that many
 * processes inherit) is kept once. */
void findings_sort(struct findings *f);

/* A line each: FILE:LINE: error|warning: TEXT [rule-name]; without LINE where it is 0. */
void findings_print(FILE *to, const struct findings *f);

/* Frees all; f is empty again. */
void findings_free(struct findings *f);

#endif
