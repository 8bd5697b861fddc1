/* supprobe.c - one health check over the network: connects, for http asks and reads the status.
 *
 *     supprobe [-t TIMEOUT] tcp TARGET       somebody accepts the connection
 *     supprobe [-t TIMEOUT] http TARGET      the answer has a status from 200 to 399
 *
 * Exit status 0: well; 1: not, with one line on standard error that says why; 2: usage. supd runs
 * it as a child, so that PID 1 never reads from a network. It looks up no name, reads no file and
 * allocates nothing. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cmd/self_filter.h"
#include "config/probe.h"
#include "config/spec.h"
#include "config/units.h"

enum { EXIT_SICK = 1, EXIT_USAGE = 2, TIMEOUT_MS = 5000, STATUS_LINE_MAX = 255 };

static const char usage[] =
	"usage: supprobe [-t TIMEOUT] tcp TARGET\n"
	"       supprobe [-t TIMEOUT] http TARGET\n"
	"\n"
	"tcp: exit status 0 when a connection is accepted. TARGET: PORT, HOST:PORT, unix:/PATH\n"
	"http: 0 when the answer has a status from 200 to 399. TARGET: HOST[:PORT][/WHAT],\n"
	"PORT[/WHAT], unix:/PATH[:/WHAT], with or without http:// before it\n"
	"HOST is an address, IPv6 in brackets, or localhost: names are not looked up.\n"
	"TIMEOUT is a duration such as 500ms or 5s (default 5s). Else the exit status is 1.\n";

struct probe {
	bool http;
	const char *text; /* the target as given */
	struct probe_target target;
	int64_t timeout_ms;
	int64_t deadline_ms;
};

static int64_t now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Says why it is not well. */
__attribute__((format(printf, 2, 3))) static int sick(
	const struct probe *probe, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	(void)dprintf(STDERR_FILENO, "%s: %s\n", probe->text, line);
	return EXIT_SICK;
}

static int sick_late(const struct probe *probe, const char *what)
{
	char limit[32];

	return sick(probe, "%s within %s", what, format_duration(probe->timeout_ms, limit));
}

/* Waits until fd is ready. Returns 0, or -ETIMEDOUT when the time is over. */
static int wait_ready(const struct probe *probe, int fd, short events)
{
	struct pollfd ready = {.fd = fd, .events = events};

	for (;;) {
		int64_t left_ms = probe->deadline_ms - now_ms();
		int n = left_ms > 0
				? poll(&ready, 1, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX)
				: 0;

		if (n > 0)
			return 0;
		if (n == 0 && left_ms <= INT32_MAX)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

/* ---- connecting */

/* Returns a connected descriptor or negative errno. */
static int connect_to(const struct probe *probe, const struct sockaddr *address, socklen_t size)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t error_size = sizeof(int);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, address, size) == 0)
		return fd;
	error = -errno;
	/* A unix socket whose backlog is full says EAGAIN, and there is no waiting for it. */
	if (error == -EINPROGRESS) {
		error = wait_ready(probe, fd, POLLOUT);
		if (error == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) < 0)
			error = errno;
		error = error > 0 ? -error : error;
	}
	if (error == 0)
		return fd;
	(void)close(fd);
	return error;
}

static int connect_ipv4(const struct probe *probe, uint32_t address)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(probe->target.port),
		.sin_addr = {.s_addr = address}};

	return connect_to(probe, (const struct sockaddr *)&to, sizeof(to));
}

static int connect_ipv6(const struct probe *probe, const struct in6_addr *address)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6,
		.sin6_port = htons(probe->target.port),
		.sin6_addr = *address};

	return connect_to(probe, (const struct sockaddr *)&to, sizeof(to));
}

static int connect_unix(const struct probe *probe)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	memcpy(to.sun_path, probe->target.host, probe->target.host_n);
	return connect_to(probe, (const struct sockaddr *)&to, sizeof(to));
}

