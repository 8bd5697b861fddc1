/* supctl_wait.c - wait: until a child is running, stopped or healthy.
 *
 * The status table says what is; the stream of events says when to look again, so nothing is
 * polled. The subscription stands before the table is read: no change is missed. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_health.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/methods.h"

enum goal { GOAL_RUNNING, GOAL_STOPPED, GOAL_HEALTHY, GOAL_COUNT };

static const char *const goal_names[GOAL_COUNT] = {
	[GOAL_RUNNING] = "running",
	[GOAL_STOPPED] = "stopped",
	[GOAL_HEALTHY] = "healthy",
};

struct waiting {
	const struct request *request;
	enum goal goal;
	int64_t deadline_ms;
	char path[SNAPSHOT_PATH_SIZE]; /* in full */
	const char *state;	       /* at the last look */
};

enum verdict { NOT_YET, REACHED, NEVER };

/* ---- what is */

static bool is_ended(unsigned state)
{
	return state == CHILD_STOPPED || state == CHILD_EXITED || state == CHILD_FAILED ||
	       state == CHILD_PARKED || state == CHILD_REMOVED;
}

/* What waits for its supervisor is as stopped as that. */
static bool is_stopped(const struct snapshot *snapshot, uint32_t position)
{
	while (position != 0 && snapshot->nodes[position].record.state == CHILD_WAITING)
		position = snapshot->nodes[position].parent;
	return is_ended(snapshot->nodes[position].record.state);
}

static bool is_reached(enum goal goal, const struct snapshot *snapshot, uint32_t position)
{
	const struct status_record *record = &snapshot->nodes[position].record;

	switch (goal) {
	case GOAL_RUNNING:
		return record->state == CHILD_RUNNING;
	case GOAL_STOPPED:
		return is_stopped(snapshot, position);
	case GOAL_HEALTHY:
		return record->state == CHILD_RUNNING && health_is_well(snapshot, position);
	case GOAL_COUNT:
		break;
	}
	return false;
}

