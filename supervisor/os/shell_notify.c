/* shell_notify.c - see shell_notify.h. */
#include "supervisor/os/shell_notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "supervisor/os/announce.h"
#include "supervisor/os/child_setup.h"
#include "supervisor/os/fd_store.h"
#include "supervisor/os/log.h"
#include "supervisor/os/notify.h"
#include "supervisor/os/ready_pipe.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/status.h"

enum {
	LISTEN_FIRST = 3,
	ANCESTORS_MAX = 16,	/* between a process and the child that it comes from */
	RELOAD_PAUSE_MS = 1000, /* between two events of reloads of one child */
	PATH_SIZE = 2112,
};

/* One message and who it is from. */
struct saying {
	struct shell *shell;
	const struct notify_text *said;
	pid_t pid;
	struct view view;
	const char *path;
};

static void feed(const struct saying *saying, struct event event)
{
	event.ref = saying->view.ref;
	shell_feed_of_child(saying->shell, &event);
}

/* ---- who it is */

/* Field 4 of /proc/PID/stat; 0: not known. */
static pid_t parent_of(pid_t pid)
{
	char path[32];
	char text[512];
	char *at;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strrchr(text, ')');
	return at && strlen(at) > 4 ? (pid_t)strtol(at + 4, NULL, 10) : 0;
}

/* The row that a process belongs to: its main process, its group, or what descends from them. */
static uint32_t row_of_process(const struct shell *shell, pid_t pid)
{
	for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		uint32_t row = reaper_find(shell->reaper, pid);
		pid_t group;

		if (row != ENGINE_NONE)
			return row;
		group = getpgid(pid);
		row = group > 0 ? reaper_find(shell->reaper, group) : ENGINE_NONE;
		if (row != ENGINE_NONE)
			return row;
		pid = parent_of(pid);
		if (pid == getpid())
			break;
	}
	return ENGINE_NONE;
}

/* Whose message it is, if it counts. */
static uint32_t row_of_sender(const struct shell *shell, pid_t pid, struct view *ret_view)
{
	uint32_t row = row_of_process(shell, pid);

	if (row == ENGINE_NONE || !engine_view(shell->engine, row, ret_view))
		return ENGINE_NONE;
	if (spec_proc(ret_view->spec, ret_view->node)->notify_group ||
		reaper_pid(shell->reaper, row) == pid)
		return row;
	return ENGINE_NONE;
}

/* ---- what it says */

static void take_main_pid(const struct saying *saying)
{
	struct shell *shell = saying->shell;
	struct ref ref = saying->view.ref;
	pid_t pid = (pid_t)saying->said->main_pid;
	int error = -EPERM;

	if (saying->said->main_pid == NOTIFY_NONE || pid == reaper_pid(shell->reaper, ref.index))
		return;
	if (row_of_process(shell, pid) == ref.index || getpgid(pid) == getpgid(saying->pid))
		error = reaper_set_main(shell->reaper, ref, pid);
	if (error < 0)
		log_message(LOG_WARNING, saying->path,
			"MAINPID=%d from process %d is not accepted: %s", (int)pid,
			(int)saying->pid,
			error == -EPERM ? "it is no process of this child" : strerror(-error));
	else
		log_message(LOG_DEBUG, saying->path, "its main process is %d now", (int)pid);
	status_write(shell->status, shell->engine, ref.index, reaper_pid(shell->reaper, ref.index),
		loop_now_ms(shell->loop), loop_wall_ns(shell->loop));
}

static void take_text(const struct saying *saying)
{
	const struct notify_text *said = saying->said;
	struct status *status = saying->shell->status;
	uint32_t row = saying->view.ref.index;
	char text[STATUS_TEXT_SIZE];

	if (said->error != 0)
		log_message(LOG_WARNING, saying->path, "it says: error %d, %s", said->error,
			strerror(said->error));
	if (!said->status && !said->ready && !said->reloading && !said->stopping &&
		said->error == 0)
		return;
	(void)notify_status(status_record(status, row)->text, said, text, sizeof(text));
	status_text(status, row, text);
}

/* An event where it begins, and one where it ends; not so many that they push out all others. */
static void take_reload(const struct saying *saying)
{
	struct shell *shell = saying->shell;
	uint32_t row = saying->view.ref.index;
	struct spawn_result *result = &shell->result[row];
	int64_t now_ms = loop_now_ms(shell->loop);

	if (saying->view.state != CHILD_RUNNING)
		return;
	if (saying->said->ready && result->reloads) {
		result->reloads = false;
		server_event(
			shell->server, row, EVENT_RELOAD, EVENT_WORD_RELOADING, EVENT_WORD_DONE);
	} else if (saying->said->reloading && !saying->said->ready && !result->reloads &&
		   (result->reload_ms == 0 || now_ms - result->reload_ms >= RELOAD_PAUSE_MS)) {
		result->reloads = true;
		result->reload_ms = now_ms;
		server_event(
			shell->server, row, EVENT_RELOAD, EVENT_WORD_RUNNING, EVENT_WORD_RELOADING);
	}
}

static void take_descriptors(const struct saying *saying, int *fds, size_t n)
{
	const struct notify_text *said = saying->said;
	struct fd_store *store = saying->shell->fd_store;
	uint32_t row = saying->view.ref.index;
	const char *name = said->fd_name ? said->fd_name : "stored";
	size_t name_n = said->fd_name ? said->fd_name_n : strlen("stored");

	if (said->fd_remove && said->fd_name)
		fd_store_remove(store, row, name, name_n);
	if (!said->fd_store || said->fd_remove)
		return;
	for (size_t i = 0; i < n; i++) {
		int error = fd_store_add(store, row, name, name_n, fds[i], !said->fd_no_poll);

		if (error == 0)
			fds[i] = -1;
		else if (error != -EEXIST)
			log_message(LOG_WARNING, saying->path, "a descriptor is not stored: %s",
				error == -ENOSPC ? "too many are" : strerror(-error));
	}
}

