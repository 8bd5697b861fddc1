/* lint.c - red flags of supervision: the rules about the tree. */
#include "config/lint_internal.h"

enum { UNRELATED_MAX = 8 };

/* clang-format off */
const struct lint_rule LINT_RULES[] = {
	{"self-daemonizing", "a command that puts itself in the background leaves supd nothing to supervise"},
	{"shell-without-exec", "a shell that stays between supd and the program hides its exit and its signals"},
	{"one-for-all-unrelated", "one_for_all over more than 8 children stops them all for any of them"},
	{"rest-for-one-exec-ready", "rest_for_one orders children by need, but ready = exec does not say that one is usable"},
	{"infinite-shutdown", "a process that does not stop blocks the stop of the whole tree when shutdown = infinity"},
	{"zero-intensity", "max_restarts = 0 takes all children down at the first death of one"},
	{"permanent-one-shot", "a command that finishes by itself is restarted for ever as a permanent child"},
	{"duplicate-command", "two children run the very same command"},
	{"shared-log", "two children write to one log file with other settings of it"},
	{"redundant-supervisor", "a supervisor with one child and its parent's strategy decides nothing"},
	{"dynamic-permanent", "instances of a permanent template can never finish"},
	{"no-significant-child", "auto_shutdown waits for significant children, and there is none"},
	{"parked-root", "a root that parks for ever leaves supd running with nothing to supervise"},
	{"command-not-found", "the command is not there, or cannot be executed"},
	{"directory-not-found", "the directory of a process is not there, so it cannot start"},
	{"not-permitted", "a user, limit, priority, CPU or port that whoever checks cannot have"},
};
/* clang-format on */
const size_t LINT_RULES_N = sizeof(LINT_RULES) / sizeof(LINT_RULES[0]);

struct place lint_place(const struct lint *lint, uint32_t i)
{
	const struct spec_node *node = spec_node(lint->spec, i);
	return (struct place){spec_str(lint->spec, node->file), node->line};
}

/* rest_for_one says "each needs those before it"; ready = exec says nothing of being usable. */
static void rest_for_one(struct lint *lint, uint32_t i)
{
	const struct spec_node *sup = spec_node(lint->spec, i);

	for (uint32_t at = sup->first_child; at != SPEC_NONE;) {
		const struct spec_node *child = spec_node(lint->spec, at);
		if (child->next_sibling != SPEC_NONE && child->kind == KIND_PROCESS &&
			spec_child(lint->spec, at)->ready == READY_EXEC) {
			findings_warning(lint->findings, lint_place(lint, i),
				"rest-for-one-exec-ready",
				"'%s' starts what comes after '%s' as soon as that is executed, "
				"not when "
				"it is usable: set ready = notify (or exit) there",
				spec_str(lint->spec, sup->name), spec_str(lint->spec, child->name));
			return;
		}
		at = child->next_sibling;
	}
}

/* Is a child significant? One that is added at run time may be, but then the first exit that
 * matters depends on an operator. */
static bool has_significant(const struct spec *spec, uint32_t i)
{
	for (uint32_t at = spec_node(spec, i)->first_child; at != SPEC_NONE;
		at = spec_node(spec, at)->next_sibling) {
		if (spec_child(spec, at)->significant)
			return true;
	}
	return false;
}

/* Ends that never come, and ends that nobody hears of. */
static void lint_ends(struct lint *lint, uint32_t i)
{
	const struct spec_node *node = spec_node(lint->spec, i);
	const struct sup_spec *sup = spec_sup(lint->spec, i);
	const char *name = spec_str(lint->spec, node->name);
	const struct place place = lint_place(lint, i);

	if (sup->auto_shutdown != AUTO_SHUTDOWN_NEVER && !has_significant(lint->spec, i))
		findings_warning(lint->findings, place, "no-significant-child",
			"'%s' has auto_shutdown = %s, but no child of it is significant: set "
			"significant = true on those whose end should end it",
			name, spec_auto_shutdown_name(sup->auto_shutdown));
	if (i == SPEC_ROOT && sup->on_limit == ON_LIMIT_PARK &&
		sup->retry_after_ms == SPEC_INFINITY)
		findings_warning(lint->findings, place, "parked-root",
			"once '%s' has parked, supd runs on with nothing to supervise, and whoever "
			"started it never learns: give retry_after a time, or let it escalate",
			name);
}