/* Looks at the table. Returns an enum verdict, or negative an enum supctl_exit. */
static int look(struct waiting *waiting)
{
	struct snapshot snapshot;
	uint32_t position;
	uint32_t n;
	int verdict = NOT_YET;
	int status = snapshot_open(waiting->request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return -status;
	if (snapshot_find(&snapshot, waiting->path, &position, NULL, 0, &n) < 0) {
		verdict = waiting->goal == GOAL_STOPPED ? REACHED : NEVER;
		waiting->state = child_state_name(CHILD_REMOVED);
	} else {
		waiting->state = child_state_name(snapshot.nodes[position].record.state);
		if (is_reached(waiting->goal, &snapshot, position))
			verdict = REACHED;
	}
	snapshot_free(&snapshot);
	return verdict;
}

/* ---- who is meant */

/* An instance that is not there has ended, if it ever ran: its supervisor is dynamic. */
static bool may_have_ended(const struct snapshot *snapshot, const char *path)
{
	const char *slash = strrchr(path, '/');
	char above[SNAPSHOT_PATH_SIZE];
	uint32_t position;
	uint32_t n;

	if (!slash || (size_t)(slash - path) >= sizeof above)
		return false;
	memcpy(above, path, (size_t)(slash - path));
	above[slash - path] = '\0';
	return snapshot_find(snapshot, above, &position, NULL, 0, &n) == 0 &&
	       snapshot->nodes[position].record.kind == KIND_DYNAMIC;
}

/* Fills path in. Returns an enum supctl_exit; *ret_over: there is nothing to wait for. */
static int find(struct waiting *waiting, bool *ret_over)
{
	const char *path = waiting->request->args[0];
	struct snapshot snapshot;
	uint32_t position;
	uint32_t n;
	int status = snapshot_open_live(waiting->request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	*ret_over = waiting->goal == GOAL_STOPPED &&
		    snapshot_find(&snapshot, path, &position, NULL, 0, &n) == -ENOENT &&
		    may_have_ended(&snapshot, path);
	waiting->state = child_state_name(CHILD_REMOVED);
	if (*ret_over)
		(void)strncat(waiting->path, path, sizeof waiting->path - 1);
	else
		status = snapshot_locate(&snapshot, path, &position);
	if (!*ret_over && status == SUPCTL_DONE)
		(void)snapshot_path(&snapshot, position, waiting->path);
	snapshot_free(&snapshot);
	return status;
}

/* ---- waiting */

static int print_reached(const struct waiting *waiting)
{
	json_t *json;

	if (!(waiting->request->flags & FLAG_JSON))
		return SUPCTL_DONE;
	json = json_pack(
		"{s:s, s:b, s:s}", "path", waiting->path, "ok", 1, "state", waiting->state);
	out_json(waiting->request->out, json);
	out_text(waiting->request->out, "\n");
	json_decref(json);
	return SUPCTL_DONE;
}

static int complain_late(const struct waiting *waiting)
{
	char limit[32];

	complain("%s is not %s within %s: it is %s; --timeout waits longer", waiting->path,
		waiting->request->wait_for, format_duration(waiting->request->timeout_ms, limit),
		waiting->state);
	return SUPCTL_UNREACHABLE;
}

/* When supd has ended in good order nothing of its tree runs. */
static int supd_ended(struct waiting *waiting)
{
	struct snapshot snapshot;
	const char *why;
	bool ended = false;

	if (snapshot_read(waiting->request->dir, &snapshot, &why) == 0) {
		ended = snapshot.liveness == SUPD_ENDED;
		snapshot_free(&snapshot);
	}
	if (!ended || waiting->goal != GOAL_STOPPED)
		return complain_unreachable(waiting->request, -ECONNRESET);
	waiting->state = child_state_name(CHILD_STOPPED);
	return print_reached(waiting);
}

/* Is path at or below the top? */
static bool is_within(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strcmp(top, "/") == 0 ||
	       (strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/'));
}

/* Is path the child or a supervisor above it? Healthy is only what is so down to its last child. */
static bool concerns(const struct waiting *waiting, const char *path)
{
	return is_within(waiting->path, path) ||
	       (waiting->goal == GOAL_HEALTHY && is_within(path, waiting->path));
}

/* It was what it should be, though it may not be any more when the table is read. */
static bool passed_through(struct waiting *waiting, const char *path, const char *to)
{
	enum child_state state = CHILD_STATE_COUNT;

	if (strcmp(path, waiting->path) != 0 || waiting->goal == GOAL_HEALTHY)
		return false;
	for (unsigned i = 0; i < CHILD_STATE_COUNT; i++)
		if (strcmp(child_state_name(i), to) == 0)
			state = (enum child_state)i;
	if (waiting->goal == GOAL_RUNNING ? state != CHILD_RUNNING : !is_ended(state))
		return false;
	waiting->state = child_state_name(state);
	return true;
}

/* What a reply tells. Returns as look does. */
static int learn(struct waiting *waiting, const struct client_reply *reply)
{
	const json_t *event = json_object_get(reply->parameters, "event");
	const char *path = json_string_value(json_object_get(event, "path"));
	const char *to = json_string_value(json_object_get(event, "to"));

	if (reply->error)
		return -complain_refused(waiting->request, waiting->path, reply);
	if (path && to && passed_through(waiting, path, to))
		return REACHED;
	if (path && !concerns(waiting, path) && !json_object_get(event, "lost"))
		return NOT_YET;
	return look(waiting);
}

static int follow(struct waiting *waiting, struct connection *connection)
{
	int verdict = NOT_YET;

	while (verdict == NOT_YET) {
		struct client_reply reply;
		int error = connection_receive(connection, waiting->deadline_ms, &reply);

		if (error == -ETIMEDOUT && waiting->state)
			return complain_late(waiting);
		if (error == -ECONNRESET)
			return supd_ended(waiting);
		if (error)
			return complain_unreachable(waiting->request, error);
		verdict = learn(waiting, &reply);
		client_reply_free(&reply);
	}
	if (verdict < 0)
		return -verdict;
	if (verdict == REACHED)
		return print_reached(waiting);
	complain("%s is no more", waiting->path);
	return SUPCTL_REFUSED;
}

static int read_goal(const struct request *request, enum goal *ret_goal)
{
	const char *nearest;

	if (!request->wait_for) {
		complain("wait: for what? Give --for running, --for stopped or --for healthy");
		return SUPCTL_USAGE;
	}
	for (int i = 0; i < GOAL_COUNT; i++) {
		if (strcmp(goal_names[i], request->wait_for) == 0) {
			*ret_goal = (enum goal)i;
			return SUPCTL_DONE;
		}
	}
	nearest = nearest_word(request->wait_for, goal_names, GOAL_COUNT);
	complain("wait: cannot wait for %s: %s%s%s", request->wait_for,
		nearest ? "did you mean " : "write running, stopped or healthy",
		nearest ? nearest : "", nearest ? "?" : "");
	return SUPCTL_USAGE;
}

int verb_wait(const struct request *request)
{
	struct waiting waiting = {
		.request = request, .deadline_ms = deadline_after(request->timeout_ms)};
	struct connection connection;
	bool over = false;
	int verdict;
	int status = read_goal(request, &waiting.goal);
	int error;

	if (status == SUPCTL_DONE)
		status = find(&waiting, &over);
	if (status != SUPCTL_DONE)
		return status;
	verdict = over ? REACHED : look(&waiting);
	if (verdict < 0)
		return -verdict;
	if (verdict == REACHED)
		return print_reached(&waiting);
	error = connection_open(&connection, request->dir, waiting.deadline_ms);
	if (error)
		return complain_unreachable(request, error);
	error = connection_send(
		&connection, WIRE_INTERFACE ".Subscribe", NULL, CLIENT_MORE, waiting.deadline_ms);
	status = error ? complain_unreachable(request, error) : follow(&waiting, &connection);
	connection_close(&connection);
	return status;
}
