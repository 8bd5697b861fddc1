/* keys.c - the words of the configuration. */
#include "config/keys.h"

#include <assert.h>
#include <string.h>

#include "config/setters.h"
#include "config/units.h"

#define BIT(context) (1u << (context))
#define MEMBER(m) offsetof(struct settings, m), sizeof(((struct settings *)0)->m)
#define FILES BIT(IN_FILE)
#define SUPS BIT(IN_SUPERVISOR)
#define DYNAMICS BIT(IN_DYNAMIC)
#define PARTITIONS BIT(IN_PARTITION)
#define ALL_SUPS (SUPS | DYNAMICS | PARTITIONS)
#define PROCS (BIT(IN_PROCESS) | BIT(IN_DEFAULTS))
#define BACKOFFS BIT(IN_BACKOFF)
#define HEALTHS BIT(IN_HEALTH)
#define LIMITS BIT(IN_LIMITS)
#define RESOURCES BIT(IN_RESOURCES)
#define CONTROLS BIT(IN_CONTROL)
#define LOGS BIT(IN_LOG)
#define SINKS BIT(IN_SINK)
#define SANDBOXES BIT(IN_SANDBOX)

/* clang-format off */
#define SECTION(name, shape, where, opens, as_value) \
	{name, shape, where, opens, as_value, false, NULL, 0, 0, NULL, 0, 0}
#define LIST(name, where, set, member) \
	{name, SHAPE_LIST, where, 0, NULL, false, set, MEMBER(member), NULL, 0, 0}
#define VALUE(name, where, set, member) \
	{name, SHAPE_VALUE, where, 0, NULL, false, set, MEMBER(member), NULL, 0, 0}
#define CHOICE(name, where, member, names) \
	{name, SHAPE_VALUE, where, 0, NULL, false, set_choice, MEMBER(member), names, 0, 0}
#define NUMBER(name, where, set, member, min, max) \
	{name, SHAPE_VALUE, where, 0, NULL, false, set, MEMBER(member), NULL, min, max}
/* No member of its own to inherit: it sets those of other keys. */
#define INTERNAL(name, where, set) \
	{name, SHAPE_VALUE, where, 0, NULL, true, set, 0, 0, NULL, 0, 0}

/* The word in the place of a section, where it is inherited as one of the section's keys. */
#define WORD(name, where, set, member) \
	{name, SHAPE_VALUE, where, 0, NULL, true, set, MEMBER(member), NULL, 0, 0}

