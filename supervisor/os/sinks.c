/* sinks.c - see sinks.h. */
#include "supervisor/os/sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "config/units.h"
#include "supervisor/os/find_program.h"
#include "supervisor/os/log.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/spawn.h"
#include "supervisor/wire/stages.h"

enum {
	WRITES_A_TURN = 16,
	DELAY_MIN_MS = 100,
	DELAY_MAX_MS = 30000,
	STEADY_MS = 10000, /* up for so long, the next start comes soon */
	END_MS = 1000,	   /* for all of them together */
	WORDS_MAX = 4,	   /* of supsink, and a NULL */
	VARIABLE_SIZE = 128,
};

struct sink {
	struct watch watch;   /* owns watch.fd, the writing end of its standard input; -1: none */
	struct helper helper; /* pid 0: it does not run */
	struct sinks *sinks;
	const struct sink_spec *spec;
	uint64_t next_seq; /* of the event that it gets next */
	int64_t start_ms;  /* when it is started; INT64_MAX: it runs */
	int64_t began_ms;
	int64_t delay_ms;
	bool refused; /* it has closed its input, and is told to end */
	bool blocked; /* its pipe is full, or its turn is over: the watch says when to go on */
};

struct sinks {
	struct shell *shell;
	char *supsink; /* malloc; NULL: none needs it */
	uint32_t n;
	struct sink sink[];
};

static const char *name_of(const struct sink *sink)
{
	return spec_str(shell_spec(sink->sinks->shell), sink->spec->name);
}

/* ---- feeding */

static void stop_feeding(struct sink *sink)
{
	if (sink->watch.fd < 0)
		return;
	loop_remove(sink->sinks->shell->loop, &sink->watch);
	(void)close(sink->watch.fd);
	sink->watch.fd = -1;
}

static void set_blocked(struct sink *sink, bool blocked)
{
	struct loop *loop = sink->sinks->shell->loop;

	if (sink->blocked == blocked)
		return;
	if (loop_change(loop, &sink->watch, blocked ? EPOLLOUT : 0) == 0)
		sink->blocked = blocked;
}

/* Lines for one write, which the pipe takes whole or not at all. */
struct lines {
	char bytes[PIPE_BUF];
	size_t n;
	uint64_t next_seq; /* behind them */
};

/* As many as fit. Returns false when there are none. */
static bool gather(const struct sink *sink, struct lines *lines)
{
	const struct history *history = server_history(sink->sinks->shell->server);
	struct history_at at = history_seek(history, sink->next_seq);
	struct event_record record;
	const char *path;

	lines->n = 0;
	lines->next_seq = sink->next_seq;
	while (history_next(history, &at, &record, &path)) {
		size_t n = 0;
		char *line = event_line_make(&record, path, record.seq - lines->next_seq, &n);
		bool fits = line && n <= sizeof(lines->bytes) - lines->n;

		if (fits) {
			memcpy(lines->bytes + lines->n, line, n);
			lines->n += n;
			lines->next_seq = record.seq + 1;
		}
		free(line);
		/* One that cannot be written at all is lost: the next one says so. */
		if (!fits && lines->n > 0)
			break;
	}
	return lines->n > 0;
}

/* It has closed its input, or is about to end. */
static void refuse_input(struct sink *sink)
{
	sink->refused = true;
	stop_feeding(sink);
	(void)kill(-sink->helper.pid, SIGTERM);
}

static void feed(struct sink *sink)
{
	uint64_t last = server_events(sink->sinks->shell->server);
	struct lines lines;

	for (int i = 0; i < WRITES_A_TURN; i++) {
		ssize_t n;

		if (sink->next_seq > last || !gather(sink, &lines)) {
			set_blocked(sink, false);
			return;
		}
		n = write(sink->watch.fd, lines.bytes, lines.n);
		if (n < 0 && errno == EPIPE) {
			refuse_input(sink);
			return;
		}
		if (n < 0)
			break;
		sink->next_seq = lines.next_seq;
	}
	set_blocked(sink, true);
}

