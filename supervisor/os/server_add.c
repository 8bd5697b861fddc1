/* server_add.c - the methods that bring children: StartChild, Run, and Start of a dynamic
 * supervisor. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/os/additions.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"

/* The strings of a parameter as a NULL-ended list, borrowed but for the list (malloc). NULL with
 * errno 0: not given; -E2BIG: too many. */
static int take_words(
	const struct request *request, enum param param, const char *const **ret_words)
{
	const json_t *list = request->args.value[param];
	size_t n = json_array_size(list);
	const char **words;

	if (!list)
		return 0;
	if (n > WORDS_MAX)
		return -E2BIG;
	words = calloc(n + 1, sizeof(*words));
	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		words[i] = json_string_value(json_array_get(list, i));
	*ret_words = words;
	return 0;
}

/* ---- refusals */

/* shell_add's errors. */
static void refuse(struct pending *pending, const struct addition_request *addition, int error)
{
	const char *bad = NULL;

	if (error == -EINVAL)
		bad = addition->name ? "name" : "command";
	else if (error == -ENAMETOOLONG)
		bad = "name";
	if (bad)
		pending_answer(
			pending, ERROR_INVALID_PARAMETER, json_pack("{s:s}", "parameter", bad));
	else if (error == -EAGAIN || error == -EMFILE || error == -ENFILE)
		pending_answer(
			pending, ERROR_LIMIT_REACHED, json_pack("{s:s}", "path", pending->path));
	else
		pending_answer(pending, ERROR_START_FAILED,
			json_pack("{s:s, s:s}", "path", pending->path, "reason", strerror(-error)));
}

static void close_stdio(const struct addition_request *addition)
{
	for (int i = 0; i < 3; i++)
		if (addition->stdio[i] >= 0)
			(void)close(addition->stdio[i]);
}

/* ---- adding */

static void child_path(const char *sup_path, const char *name, char path[PATH_SIZE])
{
	bool is_root = strcmp(sup_path, "/") == 0;
	size_t n = is_root ? 0 : strlen(sup_path);

	if (!name || n + strlen(name) + 2 > PATH_SIZE) {
		memcpy(path, sup_path, strlen(sup_path) + 1);
		return;
	}
	memcpy(path, sup_path, n);
	if (n > 0)
		path[n++] = '/';
	memcpy(path + n, name, strlen(name) + 1);
}

/* Consumes the descriptors of the addition. */
static void add(const struct request *request, enum pending_kind kind,
	const struct addition_request *addition, const char *sup_path, int64_t timeout_ms)
{
	struct client *client = request->client;
	struct pending *pending = NULL;
	uint64_t token = 0;
	char path[PATH_SIZE];
	int error;

	/* Who is gone does not wait: token 0 is nobody's. */
	if (!client->hung_up) {
		child_path(sup_path, addition->name, path);
		pending = pending_new(client, kind, path, timeout_ms, request->call->oneway);
		if (!pending) {
			close_stdio(addition);
			client->dead = true;
			return;
		}
		pending->nameless = !addition->name;
		token = pending->token;
	}
	error = shell_add(client->server->shell, addition, token);
	if (error < 0 && pending)
		refuse(pending, addition, error);
}

/* Reads the words of a command, and that of settings. Returns false after an error was sent. */
static bool take_lists(const struct request *request, struct addition_request *addition)
{
	enum param bad = PARAM_COMMAND;
	int error = take_words(request, PARAM_COMMAND, &addition->words);

	if (!error) {
		bad = PARAM_SETTINGS;
		error = take_words(request, PARAM_SETTINGS, &addition->settings);
	}
	if (!error)
		return true;
	if (error == -ENOMEM)
		request->client->dead = true;
	else
		request_invalid(request, wire_params[bad].name);
	return false;
}

static void free_lists(struct addition_request *addition)
{
	free((void *)(uintptr_t)addition->words);
	free((void *)(uintptr_t)addition->settings);
}