static int connect_target(const struct probe *probe)
{
	const struct probe_target *target = &probe->target;
	struct in6_addr six;
	uint32_t four;
	int six_fd;
	int fd;

	switch (target->family) {
	case PROBE_IPV4:
		memcpy(&four, target->address, sizeof(four));
		return connect_ipv4(probe, four);
	case PROBE_IPV6:
		memcpy(&six, target->address, sizeof(six));
		return connect_ipv6(probe, &six);
	case PROBE_LOCALHOST:
		fd = connect_ipv4(probe, htonl(INADDR_LOOPBACK));
		if (fd >= 0 || fd == -ETIMEDOUT)
			return fd;
		/* What is said is about the address that most servers have. */
		six = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
		six_fd = connect_ipv6(probe, &six);
		return six_fd >= 0 ? six_fd : fd;
	case PROBE_UNIX:
		return connect_unix(probe);
	}
	return -EINVAL;
}

/* ---- http */

static int send_all(const struct probe *probe, int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent >= 0) {
			bytes += sent;
			n -= (size_t)sent;
		} else if (errno != EAGAIN && errno != EINTR) {
			return -errno;
		} else if (errno == EAGAIN) {
			int error = wait_ready(probe, fd, POLLOUT);

			if (error < 0)
				return error;
		}
	}
	return 0;
}

/* What the header Host says: the host as written; a bare port and a socket have none. */
static const char *host_of(const struct probe_target *target, char buf[static 32], int *ret_n)
{
	if (target->family == PROBE_UNIX)
		(void)snprintf(buf, 32, "localhost");
	else if (strspn(target->host, "0123456789") >= target->host_n)
		(void)snprintf(buf, 32, "localhost:%u", (unsigned)target->port);
	else {
		*ret_n = (int)target->host_n;
		return target->host;
	}
	*ret_n = (int)strlen(buf);
	return buf;
}

static int send_request(const struct probe *probe, int fd)
{
	char text[PROBE_WHAT_MAX + 512];
	char buf[32];
	int host_n;
	const char *host = host_of(&probe->target, buf, &host_n);
	int n = snprintf(text, sizeof(text),
		"GET %s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: supprobe/" SUPD_VERSION
		"\r\nAccept: */*\r\nConnection: close\r\n\r\n",
		probe->target.what, host_n, host);

	return send_all(probe, fd, text, (size_t)n);
}

/* Reads the first line into line, which has room for STATUS_LINE_MAX bytes and a NUL; the rest of
 * the answer is left unread. Returns 0 or negative errno; a line that does not end is cut. */
