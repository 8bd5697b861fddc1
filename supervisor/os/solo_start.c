/* solo_start.c - starting the command of solo.c, and the terminal.
 *
 * Between clone and exec only: setpgid, tcsetpgrp, getpid, sigaction, rt_sigprocmask, execvp
 * (glibc's neither allocates nor locks), _exit. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/solo_internal.h"

#define CHILD_ONLY __attribute__((no_sanitize("address", "undefined")))

enum {
	EXIT_REFUSED = 3,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
	STACK_SIZE = 256 * 1024, /* touched as far as execvp needs it */
	KERNEL_SIGSET_SIZE = 8,
	FIRST_FREE = 3,
};

/* The C library's function leaves out two signals of its own. */
static long set_mask(const sigset_t *set, sigset_t *ret_old)
{
	return syscall(SYS_rt_sigprocmask, SIG_SETMASK, set, ret_old, KERNEL_SIGSET_SIZE);
}

/* ---- the terminal */

/* Standard input may be a file while the terminal is there all the same; and there may be no
 * /dev/tty in a container. */
static int open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	for (int i = 0; fd < 0 && i <= STDERR_FILENO; i++)
		if (tcgetpgrp(i) >= 0)
			return fcntl(i, F_DUPFD_CLOEXEC, FIRST_FREE);
	if (fd >= 0 && fd < FIRST_FREE) {
		int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE);

		(void)close(fd);
		return moved;
	}
	return fd;
}

/* SIGTTOU is blocked, as all signals are: whoever is in the background may do this. */
void solo_terminal_hand(struct solo *solo)
{
	if (solo->terminal >= 0 && !solo->handed && tcgetpgrp(solo->terminal) == getpgrp())
		solo->handed = tcsetpgrp(solo->terminal, solo->group) == 0;
}

void solo_terminal_back(struct solo *solo)
{
	if (solo->handed)
		(void)tcsetpgrp(solo->terminal, getpgrp());
	solo->handed = false;
}

/* ---- the command */

int solo_prepare(struct solo *solo)
{
	struct sigaction normal = {.sa_handler = SIG_DFL};
	struct sigaction before = {0};
	sigset_t all;

	memset(&all, 0xff, sizeof(all));
	(void)sigemptyset(&solo->mask);
	if (set_mask(&all, &solo->mask) < 0)
		return -errno;
	/* Where it is ignored the kernel throws exit statuses away. A blocked signal comes to us
	 * even if it is ignored, so all others stay as they are, for the command to inherit. */
	if (sigaction(SIGCHLD, &normal, &before) < 0)
		return -errno;
	solo->chld_ignored = before.sa_handler == SIG_IGN;
	solo->init = getpid() == 1;
	if (!solo->init && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

struct launch {
	const struct solo *solo;
	bool foreground;
	volatile int error; /* of the exec */
};

CHILD_ONLY static int launch_main(void *arg)
{
	struct launch *launch = arg;
	const struct solo *solo = launch->solo;
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	(void)setpgid(0, 0);
	if (launch->foreground)
		(void)tcsetpgrp(solo->terminal, getpid());
	if (solo->chld_ignored)
		(void)sigaction(SIGCHLD, &ignore, NULL);
	(void)set_mask(&solo->mask, NULL);
	(void)execvp(solo->options->argv[0], solo->options->argv);
	launch->error = errno;
	_exit(EXIT_NOT_FOUND);
}

/* Whoever reads what the command writes sees its end when the command closes it, not when we do. */
static void close_descriptors(struct solo *solo)
{
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	if (solo->terminal > FIRST_FREE &&
		dup3(solo->terminal, FIRST_FREE, O_CLOEXEC) == FIRST_FREE)
		solo->terminal = FIRST_FREE;
	(void)syscall(
		SYS_close_range, solo->terminal < 0 ? FIRST_FREE : solo->terminal + 1, ~0u, 0);
}

static int refused(const char *what, const char *on, int error, int status)
{
	(void)fprintf(stderr, "supd: cannot %s %s: %s\n", what, on, strerror(error));
	return status;
}

int solo_start(struct solo *solo)
{
	const char *command = solo->options->argv[0];
	struct launch launch = {.solo = solo};
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid;
	int error;

	if (stack == MAP_FAILED)
		return refused("find memory to run", command, errno, EXIT_REFUSED);
	solo->terminal = open_terminal();
	launch.foreground = solo->terminal >= 0 && tcgetpgrp(solo->terminal) == getpgrp();
	/* Until the exec the child shares our memory, and we stand still. */
	pid = clone(launch_main, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, &launch);
	error = errno;
	(void)munmap(stack, STACK_SIZE);
	if (pid < 0)
		return refused("fork to run", command, error, EXIT_REFUSED);
	solo->handed = launch.foreground;
	if (launch.error != 0) {
		(void)waitpid(pid, NULL, 0);
		solo_terminal_back(solo);
		error = launch.error == EACCES && solo_find(command) == ENOENT ? ENOENT
									       : launch.error;
		return refused("run", command, error,
			error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
	}
	solo->main = solo->group = pid;
	close_descriptors(solo);
	return 0;
}