/* Is there a command, the template's included? */
static bool has_command(const struct request *request, const struct addition_request *addition)
{
	struct view sup;
	uint32_t template;

	if (addition->words && addition->words[0])
		return true;
	if (addition->task ||
		!engine_view(shell_engine(request->client->server->shell), addition->sup, &sup))
		return false;
	template = spec_node(sup.spec, sup.node)->first_child;
	return spec_list(sup.spec, spec_node(sup.spec, template)->argv)->n > 0;
}

void start_instance(
	const struct request *request, uint32_t index, const char *path, int64_t timeout_ms)
{
	struct addition_request addition = {.sup = index, .stdio = {-1, -1, -1}};

	if (has_command(request, &addition))
		add(request, PENDING_COMMAND, &addition, path, timeout_ms);
	else
		request_error(request, ERROR_START_FAILED,
			json_pack("{s:s, s:s}", "path", path, "reason",
				"its template has no command"));
}

/* What the supervisor's kind forbids, or NULL. */
static const char *bad_parameter(
	const struct request *request, const struct addition_request *addition)
{
	uint32_t kind = shell_record(request->client->server->shell, addition->sup)->kind;

	/* A partition more would send every key elsewhere. */
	if (kind == KIND_PROCESS || kind == KIND_PARTITION)
		return "path";
	if (kind == KIND_SUPERVISOR && addition->task)
		return "path";
	if (kind == KIND_SUPERVISOR)
		return addition->name ? NULL : "name";
	if (addition->settings)
		return "settings";
	return has_command(request, addition) ? NULL : "command";
}

void method_start_child(const struct request *request)
{
	struct addition_request addition = {.stdio = {-1, -1, -1}};
	char path[PATH_SIZE];
	const char *bad = NULL;
	int64_t timeout_ms;

	if (!request_timeout(request, &timeout_ms) || !request_path(request, &addition.sup, path))
		return;
	addition.name = json_string_value(request->args.value[PARAM_NAME]);
	if (take_lists(request, &addition)) {
		bad = bad_parameter(request, &addition);
		if (bad)
			request_invalid(request, bad);
		else
			add(request, PENDING_ADD, &addition, path, timeout_ms);
	}
	free_lists(&addition);
}

/* ---- tasks */

/* The caller's three descriptors, or none. Returns false after an error was sent. */
static bool take_stdio(
	const struct request *request, const char *path, struct addition_request *addition)
{
	int fd[3] = {-1, -1, -1};
	int n = passed_take(request->client, fd);

	memcpy(addition->stdio, fd, sizeof(fd));
	if (n == 0 || n == 3)
		return true;
	close_stdio(addition);
	if (n > 0)
		request_invalid(request, "descriptors");
	else
		request_error(request, ERROR_LIMIT_REACHED, json_pack("{s:s}", "path", path));
	return false;
}

/* Returns false after an error was sent. */
static bool may_link(const struct request *request, const char *path)
{
	int error = links_open(request->client->server);

	if (error == -ENOMEM)
		request->client->dead = true;
	else if (error < 0)
		request_error(request, ERROR_LIMIT_REACHED, json_pack("{s:s}", "path", path));
	return error == 0;
}

void method_run(const struct request *request)
{
	const json_t *value = request->args.value[PARAM_LINK];
	bool link = !value || json_is_true(value);
	struct addition_request addition = {.task = true, .stdio = {-1, -1, -1}};
	const char *bad = NULL;
	char path[PATH_SIZE];
	int64_t timeout_ms;

	if (link && !request->call->more) {
		request_invalid(request, "more");
		return;
	}
	/* A task is not started for a caller who is gone and would take it along. */
	if (link && (request->call->oneway || request->client->deaf))
		return;
	if (!request_timeout(request, &timeout_ms) || !request_path(request, &addition.sup, path))
		return;
	addition.name = json_string_value(request->args.value[PARAM_NAME]);
	if (take_lists(request, &addition)) {
		bad = bad_parameter(request, &addition);
		if (bad)
			request_invalid(request, bad);
		else if ((!link || may_link(request, path)) && take_stdio(request, path, &addition))
			add(request, link ? PENDING_LINK : PENDING_ADD, &addition, path,
				timeout_ms);
	}
	free_lists(&addition);
}