static int read_line(const struct probe *probe, int fd, char *line)
{
	size_t n = 0;

	while (n < STATUS_LINE_MAX && !memchr(line, '\n', n)) {
		ssize_t got = recv(fd, line + n, STATUS_LINE_MAX - n, 0);
		int error = 0;

		if (got == 0)
			break;
		if (got > 0)
			n += (size_t)got;
		else if (errno == EAGAIN)
			error = wait_ready(probe, fd, POLLIN);
		else if (errno != EINTR)
			error = -errno;
		if (error < 0)
			return error;
	}
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

/* "HTTP/1.1 204 No Content": the number, or -EINVAL. */
static int status_of(const char *line)
{
	const char *at = strchr(line, ' ');

	if (strncmp(line, "HTTP/", 5) != 0 || !at || strspn(at + 1, "0123456789") != 3)
		return -EINVAL;
	return (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0');
}

static int ask(const struct probe *probe, int fd)
{
	char line[STATUS_LINE_MAX + 1] = "";
	int error = send_request(probe, fd);
	int status;

	/* A server may answer, and close, before it has read all. */
	if (error == 0 || error == -EPIPE || error == -ECONNRESET)
		error = read_line(probe, fd, line);
	if (error == -ETIMEDOUT)
		return sick_late(probe, "no answer");
	if (error < 0)
		return sick(probe, "%s", strerror(-error));
	status = status_of(line);
	if (status < 0)
		return sick(probe, line[0] == '\0' ? "no answer" : "the answer is not http");
	if (status >= 200 && status < 400)
		return EXIT_SUCCESS;
	/* Printable only: it comes from a network and goes to a terminal. */
	for (char *c = line; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return sick(probe, "the answer is %.80s", strchr(line, ' ') + 1);
}

static int run(const struct probe *probe)
{
	int fd = connect_target(probe);
	int status = EXIT_SUCCESS;

	if (fd == -ETIMEDOUT)
		return sick_late(probe, "no connection");
	if (fd < 0)
		return sick(probe, "%s", strerror(-fd));
	if (probe->http)
		status = ask(probe, fd);
	(void)close(fd);
	return status;
}

/* ---- the command line */

static _Noreturn void bad_usage(const char *what, const char *word)
{
	(void)dprintf(STDERR_FILENO, "supprobe: %s%s\nTry supprobe --help.\n", what, word);
	exit(EXIT_USAGE);
}

static void read_target(struct probe *probe, const char *kind, const char *text)
{
	const char *why = "";
	int error;

	probe->text = text;
	if (strcmp(kind, "http") == 0)
		error = probe_parse_http(text, &probe->target, &why);
	else if (strcmp(kind, "tcp") == 0)
		error = probe_parse_tcp(text, &probe->target, &why);
	else
		bad_usage("the first argument is tcp or http, not ", kind);
	if (error < 0) {
		(void)dprintf(STDERR_FILENO, "supprobe: '%s' is no target: %s\n", text, why);
		exit(EXIT_USAGE);
	}
	probe->http = strcmp(kind, "http") == 0;
}

/* What a connection takes, and what the C library takes for a message; where the kernel has no
 * filters it goes without. */
static void confine(void)
{
	static const int CALLS[] = {
		SYS_socket,
		SYS_connect,
		SYS_getsockopt,
		SYS_setsockopt,
		SYS_ppoll,
		SYS_sendto,
		SYS_recvfrom,
		SYS_read,
		SYS_write,
		SYS_writev,
		SYS_close,
		SYS_fcntl,
		SYS_clock_gettime,
		SYS_clock_nanosleep,
		SYS_restart_syscall,
		SYS_rt_sigreturn,
		SYS_rt_sigprocmask,
		SYS_brk,
		SYS_mmap,
		SYS_munmap,
		SYS_mprotect,
		SYS_mremap,
		SYS_madvise,
		SYS_futex,
		SYS_getrandom,
		SYS_newfstatat,
		SYS_fstat,
		SYS_lseek,
		SYS_getpid,
		SYS_gettid,
		SYS_tgkill,
		SYS_exit,
		SYS_exit_group,
#ifdef SYS_poll
		SYS_poll,
#endif
	};

/* A sanitizer looks at itself by other calls when it ends. */
#ifndef __SANITIZE_ADDRESS__
	(void)self_filter_allow(CALLS, sizeof(CALLS) / sizeof(CALLS[0]));
#else
	(void)CALLS;
#endif
}

int main(int argc, char **argv)
{
	struct probe probe = {.timeout_ms = TIMEOUT_MS};
	int at = 1;

	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		(void)dprintf(STDOUT_FILENO, "%s", usage);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		(void)dprintf(STDOUT_FILENO, "supprobe %s\n", SUPD_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc > 2 && strcmp(argv[1], "-t") == 0) {
		if (parse_duration(argv[2], &probe.timeout_ms) < 0 || probe.timeout_ms == 0 ||
			probe.timeout_ms == SPEC_INFINITY)
			bad_usage("-t takes a duration such as 500ms or 5s, not ", argv[2]);
		at = 3;
	}
	if (argc - at != 2)
		bad_usage("it takes tcp or http, and a target", "");
	read_target(&probe, argv[at], argv[at + 1]);
	probe.deadline_ms = now_ms() + probe.timeout_ms;
	confine();
	return run(&probe);
}
