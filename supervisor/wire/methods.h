/* methods.h - the methods of the control socket: who may call them, what they take, what they ask
 * of the engine. One table; the interface text says the same, and a test compares the two. Pure. */
#ifndef WIRE_METHODS_H
#define WIRE_METHODS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "supervisor/engine/engine.h"

#define WIRE_INTERFACE "org.supd.Supervisor"
#define WIRE_SERVICE "org.varlink.service"

/* A parameter has one name and one type, whichever method takes it. */
/* clang-format off */
#define WIRE_PARAMS(X) \
	X(PATH, "path", STRING) \
	X(PATHS, "paths", STRINGS) \
	X(NAME, "name", STRING) \
	X(KEY, "key", STRING) \
	X(COMMAND, "command", STRINGS) \
	X(SETTINGS, "settings", STRINGS) \
	X(LINK, "link", BOOL) \
	X(TIMEOUT_MS, "timeout_ms", INT) \
	X(SIGNAL, "signal", STRING) \
	X(PATTERN, "pattern", STRING) \
	X(HISTORY, "history", INT) \
	X(SINCE, "since", INT) \
	X(FOLLOW, "follow", BOOL) \
	X(INTERFACE, "interface", STRING)

/* id, interface, name, role, command, required parameters, optional parameters */
#define WIRE_METHODS(X) \
	X(GET_INFO, WIRE_SERVICE, "GetInfo", OBSERVER, WIRE_NO_COMMAND, 0, 0) \
	X(GET_INTERFACE_DESCRIPTION, WIRE_SERVICE, "GetInterfaceDescription", OBSERVER, \
		WIRE_NO_COMMAND, WIRE_BIT(INTERFACE), 0) \
	X(PING, WIRE_INTERFACE, "Ping", OBSERVER, WIRE_NO_COMMAND, 0, 0) \
	X(STATUS, WIRE_INTERFACE, "Status", OBSERVER, WIRE_NO_COMMAND, 0, WIRE_BIT(PATHS)) \
	X(INSPECT, WIRE_INTERFACE, "Inspect", OBSERVER, WIRE_NO_COMMAND, WIRE_BIT(PATH), 0) \
	X(COUNT_CHILDREN, WIRE_INTERFACE, "Count", OBSERVER, WIRE_NO_COMMAND, 0, WIRE_BIT(PATH)) \
	X(IMPACT, WIRE_INTERFACE, "Impact", OBSERVER, WIRE_NO_COMMAND, WIRE_BIT(PATH), 0) \
	X(WHERE_IS, WIRE_INTERFACE, "WhereIs", OBSERVER, WIRE_NO_COMMAND, \
		WIRE_BIT(NAME), WIRE_BIT(KEY)) \
	X(START, WIRE_INTERFACE, "Start", OPERATOR, CMD_START, \
		WIRE_BIT(PATH), WIRE_BIT(TIMEOUT_MS)) \
	X(STOP, WIRE_INTERFACE, "Stop", OPERATOR, CMD_STOP, \
		WIRE_BIT(PATH), WIRE_BIT(TIMEOUT_MS)) \
	X(RESTART, WIRE_INTERFACE, "Restart", OPERATOR, CMD_RESTART, \
		WIRE_BIT(PATH), WIRE_BIT(TIMEOUT_MS)) \
	X(DELETE, WIRE_INTERFACE, "Delete", OPERATOR, CMD_DELETE, \
		WIRE_BIT(PATH), WIRE_BIT(TIMEOUT_MS)) \
	X(START_CHILD, WIRE_INTERFACE, "StartChild", ADMIN, CMD_ADD, WIRE_BIT(PATH), \
		WIRE_BIT(NAME) | WIRE_BIT(COMMAND) | WIRE_BIT(SETTINGS) | WIRE_BIT(TIMEOUT_MS)) \
	X(RUN, WIRE_INTERFACE, "Run", ADMIN, CMD_ADD, WIRE_BIT(PATH) | WIRE_BIT(COMMAND), \
		WIRE_BIT(NAME) | WIRE_BIT(LINK) | WIRE_BIT(TIMEOUT_MS)) \
	X(SIGNAL, WIRE_INTERFACE, "Signal", OPERATOR, WIRE_NO_COMMAND, \
		WIRE_BIT(PATH) | WIRE_BIT(SIGNAL), 0) \
	X(SUSPEND, WIRE_INTERFACE, "Suspend", OPERATOR, WIRE_NO_COMMAND, WIRE_BIT(PATH), 0) \
	X(RESUME, WIRE_INTERFACE, "Resume", OPERATOR, WIRE_NO_COMMAND, WIRE_BIT(PATH), 0) \
	X(RELOAD, WIRE_INTERFACE, "Reload", OPERATOR, WIRE_NO_COMMAND, \
		WIRE_BIT(PATH), WIRE_BIT(TIMEOUT_MS)) \
	X(REOPEN_LOGS, WIRE_INTERFACE, "ReopenLogs", OPERATOR, WIRE_NO_COMMAND, 0, 0) \
	X(SHUTDOWN, WIRE_INTERFACE, "Shutdown", ADMIN, WIRE_NO_COMMAND, 0, 0) \
	X(SUBSCRIBE, WIRE_INTERFACE, "Subscribe", OBSERVER, WIRE_NO_COMMAND, \
		0, WIRE_BIT(PATTERN) | WIRE_BIT(HISTORY) | WIRE_BIT(SINCE) | WIRE_BIT(FOLLOW))

