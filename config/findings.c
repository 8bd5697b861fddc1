/* findings.c - what is wrong with a configuration, and where. */
#include "config/findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/text.h"

static void add(struct findings *f, bool is_error, struct place place, const char *rule,
	const char *format, va_list args)
{
	struct finding new = {
		.is_error = is_error, .line = place.line, .rule = rule, .order = f->n};

	if (f->n == f->capacity) {
		size_t capacity = f->capacity == 0 ? 16 : f->capacity * 2;
		struct finding *list = reallocarray(f->list, capacity, sizeof(*list));
		if (list == NULL) {
			f->lost = true;
			return;
		}
		f->list = list;
		f->capacity = capacity;
	}
	new.file = strdup(place.file);
	if (new.file == NULL || vasprintf(&new.text, format, args) < 0) {
		free(new.file);
		f->lost = true;
		return;
	}
	/* It goes to a terminal, a line each. */
	text_clean(new.text);
	f->list[f->n++] = new;
}

void findings_error(
	struct findings *f, struct place place, const char *rule, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(f, true, place, rule, format, args);
	va_end(args);
}

void findings_warning(
	struct findings *f, struct place place, const char *rule, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(f, false, place, rule, format, args);
	va_end(args);
}

size_t findings_errors(const struct findings *f)
{
	size_t n = f->lost ? 1 : 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->list[i].is_error ? 1 : 0;
	return n;
}

size_t findings_warnings(const struct findings *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->list[i].is_error ? 0 : 1;
	return n;
}

static int compare(const void *left, const void *right)
{
	const struct finding *a = left;
	const struct finding *b = right;
	int files = strcmp(a->file, b->file);

	if (files != 0)
		return files;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void findings_sort(struct findings *f)
{
	size_t kept = 0;

	if (f->n > 0)
		qsort(f->list, f->n, sizeof(*f->list), compare);
	for (size_t i = 0; i < f->n; i++) {
		struct finding *last = kept > 0 ? &f->list[kept - 1] : NULL;
		if (last != NULL && last->line == f->list[i].line &&
			strcmp(last->file, f->list[i].file) == 0 &&
			strcmp(last->text, f->list[i].text) == 0) {
			free(f->list[i].file);
			free(f->list[i].text);
		} else {
			f->list[kept++] = f->list[i];
		}
	}
	f->n = kept;
}

void findings_print(FILE *to, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->list[i];
		(void)fprintf(to, "%s:", one->file);
		if (one->line > 0)
			(void)fprintf(to, "%u:", one->line);
		(void)fprintf(to, " %s: %s [%s]\n", one->is_error ? "error" : "warning", one->text,
			one->rule);
	}
	if (f->lost)
		(void)fprintf(to, "error: out of memory while reading the configuration\n");
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->list[i].file);
		free(f->list[i].text);
	}
	free(f->list);
	*f = (struct findings){0};
}
