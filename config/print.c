/* print.c - a specification as JSON. */
#include "config/print.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/bytes_json.h"
#include "config/print_internal.h"
#include "config/surroundings_json.h"
#include "config/units.h"

json_t *print_duration(int64_t ms)
{
	if (ms == SPEC_INFINITY)
		return json_string("infinity");
	if (ms == SPEC_BRUTAL_KILL)
		return json_string("brutal_kill");
	return ms % 1000 == 0 ? json_integer(ms / 1000) : json_real((double)ms / 1000);
}

static json_t *milli(uint32_t thousandths)
{
	return thousandths % 1000 == 0 ? json_integer(thousandths / 1000)
				       : json_real((double)thousandths / 1000);
}

/* A list of a spec, of strings or of numbers; null for none. */
static json_t *list(const struct spec *spec, uint32_t offset, bool strings)
{
	const struct spec_list *from = offset != SPEC_NONE ? spec_list(spec, offset) : NULL;
	json_t *to = from != NULL ? json_array() : json_null();

	for (uint32_t i = 0; from != NULL && i < from->n; i++) {
		json_t *item = strings ? bytes_json(spec_str(spec, from->item[i]))
				       : json_integer(from->item[i]);
		if (json_array_append_new(to, item) < 0) {
			json_decref(to);
			return NULL;
		}
	}
	return to;
}

static json_t *success_exit(const struct child_spec *child)
{
	json_t *to = json_array();
	char buf[16];
	int failed = to == NULL ? -1 : 0;

	for (int i = 0; i < 256 && failed == 0; i++) {
		if (child->success_statuses[i / 32] & (UINT32_C(1) << (i % 32)))
			failed = json_array_append_new(to, json_integer(i));
	}
	for (int i = 1; i <= 64 && failed == 0; i++) {
		if (child->success_signals & (UINT64_C(1) << (i - 1)))
			failed = json_array_append_new(to, json_string(signal_name(i, buf)));
	}
	if (failed == 0)
		return to;
	json_decref(to);
	return NULL;
}

static json_t *backoff(const struct spec_backoff *from)
{
	if (from->initial_ms == 0)
		return json_integer(0);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "initial", print_duration(from->initial_ms),
		"max", print_duration(from->max_ms), "factor", milli(from->factor_milli), "jitter",
		milli(from->jitter_milli), "reset_after", print_duration(from->reset_after_ms));
}

/* null: no check. */
static json_t *health(const struct spec *spec, uint32_t i)
{
	const struct health_spec *from = spec_health(spec, i);
	json_t *words;

	if (from == NULL)
		return json_null();
	words = from->probe == PROBE_EXEC
			? list(spec, from->words, true)
			: bytes_json(spec_str(spec, spec_list(spec, from->words)->item[0]));
	return json_pack("{s:o, s:o, s:o, s:I, s:o}", spec_probe_name(from->probe), words,
		"interval", print_duration(from->interval_ms), "timeout",
		print_duration(from->timeout_ms), "retries", (json_int_t)from->retries,
		"start_period", print_duration(from->start_period_ms));
}

static json_t *number_or_null(uint32_t number, uint32_t none)
{
	return number == none ? json_null() : json_integer(number);
}

static json_t *umask_or_null(uint32_t mask)
{
	return mask == PROC_UMASK_INHERIT ? json_null() : json_sprintf("%04o", mask);
}

/* What only supervisors of one kind have. */
static int add_kind(json_t *to, const struct spec_node *node, const struct sup_spec *sup)
{
	switch ((enum spec_kind)node->kind) {
	case KIND_DYNAMIC:
		return json_object_set_new(to, "max_children", json_integer(sup->max_children));
	case KIND_PARTITION:
		return json_object_set_new(to, "partitions", json_integer(sup->partitions));
	case KIND_PROCESS:
	case KIND_SUPERVISOR:
	case KIND_COUNT:
		break;
	}
	return 0;
}

static json_t *supervisor(const struct spec *spec, uint32_t i)
{
	const struct spec_node *node = spec_node(spec, i);
	const struct child_spec *child = spec_child(spec, i);
	const struct sup_spec *sup = spec_sup(spec, i);
	json_t *retry_after =
		sup->on_limit == ON_LIMIT_PARK ? print_duration(sup->retry_after_ms) : json_null();
	json_t *to = json_pack("{s:o, s:s, s:s, s:o, s:b, s:s, s:I, s:o, s:s, s:s, s:o, s:s}",
		"name", bytes_json(spec_str(spec, node->name)), "kind", spec_kind_name(node->kind),
		"restart", spec_restart_name(child->restart), "shutdown",
		print_duration(child->shutdown_ms), "significant", child->significant, "strategy",
		spec_strategy_name(sup->strategy), "max_restarts", (json_int_t)sup->intensity,
		"max_seconds", print_duration(sup->period_ms), "auto_shutdown",
		spec_auto_shutdown_name(sup->auto_shutdown), "on_limit",
		spec_on_limit_name(sup->on_limit), "retry_after", retry_after, "start",
		spec_start_name(sup->start));

	if (to == NULL)
		return NULL;
	/* The template of a dynamic supervisor is no child: it never runs itself. */
	if (add_kind(to, node, sup) == 0 &&
		(node->kind == KIND_DYNAMIC ||
			json_object_set_new(to, "children", json_array()) == 0))
		return to;
	json_decref(to);
	return NULL;
}

