/* server_methods.c - what a message asks for, and the answer to it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "config/units.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/service.h"

enum { ROOT_INDEX = 0 };

/* ---- answers */

static void send_reply(struct client *client, json_t *parameters, bool continues)
{
	size_t n = 0;
	char *text = reply_text(parameters, continues, &n);

	client_send(client, text, n);
}

static void send_error(struct client *client, enum error_id error, json_t *parameters)
{
	size_t n = 0;
	char *text = error_text(wire_errors[error].name, parameters, &n);

	client_send(client, text, n);
}

void request_reply(const struct request *request, json_t *parameters)
{
	if (request->call->oneway)
		json_decref(parameters);
	else
		send_reply(request->client, parameters, false);
}

void request_error(const struct request *request, enum error_id error, json_t *parameters)
{
	if (request->call->oneway)
		json_decref(parameters);
	else
		send_error(request->client, error, parameters);
}

/* A client whose handler is on the stack is served there. */
static void send_soon(struct client *client)
{
	if (client->running)
		return;
	client_flush(client);
	client_arm(client);
}

void pending_answer(struct pending *pending, enum error_id error, json_t *parameters)
{
	struct client *client = pending->client;

	if (pending->oneway)
		json_decref(parameters);
	else if (error == ERROR_COUNT)
		send_reply(client, parameters, false);
	else
		send_error(client, error, parameters);
	pending_free(pending);
	send_soon(client);
}

void pending_continue(struct pending *pending, json_t *parameters)
{
	send_reply(pending->client, parameters, true);
	send_soon(pending->client);
}

void request_invalid(const struct request *request, const char *parameter)
{
	request_error(request, ERROR_INVALID_PARAMETER, json_pack("{s:s}", "parameter", parameter));
}

void request_invalid_state(const struct request *request, const char *path, uint32_t index)
{
	const struct status_record *record = shell_record(request->client->server->shell, index);
	const char *state = child_state_name(record->state);

	request_error(request, ERROR_INVALID_STATE,
		json_pack("{s:s, s:s}", "path", path, "state", state ? state : "unknown"));
}

/* ---- paths */

static void ambiguous(const struct request *request, const struct engine *engine, const char *path,
	const uint32_t *candidates, uint32_t n)
{
	json_t *list = json_array();
	char full[PATH_SIZE];

	for (uint32_t i = 0; i < n && i < CANDIDATES_MAX; i++) {
		if (engine_path(engine, candidates[i], full, sizeof(full)) >= 0)
			(void)json_array_append_new(list, json_string(full));
	}
	request_error(request, ERROR_AMBIGUOUS,
		json_pack("{s:s, s:o}", "path", path, "candidates", list));
}

bool request_find(const struct request *request, const char *path, uint32_t *ret_index)
{
	const struct engine *engine = shell_engine(request->client->server->shell);
	uint32_t candidates[CANDIDATES_MAX];
	uint32_t n = 0;
	int rc = engine_find(engine, path, ret_index, candidates, CANDIDATES_MAX, &n);

	if (rc == -ENOTUNIQ)
		ambiguous(request, engine, path, candidates, n);
	else if (rc < 0)
		request_error(request, ERROR_NOT_FOUND, json_pack("{s:s}", "path", path));
	return rc >= 0;
}

bool request_path(const struct request *request, uint32_t *ret_index, char full[PATH_SIZE])
{
	const json_t *value = request->args.value[PARAM_PATH];
	const char *path = value ? json_string_value(value) : "/";
	uint32_t index = ENGINE_NONE;

	if (!request_find(request, path, &index))
		return false;
	if (engine_path(shell_engine(request->client->server->shell), index, full, PATH_SIZE) < 0) {
		request_error(request, ERROR_NOT_FOUND, json_pack("{s:s}", "path", path));
		return false;
	}
	*ret_index = index;
	return true;
}