static void lint_dynamic(struct lint *lint, uint32_t i)
{
	const struct spec_node *node = spec_node(lint->spec, i);
	const struct sup_spec *sup = spec_sup(lint->spec, i);
	const struct spec_node *template = spec_node(lint->spec, node->first_child);
	const uint8_t restart = spec_child(lint->spec, node->first_child)->restart;

	if (restart == RESTART_PERMANENT)
		findings_warning(lint->findings, lint_place(lint, node->first_child),
			"dynamic-permanent",
			"instances of '%s' can never finish, only be stopped: set restart = "
			"temporary, or transient",
			spec_str(lint->spec, template->name));
	if (restart != RESTART_TEMPORARY && sup->intensity == 0 && sup->max_children > 1)
		findings_warning(lint->findings, lint_place(lint, i), "zero-intensity",
			"with max_restarts = 0 the first instance that fails takes down all of "
			"'%s': allow at least one restart",
			spec_str(lint->spec, node->name));
}

static void lint_supervisor(struct lint *lint, uint32_t i)
{
	const struct spec_node *node = spec_node(lint->spec, i);
	const struct sup_spec *sup = spec_sup(lint->spec, i);
	const char *name = spec_str(lint->spec, node->name);
	const struct place place = lint_place(lint, i);

	if (sup->strategy == STRATEGY_ONE_FOR_ALL && node->children > UNRELATED_MAX)
		findings_warning(lint->findings, place, "one-for-all-unrelated",
			"one death in '%s' stops and restarts all %u children: group those that "
			"need "
			"each other in supervisors of their own",
			name, node->children);
	if (sup->strategy == STRATEGY_REST_FOR_ONE)
		rest_for_one(lint, i);
	if (sup->intensity == 0 && node->children > 1)
		findings_warning(lint->findings, place, "zero-intensity",
			"with max_restarts = 0 the first death takes down all %u children of '%s': "
			"allow at least one restart",
			node->children, name);
	if (node->kind == KIND_SUPERVISOR && node->parent != SPEC_NONE && node->children == 1 &&
		sup->on_limit == ON_LIMIT_ESCALATE && sup->auto_shutdown == AUTO_SHUTDOWN_NEVER &&
		sup->strategy == spec_sup(lint->spec, node->parent)->strategy)
		findings_warning(lint->findings, place, "redundant-supervisor",
			"'%s' has one child and its parent's strategy: put the child into the "
			"parent, "
			"unless it needs a restart limit of its own",
			name);
}

static void lint_process(struct lint *lint, uint32_t i)
{
	const struct spec_node *node = spec_node(lint->spec, i);

	if (spec_child(lint->spec, i)->shutdown_ms == SPEC_INFINITY)
		findings_warning(lint->findings, lint_place(lint, i), "infinite-shutdown",
			"if '%s' ignores its stop signal, it never stops, nor does what stands "
			"before it: give shutdown a time",
			spec_str(lint->spec, node->name));
	lint_command(lint, i);
	lint_log(lint, i);
}

void config_lint(const struct spec *spec, struct findings *f)
{
	struct lint lint = {.spec = spec, .findings = f};

	for (uint32_t i = 0; i < spec->nodes; i++) {
		switch ((enum spec_kind)spec_node(spec, i)->kind) {
		case KIND_PROCESS:
			if (!spec_node(spec, i)->repeat)
				lint_process(&lint, i);
			break;
		case KIND_DYNAMIC:
			lint_dynamic(&lint, i);
			lint_ends(&lint, i);
			break;
		case KIND_SUPERVISOR:
		case KIND_PARTITION:
			lint_supervisor(&lint, i);
			lint_ends(&lint, i);
			break;
		case KIND_COUNT:
			break;
		}
	}
	lint_command_free(&lint);
	lint_log_free(&lint);
}
