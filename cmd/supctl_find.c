/* supctl_find.c - paths of a snapshot: writing them, finding what one names, and the nearest to a
 * misspelt one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "config/units.h"

enum { CANDIDATES_SHOWN = 8 };

const char *snapshot_path(
	const struct snapshot *snapshot, uint32_t position, char buf[static SNAPSHOT_PATH_SIZE])
{
	char *at = buf + SNAPSHOT_PATH_SIZE - 1;

	if (position == 0)
		return memcpy(buf, "/", 2);
	/* From the end of the buffer backwards, up to below the root. */
	*at = '\0';
	for (; position != 0; position = snapshot->nodes[position].parent) {
		const char *name = snapshot->nodes[position].record.name;
		size_t n = strlen(name);

		if (*at)
			*--at = '/';
		at -= n;
		memcpy(at, name, n);
	}
	return memmove(buf, at, strlen(at) + 1);
}

enum match { MATCH_NONE, MATCH_LAST_PARTS, MATCH_EXACT };

/* Compares the names from position upwards with the parts of path from its end. */
static enum match match_path(const struct snapshot *snapshot, uint32_t position, const char *path)
{
	size_t left = strlen(path);

	for (; position != 0; position = snapshot->nodes[position].parent) {
		const char *name = snapshot->nodes[position].record.name;
		size_t n = strlen(name);

		if (n == 0 || n > left || memcmp(path + left - n, name, n) != 0)
			return MATCH_NONE;
		left -= n;
		if (left == 0)
			return snapshot->nodes[position].parent == 0 ? MATCH_EXACT
								     : MATCH_LAST_PARTS;
		if (path[--left] != '/')
			return MATCH_NONE;
	}
	return MATCH_NONE;
}

int snapshot_find(const struct snapshot *snapshot, const char *path, uint32_t *ret_position,
	uint32_t *candidates, uint32_t max, uint32_t *ret_n)
{
	uint32_t found = 0;
	uint32_t n = 0;

	*ret_n = 0;
	if (strcmp(path, "/") == 0) {
		*ret_position = 0;
		return 0;
	}
	for (uint32_t i = 1; i < snapshot->n; i++) {
		enum match match = match_path(snapshot, i, path);

		if (match == MATCH_EXACT) {
			*ret_position = i;
			*ret_n = 0;
			return 0;
		}
		if (match == MATCH_NONE)
			continue;
		if (n < max)
			candidates[n] = i;
		found = i;
		n++;
	}
	if (n == 0)
		return -ENOENT;
	*ret_n = n;
	if (n > 1)
		return -ENOTUNIQ;
	*ret_position = found;
	return 0;
}

/* Writes the last parts of the node's path, as many as path has. */
static void last_parts(const struct snapshot *snapshot, uint32_t position, const char *path,
	char buf[static SNAPSHOT_PATH_SIZE])
{
	size_t parts = 1;
	char *from;

	(void)snapshot_path(snapshot, position, buf);
	for (const char *c = path; *c; c++)
		parts += *c == '/';
	from = buf + strlen(buf);
	while (from > buf) {
		if (from[-1] == '/' && --parts == 0)
			break;
		from--;
	}
	memmove(buf, from, strlen(from) + 1);
}

/* The words that path is to be compared with: names when it is a name (borrowed), else last parts
 * (owned). Returns how many. */
static size_t nearest_words(const struct snapshot *snapshot, const char *path, char **owned,
	const char **words, char buf[static SNAPSHOT_PATH_SIZE])
{
	size_t n = 0;

	for (uint32_t i = 1; i < snapshot->n; i++) {
		words[n] = snapshot->nodes[i].record.name;
		if (owned) {
			last_parts(snapshot, i, path, buf);
			words[n] = owned[n] = strdup(buf);
		}
		if (words[n])
			n++;
	}
	return n;
}

bool snapshot_nearest(
	const struct snapshot *snapshot, const char *path, char buf[static SNAPSHOT_PATH_SIZE])
{
	bool parts = strchr(path, '/') != NULL;
	const char **words = calloc(snapshot->n, sizeof *words);
	char **owned = parts ? calloc(snapshot->n, sizeof *owned) : NULL;
	const char *nearest = NULL;
	size_t n = 0;

	if (words && (owned || !parts)) {
		n = nearest_words(snapshot, path, owned, words, buf);
		nearest = nearest_word(path, words, n);
	}
	if (nearest)
		memcpy(buf, nearest, strlen(nearest) + 1);
	for (size_t i = 0; owned && i < n; i++)
		free(owned[i]);
	free(owned);
	free(words);
	return nearest != NULL;
}

static void complain_ambiguous(
	const struct snapshot *snapshot, const char *path, const uint32_t *candidates, uint32_t n)
{
	char text[CANDIDATES_SHOWN * 256] = "";
	char one[SNAPSHOT_PATH_SIZE];
	size_t len = 0;
	uint32_t shown = 0;

	while (shown < n && shown < CANDIDATES_SHOWN) {
		(void)snapshot_path(snapshot, candidates[shown], one);
		if (len + strlen(one) + 3 > sizeof text)
			break;
		len += (size_t)snprintf(
			text + len, sizeof text - len, "%s%s", shown ? ", " : "", one);
		shown++;
	}
	if (shown < n)
		complain("%s is ambiguous: it may be %s, or %u more", path, text, n - shown);
	else
		complain("%s is ambiguous: it may be %s", path, text);
}

int snapshot_locate(const struct snapshot *snapshot, const char *path, uint32_t *ret_position)
{
	uint32_t candidates[CANDIDATES_SHOWN];
	char nearest[SNAPSHOT_PATH_SIZE];
	uint32_t n = 0;
	int error = snapshot_find(snapshot, path, ret_position, candidates, CANDIDATES_SHOWN, &n);

	if (!error)
		return SUPCTL_DONE;
	if (error == -ENOTUNIQ)
		complain_ambiguous(snapshot, path, candidates, n);
	else if (snapshot_nearest(snapshot, path, nearest))
		complain("there is no child %s: did you mean %s?", path, nearest);
	else
		complain("there is no child %s", path);
	return SUPCTL_REFUSED;
}
