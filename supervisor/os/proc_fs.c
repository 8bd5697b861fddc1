/* proc_fs.c - see proc_fs.h. */
#include "supervisor/os/proc_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads at most size - 1 bytes of /proc/PID/FILE, NUL-ended. Returns how many, or -1. */
static ssize_t read_file(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	size_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
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

bool proc_stat(pid_t pid, struct proc_stat *ret)
{
	char text[1024];
	const char *at;
	int ppid;
	int pgrp;
	int session;

	if (read_file(pid, "stat", text, sizeof(text)) <= 0)
		return false;
	/* Field 2, the name, may hold anything; it ends at the last ')'. */
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %c %d %d %d", &ret->state, &ppid, &pgrp, &session) != 4)
		return false;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	ret->ppid = ppid;
	ret->pgrp = pgrp;
	ret->session = session;
	ret->start = at ? strtoull(at + 1, NULL, 10) : 0;
	/* The last field. */
	ret->exit_code = at ? (int)strtol(strrchr(at, ' '), NULL, 10) : 0;
	return at != NULL;
}

/* The children of one thread. */
static bool thread_children(
	pid_t pid, const char *thread, void (*each)(void *context, pid_t child), void *context)
{
	char path[64];
	FILE *from;
	int child;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children", (int)pid, thread);
	from = fopen(path, "re");
	if (!from)
		return false;
	while (fscanf(from, "%d", &child) == 1)
		each(context, child);
	(void)fclose(from);
	return true;
}

bool proc_children(pid_t pid, void (*each)(void *context, pid_t child), void *context)
{
	const struct dirent *entry;
	bool told = false;
	char path[64];
	DIR *threads;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (!threads)
		return false;
	while ((entry = readdir(threads)) != NULL)
		if (entry->d_name[0] != '.')
			told |= thread_children(pid, entry->d_name, each, context);
	(void)closedir(threads);
	return told;
}

int proc_own_children(void)
{
	char path[64];
	int pid = (int)getpid();

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool proc_read_children(int fd, void (*each)(void *context, pid_t child), void *context)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;
	pid_t pid = 0;

	/* "17 23 42 "; a number may lie across two pieces. */
	while ((n = pread(fd, text, sizeof(text), at)) > 0) {
		at += n;
		for (ssize_t i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0');
				continue;
			}
			if (pid > 0)
				each(context, pid);
			pid = 0;
		}
	}
	return n == 0;
}

const char *proc_environ(pid_t pid, const char *name, char *buf, size_t size)
{
	size_t length = strlen(name);
	const char *value = NULL;
	ssize_t n = read_file(pid, "environ", buf, size);

	for (const char *at = buf; n > 0 && at < buf + n; at += strlen(at) + 1)
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			value = at + length + 1;
	return value;
}
