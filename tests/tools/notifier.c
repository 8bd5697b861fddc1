/* notifier.c - a child for the tests that says things on NOTIFY_SOCKET, a step an argument.
 *
 *     notifier STEP...         then waits for TERM and exits with status 0
 *
 *     say=TEXT       send TEXT in one datagram; ';' stands for a newline, '@P' for the own pid
 *     raw=TEXT       the same as it is
 *     say-main=TEXT  fork a member of the group that lives on; send TEXT with '@C' its pid
 *     from-fork=TEXT a member of the group sends it, and is waited for
 *     barrier        BARRIER=1 with a pipe; waits until the other end is closed, at most 5 s
 *     store=NAME     FDSTORE=1 with a pipe that holds "NAME"; FDNAME=NAME
 *     store-many=N   store N of them, by the name of many
 *     hang-up=NAME   the same, but its other end is closed
 *     remove=NAME    FDSTOREREMOVE=1
 *     ping=N         WATCHDOG=1 N times a second, for ever
 *     fd=N           write a newline to descriptor N and close it
 *     fd-text=N      write text without one
 *     fd-close=N     close it, with nothing written
 *     file=FILE      write "PID VARIABLES" of its surroundings to FILE, with what it was given
 *     log=FILE       append a line with the name of each signal that comes, from now on
 *     exit=N         exit with status N
 *     away           fork, go on in the child in a session of its own; the parent exits when told
 *     away-ready     the parent of away may go now
 *     wait=FILE      wait until FILE is there, 10 s at most
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 8192, FDS_MAX = 128, LIMIT_S = 10 };

static const char *log_file;
static int away_fd = -1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "notifier: %s: %s\n", what, strerror(errno));
	exit(125);
}

static long number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end != '\0' || value < 0 || value > 1000000) {
		errno = EINVAL;
		die(text);
	}
	return value;
}

static int connect_notify(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(address.sun_path) || fd < 0)
		die("NOTIFY_SOCKET");
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (connect(fd, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0)
		die(path);
	return fd;
}

static void send_text(const char *text, size_t n, int with)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	char copy[TEXT_MAX];
	struct iovec iov = {.iov_base = copy, .iov_len = n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd = connect_notify();

	if (n > sizeof(copy))
		die("text");
	memcpy(copy, text, n);
	if (with >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &with, sizeof(int));
	}
	if (sendmsg(fd, &msg, 0) != (ssize_t)n)
		die("sendmsg");
	(void)close(fd);
}

/* ';' -> newline, @P and @C -> pids. */
static void say(const char *text, pid_t child, int with)
{
	char line[TEXT_MAX];
	size_t n = 0;

	for (; *text; text++) {
		if (n + 16 > sizeof(line))
			die("text");
		if (text[0] == '@' && (text[1] == 'P' || text[1] == 'C')) {
			pid_t pid = *++text == 'P' ? getpid() : child;

			n += (size_t)snprintf(line + n, sizeof(line) - n, "%d", (int)pid);
		} else {
			line[n++] = *text == ';' ? '\n' : *text;
		}
	}
	send_text(line, n, with);
}

static void barrier(void)
{
	int fds[2];
	struct pollfd poll_fd;

	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe2");
	say("BARRIER=1", 0, fds[1]);
	(void)close(fds[1]);
	poll_fd = (struct pollfd){.fd = fds[0], .events = POLLIN};
	if (poll(&poll_fd, 1, 5000) != 1) {
		errno = ETIMEDOUT;
		die("barrier");
	}
	(void)close(fds[0]);
}

static void store(const char *name, bool hang_up)
{
	char text[512];
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0 || write(fds[1], name, strlen(name)) < 0)
		die("pipe2");
	(void)snprintf(text, sizeof(text), "FDSTORE=1;FDNAME=%s", name);
	/* One that keeps its other end open hangs up when this process ends: it is stored, too. */
	say(text, 0, fds[0]);
	if (!hang_up)
		say("FDSTORE=1;FDNAME=other-end;FDPOLL=0", 0, fds[1]);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void store_many(long n)
{
	for (long i = 0; i < n; i++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			die("/dev/null");
		say("FDSTORE=1;FDNAME=many;FDPOLL=0", 0, fd);
		(void)close(fd);
	}
}

