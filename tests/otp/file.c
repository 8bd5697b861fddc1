/* file.c - cases in files, with what OTP does below the line "expect". */
#include "tests/otp/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 100000 };

void give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "beside: %s: %s\n", what, why);
	exit(2);
}

/* The text of a file (malloc). */
static char *read_file(const char *name)
{
	FILE *file = fopen(name, "re");
	char *text = must_have(malloc(FILE_MAX_BYTES));
	size_t n;

	if (file == NULL)
		give_up(name, strerror(errno));
	n = fread(text, 1, FILE_MAX_BYTES, file);
	if (ferror(file) || n == FILE_MAX_BYTES)
		give_up(name, "can't be read, or is too large");
	text[n] = '\0';
	(void)fclose(file);
	return text;
}

char *case_file_read(const char *name, struct otp_case *ret_case, const char **ret_expected)
{
	char *text = read_file(name);
	const char *why = case_read(text, ret_case, ret_expected);

	if (why != NULL)
		give_up(name, why);
	return text;
}

void case_file_write(const char *name, const struct otp_case *c, const char *trace)
{
	FILE *file = fopen(name, "we");

	if (file == NULL)
		give_up(name, strerror(errno));
	if (c->seed != 0)
		(void)fprintf(file, "# made smaller from the case with the seed %llu\n",
			(unsigned long long)c->seed);
	case_write(c, file);
	(void)fprintf(file, "expect\n%s", trace);
	if (fclose(file) != 0)
		give_up(name, strerror(errno));
}
