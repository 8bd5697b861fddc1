/* spawn.c - see spawn.h. The plan is laid out in one arena that is kept from spawn to spawn, so a
 * restart takes no memory unless its command is longer than all before it. */
#include "supervisor/os/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/child_setup.h"
#include "supervisor/os/clone_into.h"
#include "supervisor/os/null_device.h"
#include "supervisor/os/spawn_stage.h"
#include "supervisor/wire/stages.h"

enum { STACK_SIZE = 64 * 1024 };

static const char DEFAULT_PATH[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct spawner {
	const char *runtime_dir;
	const char *notify_path;
	const char *notify_name;
	struct rlimit nofile;
	struct sandbox_rights rights;
	bool set_nofile;
	bool terminal; /* a child has it */
	int null;      /* /dev/null */
	struct spawn_stages stages;
	char *stack;
	char *arena;
	size_t size;
	size_t used;
};

struct spawner *spawner_new(const char *runtime_dir, const char *notify_path,
	const char *notify_name, const struct rlimit *nofile)
{
	struct spawner *s = calloc(1, sizeof(*s));
	struct rlimit now;

	if (!s)
		return NULL;
	s->runtime_dir = runtime_dir;
	s->notify_path = notify_path;
	s->notify_name = notify_name;
	s->nofile = *nofile;
	s->set_nofile = getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur != nofile->rlim_cur;
	s->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	s->null = null_open(O_RDONLY | O_CLOEXEC);
	if (s->stack != MAP_FAILED && s->null >= 0) {
		spawn_stages_open(&s->stages, s->null);
		return s;
	}
	if (s->stack != MAP_FAILED)
		(void)munmap(s->stack, STACK_SIZE);
	if (s->null >= 0)
		(void)close(s->null);
	free(s);
	return NULL;
}

void spawner_free(struct spawner *spawner)
{
	if (!spawner)
		return;
	spawner_terminal_back(spawner);
	spawn_stages_close(&spawner->stages);
	(void)close(spawner->null);
	(void)munmap(spawner->stack, STACK_SIZE);
	free(spawner->arena);
	free(spawner);
}

int spawner_null(const struct spawner *spawner)
{
	return spawner->null;
}

/* supd is told to stop by nobody for it: SIGTTOU is blocked, as all signals are. */
void spawner_terminal_back(struct spawner *spawner)
{
	if (spawner->terminal)
		(void)tcsetpgrp(0, getpgrp());
	spawner->terminal = false;
}

/* ---- the plan */

/* The words of the plan that a passed descriptor takes. */
static size_t passed_words(const struct passed_fd *passed)
{
	const size_t name = passed->name ? strlen(passed->name) + 1 : 0;

	return (sizeof(*passed) + sizeof(int) + name) / sizeof(char *) + 3;
}

/* The room that the plan of this node needs at most. */
static size_t plan_size(const struct spawner *s, const struct spawn_request *request,
	const struct spec_list *env, const char *command, const char *search)
{
	size_t words =
		(size_t)spec_list(request->spec, spec_node(request->spec, request->node)->argv)->n +
		env->n + 32;

	for (const char *p = search; p && *p; p++)
		words += *p == ':' ? strlen(command) / sizeof(char *) + 4 : 0;
	words += strlen(command) / sizeof(char *) + 4;
	for (size_t i = 0; request->variables && request->variables[i]; i++)
		words++;
	for (size_t i = 0; i < request->npassed; i++)
		words += passed_words(&request->passed[i]);
	return words * sizeof(char *) + (search ? strlen(search) : 0) + strlen(s->runtime_dir) +
	       (s->notify_path ? strlen(s->notify_path) : 0) +
	       (s->notify_name ? strlen(s->notify_name) : 0) + strlen(request->path) +
	       strlen(request->name) + 1024;
}

static bool reserve(struct spawner *s, size_t size)
{
	char *arena;

	s->used = 0;
	if (size <= s->size)
		return true;
	arena = realloc(s->arena, size * 2);
	if (!arena)
		return false;
	s->arena = arena;
	s->size = size * 2;
	return true;
}

static void *take(struct spawner *s, size_t size)
{
	void *at = s->arena + s->used;

	size = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
	assert(s->used + size <= s->size);
	s->used += size;
	return at;
}

/* "NAME=value". */
static char *variable(struct spawner *s, const char *name, const char *value)
{
	size_t name_len = strlen(name);
	size_t value_len = strlen(value);
	char *text = take(s, name_len + value_len + 2);

	memcpy(text, name, name_len);
	text[name_len] = '=';
	memcpy(text + name_len + 1, value, value_len + 1);
	return text;
}

static const char *find_path(const struct spec *spec, const struct spec_list *env)
{
	for (uint32_t i = 0; i < env->n; i++)
		if (strncmp(spec_str(spec, env->item[i]), "PATH=", 5) == 0)
			return spec_str(spec, env->item[i]) + 5;
	return DEFAULT_PATH;
}

static char *join(struct spawner *s, const char *dir, size_t dir_len, const char *command)
{
	size_t len = strlen(command);
	char *path = take(s, dir_len + len + 2);

	memcpy(path, dir, dir_len);
	path[dir_len] = '/';
	memcpy(path + dir_len + 1, command, len + 1);
	return path;
}

/* The paths to try, in order: the command itself when it has a '/', else one for each part of PATH.
 */
static const char *const *candidates(struct spawner *s, const char *command, const char *search)
{
	size_t n = 1;
	const char **list;

	for (const char *p = search; *p; p++)
		n += *p == ':';
	list = take(s, (n + 1) * sizeof(*list));
	if (strchr(command, '/')) {
		list[0] = command;
		list[1] = NULL;
		return list;
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(search, ":");

		list[i] = len == 0 ? join(s, ".", 1, command) : join(s, search, len, command);
		search += len + 1;
	}
	list[n] = NULL;
	return list;
}

/* The descriptors with the number of each, ascending, and room to move them. Returns -EEXIST when
 * two want the same number. */
static int plan_passed(
	struct spawner *s, const struct spawn_request *request, struct spawn_plan *plan)
{
	struct passed_fd *list;
	int listen = 3;

	if (request->npassed == 0)
		return 0;
	list = take(s, request->npassed * sizeof(*list));
	for (size_t n = 0; n < request->npassed; n++) {
		struct passed_fd passed = request->passed[n];
		size_t at = n;

		if (passed.number == PASSED_LISTEN)
			passed.number = listen++;
		for (; at > 0 && list[at - 1].number >= passed.number; at--) {
			if (list[at - 1].number == passed.number)
				return -EEXIST;
			list[at] = list[at - 1];
		}
		list[at] = passed;
	}
	plan->passed = list;
	plan->npassed = request->npassed;
	plan->moved = take(s, request->npassed * sizeof(*plan->moved));
	return 0;
}

/* LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID, for sd_listen_fds(3). Returns how many variables. */
static size_t listen_environment(struct spawner *s, const struct spawn_request *request,
	char **list, struct spawn_plan *plan)
{
	static const char PID[] = "LISTEN_PID=";
	size_t size = sizeof("LISTEN_FDNAMES=");
	char count[LISTEN_PID_SIZE];
	unsigned n = 0;
	char *names;

	for (size_t i = 0; i < request->npassed; i++)
		size += request->passed[i].name ? strlen(request->passed[i].name) + 1 : 0;
	names = take(s, size);
	names = stpcpy(list[1] = names, "LISTEN_FDNAMES=");
	for (size_t i = 0; i < request->npassed; i++) {
		if (!request->passed[i].name)
			continue;
		names = stpcpy(stpcpy(names, n++ > 0 ? ":" : ""), request->passed[i].name);
	}
	if (n == 0)
		return 0;
	(void)snprintf(count, sizeof(count), "%u", n);
	list[0] = variable(s, "LISTEN_FDS", count);
	list[2] = take(s, sizeof(PID) + LISTEN_PID_SIZE);
	plan->listen_pid = stpcpy(list[2], PID);
	return 3;
}

static size_t count(const char *const *variables)
{
	size_t n = 0;

	while (variables && variables[n])
		n++;
	return n;
}

/* Is it in a network of its own, where names of sockets mean others? */
static bool has_own_network(const struct spec *spec, const struct proc_spec *proc)
{
	const struct sandbox_spec *sandbox =
		proc->sandbox == SPEC_NONE ? NULL : spec_sandbox(spec, proc->sandbox);

	return sandbox && (sandbox->namespaces & CLONE_NEWNET);
}

/* Where it says how it is doing: another user does not get through to the path. */
static const char *notify_address(
	const struct spawner *s, const struct spec *spec, const struct proc_spec *proc)
{
	const bool other = proc->uid != PROC_ID_INHERIT && proc->uid != geteuid();

	return s->notify_name && other && !has_own_network(spec, proc) ? s->notify_name
								       : s->notify_path;
}

/* NOTIFY_SOCKET, and for sd_watchdog_enabled(3) WATCHDOG_USEC and WATCHDOG_PID. Returns how many
 * variables. */
static size_t notify_environment(struct spawner *s, const struct spawn_request *request,
	char **list, struct spawn_plan *plan)
{
	static const char PID[] = "WATCHDOG_PID=";
	int64_t watchdog_ms = spec_child(request->spec, request->node)->watchdog_ms;
	char usec[24];

	list[0] = variable(s, "NOTIFY_SOCKET",
		notify_address(s, request->spec, spec_proc(request->spec, request->node)));
	if (watchdog_ms == 0)
		return 1;
	(void)snprintf(usec, sizeof(usec), "%lld", (long long)watchdog_ms * 1000);
	list[1] = variable(s, "WATCHDOG_USEC", usec);
	list[2] = take(s, sizeof(PID) + LISTEN_PID_SIZE);
	plan->watchdog_pid = stpcpy(list[2], PID);
	return 3;
}

static char *const *environment(struct spawner *s, const struct spawn_request *request,
	const struct spec_list *env, struct spawn_plan *plan)
{
	const struct spec *spec = request->spec;
	char **list = take(s, ((size_t)env->n + 16 + count(request->variables)) * sizeof(*list));
	size_t n = 0;

	for (uint32_t i = 0; i < env->n; i++)
		list[n++] = (char *)(uintptr_t)spec_str(spec, env->item[i]);
	list[n++] = variable(s, "SUPD_PATH", request->path);
	list[n++] = variable(s, "SUPD_NAME", request->name);
	list[n++] = variable(s, "SUPD_RUNTIME_DIR", s->runtime_dir);
	for (size_t i = 0; request->variables && request->variables[i]; i++)
		list[n++] = (char *)(uintptr_t)request->variables[i];
	if (s->notify_path && !request->hook && !request->check &&
		spec_proc(spec, request->node)->notify)
		n += notify_environment(s, request, list + n, plan);
	if (request->npassed > 0)
		n += listen_environment(s, request, list + n, plan);
	list[n] = NULL;
	return list;
}

static char *const *arguments(struct spawner *s, const struct spec *spec, uint32_t offset)
{
	const struct spec_list *words = spec_list(spec, offset);
	char **list = take(s, ((size_t)words->n + 1) * sizeof(*list));

	for (uint32_t i = 0; i < words->n; i++)
		list[i] = (char *)(uintptr_t)spec_str(spec, words->item[i]);
	list[words->n] = NULL;
	return list;
}

const char *spawn_program(const struct spawn_request *request)
{
	const struct spec_node *node = spec_node(request->spec, request->node);

	if (request->argv)
		return request->argv[0];
	return spec_str(request->spec, spec_list(request->spec, node->argv)->item[0]);
}

static void plan_identity(
	const struct spec *spec, const struct proc_spec *proc, struct spawn_plan *plan)
{
	plan->set_umask = proc->umask != PROC_UMASK_INHERIT;
	plan->umask = proc->umask;
	plan->set_gid = proc->gid != PROC_ID_INHERIT;
	plan->gid = proc->gid;
	plan->set_uid = proc->uid != PROC_ID_INHERIT;
	plan->uid = proc->uid;
	/* Whom one is already, one may become without rights. */
	if (plan->set_uid && geteuid() != 0 && proc->uid == geteuid() &&
		(proc->gid == PROC_ID_INHERIT || proc->gid == getegid()))
		plan->set_uid = plan->set_gid = false;
	else
		plan->set_groups = proc->groups != SPEC_NONE;
	if (!plan->set_groups)
		return;
	plan->groups = (const gid_t *)spec_list(spec, proc->groups)->item;
	plan->ngroups = spec_list(spec, proc->groups)->n;
}

/* Who is in the background itself has no terminal to give. */
static bool has_terminal(void)
{
	return tcgetpgrp(0) == getpgrp();
}

static void plan_surroundings(struct spawner *s, const struct spawn_request *request,
	const struct proc_spec *proc, struct spawn_plan *plan)
{
	const struct surroundings_spec *around = NULL;
	char *digits;

	plan->terminal = request->terminal && proc->terminal && has_terminal();
	plan->null = proc->standard_input == STDIN_DEV_NULL ? s->null : -1;
	if (request->stdio && request->stdio[0] >= 0)
		plan->null = -1;
	if (proc->surroundings == SPEC_NONE)
		return;
	around = spec_surroundings(request->spec, proc->surroundings);
	plan->around = around;
	if (!around->set_oom)
		return;
	digits = take(s, LISTEN_PID_SIZE);
	(void)snprintf(digits, LISTEN_PID_SIZE, "%d", (int)around->oom_score_adj);
	plan->oom_score = digits;
}

static bool is_below(const char *path, const char *directory)
{
	const size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/';
}

/* Its messages reach supd from wherever it is. */
static const char *kept_socket(const struct spawner *s, const struct spawn_request *request,
	const struct proc_spec *proc, const struct sandbox_spec *sandbox)
{
	const bool covered =
		(sandbox->set & SANDBOX_BIT(SANDBOX_PRIVATE_TMP)) && s->notify_path &&
		(is_below(s->notify_path, "/tmp") || is_below(s->notify_path, "/var/tmp"));

	if (!proc->notify || request->hook || request->check ||
		notify_address(s, request->spec, proc) != s->notify_path)
		return NULL;
	return covered || (sandbox->set & SANDBOX_BIT(SANDBOX_ROOT)) ? s->notify_path : NULL;
}

static void plan_sandbox(struct spawner *s, const struct spawn_request *request,
	const struct proc_spec *proc, struct spawn_plan *plan)
{
	struct sandbox_plan *sandbox = &plan->sandbox;

	if (proc->sandbox == SPEC_NONE)
		return;
	sandbox->spec = request->spec;
	sandbox->sandbox = spec_sandbox(request->spec, proc->sandbox);
	sandbox->path = request->path;
	sandbox->join = request->join;
	sandbox->only_network = request->own_program;
	sandbox->notify = kept_socket(s, request, proc, sandbox->sandbox);
	sandbox_ask_rights(&s->rights);
	sandbox_plan(sandbox, &s->rights);
	/* Born into its user namespace it is nobody else before. */
	sandbox->uid = plan->set_uid && !(sandbox->born & CLONE_NEWUSER) ? plan->uid : geteuid();
	sandbox->gid = plan->set_gid && !(sandbox->born & CLONE_NEWUSER) ? plan->gid : getegid();
	sandbox->saved_root = geteuid() == 0 && sandbox->uid != 0;
}

static int make_plan(
	struct spawner *s, const struct spawn_request *request, struct spawn_plan *ret_plan)
{
	const struct spec *spec = request->spec;
	const struct proc_spec *proc = spec_proc(spec, request->node);
	const struct spec_list *env = spec_list(spec, proc->environment);
	const char *search = find_path(spec, env);
	const char *command = spawn_program(request);

	if (!reserve(s, plan_size(s, request, env, command, search)))
		return -ENOMEM;
	*ret_plan = (struct spawn_plan){
		.argv = request->argv ? request->argv
				      : arguments(s, spec, spec_node(spec, request->node)->argv),
		.candidates = candidates(s, command, search),
		.directory = proc->directory == SPEC_NONE ? NULL : spec_str(spec, proc->directory),
		.stdio = request->stdio,
		.cgroup = request->cgroup,
		.set_nofile = s->set_nofile,
		.nofile = s->nofile,
	};
	if (request->check) {
		ret_plan->set_check = true;
		ret_plan->check_memory = request->check->memory;
		ret_plan->check_cpu_s = request->check->cpu_s;
	}
	ret_plan->envp = environment(s, request, env, ret_plan);
	plan_identity(spec, proc, ret_plan);
	plan_surroundings(s, request, proc, ret_plan);
	plan_sandbox(s, request, proc, ret_plan);
	return plan_passed(s, request, ret_plan);
}

/* ---- the fork */

struct launch {
	const struct spawn_plan *plan;
	struct spawn_failure *failure;
};

__attribute__((no_sanitize("address", "undefined"))) static int launch_main(void *arg)
{
	const struct launch *launch = arg;

	child_setup(launch->plan, launch->failure);
}

static int failed(struct end *ret_failure, int stage, int error)
{
	*ret_failure = (struct end){
		.kind = END_SPAWN_FAILED, .stage = (uint8_t)stage, .value = (int32_t)error};
	return -1;
}

/* Returns the pid, or negative errno. */
static pid_t launch_process(struct spawner *s, struct spawn_plan *plan, struct launch *launch)
{
	const unsigned flags = plan->sandbox.born | (plan->own_from > 0 ? CLONE_FILES : 0);
	pid_t pid = plan->cgroup > 0 ? clone_into(launch_main, launch, s->stack, STACK_SIZE,
					       plan->cgroup, flags)
				     : -ENOSYS;

	if (pid > 0 || pid == -EAGAIN || pid == -ENOMEM)
		return pid;
	plan->move_to_cgroup = plan->cgroup > 0;
	pid = clone(launch_main, s->stack + STACK_SIZE,
		CLONE_VM | CLONE_VFORK | SIGCHLD | (int)flags, launch);
	return pid < 0 ? -errno : pid;
}

/* A namespace that it cannot be born into may be done without. Returns as launch_process. */
static pid_t launch_sandboxed(
	struct spawner *s, struct spawn_plan *plan, struct launch *launch, int *ret_stage)
{
	pid_t pid = launch_process(s, plan, launch);

	if (pid >= 0 || plan->sandbox.born == 0)
		return pid;
	if (sandbox_unborn(&plan->sandbox, -pid, &launch->failure->sandbox))
		return launch_process(s, plan, launch);
	if (pid != -EAGAIN && pid != -ENOMEM)
		*ret_stage = STAGE_SANDBOX_NAMESPACES;
	return pid;
}

int spawn_planned(
	struct spawner *spawner, struct spawn_plan *plan, pid_t *ret_pid, struct end *ret_failure)
{
	struct spawn_failure failure = {0};
	struct launch launch = {.plan = plan, .failure = &failure};
	struct spawn_staged staged;
	int stage = STAGE_FORK;
	pid_t pid;

	spawn_stage(&spawner->stages, plan, &staged);
	pid = launch_sandboxed(spawner, plan, &launch, &stage);
	spawn_unstage(&spawner->stages, &staged);
	if (pid < 0)
		return failed(ret_failure, stage, -pid);
	spawner->terminal = spawner->terminal || plan->terminal;
	if (failure.error) {
		if (plan->terminal)
			spawner_terminal_back(spawner);
		(void)waitpid(pid, NULL, 0); /* it has exited: no wait */
		return failed(ret_failure, failure.stage, failure.error);
	}
	if (failure.sandbox.skipped)
		sandbox_tell_skipped(&plan->sandbox, &failure.sandbox);
	*ret_pid = pid;
	return 0;
}

int spawn(struct spawner *spawner, const struct spawn_request *request, pid_t *ret_pid,
	struct end *ret_failure)
{
	struct spawn_plan plan;
	int error = make_plan(spawner, request, &plan);

	if (error < 0)
		return failed(
			ret_failure, error == -ENOMEM ? STAGE_MEMORY : STAGE_DESCRIPTORS, -error);
	return spawn_planned(spawner, &plan, ret_pid, ret_failure);
}

/* ---- processes of supd's own */

static char *const *own_environment(struct spawner *s, const char *const *variables)
{
	size_t n = count((const char *const *)environ);
	char **list = take(s, (n + count(variables) + 1) * sizeof(*list));

	memcpy(list, environ, n * sizeof(*list));
	for (size_t i = 0; variables[i]; i++)
		list[n++] = (char *)(uintptr_t)variables[i];
	list[n] = NULL;
	return list;
}

int spawn_own(struct spawner *spawner, char *const *argv, const char *const *variables,
	const int *stdio, pid_t *ret_pid, struct end *ret_failure)
{
	const char *search = getenv("PATH");
	size_t words = count((const char *const *)environ) + count(variables) + 8;
	struct spawn_plan plan = {.argv = argv,
		.stdio = stdio,
		.null = -1,
		.set_nofile = spawner->set_nofile,
		.nofile = spawner->nofile};

	if (!search)
		search = DEFAULT_PATH;
	for (const char *p = search; *p; p++)
		words += *p == ':' ? strlen(argv[0]) / sizeof(char *) + 4 : 0;
	words += (strlen(argv[0]) + strlen(search)) / sizeof(char *) + 4;
	if (!reserve(spawner, words * sizeof(char *)))
		return failed(ret_failure, STAGE_MEMORY, ENOMEM);
	plan.candidates = candidates(spawner, argv[0], search);
	plan.envp = own_environment(spawner, variables);
	return spawn_planned(spawner, &plan, ret_pid, ret_failure);
}
