/* cgroup_limits.c - see cgroup_limits.h. */
#include "supervisor/os/cgroup_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const CONTROLLER_NAMES[] = {
	[CONTROLLER_MEMORY] = "memory",
	[CONTROLLER_CPU] = "cpu",
	[CONTROLLER_PIDS] = "pids",
	[CONTROLLER_IO] = "io",
};

/* The file of a limit, another that some kernels have in its place, and what it holds unless set.
 */
struct limit_file {
	enum controller controller;
	const char *file;
	const char *other;
	const char *unset;
};

static const struct limit_file FILES[] = {
	[RESOURCE_MEMORY_MAX] = {CONTROLLER_MEMORY, "memory.max", NULL, "max"},
	[RESOURCE_MEMORY_HIGH] = {CONTROLLER_MEMORY, "memory.high", NULL, "max"},
	[RESOURCE_CPU_WEIGHT] = {CONTROLLER_CPU, "cpu.weight", NULL, "100"},
	[RESOURCE_CPU_MAX] = {CONTROLLER_CPU, "cpu.max", NULL, "max"},
	[RESOURCE_PIDS_MAX] = {CONTROLLER_PIDS, "pids.max", NULL, "max"},
	/* By blk-iocost; by the scheduler BFQ. */
	[RESOURCE_IO_WEIGHT] = {CONTROLLER_IO, "io.weight", "io.bfq.weight", "default 100"},
};
_Static_assert(sizeof(FILES) / sizeof(FILES[0]) == RESOURCE_COUNT, "each limit has a file");

const char *cgroup_controller_name(enum controller controller)
{
	return CONTROLLER_NAMES[controller];
}

enum controller cgroup_controller_of(enum resource resource)
{
	return FILES[resource].controller;
}

unsigned cgroup_controllers_of(uint32_t resources)
{
	unsigned controllers = 0;

	for (unsigned i = 0; i < RESOURCE_COUNT; i++)
		if (resources & (1u << i))
			controllers |= 1u << FILES[i].controller;
	return controllers;
}

/* Reads at most size - 1 bytes, NUL-ended. Returns how many, or -1. */
static ssize_t read_file(int dir, const char *file, char *buf, size_t size)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

static int write_file(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	int error = fd < 0 ? -errno : 0;

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		error = -errno;
	if (fd >= 0)
		(void)close(fd);
	return error;
}

/* ---- controllers */

static bool has_word(const char *text, const char *word)
{
	const size_t length = strlen(word);

	while (*text) {
		const size_t n = strcspn(text, " \n");

		if (n == length && memcmp(text, word, n) == 0)
			return true;
		text += n + strspn(text + n, " \n");
	}
	return false;
}

unsigned cgroup_controllers(int dir)
{
	char text[512];
	unsigned controllers = 0;

	if (read_file(dir, "cgroup.controllers", text, sizeof(text)) <= 0)
		return 0;
	for (unsigned i = 0; i < CONTROLLERS; i++)
		if (has_word(text, CONTROLLER_NAMES[i]))
			controllers |= 1u << i;
	return controllers;
}

int cgroup_switch(int dir, unsigned controllers, bool on)
{
	char text[64] = "";
	size_t n = 0;

	if (controllers == 0)
		return 0;
	for (unsigned i = 0; i < CONTROLLERS; i++)
		if (controllers & (1u << i))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%s",
				n > 0 ? " " : "", on ? '+' : '-', CONTROLLER_NAMES[i]);
	return write_file(dir, "cgroup.subtree_control", text);
}

/* ---- limits */

static void limit_text(
	const struct resources_spec *spec, enum resource resource, char buf[static 64])
{
	const unsigned long long value = spec->value[resource];
	const bool infinite = spec->value[resource] == SPEC_LIMIT_INFINITY;

	if (resource == RESOURCE_CPU_MAX && infinite)
		(void)snprintf(buf, 64, "max %u", spec->cpu_period_us);
	else if (resource == RESOURCE_CPU_MAX)
		(void)snprintf(buf, 64, "%llu %u", value, spec->cpu_period_us);
	else if (infinite)
		(void)snprintf(buf, 64, "max");
	else if (resource == RESOURCE_IO_WEIGHT)
		(void)snprintf(buf, 64, "default %llu", value);
	else
		(void)snprintf(buf, 64, "%llu", value);
}

static int write_limit(int dir, enum resource resource, const char *text)
{
	int error = write_file(dir, FILES[resource].file, text);

	if (error == -ENOENT && FILES[resource].other)
		error = write_file(dir, FILES[resource].other, text);
	return error;
}

int cgroup_limit(
	int dir, const struct resources_spec *spec, uint32_t before, enum resource *ret_resource)
{
	const uint32_t set = spec ? spec->set : 0;
	char text[64];

	for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
		const enum resource resource = (enum resource)i;
		int error;

		if (!((set | before) & (1u << i)))
			continue;
		if (set & (1u << i))
			limit_text(spec, resource, text);
		else
			(void)snprintf(text, sizeof(text), "%s", FILES[i].unset);
		error = write_limit(dir, resource, text);
		if (error < 0) {
			*ret_resource = resource;
			return error;
		}
	}
	return 0;
}

uint64_t cgroup_oom_kills(int dir)
{
	static const char WORD[] = "oom_kill ";
	char text[512];
	const char *at;

	if (read_file(dir, "memory.events", text, sizeof(text)) <= 0)
		return 0;
	for (at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, WORD, strlen(WORD)) == 0)
			return strtoull(at + strlen(WORD), NULL, 10);
	return 0;
}
