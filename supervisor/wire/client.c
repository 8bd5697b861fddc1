/* client.c - the other side: calls put together, replies taken apart; for supctl. */
#include "supervisor/wire/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "supervisor/wire/methods.h"

char *client_call(const char *method, json_t *parameters, unsigned flags, size_t *ret_n)
{
	json_t *call = json_pack("{s:s, s:o}", "method", method, "parameters",
		parameters ? parameters : json_object());
	char *text = NULL;

	if (!call)
		return NULL;
	if ((flags & CLIENT_ONEWAY) && json_object_set_new(call, "oneway", json_true()) < 0)
		goto out;
	if ((flags & CLIENT_MORE) && json_object_set_new(call, "more", json_true()) < 0)
		goto out;
	text = json_dumps(call, JSON_COMPACT | JSON_REAL_PRECISION(15));
	if (text)
		*ret_n = strlen(text) + 1;
out:
	json_decref(call);
	return text;
}

int client_reply_parse(const char *text, size_t n, struct client_reply *ret)
{
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	json_t *error = json_object_get(root, "error");
	json_t *parameters = json_object_get(root, "parameters");

	if (!json_is_object(root) || (error && !json_is_null(error) && !json_is_string(error)) ||
		(parameters && !json_is_null(parameters) && !json_is_object(parameters))) {
		json_decref(root);
		return -EBADMSG;
	}
	*ret = (struct client_reply){
		.root = root,
		.error = json_string_value(error),
		.parameters = json_is_object(parameters) ? parameters : NULL,
		.continues = json_is_true(json_object_get(root, "continues")),
	};
	return 0;
}

void client_reply_free(struct client_reply *reply)
{
	json_decref(reply->root);
	*reply = (struct client_reply){0};
}

static const char *text_of(const struct client_reply *reply, const char *key)
{
	const char *text = json_string_value(json_object_get(reply->parameters, key));

	return text ? text : "?";
}

static const char *ambiguous_words(const struct client_reply *reply, char *buf, size_t size)
{
	json_t *candidates = json_object_get(reply->parameters, "candidates");
	size_t n = json_array_size(candidates);
	size_t used = 0;

	(void)snprintf(buf, size, "%s is ambiguous:", text_of(reply, "path"));
	for (size_t i = 0; i < n; i++) {
		const char *path = json_string_value(json_array_get(candidates, i));

		used = strlen(buf);
		(void)snprintf(
			buf + used, size - used, "%s %s", i > 0 ? "," : "", path ? path : "?");
	}
	return buf;
}

const char *client_error_words(const struct client_reply *reply, char *buf, size_t size)
{
	const char *path = text_of(reply, "path");
	int error = ERROR_COUNT;

	for (int i = 0; reply->error && i < ERROR_COUNT; i++) {
		if (strcmp(reply->error, wire_errors[i].name) == 0)
			error = i;
	}
	if (error == ERROR_AMBIGUOUS)
		return ambiguous_words(reply, buf, size);
	if (error == ERROR_NOT_FOUND)
		(void)snprintf(buf, size, "no child named %s", path);
	else if (error == ERROR_INVALID_STATE)
		(void)snprintf(buf, size, "%s is %s", path, text_of(reply, "state"));
	else if (error == ERROR_START_FAILED)
		(void)snprintf(buf, size, "%s did not start: %s", path, text_of(reply, "reason"));
	else if (error == ERROR_TIMEOUT)
		(void)snprintf(buf, size, "%s: not done in time", path);
	else if (error == ERROR_LIMIT_REACHED)
		(void)snprintf(buf, size, "%s: a limit is reached", path);
	else if (error == ERROR_PERMISSION_DENIED)
		(void)snprintf(buf, size, "permission denied");
	else if (error == ERROR_INVALID_PARAMETER)
		(void)snprintf(buf, size, "invalid parameter %s", text_of(reply, "parameter"));
	else
		(void)snprintf(buf, size, "%s", reply->error ? reply->error : "no error");
	return buf;
}
