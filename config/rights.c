/* rights.c - see rights.h. */
#include "config/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config/units.h"

static const char RULE[] = "not-permitted";
enum { IO_REALTIME = 1, IO_SHIFT = 13, PRIVILEGED_PORTS = 1024 };

#define RESOURCE(id, name, unit) [LIMIT_##id] = RLIMIT_##id,
static const __rlimit_resource_t RESOURCES[] = {SPEC_LIMITS(RESOURCE)};

/* What this process may do, read once. */
struct rights {
	struct findings *f;
	uint32_t caps; /* effective ones, the first 32 */
	uint64_t cpus[SPEC_CPUS_MAX / 64];
	int64_t nr_open;
	int64_t oom_score_adj;
	int64_t first_free_port;
	int nice;
};

static bool may(const struct rights *r, int cap)
{
	return (r->caps & (1u << cap)) != 0;
}

/* A number in a file of /proc; otherwise when it cannot be read. */
static int64_t number_in(const char *path, int64_t otherwise)
{
	FILE *file = fopen(path, "re");
	char line[32] = "";
	int64_t number = otherwise;

	if (file == NULL)
		return otherwise;
	if (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		(void)parse_number(line, INT64_MIN + 1, INT64_MAX, &number);
	}
	(void)fclose(file);
	return number;
}

static void read_rights(struct rights *r)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &header, data) == 0)
		r->caps = data[0].effective;
	/* Without an answer nothing is said. */
	if (syscall(SYS_sched_getaffinity, 0, sizeof(r->cpus), r->cpus) < 0)
		memset(r->cpus, 0xff, sizeof(r->cpus));
	r->nr_open = number_in("/proc/sys/fs/nr_open", INT64_MAX);
	r->oom_score_adj = number_in("/proc/self/oom_score_adj", -1000);
	r->first_free_port =
		number_in("/proc/sys/net/ipv4/ip_unprivileged_port_start", PRIVILEGED_PORTS);
	errno = 0;
	r->nice = getpriority(PRIO_PROCESS, 0);
}

static void check_limits(
	const struct rights *r, const struct surroundings_spec *around, struct place place)
{
	char buf[80];

	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		const struct spec_limit *limit = &around->limit[i];
		struct rlimit now;

		if (!(around->limits & (1u << i)) || getrlimit(RESOURCES[i], &now) < 0)
			continue;
		(void)format_limit(limit, spec_limit_unit((enum limit)i), buf);
		if (i == LIMIT_NOFILE && limit->hard > (uint64_t)r->nr_open)
			findings_warning(r->f, place, RULE,
				"the limit nofile = %s is above %lld, the most that this kernel "
				"gives: raise the sysctl fs.nr_open",
				buf, (long long)r->nr_open);
		else if (limit->hard > now.rlim_max && !may(r, CAP_SYS_RESOURCE))
			findings_warning(r->f, place, RULE,
				"the limit %s = %s is above the hard limit of whoever checks this: "
				"to raise it takes root, and CAP_SYS_RESOURCE",
				spec_limit_name(i), buf);
	}
}

static bool any_cpu(const struct rights *r, const struct surroundings_spec *around)
{
	for (size_t i = 0; i < SPEC_CPUS_MAX / 64; i++) {
		if (around->cpus[i] & r->cpus[i])
			return true;
	}
	return false;
}

/* The lowest nice value that the limit of it allows. */
static int lowest_nice(const struct rights *r)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NICE, &limit) < 0 || limit.rlim_cur > 40)
		return r->nice;
	return 20 - (int)limit.rlim_cur < r->nice ? 20 - (int)limit.rlim_cur : r->nice;
}

