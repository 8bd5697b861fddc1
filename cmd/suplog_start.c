/* suplog_start.c - the logger's beginning: alone, or for supd, where a predecessor left off. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/suplog.h"

/* ---- alone: standard input is the one stream */

static void signals_ready(struct suplog *s, struct watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			files_reopen(s);
		else if (info.ssi_signo == SIGTERM)
			loop_drain(s);
	}
}

/* Alone it hears them; for supd it ends by what supd says, and by nothing else. */
static int signals_start(struct suplog *s)
{
	sigset_t heard;
	sigset_t all;

	(void)sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -errno;
	/* Pending ones that nobody reads would be kept for programs that it starts. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	if (s->options.supd)
		return 0;
	(void)sigemptyset(&heard);
	(void)sigaddset(&heard, SIGHUP);
	(void)sigaddset(&heard, SIGTERM);
	s->signals = (struct watch){
		.ready = signals_ready,
		.fd = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK),
	};
	if (s->signals.fd < 0)
		return -errno;
	return watch_set(s, &s->signals, EPOLLIN);
}

static int start_alone(struct suplog *s, const char **ret_what)
{
	struct log_message message = {.kind = LOG_MESSAGE_STREAM,
		.pid = 1,
		.stream = LOG_STREAM_OUT,
		.path = s->options.prefix,
		.settings = s->options.settings};
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	struct stream *stream;
	int rc = fd < 0 ? -errno : stream_tell(s, &message, fd);

	s->may_exec = message.settings.compress != LOG_COMPRESS_NONE;
	*ret_what = "read standard input";
	if (rc < 0 && rc != -EPERM)
		return rc;
	stream = s->streams[0];
	/* A file is always ready, and epoll does not take it. */
	stream->always = rc == -EPERM;
	s->alone = stream;
	if (stream->always)
		stream_make_ready(s, stream);
	return 0;
}

/* ---- for supd */

/* Did supd start it? */
static int check_inherited(void)
{
	int type = 0;
	socklen_t size = sizeof(type);

	for (int fd = LOG_FD_SOCKET; fd <= LOG_FD_LISTEN; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	if (getsockopt(LOG_FD_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return -errno;
	return type == SOCK_SEQPACKET ? 0 : -EPROTOTYPE;
}

static int start_for_supd(struct suplog *s, const char **ret_what)
{
	int rc;

	s->stage_in = LOG_FD_STAGE_IN;
	s->stage_out = LOG_FD_STAGE_OUT;
	for (int size = SUPLOG_PIPE_SIZE; size >= 4096; size /= 2)
		if (fcntl(s->stage_out, F_SETPIPE_SZ, size) >= 0)
			break;
	rc = fcntl(s->stage_out, F_GETPIPE_SZ);
	s->stage_size = rc > 0 ? (size_t)rc : 65536;
	streams_restore(s);
	*ret_what = "recover what was under way";
	rc = batch_recover(s);
	if (rc < 0)
		return rc;
	server_start(s);
	messages_start(s);
	return 0;
}

/* ---- both */

static int start(struct suplog *s, const char **ret_what)
{
	int rc;

	*ret_what = "wait for events";
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0)
		return -errno;
	(void)umask(0);
	clock_read(s);
	*ret_what = "hear signals";
	rc = signals_start(s);
	if (rc < 0)
		return rc;
	sink_open(s);
	room_start(s);
	*ret_what = "map its journal";
	return memory_open(s, s->options.supd ? LOG_FD_JOURNAL : -1);
}

int suplog_start(struct suplog *s, const char **ret_what)
{
	int rc;

	s->owner = getuid();
	s->ready_end = &s->ready_first;
	s->jobs_end = &s->jobs;
	s->stage_in = s->stage_out = -1;
	s->peek_in = s->peek_out = -1;
	s->stage_size = SUPLOG_PIPE_SIZE;
	s->batch_most = s->options.batch_size;
	s->supd.fd = s->signals.fd = s->listener.fd = s->compressor.fd = -1;
	*ret_what = "be the logger of supd, which starts it by itself";
	rc = s->options.supd ? check_inherited() : 0;
	if (rc == 0)
		rc = start(s, ret_what);
	if (rc < 0)
		return rc;
	return s->options.supd ? start_for_supd(s, ret_what) : start_alone(s, ret_what);
}
