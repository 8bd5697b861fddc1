/* call.c - varlink's messages: a call taken apart, replies and errors put together. */
#include "supervisor/wire/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* null stands for an absent member, as in varlink's nullable fields. */
static int take_flag(const json_t *value, bool *ret)
{
	if (json_is_null(value))
		return 0;
	if (!json_is_boolean(value))
		return -EINVAL;
	*ret = json_is_true(value);
	return 0;
}

static int take_member(struct call *call, const char *key, json_t *value)
{
	bool upgrade = false;

	if (strcmp(key, "method") == 0) {
		call->method = json_string_value(value);
		return call->method ? 0 : -EINVAL;
	}
	if (strcmp(key, "parameters") == 0) {
		call->parameters = json_is_object(value) ? value : NULL;
		return call->parameters || json_is_null(value) ? 0 : -EINVAL;
	}
	if (strcmp(key, "oneway") == 0)
		return take_flag(value, &call->oneway);
	if (strcmp(key, "more") == 0)
		return take_flag(value, &call->more);
	/* An upgraded connection would speak another protocol: there is none. */
	if (strcmp(key, "upgrade") == 0)
		return take_flag(value, &upgrade) < 0 || upgrade ? -EINVAL : 0;
	return -EINVAL;
}

int call_parse(const char *text, size_t n, struct call *ret, const char **ret_bad)
{
	const char *bad = NULL;
	const char *key;
	json_t *value;

	*ret = (struct call){.root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL)};
	if (!json_is_object(ret->root))
		return -EBADMSG;
	json_object_foreach(ret->root, key, value)
	{
		if (take_member(ret, key, value) < 0 && !bad)
			bad = key;
	}
	if (!bad && !ret->method)
		bad = "method";
	if (!bad)
		return 0;
	*ret_bad = bad;
	return -EINVAL;
}

void call_free(struct call *call)
{
	json_decref(call->root);
	*call = (struct call){0};
}

static char *message_text(json_t *message, size_t *ret_n)
{
	char *text = message ? json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(message);
	if (text)
		*ret_n = strlen(text) + 1;
	return text;
}

char *reply_text(json_t *parameters, bool continues, size_t *ret_n)
{
	json_t *message = json_pack("{s:o}", "parameters", parameters ? parameters : json_object());

	if (message && continues && json_object_set_new(message, "continues", json_true()) < 0) {
		json_decref(message);
		return NULL;
	}
	return message_text(message, ret_n);
}

char *error_text(const char *name, json_t *parameters, size_t *ret_n)
{
	return message_text(json_pack("{s:s, s:o}", "error", name, "parameters",
				    parameters ? parameters : json_object()),
		ret_n);
}