static _Noreturn void ping(long a_second)
{
	int fd = connect_notify();
	struct timespec next;
	long gap_ns = 1000000000L / a_second;
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	if (sigprocmask(SIG_UNBLOCK, &term, NULL) < 0)
		die("sigprocmask");

	if (clock_gettime(CLOCK_MONOTONIC, &next) < 0)
		die("clock");
	/* Not all at once: each begins at its own moment. */
	next.tv_nsec += getpid() * 7919L % gap_ns;
	for (;;) {
		next.tv_nsec += gap_ns;
		while (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		if (send(fd, "WATCHDOG=1", 10, 0) < 0 && errno != EAGAIN)
			die("send");
	}
}

static pid_t fork_member(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

/* One write, and a name that appears when it is whole. */
static void describe(const char *file)
{
	static const char *const NAMES[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
		"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};
	const char *count = getenv("LISTEN_FDS");
	long n = count ? number(count) : 0;
	char fresh[4096];
	FILE *out;

	(void)snprintf(fresh, sizeof(fresh), "%s.new", file);
	out = fopen(fresh, "we");
	if (!out)
		die(fresh);
	fprintf(out, "pid=%d\n", (int)getpid());
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		const char *value = getenv(NAMES[i]);

		fprintf(out, "%s=%s\n", NAMES[i], value ? value : "-");
	}
	for (long fd = 3; fd < 3 + n; fd++) {
		char text[64] = "";

		/* What is no pipe to read from shows as empty. */
		if (fcntl((int)fd, F_SETFL, O_NONBLOCK) < 0 ||
			read((int)fd, text, sizeof(text) - 1) < 0)
			text[0] = '\0';
		fprintf(out, "fd%ld=%s\n", fd, text);
	}
	if (fclose(out) != 0 || rename(fresh, file) < 0)
		die(file);
}

/* The parent stays until the child lets it go, and the child is the server from now on. */
static void go_away(void)
{
	int fds[2];
	char byte;

	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe2");
	if (fork_member() > 0) {
		(void)close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 1 ? 0 : 1);
	}
	if (setsid() < 0)
		die("setsid");
	(void)close(fds[0]);
	away_fd = fds[1];
}

static void wait_for_file(const char *file)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	for (int i = 0; access(file, F_OK) < 0; i++) {
		if (i == LIMIT_S * 100)
			die(file);
		(void)nanosleep(&pause, NULL);
	}
}

static void note(const char *line)
{
	int fd = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		die(log_file);
	(void)close(fd);
}

static _Noreturn void wait_for_term(int exit_status)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGUSR2);
	(void)sigaddset(&set, SIGABRT);
	for (;;) {
		siginfo_t info;
		int signal = sigwaitinfo(&set, &info);
		char line[32];

		if (signal < 0)
			continue;
		(void)snprintf(line, sizeof(line), "%s\n", sigabbrev_np(signal));
		if (log_file)
			note(line);
		if (signal == SIGTERM)
			exit(exit_status);
		if (signal == SIGABRT)
			exit(134);
	}
}

static void member_says(const char *text)
{
	pid_t pid = fork_member();

	if (pid == 0) {
		say(text, 0, -1);
		barrier();
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) < 0)
		die("waitpid");
}

static void member_lives(const char *text)
{
	pid_t pid = fork_member();

	if (pid == 0)
		wait_for_term(7);
	say(text, pid, -1);
}

static void write_to(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		die("write");
}

/* Steps that take no value. Returns false when it is none. */
static bool plain_step(const char *step)
{
	if (strcmp(step, "barrier") == 0)
		barrier();
	else if (strcmp(step, "away") == 0)
		go_away();
	else if (strcmp(step, "away-ready") == 0)
		write_to(away_fd, "x");
	else
		return false;
	return true;
}

static bool talk_step(const char *step, const char *value)
{
	if (strcmp(step, "say") == 0)
		say(value, 0, -1);
	else if (strcmp(step, "raw") == 0)
		send_text(value, strlen(value), -1);
	else if (strcmp(step, "say-main") == 0)
		member_lives(value);
	else if (strcmp(step, "from-fork") == 0)
		member_says(value);
	else if (strcmp(step, "store") == 0)
		store(value, false);
	else if (strcmp(step, "store-many") == 0)
		store_many(number(value));
	else if (strcmp(step, "hang-up") == 0)
		store(value, true);
	else if (strcmp(step, "ping") == 0)
		ping(number(value));
	else
		return false;
	return true;
}

static void value_step(const char *step, const char *value)
{
	char text[512];

	if (talk_step(step, value))
		return;
	if (strcmp(step, "remove") == 0) {
		(void)snprintf(text, sizeof(text), "FDSTOREREMOVE=1;FDNAME=%s", value);
		say(text, 0, -1);
	} else if (strcmp(step, "fd") == 0) {
		write_to((int)number(value), "up\n");
		(void)close((int)number(value));
	} else if (strcmp(step, "fd-text") == 0) {
		write_to((int)number(value), "not yet");
	} else if (strcmp(step, "fd-close") == 0) {
		(void)close((int)number(value));
	} else if (strcmp(step, "file") == 0) {
		describe(value);
	} else if (strcmp(step, "log") == 0) {
		log_file = value;
	} else if (strcmp(step, "wait") == 0) {
		wait_for_file(value);
	} else if (strcmp(step, "exit") == 0) {
		exit((int)number(value));
	} else {
		errno = EINVAL;
		die(step);
	}
}

int main(int argc, char *argv[])
{
	sigset_t all;

	(void)sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		die("sigprocmask");
	for (int i = 1; i < argc; i++) {
		char *equal = strchr(argv[i], '=');

		if (plain_step(argv[i]))
			continue;
		if (!equal) {
			errno = EINVAL;
			die(argv[i]);
		}
		*equal = '\0';
		value_step(argv[i], equal + 1);
	}
	wait_for_term(0);
}
