/* supd_sandbox.c - what of sandboxes this machine can enforce: tried out, by the code that will do
 * it, in a process that runs no program and ends at once. */
#include "cmd/supd_sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/child_setup.h"

static const char RULE[] = "not-permitted";
enum { SANDBOXES_MAX = 256 /* different ones that are tried */ };

/* ---- one try */

static struct spawn_failure *new_failure(void)
{
	struct spawn_failure *failure = mmap(
		NULL, sizeof(*failure), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return failure == MAP_FAILED ? NULL : failure;
}

/* As fork, into namespaces. */
static pid_t fork_into(uint32_t flags)
{
	return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

/* Enters the sandbox; what cannot be enforced is in failure->sandbox. Returns false when that could
 * not be found out. */
static bool try(const struct spec *spec, const struct sandbox_spec *sandbox,
	struct spawn_failure *failure, struct sandbox_rights *rights)
{
	struct sandbox_spec tolerant = *sandbox;
	struct spawn_plan plan = {.sandbox = {.spec = spec, .sandbox = &tolerant, .path = ""}};
	int status;
	pid_t pid;

	memset(failure, 0, sizeof(*failure));
	tolerant.optional = 1;
	sandbox_ask_rights(rights);
	sandbox_plan(&plan.sandbox, rights);
	plan.sandbox.uid = geteuid();
	plan.sandbox.gid = getegid();
	pid = fork_into(plan.sandbox.born);
	if (pid < 0 && plan.sandbox.born != 0 &&
		sandbox_unborn(&plan.sandbox, errno, &failure->sandbox))
		pid = fork_into(0);
	if (pid == 0) {
		sandbox_enter(&plan, failure);
		sandbox_restrict(&plan, failure);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- those of a configuration */

static const struct sandbox_spec *sandbox_of(const struct spec *spec, uint32_t i)
{
	const uint32_t offset =
		spec_node(spec, i)->kind == KIND_PROCESS ? spec_proc(spec, i)->sandbox : SPEC_NONE;

	return offset == SPEC_NONE ? NULL : spec_sandbox(spec, offset);
}

bool sandbox_is_used(const struct spec *spec)
{
	for (uint32_t i = 0; i < spec->nodes; i++)
		if (sandbox_of(spec, i))
			return true;
	return false;
}

static void warn(const struct spec *spec, const struct sandbox_spec *sandbox,
	const struct sandbox_result *result, struct findings *f)
{
	for (unsigned key = 0; key < SANDBOX_KEY_COUNT; key++) {
		const struct sandbox_place *at = &sandbox->place[key];

		if (result->skipped & SANDBOX_BIT(key))
			findings_warning(f, (struct place){spec_str(spec, at->file), at->line},
				RULE,
				"'%s' cannot be enforced here by whoever checks this: %s; it would "
				"not start",
				spec_sandbox_key_name(key), strerror(result->error[key]));
	}
}

void sandbox_check(const struct spec *spec, struct findings *f)
{
	const struct sandbox_spec *tried[SANDBOXES_MAX];
	struct spawn_failure *failure = new_failure();
	struct sandbox_rights rights = {.asked = false};
	size_t n = 0;

	for (uint32_t i = 0; failure && i < spec->nodes && n < SANDBOXES_MAX; i++) {
		const struct sandbox_spec *sandbox = sandbox_of(spec, i);
		size_t at = 0;

		while (at < n && tried[at] != sandbox)
			at++;
		if (!sandbox || sandbox->optional || at < n)
			continue;
		tried[n++] = sandbox;
		if (try(spec, sandbox, failure, &rights))
			warn(spec, sandbox, &failure->sandbox, f);
	}
	if (failure)
		(void)munmap(failure, sizeof(*failure));
}

/* ---- every key */

/* What keys name, in a block of its own. */
struct parts {
	struct spec *spec;
	uint32_t filter;
	uint32_t paths;
	uint32_t hostname;
	uint32_t root;
	uint32_t mounts[MOUNT_COUNT];
};

/* Any directory will do that is there, and not the root itself. */
static const char ANY[] = "/proc";

static void make_parts(struct parts *parts)
{
	static const char *const PATHS[] = {"/"};
	const uint32_t filter[] = {BPF_RET | BPF_K, SECCOMP_RET_ALLOW};
	const struct child_spec child = child_spec_default(KIND_SUPERVISOR);
	const struct sup_spec sup = sup_spec_default();
	struct spec_node node = {.kind = KIND_SUPERVISOR, .proc = SPEC_NONE, .argv = SPEC_NONE};
	struct spec_builder *b = spec_builder_new();
	size_t size;

	*parts = (struct parts){.spec = NULL};
	if (!b)
		return;
	parts->filter = spec_add_numbers(b, filter, 2);
	parts->paths = spec_add_strs(b, PATHS, 1);
	parts->hostname = spec_add_str(b, "host");
	parts->root = spec_add_str(b, ANY);
	for (unsigned mount = 0; mount < MOUNT_COUNT; mount++) {
		const uint32_t words[] = {parts->root, mount};

		parts->mounts[mount] = spec_add_numbers(b, words, 2);
	}
	node.name = node.file = parts->root;
	node.child = spec_add_child(b, &child);
	node.sup = spec_add_sup(b, &sup);
	(void)spec_add_node(b, SPEC_NONE, &node);
	parts->spec = spec_build_finish(b, &size);
	spec_builder_free(b);
}

/* One of those that there are; where there are none, one that cannot be had. */
static uint64_t some_capability(const struct sandbox_rights *rights)
{
	return rights->permitted ? rights->permitted & -rights->permitted
				 : UINT64_C(1) << CAP_NET_BIND_SERVICE;
}

/* A sandbox of this key alone. */
static struct sandbox_spec only(
	enum sandbox_key key, const struct parts *parts, const struct sandbox_rights *rights)
{
	struct sandbox_spec to = sandbox_spec_default();

	to.set = SANDBOX_BIT(key);
	to.ambient = some_capability(rights);
	to.securebits = SECBIT_NOROOT;
	to.filter = parts->filter;
	to.landlock_read = to.landlock_write = parts->paths;
	to.hostname = parts->hostname;
	to.root = parts->root;
	if (to.set & SANDBOX_MOUNT_KEYS)
		to.namespaces = CLONE_NEWNS;
	if (key == SANDBOX_READ_ONLY)
		to.mounts = parts->mounts[MOUNT_READ_ONLY];
	if (key == SANDBOX_WRITABLE)
		to.mounts = parts->mounts[MOUNT_WRITABLE];
	if (key == SANDBOX_INACCESSIBLE)
		to.mounts = parts->mounts[MOUNT_INACCESSIBLE];
	if (key == SANDBOX_PRIVATE_NETWORK)
		to.namespaces = CLONE_NEWNET;
	if (key == SANDBOX_HOSTNAME)
		to.namespaces = CLONE_NEWUTS;
	if (key == SANDBOX_NAMESPACES)
		to.namespaces = to.named = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
					   CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWCGROUP;
	return to;
}

static void print_key(FILE *to, enum sandbox_key key, const struct parts *parts,
	struct spawn_failure *failure, struct sandbox_rights *rights)
{
	const struct sandbox_spec sandbox = only(key, parts, rights);
	const bool own_user = sandbox.namespaces != 0 && !rights->admin;

	(void)fprintf(to, "sandbox: %s: ", spec_sandbox_key_name(key));
	if (!try(parts->spec, &sandbox, failure, rights))
		(void)fprintf(to, "cannot be found out\n");
	else if (failure->sandbox.skipped)
		(void)fprintf(to, "no: %s\n", strerror(failure->sandbox.error[key]));
	else
		(void)fprintf(to, "yes%s\n", own_user ? ", in a user namespace" : "");
}

void sandbox_print_keys(FILE *to)
{
	struct spawn_failure *failure = new_failure();
	struct sandbox_rights rights = {.asked = false};
	struct parts parts;

	make_parts(&parts);
	sandbox_ask_rights(&rights);
	/* What stands in the buffer is not for the children to write. */
	(void)fflush(to);
	for (unsigned key = 0; failure && parts.spec && key < SANDBOX_KEY_COUNT; key++) {
		print_key(to, (enum sandbox_key)key, &parts, failure, &rights);
		(void)fflush(to);
	}
	if (failure)
		(void)munmap(failure, sizeof(*failure));
	free(parts.spec);
}
