/* suplog_loop.c - waits, reads the clock, lets each part do its work. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cmd/suplog.h"
#include "supervisor/log/queue.h"

enum { EVENTS = 64, DRAIN_PATIENCE_MS = 3000 };

void say(const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0)
		(void)dprintf(STDERR_FILENO, "suplog: %s\n", line);
}

int watch_set(struct suplog *s, struct watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.ptr = watch}};
	int op = events == 0 ? EPOLL_CTL_DEL : watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (watch->fd < 0 || events == watch->events)
		return 0;
	if (epoll_ctl(s->epoll_fd, op, watch->fd, &event) < 0)
		return -errno;
	watch->events = events;
	return 0;
}

void watch_close(struct suplog *s, struct watch *watch)
{
	if (watch->fd < 0)
		return;
	(void)watch_set(s, watch, 0);
	(void)close(watch->fd);
	watch->fd = -1;
}

void clock_read(struct suplog *s)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for these clocks */
	s->now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	s->now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void loop_drain(struct suplog *s)
{
	if (s->draining)
		return;
	s->draining = true;
	s->drain_ms = s->now_ms;
	for (uint32_t i = 0; i < s->journal->slots_n; i++)
		if (s->streams[i])
			stream_flush_soon(s, s->streams[i]);
}

/* How long to wait: not at all while there is work, else until something comes. */
static int patience_ms(const struct suplog *s)
{
	if (s->ready_first)
		return 0;
	return s->draining ? DRAIN_PATIENCE_MS : -1;
}

/* Is everything written, or will the rest never be? */
static bool is_drained(const struct suplog *s)
{
	if (s->ready_first)
		return false;
	if (queue_is_empty(s->journal))
		return true;
	if (s->now_ms - s->drain_ms < DRAIN_PATIENCE_MS)
		return false;
	say("nobody reads standard output: the last lines are not written");
	return true;
}

void loop_run(struct suplog *s)
{
	struct epoll_event events[EVENTS];

	while (!s->ended) {
		int n = epoll_wait(s->epoll_fd, events, EVENTS, patience_ms(s));

		clock_read(s);
		for (int i = 0; i < n; i++) {
			struct watch *watch = events[i].data.ptr;

			watch->ready(s, watch, events[i].events);
		}
		batch_run(s);
		if (s->alone && s->alone->ended)
			loop_drain(s);
		sink_drain(s);
		server_flush(s);
		messages_gone(s);
		if (s->draining && is_drained(s))
			s->ended = true;
	}
}

bool suplog_close(struct suplog *s)
{
	bool lost = false;

	server_stop(s);
	jobs_free(s);
	for (uint32_t i = 0; i < s->journal->slots_n; i++) {
		lost = lost || journal_slot(s->journal, i)->dropped_lines > 0;
		if (s->streams[i])
			stream_free(s, s->streams[i]);
	}
	while (s->children)
		child_free(s, s->children);
	free(s->streams);
	free(s->out.text);
	free(s->sink.text);
	if (s->peek_in >= 0)
		(void)close(s->peek_in);
	if (s->peek_out >= 0)
		(void)close(s->peek_out);
	(void)close(s->epoll_fd);
	(void)munmap(s->journal, s->journal_map);
	return lost;
}
