/* shell.c - kernel events into engine events, in a fixed order; see shell.h. */
#include "supervisor/os/shell.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/os/additions.h"
#include "supervisor/os/health.h"
#include "supervisor/os/init.h"
#include "supervisor/os/listen.h"
#include "supervisor/os/log.h"
#include "supervisor/os/logs.h"
#include "supervisor/os/memory_trim.h"
#include "supervisor/os/notify.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/reload.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_children.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/shell_notify.h"
#include "supervisor/os/sinks.h"
#include "supervisor/os/spawn.h"
#include "supervisor/os/status.h"

/* Rows for children that come at run time. */
enum {
	SPARE_ROWS = 256,
	WHY_SIZE = 4096,
	/* From so many bytes on an allocation has pages of its own: of the set-up, and of later. */
	TABLE_BYTES = 8192,
	MMAP_BYTES = 128 * 1024,
	TOP_BYTES = 64 * 1024, /* that the heap grows by */
};

void shell_feed(struct shell *shell, const struct event *event)
{
	engine_step(shell->engine, loop_now_ms(shell->loop), event);
	perform_all(shell);
}

struct engine *shell_engine(struct shell *shell)
{
	return shell->engine;
}

const struct spec *shell_spec(const struct shell *shell)
{
	return shell->spec;
}

struct loop *shell_loop(struct shell *shell)
{
	return shell->loop;
}

const struct status_header *shell_status(const struct shell *shell)
{
	return status_header(shell->status);
}

void shell_count_events(struct shell *shell, uint64_t events)
{
	status_events(shell->status, events);
}

void shell_count_lost(struct shell *shell)
{
	status_event_lost(shell->status);
}

int shell_open_status(struct shell *shell, uint32_t mode, uint32_t gid)
{
	return status_open_to(shell->status, mode, gid);
}

const struct status_record *shell_record(const struct shell *shell, uint32_t index)
{
	return status_record(shell->status, index);
}

const struct trouble *shell_trouble(const struct shell *shell, uint32_t index)
{
	return health_trouble(shell->health, index);
}

void shell_command(struct shell *shell, enum command_kind kind, uint32_t index, uint64_t token)
{
	shell_feed(shell, &(struct event){.kind = EV_COMMAND,
				  .command = {.kind = kind, .index = index, .token = token}});
}

int shell_signal(struct shell *shell, uint32_t index, int signal)
{
	struct view view;

	if (!engine_view(shell->engine, index, &view))
		return -ESRCH;
	return reaper_signal(shell->reaper, view.ref, signal);
}

int shell_suspend(struct shell *shell, uint32_t index, bool suspend)
{
	bool changes = reaper_is_suspended(shell->reaper, index);
	struct view view;
	int error;

	if (!engine_view(shell->engine, index, &view) || view.kind != KIND_PROCESS ||
		view.state != CHILD_RUNNING)
		return -ESRCH;
	error = reaper_suspend(shell->reaper, view.ref, suspend);
	if (error < 0)
		return error;
	changes = changes != reaper_is_suspended(shell->reaper, index);
	/* Its watchdog begins a new period. */
	if (!suspend)
		shell_feed(shell, &(struct event){.kind = EV_PING, .ref = view.ref});
	write_row(shell, index);
	if (changes)
		server_event(shell->server, index, EVENT_SUSPEND,
			suspend ? EVENT_WORD_RUNNING : EVENT_WORD_SUSPENDED,
			suspend ? EVENT_WORD_SUSPENDED : EVENT_WORD_RUNNING);
	return 0;
}

void shell_reopen_logs(struct shell *shell)
{
	logs_reopen(shell->logs);
}

/* A process that stands still cannot serve its watchdog. */
static void ping_for_suspended(struct shell *shell)
{
	uint32_t left = reaper_suspended(shell->reaper);
	struct view view;

	for (uint32_t i = 0; left > 0 && i < engine_capacity(shell->engine); i++) {
		if (!reaper_is_suspended(shell->reaper, i))
			continue;
		left--;
		if (engine_view(shell->engine, i, &view))
			shell_feed(shell, &(struct event){.kind = EV_PING, .ref = view.ref});
	}
}

void shell_shutdown(struct shell *shell, bool brutal)
{
	shell->stopping = true;
	shell_feed(shell, &(struct event){.kind = EV_SHUTDOWN, .brutal = brutal});
}

/* ---- events in */

static pid_t pid_of(void *context, uint32_t index)
{
	return reaper_pid(((struct shell *)context)->reaper, index);
}

static void take_signal(struct shell *shell, uint32_t signal)
{
	if (forward_signal(shell, (int)signal))
		return;
	/* What a container's runtime sends to a systemd. */
	if (signal == (uint32_t)SIGRTMIN + 3)
		signal = SIGTERM;
	switch (signal) {
	case SIGCHLD:
		shell->reap_again = true;
		break;
	case SIGTERM:
	case SIGINT:
		log_message(LOG_NOTICE, NULL, shell->stopping ? "stopping at once" : "stopping");
		shell_shutdown(shell, shell->stopping);
		break;
	case SIGQUIT:
		log_message(LOG_NOTICE, NULL, "stopping at once");
		shell_shutdown(shell, true);
		break;
	case SIGUSR1:
		shell_log_tree(shell->engine, pid_of, shell);
		break;
	case SIGHUP:
		log_message(
			LOG_WARNING, NULL, "SIGHUP: this version cannot reload its configuration");
		break;
	default:
		break;
	}
}

