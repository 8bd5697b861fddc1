/* supsink.c - events on standard input, metrics to a statsd server.
 *
 *     supsink statsd TARGET       TARGET: HOST:PORT or PORT, HOST an address or localhost
 *
 * supd runs it for a sink with the key statsd; `supctl events --json | supsink statsd 8125` works,
 * too. A line that is no event is passed over. Ends with its input. Metrics that belong together go
 * in one datagram; who does not listen loses them. */
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
#include <unistd.h>

#include <jansson.h>

#include "config/probe.h"

enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	INPUT_SIZE = 64 * 1024,
	DATAGRAM_SIZE = 1400, /* fits into one frame */
	METRIC_SIZE = 512,
	NAME_SIZE = 256,
};

static const char usage[] =
	"usage: supsink statsd TARGET\n"
	"\n"
	"Reads events, a line of JSON each, as supd and supctl events --json write them, and\n"
	"sends metrics to the statsd server at TARGET: HOST:PORT or PORT.\n"
	"HOST is an address, IPv6 in brackets, or localhost: names are not looked up.\n";

struct sink {
	int fd;
	char datagram[DATAGRAM_SIZE];
	size_t n;
	unsigned events; /* not yet counted in a metric */
};

/* ---- metrics out */

static void flush(struct sink *sink)
{
	/* Nobody there (ECONNREFUSED) is no reason to end: it may come back. */
	if (sink->n > 0 && send(sink->fd, sink->datagram, sink->n, 0) < 0 && errno == EBADF)
		exit(EXIT_FAILED);
	sink->n = 0;
}

__attribute__((format(printf, 2, 3))) static void metric(struct sink *sink, const char *format, ...)
{
	char text[METRIC_SIZE];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n <= 0 || (size_t)n >= sizeof(text))
		return;
	if (sink->n > 0 && sink->n + 1 + (size_t)n > sizeof(sink->datagram))
		flush(sink);
	if (sink->n > 0)
		sink->datagram[sink->n++] = '\n';
	memcpy(sink->datagram + sink->n, text, (size_t)n);
	sink->n += (size_t)n;
}

/* ---- events in */

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

static bool is(const json_t *event, const char *key, const char *value)
{
	return strcmp(text_of(event, key), value) == 0;
}

/* "web/app.1" -> "web.app_1": dots separate, and the rest of statsd's own characters go. */
static const char *metric_name(const char *path, char buf[static NAME_SIZE])
{
	size_t n = 0;

	for (; *path && n < NAME_SIZE - 1; path++) {
		bool plain = (*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z') ||
			     (*path >= '0' && *path <= '9') || *path == '-';

		buf[n] = '_';
		if (*path == '/')
			buf[n] = '.';
		else if (plain)
			buf[n] = *path;
		n++;
	}
	buf[n] = '\0';
	return strcmp(buf, ".") == 0 ? "root" : buf;
}

static void take_state(struct sink *sink, const json_t *event, const char *name)
{
	bool process = is(event, "kind", "process");

	if (is(event, "to", "starting") &&
		(is(event, "why", "restart") || is(event, "why", "sibling")))
		metric(sink, "supd.restarts.%s:1|c", name);
	if (process && is(event, "from", "running") && is(event, "why", "exit"))
		metric(sink, "supd.exits.%s:1|c", name);
	if (is(event, "why", "start_failed") || is(event, "why", "start_timeout"))
		metric(sink, "supd.starts_failed.%s:1|c", name);
	if (json_object_get(event, "limit") && !is(event, "to", "parked"))
		metric(sink, "supd.limits.%s:1|c", name);
	if (is(event, "to", "running"))
		metric(sink, "supd.up.%s:1|g", name);
	else if (is(event, "from", "running"))
		metric(sink, "supd.up.%s:0|g", name);
}

static void take_event(struct sink *sink, const json_t *event)
{
	json_int_t lost = json_integer_value(json_object_get(event, "lost"));
	char name[NAME_SIZE];
	const char *path = metric_name(text_of(event, "path"), name);

	sink->events++;
	if (lost > 0)
		metric(sink, "supd.events_lost:%lld|c", (long long)lost);
	if (is(event, "kind", "health"))
		metric(sink, "supd.healthy.%s:%d|g", path, is(event, "to", "healthy"));
	else if (is(event, "kind", "operator"))
		metric(sink, "supd.operators.%s:1|c", text_of(event, "to"));
	else if (!is(event, "kind", "suspend") && !is(event, "kind", "reload"))
		take_state(sink, event, path);
}

static void take_line(struct sink *sink, const char *line, size_t n)
{
	json_t *event = json_loadb(line, n, 0, NULL);

	if (json_is_object(event) && json_object_get(event, "seq"))
		take_event(sink, event);
	json_decref(event);
}

/* Takes the whole lines of input. Returns how many bytes they are. */
static size_t take_lines(struct sink *sink, const char *input, size_t n)
{
	size_t taken = 0;

	for (;;) {
		const char *end = memchr(input + taken, '\n', n - taken);

		if (!end)
			return taken;
		take_line(sink, input + taken, (size_t)(end - input) - taken);
		taken = (size_t)(end - input) + 1;
	}
}

/* Nothing more is there for now. */
static void settle(struct sink *sink)
{
	if (sink->events > 0)
		metric(sink, "supd.events:%u|c", sink->events);
	sink->events = 0;
	flush(sink);
}

static bool more_is_there(void)
{
	struct pollfd watch = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&watch, 1, 0) == 1;
}

static int run(struct sink *sink)
{
	static char input[INPUT_SIZE];
	size_t n = 0;

	for (;;) {
		ssize_t more = read(STDIN_FILENO, input + n, sizeof(input) - n);
		size_t taken;

		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0)
			break;
		n += (size_t)more;
		taken = take_lines(sink, input, n);
		/* A line that is longer than anything that supd writes is none of its. */
		if (taken == 0 && n == sizeof(input))
			taken = n;
		memmove(input, input + taken, n - taken);
		n -= taken;
		if (!more_is_there())
			settle(sink);
	}
	settle(sink);
	return EXIT_SUCCESS;
}

/* ---- where to */

/* localhost: the server listens at one of two addresses, and a datagram gets no answer that tells
 * which; IPv4 is what statsd servers use. */
static int connect_to(const struct probe_target *target)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(target->port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(target->port)};
	bool ipv6 = target->family == PROBE_IPV6;
	const struct sockaddr *address = ipv6 ? (const struct sockaddr *)(const void *)&in6
					      : (const struct sockaddr *)(const void *)&in;
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (target->family == PROBE_LOCALHOST)
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		memcpy(&in.sin_addr, target->address, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, target->address, sizeof(in6.sin6_addr));
	if (connect(fd, address, ipv6 ? sizeof(in6) : sizeof(in)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

int main(int argc, char **argv)
{
	struct probe_target target;
	const char *why = "";
	static struct sink sink;

	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		(void)fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	if (argc != 3 || strcmp(argv[1], "statsd") != 0) {
		(void)fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (probe_parse_tcp(argv[2], &target, &why) < 0 || target.family == PROBE_UNIX) {
		(void)fprintf(stderr, "supsink: '%s' is not HOST:PORT or PORT: %s\n", argv[2], why);
		return EXIT_USAGE;
	}
	sink.fd = connect_to(&target);
	if (sink.fd < 0) {
		(void)fprintf(stderr, "supsink: cannot send to %s: %s\n", argv[2], strerror(errno));
		return EXIT_FAILED;
	}
	return run(&sink);
}
