/* spec.c - names and defaults of a specification.
 *
 * This file needs nothing but memory and string functions: the client links it alone. */
#include "config/spec.h"

#include <signal.h>
#include <string.h>

#include "config/spec_log.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define NAME(id, text) text,
static const char *const KIND_NAMES[] = {SPEC_KINDS(NAME)};
static const char *const STRATEGY_NAMES[] = {SPEC_STRATEGIES(NAME)};
static const char *const RESTART_NAMES[] = {SPEC_RESTARTS(NAME)};
static const char *const AUTO_SHUTDOWN_NAMES[] = {SPEC_AUTO_SHUTDOWNS(NAME)};
static const char *const ON_LIMIT_NAMES[] = {SPEC_ON_LIMITS(NAME)};
static const char *const START_NAMES[] = {SPEC_START_MODES(NAME)};
static const char *const READY_NAMES[] = {SPEC_READIES(NAME)};
static const char *const PROBE_NAMES[] = {SPEC_PROBES(NAME)};
static const char *const STDIN_NAMES[] = {SPEC_STDINS(NAME)};
static const char *const SOCKET_NAMES[] = {SPEC_SOCKET_KINDS(NAME)};
#undef NAME
#define NAME(id, text, unit) text,
static const char *const LIMIT_NAMES[] = {SPEC_LIMITS(NAME)};
static const char *const RESOURCE_NAMES[] = {SPEC_RESOURCES(NAME)};
#undef NAME
#define UNIT(id, text, unit) LIMIT_IN_##unit,
static const enum limit_unit LIMIT_UNITS[] = {SPEC_LIMITS(UNIT)};
#undef UNIT
/* clang-format on */

/* The records are laid so that the compiler adds no padding of its own: equal means equal bytes. */
_Static_assert(sizeof(struct child_spec) == 112, "child_spec has no hidden padding");
_Static_assert(sizeof(struct sup_spec) == 40, "sup_spec has no hidden padding");
_Static_assert(sizeof(struct setting_spec) == 20, "setting_spec has no hidden padding");
_Static_assert(sizeof(struct proc_spec) == 80, "proc_spec has no hidden padding");
_Static_assert(sizeof(struct health_spec) == 40, "health_spec has no hidden padding");
_Static_assert(sizeof(struct surroundings_spec) == 408, "surroundings_spec has no hidden padding");
_Static_assert(sizeof(struct resources_spec) == 72, "resources_spec has no hidden padding");
_Static_assert(sizeof(struct socket_spec) == 68, "socket_spec has no hidden padding");
_Static_assert(sizeof(struct log_spec) == 48, "log_spec has no hidden padding");
_Static_assert(sizeof(struct spec_node) == 48, "spec_node has no hidden padding");
_Static_assert(sizeof(struct spec) == 48, "spec has no hidden padding");
_Static_assert(sizeof(struct control_spec) == 32, "control_spec has no hidden padding");
_Static_assert(sizeof(struct sink_spec) == 12, "sink_spec has no hidden padding");

const char *spec_kind_name(unsigned v)
{
	return v < ARRAY_LEN(KIND_NAMES) ? KIND_NAMES[v] : NULL;
}

const char *spec_strategy_name(unsigned v)
{
	return v < ARRAY_LEN(STRATEGY_NAMES) ? STRATEGY_NAMES[v] : NULL;
}

const char *spec_restart_name(unsigned v)
{
	return v < ARRAY_LEN(RESTART_NAMES) ? RESTART_NAMES[v] : NULL;
}

const char *spec_auto_shutdown_name(unsigned v)
{
	return v < ARRAY_LEN(AUTO_SHUTDOWN_NAMES) ? AUTO_SHUTDOWN_NAMES[v] : NULL;
}

const char *spec_on_limit_name(unsigned v)
{
	return v < ARRAY_LEN(ON_LIMIT_NAMES) ? ON_LIMIT_NAMES[v] : NULL;
}

