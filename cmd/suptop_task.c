/* suptop_task.c - see suptop_task.h. */
#include "cmd/suptop_task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void task_init(struct task *task)
{
	*task = (struct task){.fd = -1, .status = -1};
}

/* A client may be ended at any time: supd notices that it went away. */
void task_stop(struct task *task)
{
	if (task->fd >= 0)
		(void)close(task->fd);
	task->fd = -1;
	if (task->pid > 0) {
		(void)kill(task->pid, SIGKILL);
		(void)waitpid(task->pid, NULL, 0);
	}
	task->pid = 0;
}

static int start(struct task *task, int output, const char *const *words)
{
	/* exec changes no argument, whatever its prototype says. */
	union {
		const char *const *words;
		char *const *argv;
	} args = {.words = words};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return -error;
	}
	/* What this process reads from a descriptor must end that one. */
	(void)sigemptyset(&none);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, output, 2);
	if (!error)
		error = posix_spawn(
			&task->pid, words[0], &actions, &attributes, args.argv, environ);
	if (error)
		task->pid = 0;
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int task_start(struct task *task, const char *program, const char *dir, const char *const *args)
{
	const char *words[TASK_ARGS + 4] = {program, "-d", dir};
	int fds[2];
	int error;

	task_stop(task);
	task_init(task);
	for (size_t i = 0; i < TASK_ARGS && args[i]; i++)
		words[3 + i] = args[i];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	error = start(task, fds[1], words);
	(void)close(fds[1]);
	task->fd = fds[0];
	if (!error && fcntl(task->fd, F_SETFL, O_NONBLOCK) < 0)
		error = -errno;
	if (error)
		task_stop(task);
	return error;
}

/* Leaves out the colours that a child put into its output. */
static void strip_colours(char *line)
{
	char *to = line;

	while (*line) {
		size_t n =
			line[0] == 0x1b && line[1] == '[' ? 2 + strspn(line + 2, "0123456789;") : 0;

		if (n > 0 && line[n] == 'm')
			line += n + 1;
		else
			*to++ = *line++;
	}
	*to = '\0';
}

static void end_line(struct task *task)
{
	char *line = task->lines[task->n % TASK_LINES];

	line[task->length] = '\0';
	strip_colours(line);
	task->n++;
	task->length = 0;
}

static void take(struct task *task, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			end_line(task);
		else if (task->length + 1 < TASK_LINE)
			task->lines[task->n % TASK_LINES][task->length++] = bytes[i];
	}
}

static void end(struct task *task)
{
	int status = 0;

	if (task->length > 0)
		end_line(task);
	(void)close(task->fd);
	task->fd = -1;
	if (waitpid(task->pid, &status, 0) == task->pid)
		task->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	task->pid = 0;
}

void task_read(struct task *task)
{
	/* So much at once that the keys are not kept waiting. */
	for (int i = 0; i < 16 && task->fd >= 0; i++) {
		char bytes[4096];
		ssize_t n = read(task->fd, bytes, sizeof bytes);

		if (n > 0)
			take(task, bytes, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			end(task);
		else
			return;
	}
}

size_t task_first(const struct task *task)
{
	/* One place is taken by the line that is coming. */
	return task->n >= TASK_LINES ? task->n - TASK_LINES + 1 : 0;
}

const char *task_line(const struct task *task, size_t i)
{
	return task->lines[i % TASK_LINES];
}
