/* supmetrics.c - the server of `supctl metrics --listen`: GET /metrics, /healthz, and / for people.
 *
 *	supmetrics DIR ADDR:PORT
 *
 * supctl starts it; it has a program of its own so that no other command pays for its library. One
 * thread, bounded connections; it reads the status table and /proc, and supd never hears of it. */
#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_health.h"
#include "cmd/supctl_metrics.h"
#include "cmd/supmetrics.h"

enum {
	CONNECTIONS_MAX = 64,
	LONGEST_MS = 10000,
	CONNECTION_S = 10,	      /* so long may one be idle */
	CONNECTION_BYTES = 16 * 1024, /* for its headers */
	FRESH_MS = 1000,	      /* one look serves all who ask within so long */
};

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct server {
	const char *dir;
	struct out out;		  /* for one answer at a time */
	struct measured measured; /* without nodes when there is nothing to be seen */
	int64_t looked_ms;	  /* 0: never */
	struct MHD_Daemon *daemon;
};

/* ---- looking */

/* Looks at the table, at what children take, and at what they log. NULL: there is none to be
 * seen. */
static const struct measured *look(struct server *server)
{
	const char *why;

	if (server->looked_ms == 0 || now_ms() - server->looked_ms >= FRESH_MS) {
		measured_free(&server->measured);
		server->looked_ms = now_ms();
		(void)measure(server->dir, &server->measured, &why);
	}
	return server->measured.snapshot.n > 0 ? &server->measured : NULL;
}

/* ---- answers */

/* Each goes into a file in memory, which the library sends as the client takes it. */
static int answer_begin(struct server *server)
{
	int fd = memfd_create("answer", MFD_CLOEXEC);

	if (fd >= 0)
		out_init(&server->out, fd);
	return fd;
}

static enum MHD_Result answer_send(
	struct server *server, struct MHD_Connection *connection, unsigned status, const char *type)
{
	int fd = server->out.fd;
	struct MHD_Response *response;
	enum MHD_Result result;
	off_t size;

	out_flush(&server->out);
	size = lseek(fd, 0, SEEK_END);
	response = server->out.error || size < 0
			   ? NULL
			   : MHD_create_response_from_fd_at_offset64((uint64_t)size, fd, 0);
	if (!response) {
		(void)close(fd);
		return MHD_NO;
	}
	(void)MHD_add_response_header(response, "Content-Type", type);
	(void)MHD_add_response_header(response, "Cache-Control", "no-store");
	(void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(response, "Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(response, "Allow", "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_metrics(struct server *server, struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
	const struct measured *measured = look(server);
	bool open = accept && strstr(accept, "application/openmetrics-text");

	metrics_print(&server->out, measured, open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS);
	return answer_send(
		server, connection, MHD_HTTP_OK, open ? TYPE_OPENMETRICS : TYPE_PROMETHEUS);
}

static enum MHD_Result answer_page(struct server *server, struct MHD_Connection *connection)
{
	const struct measured *measured = look(server);

	page_print(&server->out, measured ? &measured->snapshot : NULL,
		measured ? measured->usage : NULL);
	return answer_send(server, connection, MHD_HTTP_OK, TYPE_HTML);
}

/* Asked by whoever decides about traffic: a look of its own, without what children take. */
static enum MHD_Result answer_health(struct server *server, struct MHD_Connection *connection)
{
	struct snapshot snapshot = {0};
	const char *why;
	bool seen = snapshot_read(server->dir, &snapshot, &why) == 0;
	bool well = seen && metrics_is_up(&snapshot) && health_is_well(&snapshot, 0);

	health_print(&server->out, seen ? &snapshot : NULL);
	snapshot_free(&snapshot);
	return answer_send(
		server, connection, well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, TYPE_TEXT);
}

static enum MHD_Result answer_text(
	struct server *server, struct MHD_Connection *connection, unsigned status, const char *text)
{
	out_text(&server->out, text);
	return answer_send(server, connection, status, TYPE_TEXT);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **state)
{
	static char headers_seen;
	struct server *server = context;

	(void)version;
	(void)upload;
	/* The first call is for the headers alone; a body, which nobody here wants, is dropped. */
	if (!*state) {
		*state = &headers_seen;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (answer_begin(server) < 0)
		return MHD_NO;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return answer_text(
			server, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_metrics(server, connection);
	if (strcmp(url, "/healthz") == 0)
		return answer_health(server, connection);
	if (strcmp(url, "/") == 0)
		return answer_page(server, connection);
	return answer_text(
		server, connection, MHD_HTTP_NOT_FOUND, "there are /, /metrics and /healthz\n");
}

/* ---- the loop */

static int open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int timeout_ms(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG left;

	if (MHD_get_timeout(daemon, &left) != MHD_YES)
		return -1;
	return left < LONGEST_MS ? (int)left : LONGEST_MS;
}

/* Serves until a signal ends it. */
static int serve(struct server *server, int signals)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[] = {{.fd = info ? info->epoll_fd : -1, .events = POLLIN},
		{.fd = signals, .events = POLLIN}};

	while (!fds[1].revents) {
		if (poll(fds, ARRAY_LEN(fds), timeout_ms(server->daemon)) < 0 && errno != EINTR)
			return SUPCTL_REFUSED;
		if (MHD_run(server->daemon) != MHD_YES)
			return SUPCTL_REFUSED;
	}
	return SUPCTL_DONE;
}

static bool start(struct server *server, int listener)
{
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, server,
		MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_END);
	return server->daemon != NULL;
}

int main(int argc, char **argv)
{
	static struct server server;
	char name[300];
	int listener;
	int signals;
	int status;

	if (argc != 3) {
		complain("supmetrics is a part of `supctl metrics --listen`: run that");
		return SUPCTL_USAGE;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	server.dir = argv[1];
	listener = listen_on(argv[2], name, sizeof name);
	if (listener < 0)
		return SUPCTL_USAGE;
	signals = open_signals();
	if (signals < 0 || !start(&server, listener)) {
		complain("cannot serve on %s", argv[2]);
		return SUPCTL_REFUSED;
	}
	out_init(&server.out, STDOUT_FILENO);
	out_printf(&server.out, "serving http://%s/ (/metrics, /healthz)\n", name);
	out_flush(&server.out);
	announce_ready();
	status = serve(&server, signals);
	MHD_stop_daemon(server.daemon);
	measured_free(&server.measured);
	return status;
}