const char *spec_start_name(unsigned v)
{
	return v < ARRAY_LEN(START_NAMES) ? START_NAMES[v] : NULL;
}

const char *spec_ready_name(unsigned v)
{
	return v < ARRAY_LEN(READY_NAMES) ? READY_NAMES[v] : NULL;
}

const char *spec_probe_name(unsigned v)
{
	return v < ARRAY_LEN(PROBE_NAMES) ? PROBE_NAMES[v] : NULL;
}

const char *spec_stdin_name(unsigned v)
{
	return v < ARRAY_LEN(STDIN_NAMES) ? STDIN_NAMES[v] : NULL;
}

const char *spec_socket_kind_name(unsigned v)
{
	return v < ARRAY_LEN(SOCKET_NAMES) ? SOCKET_NAMES[v] : NULL;
}

const char *spec_limit_name(unsigned v)
{
	return v < ARRAY_LEN(LIMIT_NAMES) ? LIMIT_NAMES[v] : NULL;
}

enum limit_unit spec_limit_unit(enum limit limit)
{
	return LIMIT_UNITS[limit];
}

const char *spec_resource_name(unsigned v)
{
	return v < ARRAY_LEN(RESOURCE_NAMES) ? RESOURCE_NAMES[v] : NULL;
}

struct child_spec child_spec_default(enum spec_kind kind)
{
	struct child_spec child;

	memset(&child, 0, sizeof(child));
	child.restart = RESTART_PERMANENT;
	child.ready = READY_EXEC;
	child.shutdown_ms = kind == KIND_PROCESS ? 5000 : SPEC_INFINITY;
	/* A supervisor's start takes as long as those of its children. */
	child.start_timeout_ms = kind == KIND_PROCESS ? 30000 : SPEC_INFINITY;
	child.hook_timeout_ms = kind == KIND_PROCESS ? 30000 : 0;
	child.backoff = (struct spec_backoff){
		.initial_ms = 100,
		.max_ms = 30000,
		.reset_after_ms = 10000,
		.factor_milli = 2000,
		.jitter_milli = 100,
	};
	/* A supervisor restarts at once, as in OTP: its processes have their own delays. */
	if (kind != KIND_PROCESS)
		child.backoff.initial_ms = 0;
	return child;
}

struct sup_spec sup_spec_default(void)
{
	struct sup_spec sup;

	memset(&sup, 0, sizeof(sup));
	sup.strategy = STRATEGY_ONE_FOR_ONE;
	sup.intensity = 3;
	sup.period_ms = 5000;
	sup.retry_after_ms = SPEC_INFINITY;
	sup.defaults = SPEC_NONE;
	return sup;
}

struct proc_spec proc_spec_default(void)
{
	struct proc_spec proc;

	memset(&proc, 0, sizeof(proc));
	proc.directory = SPEC_NONE;
	proc.environment = SPEC_NONE;
	proc.umask = PROC_UMASK_INHERIT;
	proc.uid = PROC_ID_INHERIT;
	proc.gid = PROC_ID_INHERIT;
	proc.groups = SPEC_NONE;
	proc.health = SPEC_NONE;
	proc.before_start = SPEC_NONE;
	proc.after_stop = SPEC_NONE;
	proc.stop_signal = SIGTERM;
	proc.watchdog_signal = SIGTERM;
	proc.reload_signal = SIGHUP;
	proc.reload_command = SPEC_NONE;
	proc.ready_fd = -1;
	proc.notify_group = 1;
	proc.standard_input = STDIN_DEV_NULL;
	proc.surroundings = SPEC_NONE;
	proc.sockets = SPEC_NONE;
	proc.log = SPEC_NONE;
	proc.resources = SPEC_NONE;
	proc.sandbox = SPEC_NONE;
	return proc;
}

struct health_spec health_spec_default(void)
{
	struct health_spec health;

	memset(&health, 0, sizeof(health));
	health.interval_ms = 10000;
	health.timeout_ms = 5000;
	health.retries = 3;
	health.words = SPEC_NONE;
	return health;
}
