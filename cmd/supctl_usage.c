/* supctl_usage.c - see supctl_usage.h. */
#include "cmd/supctl_usage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supctl_usage_internal.h"
#include "config/spec.h"

/* Which node a process group, or a process, belongs to: open addressing, at most half full. */
struct slot {
	pid_t pid; /* 0: free */
	uint32_t node;
};

struct reading {
	const struct snapshot *snapshot;
	const bool *chosen;
	struct usage *usage;
	struct slot *slots;
	uint32_t mask;
	int proc;      /* /proc */
	bool groups;   /* supd has made control groups */
	uint32_t node; /* whose group is being read */
};

static bool is_chosen(const struct reading *r, uint32_t node)
{
	return !r->chosen || r->chosen[node];
}

/* ---- whose is it? */

static uint32_t home(const struct reading *r, pid_t pid)
{
	return ((uint32_t)pid * 2654435769u) >> 7 & r->mask;
}

static int enter_nodes(struct reading *r)
{
	uint32_t size = 16;

	while (size < 2 * r->snapshot->n)
		size *= 2;
	r->slots = calloc(size, sizeof *r->slots);
	if (!r->slots)
		return -ENOMEM;
	r->mask = size - 1;
	for (uint32_t i = 0; i < r->snapshot->n; i++) {
		const struct status_record *record = &r->snapshot->nodes[i].record;
		uint32_t at = home(r, record->pid);

		/* One with a control group is asked there. */
		if (record->kind != KIND_PROCESS || record->pid <= 0 || !is_chosen(r, i) ||
			r->usage[i].group)
			continue;
		while (r->slots[at].pid != 0)
			at = (at + 1) & r->mask;
		r->slots[at] = (struct slot){record->pid, i};
	}
	return 0;
}

static struct usage *usage_of(const struct reading *r, pid_t pid)
{
	uint32_t at = home(r, pid);

	while (r->slots[at].pid != 0 && r->slots[at].pid != pid)
		at = (at + 1) & r->mask;
	/* Number 0 is that of nobody here: the group of what another pid namespace started. */
	return pid > 0 && r->slots[at].pid == pid ? &r->usage[r->slots[at].node] : NULL;
}

/* ---- /proc */

static void add_process(struct usage *usage, const struct process *process)
{
	usage->cpu_s += (double)process->ticks / (double)sysconf(_SC_CLK_TCK);
	if (process->state == 'Z' || process->state == 'X')
		return;
	usage->memory += process->memory;
	usage->processes++;
}

/* The leader's number is that of its group; a main process that was named may be in another. */
static void take_process(struct reading *r, const char *pid)
{
	struct process process;
	struct usage *usage;

	if (!process_read(r->proc, pid, &process))
		return;
	usage = usage_of(r, process.group);
	if (!usage)
		usage = usage_of(r, process.pid);
	if (usage)
		add_process(usage, &process);
}

static int walk_proc(struct reading *r)
{
	int copy = dup(r->proc);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!list) {
		if (copy >= 0)
			(void)close(copy);
		return -ENOMEM;
	}
	while ((entry = readdir(list)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]))
			take_process(r, entry->d_name);
	(void)closedir(list);
	return 0;
}

/* ---- control groups */

/* Groups of children are DIR/supd-N/NAME, and supd is in DIR, or in a group beside theirs
 * (supervisor/os/cgroup.c). Without any, nobody's group need be looked up. */
static bool has_groups(const struct reading *r)
{
	char dir[PATH_MAX];
	const struct dirent *entry;
	bool found = false;
	DIR *list;

	if (!group_of_process(r->proc, r->snapshot->header.pid, dir))
		return false;
	if (strstr(dir, "/supd-"))
		return true;
	list = opendir(dir);
	while (list && !found && (entry = readdir(list)) != NULL)
		found = strncmp(entry->d_name, "supd-", 5) == 0;
	if (list)
		(void)closedir(list);
	return found;
}

/* Is this directory DIR/supd-N/NAME, and not supd's own? */
static bool is_group_of_child(const char *dir)
{
	const char *name = strrchr(dir, '/');
	const char *at = name;

	if (!name || strcmp(name, "/%supd") == 0)
		return false;
	while (at > dir && at[-1] != '/')
		at--;
	return strncmp(at, "supd-", 5) == 0 && isdigit((unsigned char)at[5]);
}

