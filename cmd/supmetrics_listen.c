/* supmetrics_listen.c - the socket of supmetrics, and telling that it is there. */
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/supmetrics.h"

enum { BACKLOG = 64, HOST_SIZE = 256 };

/* "[::1]:80" and "localhost:80" apart; an empty host is all addresses. */
static bool split(const char *where, char host[static HOST_SIZE], const char **ret_port)
{
	const char *colon = strrchr(where, ':');
	const char *begin = where;
	const char *end = colon;

	if (!colon || !colon[1])
		return false;
	if (*where == '[') {
		begin++;
		end--;
		if (end <= begin || *end != ']')
			return false;
	}
	if ((size_t)(end - begin) >= HOST_SIZE)
		return false;
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	*ret_port = colon + 1;
	return true;
}

static int open_socket(const struct addrinfo *address)
{
	int on = 1;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
		bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void name_socket(int fd, char *name, size_t size)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof address;
	char host[HOST_SIZE] = "?";
	char port[32] = "?";

	if (getsockname(fd, (struct sockaddr *)&address, &length) == 0)
		(void)getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	(void)snprintf(name, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

int listen_on(const char *where, char *name, size_t size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *list = NULL;
	char host[HOST_SIZE];
	const char *port;
	int fd = -1;
	int error;

	if (!split(where, host, &port)) {
		complain("%s is no address: write ADDR:PORT, such as 127.0.0.1:9464 or [::1]:9464",
			where);
		return -1;
	}
	error = getaddrinfo(host[0] ? host : NULL, port, &hints, &list);
	if (error) {
		complain("cannot listen on %s: %s", where, gai_strerror(error));
		return -1;
	}
	for (const struct addrinfo *one = list; one && fd < 0; one = one->ai_next)
		fd = open_socket(one);
	freeaddrinfo(list);
	if (fd < 0)
		complain("cannot listen on %s: %m", where);
	else
		name_socket(fd, name, size);
	return fd;
}

void announce_ready(void)
{
	static const char ready[] = "READY=1";
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length;
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, ready, strlen(ready), MSG_NOSIGNAL, (struct sockaddr *)&address, length) < 0)
		complain("cannot tell %s that all is ready: %m", path);
	(void)close(fd);
}
