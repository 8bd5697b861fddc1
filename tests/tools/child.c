/* child.c - a child for the tests: says what happens to it and shows what it was given.
 *
 *     child [OPTIONS]        then waits until it is told to stop
 *
 *     -l FILE   append "start PATH" when it is up and "stop PATH" when TERM comes
 *     -r        say READY=1 on NOTIFY_SOCKET, after the line in the file
 *     -i        ignore TERM
 *     -x N      exit with status N at once, after the rest
 *     -d FILE   write what it inherited: descriptors, signals, group, limits, umask, directory, ids
 *     -g FILE   fork a member of the same group that ignores TERM; write its pid
 *     -o N      make N orphans, each of which exits at once
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD_LIMIT = 4096, GROUPS_MAX = 64 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "child: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* One write a line, so that lines of several children do not mix. */
static void note(const char *file, const char *word)
{
	const char *path = getenv("SUPD_PATH");
	char line[256];
	int n = snprintf(line, sizeof(line), "%s %s\n", word, path ? path : "?");
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || n < 0 || write(fd, line, (size_t)n) != n)
		die(file);
	(void)close(fd);
}

static void say_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(address.sun_path) || fd < 0)
		die("NOTIFY_SOCKET");
	memcpy(address.sun_path, path, strlen(path));
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&address, size) != 7)
		die("READY=1");
	(void)close(fd);
}

static void dump_signals(FILE *out)
{
	sigset_t mask;

	if (sigprocmask(SIG_SETMASK, NULL, &mask) < 0)
		die("sigprocmask");
	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction action;
		if (sigismember(&mask, signal) == 1)
			fprintf(out, "blocked %d\n", signal);
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			fprintf(out, "handled %d\n", signal);
	}
}

static void dump_ids(FILE *out)
{
	gid_t groups[GROUPS_MAX];
	int n = getgroups(GROUPS_MAX, groups);

	fprintf(out, "uid %u gid %u groups", (unsigned)getuid(), (unsigned)getgid());
	for (int i = 0; i < n; i++)
		fprintf(out, " %u", (unsigned)groups[i]);
	fputc('\n', out);
}

static void dump(const char *file, const char *fds)
{
	char temporary[4096];
	char directory[4096];
	struct rlimit files;

	if (snprintf(temporary, sizeof(temporary), "%s.new", file) >= (int)sizeof(temporary))
		die("name too long");
	if (!getcwd(directory, sizeof(directory)) || getrlimit(RLIMIT_NOFILE, &files) < 0)
		die("getcwd, getrlimit");
	mode_t mask = umask(0);
	(void)umask(mask);
	FILE *out = fopen(temporary, "we");
	if (!out)
		die(temporary);
	fprintf(out, "descriptors%s\n", fds);
	dump_signals(out);
	fprintf(out, "own group %s\n", getpgrp() == getpid() ? "yes" : "no");
	fprintf(out, "files %llu %llu\n", (unsigned long long)files.rlim_cur,
		(unsigned long long)files.rlim_max);
	fprintf(out, "umask %04o\ndirectory %s\n", (unsigned)mask, directory);
	dump_ids(out);
	for (char **entry = environ; *entry; entry++)
		fprintf(out, "env %s\n", *entry);
	if (fclose(out) != 0 || rename(temporary, file) < 0)
		die(file);
}

/* What is open before this program opens anything, as text: " 0 1 2". */
static void list_fds(char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int fd = 0; fd < FD_LIMIT; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		int n = snprintf(buf + used, size - used, " %d", fd);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static void add_member(const char *file)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		(void)signal(SIGTERM, SIG_IGN);
		FILE *out = fopen(file, "we");
		if (!out || fprintf(out, "%d\n", (int)getpid()) < 0 || fclose(out) != 0)
			_exit(125);
		for (;;)
			(void)pause();
	}
}

/* The orphan's parent exits before it, so that it falls to the reaper above. */
static void make_orphan(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		_exit(fork() < 0 ? 1 : 0);
	if (waitpid(pid, NULL, 0) < 0)
		die("waitpid");
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

int main(int argc, char *argv[])
{
	const char *log = NULL;
	const char *dump_file = NULL;
	const char *member_file = NULL;
	bool ready = false;
	bool stubborn = false;
	long status = -1;
	long orphans = 0;
	char fds[1024];
	sigset_t stop;
	int c;

	list_fds(fds, sizeof(fds));
	while ((c = getopt(argc, argv, "l:rix:d:g:o:")) != -1) {
		switch (c) {
		case 'l':
			log = optarg;
			break;
		case 'r':
			ready = true;
			break;
		case 'i':
			stubborn = true;
			break;
		case 'x':
			status = number(optarg);
			break;
		case 'd':
			dump_file = optarg;
			break;
		case 'g':
			member_file = optarg;
			break;
		case 'o':
			orphans = number(optarg);
			break;
		default:
			return 125;
		}
	}
	if (dump_file)
		dump(dump_file, fds);
	if (member_file)
		add_member(member_file);
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0)
		die("sigprocmask");
	while (orphans-- > 0)
		make_orphan();
	if (log)
		note(log, "start");
	if (ready)
		say_ready();
	if (status >= 0)
		return (int)status;
	for (;;) {
		siginfo_t info;
		if (sigwaitinfo(&stop, &info) != SIGTERM)
			continue;
		if (log)
			note(log, "stop");
		if (!stubborn)
			return 0;
	}
}
