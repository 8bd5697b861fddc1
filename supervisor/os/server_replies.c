/* server_replies.c - the engine's answers going out to whoever waits for them. */
#include <string.h>

#include "supervisor/os/server.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/child_json.h"

enum { REASON_SIZE = 128 };

static const char *state_word(enum child_state state)
{
	const char *name = child_state_name(state);

	return name ? name : "unknown";
}

static json_t *path_json(const struct pending *pending)
{
	return json_pack("{s:s}", "path", pending->path);
}

static json_t *state_json(const struct pending *pending, enum child_state state)
{
	return json_pack("{s:s, s:s}", "path", pending->path, "state", state_word(state));
}

/* The path of the supervisor of what the call is about. Returns its length. */
static size_t supervisor_path(const struct pending *pending, const char **ret_path)
{
	const char *slash = strrchr(pending->path, '/');

	*ret_path = slash ? pending->path : "/";
	if (pending->nameless)
		return strlen(*ret_path = pending->path);
	return slash ? (size_t)(slash - pending->path) : 1;
}

/* The supervisor of the entry is what is in that state. */
static json_t *supervisor_json(const struct pending *pending, enum child_state state)
{
	const char *path;
	size_t n = supervisor_path(pending, &path);

	return json_pack("{s:s%, s:s}", "path", path, n, "state", state_word(state));
}

static json_t *reason_json(const struct pending *pending, const struct action *action)
{
	const struct shell *shell = pending->client->server->shell;
	char place[SHELL_PLACE_SIZE];
	char reason[REASON_SIZE];

	(void)end_reason(&action->end, reason, sizeof(reason));
	if (!*shell_failed_place(shell, action->ref, &action->end, place))
		return json_pack("{s:s, s:s}", "path", pending->path, "reason", reason);
	return json_pack("{s:s, s:o}", "path", pending->path, "reason",
		json_sprintf("%s (%s)", reason, place));
}

/* max_children is the supervisor's, a child of a supervisor without it has met another bound. */
static json_t *limit_json(const struct pending *pending)
{
	const char *path;
	size_t n = supervisor_path(pending, &path);

	return pending->kind == PENDING_COMMAND && !pending->nameless
		       ? path_json(pending)
		       : json_pack("{s:s%}", "path", path, n);
}

/* Who has the name: its path and its state. */
static json_t *taken_json(const struct pending *pending, const struct action *action)
{
	const struct engine *engine = shell_engine(pending->client->server->shell);
	char path[PATH_SIZE];

	if (engine_path(engine, action->ref.index, path, sizeof(path)) < 0)
		return state_json(pending, action->state);
	return json_pack("{s:s, s:s}", "path", path, "state", state_word(action->state));
}

/* The new child: where it is, and its process unless it is done already. */
static json_t *child_reply(const struct pending *pending, struct ref ref)
{
	const struct shell *shell = pending->client->server->shell;
	int32_t pid = shell_record(shell, ref.index)->pid;
	char path[PATH_SIZE];

	if (engine_path(shell_engine(pending->client->server->shell), ref.index, path,
		    sizeof(path)) < 0)
		path[0] = '\0';
	return json_pack(
		"{s:s, s:o}", "path", path, "pid", pid > 0 ? json_integer(pid) : json_null());
}

static void reply_done(struct pending *pending, const struct action *action)
{
	switch ((enum pending_kind)pending->kind) {
	case PENDING_COMMAND:
		pending_answer(pending, ERROR_COUNT, NULL);
		return;
	case PENDING_ADD:
		pending_answer(pending, ERROR_COUNT, child_reply(pending, action->ref));
		return;
	case PENDING_LINK:
		link_begin(pending, action->ref);
		pending_continue(pending, child_reply(pending, action->ref));
		return;
	}
}

void server_reply(struct server *server, const struct action *action)
{
	struct pending *pending = pending_find(server, action->token);

	if (links_reply(server, action))
		return;
	/* Its client is gone, or it has timed out. */
	if (!pending) {
		if (token_links(action->token) && action->result == RESULT_OK)
			link_orphan(server, action->ref);
		return;
	}
	switch (action->result) {
	case RESULT_OK:
		reply_done(pending, action);
		return;
	case RESULT_INVALID_STATE:
		pending_answer(pending, ERROR_INVALID_STATE, state_json(pending, action->state));
		return;
	case RESULT_EXISTS:
		pending_answer(pending, ERROR_INVALID_STATE, taken_json(pending, action));
		return;
	case RESULT_START_FAILED:
		pending_answer(pending, ERROR_START_FAILED, reason_json(pending, action));
		return;
	case RESULT_SUPERVISOR_DOWN:
		pending_answer(
			pending, ERROR_INVALID_STATE, supervisor_json(pending, action->state));
		return;
	case RESULT_LIMIT_REACHED:
	case RESULT_BUSY:
		pending_answer(pending, ERROR_LIMIT_REACHED, limit_json(pending));
		return;
	case RESULT_GONE:
		pending_answer(pending, ERROR_NOT_FOUND, path_json(pending));
		return;
	}
}

void server_done(struct server *server, uint64_t token)
{
	struct pending *pending = pending_find(server, token);

	if (pending)
		pending_answer(pending, ERROR_COUNT, NULL);
}

void server_refuse(struct server *server, uint64_t token, const char *reason)
{
	struct pending *pending = pending_find(server, token);

	if (pending)
		pending_answer(pending, ERROR_START_FAILED,
			json_pack("{s:s, s:s}", "path", pending->path, "reason", reason));
}
