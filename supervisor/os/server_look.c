/* server_look.c - the methods that look at one child or one supervisor: Count, WhereIs, Inspect. */
#include <string.h>

#include "config/bytes_json.h"
#include "supervisor/os/additions.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/os/trouble.h"
#include "supervisor/wire/child_json.h"
#include "supervisor/wire/count.h"
#include "supervisor/wire/partition.h"
#include "supervisor/wire/spec_json.h"

void method_count(const struct request *request)
{
	const struct shell *shell = request->client->server->shell;
	struct child_count count = {0};
	char path[PATH_SIZE];
	uint32_t index;

	if (!request_path(request, &index, path))
		return;
	if (shell_record(shell, index)->kind == KIND_PROCESS) {
		request_invalid(request, wire_params[PARAM_PATH].name);
		return;
	}
	for (uint32_t i = shell_record(shell, index)->first_child; i != STATUS_NONE;
		i = shell_record(shell, i)->next_sibling)
		child_count_add(&count, shell_record(shell, i));
	request_reply(request, child_count_json(&count));
}

/* ---- WhereIs */

/* The partition that key belongs to. Returns false after an error was sent. */
static bool find_partition(const struct request *request, const char *key, uint32_t *index)
{
	const struct shell *shell = request->client->server->shell;
	const struct status_record *record = shell_record(shell, *index);
	uint32_t number;

	if (record->kind != KIND_PARTITION || record->children_max == 0) {
		request_invalid(request, wire_params[PARAM_KEY].name);
		return false;
	}
	number = partition_of(key, record->children_max);
	for (uint32_t i = record->first_child; i != STATUS_NONE;
		i = shell_record(shell, i)->next_sibling) {
		record = shell_record(shell, i);
		if (record->used && partition_is(record->name, number)) {
			*index = i;
			return true;
		}
	}
	request_error(request, ERROR_NOT_FOUND,
		json_pack("{s:s}", "path", json_string_value(request->args.value[PARAM_NAME])));
	return false;
}

void method_where_is(const struct request *request)
{
	struct shell *shell = request->client->server->shell;
	const char *name = json_string_value(request->args.value[PARAM_NAME]);
	const json_t *key = request->args.value[PARAM_KEY];
	const struct status_record *record;
	char path[PATH_SIZE];
	uint32_t index;

	if (!request_find(request, name, &index))
		return;
	if (key && !find_partition(request, json_string_value(key), &index))
		return;
	record = shell_record(shell, index);
	/* A supervisor has no process; which of a partition supervisor's, only a key can tell. */
	if (record->kind != KIND_PROCESS) {
		request_invalid(request,
			wire_params[record->kind == KIND_PARTITION ? PARAM_KEY : PARAM_NAME].name);
		return;
	}
	if (engine_path(shell_engine(shell), index, path, sizeof(path)) < 0)
		request_error(request, ERROR_NOT_FOUND, json_pack("{s:s}", "path", name));
	else if (record->pid <= 0)
		request_invalid_state(request, path, index);
	else
		request_reply(
			request, json_pack("{s:s, s:i}", "path", path, "pid", (int)record->pid));
}

/* ---- Inspect */

static json_t *template_json(const struct view *view, bool environment)
{
	if (view->kind != KIND_DYNAMIC)
		return json_null();
	return spec_json(
		view->spec, spec_node(view->spec, view->node)->first_child, NULL, environment);
}

/* The failed health checks that matter still. */
static json_t *trouble_json(struct shell *shell, uint32_t index)
{
	const struct trouble *trouble = shell_trouble(shell, index);

	if (!trouble)
		return json_null();
	return json_pack("{s:I, s:f, s:o}", "failures", (json_int_t)trouble->failures, "ago",
		(double)(loop_now_ms(shell_loop(shell)) - trouble->at_ms) / 1000.0, "reason",
		bytes_json(trouble->reason));
}

void method_inspect(const struct request *request)
{
	struct shell *shell = request->client->server->shell;
	/* It may hold secrets. */
	bool environment = request->client->role > ROLE_OBSERVER;
	const struct addition_data *data;
	char path[PATH_SIZE];
	struct view view;
	uint32_t index;
	json_t *json;

	if (!request_path(request, &index, path))
		return;
	if (!engine_view(shell_engine(shell), index, &view)) {
		request_error(request, ERROR_NOT_FOUND, json_pack("{s:s}", "path", path));
		return;
	}
	data = view.extra;
	json = json_pack("{s:o, s:o, s:o, s:b, s:b, s:I, s:o, s:o}", "child",
		child_json(shell_record(shell, index), path, loop_now_ms(shell_loop(shell))),
		"spec", spec_json(view.spec, view.node, data ? data->argv : NULL, environment),
		"template", template_json(&view, environment), "added", view.added, "task",
		view.task, "streak", (json_int_t)view.streak, "window",
		view.kind == KIND_PROCESS ? json_null() : json_integer(view.window), "trouble",
		trouble_json(shell, index));
	if (json)
		request_reply(request, json);
	else
		request->client->dead = true;
}
