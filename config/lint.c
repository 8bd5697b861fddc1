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
	{"redundant-supervisor", "a supervisor with one child and its parent's strategy decides nothing"},
	{"command-not-found", "the command is not there, or cannot be executed"},
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
	if (node->parent != SPEC_NONE && node->children == 1 &&
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
			"if '%s' ignores its stop signal, nothing after it ever stops: give "
			"shutdown a "
			"time",
			spec_str(lint->spec, node->name));
	lint_command(lint, i);
}

void config_lint(const struct spec *spec, struct findings *f)
{
	struct lint lint = {.spec = spec, .findings = f};

	for (uint32_t i = 0; i < spec->nodes; i++) {
		if (spec_node(spec, i)->kind == KIND_PROCESS)
			lint_process(&lint, i);
		else
			lint_supervisor(&lint, i);
	}
	lint_command_free(&lint);
}
