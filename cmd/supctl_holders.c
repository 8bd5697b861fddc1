/* supctl_holders.c - see supctl_holders.h. */
#include "cmd/supctl_holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/units.h"

enum { ENVIRON_SIZE = 256 * 1024 };

/* Whose processes are looked for. */
struct search {
	int32_t own;	      /* the child's own process, or who was it */
	int32_t holder;	      /* 0: none */
	int32_t holder_group; /* 0: none */
	const char *path;
	char dir[PATH_MAX]; /* without links */
	char *environ;	    /* ENVIRON_SIZE; may be NULL */
};

/* Reads at most size - 1 bytes of /proc/PID/FILE, NUL-ended. Returns how many, or -1. */
static ssize_t read_file(int32_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	size_t n = 0;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (;;) {
		ssize_t part = read(fd, buf + n, size - 1 - n);

		if (part <= 0)
			break;
		n += (size_t)part;
	}
	(void)close(fd);
	buf[n] = '\0';
	return (ssize_t)n;
}

/* Fails for one of which only the exit status is left. */
static bool read_groups(int32_t pid, int *ret_group, int *ret_session)
{
	char text[1024];
	const char *at;
	char state;
	int parent;

	if (read_file(pid, "stat", text, sizeof text) <= 0)
		return false;
	at = strrchr(text, ')');
	return at && sscanf(at + 1, " %c %d %d %d", &state, &parent, ret_group, ret_session) == 4 &&
	       state != 'Z' && state != 'X';
}

int32_t holder_of(const struct status_record *record)
{
	return record->holder > 0 ? record->holder : record->pid;
}

bool holder_command(int32_t pid, char buf[static HOLDER_COMMAND_SIZE])
{
	int group;
	int session;
	ssize_t n;

	if (pid <= 0 || !read_groups(pid, &group, &session))
		return false;
	n = read_file(pid, "cmdline", buf, HOLDER_COMMAND_SIZE);
	if (n <= 0) {
		buf[0] = '[';
		n = read_file(pid, "comm", buf + 1, HOLDER_COMMAND_SIZE - 2);
		if (n <= 0)
			return false;
		buf[n] = ']'; /* in the place of the newline */
		buf[n + 1] = '\0';
		return true;
	}
	while (n > 0 && buf[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
		else if (buf[i] < ' ' || buf[i] > '~')
			buf[i] = '?';
	return true;
}

/* The last value that the environment gives to name; NULL: none. */
static const char *variable(const char *environ, ssize_t n, const char *name)
{
	size_t length = strlen(name);
	const char *value = NULL;

	for (const char *at = environ; at < environ + n; at += strlen(at) + 1)
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			value = at + length + 1;
	return value;
}

static bool says_so(const struct search *search, int32_t pid)
{
	const char *value;
	char dir[PATH_MAX];
	ssize_t n = search->environ ? read_file(pid, "environ", search->environ, ENVIRON_SIZE) : 0;

	if (n <= 0)
		return false;
	value = variable(search->environ, n, "SUPD_PATH");
	if (!value || strcmp(value, search->path) != 0)
		return false;
	value = variable(search->environ, n, "SUPD_RUNTIME_DIR");
	return value && realpath(value, dir) && strcmp(dir, search->dir) == 0;
}

static bool belongs(const struct search *search, int32_t pid)
{
	int group;
	int session;

	if (!read_groups(pid, &group, &session))
		return false;
	return pid == search->holder || (search->own > 0 && group == search->own) ||
	       (search->own > 0 && session == search->own) ||
	       (search->holder_group > 0 && group == search->holder_group) || says_so(search, pid);
}

static void search_begin(struct search *search, const char *dir, const char *path,
	const struct status_record *record)
{
	int group = 0;
	int session;

	*search = (struct search){.own = record->pid, .holder = record->holder, .path = path};
	/* Not supd's own group, should the holder be one that stayed in it. */
	if (record->holder > 0 && read_groups(record->holder, &group, &session) &&
		group == record->holder)
		search->holder_group = group;
	if (!realpath(dir, search->dir))
		search->dir[0] = '\0';
	search->environ = malloc(ENVIRON_SIZE);
}

size_t holders_find(const char *dir, const char *path, const struct status_record *record,
	struct holder ret[static HOLDERS_MAX])
{
	const struct dirent *entry;
	struct search search;
	DIR *all = opendir("/proc");
	size_t n = 0;
	int64_t pid;

	if (!all)
		return 0;
	search_begin(&search, dir, path, record);
	while ((entry = readdir(all)) != NULL) {
		if (parse_number(entry->d_name, 1, INT32_MAX, &pid) != 0 ||
			!belongs(&search, (int32_t)pid))
			continue;
		if (n < HOLDERS_MAX) {
			ret[n].pid = (int32_t)pid;
			if (!holder_command(ret[n].pid, ret[n].command))
				continue;
		}
		n++;
	}
	(void)closedir(all);
	free(search.environ);
	return n;
}