#define LIMIT(id, name, unit) \
	NUMBER(name, LIMITS, set_limit, limit[LIMIT_##id], LIMIT_IN_##unit, 0),

#define RESOURCE(id, name, unit) \
	NUMBER(name, RESOURCES, set_resource, resource[RESOURCE_##id], RESOURCE_##id, 0),

const struct key KEYS[] = {
	VALUE("runtime_dir", FILES, set_string, runtime_dir),
	VALUE("log_user", FILES, set_string, log_user),
	SECTION("control", SHAPE_SECTION, FILES, IN_CONTROL, NULL),
	VALUE("mode", CONTROLS, set_umask, control_mode),
	LIST("observers", CONTROLS, set_list, control_role[0]),
	LIST("operators", CONTROLS, set_list, control_role[1]),
	LIST("admins", CONTROLS, set_list, control_role[2]),
	SECTION("sink", SHAPE_TITLED, FILES, IN_SINK, NULL),
	VALUE("statsd", SINKS, set_string, statsd),
	SECTION("supervisor", SHAPE_TITLED, FILES | SUPS, IN_SUPERVISOR, NULL),
	SECTION("dynamic", SHAPE_TITLED, SUPS, IN_DYNAMIC, NULL),
	SECTION("partition", SHAPE_TITLED, SUPS, IN_PARTITION, NULL),
	SECTION("process", SHAPE_TITLED, ALL_SUPS, IN_PROCESS, NULL),
	SECTION("defaults", SHAPE_SECTION, SUPS, IN_DEFAULTS, NULL),

	CHOICE("restart", ALL_SUPS | PROCS, restart, spec_restart_name),
	VALUE("shutdown", ALL_SUPS | PROCS, set_shutdown, shutdown_ms),
	CHOICE("significant", ALL_SUPS | PROCS, significant, truth_name),

	CHOICE("strategy", SUPS, strategy, spec_strategy_name),
	NUMBER("max_restarts", ALL_SUPS, set_number, max_restarts, 0, 1000000),
	NUMBER("max_seconds", ALL_SUPS, set_period, period_ms, 1, INT64_MAX),
	CHOICE("auto_shutdown", ALL_SUPS, auto_shutdown, spec_auto_shutdown_name),
	CHOICE("on_limit", ALL_SUPS, on_limit, spec_on_limit_name),
	VALUE("retry_after", ALL_SUPS, set_timeout, retry_after_ms),
	CHOICE("start", SUPS | PARTITIONS, start, spec_start_name),
	NUMBER("max_children", DYNAMICS, set_number, max_children, 1, 100000),
	NUMBER("partitions", PARTITIONS, set_partitions, partitions, 1, 1024),

	NUMBER("instances", PROCS, set_number, instances, 1, 1000),
	VALUE("command", PROCS | SINKS, set_string, command),
	VALUE("directory", PROCS, set_string, directory),
	LIST("environment", PROCS, set_environment, environment),
	VALUE("environment_file", PROCS, set_string, environment_file),
	VALUE("umask", PROCS, set_umask, umask),
	VALUE("user", PROCS, set_string, user),
	VALUE("group", PROCS | CONTROLS, set_string, group),
	LIST("groups", PROCS, set_list, groups),
	LIST("success_exit", PROCS, set_success_exit, success_exit),
	VALUE("stop_signal", PROCS, set_signal, stop_signal),
	VALUE("ready", PROCS, set_ready, ready),
	CHOICE("notify_access", PROCS, notify_group, notify_access_name),
	VALUE("start_timeout", PROCS, set_timeout, start_timeout_ms),
	VALUE("watchdog", PROCS, set_watchdog, watchdog_ms),
	VALUE("watchdog_signal", PROCS, set_signal, watchdog_signal),
	VALUE("reload_signal", PROCS, set_signal, reload_signal),
	VALUE("reload_command", PROCS, set_string, reload_command),
	VALUE("before_start", PROCS, set_string, before_start),
	VALUE("after_stop", PROCS, set_string, after_stop),
	VALUE("hook_timeout", PROCS, set_timeout, hook_timeout_ms),

	SECTION("backoff", SHAPE_SECTION, PROCS, IN_BACKOFF, "backoff:"),
	INTERNAL("backoff:", BACKOFFS, set_backoff_off),
	VALUE("initial", BACKOFFS, set_delay, initial_ms),
	VALUE("max", BACKOFFS, set_delay, max_ms),
	NUMBER("factor", BACKOFFS, set_milli, factor_milli, 1000, 1000000),
	NUMBER("jitter", BACKOFFS, set_milli, jitter_milli, 0, 1000),
	VALUE("reset_after", BACKOFFS, set_delay, reset_after_ms),

	SECTION("health", SHAPE_SECTION, PROCS, IN_HEALTH, "health:"),
	INTERNAL("health:", HEALTHS, set_health_off),
	VALUE("exec", HEALTHS, set_string, health.exec),
	VALUE("tcp", HEALTHS, set_string, health.tcp),
	VALUE("http", HEALTHS, set_string, health.http),
	NUMBER("interval", HEALTHS, set_interval, health.interval_ms, 100, INT64_MAX),
	NUMBER("timeout", HEALTHS, set_period, health.timeout_ms, 1, INT64_MAX),
	NUMBER("retries", HEALTHS, set_number, health.retries, 1, 1000),
	VALUE("start_period", HEALTHS, set_delay, health.start_period_ms),
	NUMBER("nice", PROCS, set_number, nice, -20, 19),
	NUMBER("oom_score_adj", PROCS, set_number, oom_score_adj, -1000, 1000),
	VALUE("io_priority", PROCS, set_io_priority, io_priority),
	VALUE("cpu_affinity", PROCS, set_cpus, cpus),
	CHOICE("stdin", PROCS, standard_input, spec_stdin_name),
	CHOICE("terminal", PROCS, terminal, truth_name),
	LIST("sockets", PROCS, set_list, sockets),
	SECTION("log", SHAPE_SECTION, PROCS, IN_LOG, "log:"),
	WORD("log:", LOGS, set_log_word, log.value),
	CHOICE("to", LOGS, log.to, log_choice_name),
	VALUE("file", LOGS, set_string, log.file),
	CHOICE("format", LOGS, log.line, spec_log_line_name),
	CHOICE("prefix", LOGS, log.prefix, truth_name),
	{"timestamps", SHAPE_VALUE, LOGS, 0, NULL, false, set_log_time, MEMBER(log.time),
		spec_log_time_name, 0, 0},
	CHOICE("streams", LOGS, log.streams, spec_log_streams_name),
	NUMBER("max_size", LOGS, set_size, log.max_size, SPEC_LOG_SIZE_MIN, INT64_MAX),
	VALUE("max_age", LOGS, set_timeout, log.max_age_ms),
	NUMBER("max_files", LOGS, set_count, log.max_files, 1, 1000000),
	CHOICE("compress", LOGS, log.compress, spec_log_compress_name),
	VALUE("mode", LOGS, set_umask, log.mode),
	VALUE("owner", LOGS, set_string, log.owner),
	NUMBER("max_line", LOGS, set_size, log.max_line, SPEC_LOG_LINE_MIN, SPEC_LOG_LINE_MAX),
	CHOICE("on_full", LOGS, log.on_full, spec_log_full_name),
	SECTION("limits", SHAPE_SECTION, PROCS, IN_LIMITS, NULL),
	SPEC_LIMITS(LIMIT)
	SECTION("resources", SHAPE_SECTION, PROCS, IN_RESOURCES, NULL),
	SPEC_RESOURCES(RESOURCE)
	SECTION("sandbox", SHAPE_SECTION, PROCS, IN_SANDBOX, "sandbox:"),
	INTERNAL("sandbox:", SANDBOXES, set_sandbox_off),
	VALUE("seccomp", SANDBOXES, set_string, sandbox.seccomp),
	LIST("allow", SANDBOXES, set_list, sandbox.allow),
	LIST("deny", SANDBOXES, set_list, sandbox.deny),
	CHOICE("action", SANDBOXES, sandbox.action, spec_action_name),
	LIST("capabilities", SANDBOXES, set_capability, sandbox.capabilities),
	LIST("ambient", SANDBOXES, set_capability, sandbox.ambient),
	CHOICE("no_new_privs", SANDBOXES, sandbox.no_new_privs, truth_name),
	LIST("securebits", SANDBOXES, set_securebit, sandbox.securebits),
	LIST("read_only_paths", SANDBOXES, set_paths, sandbox.read_only_paths),
	LIST("writable_paths", SANDBOXES, set_paths, sandbox.writable_paths),
	LIST("inaccessible_paths", SANDBOXES, set_paths, sandbox.inaccessible_paths),
	CHOICE("private_tmp", SANDBOXES, sandbox.private_tmp, truth_name),
	CHOICE("private_dev", SANDBOXES, sandbox.private_dev, truth_name),
	CHOICE("private_network", SANDBOXES, sandbox.private_network, truth_name),
	LIST("namespaces", SANDBOXES, set_namespace, sandbox.namespaces),
	VALUE("hostname", SANDBOXES, set_hostname, sandbox.hostname),
	VALUE("root", SANDBOXES, set_root, sandbox.root),
	LIST("landlock_read", SANDBOXES, set_paths, sandbox.landlock_read),
	LIST("landlock_write", SANDBOXES, set_paths, sandbox.landlock_write),
	CHOICE("optional", SANDBOXES, sandbox.optional, truth_name),
};
/* clang-format on */

const char BUILT_IN[] = "(default)";
const size_t KEYS_N = sizeof(KEYS) / sizeof(KEYS[0]);
_Static_assert(sizeof(KEYS) / sizeof(KEYS[0]) <= KEYS_MAX, "struct record has room for every key");

const struct key *key_find(enum context context, const char *name, size_t length)
{
	for (size_t i = 0; i < KEYS_N; i++) {
		const struct key *key = &KEYS[i];
		if (key->internal || (context != CONTEXT_COUNT && !(key->where & BIT(context))))
			continue;
		if (strlen(key->name) == length && memcmp(key->name, name, length) == 0)
			return key;
	}
	return NULL;
}

const struct key *key_as_value(const struct key *section)
{
	size_t i = 0;

	while (i < KEYS_N && strcmp(KEYS[i].name, section->as_value) != 0)
		i++;
	assert(i < KEYS_N);
	return &KEYS[i];
}

const struct key *key_of_process(const char *text, size_t length, const struct key **ret_section)
{
	const char *dot = memchr(text, '.', length);
	const size_t before = dot != NULL ? (size_t)(dot - text) : length;
	const struct key *key = key_find(IN_PROCESS, text, before);

	*ret_section = NULL;
	if (dot == NULL || key == NULL || key->shape != SHAPE_SECTION)
		return dot == NULL ? key : NULL;
	*ret_section = key;
	return key_find(key->opens, dot + 1, length - before - 1);
}

const struct key *key_section(const struct key *key)
{
	for (size_t i = 0; i < KEYS_N; i++) {
		if (KEYS[i].shape == SHAPE_SECTION && (KEYS[i].where & BIT(IN_PROCESS)) &&
			(key->where & BIT(KEYS[i].opens)))
			return &KEYS[i];
	}
	return NULL;
}

size_t key_number(const struct key *key)
{
	return (size_t)(key - KEYS);
}

const char *key_nearest(enum context context, const char *word)
{
	const char *words[KEYS_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < KEYS_N; i++) {
		if (!KEYS[i].internal && (KEYS[i].where & BIT(context)))
			words[n++] = KEYS[i].name;
	}
	words[n++] = "include";
	return nearest_word(word, words, n);
}

const char *context_where(enum context context)
{
	static const char *const NAMES[CONTEXT_COUNT] = {
		[IN_FILE] = "at the top level",
		[IN_SUPERVISOR] = "in supervisor",
		[IN_DYNAMIC] = "in dynamic",
		[IN_PARTITION] = "in partition",
		[IN_PROCESS] = "in process",
		[IN_DEFAULTS] = "in defaults",
		[IN_BACKOFF] = "in backoff",
		[IN_HEALTH] = "in health",
		[IN_LIMITS] = "in limits",
		[IN_RESOURCES] = "in resources",
		[IN_CONTROL] = "in control",
		[IN_LOG] = "in log",
		[IN_SINK] = "in sink",
		[IN_SANDBOX] = "in sandbox",
	};
	return NAMES[context];
}

bool context_is_supervisor(enum context context)
{
	return (ALL_SUPS & BIT(context)) != 0;
}

const char *key_why_not(enum context context, const struct key *key)
{
	static const struct {
		const char *key;
		unsigned where;
		const char *why;
	} ROWS[] = {
		{"strategy", DYNAMICS, "a dynamic supervisor is always one_for_one"},
		{"strategy", PARTITIONS, "a partition is always one_for_one"},
		{"start", DYNAMICS, "it starts empty"},
		{"supervisor", DYNAMICS | PARTITIONS, "it holds one process"},
		{"dynamic", DYNAMICS | PARTITIONS, "it holds one process"},
		{"partition", DYNAMICS, "it holds one process"},
		{"partition", PARTITIONS, "it holds one process; partitions = N says how often"},
		{"defaults", DYNAMICS | PARTITIONS, "it holds one process, which has all keys"},
		{"partitions", DYNAMICS, "its children come at run time; max_children limits them"},
		{"max_children", PARTITIONS, "it always has as many children as partitions"},
		{"dynamic", FILES, "the root is a supervisor, and this goes inside it"},
		{"partition", FILES, "the root is a supervisor, and this goes inside it"},
	};
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		if (strcmp(ROWS[i].key, key->name) == 0 && (ROWS[i].where & BIT(context)))
			return ROWS[i].why;
	}
	return NULL;
}

void record_set(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place, bool first)
{
	struct place *set_at = &record->set_at[key_number(key)];

	if (first && set_at->file != NULL) {
		findings_error(r->findings, place, "duplicate-key",
			"'%s' is set twice here; the first is at %s:%u", key->name, set_at->file,
			set_at->line);
		return;
	}
	if (first)
		*set_at = place;
	if (value != NULL)
		key->set(r, record, key, value, place);
}

void record_inherit(struct record *to, const struct record *from, enum context context)
{
	for (size_t i = 0; i < KEYS_N; i++) {
		const struct key *key = &KEYS[i];
		if (!(key->where & BIT(context)) || key->size == 0 ||
			from->set_at[i].file == NULL || to->set_at[i].file != NULL)
			continue;
		to->set_at[i] = from->set_at[i];
		memcpy((char *)&to->settings + key->offset,
			(const char *)&from->settings + key->offset, key->size);
	}
}
