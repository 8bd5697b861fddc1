/* supctl_helper.c - see supctl_helper.h. */
#include "cmd/supctl_helper.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"

char *helper_self(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	return strdup(path);
}

static void exec_args(const char *path, const char *args[])
{
	/* exec changes no argument, whatever its prototype says. */
	union {
		const char **words;
		char *const *argv;
	} vector = {.words = args};

	args[0] = path;
	(void)execv(path, vector.argv);
}

int helper_exec(const char *name, const char *args[])
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - strlen(name) - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		memcpy(slash + 1, name, strlen(name) + 1);
		exec_args(path, args);
	}
	(void)snprintf(path, sizeof path, "%s/%s", SUPD_LIBEXECDIR, name);
	exec_args(path, args);
	complain("cannot run %s: %s; it belongs beside supctl or into %s", name, strerror(errno),
		SUPD_LIBEXECDIR);
	return SUPCTL_REFUSED;
}