bool request_timeout(const struct request *request, int64_t *ret_ms)
{
	const json_t *value = request->args.value[PARAM_TIMEOUT_MS];
	int64_t ms = value ? json_integer_value(value) : 0;

	if (value && (ms < 1 || ms > TIMEOUT_MS_MAX)) {
		request_invalid(request, wire_params[PARAM_TIMEOUT_MS].name);
		return false;
	}
	*ret_ms = ms;
	return true;
}

/* ---- methods */

static void method_get_info(const struct request *request)
{
	request_reply(request, service_info());
}

static void method_get_interface_description(const struct request *request)
{
	const char *name = json_string_value(request->args.value[PARAM_INTERFACE]);
	const char *text = service_description(name);

	if (text)
		request_reply(request, json_pack("{s:s}", "description", text));
	else
		request_error(
			request, ERROR_INTERFACE_NOT_FOUND, json_pack("{s:s}", "interface", name));
}

static void method_ping(const struct request *request)
{
	request_reply(request, NULL);
}

/* All that can be asked of the root is to boot anew when it is parked. */
static bool may_boot_root(const struct request *request)
{
	const struct status_record *root = shell_record(request->client->server->shell, ROOT_INDEX);

	return request->method->command == CMD_START && root->state == CHILD_PARKED;
}

/* OTP-SEMANTICS, rule 9: a start command on a running dynamic supervisor makes an instance. */
static bool starts_instance(const struct request *request, uint32_t index)
{
	const struct status_record *record = shell_record(request->client->server->shell, index);

	return request->method->command == CMD_START && record->kind == KIND_DYNAMIC &&
	       record->state == CHILD_RUNNING;
}

static void method_command(const struct request *request)
{
	struct client *client = request->client;
	struct pending *pending = NULL;
	char path[PATH_SIZE];
	int64_t timeout_ms;
	uint32_t index;

	if (!request_timeout(request, &timeout_ms) || !request_path(request, &index, path))
		return;
	if (starts_instance(request, index)) {
		start_instance(request, index, path, timeout_ms);
		return;
	}
	if (index == ROOT_INDEX && !may_boot_root(request)) {
		request_invalid_state(request, path, index);
		return;
	}
	/* Who is gone does not wait: token 0 is nobody's. */
	if (!client->hung_up) {
		pending = pending_new(
			client, PENDING_COMMAND, path, timeout_ms, request->call->oneway);
		if (!pending) {
			client->dead = true;
			return;
		}
	}
	shell_command(client->server->shell, (enum command_kind)request->method->command, index,
		pending ? pending->token : 0);
}

static void method_signal(const struct request *request)
{
	struct shell *shell = request->client->server->shell;
	int number = parse_signal(json_string_value(request->args.value[PARAM_SIGNAL]));
	char path[PATH_SIZE];
	uint32_t index;
	int rc;

	if (number < 1 || number > SIGRTMAX) {
		request_invalid(request, wire_params[PARAM_SIGNAL].name);
		return;
	}
	if (!request_path(request, &index, path))
		return;
	rc = shell_record(shell, index)->kind == KIND_PROCESS ? shell_signal(shell, index, number)
							      : -ESRCH;
	if (rc == 0)
		request_reply(request, NULL);
	else if (rc == -EPERM)
		request_error(request, ERROR_PERMISSION_DENIED, NULL);
	else if (rc == -EINVAL)
		request_invalid(request, wire_params[PARAM_SIGNAL].name);
	else
		request_invalid_state(request, path, index);
}

static void method_suspend(const struct request *request)
{
	struct shell *shell = request->client->server->shell;
	bool suspend = request->method == &wire_methods[METHOD_SUSPEND];
	char path[PATH_SIZE];
	uint32_t index;
	int error;

	if (!request_path(request, &index, path))
		return;
	error = shell_suspend(shell, index, suspend);
	if (error == 0)
		request_reply(request, NULL);
	else if (error == -EPERM)
		request_error(request, ERROR_PERMISSION_DENIED, NULL);
	else
		request_invalid_state(request, path, index);
}

