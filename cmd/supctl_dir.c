/* supctl_dir.c - where the supd is that a command is for. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "supervisor/wire/runtime_places.h"

/* Where supd went when it could not have the usual place. Returns 0 or -ENOENT. */
static int find_elsewhere(char dir[static PATH_MAX])
{
	static const char *const places[] = RUNTIME_PLACES;
	char status[64];
	struct stat st;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(status, sizeof(status), "%s/supd-%u/status", places[i],
			(unsigned)geteuid());
		/* Others may have made a directory of that name. */
		if (lstat(status, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())
			continue;
		(void)snprintf(
			dir, PATH_MAX, "%.*s", (int)(strlen(status) - strlen("/status")), status);
		return 0;
	}
	return -ENOENT;
}

/* The usual place. Returns its length, 0 when there is none. */
static int usual(char dir[static PATH_MAX])
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0)
		return snprintf(dir, PATH_MAX, "/run/supd");
	return xdg && *xdg ? snprintf(dir, PATH_MAX, "%s/supd", xdg) : 0;
}

static bool has_status(const char *dir)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/status", dir);

	return n > 0 && n < PATH_MAX && access(path, F_OK) == 0;
}

static int check_length(int n)
{
	if (n > 0 && n < PATH_MAX)
		return 0;
	complain("the runtime directory's name is %s", n == 0 ? "empty" : "too long");
	return -EINVAL;
}

int options_dir(const char *given, char dir[static PATH_MAX])
{
	const char *asked = given ? given : getenv("SUPD_RUNTIME_DIR");
	int n;

	if (asked && asked[0] == '@') {
		complain("this supd has neither a control socket nor a status table: it found no "
			 "place to write to");
		return -EINVAL;
	}
	if (given || (asked && *asked))
		return check_length(snprintf(dir, PATH_MAX, "%s", asked));
	n = usual(dir);
	if (n > 0 && (n >= PATH_MAX || has_status(dir)))
		return check_length(n);
	if (find_elsewhere(dir) == 0 || usual(dir) > 0)
		return 0;
	complain("where does supd run? Give -d DIR, or set SUPD_RUNTIME_DIR or XDG_RUNTIME_DIR");
	return -EINVAL;
}
