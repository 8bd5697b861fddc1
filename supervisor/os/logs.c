/* logs.c - suplog: found, started, kept alive, and let finish; see logs.h. */
#include "supervisor/os/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/os/find_program.h"
#include "supervisor/os/log.h"
#include "supervisor/os/logs_internal.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"

enum {
	DELAY_FIRST_MS =
		10, /* after the first death, which costs no delay, twice as much each time */
	DELAY_MAX_MS = 1000,
	STEADY_MS = 10000, /* alive for so long, and its next death costs no delay */
	RETRY_MS = 10,
	DESCRIPTORS_OTHER = 1024, /* for all else that supd opens */
};

/* ---- set-up */

/* Two descriptors for each pipe. */
static uint64_t count_descriptors(const struct spec *spec)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct log_spec *log =
			spec_node(spec, i)->kind == KIND_PROCESS ? spec_log(spec, i) : NULL;

		if (log && log->to != SPEC_LOG_TO_NOWHERE)
			n += log->streams == SPEC_LOG_STREAMS_MERGED ? 2 : 4;
	}
	return n;
}

/* Only root gets more than the hard limit. */
static void make_descriptors(uint64_t n)
{
	const rlim_t wanted = (rlim_t)n + DESCRIPTORS_OTHER;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){wanted, wanted}) == 0)
		return;
	log_message(LOG_WARNING, NULL,
		"the logs of this tree need about %llu descriptors, and supd may have %llu: raise "
		"the limit of open files (ulimit -Hn), write streams = merged, or give fewer "
		"children a log",
		(unsigned long long)wanted, (unsigned long long)limit.rlim_cur);
}

static void suplog_ended(struct helper *helper, struct end end);
static void suplog_says(struct watch *watch, uint32_t epoll_events);

struct logs *logs_new(struct shell *shell, const char *dir, uint32_t capacity)
{
	struct logs *logs = calloc(1, sizeof(*logs));
	const uint64_t descriptors = count_descriptors(shell->spec);

	if (!logs)
		return NULL;
	logs->shell = shell;
	logs->capacity = capacity;
	logs->free_id = ENGINE_NONE;
	logs->listener = logs->journal = logs->stage[0] = logs->stage[1] = logs->null = -1;
	logs->watch = (struct watch){.fd = -1, .ready = suplog_says};
	logs->helper.ended = suplog_ended;
	logs->start_ms = logs->retry_ms = INT64_MAX;
	logs->suplog = find_program("suplog");
	if (asprintf(&logs->sockets, "%s/logs", dir) < 0)
		logs->sockets = NULL;
	if (logs->sockets && (logs->suplog || descriptors == 0)) {
		if (descriptors > 0)
			make_descriptors(descriptors);
		return logs;
	}
	errno = logs->sockets ? ENOENT : ENOMEM;
	logs_free(logs);
	return NULL;
}

