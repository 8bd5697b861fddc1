/* seccomp.c - names of system calls into a filter; the only includer of <seccomp.h>.
 *
 * libseccomp knows the names, and compiles the rules that look at arguments; what depends on the
 * number alone, nearly all, is laid out more tightly than it does (seccomp_code.h).
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

#include "config/seccomp_code.h"
#include "config/seccomp_groups.h"
#include "config/units.h"

enum { CALLS_MAX = SECCOMP_CODE_CALLS };

/* What is said of a call, in the order of growing weight. */
enum said { SAID_NOTHING, SAID_BY_GROUP, SAID_BY_NAME };

struct filter {
	struct reading *r;
	const struct seccomp_request *request;
	unsigned char allowed[CALLS_MAX]; /* enum said, by number */
	unsigned char denied[CALLS_MAX];
	bool namespaces; /* @namespaces is allowed: so is clone with new ones */
	bool good;
	bool tail; /* there are rules that look at arguments */
	scmp_filter_ctx ctx;
	struct seccomp_code code;
};

_Static_assert((int)SECCOMP_CODE_ROOM <= (int)SANDBOX_FILTER_MAX, "a list has room for it");

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

/* Allowed where the argument is as this says. */
static void add_rule(struct filter *filter, int number, struct scmp_arg_cmp argument)
{
	check(filter, seccomp_rule_add_array(filter->ctx, SCMP_ACT_ALLOW, number, 1, &argument));
	filter->code.answers[number] = SECCOMP_CODE_TAIL;
	filter->tail = true;
}

/* New namespaces are flags of clone; those of clone3 lie in memory, where no filter looks. */
static bool limit_clone(struct filter *filter, int number)
{
	static const uint64_t NEW = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
#ifdef __s390__
	static const unsigned FLAGS_AT = 1;
#else
	static const unsigned FLAGS_AT = 0;
#endif

	if (filter->namespaces || filter->allowed[number] == SAID_BY_NAME)
		return false;
	if (number == number_of("clone3"))
		filter->code.answers[number] = SCMP_ACT_ERRNO(ENOSYS);
	else if (number == number_of("clone"))
		add_rule(filter, number,
			(struct scmp_arg_cmp){FLAGS_AT, SCMP_CMP_MASKED_EQ, NEW, 0});
	else
		return false;
	return true;
}

/* A profile allows sockets of the common families only. */
static bool limit_socket(struct filter *filter, int number)
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
		add_rule(filter, number,
			(struct scmp_arg_cmp){0, SCMP_CMP_EQ, (scmp_datum_t)FAMILIES[i], 0});
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

static void set_answers(struct filter *filter, bool allow_list)
{
	const uint32_t action = action_of(filter->request->action);

	for (int i = 0; i < CALLS_MAX; i++) {
		const bool allowed = filter->denied[i] == SAID_NOTHING &&
				     (!allow_list || filter->allowed[i] != SAID_NOTHING);

		filter->code.answers[i] = allowed ? SCMP_ACT_ALLOW : action;
		if (allow_list && allowed && !limit_clone(filter, i))
			(void)limit_socket(filter, i);
	}
}

/* ---- instructions */

/* The highest number that the library has a name for. */
static int newest_call(void)
{
	for (int i = CALLS_MAX - 1; i > 0; i--) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		free(name);
		if (name != NULL)
			return i;
	}
	return CALLS_MAX - 1;
}

/* A call that is too new to be known does not exist, unless it is only logged, or nothing but some
 * calls is denied. */
static void set_beyond(struct filter *filter, bool allow_list)
{
	uint32_t beyond = SCMP_ACT_ERRNO(ENOSYS);

	if (!allow_list)
		beyond = SCMP_ACT_ALLOW;
	else if (filter->request->action == ACTION_LOG)
		beyond = SCMP_ACT_LOG;
	for (int i = newest_call() + 1; i < CALLS_MAX; i++)
		filter->code.answers[i] = beyond;
	filter->code.beyond = beyond;
	filter->code.arch = seccomp_arch_native();
	filter->code.other_arch =
		filter->request->action == ACTION_LOG ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS;
}

/* What libseccomp makes of its rules, behind `n` instructions of `list`, which has room for a
 * program of the kernel's greatest size. Returns the sum. */
static size_t append_tail(struct filter *filter, struct sock_filter *list, size_t n)
{
	int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct stat file = {.st_size = 0};
	size_t size = 0;

	if (fd < 0 || seccomp_export_bpf(filter->ctx, fd) < 0 || fstat(fd, &file) < 0)
		check(filter, -EIO);
	else
		size = (size_t)file.st_size;
	if (size / sizeof(*list) + n > SANDBOX_FILTER_MAX)
		check(filter, -E2BIG);
	else if (size > 0 && pread(fd, list + n, size, 0) != (ssize_t)size)
		check(filter, -EIO);
	if (fd >= 0)
		(void)close(fd);
	return n + size / sizeof(*list);
}

static void make_rules(struct filter *filter, bool allow_list)
{
	filter->ctx =
		seccomp_init(allow_list ? action_of(filter->request->action) : SCMP_ACT_ALLOW);
	if (filter->ctx == NULL) {
		check(filter, -ENOMEM);
		return;
	}
	/* What the part before it let pass is of this machine. */
	check(filter,
		seccomp_attr_set(filter->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
	set_answers(filter, allow_list);
	set_beyond(filter, allow_list);
}

bool seccomp_compile(struct reading *r, const struct seccomp_request *request, uint32_t **ret_words,
	size_t *ret_n)
{
	struct filter filter = {.r = r, .request = request, .good = true};
	const bool allow_list = request->profile != NULL || request->allow->values.n > 0;
	struct sock_filter *list;
	size_t n;

	say_profile(&filter);
	say_list(&filter, filter.allowed, "allow", request->allow);
	say_list(&filter, filter.denied, "deny", request->deny);
	check_always(&filter);
	if (!filter.good)
		return false;
	list = arena_alloc(&r->arena, SANDBOX_FILTER_MAX * sizeof(*list));
	make_rules(&filter, allow_list);
	if (list != NULL && filter.good) {
		n = seccomp_code_lay(&filter.code, list);
		if (filter.tail)
			n = append_tail(&filter, list, n);
		*ret_words = (uint32_t *)(void *)list;
		*ret_n = n * sizeof(*list) / sizeof(**ret_words);
	}
	seccomp_release(filter.ctx);
	return list != NULL && filter.good;
}
