/* spawn.c - see spawn.h. The plan is laid out in one arena that is kept from spawn to spawn, so a
 * restart takes no memory unless its command is longer than all before it. */
#include "supervisor/os/spawn.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/child_setup.h"
#include "supervisor/wire/stages.h"

enum { STACK_SIZE = 64 * 1024 };

struct spawner {
	const char *runtime_dir;
	const char *notify_path;
	struct rlimit nofile;
	bool set_nofile;
	char *stack;
	char *arena;
	size_t size;
	size_t used;
};

struct spawner *spawner_new(
	const char *runtime_dir, const char *notify_path, const struct rlimit *nofile)
{
	struct spawner *s = calloc(1, sizeof(*s));
	struct rlimit now;

	if (!s)
		return NULL;
	s->runtime_dir = runtime_dir;
	s->notify_path = notify_path;
	s->nofile = *nofile;
	s->set_nofile = getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur != nofile->rlim_cur;
	s->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (s->stack == MAP_FAILED) {
		free(s);
		return NULL;
	}
	return s;
}

void spawner_free(struct spawner *spawner)
{
	if (!spawner)
		return;
	(void)munmap(spawner->stack, STACK_SIZE);
	free(spawner->arena);
	free(spawner);
}

/* ---- the plan */

/* The room that the plan of this node needs at most. */
static size_t plan_size(const struct spawner *s, const struct spawn_request *request,
	const struct spec_list *env, const char *command, const char *search)
{
	size_t words =
		(size_t)spec_list(request->spec, spec_node(request->spec, request->node)->argv)->n +
		env->n + 16;

	for (const char *p = search; p && *p; p++)
		words += *p == ':' ? strlen(command) / sizeof(char *) + 4 : 0;
	words += strlen(command) / sizeof(char *) + 4;
	return words * sizeof(char *) + (search ? strlen(search) : 0) + strlen(s->runtime_dir) +
	       (s->notify_path ? strlen(s->notify_path) : 0) + strlen(request->path) +
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
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
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

static char *const *environment(
	struct spawner *s, const struct spawn_request *request, const struct spec_list *env)
{
	const struct spec *spec = request->spec;
	char **list = take(s, ((size_t)env->n + 8) * sizeof(*list));
	size_t n = 0;

	for (uint32_t i = 0; i < env->n; i++)
		list[n++] = (char *)(uintptr_t)spec_str(spec, env->item[i]);
	list[n++] = variable(s, "SUPD_PATH", request->path);
	list[n++] = variable(s, "SUPD_NAME", request->name);
	list[n++] = variable(s, "SUPD_RUNTIME_DIR", s->runtime_dir);
	if (s->notify_path && spec_child(spec, request->node)->ready == READY_NOTIFY)
		list[n++] = variable(s, "NOTIFY_SOCKET", s->notify_path);
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
	if (geteuid() != 0 && proc->uid == geteuid() &&
		(proc->gid == PROC_ID_INHERIT || proc->gid == getegid()))
		plan->set_uid = plan->set_gid = false;
	else
		plan->set_groups = proc->groups != SPEC_NONE;
	if (!plan->set_groups)
		return;
	plan->groups = (const gid_t *)spec_list(spec, proc->groups)->item;
	plan->ngroups = spec_list(spec, proc->groups)->n;
}

static bool make_plan(
	struct spawner *s, const struct spawn_request *request, struct spawn_plan *ret_plan)
{
	const struct spec *spec = request->spec;
	const struct proc_spec *proc = spec_proc(spec, request->node);
	const struct spec_list *env = spec_list(spec, proc->environment);
	const char *search = find_path(spec, env);
	const char *command = spawn_program(request);

	if (!reserve(s, plan_size(s, request, env, command, search)))
		return false;
	*ret_plan = (struct spawn_plan){
		.argv = request->argv ? request->argv
				      : arguments(s, spec, spec_node(spec, request->node)->argv),
		.envp = environment(s, request, env),
		.candidates = candidates(s, command, search),
		.directory = proc->directory == SPEC_NONE ? NULL : spec_str(spec, proc->directory),
		.stdio = request->stdio,
		.set_nofile = s->set_nofile,
		.nofile = s->nofile,
	};
	plan_identity(spec, proc, ret_plan);
	return true;
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

int spawn(struct spawner *spawner, const struct spawn_request *request, pid_t *ret_pid,
	struct end *ret_failure)
{
	struct spawn_plan plan;
	struct spawn_failure failure = {0};
	struct launch launch = {.plan = &plan, .failure = &failure};
	pid_t pid;

	if (!make_plan(spawner, request, &plan))
		return failed(ret_failure, STAGE_MEMORY, ENOMEM);
	pid = clone(launch_main, spawner->stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD,
		&launch);
	if (pid < 0)
		return failed(ret_failure, STAGE_FORK, errno);
	if (failure.error) {
		(void)waitpid(pid, NULL, 0); /* it has exited: no wait */
		return failed(ret_failure, failure.stage, failure.error);
	}
	*ret_pid = pid;
	return 0;
}