static void close_end(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

static void drop_socket(struct logs *logs)
{
	if (logs->watch.fd < 0)
		return;
	loop_remove(logs->shell->loop, &logs->watch);
	(void)close(logs->watch.fd);
	logs->watch.fd = -1;
	logs->wants_room = false;
}

/* What was never drained is nobody's any more. */
void logs_free(struct logs *logs)
{
	if (!logs)
		return;
	if (logs->helper.pid > 0) {
		(void)kill(logs->helper.pid, SIGKILL);
		reaper_drop_helper(logs->shell->reaper, &logs->helper);
	}
	drop_socket(logs);
	if (logs->listener >= 0 && logs->sockets)
		(void)unlink(logs->sockets);
	logs_forget_all(logs);
	close_end(logs->listener);
	close_end(logs->journal);
	close_end(logs->stage[0]);
	close_end(logs->stage[1]);
	close_end(logs->null);
	free(logs->sockets);
	free(logs->suplog);
	free(logs);
}

/* What is kept over suplog's deaths. What is there already, stays. */
static int open_kept(struct logs *logs)
{
	if (logs->journal < 0)
		logs->journal = memfd_create("supd-journal", MFD_CLOEXEC);
	if (logs->journal < 0 || (logs->stage[0] < 0 && pipe2(logs->stage, O_CLOEXEC) < 0))
		return -errno;
	if (logs->listener < 0) {
		int fd = listen_control(logs->sockets);

		if (fd < 0)
			return fd;
		logs->listener = fd;
	}
	return logs_open_to_readers(logs);
}

int logs_need(struct logs *logs)
{
	int error;

	if (logs->is_open)
		return 0;
	if (!logs->suplog) {
		log_message(LOG_ERROR, NULL, "cannot find suplog, for logs, beside supd or in %s",
			SUPD_LIBEXECDIR);
		return -ENOENT;
	}
	if (logs->shell->spec->log_uid != PROC_ID_INHERIT && geteuid() != 0 &&
		geteuid() != logs->shell->spec->log_uid) {
		log_message(LOG_ERROR, NULL,
			"log_user: suplog cannot become another user, since "
			"supd is not root: remove the key, or start supd as root");
		return -EPERM;
	}
	error = open_kept(logs);
	if (error < 0) {
		log_message(LOG_ERROR, NULL, "cannot open what logs need in %s: %s", logs->sockets,
			strerror(-error));
		return error;
	}
	logs->is_open = true;
	logs->start_ms = 0;
	return 0;
}

/* ---- its life */

/* The delay that its death costs. */
static int64_t next_delay_ms(struct logs *logs, int64_t now_ms)
{
	const int64_t delay_ms = now_ms - logs->began_ms >= STEADY_MS ? 0 : logs->delay_ms;

	logs->delay_ms = delay_ms == 0 ? DELAY_FIRST_MS : delay_ms * 2;
	if (logs->delay_ms > DELAY_MAX_MS)
		logs->delay_ms = DELAY_MAX_MS;
	return delay_ms;
}

static int start_suplog(struct logs *logs)
{
	struct end failure = {0};
	char words[128];
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = logs_spawn(logs, ends[1], &failure);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		log_message(LOG_ERROR, NULL, "cannot start %s: %s", logs->suplog,
			end_in_words(&failure, words, sizeof(words)));
		return -EAGAIN;
	}
	reaper_add_helper(logs->shell->reaper, &logs->helper, pid);
	logs->watch.fd = ends[0];
	if (loop_add(logs->shell->loop, &logs->watch, EPOLLIN) < 0) {
		/* It ends by the end of its socket, and another one is tried. */
		(void)close(ends[0]);
		logs->watch.fd = -1;
	}
	logs->reopen = false; /* it opens all of them */
	logs_tell_all(logs);
	return 0;
}

static void start_or_delay(struct logs *logs, int64_t now_ms)
{
	logs->start_ms = INT64_MAX;
	logs->began_ms = now_ms;
	if (start_suplog(logs) < 0)
		logs->start_ms = now_ms + DELAY_MAX_MS;
}

static void suplog_ended(struct helper *helper, struct end end)
{
	struct logs *logs = (struct logs *)((char *)helper - offsetof(struct logs, helper));
	const int64_t now_ms = loop_now_ms(logs->shell->loop);
	char words[128];

	log_message(LOG_WARNING, NULL, "suplog %s: a new one goes on where it was",
		end_in_words(&end, words, sizeof(words)));
	drop_socket(logs);
	logs->start_ms = now_ms + next_delay_ms(logs, now_ms);
}