void sinks_feed(struct sinks *sinks)
{
	for (uint32_t i = 0; sinks && i < sinks->n; i++)
		if (sinks->sink[i].watch.fd >= 0 && !sinks->sink[i].blocked)
			feed(&sinks->sink[i]);
}

static void sink_ready(struct watch *watch, uint32_t epoll_events)
{
	struct sink *sink = (struct sink *)(void *)((char *)watch - offsetof(struct sink, watch));

	if (epoll_events & EPOLLERR)
		refuse_input(sink);
	else
		feed(sink);
}

/* ---- start and end */

static void start_later(struct sink *sink, int64_t now_ms)
{
	sink->start_ms = now_ms + sink->delay_ms;
	sink->delay_ms = sink->delay_ms * 2 < DELAY_MAX_MS ? sink->delay_ms * 2 : DELAY_MAX_MS;
}

static void sink_ended(struct helper *helper, struct end end)
{
	struct sink *sink = (struct sink *)(void *)((char *)helper - offsetof(struct sink, helper));
	int64_t now_ms = loop_now_ms(sink->sinks->shell->loop);
	char words[128];
	char delay[32];

	stop_feeding(sink);
	if (now_ms - sink->began_ms >= STEADY_MS)
		sink->delay_ms = DELAY_MIN_MS;
	(void)end_in_words(&end, words, sizeof(words));
	if (sink->refused && end.kind == END_SIGNALED && end.value == SIGTERM)
		(void)snprintf(words, sizeof(words), "has closed its input, and was stopped");
	sink->refused = false;
	log_message(LOG_WARNING, NULL, "sink %s %s; again in %s", name_of(sink), words,
		format_duration(sink->delay_ms, delay));
	start_later(sink, now_ms);
}

static int spawn_sink(struct sink *sink, int input, struct end *ret_failure, pid_t *ret_pid)
{
	const struct sinks *sinks = sink->sinks;
	const struct spec *spec = shell_spec(sinks->shell);
	const struct spec_list *words =
		sink->spec->argv == SPEC_NONE ? NULL : spec_list(spec, sink->spec->argv);
	const int stdio[3] = {input, -1, -1};
	size_t n = words ? words->n : 0;
	const char **argv = calloc(n + WORDS_MAX, sizeof(*argv));
	char name[VARIABLE_SIZE];
	const char *const variables[] = {name, NULL};
	int result;

	if (!argv)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		argv[i] = spec_str(spec, words->item[i]);
	if (!words) {
		argv[0] = sinks->supsink;
		argv[1] = "statsd";
		argv[2] = spec_str(spec, sink->spec->statsd);
	}
	(void)snprintf(name, sizeof(name), "SUPD_NAME=%s", name_of(sink));
	result = spawn_own(sinks->shell->spawner, (char *const *)(void *)argv, variables, stdio,
		ret_pid, ret_failure);
	free(argv);
	return result;
}

/* Opens its pipe and starts it. Returns 0, or -1 with *ret_failure. */
static int start(struct sink *sink, struct end *ret_failure)
{
	struct loop *loop = sink->sinks->shell->loop;
	int ends[2];
	pid_t pid;
	int result;

	*ret_failure = (struct end){.kind = END_SPAWN_FAILED, .stage = STAGE_DESCRIPTORS};
	if (pipe2(ends, O_CLOEXEC) < 0) {
		ret_failure->value = errno;
		return -1;
	}
	sink->watch.fd = ends[1];
	if (fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0 || loop_add(loop, &sink->watch, 0) < 0) {
		ret_failure->value = errno;
		(void)close(ends[0]);
		(void)close(ends[1]);
		sink->watch.fd = -1;
		return -1;
	}
	result = spawn_sink(sink, ends[0], ret_failure, &pid);
	(void)close(ends[0]);
	if (result < 0) {
		stop_feeding(sink);
		return -1;
	}
	reaper_add_helper(sink->sinks->shell->reaper, &sink->helper, pid);
	sink->blocked = false;
	return 0;
}