static void signals_ready(struct watch *watch, uint32_t epoll_events)
{
	struct shell *shell = (struct shell *)((char *)watch - offsetof(struct shell, signals));
	struct signalfd_siginfo info[16];
	ssize_t n = read(watch->fd, info, sizeof(info));

	(void)epoll_events;
	/* What children did first, then what we are asked for. */
	for (ssize_t i = 0; i * (ssize_t)sizeof(info[0]) < n; i++)
		if (info[i].ssi_signo == SIGCHLD)
			shell->reap_again |= reaper_told(
				shell->reaper, (pid_t)info[i].ssi_pid, loop_now_ms(shell->loop));
	for (ssize_t i = 0; i * (ssize_t)sizeof(info[0]) < n; i++)
		if (info[i].ssi_signo != SIGCHLD)
			take_signal(shell, info[i].ssi_signo);
}

/* ---- one turn */

/* The tree is up, and nothing else to do: what only the way up needed may go. Once. */
static void settle(struct shell *shell)
{
	struct view root;

	if (shell->settled || !engine_view(shell->engine, SPEC_ROOT, &root) ||
		root.state != CHILD_RUNNING)
		return;
	shell->settled = true;
	memory_trim();
}

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void turn(struct shell *shell)
{
	int64_t deadline = engine_deadline_ms(shell->engine);
	bool busy = shell->result_first != ENGINE_NONE || shell->reap_again ||
		    engine_has_work(shell->engine);
	int64_t now;

	deadline = earliest(deadline, server_deadline_ms(shell->server));
	deadline = earliest(deadline, reaper_deadline_ms(shell->reaper));
	deadline = earliest(deadline, health_deadline_ms(shell->health));
	deadline = earliest(deadline, reloads_deadline_ms(shell->reloads));
	deadline = earliest(deadline, logs_deadline_ms(shell->logs));
	deadline = earliest(deadline, sinks_deadline_ms(shell->sinks));
	deadline = earliest(deadline, forward_deadline_ms(shell));
	if (!busy)
		settle(shell);
	loop_wait(shell->loop, deadline, busy);
	shell_children_feed(shell);
	if (shell->reap_again) {
		shell_notify_serve(shell);
		shell->reap_again = reaper_run(shell->reaper);
	}
	loop_dispatch(shell->loop);
	now = loop_now_ms(shell->loop);
	shell->reap_again |= reaper_time(shell->reaper, now);
	if (engine_deadline_ms(shell->engine) <= now)
		ping_for_suspended(shell);
	if (engine_deadline_ms(shell->engine) <= now)
		shell_feed(shell, &(struct event){.kind = EV_TIME});
	forward_time(shell, now);
	server_time(shell->server, now);
	reloads_time(shell->reloads, now);
	sinks_time(shell->sinks, now);
	health_time(shell->health, now);
	perform_all(shell);
	logs_time(shell->logs, now);
	shell_notify_settle(shell);
	sinks_feed(shell->sinks);
	log_flush();
}

/* ---- set-up */

static bool cannot(const char *what, const char *on, int error)
{
	log_message(LOG_ERROR, NULL, "cannot %s %s: %s", what, on, strerror(error));
	return false;
}

static bool open_files(struct shell *shell, const char *dir, uint32_t capacity)
{
	int error = status_open(dir, capacity, &shell->status);

	if (error == -EBUSY) {
		log_message(LOG_ERROR, NULL,
			"another supd runs in %s: stop it with supctl shutdown, or use another "
			"--runtime-dir",
			dir);
		return false;
	}
	if (error < 0)
		return cannot("make the status table in", dir, -error);
	shell->server = server_new(shell, dir);
	if (!shell->server)
		return cannot("listen on the control socket in", dir, errno);
	return shell_notify_open(shell, dir);
}

static bool open_sockets(struct shell *shell)
{
	char why[WHY_SIZE] = "";

	if (listeners_open(shell->spec, &shell->listeners, why, sizeof(why)) == 0)
		return true;
	log_message(LOG_ERROR, NULL, "%s", why);
	return false;
}

static uint64_t seed(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_nsec * 1000003u ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 32;
}

static bool open_health(struct shell *shell, uint32_t capacity)
{
	shell->health = health_new(shell, capacity, seed());
	if (!shell->health && errno == ENOENT)
		return cannot("find supprobe, for health checks, beside supd or in",
			SUPD_LIBEXECDIR, ENOENT);
	return shell->health || cannot("find memory for", "health checks", ENOMEM);
}

static bool open_logs(struct shell *shell, const char *dir, uint32_t capacity)
{
	shell->logs = logs_new(shell, dir, capacity);
	if (!shell->logs && errno == ENOENT)
		return cannot("find suplog, for logs, beside supd or in", SUPD_LIBEXECDIR, ENOENT);
	return shell->logs || cannot("find memory for", "logs", ENOMEM);
}

