/* cgroup_remove.c - see cgroup_remove.h. */
#include "supervisor/os/cgroup_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REMOVALS_MAX = 10000 /* groups that a child made in its leaf */ };

static int open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* The first directory in dir; false when it has none. */
static bool first_below(int dir, char name[static NAME_MAX + 1])
{
	int copy = open_dir(dir, ".");
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool found = false;

	if (!list) {
		if (copy >= 0)
			(void)close(copy);
		return false;
	}
	while (!found && (entry = readdir(list)) != NULL) {
		found = entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0;
		if (found)
			(void)snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
	}
	(void)closedir(list);
	return found;
}

/* Removes the innermost of the groups at and below name. Returns false when it cannot be. */
static bool remove_innermost(int at, const char *name)
{
	char inner[NAME_MAX + 1];
	char next[NAME_MAX + 1];
	int dir = dup(at);
	bool done;

	(void)snprintf(inner, sizeof(inner), "%s", name);
	for (;;) {
		int below = dir < 0 ? -1 : open_dir(dir, inner);
		bool deeper = below >= 0 && first_below(below, next);

		if (!deeper) {
			done = dir >= 0 && unlinkat(dir, inner, AT_REMOVEDIR) == 0;
			if (below >= 0)
				(void)close(below);
			break;
		}
		(void)close(dir);
		dir = below;
		memcpy(inner, next, sizeof(inner));
	}
	if (dir >= 0)
		(void)close(dir);
	return done;
}

void cgroup_remove_tree(int at, const char *name)
{
	for (int i = 0; i < REMOVALS_MAX; i++)
		if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
			!remove_innermost(at, name))
			return;
}

void cgroup_remove_below(int dir)
{
	DIR *list;
	const struct dirent *entry;
	int copy = open_dir(dir, ".");

	if (copy < 0)
		return;
	list = fdopendir(copy);
	if (!list) {
		(void)close(copy);
		return;
	}
	while ((entry = readdir(list)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			cgroup_remove_tree(dir, entry->d_name);
	(void)closedir(list);
}