static void check_priorities(
	const struct rights *r, const struct surroundings_spec *around, struct place place)
{
	char buf[SPEC_CPUS_MAX];

	if (around->set_nice && around->nice < lowest_nice(r) && !may(r, CAP_SYS_NICE))
		findings_warning(r->f, place, RULE,
			"nice = %d is before the %d of whoever checks this: that takes root, and "
			"CAP_SYS_NICE",
			(int)around->nice, r->nice);
	if (around->io_priority >> IO_SHIFT == IO_REALTIME && !may(r, CAP_SYS_NICE) &&
		!may(r, CAP_SYS_ADMIN))
		findings_warning(r->f, place, RULE, "io_priority = %s takes root, and CAP_SYS_NICE",
			format_io_priority(around->io_priority, buf));
	if (around->set_oom && around->oom_score_adj < r->oom_score_adj &&
		!may(r, CAP_SYS_RESOURCE))
		findings_warning(r->f, place, RULE,
			"oom_score_adj = %d is below the %lld of whoever checks this: that takes "
			"root, and CAP_SYS_RESOURCE",
			(int)around->oom_score_adj, (long long)r->oom_score_adj);
	if (around->set_cpus && !any_cpu(r, around))
		findings_warning(r->f, place, RULE,
			"none of the CPUs of cpu_affinity = %s may be used here: it would not "
			"start",
			format_cpus(around->cpus, buf, sizeof(buf)));
}

static void check_ports(const struct rights *r, const struct spec *spec, uint32_t offset)
{
	const struct spec_list *list = spec_list(spec, offset);

	for (uint32_t i = 0; i < list->n; i++) {
		const struct socket_spec *socket = spec_socket(spec, list->item[i]);
		const struct place place = {spec_str(spec, socket->file), socket->line};

		if (socket->kind != SOCKET_UNIX && socket->port < r->first_free_port &&
			!may(r, CAP_NET_BIND_SERVICE))
			findings_warning(r->f, place, RULE,
				"port %u of the socket %s takes root, and "
				"CAP_NET_BIND_SERVICE",
				(unsigned)socket->port, spec_str(spec, socket->address));
	}
}

static bool has_user_namespace(const struct spec *spec, const struct proc_spec *proc)
{
	return proc->sandbox != SPEC_NONE &&
	       (spec_sandbox(spec, proc->sandbox)->namespaces & CLONE_NEWUSER) != 0;
}

/* As the spawn does it: whom one is already, one may become without rights. */
static void check_identity(const struct rights *r, const struct spec *spec,
	const struct proc_spec *proc, struct place place)
{
	const bool other_uid = proc->uid != PROC_ID_INHERIT && proc->uid != geteuid();
	const bool other_gid = proc->gid != PROC_ID_INHERIT && proc->gid != getegid();
	const bool itself = proc->uid == geteuid() && proc->uid != 0 && !other_gid;
	const bool groups = proc->groups != SPEC_NONE && !itself;

	if (has_user_namespace(spec, proc))
		return;
	if (other_uid && !may(r, CAP_SETUID))
		findings_warning(r->f, place, RULE,
			"whoever checks this is user %u and cannot become user %u: that takes "
			"root, and CAP_SETUID",
			(unsigned)geteuid(), (unsigned)proc->uid);
	else if ((other_gid || groups) && !may(r, CAP_SETGID))
		findings_warning(r->f, place, RULE,
			"whoever checks this cannot give a process %s: that takes root, and "
			"CAP_SETGID",
			other_gid ? "another group" : "other groups");
}

static bool asks_for_something(const struct proc_spec *proc)
{
	return proc->surroundings != SPEC_NONE || proc->sockets != SPEC_NONE ||
	       proc->uid != PROC_ID_INHERIT || proc->gid != PROC_ID_INHERIT ||
	       proc->groups != SPEC_NONE;
}

void config_check_rights(const struct spec *spec, struct findings *f)
{
	struct rights r = {.f = f};
	bool read = false;

	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *node = spec_node(spec, i);
		const struct place place = {spec_str(spec, node->file), node->line};
		const struct proc_spec *proc;

		if (node->kind != KIND_PROCESS || node->repeat)
			continue;
		proc = spec_proc(spec, i);
		if (!asks_for_something(proc))
			continue;
		if (!read)
			read_rights(&r);
		read = true;
		check_identity(&r, spec, proc, place);
		if (proc->surroundings != SPEC_NONE) {
			check_limits(&r, spec_surroundings(spec, proc->surroundings), place);
			check_priorities(&r, spec_surroundings(spec, proc->surroundings), place);
		}
		if (proc->sockets != SPEC_NONE)
			check_ports(&r, spec, proc->sockets);
	}
}
