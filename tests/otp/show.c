/* show.c - a case and its two traces, side by side. */
#include "tests/otp/show.h"

#include <string.h>

enum { COLUMN = 44 };

/* The length of the line at text, and where the next one begins. */
static size_t line_at(const char *text, const char **ret_next)
{
	size_t n = strcspn(text, "\n");

	*ret_next = text + n + (text[n] == '\n');
	return n;
}

/* Is the end of a block at text? */
static bool at_end(const char *text)
{
	return *text == '\0' || strncmp(text, "--\n", 3) == 0;
}

static const char *after_end(const char *text)
{
	return strncmp(text, "--\n", 3) == 0 ? text + 3 : text;
}

static void show_block(FILE *out, const char **engine, const char **erlang)
{
	while (!at_end(*engine) || !at_end(*erlang)) {
		const char *left = at_end(*engine) ? "" : *engine;
		const char *right = at_end(*erlang) ? "" : *erlang;
		const char *next_left;
		const char *next_right;
		int n = (int)line_at(left, &next_left);
		int m = (int)line_at(right, &next_right);
		bool same = n == m && strncmp(left, right, (size_t)n) == 0;

		(void)fprintf(
			out, "#     %-*.*s %c %.*s\n", COLUMN, n, left, same ? ' ' : '|', m, right);
		if (*left != '\0')
			*engine = next_left;
		if (*right != '\0')
			*erlang = next_right;
	}
	*engine = after_end(*engine);
	*erlang = after_end(*erlang);
}

void show_case(FILE *out, const struct otp_case *c)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = must_have(open_memstream(&text, &size));
	char *save = NULL;

	case_write(c, memory);
	if (fclose(memory) != 0)
		return;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
		line = strtok_r(NULL, "\n", &save))
		(void)fprintf(out, "#   %s\n", line);
	free(text);
}

void show_difference(FILE *out, const struct otp_case *c, const char *engine, const char *erlang)
{
	show_case(out, c);
	(void)fprintf(out, "#     %-*s   %s\n", COLUMN, "supd's engine", "Erlang/OTP");
	for (uint32_t i = 0; i < c->steps; i = case_block_end(c, i)) {
		(void)fprintf(out, "#   ");
		for (uint32_t n = i; n < case_block_end(c, i); n++)
			case_write_step(c, n, out);
		(void)fprintf(out, "\n");
		show_block(out, &engine, &erlang);
	}
	show_block(out, &engine, &erlang);
}
