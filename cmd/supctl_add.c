/* supctl_add.c - start-child: a child that comes at run time; and the refusals of those. */
#include "cmd/supctl_add.h"

#include <stdbool.h>
#include <string.h>

#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "supervisor/wire/methods.h"

/* ---- parameters */

/* Fails for what is no UTF-8, which JSON cannot carry. */
static json_t *text_json(const char *text)
{
	json_t *value = json_string(text);

	if (!value)
		complain("'%s' cannot be sent: it must be UTF-8 text", text);
	return value;
}

json_t *with_text(json_t *parameters, const char *key, const char *text)
{
	if (!parameters || !text || json_object_set_new(parameters, key, text_json(text)) == 0)
		return parameters;
	json_decref(parameters);
	return NULL;
}

json_t *with_words(json_t *parameters, const char *key, const char *const *words, size_t n)
{
	json_t *list = json_array();
	int failed = list ? 0 : -1;

	for (size_t i = 0; i < n && !failed; i++)
		failed = json_array_append_new(list, text_json(words[i]));
	if (!failed && n > 0)
		failed = json_object_set(parameters, key, list);
	json_decref(list);
	if (!failed)
		return parameters;
	json_decref(parameters);
	return NULL;
}

/* ---- refusals */

static const char *text_of(const struct client_reply *reply, const char *name)
{
	const char *text = json_string_value(json_object_get(reply->parameters, name));

	return text ? text : "?";
}

static bool is_error(const struct client_reply *reply, enum error_id id)
{
	return strcmp(reply->error, wire_errors[id].name) == 0;
}

/* The state of the supervisor, or of a child that has the name. */
static void complain_state(
	const struct request *request, const char *sup, const struct client_reply *reply)
{
	const char *about = text_of(reply, "path");
	const char *state = text_of(reply, "state");
	const char *last = strrchr(about, '/');
	const char *name = request->name ? request->name : request->args[1];

	last = last ? last + 1 : about;
	if ((request->name || request->n_before > 1) && strcmp(last, name) == 0)
		complain("cannot %s below %s: the name is taken: %s is %s", request->verb->name,
			sup, about, state);
	else
		complain("cannot %s below %s: it is %s: start it first", request->verb->name, sup,
			state);
}

static void complain_parameter(
	const struct request *request, const char *sup, const struct client_reply *reply)
{
	const char *parameter = text_of(reply, "parameter");
	const char *verb = request->verb->name;
	bool is_task = strcmp(verb, "run") == 0;

	if (strcmp(parameter, "path") == 0 && is_task)
		complain("cannot run a task below %s: it is no dynamic supervisor", sup);
	else if (strcmp(parameter, "path") == 0)
		complain("cannot start-child below %s: it is no supervisor to which children can "
			 "be added",
			sup);
	else if (strcmp(parameter, "settings") == 0)
		complain("cannot start-child below %s: a dynamic supervisor's children have the "
			 "settings of its template; --set has no place there",
			sup);
	else if (strcmp(parameter, "name") == 0 && (is_task || request->n_before > 1))
		complain("cannot %s below %s: no child can have that name", verb, sup);
	else if (strcmp(parameter, "name") == 0)
		complain("cannot start-child below %s: it is no dynamic supervisor: give the child "
			 "a name",
			sup);
	else if (strcmp(parameter, "command") == 0)
		complain("cannot %s below %s: which command? Write it behind --", verb, sup);
	else
		complain("cannot %s below %s: supd refuses the parameter %s", verb, sup, parameter);
}

int complain_not_added(
	const struct request *request, const char *sup, const struct client_reply *reply)
{
	const char *verb = request->verb->name;

	if (is_error(reply, ERROR_INVALID_STATE))
		complain_state(request, sup, reply);
	else if (is_error(reply, ERROR_INVALID_PARAMETER))
		complain_parameter(request, sup, reply);
	else if (is_error(reply, ERROR_LIMIT_REACHED))
		complain("cannot %s below %s: it has as many children as it may have", verb,
			text_of(reply, "path"));
	else if (is_error(reply, ERROR_START_FAILED))
		complain("cannot %s below %s: %s", verb, sup, text_of(reply, "reason"));
	else
		return complain_refused(request, sup, reply);
	return SUPCTL_REFUSED;
}

/* ---- start-child */

static int complain_words(const struct request *request)
{
	if (request->n_before == 0)
		complain("start-child: below which supervisor? usage: supctl start-child %s",
			request->verb->arguments);
	else
		complain("start-child: %s: too much; does a -- before the command lack?",
			request->args[2]);
	return SUPCTL_USAGE;
}

int verb_start_child(const struct request *request)
{
	const char *sup = request->args[0];
	struct client_reply reply;
	json_t *parameters;
	int status;

	if (request->n_before == 0 || request->n_before > 2)
		return complain_words(request);
	parameters = with_text(json_object(), "path", sup);
	if (request->n_before == 2)
		parameters = with_text(parameters, "name", request->args[1]);
	parameters = with_words(parameters, "command", request->args + request->n_before,
		request->n_args - request->n_before);
	parameters = with_words(parameters, "settings", request->settings, request->n_settings);
	if (!parameters)
		return SUPCTL_USAGE;
	status = call_wait(
		request, WIRE_INTERFACE ".StartChild", with_timeout(request, parameters), &reply);
	if (status != SUPCTL_DONE)
		return status;
	if (reply.error) {
		status = complain_not_added(request, sup, &reply);
	} else if (request->flags & FLAG_JSON) {
		out_json(request->out, reply.parameters);
		out_text(request->out, "\n");
	} else {
		out_printf(request->out, "%s\n", text_of(&reply, "path"));
	}
	client_reply_free(&reply);
	return status;
}