static void suplog_says(struct watch *watch, uint32_t epoll_events)
{
	struct logs *logs = (struct logs *)((char *)watch - offsetof(struct logs, watch));
	bool more = true;

	if (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		more = logs_hear(logs);
	if (epoll_events & EPOLLOUT)
		logs->retry_ms = 0;
	if (more)
		return;
	/* Whoever hears nothing more is of no use; as a rule it has died. */
	drop_socket(logs);
	if (logs->helper.pid > 0)
		(void)kill(logs->helper.pid, SIGKILL);
}

/* ---- by time */

void logs_reopen(struct logs *logs)
{
	if (!logs->is_open)
		return;
	logs->reopen = true;
	logs->retry_ms = 0;
}

int64_t logs_deadline_ms(const struct logs *logs)
{
	return logs->start_ms < logs->retry_ms ? logs->start_ms : logs->retry_ms;
}

/* Says what is to be said, and watches for room when there is none. */
static void send_all(struct logs *logs, int64_t now_ms)
{
	const int error = logs_send(logs);
	const bool wants_room = error == -EAGAIN;

	logs->retry_ms = error == -ENOBUFS ? now_ms + RETRY_MS : INT64_MAX;
	if (logs->watch.fd < 0 || wants_room == logs->wants_room)
		return;
	if (loop_change(logs->shell->loop, &logs->watch,
		    wants_room ? EPOLLIN | EPOLLOUT : EPOLLIN) == 0)
		logs->wants_room = wants_room;
}

/* Is something to be said, and nothing in the way that tells when it is gone? */
static bool may_send(const struct logs *logs)
{
	return logs->first && logs->watch.fd >= 0 && !logs->wants_room &&
	       logs->retry_ms == INT64_MAX;
}

void logs_time(struct logs *logs, int64_t now_ms)
{
	if (logs->start_ms <= now_ms && logs->helper.pid == 0)
		start_or_delay(logs, now_ms);
	if (logs->retry_ms <= now_ms || may_send(logs))
		send_all(logs, now_ms);
}

/* ---- the end */

static int64_t now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A signal that stops supd stops this wait, too; others are taken away. */
static bool told_to_stop(int signal_fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT ||
			info.ssi_signo == SIGQUIT)
			return true;
	return false;
}

/* Reaps suplog when it has ended. One that has not ended well is followed by another one, which
 * goes on. Returns true when all is written. */
static bool is_drained(struct logs *logs)
{
	int status = 0;

	if (waitpid(logs->helper.pid, &status, WNOHANG) != logs->helper.pid)
		return false;
	reaper_drop_helper(logs->shell->reaper, &logs->helper);
	drop_socket(logs);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	logs->drain = true;
	return start_suplog(logs) < 0;
}

/* One look at what happens. Returns true when it is over. */
static bool drain_step(struct logs *logs, int signal_fd, int64_t left_ms)
{
	const int error = logs_send(logs);
	struct pollfd watches[] = {
		{.fd = signal_fd, .events = POLLIN},
		{.fd = logs->watch.fd, .events = POLLIN},
	};

	if (error == -EAGAIN)
		watches[1].events |= POLLOUT;
	if (error == -ENOBUFS && left_ms > RETRY_MS)
		left_ms = RETRY_MS;
	if (poll(watches, 2, (int)left_ms) < 0 && errno != EINTR)
		return true;
	if (watches[1].revents & (POLLIN | POLLHUP | POLLERR) && !logs_hear(logs))
		drop_socket(logs);
	if (watches[0].revents && told_to_stop(signal_fd))
		return true;
	return is_drained(logs);
}

void logs_end(struct logs *logs, int signal_fd)
{
	const int64_t until_ms = now_ms() + LOGS_DRAIN_MS;
	bool over = false;

	if (!logs->is_open)
		return;
	logs_close_writers(logs);
	logs->drain = true;
	if (logs->helper.pid == 0 && start_suplog(logs) < 0)
		return;
	for (int64_t left_ms = LOGS_DRAIN_MS; left_ms > 0 && !over; left_ms = until_ms - now_ms())
		over = drain_step(logs, signal_fd, left_ms);
	if (logs->helper.pid > 0)
		log_message(LOG_WARNING, NULL,
			"suplog had not written all that was left, and is killed");
	log_flush();
}
