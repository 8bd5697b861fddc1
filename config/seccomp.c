/* seccomp.c - names of system calls into a filter; the only includer of <seccomp.h>.
 *
 * The filter is loaded before the program is executed, so execve and what ends a process are always
 * allowed. A call that is younger than the library says ENOSYS, not "forbidden": the C library then
 * falls back to an older one. */
#include "config/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/seccomp_groups.h"
#include "config/units.h"

enum { CALLS_MAX = 1024 };

/* What is said of a call, in the order of growing weight. */
enum said { SAID_NOTHING, SAID_BY_GROUP, SAID_BY_NAME };

struct filter {
	struct reading *r;
	const struct seccomp_request *request;
	unsigned char allowed[CALLS_MAX]; /* enum said, by number */
	unsigned char denied[CALLS_MAX];
	bool namespaces; /* @namespaces is allowed: so is clone with new ones */
	bool good;
	scmp_filter_ctx ctx;
};

static const char *const ALWAYS[] = {"execve", "exit", "exit_group", "rt_sigreturn", "sigreturn"};
#define ALWAYS_N (sizeof(ALWAYS) / sizeof(ALWAYS[0]))

static int number_of(const char *name)
{
	return seccomp_syscall_resolve_name(name);
}

/* ---- names */

/* Says what was meant, among all calls of this machine and all groups. */
static void unknown(struct filter *filter, const char *key, const char *name, struct place place)
{
	const char *words[CALLS_MAX + 64];
	char *calls[CALLS_MAX];
	const char *near;
	size_t n = 0;

	for (int i = 0; i < CALLS_MAX; i++) {
		calls[i] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
		if (calls[i] != NULL)
			words[n++] = calls[i];
	}
	for (size_t i = 0; i < SECCOMP_GROUPS_N && i < 64; i++)
		words[n++] = SECCOMP_GROUPS[i].name;
	near = nearest_word(name, words, n);
	findings_error(filter->r->findings, place, "bad-value",
		"'%s' holds names of system calls and of groups of them (supd-sandbox(7) lists "
		"these), and '%s' is neither%s%s%s",
		key, name, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
	for (int i = 0; i < CALLS_MAX; i++)
		free(calls[i]);
	filter->good = false;
}

static void say(unsigned char *calls, const char *name, enum said said)
{
	const int number = number_of(name);

	/* Negative: known, but not on this machine. */
	if (number >= 0 && number < CALLS_MAX && calls[number] < said)
		calls[number] = (unsigned char)said;
}

static void say_group(unsigned char *calls, const struct seccomp_group *group)
{
	for (const char *const *call = group->calls; *call != NULL; call++) {
		const struct seccomp_group *inner =
			**call == '@' ? seccomp_group_find(*call) : NULL;

		if (inner == NULL) {
			say(calls, *call, SAID_BY_GROUP);
			continue;
		}
		for (const char *const *name = inner->calls; *name != NULL; name++)
			say(calls, *name, SAID_BY_GROUP);
	}
}

static void say_list(
	struct filter *filter, unsigned char *calls, const char *key, const struct list *list)
{
	for (size_t i = 0; i < list->values.n; i++) {
		const char *name = list->values.item[i];
		const struct place place = {list->files.item[i], list->lines[i]};
		const struct seccomp_group *group = *name == '@' ? seccomp_group_find(name) : NULL;

		if (group != NULL)
			say_group(calls, group);
		else if (*name == '@' || number_of(name) == __NR_SCMP_ERROR)
			unknown(filter, key, name, place);
		else
			say(calls, name, SAID_BY_NAME);
		if (group != NULL && calls == filter->allowed &&
			strcmp(group->name, "@namespaces") == 0)
			filter->namespaces = true;
	}
}

static void say_profile(struct filter *filter)
{
	const char *profile = filter->request->profile;
	const struct seccomp_group *group = profile != NULL ? seccomp_group_find(profile) : NULL;
	const char *words[8];
	const char *near;
	size_t n = 0;

	if (profile == NULL)
		return;
	if (group != NULL && group->profile) {
		say_group(filter->allowed, group);
		return;
	}
	for (size_t i = 0; i < SECCOMP_GROUPS_N && n < 8; i++) {
		if (SECCOMP_GROUPS[i].profile)
			words[n++] = SECCOMP_GROUPS[i].name;
	}
	near = nearest_word(profile, words, n);
	findings_error(filter->r->findings, filter->request->place, "bad-value",
		"'seccomp' is one of @service, @network-client and @compute, not '%s'%s%s%s",
		profile, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
	filter->good = false;
}

static void check_always(struct filter *filter)
{
	for (size_t i = 0; i < ALWAYS_N; i++) {
		const int number = number_of(ALWAYS[i]);

		if (number < 0 || number >= CALLS_MAX)
			continue;
		if (filter->denied[number] == SAID_BY_NAME) {
			findings_error(filter->r->findings, filter->request->place, "conflict",
				"'%s' cannot be denied: a process needs it to run its program, and "
				"to end",
				ALWAYS[i]);
			filter->good = false;
		}
		filter->denied[number] = SAID_NOTHING;
		filter->allowed[number] = SAID_BY_NAME;
	}
}

/* ---- rules */

static void check(struct filter *filter, int error)
{
	if (error == 0 || !filter->good)
		return;
	findings_error(filter->r->findings, filter->request->place, "bad-value",
		"this filter of system calls cannot be made: %s", strerror(-error));
	filter->good = false;
}

/* New namespaces are flags of clone; those of clone3 lie in memory, where no filter looks. */
static bool add_clone(struct filter *filter, int number)
{
	static const uint64_t NEW = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

	if (filter->namespaces || filter->allowed[number] == SAID_BY_NAME)
		return false;
	if (number == number_of("clone3")) {
		check(filter, seccomp_rule_add(filter->ctx, SCMP_ACT_ERRNO(ENOSYS), number, 0));
		return true;
	}
	if (number != number_of("clone"))
		return false;
#ifdef __s390__
	check(filter, seccomp_rule_add(filter->ctx, SCMP_ACT_ALLOW, number, 1,
			      SCMP_A1(SCMP_CMP_MASKED_EQ, NEW, 0)));
#else
	check(filter, seccomp_rule_add(filter->ctx, SCMP_ACT_ALLOW, number, 1,
			      SCMP_A0(SCMP_CMP_MASKED_EQ, NEW, 0)));
#endif
	return true;
}

/* A profile allows sockets of the common families only. */
static bool add_socket(struct filter *filter, int number)
{
	static const int FAMILIES[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	const char *profile = filter->request->profile;
	size_t n = sizeof(FAMILIES) / sizeof(FAMILIES[0]);

	if (profile == NULL || number != number_of("socket") ||
		filter->allowed[number] == SAID_BY_NAME)
		return false;
	if (strcmp(profile, "@compute") == 0)
		n = 1;
	for (size_t i = 0; i < n; i++)
		check(filter, seccomp_rule_add(filter->ctx, SCMP_ACT_ALLOW, number, 1,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)FAMILIES[i])));
	return true;
}

static uint32_t action_of(enum filter_action action)
{
	switch (action) {
	case ACTION_KILL:
		return SCMP_ACT_KILL_PROCESS;
	case ACTION_LOG:
		return SCMP_ACT_LOG;
	case ACTION_ERRNO:
	case ACTION_COUNT:
		break;
	}
	return SCMP_ACT_ERRNO(EPERM);
}

static void add_rules(struct filter *filter, bool allow_list)
{
	for (int i = 0; i < CALLS_MAX && filter->good; i++) {
		if (!allow_list && filter->denied[i] != SAID_NOTHING)
			check(filter, seccomp_rule_add(filter->ctx,
					      action_of(filter->request->action), i, 0));
		if (!allow_list || filter->allowed[i] == SAID_NOTHING ||
			filter->denied[i] != SAID_NOTHING)
			continue;
		if (!add_clone(filter, i) && !add_socket(filter, i))
			check(filter, seccomp_rule_add(filter->ctx, SCMP_ACT_ALLOW, i, 0));
	}
}

/* ---- instructions */

/* The highest number that the library has a name for. */
static uint32_t newest_call(void)
{
	for (int i = CALLS_MAX - 1; i > 0; i--) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		free(name);
		if (name != NULL)
			return (uint32_t)i;
	}
	return CALLS_MAX;
}

