/* socket_client.c - asks socket_server.
 *
 *     socket_client port                 prints a port that is free
 *     socket_client ask ADDRESS          prints its answer once; status 1: none
 *     socket_client load ADDRESS FILE    asks again and again until TERM; writes the number of
 *                                        answers to FILE after each hundredth, and at the end
 *                                        "ANSWERS answered, N refused, N broken"
 *
 * ADDRESS: tcp:PORT, tcp6:PORT, udp:PORT (all of this machine), unix:PATH; '@' first: no file
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

struct target {
	struct sockaddr_storage address;
	socklen_t size;
	int type;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "socket_client: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static struct target read_target(const char *text)
{
	struct target target = {.type = strncmp(text, "udp:", 4) == 0 ? SOCK_DGRAM : SOCK_STREAM};
	struct sockaddr_in *in = (struct sockaddr_in *)&target.address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&target.address;
	struct sockaddr_un *un = (struct sockaddr_un *)&target.address;
	const char *colon = strchr(text, ':');
	size_t length;

	errno = EINVAL;
	if (!colon)
		die(text);
	if (strncmp(text, "unix:", 5) == 0) {
		length = strlen(colon + 1);
		if (length >= sizeof(un->sun_path))
			die(text);
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, colon + 1, length);
		if (colon[1] == '@')
			un->sun_path[0] = '\0';
		target.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
		return target;
	}
	in_port_t port = htons((uint16_t)strtol(colon + 1, NULL, 10));
	if (strncmp(text, "tcp6:", 5) == 0) {
		*in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
			.sin6_port = port,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT};
		target.size = sizeof(*in6);
	} else {
		*in = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = port,
			.sin_addr = {htonl(INADDR_LOOPBACK)}};
		target.size = sizeof(*in);
	}
	return target;
}

/* Asks once. Returns the length of the answer, or negative errno. */
static ssize_t ask(const struct target *target, char *answer, size_t size)
{
	const struct timeval patience = {.tv_sec = 10};
	int fd = socket(target->address.ss_family, target->type | SOCK_CLOEXEC, 0);
	ssize_t n = 0;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		die("socket");
	if (connect(fd, (const struct sockaddr *)&target->address, target->size) < 0 ||
		(target->type == SOCK_DGRAM && write(fd, "?", 1) < 0))
		n = -errno;
	if (n == 0)
		n = read(fd, answer, size - 1);
	if (n == -1)
		n = -errno;
	(void)close(fd);
	answer[n > 0 ? n : 0] = '\0';
	return n;
}

static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		die("port");
	printf("%u\n", (unsigned)ntohs(address.sin_port));
	return 0;
}

static int ask_once(const struct target *target)
{
	char answer[512];
	ssize_t n = ask(target, answer, sizeof(answer));

	if (n <= 0) {
		fprintf(stderr, "socket_client: %s\n", n < 0 ? strerror((int)-n) : "no answer");
		return 1;
	}
	fputs(answer, stdout);
	return 0;
}

static void write_line(const char *file, const char *text)
{
	FILE *out = fopen(file, "we");

	if (!out || fputs(text, out) == EOF || fclose(out) != 0)
		die(file);
}

static int load(const struct target *target, const char *file)
{
	long answered = 0;
	long refused = 0;
	long broken = 0;
	char text[512];

	(void)signal(SIGTERM, stop);
	while (!stopped) {
		ssize_t n = ask(target, text, sizeof(text));

		answered += n > 0;
		refused += n == -ECONNREFUSED;
		broken += n <= 0 && n != -ECONNREFUSED && !stopped;
		if (answered % 100 == 0) {
			(void)snprintf(text, sizeof(text), "%ld\n", answered);
			write_line(file, text);
		}
	}
	(void)snprintf(text, sizeof(text), "%ld answered, %ld refused, %ld broken\n", answered,
		refused, broken);
	write_line(file, text);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "port") == 0)
		return free_port();
	if (argc < 3)
		return 125;
	struct target target = read_target(argv[2]);
	if (argc == 3 && strcmp(argv[1], "ask") == 0)
		return ask_once(&target);
	if (argc == 4 && strcmp(argv[1], "load") == 0)
		return load(&target, argv[3]);
	return 125;
}
