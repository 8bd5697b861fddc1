/* attempt.c - tries things, and says how each went: for the tests of sandboxes.
 *
 *     attempt FILE WHAT...
 *
 * Appends to FILE a line for each WHAT, "WHAT: ok" or "WHAT: ERRNO", then "done", and waits. FILE
 * is opened first, so nothing that is forbidden afterwards is in the way. What can be tried:
 *
 *     read:PATH  write:PATH  make:PATH  list:PATH  there:PATH  chown:PATH
 *     inet  unix  listen:PORT  connect:PORT  raw
 *     unshare  fork  ptrace  mount  sethostname  settime  mlock  keyctl  uring
 *     host:NAME  (is that the host's name?)  pid:N  (is that its pid?) */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0 or -1 and errno. */
typedef int attempt(const char *argument);

static int open_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

static int try_read(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);

	return fd < 0 || n < 0 ? -1 : close(fd);
}

static int try_write(const char *path)
{
	return open_path(path, O_WRONLY);
}

static int try_make(const char *path)
{
	return open_path(path, O_WRONLY | O_CREAT | O_EXCL) < 0 ? -1 : unlink(path);
}

static int try_list(const char *path)
{
	DIR *dir = opendir(path);

	return dir ? closedir(dir) : -1;
}

static int try_there(const char *path)
{
	return access(path, F_OK);
}

static int try_chown(const char *path)
{
	return chown(path, 1, 1);
}

static int socket_of(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	return fd < 0 ? -1 : close(fd);
}

static int try_inet(const char *argument)
{
	(void)argument;
	return socket_of(AF_INET, SOCK_STREAM, 0);
}

static int try_unix(const char *argument)
{
	(void)argument;
	return socket_of(AF_UNIX, SOCK_STREAM, 0);
}

static int try_raw(const char *argument)
{
	(void)argument;
	return socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int at_port(const char *port, bool listens)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = -1;
	int error;

	if (fd < 0)
		return -1;
	if (!listens)
		result = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	else if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		result = listen(fd, 1);
	error = errno;
	(void)close(fd);
	errno = error;
	return result;
}

static int try_listen(const char *port)
{
	return at_port(port, true);
}

static int try_connect(const char *port)
{
	return at_port(port, false);
}

static int try_unshare(const char *argument)
{
	(void)argument;
	return unshare(CLONE_NEWUTS);
}

static int try_fork(const char *argument)
{
	pid_t pid = fork();

	(void)argument;
	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -1 : 0;
}

static int try_ptrace(const char *argument)
{
	(void)argument;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? -1 : 0;
}

static int try_mount(const char *argument)
{
	(void)argument;
	return mount("none", "/mnt", "tmpfs", 0, NULL);
}

static int try_sethostname(const char *argument)
{
	char name[65] = "";

	(void)argument;
	(void)gethostname(name, sizeof(name) - 1);
	return sethostname(name, strlen(name));
}

/* To no time at all, which is refused, but not as forbidden. */
static int try_settime(const char *argument)
{
	const struct timeval never = {.tv_usec = -1};

	(void)argument;
	return syscall(SYS_settimeofday, &never, NULL) < 0 ? -1 : 0;
}

static int try_mlock(const char *argument)
{
	static char page[64];

	(void)argument;
	return mlock(page, sizeof(page));
}

static int try_keyctl(const char *argument)
{
	(void)argument;
	return syscall(SYS_keyctl, 0, -3, 0) < 0 ? -1 : 0;
}

static int try_uring(const char *argument)
{
	(void)argument;
	return syscall(SYS_io_uring_setup, 0, NULL) < 0 ? -1 : 0;
}

static int try_host(const char *name)
{
	char now[65] = "";

	errno = ENOMSG;
	return gethostname(now, sizeof(now) - 1) == 0 && strcmp(now, name) == 0 ? 0 : -1;
}

static int try_pid(const char *pid)
{
	errno = ENOMSG;
	return getpid() == (pid_t)strtol(pid, NULL, 10) ? 0 : -1;
}

static const struct {
	const char *name;
	attempt *try;
} ATTEMPTS[] = {
	{"read", try_read},
	{"write", try_write},
	{"make", try_make},
	{"list", try_list},
	{"there", try_there},
	{"chown", try_chown},
	{"inet", try_inet},
	{"unix", try_unix},
	{"raw", try_raw},
	{"listen", try_listen},
	{"connect", try_connect},
	{"unshare", try_unshare},
	{"fork", try_fork},
	{"ptrace", try_ptrace},
	{"mount", try_mount},
	{"sethostname", try_sethostname},
	{"settime", try_settime},
	{"mlock", try_mlock},
	{"keyctl", try_keyctl},
	{"uring", try_uring},
	{"host", try_host},
	{"pid", try_pid},
};

static void try_one(int fd, const char *what)
{
	const size_t length = strcspn(what, ":");
	const char *argument = what[length] == ':' ? what + length + 1 : "";
	const char *result = "unknown";

	for (size_t i = 0; i < sizeof(ATTEMPTS) / sizeof(ATTEMPTS[0]); i++) {
		if (strlen(ATTEMPTS[i].name) != length ||
			memcmp(ATTEMPTS[i].name, what, length) != 0)
			continue;
		result = ATTEMPTS[i].try(argument) == 0 ? "ok" : strerrorname_np(errno);
	}
	(void)dprintf(fd, "%s: %s\n", what, result);
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

	if (fd < 0)
		return 2;
	for (int i = 2; i < argc; i++)
		try_one(fd, argv[i]);
	(void)dprintf(fd, "done\n");
	for (;;)
		(void)pause();
}
