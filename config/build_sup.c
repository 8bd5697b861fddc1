/* build_sup.c - from the settings of a supervisor to its part of the specification, and what may
 * not go together. */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "config/build_internal.h"
#include "config/kept.h"

static const char RULE[] = "conflict";
enum { CPUS_MAX = 1 << 20, PARTITIONS_MAX = 1024 };

/* How many CPUs this process may use. The kernel refuses a mask that is smaller than its own. */
static uint32_t usable_cpus(void)
{
	for (size_t room = CPU_SETSIZE; room <= CPUS_MAX; room *= 2) {
		const size_t size = CPU_ALLOC_SIZE(room);
		cpu_set_t *mask = CPU_ALLOC(room);
		int n = 0;

		if (mask == NULL)
			return 1;
		if (sched_getaffinity(0, size, mask) == 0)
			n = CPU_COUNT_S(size, mask);
		else if (errno != EINVAL)
			n = 1;
		CPU_FREE(mask);
		if (n > 0)
			return n < PARTITIONS_MAX ? (uint32_t)n : PARTITIONS_MAX;
	}
	return 1;
}

/* OTP-SEMANTICS, rule 7, "Invalid configuration". */
void build_check_child(struct build *build, const struct record *record)
{
	const struct record *parent = record->parent;
	struct findings *f = build->r->findings;
	struct place place;

	if (!record->settings.significant || record->damaged)
		return;
	place = build_place(record, "significant");
	if (build_is_root(record)) {
		findings_error(f, place, RULE,
			"the root cannot be significant: no supervisor stands above it");
		return;
	}
	if (record->settings.restart == RESTART_PERMANENT)
		findings_error(f, place, RULE,
			"'%s' is significant and permanent: a permanent child is always restarted, "
			"so its exit can end nothing; set restart = transient or temporary",
			record->name);
	if (parent->settings.auto_shutdown == AUTO_SHUTDOWN_NEVER && !parent->damaged)
		findings_error(f, place, RULE,
			"'%s' is significant, but its supervisor '%s' has auto_shutdown = never: "
			"set any_significant or all_significant there",
			record->name, parent->name);
}

static void check_settings(struct build *build, const struct record *record)
{
	const struct settings *settings = &record->settings;
	struct findings *f = build->r->findings;

	if (record->damaged)
		return;
	if (settings->on_limit != ON_LIMIT_PARK && !build_is_default(record, "retry_after"))
		findings_error(f, build_place(record, "retry_after"), RULE,
			"'retry_after' means something only with on_limit = park: '%s' does not "
			"park",
			record->name);
	if (settings->start == START_CONCURRENT && settings->strategy != STRATEGY_ONE_FOR_ONE)
		findings_error(f, build_place(record, "start"), RULE,
			"start = concurrent needs strategy = one_for_one: the children of '%s' "
			"depend on each other, so each waits for the one before it",
			record->name);
}

/* A dynamic supervisor and a partition hold one process each. */
static void check_one_process(struct build *build, const struct record *record)
{
	const char *kind = record->context == IN_DYNAMIC ? "dynamic" : "partition";
	const struct record *first = record->first;

	if (first == NULL)
		return;
	for (const struct record *more = first->next; more != NULL; more = more->next)
		findings_error(build->r->findings, more->place, "one-process",
			"%s '%s' holds one process, and '%s' is one more; the first is at %s:%u",
			kind, record->name, more->name, first->place.file, first->place.line);
}

/* A dynamic supervisor that names no template runs whatever it is given, once. */
static void imply_template(struct build *build, struct record *record)
{
	const struct key *restart = key_find(IN_PROCESS, "restart", strlen("restart"));
	struct record *task = arena_alloc(&build->r->arena, sizeof(*task));

	if (task == NULL)
		return;
	task->context = IN_PROCESS;
	task->name = "task";
	task->place = record->place;
	task->parent = record;
	task->implied = true;
	task->settings.restart = RESTART_TEMPORARY;
	task->set_at[key_number(restart)] = record->place;
	record->first = task;
	record->last = task;
}

static struct sup_spec make_sup(const struct record *record)
{
	const struct settings *settings = &record->settings;
	struct sup_spec sup = sup_spec_default();

	sup.intensity = (uint32_t)settings->max_restarts;
	sup.period_ms = settings->period_ms;
	sup.auto_shutdown = (uint8_t)settings->auto_shutdown;
	sup.on_limit = (uint8_t)settings->on_limit;
	if (settings->on_limit == ON_LIMIT_PARK)
		sup.retry_after_ms = settings->retry_after_ms;
	switch (record->context) {
	case IN_SUPERVISOR:
		sup.strategy = (uint8_t)settings->strategy;
		sup.start = (uint8_t)settings->start;
		break;
	case IN_DYNAMIC:
		sup.max_children = (uint32_t)settings->max_children;
		break;
	case IN_PARTITION:
		sup.start = (uint8_t)settings->start;
		sup.partitions = settings->partitions == PARTITIONS_NCPU
					 ? usable_cpus()
					 : (uint32_t)settings->partitions;
		break;
	case IN_FILE:
	case IN_PROCESS:
	case IN_DEFAULTS:
	case IN_BACKOFF:
	case IN_HEALTH:
	case IN_LIMITS:
	case IN_RESOURCES:
	case IN_CONTROL:
	case IN_LOG:
	case IN_SINK:
	case IN_SANDBOX:
	case CONTEXT_COUNT:
		break;
	}
	return sup;
}

void build_supervisor(struct build *build, struct record *record)
{
	static const enum spec_kind KINDS[CONTEXT_COUNT] = {[IN_SUPERVISOR] = KIND_SUPERVISOR,
		[IN_DYNAMIC] = KIND_DYNAMIC,
		[IN_PARTITION] = KIND_PARTITION};
	const enum spec_kind kind = KINDS[record->context];
	struct child_spec child = child_spec_default(kind);
	struct spec_node node = {.kind = (uint8_t)kind, .proc = SPEC_NONE, .argv = SPEC_NONE};
	struct sup_spec sup;

	check_settings(build, record);
	if (kind != KIND_SUPERVISOR)
		check_one_process(build, record);
	if (kind == KIND_DYNAMIC && record->first == NULL)
		imply_template(build, record);
	if (kind == KIND_PARTITION && record->first == NULL && !record->damaged)
		findings_error(build->r->findings, record->place, "one-process",
			"partition '%s' has no process: process \"NAME\" { command = ... }",
			record->name);
	sup = make_sup(record);
	if (record->defaults != NULL)
		sup.defaults = kept_add(build->b, &build->r->arena, record->defaults);
	record->settings.partitions = sup.partitions;
	child.restart = (uint8_t)record->settings.restart;
	child.shutdown_ms = record->settings.shutdown_ms;
	child.significant = (uint8_t)record->settings.significant;
	node.child = spec_add_child(build->b, &child);
	node.sup = spec_add_sup(build->b, &sup);
	(void)build_take_name(build, record, record->name);
	record->node = build_add_node(build, record, record->name, &node);
}
