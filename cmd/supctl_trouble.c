/* supctl_trouble.c - see supctl_trouble.h. */
#include "cmd/supctl_trouble.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/methods.h"

/* A supd that hangs shall not hold up what the status table tells. */
enum { PATIENCE_MS = 1000, PROBE_SIZE = 512 };

static bool may_be_in_trouble(const struct status_record *record)
{
	return record->kind == KIND_PROCESS &&
	       (record->health != HEALTH_NONE || record->end_kind == END_UNHEALTHY ||
		       record->why == WHY_UNHEALTHY);
}

/* Says nothing when it fails. */
static bool inspect(const struct request *request, const char *path, struct client_reply *ret)
{
	int64_t patience_ms = request->timeout_ms < PATIENCE_MS ? request->timeout_ms : PATIENCE_MS;
	int64_t deadline_ms = deadline_after(patience_ms);
	json_t *parameters = json_pack("{s:s}", "path", path);
	struct connection connection;
	int error;

	if (!parameters)
		return false;
	if (connection_open(&connection, request->dir, deadline_ms) < 0) {
		json_decref(parameters);
		return false;
	}
	error = connection_send(&connection, WIRE_INTERFACE ".Inspect", parameters, 0, deadline_ms);
	if (!error)
		error = connection_receive(&connection, deadline_ms, ret);
	connection_close(&connection);
	return !error;
}

/* "tcp 127.0.0.1:80", "exec redis-cli ping" */
static void probe_words(const json_t *health, char buf[static PROBE_SIZE])
{
	const json_t *exec = json_object_get(health, "exec");
	const char *tcp = json_string_value(json_object_get(health, "tcp"));
	const char *http = json_string_value(json_object_get(health, "http"));
	size_t used;

	(void)snprintf(buf, PROBE_SIZE, "%s%s",
		tcp    ? "tcp "
		: http ? "http "
		       : "exec",
		tcp    ? tcp
		: http ? http
		       : "");
	for (size_t i = 0; i < json_array_size(exec); i++) {
		const char *word = json_string_value(json_array_get(exec, i));

		used = strlen(buf);
		(void)snprintf(buf + used, PROBE_SIZE - used, " %s", word ? word : "?");
	}
}

static void trouble_words(const json_t *parameters, char buf[static TROUBLE_SIZE])
{
	const json_t *trouble = json_object_get(parameters, "trouble");
	const json_t *spec = json_object_get(parameters, "spec");
	const char *reason = json_string_value(json_object_get(trouble, "reason"));
	json_int_t failures = json_integer_value(json_object_get(trouble, "failures"));
	double ago = json_real_value(json_object_get(trouble, "ago"));
	char probe[PROBE_SIZE];
	char age[32];

	if (!reason)
		return;
	probe_words(json_object_get(spec, "health"), probe);
	(void)snprintf(buf, TROUBLE_SIZE,
		"Its health check (%s) failed %lld time%s in a row, the last time %s ago: %s.",
		probe, (long long)failures, failures == 1 ? "" : "s",
		format_age((int64_t)(ago * 1000), age), reason);
}

void trouble_find(const struct request *request, const char *path,
	const struct status_record *record, char buf[static TROUBLE_SIZE])
{
	struct client_reply reply = {0};

	buf[0] = '\0';
	if (!may_be_in_trouble(record) || !inspect(request, path, &reply))
		return;
	if (!reply.error)
		trouble_words(reply.parameters, buf);
	client_reply_free(&reply);
}
