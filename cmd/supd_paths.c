/* supd_paths.c - see supd_paths.h. */
#include "cmd/supd_paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/units.h"

static const char rule_path[] = "unknown-path";

int paths_add(struct paths *paths, char *path, uint32_t node, bool added)
{
	struct known *list = reallocarray(paths->list, paths->n + 1, sizeof(*list));

	if (list)
		paths->list = list;
	if (!path || !list) {
		free(path);
		return -ENOMEM;
	}
	list[paths->n++] = (struct known){.path = path, .node = node, .added = added};
	return 0;
}

char *paths_join(const char *sup, const char *name)
{
	char *path = NULL;

	if (strcmp(sup, "/") == 0)
		return strdup(name);
	return asprintf(&path, "%s/%s", sup, name) < 0 ? NULL : path;
}

static bool is_template(const struct spec *spec, uint32_t node)
{
	uint32_t parent = spec_node(spec, node)->parent;

	return parent != SPEC_NONE && spec_node(spec, parent)->kind == KIND_DYNAMIC;
}

int paths_of_tree(struct paths *paths, const struct spec *spec)
{
	*paths = (struct paths){.spec = spec};
	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *node = spec_node(spec, i);
		const char *name = spec_str(spec, node->name);
		char *path;

		if (i == SPEC_ROOT)
			path = strdup("/");
		else if (is_template(spec, i))
			path = strdup("");
		else
			path = paths_join(paths->list[node->parent].path, name);
		if (paths_add(paths, path, i, false) < 0)
			return -ENOMEM;
	}
	return 0;
}

void paths_free(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->list[i].path);
	free(paths->list);
	*paths = (struct paths){0};
}

static bool ends_with(const char *path, const char *part)
{
	size_t n = strlen(path);
	size_t part_n = strlen(part);

	return part_n > 0 && n > part_n && path[n - part_n - 1] == '/' &&
	       strcmp(path + n - part_n, part) == 0;
}

static void report_ambiguous(
	const struct paths *p, const char *text, struct findings *f, struct place place)
{
	char list[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < p->n && n < sizeof(list); i++)
		if (ends_with(p->list[i].path, text))
			n += (size_t)snprintf(
				list + n, sizeof(list) - n, "%s%s", n ? ", " : "", p->list[i].path);
	findings_error(f, place, rule_path, "'%s' may be any of %s", text, list);
}

/* Compares with whole paths, and with names when text is one. */
static void report_unknown(
	const struct paths *p, const char *text, struct findings *f, struct place place)
{
	const char **words = calloc(p->n * 2 + 1, sizeof(*words));
	const char *nearest = NULL;
	size_t n = 0;

	for (size_t i = 0; words && i < p->n; i++) {
		const char *slash = strrchr(p->list[i].path, '/');

		if (!p->list[i].path[0] || i == SPEC_ROOT)
			continue;
		words[n++] = p->list[i].path;
		if (slash)
			words[n++] = slash + 1;
	}
	if (words)
		nearest = nearest_word(text, words, n);
	if (nearest)
		findings_error(f, place, rule_path, "there is no child '%s'; did you mean '%s'?",
			text, nearest);
	else
		findings_error(f, place, rule_path, "there is no child '%s'", text);
	free(words);
}

size_t paths_find(const struct paths *p, const char *text, struct findings *f, struct place place)
{
	size_t found = SIZE_MAX;
	size_t matches = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (p->list[i].path[0] && strcmp(p->list[i].path, text) == 0)
			return i;
		if (ends_with(p->list[i].path, text)) {
			found = i;
			matches++;
		}
	}
	if (matches == 1)
		return found;
	if (matches > 1)
		report_ambiguous(p, text, f, place);
	else
		report_unknown(p, text, f, place);
	return SIZE_MAX;
}