int64_t sinks_deadline_ms(const struct sinks *sinks)
{
	int64_t deadline_ms = INT64_MAX;

	for (uint32_t i = 0; sinks && i < sinks->n; i++)
		if (sinks->sink[i].start_ms < deadline_ms)
			deadline_ms = sinks->sink[i].start_ms;
	return deadline_ms;
}

void sinks_time(struct sinks *sinks, int64_t now_ms)
{
	for (uint32_t i = 0; sinks && i < sinks->n; i++) {
		struct sink *sink = &sinks->sink[i];
		struct end failure;
		char words[128];

		if (sink->start_ms > now_ms)
			continue;
		sink->start_ms = INT64_MAX;
		sink->began_ms = now_ms;
		if (start(sink, &failure) == 0)
			continue;
		log_message(LOG_WARNING, NULL, "sink %s cannot be started: %s", name_of(sink),
			end_in_words(&failure, words, sizeof(words)));
		start_later(sink, now_ms);
	}
}

/* ---- its life */

static bool needs_supsink(const struct spec *spec)
{
	for (uint32_t i = 0; i < spec_sinks(spec); i++)
		if (spec_sink(spec, i)->statsd != SPEC_NONE)
			return true;
	return false;
}

struct sinks *sinks_new(struct shell *shell)
{
	const struct spec *spec = shell_spec(shell);
	uint32_t n = spec_sinks(spec);
	struct sinks *sinks;

	errno = 0;
	if (n == 0)
		return NULL;
	sinks = calloc(1, sizeof(*sinks) + n * sizeof(sinks->sink[0]));
	if (!sinks)
		return NULL;
	sinks->shell = shell;
	sinks->n = n;
	for (uint32_t i = 0; i < n; i++)
		sinks->sink[i] = (struct sink){.watch = {.fd = -1, .ready = sink_ready},
			.helper = {.ended = sink_ended},
			.sinks = sinks,
			.spec = spec_sink(spec, i),
			.next_seq = 1,
			.delay_ms = DELAY_MIN_MS};
	if (!needs_supsink(spec))
		return sinks;
	sinks->supsink = find_program("supsink");
	if (sinks->supsink)
		return sinks;
	free(sinks);
	errno = ENOENT;
	return NULL;
}

/* The time that is left of the last second, by a clock of its own: the loop is over. */
static int left_ms(int64_t end_ms)
{
	struct timespec now = {0};
	int64_t left;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	left = end_ms - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return left > 0 ? (int)left : 0;
}

/* Waits for room in its pipe, or for its end. Returns whether that came in time. */
static bool wait_for(int fd, short events, int64_t end_ms)
{
	struct pollfd watch = {.fd = fd, .events = events};

	return poll(&watch, 1, left_ms(end_ms)) == 1 && watch.revents & events;
}

static void end(struct sink *sink, int64_t end_ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, sink->helper.pid, 0);

	while (sink->watch.fd >= 0 && sink->next_seq <= server_events(sink->sinks->shell->server) &&
		wait_for(sink->watch.fd, POLLOUT, end_ms))
		feed(sink);
	stop_feeding(sink);
	if (pidfd < 0 || !wait_for(pidfd, POLLIN, end_ms))
		(void)kill(-sink->helper.pid, SIGKILL);
	if (pidfd >= 0)
		(void)close(pidfd);
	reaper_drop_helper(sink->sinks->shell->reaper, &sink->helper);
}

void sinks_free(struct sinks *sinks)
{
	int64_t end_ms;

	if (!sinks)
		return;
	end_ms = loop_now_ms(sinks->shell->loop) + END_MS;
	for (uint32_t i = 0; i < sinks->n; i++)
		if (sinks->sink[i].helper.pid > 0)
			end(&sinks->sink[i], end_ms);
	free(sinks->supsink);
	free(sinks);
}
