/* patient.c - a small server for the tests of health checks, which falls ill on a signal.
 *
 *     patient [-l FILE] [-x] [-s hang|close] (-u PATH | -p PORT | -6 PORT)
 *     patient -f             prints a free port
 *
 *     -l FILE   append "start PATH" when it is up, "stop PATH" when TERM comes
 *     -x        ill from the start
 *     -s WHAT   how it is ill: by default it answers 500; hang: it accepts and says nothing;
 *               close: it listens no more
 *
 * Well, it answers each connection that asks for something with 204. USR1: ill; USR2: well. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64 };

struct patient {
	const char *path;
	const char *port;
	bool six;
	const char *how;
	const char *log;
	bool ill;
	struct pollfd fds[2 + CLIENTS_MAX]; /* signals, the listener, clients */
	nfds_t n;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "patient: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void note(const struct patient *p, const char *word)
{
	const char *path = getenv("SUPD_PATH");
	char line[256];
	int n = snprintf(line, sizeof(line), "%s %s\n", word, path ? path : "?");
	int fd;

	if (!p->log)
		return;
	fd = open(p->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || n < 0 || write(fd, line, (size_t)n) != n)
		die(p->log);
	(void)close(fd);
}

static int bind_to(const struct sockaddr *address, socklen_t size)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, address, size) < 0 || listen(fd, 16) < 0)
		die("listen");
	return fd;
}

static int listen_tcp(const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};

	return bind_to((const struct sockaddr *)&to, sizeof(to));
}

static int listen_tcp6(const char *port)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)atoi(port)),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};

	return bind_to((const struct sockaddr *)&to, sizeof(to));
}

static int listen_unix(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(to.sun_path))
		die("the path is too long");
	(void)strcpy(to.sun_path, path);
	(void)unlink(path);
	return bind_to((const struct sockaddr *)&to, sizeof(to));
}

/* Prints a port that is free now. */
static void print_free_port(void)
{
	struct sockaddr_in at = {0};
	socklen_t size = sizeof(at);
	int fd = listen_tcp("0");

	if (getsockname(fd, (struct sockaddr *)&at, &size) < 0)
		die("getsockname");
	printf("%u\n", (unsigned)ntohs(at.sin_port));
	(void)close(fd);
}

/* Listens, or not, as its state wants it. */
static void settle(struct patient *p)
{
	bool closed = p->ill && p->how && strcmp(p->how, "close") == 0;

	if (closed && p->fds[1].fd >= 0) {
		(void)close(p->fds[1].fd);
		p->fds[1].fd = -1;
	}
	if (closed || p->fds[1].fd >= 0)
		return;
	if (p->path)
		p->fds[1].fd = listen_unix(p->path);
	else
		p->fds[1].fd = p->six ? listen_tcp6(p->port) : listen_tcp(p->port);
}

static void take_signal(struct patient *p)
{
	struct signalfd_siginfo info;

	if (read(p->fds[0].fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGTERM) {
		note(p, "stop");
		exit(0);
	}
	p->ill = info.ssi_signo == SIGUSR1;
	settle(p);
}

static void take_client(struct patient *p)
{
	int fd = accept4(p->fds[1].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (p->n == 2 + CLIENTS_MAX) {
		(void)close(fd);
		return;
	}
	p->fds[p->n++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void serve(struct patient *p, nfds_t i)
{
	static const char WELL[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
	static const char ILL[] = "HTTP/1.1 500 Not Today\r\nConnection: close\r\n\r\n";
	char request[4096];
	ssize_t n = read(p->fds[i].fd, request, sizeof(request));

	if (n > 0 && p->ill && p->how)
		return;
	if (n > 0)
		(void)!write(p->fds[i].fd, p->ill ? ILL : WELL, strlen(p->ill ? ILL : WELL));
	(void)close(p->fds[i].fd);
	p->fds[i] = p->fds[--p->n];
}

static void open_signals(struct patient *p)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die("signals");
	p->fds[0] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN};
	p->fds[1] = (struct pollfd){.fd = -1, .events = POLLIN};
	p->n = 2;
}

int main(int argc, char **argv)
{
	struct patient p = {0};
	int c;

	while ((c = getopt(argc, argv, "fl:xs:u:p:6:")) != -1) {
		switch (c) {
		case 'f':
			print_free_port();
			return 0;
		case 'l':
			p.log = optarg;
			break;
		case 'x':
			p.ill = true;
			break;
		case 's':
			p.how = optarg;
			break;
		case 'u':
			p.path = optarg;
			break;
		case 'p':
		case '6':
			p.port = optarg;
			p.six = c == '6';
			break;
		default:
			return 125;
		}
	}
	open_signals(&p);
	settle(&p);
	note(&p, "start");
	for (;;) {
		if (poll(p.fds, p.n, -1) < 0)
			continue;
		if (p.fds[0].revents)
			take_signal(&p);
		if (p.fds[1].fd >= 0 && p.fds[1].revents)
			take_client(&p);
		for (nfds_t i = p.n; i-- > 2;)
			if (p.fds[i].revents)
				serve(&p, i);
	}
}