/* Puts in front: a call that is too new to be known does not exist. */
static size_t lay_newest(struct sock_filter *to)
{
	to[0] = (struct sock_filter){.code = BPF_LD | BPF_W | BPF_ABS, .k = 0};
	to[1] = (struct sock_filter){
		.code = BPF_JMP | BPF_JGT | BPF_K, .jt = 0, .jf = 1, .k = newest_call()};
	to[2] = (struct sock_filter){.code = BPF_RET | BPF_K, .k = SCMP_ACT_ERRNO(ENOSYS)};
	return 3;
}

static bool export(struct filter *filter, bool newest, uint32_t **ret_words, size_t *ret_n)
{
	const size_t before = newest ? 3 : 0;
	struct sock_filter *list = NULL;
	int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct stat file;
	size_t size;

	if (fd < 0 || seccomp_export_bpf(filter->ctx, fd) < 0 || fstat(fd, &file) < 0 ||
		file.st_size <= 0) {
		check(filter, -EIO);
		goto out;
	}
	size = (size_t)file.st_size;
	if (size / sizeof(*list) + before > SANDBOX_FILTER_MAX) {
		check(filter, -E2BIG);
		goto out;
	}
	list = arena_alloc(&filter->r->arena, size + before * sizeof(*list));
	if (list == NULL)
		goto out;
	if (newest)
		(void)lay_newest(list);
	if (pread(fd, list + before, size, 0) != (ssize_t)size) {
		check(filter, -EIO);
		list = NULL;
	}
	*ret_n = (size / sizeof(*list) + before) * sizeof(*list) / sizeof(uint32_t);
out:
	if (fd >= 0)
		(void)close(fd);
	*ret_words = (uint32_t *)(void *)list;
	return list != NULL;
}

bool seccomp_compile(struct reading *r, const struct seccomp_request *request, uint32_t **ret_words,
	size_t *ret_n)
{
	struct filter filter = {.r = r, .request = request, .good = true};
	const bool allow_list = request->profile != NULL || request->allow->values.n > 0;
	const uint32_t action = action_of(request->action);
	bool good = false;

	say_profile(&filter);
	say_list(&filter, filter.allowed, "allow", request->allow);
	say_list(&filter, filter.denied, "deny", request->deny);
	check_always(&filter);
	if (!filter.good)
		return false;
	filter.ctx = seccomp_init(allow_list ? action : SCMP_ACT_ALLOW);
	if (filter.ctx == NULL) {
		check(&filter, -ENOMEM);
		return false;
	}
	/* A tree by number in place of a chain: fewer steps a call. An older library has none. */
	(void)seccomp_attr_set(filter.ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	check(&filter,
		seccomp_attr_set(filter.ctx, SCMP_FLTATR_ACT_BADARCH,
			request->action == ACTION_LOG ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS));
	add_rules(&filter, allow_list);
	if (filter.good)
		good = export(
			&filter, allow_list && request->action != ACTION_LOG, ret_words, ret_n);
	seccomp_release(filter.ctx);
	return good;
}
