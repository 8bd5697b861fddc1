/* strays.c - see strays.h. What has been found is kept as a list of processes, each with its row,
 * or none, so that nobody is looked at twice. */
#include "supervisor/os/strays.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/os/cgroup.h"
#include "supervisor/os/cgroup_limits.h"
#include "supervisor/os/log.h"
#include "supervisor/os/proc_fs.h"

enum {
	FOUND_MAX = 8192, /* processes kept in mind */
	LEAF_MAX = 4096,  /* taken from one control group at once */
	ENVIRON_SIZE = 256 * 1024,
	LOOK_ALWAYS = 512, /* with so many children a look costs less than the restart of one */
	LOOK_PER_MS = 64,  /* else the next one waits: at most 1 % of the time goes into them */
};

#define NO_ROW UINT32_MAX

struct found {
	pid_t pid;
	uint32_t row;	/* NO_ROW: nobody's */
	uint64_t start; /* proc_stat */
	int told;	/* the signal that it got last; 0: none */
	bool orphan;	/* its parent is supd */
};

struct strays {
	struct cgroups *cgroups; /* NULL: there are none */
	const char *no_cgroups;	 /* why there are none; NULL: nobody has asked */
	bool all;		 /* every child has one */
	uint32_t rows;
	const struct strays_asks *asks;
	const char *runtime_dir;
	pid_t self;
	int children_fd; /* proc_own_children */
	char *environ;	 /* ENVIRON_SIZE */
	pid_t *pids;	 /* LEAF_MAX */
	struct found *found;
	uint32_t n;
	uint32_t capacity;
	uint32_t children; /* of ours, at the last look */
	int64_t look_ms;   /* the next one that costs is not before */
	uint32_t below;	   /* whose descendants are being noted */
	pid_t group;
};

/* Asks once; the answer will not change. */
static bool open_cgroups(struct strays *s)
{
	if (!s->cgroups && !s->no_cgroups)
		s->cgroups = cgroups_open(s->rows, &s->no_cgroups);
	return s->cgroups != NULL;
}

struct strays *strays_new(uint32_t capacity, const char *runtime_dir,
	const struct strays_asks *asks, bool cgroups, uint32_t limits)
{
	struct strays *s = calloc(1, sizeof(*s));
	const char *why;

	if (!s)
		return NULL;
	s->asks = asks;
	s->runtime_dir = runtime_dir;
	s->rows = capacity;
	s->look_ms = INT64_MIN;
	s->self = getpid();
	s->children_fd = proc_own_children();
	s->environ = malloc(ENVIRON_SIZE);
	s->pids = calloc(LEAF_MAX, sizeof(*s->pids));
	if (!s->environ || !s->pids) {
		strays_free(s);
		return NULL;
	}
	if ((cgroups || limits) && open_cgroups(s)) {
		s->all = cgroups;
		/* What cannot be had is said when a child asks for it. */
		(void)cgroups_switch_on(s->cgroups, cgroup_controllers_of(limits), &why);
	}
	if (s->all)
		log_message(LOG_INFO, NULL, "each child has a cgroup of its own");
	else if (cgroups)
		log_message(LOG_INFO, NULL, "children have no cgroups: %s", s->no_cgroups);
	return s;
}

int strays_enter(struct strays *s, uint32_t row, const char *path,
	const struct resources_spec *limits, int *ret_group, struct refused_limit *ret_refused)
{
	int error;
	int fd;

	*ret_group = -1;
	if (!limits && !s->all) {
		strays_rest(s, row);
		return 0;
	}
	if (limits)
		*ret_refused = (struct refused_limit){
			(enum resource)__builtin_ctz(limits->set), "it cannot be made"};
	if (!open_cgroups(s)) {
		ret_refused->why = s->no_cgroups;
		return -EOPNOTSUPP;
	}
	fd = cgroups_enter(s->cgroups, row, path);
	if (fd < 0)
		return limits ? fd : 0;
	error = cgroups_limit(
		s->cgroups, row, fd, limits, &ret_refused->resource, &ret_refused->why);
	if (error < 0 && limits) {
		(void)close(fd);
		return error;
	}
	*ret_group = fd;
	return 0;
}

