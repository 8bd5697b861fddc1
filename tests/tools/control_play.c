/* control_play.c - plays the cases of a file like tests/control/broken.txt on a control socket.
 *
 *     control_play SOCKET FILE
 *
 * Prints a line for each failed case, then how many were played; exits 1 if one failed. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PING "{\"method\":\"org.supd.Supervisor.Ping\"}"
#define PONG "{\"parameters\":{}}"

enum {
	WAIT_MS = 20000, /* for what must come; generous, for loaded machines */
	FULL_MS = 300,	 /* no room for so long: the other side takes no more */
	REPLY_MAX = 1 << 20,
	PIECE_SIZE = 1 << 16,
};

struct connection {
	int fd;
	size_t n; /* bytes in in[] */
	char in[REPLY_MAX];
};

struct play {
	const char *path;
	struct connection *client;    /* of the case under way */
	struct connection *bystander; /* connected all the time */
	char name[128];
	bool failed; /* this case */
	int cases;
	int failures;
};

static void fail(struct play *play, const char *what, const char *detail)
{
	if (!play->failed)
		printf("not ok - %s: %s %s\n", play->name, what, detail);
	play->failures += !play->failed;
	play->failed = true;
}

static void open_connection(struct connection *connection, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	connection->n = 0;
	connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connection->fd >= 0 &&
		connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return;
	perror(path);
	exit(2);
}

static void close_connection(struct connection *connection)
{
	if (connection->fd >= 0)
		(void)close(connection->fd);
	connection->fd = -1;
}

static bool wait_ready(int fd, short events, int timeout_ms)
{
	struct pollfd ready = {.fd = fd, .events = events};

	return poll(&ready, 1, timeout_ms) > 0;
}

/* Returns false when the other side closed, or took nothing for patience_ms. */
static bool send_all(struct connection *connection, const char *bytes, size_t n, int patience_ms)
{
	while (n > 0) {
		ssize_t sent = send(connection->fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 &&
			(errno != EAGAIN || !wait_ready(connection->fd, POLLOUT, patience_ms)))
			return false;
		if (sent < 0)
			continue;
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* The next message, NULL: closed. *ret_late: neither came. */
static const char *receive(struct connection *connection, char *message, bool *ret_late)
{
	char *nul;

	*ret_late = false;
	while (!(nul = memchr(connection->in, '\0', connection->n))) {
		ssize_t n = recv(connection->fd, connection->in + connection->n,
			sizeof(connection->in) - connection->n, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return NULL;
		if (n > 0)
			connection->n += (size_t)n;
		else if (!wait_ready(connection->fd, POLLIN, WAIT_MS)) {
			*ret_late = true;
			return NULL;
		}
	}
	memcpy(message, connection->in, (size_t)(nul - connection->in) + 1);
	connection->n -= (size_t)(nul - connection->in) + 1;
	memmove(connection->in, nul + 1, connection->n);
	return message;
}

/* expected NULL: that the connection is closed. */
static void expect(struct play *play, struct connection *connection, const char *expected)
{
	static char message[REPLY_MAX];
	bool late;
	const char *got = receive(connection, message, &late);

	if (late)
		fail(play, "waited in vain for", expected ? expected : "the end");
	else if (!got && expected)
		fail(play, "closed instead of", expected);
	else if (got && (!expected || strcmp(got, expected) != 0))
		fail(play, "got", got);
}

static void ping(struct play *play, struct connection *connection)
{
	if (!send_all(connection, PING, sizeof(PING), WAIT_MS))
		fail(play, "could not send", PING);
	else
		expect(play, connection, PONG);
}

/* Undoes the escapes in place; returns the number of bytes. */
static size_t unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		unsigned byte = (unsigned char)*in;

		if (*in == '\\' && in[1] == 'x' && sscanf(in + 2, "%2x", &byte) == 1) {
			in += 3;
		} else if (*in == '\\' && in[1]) {
			in++;
			byte = *in == '0'   ? '\0'
			       : *in == 'n' ? '\n'
			       : *in == 'r' ? '\r'
			       : *in == 't' ? '\t'
					    : (unsigned char)*in;
		}
		*out++ = (char)byte;
	}
	return (size_t)(out - text);
}

/* "N TEXT": sends TEXT N times, many of them at once. */
static void send_many(struct play *play, char *line, int patience_ms)
{
	static char piece[PIECE_SIZE];
	char *text;
	long times = strtol(line, &text, 10);
	size_t n = *text ? unescape(++text) : 0;
	long at_once = n ? (long)(sizeof(piece) / n) : 0;

	if (times <= 0 || at_once == 0) {
		fail(play, "not understood:", line);
		return;
	}
	for (long i = 0; i < at_once; i++)
		memcpy(piece + (size_t)i * n, text, n);
	while (times > 0) {
		long now = times < at_once ? times : at_once;

		if (!send_all(play->client, piece, (size_t)now * n, patience_ms))
			return;
		times -= now;
	}
}

static void end_case(struct play *play)
{
	struct connection *other;

	if (!play->name[0])
		return;
	/* The client of the case is still connected: it must not be in the others' way. */
	ping(play, play->bystander);
	other = malloc(sizeof(*other));
	if (!other)
		exit(2);
	open_connection(other, play->path);
	ping(play, other);
	close_connection(other);
	free(other);
	close_connection(play->client);
	play->cases++;
}

static void begin_case(struct play *play, const char *name)
{
	end_case(play);
	(void)snprintf(play->name, sizeof(play->name), "%s", name);
	play->failed = false;
	open_connection(play->client, play->path);
}

static void play_line(struct play *play, char *line)
{
	char *rest = line + 2;

	if (line[0] == '\0' || line[0] == '#' || line[1] != ' ')
		return;
	if (line[0] == '=')
		begin_case(play, rest);
	else if (line[0] == '>')
		(void)send_all(play->client, rest, unescape(rest), WAIT_MS);
	else if (line[0] == '*')
		send_many(play, rest, WAIT_MS);
	else if (line[0] == '!')
		send_many(play, rest, FULL_MS);
	else if (line[0] == '<')
		expect(play, play->client, rest);
	else if (strcmp(line, ". closed") == 0)
		expect(play, play->client, NULL);
	else if (strcmp(line, ". open") == 0)
		ping(play, play->client);
	else if (strcmp(line, ". half") == 0)
		(void)shutdown(play->client->fd, SHUT_WR);
	else
		fail(play, "not understood:", line);
}

int main(int argc, char **argv)
{
	struct play play = {.client = malloc(sizeof(struct connection)),
		.bystander = malloc(sizeof(struct connection))};
	FILE *file = argc == 3 ? fopen(argv[2], "re") : NULL;
	char *line = NULL;
	size_t size = 0;

	if (!file || !play.client || !play.bystander) {
		fprintf(stderr, "usage: control_play SOCKET FILE\n");
		return 2;
	}
	play.path = argv[1];
	open_connection(play.bystander, play.path);
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		play_line(&play, line);
	}
	end_case(&play);
	close_connection(play.bystander);
	(void)fclose(file);
	free(line);
	free(play.client);
	free(play.bystander);
	printf("%d cases, %d failed\n", play.cases, play.failures);
	return play.failures > 0 || play.cases == 0;
}
