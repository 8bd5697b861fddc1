/* supctl_act.c - the acting commands: one call a path, in the order given, each waited for. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/wire/methods.h"

enum { QUIET_MS = 1000 }; /* after so long, say what is being waited for */

/* One acting command on its way. */
struct acting {
	const struct request *request;
	const char *method;
	const char *signal; /* of Signal; else NULL */
	bool timeout;	    /* the method takes timeout_ms */
	struct connection connection;
};

static json_t *acting_parameters(const struct acting *acting, const char *path)
{
	json_t *parameters = json_pack("{s:s}", "path", path);

	if (acting->signal &&
		json_object_set_new(parameters, "signal", json_string(acting->signal)) < 0) {
		json_decref(parameters);
		return NULL;
	}
	return acting->timeout ? with_timeout(acting->request, parameters) : parameters;
}

/* Waits for the answer; says so when it takes long. */
static int acting_receive(
	struct acting *acting, const char *path, int64_t deadline_ms, struct client_reply *ret)
{
	int64_t quiet_ms = deadline_after(QUIET_MS);
	char limit[32];
	int error;

	if (quiet_ms < deadline_ms) {
		error = connection_receive(&acting->connection, quiet_ms, ret);
		if (error != -ETIMEDOUT)
			return error;
		if (acting->request->timeout_ms == SPEC_INFINITY)
			complain("waiting: %s %s", acting->request->verb->name, path);
		else if (acting->request->timeout_ms > QUIET_MS)
			complain("waiting: %s %s (up to %s; --timeout changes it)",
				acting->request->verb->name, path,
				format_duration(acting->request->timeout_ms, limit));
	}
	return connection_receive(&acting->connection, deadline_ms, ret);
}

static void print_result(
	const struct request *request, const char *path, const struct client_reply *reply)
{
	struct out *out = request->out;
	json_t *line;

	if (!(request->flags & FLAG_JSON))
		return;
	if (reply && reply->error)
		line = json_pack("{s:s, s:b, s:s, s:O?}", "path", path, "ok", 0, "error",
			reply->error, "parameters", reply->parameters);
	else
		line = json_pack("{s:s, s:b}", "path", path, "ok", 1);
	out_json(out, line);
	out_text(out, "\n");
	out_flush(out);
	json_decref(line);
}

/* One call. Returns an enum supctl_exit; *ret_broken: the connection serves no further call. */
static int act_on(struct acting *acting, const char *path, bool *ret_broken)
{
	const struct request *request = acting->request;
	int64_t deadline_ms = deadline_with_grace(request->timeout_ms);
	bool wait = !(request->flags & FLAG_NO_WAIT);
	json_t *parameters = acting_parameters(acting, path);
	struct client_reply reply;
	int status = SUPCTL_DONE;
	int error = -ENOMEM;

	if (parameters)
		error = connection_send(&acting->connection, acting->method, parameters,
			wait ? 0 : CLIENT_ONEWAY, deadline_ms);
	if (!error && wait)
		error = acting_receive(acting, path, deadline_ms, &reply);
	*ret_broken = error != 0;
	if (error)
		return complain_unreachable(request, error);
	if (!wait) {
		print_result(request, path, NULL);
		return SUPCTL_DONE;
	}
	if (reply.error)
		status = complain_refused(request, path, &reply);
	print_result(request, path, &reply);
	client_reply_free(&reply);
	return status;
}

static int act(struct acting *acting, size_t first_path)
{
	const struct request *request = acting->request;
	int status = SUPCTL_DONE;
	bool broken = false;
	int error = connection_open(
		&acting->connection, request->dir, deadline_after(request->timeout_ms));

	if (error)
		return complain_unreachable(request, error);
	for (size_t i = first_path; i < request->n_args && !broken; i++) {
		int one = act_on(acting, request->args[i], &broken);

		if (one > status)
			status = one;
	}
	connection_close(&acting->connection);
	return status;
}

int verb_start(const struct request *request)
{
	return act(
		&(struct acting){
			.request = request, .method = WIRE_INTERFACE ".Start", .timeout = true},
		0);
}

int verb_stop(const struct request *request)
{
	return act(
		&(struct acting){
			.request = request, .method = WIRE_INTERFACE ".Stop", .timeout = true},
		0);
}

int verb_restart(const struct request *request)
{
	return act(
		&(struct acting){
			.request = request, .method = WIRE_INTERFACE ".Restart", .timeout = true},
		0);
}

int verb_reload(const struct request *request)
{
	return act(
		&(struct acting){
			.request = request, .method = WIRE_INTERFACE ".Reload", .timeout = true},
		0);
}

int verb_delete(const struct request *request)
{
	return act(
		&(struct acting){
			.request = request, .method = WIRE_INTERFACE ".Delete", .timeout = true},
		0);
}

int verb_suspend(const struct request *request)
{
	return act(&(struct acting){.request = request, .method = WIRE_INTERFACE ".Suspend"}, 0);
}

int verb_resume(const struct request *request)
{
	return act(&(struct acting){.request = request, .method = WIRE_INTERFACE ".Resume"}, 0);
}

/* A misspelt signal is found here, where a better one can be proposed. */
static int complain_signal(const char *text)
{
	char names[NSIG][16];
	const char *words[NSIG];
	char upper[16] = "";
	const char *nearest;
	size_t n = 0;

	for (int i = 1; i < SIGRTMIN; i++) {
		words[n] = signal_name(i, names[n]);
		n++;
	}
	for (size_t i = 0; i < sizeof upper - 1 && text[i]; i++)
		upper[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
	nearest = nearest_word(upper, words, n);
	if (nearest)
		complain("%s is no signal: did you mean %s?", text, nearest);
	else
		complain("%s is no signal: write a name (HUP, SIGUSR1, RTMIN+3) or a number", text);
	return SUPCTL_USAGE;
}

int verb_signal(const struct request *request)
{
	struct acting acting = {.request = request, .method = WIRE_INTERFACE ".Signal"};

	acting.signal = request->args[0];
	if (parse_signal(acting.signal) < 0)
		return complain_signal(acting.signal);
	return act(&acting, 1);
}