bool strays_oom(struct strays *s, uint32_t row)
{
	return s->cgroups && cgroups_oom(s->cgroups, row);
}

bool strays_has_group(const struct strays *s, uint32_t row)
{
	return s->cgroups && cgroups_has(s->cgroups, row);
}

/* ---- what has been found */

static struct found *find(struct strays *s, pid_t pid)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->found[i].pid == pid)
			return &s->found[i];
	return NULL;
}

static void drop(struct strays *s, struct found *found)
{
	*found = s->found[--s->n];
}

/* The entry of this very process; NULL when it is new. */
static struct found *find_same(struct strays *s, pid_t pid, const struct proc_stat *stat)
{
	struct found *found = find(s, pid);

	if (!found)
		return NULL;
	found->orphan = stat->ppid == s->self;
	if (found->start == stat->start)
		return found;
	drop(s, found);
	return NULL;
}

/* More than there is room for stay unknown; the control group still has them. */
static void note(struct strays *s, pid_t pid, const struct proc_stat *stat, uint32_t row)
{
	if (s->n == s->capacity) {
		uint32_t capacity = s->capacity ? 2 * s->capacity : 64;
		struct found *list = capacity > FOUND_MAX
					     ? NULL
					     : reallocarray(s->found, capacity, sizeof(*list));

		if (!list)
			return;
		s->found = list;
		s->capacity = capacity;
	}
	s->found[s->n++] = (struct found){
		.pid = pid, .row = row, .start = stat->start, .orphan = stat->ppid == s->self};
}

static bool is_alive(const struct strays *s, struct found *found)
{
	struct proc_stat stat;

	if (!proc_stat(found->pid, &stat) || stat.start != found->start || stat.state == 'Z')
		return false;
	found->orphan = stat.ppid == s->self;
	return true;
}

/* ---- finding */

/* Whose is this orphan, by its environment? */
static uint32_t row_of(struct strays *s, pid_t pid)
{
	const char *value = proc_environ(pid, "SUPD_RUNTIME_DIR", s->environ, ENVIRON_SIZE);

	if (!value || strcmp(value, s->runtime_dir) != 0)
		return NO_ROW;
	value = proc_environ(pid, "SUPD_PATH", s->environ, ENVIRON_SIZE);
	return value ? s->asks->row_at(s->asks->context, value) : NO_ROW;
}

static void see_child(void *context, pid_t pid)
{
	struct strays *s = context;
	struct proc_stat stat;

	s->children++;
	if (s->asks->known(s->asks->context, pid) || !proc_stat(pid, &stat) || stat.state == 'Z' ||
		find_same(s, pid, &stat))
		return;
	note(s, pid, &stat, row_of(s, pid));
}

static void look(struct strays *s, int64_t now_ms, bool patient)
{
	if (patient && now_ms < s->look_ms)
		return;
	s->children = 0;
	(void)proc_read_children(s->children_fd, see_child, s);
	s->look_ms = s->children <= LOOK_ALWAYS ? INT64_MIN : now_ms + s->children / LOOK_PER_MS;
}

void strays_look(struct strays *s, uint32_t row, int64_t now_ms, bool patient)
{
	if (!strays_has_group(s, row))
		look(s, now_ms, patient);
}

static void see_descendant(void *context, pid_t pid)
{
	struct strays *s = context;
	struct proc_stat stat;
	struct found *found;

	if (!proc_stat(pid, &stat) || stat.state == 'Z')
		return;
	found = find_same(s, pid, &stat);
	if (!found)
		note(s, pid, &stat, s->below);
	else
		found->row = s->below;
}

/* Notes all that is below the child's process, in the group or not: the members of the group have
 * children, too. */
static void look_below(struct strays *s, const struct family *family)
{
	uint32_t at;

	if (family->leader == 0)
		return;
	s->below = family->row;
	at = s->n;
	(void)proc_children(family->leader, see_descendant, s);
	for (; at < s->n; at++)
		if (s->found[at].row == family->row)
			(void)proc_children(s->found[at].pid, see_descendant, s);
}

