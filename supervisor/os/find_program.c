/* find_program.c - see find_program.h. */
#include "supervisor/os/find_program.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *find_program(const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - strlen(name) - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		memcpy(slash + 1, name, strlen(name) + 1);
		if (access(path, X_OK) == 0)
			return strdup(path);
	}
	n = snprintf(path, sizeof(path), "%s/%s", SUPD_LIBEXECDIR, name);
	return n > 0 && (size_t)n < sizeof(path) && access(path, X_OK) == 0 ? strdup(path) : NULL;
}
