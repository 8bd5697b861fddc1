/* supctl_run.c - run: a task below a dynamic supervisor, with supctl's own standard input, output
 * and error. No byte of it passes supd or supctl.
 *
 * supctl waits for the task, and for signals: the first asks for the stop of the task, one more for
 * its death. Whatever ends supctl closes its connection, and supd then stops the task. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_add.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "config/units.h"
#include "supervisor/wire/methods.h"

enum { QUIET_MS = 1000, SIGNALED = 128 };

struct task {
	const struct request *request;
	struct connection connection;
	int signals;		       /* signalfd */
	int signal;		       /* the first that came; 0: none */
	char path[SNAPSHOT_PATH_SIZE]; /* "": it does not run yet */
};

static int open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Waits for a reply or a signal. Returns 0 with a reply, the number of a signal, or negative errno,
 * as connection_receive does. */
static int task_wait(struct task *task, int64_t deadline_ms, struct client_reply *ret)
{
	struct signalfd_siginfo info;

	for (;;) {
		struct pollfd watches[] = {{.fd = task->connection.fd, .events = POLLIN},
			{.fd = task->signals, .events = POLLIN}};
		int error = connection_receive(&task->connection, now_ms(), ret);

		if (error != -ETIMEDOUT)
			return error;
		if (read(task->signals, &info, sizeof info) == (ssize_t)sizeof info)
			return (int)info.ssi_signo;
		if (now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		if (poll(watches, ARRAY_LEN(watches), left_ms(deadline_ms)) < 0 && errno != EINTR)
			return -errno;
	}
}

/* Asks for the end of the task, on a connection of its own. Returns false when that is not
 * possible. */
static bool task_end(const struct task *task, bool kill)
{
	json_t *parameters = kill ? json_pack("{s:s, s:s}", "path", task->path, "signal", "KILL")
				  : json_pack("{s:s}", "path", task->path);
	int64_t deadline_ms = deadline_after(QUIET_MS);
	struct connection connection;

	if (!parameters)
		return false;
	if (connection_open(&connection, task->request->dir, deadline_ms) < 0) {
		json_decref(parameters);
		return false;
	}
	if (connection_send(&connection, kill ? WIRE_INTERFACE ".Signal" : WIRE_INTERFACE ".Stop",
		    parameters, CLIENT_ONEWAY, deadline_ms) < 0) {
		connection_close(&connection);
		return false;
	}
	connection_close(&connection);
	return true;
}

/* supctl's exit status from that of the task. */
static int status_of(const struct client_reply *reply)
{
	const json_t *exit = json_object_get(reply->parameters, "exit");
	const char *signal = json_string_value(json_object_get(exit, "signal"));
	const json_t *status = json_object_get(exit, "status");
	int number = signal ? parse_signal(signal) : 0;

	if (json_is_integer(status))
		return (int)json_integer_value(status);
	return number > 0 ? SIGNALED + number : SUPCTL_REFUSED;
}

/* The task runs. Waits for its end; returns supctl's exit status. */
static int task_follow(struct task *task)
{
	int64_t quiet_ms = INT64_MAX;
	struct client_reply reply;

	for (;;) {
		int result = task_wait(task, quiet_ms, &reply);

		if (result == 0) {
			int status = status_of(&reply);

			client_reply_free(&reply);
			return status;
		}
		if (result == -ETIMEDOUT) {
			complain("waiting for %s to end; once more kills it", task->path);
			quiet_ms = INT64_MAX;
			continue;
		}
		if (result < 0)
			return complain_unreachable(task->request, result);
		if (!task_end(task, task->signal != 0))
			return SIGNALED + result;
		if (!task->signal)
			quiet_ms = deadline_after(QUIET_MS);
		task->signal = result;
	}
}

/* The first reply: it runs, or will not. */
static int task_begin(struct task *task)
{
	const struct request *request = task->request;
	struct client_reply reply;
	const char *path;
	int status = SUPCTL_DONE;
	int result = task_wait(task, deadline_with_grace(request->timeout_ms), &reply);

	/* supd stops what it was about to start. */
	if (result > 0)
		return SIGNALED + result;
	if (result < 0)
		return complain_unreachable(request, result);
	path = json_string_value(json_object_get(reply.parameters, "path"));
	if (reply.error)
		status = complain_not_added(request, request->args[0], &reply);
	else if (reply.continues)
		(void)snprintf(task->path, sizeof task->path, "%s", path ? path : "");
	else if (request->flags & FLAG_JSON)
		out_json(request->out, reply.parameters);
	else
		out_text(request->out, path ? path : "");
	if (!reply.error && !reply.continues)
		out_text(request->out, "\n");
	client_reply_free(&reply);
	return status;
}

static json_t *task_parameters(const struct request *request)
{
	json_t *parameters = with_text(json_object(), "path", request->args[0]);

	parameters = with_text(parameters, "name", request->name);
	parameters = with_words(parameters, "command", request->args + 1, request->n_args - 1);
	if (parameters && request->flags & FLAG_NO_LINK &&
		json_object_set_new(parameters, "link", json_false()) < 0) {
		json_decref(parameters);
		return NULL;
	}
	return parameters ? with_timeout(request, parameters) : NULL;
}

static int task_run(struct task *task, json_t *parameters)
{
	const struct request *request = task->request;
	int64_t deadline_ms = deadline_after(request->timeout_ms);
	int error = connection_open(&task->connection, request->dir, deadline_ms);
	int status;

	if (error) {
		json_decref(parameters);
		return complain_unreachable(request, error);
	}
	error = connection_send_stdio(&task->connection, WIRE_INTERFACE ".Run", parameters,
		request->flags & FLAG_NO_LINK ? 0 : CLIENT_MORE, deadline_ms);
	status = error ? complain_unreachable(request, error) : task_begin(task);
	if (status == SUPCTL_DONE && task->path[0])
		status = task_follow(task);
	connection_close(&task->connection);
	return status;
}

int verb_run(const struct request *request)
{
	struct task task = {.request = request};
	json_t *parameters;
	int status;

	if (request->n_before != 1) {
		complain("run: the command stands behind --: supctl run %s",
			request->verb->arguments);
		return SUPCTL_USAGE;
	}
	parameters = task_parameters(request);
	if (!parameters)
		return SUPCTL_USAGE;
	task.signals = open_signals();
	if (task.signals < 0) {
		complain("cannot watch signals: %s", strerror(-task.signals));
		json_decref(parameters);
		return SUPCTL_REFUSED;
	}
	status = task_run(&task, parameters);
	(void)close(task.signals);
	return status;
}
