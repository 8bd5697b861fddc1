/* spec_json.c - see spec_json.h. */
#include "supervisor/wire/spec_json.h"

#include <stdlib.h>
#include <string.h>

#include "config/bytes_json.h"
#include "config/surroundings_json.h"
#include "config/units.h"
#include "supervisor/wire/log_json.h"

static json_t *duration_json(int64_t ms)
{
	char buf[32];

	if (ms == SPEC_BRUTAL_KILL)
		return json_string("brutal_kill");
	return json_string(format_duration(ms, buf));
}

static json_t *strings_json(const struct spec *spec, uint32_t offset)
{
	const struct spec_list *from = offset == SPEC_NONE ? NULL : spec_list(spec, offset);
	json_t *list = from ? json_array() : json_null();

	for (uint32_t i = 0; from && i < from->n; i++) {
		if (json_array_append_new(list, bytes_json(spec_str(spec, from->item[i]))) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *argv_json(char *const *argv)
{
	json_t *list = json_array();

	for (; *argv; argv++) {
		if (json_array_append_new(list, bytes_json(*argv)) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *numbers_json(const struct spec *spec, uint32_t offset)
{
	const struct spec_list *from = offset == SPEC_NONE ? NULL : spec_list(spec, offset);
	json_t *list = from ? json_array() : json_null();

	for (uint32_t i = 0; from && i < from->n; i++) {
		if (json_array_append_new(list, json_integer(from->item[i])) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *success_json(const struct child_spec *child)
{
	json_t *list = json_array();
	int failed = list ? 0 : -1;
	char buf[16];

	for (unsigned i = 0; i < 256 && !failed; i++)
		if (child->success_statuses[i / 32] & (1u << (i % 32)))
			failed = json_array_append_new(list, json_sprintf("%u", i));
	for (int i = 1; i <= 64 && !failed; i++)
		if (child->success_signals & (UINT64_C(1) << (i - 1)))
			failed = json_array_append_new(list, json_string(signal_name(i, buf)));
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *backoff_json(const struct spec_backoff *backoff)
{
	if (backoff->initial_ms == 0)
		return json_null();
	return json_pack("{s:o, s:o, s:f, s:f, s:o}", "initial", duration_json(backoff->initial_ms),
		"max", duration_json(backoff->max_ms), "factor",
		(double)backoff->factor_milli / 1000.0, "jitter",
		(double)backoff->jitter_milli / 1000.0, "reset_after",
		duration_json(backoff->reset_after_ms));
}

static json_t *number_json(uint32_t number, uint32_t none)
{
	return number == none ? json_null() : json_integer(number);
}

static json_t *ready_json(const struct child_spec *child, const struct proc_spec *proc)
{
	return child->ready == READY_FD ? json_sprintf("fd:%d", proc->ready_fd)
					: json_string(spec_ready_name(child->ready));
}

/* How a process says that it lives, and is told to reload. */
static json_t *notify_json(const struct spec *spec, uint32_t node)
{
	const struct child_spec *child = spec_child(spec, node);
	const struct proc_spec *proc = spec_proc(spec, node);
	char watchdog[16];
	char reload[16];

	return json_pack("{s:o, s:s, s:s, s:o}", "watchdog",
		child->watchdog_ms > 0 ? duration_json(child->watchdog_ms) : json_null(),
		"watchdog_signal", signal_name(proc->watchdog_signal, watchdog), "reload_signal",
		signal_name(proc->reload_signal, reload), "reload_command",
		strings_json(spec, proc->reload_command));
}

/* null: no check. */
static json_t *health_json(const struct spec *spec, uint32_t node)
{
	const struct health_spec *health = spec_health(spec, node);
	json_t *json;
	json_t *words;

	if (!health)
		return json_null();
	json = json_pack("{s:n, s:n, s:n, s:o, s:o, s:I, s:o}", "exec", "tcp", "http", "interval",
		duration_json(health->interval_ms), "timeout", duration_json(health->timeout_ms),
		"retries", (json_int_t)health->retries, "start_period",
		duration_json(health->start_period_ms));
	words = health->probe == PROBE_EXEC
			? strings_json(spec, health->words)
			: bytes_json(spec_str(spec, spec_list(spec, health->words)->item[0]));
	if (json_object_set_new(json, spec_probe_name(health->probe), words) == 0)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *process_base_json(
	const struct spec *spec, uint32_t node, char *const *argv, bool environment)
{
	const struct child_spec *child = spec_child(spec, node);
	const struct proc_spec *proc = spec_proc(spec, node);
	char buf[16];

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, "
			 "s:o, s:o}",
		"command", argv ? argv_json(argv) : strings_json(spec, spec_node(spec, node)->argv),
		"ready", ready_json(child, proc), "start_timeout",
		duration_json(child->start_timeout_ms), "before_start",
		strings_json(spec, proc->before_start), "after_stop",
		strings_json(spec, proc->after_stop), "hook_timeout",
		duration_json(child->hook_timeout_ms), "backoff", backoff_json(&child->backoff),
		"success_exit", success_json(child), "stop_signal",
		signal_name(proc->stop_signal, buf), "notify_access",
		proc->notify_group ? "group" : "main", "directory",
		proc->directory == SPEC_NONE ? json_null()
					     : bytes_json(spec_str(spec, proc->directory)),
		"umask",
		proc->umask == PROC_UMASK_INHERIT ? json_null() : json_sprintf("%04o", proc->umask),
		"uid", number_json(proc->uid, PROC_ID_INHERIT), "gid",
		number_json(proc->gid, PROC_ID_INHERIT), "groups", numbers_json(spec, proc->groups),
		"environment", environment ? strings_json(spec, proc->environment) : json_null());
}

/* The keys that are set; null: no sandbox. */
static json_t *sandbox_json(const struct spec *spec, uint32_t node)
{
	const uint32_t offset = spec_proc(spec, node)->sandbox;
	json_t *list = offset == SPEC_NONE ? json_null() : json_array();

	for (unsigned i = 0; offset != SPEC_NONE && i < SANDBOX_KEY_COUNT; i++) {
		if (!(spec_sandbox(spec, offset)->set & SANDBOX_BIT(i)) ||
			json_array_append_new(list, json_string(spec_sandbox_key_name(i))) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *process_json(
	const struct spec *spec, uint32_t node, char *const *argv, bool environment)
{
	json_t *json = process_base_json(spec, node, argv, environment);
	json_t *notify = notify_json(spec, node);
	json_t *around = surroundings_json(spec, spec_proc(spec, node));

	if (json_object_update(json, notify) < 0 || json_object_update(json, around) < 0 ||
		json_object_set_new(json, "health", health_json(spec, node)) < 0 ||
		json_object_set_new(json, "log", log_json(spec, node)) < 0 ||
		json_object_set_new(json, "sandbox", sandbox_json(spec, node)) < 0) {
		json_decref(json);
		json = NULL;
	}
	json_decref(notify);
	json_decref(around);
	return json;
}

static json_t *supervisor_json(const struct spec *spec, uint32_t node)
{
	const struct sup_spec *sup = spec_sup(spec, node);

	return json_pack("{s:s, s:I, s:o, s:s, s:s, s:o, s:s, s:o, s:o}", "strategy",
		spec_strategy_name(sup->strategy), "max_restarts", (json_int_t)sup->intensity,
		"max_seconds", duration_json(sup->period_ms), "auto_shutdown",
		spec_auto_shutdown_name(sup->auto_shutdown), "on_limit",
		spec_on_limit_name(sup->on_limit), "retry_after",
		sup->on_limit == ON_LIMIT_PARK ? duration_json(sup->retry_after_ms) : json_null(),
		"start", spec_start_name(sup->start), "max_children",
		number_json(sup->max_children, 0), "partitions", number_json(sup->partitions, 0));
}

json_t *spec_json(const struct spec *spec, uint32_t node, char *const *argv, bool environment)
{
	const struct spec_node *at = spec_node(spec, node);
	const struct child_spec *child = spec_child(spec, node);
	json_t *json = json_pack("{s:s, s:o, s:b, s:o, s:I}", "restart",
		spec_restart_name(child->restart), "shutdown", duration_json(child->shutdown_ms),
		"significant", child->significant, "file", bytes_json(spec_str(spec, at->file)),
		"line", (json_int_t)at->line);
	json_t *own = at->kind == KIND_PROCESS ? process_json(spec, node, argv, environment)
					       : supervisor_json(spec, node);

	if (json_object_update(json, own) < 0) {
		json_decref(json);
		json = NULL;
	}
	json_decref(own);
	return json;
}
