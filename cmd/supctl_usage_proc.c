/* supctl_usage_proc.c - what the files of the kernel say of a process, and of a control group. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/supctl_usage_internal.h"

/* Reads at most size - 1 bytes of a file, NUL-ended. Returns how many, or -1. */
static ssize_t read_text(int at, const char *path, char *buf, size_t size)
{
	int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

bool process_parse(const char *text, struct process *ret)
{
	/* Numbered as in proc(5). */
	enum { STATE = 3, GROUP = 5, TICKS_FIRST = 14, TICKS_LAST = 17, START = 22, RSS = 24 };
	/* Field 2, the name, may hold anything; it ends at the last ')'. */
	const char *at = strrchr(text, ')');
	char *end;

	*ret = (struct process){.pid = (pid_t)strtol(text, NULL, 10)};
	if (!at || at[1] != ' ' || !at[2] || ret->pid <= 0)
		return false;
	ret->state = at[2];
	at += 3;
	for (int field = STATE + 1; field <= RSS; field++, at = end) {
		long long value = strtoll(at, &end, 10);

		if (end == at)
			return false;
		if (field == GROUP)
			ret->group = (pid_t)value;
		else if (field >= TICKS_FIRST && field <= TICKS_LAST)
			ret->ticks += value > 0 ? (uint64_t)value : 0;
		else if (field == START)
			ret->start = (uint64_t)value;
		else if (field == RSS)
			ret->memory = value * sysconf(_SC_PAGESIZE);
	}
	return true;
}

bool process_read(int proc, const char *pid, struct process *ret)
{
	char path[32];
	char text[1024];

	(void)snprintf(path, sizeof path, "%.16s/stat", pid);
	return read_text(proc, path, text, sizeof text) > 0 && process_parse(text, ret);
}

/* ---- control groups */

/* Alone, or beside the hierarchies of version 1. */
static const char *const MOUNTS[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

bool group_of_process(int proc, pid_t pid, char dir[static PATH_MAX])
{
	char path[32];
	char text[PATH_MAX];
	struct stat st;
	char *own;

	(void)snprintf(path, sizeof path, "%d/cgroup", (int)pid);
	if (read_text(proc, path, text, sizeof text) <= 0)
		return false;
	/* That of version 2 has no name, and stands last. */
	own = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
	if (!own)
		return false;
	own += *own == '\n' ? 4 : 3;
	own[strcspn(own, "\n")] = '\0';
	for (size_t i = 0; i < sizeof MOUNTS / sizeof MOUNTS[0]; i++) {
		int n = snprintf(dir, PATH_MAX, "%s%s/cgroup.procs", MOUNTS[i], own);

		if (n <= 0 || n >= PATH_MAX || stat(dir, &st) < 0)
			continue;
		dir[n - (int)strlen("/cgroup.procs")] = '\0';
		return true;
	}
	return false;
}

static ssize_t read_of_group(const char *dir, const char *file, char *buf, size_t size)
{
	char path[PATH_MAX + 32];

	(void)snprintf(path, sizeof path, "%s/%s", dir, file);
	return read_text(AT_FDCWD, path, buf, size);
}

void group_processes(const char *dir, void (*each)(void *context, const char *pid), void *context)
{
	char path[PATH_MAX + 32];
	char line[32];
	FILE *from;

	(void)snprintf(path, sizeof path, "%s/cgroup.procs", dir);
	from = fopen(path, "re");
	while (from && fgets(line, sizeof line, from)) {
		line[strcspn(line, "\n")] = '\0';
		each(context, line);
	}
	if (from)
		(void)fclose(from);
}

static void count(void *context, const char *pid)
{
	(void)pid;
	++*(uint32_t *)context;
}

void group_read(const char *dir, struct group_usage *ret)
{
	char text[2048];
	const char *at;

	*ret = (struct group_usage){.memory = -1, .cpu_s = -1};
	/* There when the controller is on. */
	if (read_of_group(dir, "memory.current", text, sizeof text) > 0)
		ret->memory = strtoll(text, NULL, 10);
	if (read_of_group(dir, "cpu.stat", text, sizeof text) > 0) {
		at = strstr(text, "usage_usec ");
		if (at)
			ret->cpu_s = strtod(at + strlen("usage_usec "), NULL) / 1e6;
	}
	group_processes(dir, count, &ret->processes);
}
