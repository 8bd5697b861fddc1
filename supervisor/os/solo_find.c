/* solo_find.c - is there such a command? */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/os/solo.h"

/* Where the C library looks when PATH is not set. */
static const char no_path[] = "/bin:/usr/bin";

int solo_find(const char *command)
{
	const char *at = getenv("PATH");
	int error = ENOENT;

	if (strchr(command, '/'))
		return access(command, X_OK) < 0 ? errno : 0;
	for (at = at ? at : no_path;; at++) {
		size_t n = strcspn(at, ":");
		char *path = NULL;
		bool found;

		if (asprintf(&path, "%.*s%s%s", (int)n, at, n > 0 ? "/" : "", command) < 0)
			return ENOMEM;
		found = access(path, X_OK) == 0;
		if (!found && access(path, F_OK) == 0)
			error = EACCES;
		free(path);
		if (found)
			return 0;
		at += n;
		if (!*at)
			return error;
	}
}