/* id, qualified name, its parameters as the interface text writes them */
#define WIRE_ERRORS(X) \
	X(INTERFACE_NOT_FOUND, WIRE_SERVICE ".InterfaceNotFound", "interface: string") \
	X(METHOD_NOT_FOUND, WIRE_SERVICE ".MethodNotFound", "method: string") \
	X(METHOD_NOT_IMPLEMENTED, WIRE_SERVICE ".MethodNotImplemented", "method: string") \
	X(INVALID_PARAMETER, WIRE_SERVICE ".InvalidParameter", "parameter: string") \
	X(NOT_FOUND, WIRE_INTERFACE ".NotFound", "path: string") \
	X(AMBIGUOUS, WIRE_INTERFACE ".Ambiguous", "path: string, candidates: []string") \
	X(INVALID_STATE, WIRE_INTERFACE ".InvalidState", "path: string, state: string") \
	X(START_FAILED, WIRE_INTERFACE ".StartFailed", "path: string, reason: string") \
	X(TIMEOUT, WIRE_INTERFACE ".Timeout", "path: string") \
	X(LIMIT_REACHED, WIRE_INTERFACE ".LimitReached", "path: string") \
	X(PERMISSION_DENIED, WIRE_INTERFACE ".PermissionDenied", "")
/* clang-format on */

#define WIRE_BIT(id) (1u << PARAM_##id)
#define WIRE_ENUM_PARAM(id, text, type) PARAM_##id,
#define WIRE_ENUM_METHOD(id, interface, name, role, command, required, optional) METHOD_##id,
#define WIRE_ENUM_ERROR(id, name, parameters) ERROR_##id,

enum param_type { PARAM_TYPE_STRING, PARAM_TYPE_INT, PARAM_TYPE_BOOL, PARAM_TYPE_STRINGS };
enum param { WIRE_PARAMS(WIRE_ENUM_PARAM) PARAM_COUNT };
enum method_id { WIRE_METHODS(WIRE_ENUM_METHOD) METHOD_COUNT };
enum error_id { WIRE_ERRORS(WIRE_ENUM_ERROR) ERROR_COUNT };

/* Observers read; operators also start, stop, restart, signal; admins also bring commands of their
 * own, and shut down. */
/* clang-format off */
#define WIRE_ROLES(X) \
	X(OBSERVER, "observer") X(OPERATOR, "operator") X(ADMIN, "admin")
/* clang-format on */
#define WIRE_ENUM_ROLE(id, text) ROLE_##id,
enum role { WIRE_ROLES(WIRE_ENUM_ROLE) ROLE_COUNT };
_Static_assert((int)ROLE_COUNT == (int)SPEC_ROLES, "the specification names who has each role");
const char *role_name(enum role role);

enum { WIRE_NO_COMMAND = -1 };

struct param_spec {
	const char *name;
	enum param_type type;
};

struct method {
	const char *interface;
	const char *name;
	enum role role;
	int command;	   /* enum command_kind, or WIRE_NO_COMMAND */
	uint32_t required; /* bits 1 << enum param */
	uint32_t optional;
};

struct error_spec {
	const char *name;
	const char *parameters;
};

extern const struct param_spec wire_params[PARAM_COUNT];
extern const struct method wire_methods[METHOD_COUNT];
extern const struct error_spec wire_errors[ERROR_COUNT];

/* The parameters of a call by what they are; NULL: not given. Borrowed from the call. */
struct args {
	json_t *value[PARAM_COUNT];
};

/* Finds a method by its qualified name. Returns its enum method_id, -ENOENT (the interface is
 * known, the method is not, or name is not qualified) or -ENXIO (no such interface). */
int method_find(const char *name);

/* Checks parameters (NULL: none) against the method, strictly: a parameter that is unknown, missing
 * or of the wrong type is an error. null stands for an optional one not given. Returns 0, or
 * -EINVAL with *ret_bad its name, borrowed from parameters or static. */
int method_args(
	const struct method *method, json_t *parameters, struct args *ret, const char **ret_bad);

#endif