static void method_shutdown(const struct request *request)
{
	request_reply(request, NULL);
	client_flush(request->client);
	shell_shutdown(request->client->server->shell, false);
}

static void method_reopen_logs(const struct request *request)
{
	shell_reopen_logs(request->client->server->shell);
	request_reply(request, NULL);
}

static void (*const handlers[METHOD_COUNT])(const struct request *) = {
	[METHOD_GET_INFO] = method_get_info,
	[METHOD_GET_INTERFACE_DESCRIPTION] = method_get_interface_description,
	[METHOD_PING] = method_ping,
	[METHOD_STATUS] = method_status,
	[METHOD_INSPECT] = method_inspect,
	[METHOD_COUNT_CHILDREN] = method_count,
	[METHOD_WHERE_IS] = method_where_is,
	[METHOD_IMPACT] = method_impact,
	[METHOD_START] = method_command,
	[METHOD_STOP] = method_command,
	[METHOD_RESTART] = method_command,
	[METHOD_DELETE] = method_command,
	[METHOD_START_CHILD] = method_start_child,
	[METHOD_RUN] = method_run,
	[METHOD_SIGNAL] = method_signal,
	[METHOD_SUSPEND] = method_suspend,
	[METHOD_RESUME] = method_suspend,
	[METHOD_RELOAD] = method_reload,
	[METHOD_REOPEN_LOGS] = method_reopen_logs,
	[METHOD_SHUTDOWN] = method_shutdown,
	[METHOD_SUBSCRIBE] = method_subscribe,
};

/* ---- messages */

static void unknown_method(const struct request *request, int rc)
{
	const char *name = request->call->method;
	const char *dot = strrchr(name, '.');

	if (rc == -ENXIO && dot)
		request_error(request, ERROR_INTERFACE_NOT_FOUND,
			json_pack("{s:s%}", "interface", name, (size_t)(dot - name)));
	else
		request_error(request, ERROR_METHOD_NOT_FOUND, json_pack("{s:s}", "method", name));
}

static void serve(struct request *request)
{
	enum method_id id = (enum method_id)(request->method - wire_methods);
	const char *bad = NULL;

	if (request->method->role > request->client->role)
		request_error(request, ERROR_PERMISSION_DENIED, NULL);
	else if (method_args(request->method, request->call->parameters, &request->args, &bad) < 0)
		request_invalid(request, bad);
	else if (!handlers[id])
		request_error(request, ERROR_METHOD_NOT_IMPLEMENTED,
			json_pack("{s:s}", "method", request->call->method));
	else {
		request_note(request);
		handlers[id](request);
	}
}

/* Returns false when nothing has been done. */
static bool dispatch(struct request *request)
{
	struct client *client = request->client;
	int id = method_find(request->call->method);
	bool acts = id >= 0 && wire_methods[id].role > ROLE_OBSERVER &&
		    wire_methods[id].role <= client->role;
	size_t before = client->out_bytes;

	/* What nobody waits for is not read; what is refused counts as reading. */
	if (!acts && client->hung_up)
		return true;
	if (!acts && !pace_take(client))
		return false;
	if (id < 0) {
		unknown_method(request, id);
	} else {
		request->method = &wire_methods[id];
		serve(request);
	}
	if (!acts && client->out_bytes > before)
		pace_charge(client, request->method, client->out_bytes - before);
	return true;
}

bool client_message(struct client *client, const char *text, size_t n)
{
	struct call call;
	struct request request = {.client = client, .call = &call};
	const char *bad = NULL;
	int rc = call_parse(text, n, &call, &bad);
	bool served = true;

	if (rc == -EBADMSG)
		client->closing = true;
	else if (rc < 0 && (client->hung_up || (served = pace_take(client))))
		request_invalid(&request, bad);
	else if (rc == 0)
		served = dispatch(&request);
	call_free(&call);
	return served;
}
