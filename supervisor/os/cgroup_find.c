/* cgroup_find.c - see cgroup_find.h.
 *
 * /proc/self/cgroup says which group is ours (the line "0::"), /proc/self/mountinfo where its
 * hierarchy is mounted: alone, or beside those of version 1 (/sys/fs/cgroup/unified). */
#include "supervisor/os/cgroup_find.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LINE_SIZE = 8192, OWN_SIZE = 2048 };

/* After a re-exec we are where we went aside (cgroup_control.c), two groups below our own. */
static void step_up(char own[static OWN_SIZE])
{
	static const char ASIDE[] = "/%supd";
	const size_t length = strlen(own);
	char *base;

	if (length < sizeof(ASIDE) || strcmp(own + length - strlen(ASIDE), ASIDE) != 0)
		return;
	own[length - strlen(ASIDE)] = '\0';
	base = strrchr(own, '/');
	if (base && strncmp(base, "/supd-", 6) == 0)
		base[base == own ? 1 : 0] = '\0';
	else
		own[length - strlen(ASIDE)] = '/';
}

/* Our own group; false when there is none. */
static bool find_own(char own[static OWN_SIZE])
{
	FILE *from = fopen("/proc/self/cgroup", "re");
	char line[LINE_SIZE];
	bool found = false;

	while (from && !found && fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "0::/", 4) == 0 && strlen(line + 3) < OWN_SIZE;
		if (found)
			memcpy(own, line + 3, strlen(line + 3) + 1);
	}
	if (found)
		step_up(own);
	if (from)
		(void)fclose(from);
	return found;
}

/* One line of mountinfo: "ID PARENT DEVICE ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS".
 * Returns false unless it mounts the hierarchy of version 2. */
static bool take_mount(char *line, const char **ret_root, const char **ret_point)
{
	const char *type = strstr(line, " - cgroup2 ");
	char *rest = line;

	if (!type)
		return false;
	for (int field = 0; field < 3; field++)
		if (!strsep(&rest, " "))
			return false;
	*ret_root = strsep(&rest, " ");
	*ret_point = strsep(&rest, " ");
	/* A backslash stands for a blank in a name: not worth the trouble. */
	return rest && !strchr(*ret_root, '\\') && !strchr(*ret_point, '\\');
}

/* The part of own below root; NULL when it is not below it. */
static const char *below(const char *own, const char *root)
{
	size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(own, root, n) != 0 || (own[n] != '/' && own[n] != '\0'))
		return NULL;
	return own + n;
}

static bool find_directory(const char *own, char *buf, size_t size)
{
	FILE *from = fopen("/proc/self/mountinfo", "re");
	char line[LINE_SIZE];
	bool found = false;

	while (from && !found && fgets(line, sizeof(line), from)) {
		const char *point;
		const char *root;
		const char *rest;

		if (!take_mount(line, &root, &point))
			continue;
		rest = below(own, root);
		if (!rest || snprintf(buf, size, "%s%s", point, rest) >= (int)size)
			continue;
		found = access(buf, F_OK) == 0;
	}
	if (from)
		(void)fclose(from);
	return found;
}

/* systemd lets nobody divide a group that it has not handed over; it says so in an attribute. To an
 * ordinary user it hands over by chown. The root of a hierarchy, or of a container's, is free. */
static bool is_handed_over(const char *own, const char *dir)
{
	char value[2] = "";
	struct stat st;

	if (strcmp(own, "/") == 0 || access("/run/systemd/system", F_OK) < 0)
		return true;
	if (getxattr(dir, "trusted.delegate", value, 1) == 1 && value[0] == '1')
		return true;
	if (getxattr(dir, "user.delegate", value, 1) == 1 && value[0] == '1')
		return true;
	return geteuid() != 0 && stat(dir, &st) == 0 && st.st_uid == geteuid();
}

const char *cgroup_find_own(char *buf, size_t size)
{
	char own[OWN_SIZE];
	char procs[LINE_SIZE];

	if (!find_own(own))
		return "the kernel has no cgroup v2";
	if (!find_directory(own, buf, size))
		return "no cgroup v2 is mounted here";
	if (snprintf(procs, sizeof(procs), "%s/cgroup.procs", buf) >= (int)sizeof(procs))
		return "the name of its own cgroup is too long";
	if (access(buf, W_OK) < 0 || access(procs, W_OK) < 0)
		return "its own cgroup is not writable";
	if (!is_handed_over(own, buf))
		return "its own cgroup belongs to systemd (Delegate=yes hands it over)";
	return NULL;
}
