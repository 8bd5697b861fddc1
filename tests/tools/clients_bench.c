/* clients_bench.c - what clients cost the restart of a child (tests/bench-clients).
 *
 *     clients_bench child FIFO             a child: tells when it began to run, then waits
 *     clients_bench measure FIFO N         kills it N times; prints the milliseconds from kill to
 *                                          that: p50 p99 max
 *     clients_bench clients SOCKET S P     S clients that subscribe and never read, P that ask for
 *                                          Status, each again as soon as it has its answer; prints
 *                                          how many answers a second came, when TERM ends it
 *
 * The child tells by itself, so that what is measured does not go through the control socket. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES_MAX = 100000, CLIENTS_MAX = 1024, PAUSE_US = 3000 };

/* One write, so that it comes whole. */
struct begun {
	pid_t pid;
	int64_t ns;
};

static volatile sig_atomic_t over;

static void on_term(int signal)
{
	(void)signal;
	over = 1;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int child(const char *fifo)
{
	struct begun begun = {.pid = getpid(), .ns = now_ns()};
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, &begun, sizeof(begun)) != sizeof(begun))
		die(fifo);
	for (;;)
		(void)pause();
}

static int compare(const void *a, const void *b)
{
	const int64_t *left = a;
	const int64_t *right = b;

	return (*left > *right) - (*left < *right);
}

static struct begun next(int fd)
{
	struct begun begun;

	if (read(fd, &begun, sizeof(begun)) != sizeof(begun))
		die("read");
	return begun;
}

static int measure(const char *fifo, int n)
{
	static int64_t samples[SAMPLES_MAX];
	int fd = open(fifo, O_RDWR | O_CLOEXEC);
	struct begun begun;

	if (fd < 0 || n < 1 || n > SAMPLES_MAX)
		die(fifo);
	begun = next(fd);
	for (int i = 0; i < n; i++) {
		int64_t killed_ns;

		/* At another moment of supd's turns each time. */
		(void)usleep((useconds_t)(PAUSE_US + i * 37 % 1000));
		killed_ns = now_ns();
		if (kill(begun.pid, SIGKILL) < 0)
			die("kill");
		begun = next(fd);
		samples[i] = begun.ns - killed_ns;
	}
	qsort(samples, (size_t)n, sizeof(samples[0]), compare);
	printf("%.3f %.3f %.3f\n", (double)samples[n / 2] / 1e6,
		(double)samples[n * 99 / 100] / 1e6, (double)samples[n - 1] / 1e6);
	return 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 ||
		connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0)
		die(path);
	return fd;
}

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text) + 1, MSG_NOSIGNAL) < 0)
		die("send");
}

static int clients(const char *path, int subscribers, int pollers)
{
	static const char subscribe[] =
		"{\"method\":\"org.supd.Supervisor.Subscribe\",\"more\":true}";
	static const char status[] = "{\"method\":\"org.supd.Supervisor.Status\"}";
	static struct pollfd watch[CLIENTS_MAX];
	char bytes[65536];
	int64_t began_ns;
	long answers = 0;

	if (pollers > CLIENTS_MAX)
		die("too many");
	for (int i = 0; i < subscribers; i++)
		say(connect_to(path), subscribe);
	for (int i = 0; i < pollers; i++) {
		watch[i] = (struct pollfd){.fd = connect_to(path), .events = POLLIN};
		say(watch[i].fd, status);
	}
	printf("ready\n");
	(void)fflush(stdout);
	began_ns = now_ns();
	while (!over && poll(watch, (nfds_t)pollers, -1) > 0) {
		for (int i = 0; i < pollers; i++) {
			ssize_t n = watch[i].revents ? read(watch[i].fd, bytes, sizeof(bytes)) : 0;

			if (n <= 0 || bytes[n - 1] != '\0')
				continue;
			answers++;
			say(watch[i].fd, status);
		}
	}
	printf("%.0f\n", (double)answers * 1e9 / (double)(now_ns() - began_ns));
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_term};

	if (argc == 3 && strcmp(argv[1], "child") == 0)
		return child(argv[2]);
	if (argc == 4 && strcmp(argv[1], "measure") == 0)
		return measure(argv[2], atoi(argv[3]));
	if (argc == 5 && strcmp(argv[1], "clients") == 0) {
		(void)sigaction(SIGTERM, &action, NULL);
		return clients(argv[2], atoi(argv[3]), atoi(argv[4]));
	}
	return 2;
}