/* What it says to supd, and how it is told to reload. */
static int add_notify(json_t *to, const struct spec *spec, uint32_t i)
{
	const struct child_spec *child = spec_child(spec, i);
	const struct proc_spec *proc = spec_proc(spec, i);
	char watchdog[16];
	char reload[16];
	json_t *ready = child->ready == READY_FD ? json_sprintf("fd:%d", proc->ready_fd)
						 : json_string(spec_ready_name(child->ready));
	json_t *all = json_pack("{s:o, s:o, s:s, s:s, s:o}", "ready", ready, "watchdog",
		child->watchdog_ms > 0 ? print_duration(child->watchdog_ms) : json_string("off"),
		"watchdog_signal", signal_name(proc->watchdog_signal, watchdog), "reload_signal",
		signal_name(proc->reload_signal, reload), "reload_command",
		list(spec, proc->reload_command, true));
	int result = json_object_update(to, all);

	json_decref(all);
	return result;
}

static json_t *process_base(const struct spec *spec, uint32_t i)
{
	const struct spec_node *node = spec_node(spec, i);
	const struct child_spec *child = spec_child(spec, i);
	const struct proc_spec *proc = spec_proc(spec, i);
	char buf[16];
	json_t *directory = proc->directory == SPEC_NONE
				    ? json_null()
				    : bytes_json(spec_str(spec, proc->directory));

	return json_pack("{s:o, s:s, s:o, s:s, s:o, s:b, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, "
			 "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", bytes_json(spec_str(spec, node->name)), "kind", spec_kind_name(node->kind),
		"command", list(spec, node->argv, true), "restart",
		spec_restart_name(child->restart), "shutdown", print_duration(child->shutdown_ms),
		"significant", child->significant, "success_exit", success_exit(child),
		"stop_signal", signal_name(proc->stop_signal, buf), "ready",
		spec_ready_name(child->ready), "start_timeout",
		print_duration(child->start_timeout_ms), "before_start",
		list(spec, proc->before_start, true), "after_stop",
		list(spec, proc->after_stop, true), "hook_timeout",
		print_duration(child->hook_timeout_ms), "notify_access",
		proc->notify_group ? "group" : "main", "backoff", backoff(&child->backoff),
		"health", health(spec, i), "directory", directory, "umask",
		umask_or_null(proc->umask), "user", number_or_null(proc->uid, PROC_ID_INHERIT),
		"group", number_or_null(proc->gid, PROC_ID_INHERIT), "groups",
		list(spec, proc->groups, false), "environment",
		list(spec, proc->environment, true));
}

static int add_surroundings(json_t *to, const struct spec *spec, uint32_t i)
{
	json_t *all = surroundings_json(spec, spec_proc(spec, i));
	int result = json_object_update(to, all);

	json_decref(all);
	return result;
}

static json_t *process(const struct spec *spec, uint32_t i)
{
	json_t *to = process_base(spec, i);

	if (to != NULL && add_notify(to, spec, i) == 0 && add_surroundings(to, spec, i) == 0 &&
		json_object_set_new(to, "log", print_log(spec, i)) == 0 &&
		json_object_set_new(
			to, "sandbox", print_sandbox(spec, spec_proc(spec, i)->sandbox)) == 0)
		return to;
	json_decref(to);
	return NULL;
}

/* Puts a node where it belongs. Takes over what is new. */
static int add_below(json_t *above, json_t *new)
{
	json_t *children = json_object_get(above, "children");

	return children != NULL ? json_array_append_new(children, new)
				: json_object_set_new(above, "template", new);
}

/* The tree as one value; children follow their parents, so one pass does it. */
static json_t *tree(const struct spec *spec)
{
	json_t **nodes = calloc(spec->nodes, sizeof(json_t *)); /* borrowed but the root */
	json_t *root;

	if (nodes == NULL)
		return NULL;
	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *node = spec_node(spec, i);
		nodes[i] = node->kind == KIND_PROCESS ? process(spec, i) : supervisor(spec, i);
		if (nodes[i] == NULL ||
			(i != SPEC_ROOT && add_below(nodes[node->parent], nodes[i]) < 0)) {
			json_decref(nodes[SPEC_ROOT]);
			free(nodes);
			return NULL;
		}
	}
	root = nodes[SPEC_ROOT];
	free(nodes);
	return root;
}

/* What a file may have beside its tree. */
static int add_control(json_t *to, const struct spec *spec)
{
	const struct control_spec *control = spec_control(spec);
	int result = 0;

	if (control != NULL)
		result = json_object_set_new(to, "control", print_control(spec, control));
	if (result == 0 && spec->log_uid != PROC_ID_INHERIT)
		result = json_object_set_new(to, "log_user", json_integer(spec->log_uid));
	if (result == 0 && spec_sinks(spec) > 0)
		result = json_object_set_new(to, "sinks", print_sinks(spec));
	return result;
}

int config_print(FILE *to, const struct spec *spec)
{
	json_t *runtime_dir = spec->runtime_dir == SPEC_NONE
				      ? json_null()
				      : bytes_json(spec_str(spec, spec->runtime_dir));
	json_t *all = json_pack("{s:o, s:o, s:o}", "file", bytes_json(spec_str(spec, spec->file)),
		"runtime_dir", runtime_dir, "root", tree(spec));
	int result = 0;

	if (all == NULL || add_control(all, spec) < 0) {
		json_decref(all);
		return -ENOMEM;
	}
	if (json_dumpf(all, to, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) < 0 ||
		fputc('\n', to) == EOF)
		result = -EIO;
	json_decref(all);
	return result;
}
