/* supctl_refused.c - what went wrong, for people: what, of whom, why, and what to try. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "config/units.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/methods.h"

int complain_unreachable(const struct request *request, int error)
{
	const char *dir = request->dir;
	char limit[32];

	switch (-error) {
	case ENOENT:
	case ENOTDIR:
		complain("no supd at %s: there is no %s/control; is it running? -d DIR names "
			 "another runtime directory",
			dir, dir);
		break;
	case ECONNREFUSED:
		complain("no supd at %s: nobody listens on %s/control any more; `supctl status` "
			 "shows the last it wrote",
			dir, dir);
		break;
	case EACCES:
	case EPERM:
		complain("may not connect to %s/control: become root or the user that supd runs "
			 "as; the section control of supd.conf lets others in",
			dir);
		break;
	case ETIMEDOUT:
		complain("supd at %s does not answer within %s; `supctl status` needs no answer "
			 "from it",
			dir, format_duration(request->timeout_ms, limit));
		break;
	case ECONNRESET:
		complain("supd at %s closed the connection before it answered; has it ended?", dir);
		break;
	case EBADMSG:
	case EMSGSIZE:
		complain("what listens at %s/control does not answer like supd", dir);
		break;
	default:
		complain("cannot talk to supd at %s: %s", dir, strerror(-error));
		break;
	}
	return error == -ENOMEM ? SUPCTL_REFUSED : SUPCTL_UNREACHABLE;
}

/* ---- refusals */

/* What to try, by the command and the state the child is in: "" when there is nothing to say. */
struct advice {
	const char *verb;
	enum child_state state;
	const char *text;
};

static const struct advice advices[] = {
	{"start", CHILD_RUNNING, "is already running: use restart"},
	{"start", CHILD_STARTING, "is starting already"},
	{"start", CHILD_STOPPING, "is still being stopped: try again when it is gone"},
	{"start", CHILD_BACKOFF, "is about to be started again"},
	{"start", CHILD_RESTARTING, "is being restarted already"},
	{"start", CHILD_WAITING, "waits for its supervisor: start that"},
	{"start", CHILD_REMOVED, "was removed"},
	{"stop", CHILD_WAITING, "is not running: its supervisor has not started it"},
	{"restart", CHILD_WAITING, "waits for its supervisor: start that"},
	{"restart", CHILD_STOPPING, "is being stopped: try again when it is gone"},
	{"delete", CHILD_RUNNING, "is running: stop it first"},
	{"delete", CHILD_STARTING, "is starting: stop it first"},
	{"delete", CHILD_STOPPING, "is still being stopped: try again when it is gone"},
	{"delete", CHILD_BACKOFF, "waits for its next try: stop it first"},
	{"delete", CHILD_RESTARTING, "is being restarted: stop it first"},
	{"signal", CHILD_RUNNING, "is a supervisor, and has no process: name its children"},
	{"signal", CHILD_RESTARTING, "is a supervisor, and has no process: name its children"},
	{"signal", CHILD_WAITING, "has no process: it waits for its supervisor"},
	{"signal", CHILD_BACKOFF, "has no process: it waits for its next try"},
	{"signal", CHILD_STOPPED, "has no process: it is stopped"},
	{"signal", CHILD_EXITED, "has no process: it has exited"},
	{"signal", CHILD_FAILED, "has no process: its start failed"},
};

static const char *parameter(const struct client_reply *reply, const char *name)
{
	const char *text = json_string_value(json_object_get(reply->parameters, name));

	return text ? text : "";
}

static const char *advice_of(const char *verb, const char *state)
{
	for (size_t i = 0; i < ARRAY_LEN(advices); i++)
		if (strcmp(advices[i].verb, verb) == 0 &&
			strcmp(child_state_name(advices[i].state), state) == 0)
			return advices[i].text;
	return NULL;
}

static void complain_not_found(const struct request *request, const char *path)
{
	struct snapshot snapshot = {0};
	char nearest[SNAPSHOT_PATH_SIZE];
	const char *why;
	bool near = false;

	if (snapshot_read(request->dir, &snapshot, &why) == 0)
		near = snapshot_nearest(&snapshot, path, nearest);
	if (near)
		complain("cannot %s %s: there is no such child; did you mean %s?",
			request->verb->name, path, nearest);
	else
		complain("cannot %s %s: there is no such child; `supctl status` shows them",
			request->verb->name, path);
	snapshot_free(&snapshot);
}

