/* inmate.c - a command to be run below an init, and what has to be set before one starts.
 *
 *     inmate with [block=N]... [ignore=N]... COMMAND [ARG...]
 *                               runs COMMAND with these signals blocked, and ignored, and no others
 *     inmate signals FILE       writes which signals are blocked and ignored: "block=N ignore=N
 * ..." inmate die N              dies of signal N inmate listen FILE        writes "ready PID",
 * then the number of each signal that comes, a line each; ends with status 0 after a second SIGTERM
 *     inmate orphans N          makes N orphans that exit at once, waits until somebody has reaped
 *                               them, and prints how long it took (us)
 *     inmate burst N            the same with orphans that all exit at the same moment; from then
 * on
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LAST_SIGNAL = 64, SIGSET_SIZE = 8, USAGE = 125, ORPHANS_MAX = 100000, SIGACTION_WORDS = 8 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "inmate: %s: %s\n", what, strerror(errno));
	exit(USAGE);
}

static int number(const char *text, int max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end != '\0' || value < 0 || value > max) {
		errno = EINVAL;
		die(text);
	}
	return (int)value;
}

/* The kernel's own calls: the C library hides two signals. */
static void set_mask(int how, uint64_t mask, uint64_t *ret_old)
{
	if (syscall(SYS_rt_sigprocmask, how, &mask, ret_old, SIGSET_SIZE) < 0)
		die("rt_sigprocmask");
}

/* The kernel's struct begins with the handler. */
static void set_handler(int signal, void (*handler)(int))
{
	uintptr_t action[SIGACTION_WORDS] = {(uintptr_t)handler};

	if (signal == SIGKILL || signal == SIGSTOP)
		return;
	if (syscall(SYS_rt_sigaction, signal, action, NULL, SIGSET_SIZE) < 0)
		die("rt_sigaction");
}

static bool is_ignored(int signal)
{
	uintptr_t action[SIGACTION_WORDS] = {0};

	return syscall(SYS_rt_sigaction, signal, NULL, action, SIGSET_SIZE) == 0 &&
	       action[0] == (uintptr_t)SIG_IGN;
}

static int with(char **argv)
{
	uint64_t mask = 0;

	for (int i = 1; i <= LAST_SIGNAL; i++)
		set_handler(i, SIG_DFL);
	for (; *argv; argv++) {
		if (strncmp(*argv, "block=", 6) == 0)
			mask |= (uint64_t)1 << (number(*argv + 6, LAST_SIGNAL) - 1);
		else if (strncmp(*argv, "ignore=", 7) == 0)
			set_handler(number(*argv + 7, LAST_SIGNAL), SIG_IGN);
		else
			break;
	}
	set_mask(SIG_SETMASK, mask, NULL);
	if (*argv)
		(void)execvp(*argv, argv);
	die("exec");
}

static int signals(const char *file)
{
	uint64_t mask;
	FILE *out = fopen(file, "we");

	if (!out)
		die(file);
	set_mask(SIG_BLOCK, 0, &mask);
	for (int i = 1; i <= LAST_SIGNAL; i++)
		if (mask >> (i - 1) & 1)
			fprintf(out, "block=%d ", i);
	for (int i = 1; i <= LAST_SIGNAL; i++)
		if (is_ignored(i))
			fprintf(out, "ignore=%d ", i);
	fputc('\n', out);
	return fclose(out) == 0 ? 0 : USAGE;
}

static int die_of(int signal)
{
	struct rlimit none = {0};

	(void)setrlimit(RLIMIT_CORE, &none);
	set_handler(signal, SIG_DFL);
	set_mask(SIG_SETMASK, 0, NULL);
	(void)kill(getpid(), signal);
	return USAGE;
}

static int listen_to_all(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	bool asked = false;
	sigset_t all;

	memset(&all, 0xff, sizeof(all));
	set_mask(SIG_SETMASK, ~(uint64_t)0, NULL);
	if (fd < 0 || dprintf(fd, "ready %d\n", (int)getpid()) < 0)
		die(file);
	for (;;) {
		int signal = sigwaitinfo(&all, NULL);

		if (signal < 0)
			continue;
		if (dprintf(fd, "%d\n", signal) < 0)
			die(file);
		if (signal == SIGTERM && asked)
			return 0;
		asked |= signal == SIGTERM;
	}
}

/* ---- orphans */

static int64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* An orphan's number is free as soon as it is reaped, and not soon used again. */
static void wait_for_reaper(const pid_t *list, int n)
{
	const struct timespec pause = {0, 200000};

	for (int i = 0; i < n; i++)
		while (kill(list[i], 0) == 0)
			(void)nanosleep(&pause, NULL);
}

/* What an orphan does: ends when the other end of gate is closed; -1: at once. */
static _Noreturn void orphan(int gate)
{
	char byte;

	if (gate >= 0)
		(void)!read(gate, &byte, 1);
	_exit(0);
}

/* Its parent tells its number, and is gone before it. */
static pid_t make_orphan(const int gate[2])
{
	volatile pid_t pid = 0;
	pid_t parent = vfork();

	if (parent == 0) {
		pid = fork();
		if (pid == 0 && gate)
			(void)close(gate[1]);
		if (pid == 0)
			orphan(gate ? gate[0] : -1);
		_exit(0);
	}
	if (parent < 0 || waitpid(parent, NULL, 0) < 0 || pid <= 0)
		die("fork");
	return pid;
}

static int orphans(int n, bool burst)
{
	pid_t *list = calloc((size_t)n + 1, sizeof(*list));
	int64_t began_us = now_us();
	int gate[2];

	if (!list || pipe2(gate, O_CLOEXEC) < 0)
		die("memory, a pipe");
	for (int i = 0; i < n; i++)
		list[i] = make_orphan(burst ? gate : NULL);
	if (burst)
		began_us = now_us();
	(void)close(gate[1]);
	wait_for_reaper(list, n);
	printf("%lld\n", (long long)(now_us() - began_us));
	free(list);
	return 0;
}

int main(int argc, char *argv[])
{
	const char *what = argc > 2 ? argv[1] : "";

	if (strcmp(what, "with") == 0)
		return with(argv + 2);
	if (strcmp(what, "signals") == 0)
		return signals(argv[2]);
	if (strcmp(what, "die") == 0)
		return die_of(number(argv[2], LAST_SIGNAL));
	if (strcmp(what, "listen") == 0)
		return listen_to_all(argv[2]);
	if (strcmp(what, "orphans") == 0 || strcmp(what, "burst") == 0)
		return orphans(number(argv[2], ORPHANS_MAX), *what == 'b');
	fprintf(stderr, "usage: see the top of inmate.c\n");
	return USAGE;
}