/* Notes what is in the control group. */
static void look_into(struct strays *s, const struct family *family)
{
	size_t n = cgroups_pids(s->cgroups, family->row, s->pids, LEAF_MAX);
	struct proc_stat stat;

	for (size_t i = 0; i < n; i++)
		if (s->pids[i] != family->leader && proc_stat(s->pids[i], &stat) &&
			stat.state != 'Z' && stat.pgrp != family->group &&
			!find_same(s, s->pids[i], &stat))
			note(s, s->pids[i], &stat, family->row);
}

/* ---- a stop */

/* Those get their signal without us. */
static bool is_told(const struct found *found, const struct family *family)
{
	pid_t group = getpgid(found->pid);

	return (family->group > 0 && group == family->group) ||
	       (family->main > 0 && (found->pid == family->main || group == family->main));
}

void strays_tell(struct strays *s, const struct family *family, int signal)
{
	if (strays_has_group(s, family->row)) {
		if (signal == SIGKILL)
			(void)cgroups_kill(s->cgroups, family->row);
		look_into(s, family);
	} else {
		look_below(s, family);
	}
	for (uint32_t i = 0; i < s->n;) {
		struct found *found = &s->found[i];

		if (found->row == family->row && !is_alive(s, found)) {
			drop(s, found);
			continue;
		}
		i++;
		if (found->row != family->row || found->told == signal ||
			(signal != SIGKILL && !found->orphan) || is_told(found, family))
			continue;
		found->told = signal;
		(void)kill(found->pid, signal);
		if (signal != SIGKILL)
			(void)kill(found->pid, SIGCONT);
	}
}

bool strays_left(struct strays *s, uint32_t row)
{
	bool left = false;

	if (strays_has_group(s, row))
		return cgroups_populated(s->cgroups, row);
	for (uint32_t i = 0; i < s->n;) {
		if (s->found[i].row == row && !is_alive(s, &s->found[i])) {
			drop(s, &s->found[i]);
			continue;
		}
		left |= s->found[i++].row == row;
	}
	return left;
}

/* The one among our children that is in this group. */
struct member {
	pid_t group;
	pid_t pid;
};

static void see_member(void *context, pid_t pid)
{
	struct member *member = context;

	if (member->pid == 0 && getpgid(pid) == member->group)
		member->pid = pid;
}

pid_t strays_one(struct strays *s, const struct family *family)
{
	struct member member = {.group = family->group};

	if (strays_has_group(s, family->row) &&
		cgroups_pids(s->cgroups, family->row, s->pids, 1) == 1)
		return s->pids[0];
	for (uint32_t i = 0; i < s->n; i++)
		if (s->found[i].row == family->row)
			return s->found[i].pid;
	(void)proc_read_children(s->children_fd, see_member, &member);
	return member.pid;
}

bool strays_freeze(struct strays *s, uint32_t row, bool freeze)
{
	return strays_has_group(s, row) && cgroups_freeze(s->cgroups, row, freeze) == 0;
}

void strays_gone(struct strays *s, uint32_t row)
{
	for (uint32_t i = 0; i < s->n;)
		if (s->found[i].row == row)
			drop(s, &s->found[i]);
		else
			i++;
}

void strays_rest(struct strays *s, uint32_t row)
{
	if (s->cgroups)
		cgroups_remove(s->cgroups, row);
}

/* Nothing that a child left behind outlives its supervisor. */
void strays_free(struct strays *s)
{
	if (!s)
		return;
	if (s->environ && !s->all)
		look(s, 0, false);
	for (uint32_t i = 0; i < s->n; i++)
		if (s->found[i].row != NO_ROW && is_alive(s, &s->found[i]))
			(void)kill(s->found[i].pid, SIGKILL);
	cgroups_close(s->cgroups);
	if (s->children_fd >= 0)
		(void)close(s->children_fd);
	free(s->environ);
	free(s->pids);
	free(s->found);
	free(s);
}
