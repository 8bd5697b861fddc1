/* cgroup.c - see cgroup.h. */
#include "supervisor/os/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/os/cgroup_find.h"
#include "supervisor/os/cgroup_internal.h"
#include "supervisor/os/cgroup_limits.h"
#include "supervisor/os/cgroup_remove.h"

enum {
	BASES_MAX = 64,	     /* supervisors side by side in one group */
	LEAF_NAME_MAX = 200, /* of NAME_MAX */
};

static int open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* ---- opening */

static bool is_domain(int dir)
{
	char type[16] = "";
	int fd = openat(dir, "cgroup.type", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, type, sizeof(type) - 1);

	if (fd >= 0)
		(void)close(fd);
	return n > 0 && strcmp(type, "domain\n") == 0;
}

/* The first supd-N that nobody holds. */
static const char *open_base(struct cgroups *c)
{
	for (int i = 1; i <= BASES_MAX; i++) {
		(void)snprintf(c->base_name, sizeof(c->base_name), "supd-%d", i);
		if (mkdirat(c->own, c->base_name, 0755) < 0 && errno != EEXIST)
			return "none can be made below its own cgroup";
		c->base = open_dir(c->own, c->base_name);
		if (c->base < 0)
			continue;
		if (flock(c->base, LOCK_EX | LOCK_NB) == 0)
			break;
		(void)close(c->base);
		c->base = -1;
	}
	if (c->base < 0)
		return "too many supervisors share its own cgroup";
	if (is_domain(c->base)) {
		cgroup_remove_below(c->base);
		return NULL;
	}
	(void)unlinkat(c->own, c->base_name, AT_REMOVEDIR);
	return "its own cgroup is a threaded one";
}

static void free_all(struct cgroups *c)
{
	if (c->base >= 0)
		(void)close(c->base);
	if (c->own >= 0)
		(void)close(c->own);
	for (uint32_t i = 0; c->leaf && i < c->capacity; i++)
		free(c->leaf[i].name);
	free(c->leaf);
	free(c);
}

struct cgroups *cgroups_open(uint32_t capacity, const char **ret_why)
{
	char own[PATH_MAX];
	struct cgroups *c;

	*ret_why = cgroup_find_own(own, sizeof(own));
	if (*ret_why)
		return NULL;
	*ret_why = "no memory for it";
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->base = -1;
	c->own = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	c->capacity = capacity;
	c->leaf = calloc(capacity, sizeof(*c->leaf));
	if (c->leaf)
		*ret_why = c->own < 0 ? "its own cgroup cannot be opened" : open_base(c);
	if (!*ret_why)
		return c;
	free_all(c);
	return NULL;
}

/* ---- the files of a leaf */

/* Opens FILE of the leaf. */
static int open_file(const struct cgroups *c, uint32_t row, const char *file, int flags)
{
	char path[NAME_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", c->leaf[row].name, file);
	return openat(c->base, path, flags | O_CLOEXEC | O_NOFOLLOW);
}

static int write_file(const struct cgroups *c, uint32_t row, const char *file, const char *text)
{
	int fd = open_file(c, row, file, O_WRONLY);
	int error = fd < 0 ? -errno : 0;

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		error = -errno;
	if (fd >= 0)
		(void)close(fd);
	return error;
}

/* A path as one name: '/' and '%' as %XX, and '.' where it could make the name of a file that the
 * kernel keeps there ("memory.max"). One that is too long goes by its row. */
static void leaf_name(uint32_t row, const char *path, char name[static LEAF_NAME_MAX + 4])
{
	size_t n = 0;

	for (const char *p = path; *p && n < LEAF_NAME_MAX; p++) {
		bool dot = *p == '.' && (p[1] < '0' || p[1] > '9');

		if (*p == '/' || *p == '%' || dot)
			n += (size_t)snprintf(name + n, 4, "%%%02X", (unsigned)*p);
		else
			name[n++] = *p;
	}
	name[n] = '\0';
	if (n >= LEAF_NAME_MAX)
		(void)snprintf(name, LEAF_NAME_MAX, "%%row%u", row);
}

bool cgroups_has(const struct cgroups *c, uint32_t row)
{
	return c->leaf[row].name != NULL;
}

bool cgroups_populated(const struct cgroups *c, uint32_t row)
{
	char text[256];
	int fd = open_file(c, row, "cgroup.events", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return strstr(text, "populated 1") != NULL;
}

size_t cgroups_pids(const struct cgroups *c, uint32_t row, pid_t *pids, size_t max)
{
	int fd = open_file(c, row, "cgroup.procs", O_RDONLY);
	FILE *from = fd < 0 ? NULL : fdopen(fd, "r");
	size_t n = 0;
	int pid;

	if (!from) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	/* 0: a process that our pid namespace does not show. */
	while (n < max && fscanf(from, "%d", &pid) == 1)
		if (pid > 0)
			pids[n++] = pid;
	(void)fclose(from);
	return n;
}

int cgroups_kill(const struct cgroups *c, uint32_t row)
{
	c->leaf[row].killed = true;
	return write_file(c, row, "cgroup.kill", "1");
}

int cgroups_freeze(const struct cgroups *c, uint32_t row, bool freeze)
{
	return write_file(c, row, "cgroup.freeze", freeze ? "1" : "0");
}

void cgroups_remove(struct cgroups *c, uint32_t row)
{
	if (!c->leaf[row].name)
		return;
	cgroup_remove_tree(c->base, c->leaf[row].name);
	free(c->leaf[row].name);
	c->leaf[row] = (struct leaf){.name = NULL};
}

static int open_leaf(const struct cgroups *c, uint32_t row)
{
	return openat(c->base, c->leaf[row].name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int cgroups_enter(struct cgroups *c, uint32_t row, const char *path)
{
	char name[LEAF_NAME_MAX + 4];
	bool fresh = !c->leaf[row].name;
	int fd;

	if (fresh) {
		leaf_name(row, path, name);
		c->leaf[row].name = strdup(name);
		if (!c->leaf[row].name)
			return -ENOMEM;
	}
	/* Kernels (6.18, say) kill what is born into a group that was ever killed: that calls for a
	 * new one. */
	if (fresh || c->leaf[row].killed)
		(void)unlinkat(c->base, c->leaf[row].name, AT_REMOVEDIR);
	c->leaf[row].killed = false;
	fd = open_leaf(c, row);
	/* One that an earlier supd left may be frozen, and limited. */
	if (fd >= 0 && fresh) {
		(void)cgroups_freeze(c, row, false);
		c->leaf[row].limited = (1u << RESOURCE_COUNT) - 1;
	}
	if (fd < 0 && errno == ENOENT && mkdirat(c->base, c->leaf[row].name, 0755) == 0) {
		c->leaf[row].limited = 0;
		fd = open_leaf(c, row);
	}
	if (fd >= 0) {
		if (c->on & 1u << CONTROLLER_MEMORY)
			c->leaf[row].oom_kills = cgroup_oom_kills(fd);
		return fd;
	}
	fd = -errno;
	cgroups_remove(c, row);
	return fd;
}

void cgroups_close(struct cgroups *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->capacity; i++) {
		if (c->leaf[i].name && cgroups_populated(c, i))
			(void)cgroups_kill(c, i);
		cgroups_remove(c, i);
	}
	cgroups_step_back(c);
	cgroup_remove_tree(c->own, c->base_name);
	free_all(c);
}