static bool open_sinks(struct shell *shell)
{
	shell->sinks = sinks_new(shell);
	if (shell->sinks || errno == 0)
		return true;
	if (errno == ENOENT)
		return cannot(
			"find supsink, for a sink, beside supd or in", SUPD_LIBEXECDIR, ENOENT);
	return cannot("find memory for", "sinks", ENOMEM);
}

static bool open_signals(struct shell *shell)
{
	shell->signals = (struct watch){.fd = init_signalfd(), .rank = 1, .ready = signals_ready};
	if (shell->signals.fd < 0)
		return cannot("make", "a signalfd", -shell->signals.fd);
	return loop_add(shell->loop, &shell->signals, EPOLLIN) == 0 ||
	       cannot("watch", "signals", errno);
}

/* The children of the configuration, those that dynamic supervisors may have, and some more. */
static uint32_t rows_needed(const struct spec *spec)
{
	uint64_t rows = (uint64_t)spec->nodes + SPARE_ROWS;

	for (uint32_t i = 0; i < spec->nodes; i++)
		if (spec_node(spec, i)->kind == KIND_DYNAMIC)
			rows += spec_sup(spec, i)->max_children;
	return rows < SPEC_NODES_MAX ? (uint32_t)rows : SPEC_NODES_MAX;
}

static bool open_all(struct shell *shell, const char *dir, const struct rlimit *nofile)
{
	uint32_t capacity = rows_needed(shell->spec);

	shell->loop = loop_new();
	if (!shell->loop)
		return cannot("make", "an epoll descriptor and a timer", errno);
	shell->engine = engine_new(shell->spec, capacity, seed());
	shell->reloads = reloads_new(shell);
	if (!shell->engine || !shell->reloads || additions_open(shell) < 0)
		return cannot("find memory for", "the tree", ENOMEM);
	if (!shell_children_open(shell, capacity, dir))
		return cannot("find memory for", "the processes of children", ENOMEM);
	if (!open_health(shell, capacity) || !open_signals(shell) ||
		!open_files(shell, dir, capacity) || !open_sockets(shell) ||
		!open_logs(shell, dir, capacity) || !open_sinks(shell))
		return false;
	shell->spawner = spawner_new(dir, shell->notify_path, notify_name(shell->notify), nofile);
	if (!shell->spawner)
		return cannot("find memory for", "spawning", ENOMEM);
	for (uint32_t i = 0; i < shell->spec->nodes; i++)
		status_write(shell->status, shell->engine, i, 0, loop_now_ms(shell->loop),
			loop_wall_ns(shell->loop));
	return true;
}

/* supd lives long, so what the set-up needed alone goes back. Its tables have room for every row
 * and are filled as rows come: pages of its own cost a table what is used of it; out of the reserve
 * of the heap it is zeroed first, and so costs all. */
static void set_heap(int mmap_bytes, int top_bytes)
{
	(void)mallopt(M_MMAP_THRESHOLD, mmap_bytes);
	(void)mallopt(M_TOP_PAD, top_bytes);
	(void)malloc_trim(0);
}

struct shell *shell_new(
	const struct spec *spec, const char *dir, const struct rlimit *nofile, bool cgroups)
{
	struct shell *shell = calloc(1, sizeof(*shell));

	if (!shell)
		return NULL;
	shell->spec = spec;
	shell->dir = dir;
	shell->use_cgroups = cgroups;
	shell->signals.fd = -1;
	shell->result_first = ENGINE_NONE;
	shell->terminal_row = ENGINE_NONE;
	set_heap(TABLE_BYTES, 0);
	if (open_all(shell, dir, nofile))
		return shell;
	shell_free(shell);
	return NULL;
}

void shell_free(struct shell *shell)
{
	if (!shell)
		return;
	sinks_free(shell->sinks);
	if (shell->server)
		server_free(shell->server);
	shell_notify_close(shell);
	status_close(shell->status, shell->finished ? shell->exit_status : -1);
	if (shell->signals.fd >= 0)
		(void)close(shell->signals.fd);
	additions_close(shell);
	reloads_free(shell->reloads);
	strays_free(shell->strays);
	listeners_close(shell->listeners);
	health_free(shell->health);
	logs_free(shell->logs);
	spawner_free(shell->spawner);
	reaper_free(shell->reaper);
	engine_free(shell->engine);
	loop_free(shell->loop);
	free(shell->result);
	free(shell->notify_path);
	free(shell);
}

void shell_forward(struct shell *shell, const struct solo_options *options)
{
	shell->forward = (struct forward){.options = options, .kill_ms = INT64_MAX};
}

int shell_run(struct shell *shell)
{
	set_heap(MMAP_BYTES, TOP_BYTES);
	/* Whatever happened before signals were blocked is found now. */
	shell->reap_again = true;
	shell_feed(shell, &(struct event){.kind = EV_BOOT});
	while (!shell->finished)
		turn(shell);
	log_flush();
	logs_end(shell->logs, shell->signals.fd);
	return shell->exit_status;
}
