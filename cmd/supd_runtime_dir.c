/* supd_runtime_dir.c - see supd_runtime_dir.h. */
#include "cmd/supd_runtime_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/os/log.h"
#include "supervisor/wire/runtime_places.h"

/* What somebody asked for; NULL: nobody did. */
static const char *asked_for(const char *given, const struct spec *spec)
{
	const char *environment = getenv("SUPD_RUNTIME_DIR");

	if (given)
		return given;
	if (environment && *environment)
		return environment;
	return spec->runtime_dir == SPEC_NONE ? NULL : spec_str(spec, spec->runtime_dir);
}

/* malloc; NULL: there is no default, or no memory. */
static char *default_dir(void)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	char *dir = NULL;

	if (geteuid() == 0)
		return strdup("/run/supd");
	if (!xdg || !*xdg || asprintf(&dir, "%s/supd", xdg) < 0)
		return NULL;
	return dir;
}

/* mkdir -p, then the absolute path: children and clients have other working directories. Returns it
 * (malloc), or NULL with errno. */
static char *make(const char *dir)
{
	char *path = strdup(dir);
	char *absolute;
	int error;

	if (!path)
		return NULL;
	for (char *p = path + 1; *path && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
	error = mkdir(path, 0755) < 0 && errno != EEXIST ? errno : 0;
	free(path);
	absolute = error ? NULL : realpath(dir, NULL);
	if (!absolute || faccessat(AT_FDCWD, absolute, W_OK | X_OK, AT_EACCESS) == 0) {
		if (error)
			errno = error;
		return absolute;
	}
	error = errno;
	free(absolute);
	errno = error;
	return NULL;
}

/* In a place where everybody may write, whoever came first may have made it. */
static bool is_ours(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static char *make_elsewhere(void)
{
	static const char *const places[] = RUNTIME_PLACES;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char dir[64];
		char *made;

		(void)snprintf(dir, sizeof(dir), "%s/supd-%u", places[i], (unsigned)geteuid());
		if (access(places[i], X_OK) < 0)
			continue;
		made = make(dir);
		if (made && is_ours(dir))
			return made;
		free(made);
	}
	return NULL;
}

/* A name that no other supd has. */
static char *no_dir(void)
{
	struct stat st = {0};
	char *name = NULL;

	(void)stat("/proc/self/ns/pid", &st);
	if (asprintf(&name, "@supd-%llu-%d", (unsigned long long)st.st_ino, (int)getpid()) < 0)
		return NULL;
	return name;
}

static char *fall_back(const char *dir, int error)
{
	char *elsewhere = make_elsewhere();
	const char *what = dir ? dir : "(XDG_RUNTIME_DIR is not set)";
	const char *why = dir ? strerror(error) : "there is no default";

	if (elsewhere) {
		log_message(LOG_WARNING, NULL,
			"cannot use the runtime directory %s: %s; the control socket and the "
			"status table are in %s: supctl -d %s",
			what, why, elsewhere, elsewhere);
		return elsewhere;
	}
	log_message(LOG_WARNING, NULL,
		"cannot use the runtime directory %s: %s; nor can anything be written elsewhere: "
		"going on without a control socket and a status table (supctl cannot be used; "
		"SIGUSR1 prints the tree, SIGTERM stops it)",
		what, why);
	return no_dir();
}

char *runtime_dir_make(const char *given, const struct spec *spec)
{
	const char *asked = asked_for(given, spec);
	char *dir = asked ? strdup(asked) : default_dir();
	char *made = dir ? make(dir) : NULL;
	int error = errno;

	if (!made && (!asked || getpid() == 1))
		made = fall_back(dir, error);
	else if (!made)
		(void)fprintf(stderr, "supd: cannot use the runtime directory %s: %s\n", asked,
			strerror(error));
	free(dir);
	return made;
}