/* Whether path, as the user wrote it, may name the child whose full path is full. */
static bool may_name(const char *path, const char *full)
{
	size_t n = strlen(path);
	size_t full_n = strlen(full);

	return n <= full_n && strcmp(full + full_n - n, path) == 0;
}

static void complain_state(
	const struct request *request, const char *path, const struct client_reply *reply)
{
	const char *state = parameter(reply, "state");
	const char *about = parameter(reply, "path");
	const char *advice = advice_of(request->verb->name, state);
	const char *verb = request->verb->name;

	if (strcmp(path, "/") == 0 && strcmp(about, "/") == 0 && strcmp(verb, "signal") != 0) {
		complain("cannot %s /: it is the root, and has no supervisor; `supctl shutdown` "
			 "stops "
			 "everything",
			verb);
		return;
	}
	/* The one whose state forbids it may be the supervisor above. */
	if (!may_name(path, about))
		complain("cannot %s %s: its supervisor %s is %s: start that first", verb, path,
			about, state);
	else if (advice)
		complain("cannot %s %s: it %s", verb, path, advice);
	else
		complain("cannot %s %s: it is %s", verb, path, state);
}

/* The limit is that of a supervisor: the one named, or the one above. */
static void complain_limit(const struct request *request, const char *path, const char *about)
{
	const char *name = *about ? about : "its supervisor";

	complain("cannot %s %s: %s has as many children as it may have", request->verb->name, path,
		may_name(path, about) && *about ? "it" : name);
}

static bool is_error(const struct client_reply *reply, enum error_id id)
{
	return strcmp(reply->error, wire_errors[id].name) == 0;
}

/* The role that a command needs: that of the method of its name, else reading is all it does. */
static enum role role_of_verb(const char *verb)
{
	char name[64] = WIRE_INTERFACE ".";
	size_t n = strlen(name);
	bool capital = true;
	int method;

	for (; *verb && n < sizeof name - 1; verb++) {
		if (*verb != '-')
			name[n++] = (char)(capital && *verb >= 'a' ? *verb - 'a' + 'A' : *verb);
		capital = *verb == '-';
	}
	method = method_find(name);
	return method < 0 ? ROLE_OBSERVER : wire_methods[method].role;
}

static void complain_denied(const char *verb, const char *space, const char *of)
{
	enum role role = role_of_verb(verb);
	unsigned uid = (unsigned)geteuid();

	/* The kernel has denied it to supd itself, which would know no more of who asks. */
	if (uid == 0)
		complain("cannot %s%s%s: permission denied: supd may not do that itself", verb,
			space, of);
	else
		complain("cannot %s%s%s: permission denied: that needs the role %s, which you "
			 "(user %u) do not have; "
			 "the section control of supd.conf gives it, and root and the user that "
			 "supd runs as have all",
			verb, space, of, role_name(role), uid);
}

int complain_refused(
	const struct request *request, const char *path, const struct client_reply *reply)
{
	const char *verb = request->verb->name;
	const char *space = path ? " " : "";
	const char *of = path ? path : "";
	char words[4096];
	char limit[32];

	if (is_error(reply, ERROR_TIMEOUT)) {
		complain("cannot %s%s%s within %s: it goes on; `supctl status%s%s` shows how far "
			 "it is, --timeout waits longer",
			verb, space, of, format_duration(request->timeout_ms, limit), space, of);
		return SUPCTL_UNREACHABLE;
	}
	if (is_error(reply, ERROR_NOT_FOUND))
		complain_not_found(request, of);
	else if (is_error(reply, ERROR_INVALID_STATE))
		complain_state(request, of, reply);
	else if (is_error(reply, ERROR_START_FAILED))
		complain("cannot %s%s%s: %s%s", verb, space, of,
			strcmp(verb, "reload") == 0 ? "" : "its start failed: ",
			parameter(reply, "reason"));
	else if (is_error(reply, ERROR_LIMIT_REACHED))
		complain_limit(request, of, parameter(reply, "path"));
	else if (is_error(reply, ERROR_PERMISSION_DENIED))
		complain_denied(verb, space, of);
	else if (is_error(reply, ERROR_METHOD_NOT_FOUND) ||
		 is_error(reply, ERROR_METHOD_NOT_IMPLEMENTED) ||
		 is_error(reply, ERROR_INTERFACE_NOT_FOUND))
		complain("cannot %s%s%s: the running supd does not know how; see `supctl version`",
			verb, space, of);
	else
		complain("cannot %s%s%s: %s", verb, space, of,
			client_error_words(reply, words, sizeof words));
	return SUPCTL_REFUSED;
}