static void add_memory(void *context, const char *pid)
{
	struct reading *r = context;
	struct process process;

	if (process_read(r->proc, pid, &process))
		r->usage[r->node].memory += process.memory;
}

static void read_group(struct reading *r, uint32_t node)
{
	struct group_usage group;
	struct usage *usage = &r->usage[node];
	char dir[PATH_MAX];

	if (!group_of_process(r->proc, r->snapshot->nodes[node].record.pid, dir) ||
		!is_group_of_child(dir))
		return;
	group_read(dir, &group);
	*usage = (struct usage){.memory = group.memory > 0 ? group.memory : 0,
		.cpu_s = group.cpu_s,
		.processes = group.processes,
		.group = true};
	r->node = node;
	if (group.memory < 0)
		group_processes(dir, add_memory, r);
}

static void read_groups(struct reading *r)
{
	if (!has_groups(r))
		return;
	for (uint32_t i = 0; i < r->snapshot->n; i++) {
		const struct status_record *record = &r->snapshot->nodes[i].record;

		if (record->kind == KIND_PROCESS && record->pid > 0 && is_chosen(r, i))
			read_group(r, i);
	}
}

/* ---- the face */

int usage_add(json_t *child, const struct usage *usage)
{
	if (usage->memory < 0)
		return 0;
	if (json_object_set_new(child, "memory", json_integer(usage->memory)) < 0 ||
		json_object_set_new(child, "processes", json_integer(usage->processes)) < 0)
		return -ENOMEM;
	/* The clock of the kernel has no more than microseconds. */
	return json_object_set_new(
		       child, "cpu", json_real((double)(int64_t)(usage->cpu_s * 1e6) / 1e6)) < 0
		       ? -ENOMEM
		       : 0;
}

const char *usage_memory_words(int64_t bytes, char buf[static 16])
{
	static const char UNITS[] = "KMGTP";
	double value = (double)bytes / 1024;
	size_t unit = 0;

	for (; value >= 999.5 && UNITS[unit + 1]; unit++)
		value /= 1024;
	if (bytes < 0)
		(void)snprintf(buf, 16, "-");
	else
		(void)snprintf(buf, 16, unit == 0 || value >= 99.95 ? "%.0f%c" : "%.1f%c", value,
			UNITS[unit]);
	return buf;
}

/* Its numbers are of our world only when its own is. */
static bool is_same_supd(const struct reading *r)
{
	const struct status_header *header = &r->snapshot->header;
	struct process process;
	char pid[16];

	(void)snprintf(pid, sizeof pid, "%d", header->pid);
	return process_read(r->proc, pid, &process) && process.start == header->pid_start_ticks;
}

/* Children stand behind their parents, so backwards each sum is complete when it is added. */
static void sum_up(struct reading *r)
{
	for (uint32_t i = r->snapshot->n; i-- > 1;) {
		struct usage *above = &r->usage[r->snapshot->nodes[i].parent];

		if (!is_chosen(r, i))
			continue;
		above->memory += r->usage[i].memory;
		above->cpu_s += r->usage[i].cpu_s;
		above->processes += r->usage[i].processes;
	}
}

static void set_all(struct reading *r, const struct usage *value)
{
	for (uint32_t i = 0; i < r->snapshot->n; i++)
		r->usage[i] = *value;
}

int usage_read(const struct snapshot *snapshot, const bool *chosen, struct usage *usage)
{
	static const struct usage UNKNOWN = {.memory = -1, .cpu_s = -1};
	struct reading r = {.snapshot = snapshot, .chosen = chosen, .usage = usage};
	int error = 0;

	r.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	set_all(&r, &UNKNOWN);
	if (r.proc < 0)
		return 0;
	if (is_same_supd(&r)) {
		set_all(&r, &(struct usage){0});
		read_groups(&r);
		error = enter_nodes(&r);
		if (error == 0)
			error = walk_proc(&r);
		if (error == 0)
			sum_up(&r);
		else
			set_all(&r, &UNKNOWN);
	}
	free(r.slots);
	(void)close(r.proc);
	return error;
}
