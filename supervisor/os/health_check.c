/* health_check.c - see health_check.h. */
#include "supervisor/os/health_check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config/specifiers.h"
#include "config/units.h"
#include "supervisor/os/find_program.h"
#include "supervisor/os/null_device.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/spawn.h"
#include "supervisor/wire/stages.h"

enum {
	SUPPROBE_WORDS = 3, /* before its kind and target */
	GRACE_MS = 250,	    /* supprobe keeps its time by itself, and says what it waited for */
	PATH_SIZE = 4096,
};

/* The shadow memory of a sanitizer is terabytes of addresses. */
#ifdef __SANITIZE_ADDRESS__
#define SUPPROBE_MEMORY RLIM_INFINITY
#define EXEC_MEMORY RLIM_INFINITY
#else
#define SUPPROBE_MEMORY ((rlim_t)64 << 20)
#define EXEC_MEMORY ((rlim_t)4 << 30) /* some interpreters reserve more than they ever use */
#endif

char *check_find_supprobe(void)
{
	return find_program("supprobe");
}

/* ---- its words */

/* Words of the template of a dynamic supervisor have their specifiers still. */
static bool is_template(const struct view *view)
{
	uint32_t parent = spec_node(view->spec, view->node)->parent;

	return spec_node(view->spec, parent)->kind == KIND_DYNAMIC;
}

/* The bytes of all words, each with its NUL, laid at `at` (NULL: only measured). */
static size_t lay_words(
	const struct check_request *request, const struct spec_list *words, char **argv, char *at)
{
	const struct specifiers specifiers = {.name = request->view->name, .path = request->path};
	const bool expand = is_template(request->view);
	size_t used = 0;

	for (uint32_t i = 0; i < words->n; i++) {
		const char *word = spec_str(request->view->spec, words->item[i]);
		int64_t len = expand ? specifiers_expand(word, &specifiers, NULL, 0, NULL) : -1;
		/* One that cannot be expanded stands as it is: the parser let none pass. */
		const size_t size = len >= 0 ? (size_t)len + 1 : strlen(word) + 1;

		if (at && len >= 0)
			(void)specifiers_expand(word, &specifiers, at + used, size, NULL);
		else if (at)
			memcpy(at + used, word, size);
		if (at)
			argv[i] = at + used;
		used += size;
	}
	return used;
}

/* One block: the pointers, the time-out of supprobe, the words. NULL: no memory. */
static char **make_argv(const struct check_request *request)
{
	enum { TIMEOUT_SIZE = 32 };
	const struct health_spec *spec = request->spec;
	const struct spec_list *words = spec_list(request->view->spec, spec->words);
	const bool exec = spec->probe == PROBE_EXEC;
	const size_t before = exec ? 0 : SUPPROBE_WORDS + 1;
	const size_t pointers = (before + words->n + 1) * sizeof(char *);
	char **argv = malloc(pointers + TIMEOUT_SIZE + lay_words(request, words, NULL, NULL));
	char *timeout;

	if (!argv)
		return NULL;
	timeout = (char *)argv + pointers;
	if (!exec) {
		argv[0] = (char *)(uintptr_t)request->supprobe;
		argv[1] = (char *)(uintptr_t) "-t";
		argv[2] = format_duration(spec->timeout_ms, timeout);
		argv[3] = (char *)(uintptr_t)spec_probe_name(spec->probe);
	}
	(void)lay_words(request, words, argv + before, timeout + TIMEOUT_SIZE);
	argv[before + words->n] = NULL;
	return argv;
}

/* ---- start and end */

static int refused(struct end *ret_failure, int stage, int error)
{
	*ret_failure = (struct end){
		.kind = END_SPAWN_FAILED, .stage = (uint8_t)stage, .value = (int32_t)error};
	return -1;
}

/* Opens what the check gets as 0, 1 and 2, and the other end of that. Its writing never blocks:
 * what does not fit is lost. */
static int open_stdio(int stdio[3], int *ret_text_fd)
{
	int ends[2];

	stdio[0] = stdio[1] = null_open(O_RDWR | O_CLOEXEC);
	if (stdio[0] < 0)
		return stdio[0];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		int error = -errno;

		(void)close(stdio[0]);
		return error;
	}
	*ret_text_fd = ends[0];
	stdio[2] = ends[1];
	return 0;
}

static pid_t spawn_check(struct spawner *spawner, const struct check_request *request,
	char *const *argv, const int *stdio, pid_t join, struct end *ret_failure)
{
	const struct health_spec *spec = request->spec;
	const struct check_limits limits = {
		.memory = spec->probe == PROBE_EXEC ? EXEC_MEMORY : SUPPROBE_MEMORY,
		.cpu_s = (rlim_t)(spec->timeout_ms / 1000 + 2)};
	const struct spawn_request what = {.spec = request->view->spec,
		.node = request->view->node,
		.path = request->path,
		.name = request->view->name,
		.argv = argv,
		.stdio = stdio,
		.check = &limits,
		.join = join,
		.own_program = spec->probe != PROBE_EXEC,
		.cgroup = -1};
	pid_t pid;

	return spawn(spawner, &what, &pid, ret_failure) == 0 ? pid : -1;
}

int check_start(struct check *check, struct spawner *spawner, struct reaper *reaper,
	const struct check_request *request, struct end *ret_failure)
{
	const struct health_spec *spec = request->spec;
	char **argv;
	int stdio[3];
	pid_t pid;
	int error;

	if (spec->probe != PROBE_EXEC && !request->supprobe)
		return refused(ret_failure, STAGE_MEMORY, ENOENT);
	argv = make_argv(request);
	if (!argv)
		return refused(ret_failure, STAGE_MEMORY, ENOMEM);
	error = open_stdio(stdio, &check->text_fd);
	if (error < 0) {
		free(argv);
		return refused(ret_failure, STAGE_MEMORY, -error);
	}
	pid = spawn_check(spawner, request, argv, stdio,
		reaper_pid(reaper, request->view->ref.index), ret_failure);
	free(argv);
	(void)close(stdio[0]);
	(void)close(stdio[2]);
	if (pid < 0) {
		(void)close(check->text_fd);
		check->text_fd = -1;
		return -1;
	}
	reaper_add_helper(reaper, &check->helper, pid);
	check->group = pid;
	check->late = false;
	check->began_ms = request->now_ms;
	check->deadline_ms =
		request->now_ms + spec->timeout_ms + (spec->probe == PROBE_EXEC ? 0 : GRACE_MS);
	return 0;
}

void check_kill(struct check *check)
{
	check->deadline_ms = INT64_MAX;
	(void)kill(-check->group, SIGKILL);
}

/* The first line of what it said, printable. */
static void read_text(int fd, char text[static CHECK_TEXT_SIZE])
{
	ssize_t n = read(fd, text, CHECK_TEXT_SIZE - 1);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

bool check_finish(struct check *check, const struct health_spec *spec, struct end end,
	char text[static CHECK_TEXT_SIZE])
{
	char limit[32];

	/* As long as the group has members nobody else gets its number; if it has none, this finds
	 * nobody (reap.c). */
	(void)kill(-check->group, SIGKILL);
	read_text(check->text_fd, text);
	(void)close(check->text_fd);
	check->text_fd = -1;
	if (check->late)
		(void)snprintf(text, CHECK_TEXT_SIZE, "not done within %s",
			spec ? format_duration(spec->timeout_ms, limit) : "its time");
	else if (text[0] == '\0')
		(void)end_in_words(&end, text, CHECK_TEXT_SIZE);
	return end.kind == END_EXITED && end.value == 0 && !check->late;
}
