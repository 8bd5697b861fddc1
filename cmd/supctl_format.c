/* supctl_format.c - --format 'TEXT {FIELD} TEXT': lines for scripts. */
#include "cmd/supctl_format.h"

#include <string.h>

#include "cmd/supctl_words.h"
#include "config/units.h"

enum { FIELD_SIZE = 32 };

/* What a format consists of, piece by piece. */
enum piece { PIECE_END, PIECE_TEXT, PIECE_FIELD, PIECE_BAD };

/* What stands behind a backslash. */
static char escaped(char c)
{
	if (c == 't')
		return '\t';
	if (c == 'n')
		return '\n';
	return c;
}

/* Takes a piece of *at: text, or the name of a field (longer ones are cut: they are none). */
static enum piece next_piece(const char **at, char field[static FIELD_SIZE], char *ret_char)
{
	const char *c = *at;
	size_t n;

	if (!*c)
		return PIECE_END;
	if ((c[0] == '{' || c[0] == '}') && c[1] == c[0]) {
		*ret_char = *c;
		*at += 2;
		return PIECE_TEXT;
	}
	if (c[0] == '\\' && (c[1] == 't' || c[1] == 'n' || c[1] == '\\')) {
		*ret_char = escaped(c[1]);
		*at += 2;
		return PIECE_TEXT;
	}
	if (*c != '{') {
		*ret_char = *c;
		*at += 1;
		return *c == '}' ? PIECE_BAD : PIECE_TEXT;
	}
	n = strcspn(c, "}");
	if (!c[n])
		return PIECE_BAD;
	*at += n + 1;
	field[0] = '\0';
	(void)strncat(field, c + 1, n - 1 < FIELD_SIZE - 1 ? n - 1 : FIELD_SIZE - 1);
	return PIECE_FIELD;
}

static bool field_is_good(const char *field, const char *const *names, size_t n)
{
	const char *nearest;

	for (size_t i = 0; i < n; i++)
		if (strcmp(field, names[i]) == 0)
			return true;
	nearest = nearest_word(field, names, n);
	if (nearest)
		complain("--format: there is no field {%s}: did you mean {%s}?", field, nearest);
	else
		complain("--format: there is no field {%s}; supctl(1) lists them", field);
	return false;
}

bool format_is_good(const char *format, const char *const *names, size_t n)
{
	char field[FIELD_SIZE];
	char text;

	for (;;) {
		switch (next_piece(&format, field, &text)) {
		case PIECE_END:
			return true;
		case PIECE_TEXT:
			break;
		case PIECE_FIELD:
			if (!field_is_good(field, names, n))
				return false;
			break;
		case PIECE_BAD:
			complain("--format: a brace stands alone: a field is {path}, and {{ is a "
				 "brace");
			return false;
		}
	}
}

/* A user, by name where there is one. */
static void print_caller(struct out *out, const json_t *caller)
{
	const char *user = json_string_value(json_object_get(caller, "user"));

	if (user)
		out_text(out, user);
	else
		out_printf(
			out, "%lld", (long long)json_integer_value(json_object_get(caller, "uid")));
}

static void print_value(struct out *out, const json_t *value)
{
	char words[END_WORDS_SIZE];

	if (json_is_string(value))
		out_text(out, json_string_value(value));
	else if (json_is_integer(value))
		out_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		out_printf(out, "%.3f", json_real_value(value));
	else if (json_is_boolean(value))
		out_text(out, json_is_true(value) ? "true" : "false");
	else if (json_is_object(value) && json_object_get(value, "uid"))
		print_caller(out, value);
	else if (json_is_object(value) && json_object_get(value, "kind"))
		out_text(out, exit_words(value, words));
	else if (json_is_object(value))
		out_json(out, value);
	else
		out_text(out, "-");
}

void format_print(struct out *out, const char *format, const json_t *object)
{
	char field[FIELD_SIZE];
	char text;

	for (;;) {
		switch (next_piece(&format, field, &text)) {
		case PIECE_TEXT:
			out_bytes(out, &text, 1);
			break;
		case PIECE_FIELD:
			print_value(out, json_object_get(object, field));
			break;
		case PIECE_END:
		case PIECE_BAD:
			out_text(out, "\n");
			return;
		}
	}
}