/* What the engine has to know, in an order that makes sense within one message: a longer time
 * before what it is for. */
static void take_events(const struct saying *saying)
{
	const struct notify_text *said = saying->said;

	if (said->extend_ms != NOTIFY_NONE)
		feed(saying, (struct event){.kind = EV_EXTEND, .ms = said->extend_ms});
	if (said->watchdog_ms != NOTIFY_NONE)
		feed(saying, (struct event){.kind = EV_PERIOD, .ms = said->watchdog_ms});
	if (said->ready && spec_child(saying->view.spec, saying->view.node)->ready == READY_NOTIFY)
		feed(saying, (struct event){.kind = EV_READY});
	if (said->ping)
		feed(saying, (struct event){.kind = EV_PING});
	if (said->trigger)
		feed(saying, (struct event){.kind = EV_UNHEALTHY, .watchdog = true});
}

static void child_says(void *context, pid_t pid, const struct notify_text *said, int *fds, size_t n)
{
	char path[PATH_SIZE] = "";
	struct saying saying = {.shell = context, .said = said, .pid = pid, .path = path};
	uint32_t row = row_of_sender(saying.shell, pid, &saying.view);

	if (row == ENGINE_NONE)
		return;
	if (said->main_pid != NOTIFY_NONE || said->error != 0 || said->fd_store)
		(void)engine_path(saying.shell->engine, row, path, sizeof(path));
	take_main_pid(&saying);
	take_text(&saying);
	take_reload(&saying);
	take_descriptors(&saying, fds, n);
	take_events(&saying);
}

static void newline_came(void *context, struct ref ref)
{
	shell_feed_of_child(context, &(struct event){.kind = EV_READY, .ref = ref});
}

/* ---- set-up */

static bool cannot(const char *what, const char *on, int error)
{
	log_message(LOG_ERROR, NULL, "cannot %s %s: %s", what, on, strerror(error));
	return false;
}

/* What children may store, all of them together, leaves most descriptors to supd. */
static size_t store_total(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return FD_STORE_MAX;
	return (size_t)limit.rlim_cur / 4;
}

bool shell_notify_open(struct shell *shell, const char *dir)
{
	shell->announce = announce_new(shell->loop, getenv("NOTIFY_SOCKET"));
	shell->fd_store = fd_store_new(shell->loop, store_total());
	shell->ready_pipes = ready_pipes_new(shell->loop, newline_came, shell);
	if (!shell->fd_store || !shell->ready_pipes)
		return cannot("find memory for", "notify messages", ENOMEM);
	if (asprintf(&shell->notify_path, "%s/notify", dir) < 0) {
		shell->notify_path = NULL;
		return cannot("name the notify socket in", dir, ENOMEM);
	}
	shell->notify = notify_new(shell->loop, shell->notify_path, child_says, shell);
	return shell->notify || cannot("make the socket", shell->notify_path, errno);
}

void shell_notify_close(struct shell *shell)
{
	announce_free(shell->announce);
	notify_free(shell->notify);
	ready_pipes_free(shell->ready_pipes);
	fd_store_free(shell->fd_store);
}

void shell_notify_serve(struct shell *shell)
{
	notify_serve(shell->notify);
}

/* ---- at a start, and at an end */

int shell_notify_passed(struct shell *shell, const struct view *view, size_t sockets,
	struct passed_fd *ret, int *ret_ready_fd)
{
	const struct child_spec *child = spec_child(view->spec, view->node);
	size_t n = fd_store_list(shell->fd_store, view->ref.index, ret);
	int number = spec_proc(view->spec, view->node)->ready_fd;
	int fd;

	*ret_ready_fd = -1;
	if (child->ready == READY_FD && !view->task) {
		/* LISTEN_FDS have no gap, and end before the descriptor of readiness. */
		size_t room = (size_t)number - LISTEN_FIRST;

		room = room > sockets ? room - sockets : 0;
		n = n < room ? n : room;
		fd = ready_pipe_open(shell->ready_pipes, view->ref);
		if (fd < 0)
			return fd;
		ret[n++] = (struct passed_fd){.fd = fd, .number = number};
		*ret_ready_fd = fd;
	}
	return (int)n;
}

static bool is_over(enum child_state state)
{
	return state == CHILD_STOPPED || state == CHILD_EXITED || state == CHILD_FAILED ||
	       state == CHILD_REMOVED;
}

void shell_notify_report(struct shell *shell, const struct action *action)
{
	uint32_t row = action->ref.index;

	if (row == SPEC_ROOT)
		announce_root(shell->announce, action->to);
	if (action->to != CHILD_STARTING)
		ready_pipe_close(shell->ready_pipes, row);
	shell->result[row].reloads = false;
	if (action->to == CHILD_REMOVED)
		fd_store_drop(shell->fd_store, row);
	else if (is_over(action->to))
		fd_store_expire(shell->fd_store, row);
}

/* A restart by command goes through STOPPED and on at once. */
static bool lives_on(void *context, uint32_t row)
{
	const struct shell *shell = context;
	struct view view;

	return engine_view(shell->engine, row, &view) && !is_over(view.state);
}

void shell_notify_settle(struct shell *shell)
{
	if (!engine_has_work(shell->engine) && !engine_has_action(shell->engine))
		fd_store_settle(shell->fd_store, lives_on, shell);
}
