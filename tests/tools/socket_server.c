/* socket_server.c - a server for the tests, of the sockets that it was given.
 *
 *     socket_server [-s]
 *
 * Answers each connection, and each datagram, with "PID NAME" of the socket, the name from
 * LISTEN_FDNAMES. On TERM it ends the answer it is at, leaves the rest in the queue, and exits with
 * status 0. It exits with status 125 when it was given no sockets, or another's. -s: it takes a
 * connection only every 10 ms, so that some always wait.
 */
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
#include <time.h>
#include <unistd.h>

enum { SOCKETS_MAX = 64, FIRST = 3 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "socket_server: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int number_of(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long value;

	errno = EINVAL;
	if (!text)
		die(name);
	value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || value < 1 || value > 1 << 30)
		die(name);
	return (int)value;
}

/* Cuts LISTEN_FDNAMES at its colons. */
static int take_names(char *names, const char *ret_name[SOCKETS_MAX])
{
	int n = 0;

	for (char *name = strtok(names, ":"); name && n < SOCKETS_MAX; name = strtok(NULL, ":"))
		ret_name[n++] = name;
	return n;
}

static void answer(int fd, const char *name)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	int type = 0;
	socklen_t type_size = sizeof(type);
	char text[320];
	int n = snprintf(text, sizeof(text), "%d %s\n", (int)getpid(), name);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0 || n < 0)
		die("SO_TYPE");
	if (type == SOCK_DGRAM) {
		char byte;
		if (recvfrom(fd, &byte, 1, MSG_DONTWAIT, (struct sockaddr *)&from, &size) >= 0)
			(void)sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&from, size);
		return;
	}
	/* Another process may have been faster. */
	int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0)
		return;
	(void)send(connection, text, (size_t)n, MSG_NOSIGNAL);
	(void)close(connection);
}

int main(int argc, char *argv[])
{
	const char *name[SOCKETS_MAX];
	struct pollfd polled[SOCKETS_MAX + 1];
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
	const bool slow = argc > 1 && strcmp(argv[1], "-s") == 0;
	int n = number_of("LISTEN_FDS");
	char *names = getenv("LISTEN_FDNAMES");
	sigset_t stop;

	errno = EINVAL;
	if (number_of("LISTEN_PID") != (int)getpid())
		die("LISTEN_PID");
	if (n > SOCKETS_MAX || !names || take_names(names, name) != n)
		die("LISTEN_FDNAMES");
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0)
		die("sigprocmask");
	for (int i = 0; i < n; i++) {
		polled[i] = (struct pollfd){.fd = FIRST + i, .events = POLLIN};
		if (fcntl(FIRST + i, F_SETFL, O_NONBLOCK) < 0)
			die("a socket");
	}
	polled[n] = (struct pollfd){.fd = signalfd(-1, &stop, SFD_CLOEXEC), .events = POLLIN};
	for (;;) {
		if (poll(polled, (nfds_t)n + 1, -1) < 0)
			die("poll");
		if (polled[n].revents)
			return 0;
		for (int i = 0; i < n; i++)
			if (polled[i].revents & POLLIN)
				answer(polled[i].fd, name[i]);
		if (slow)
			(void)nanosleep(&pause, NULL);
	}
}
