/* build.c - from the records of a file to a specification: the tree, and what is inherited. */
#include "config/build.h"

#include <string.h>

#include "config/build_internal.h"

enum { RETRY_AFTER_MS = 5 * 60 * 1000, MAX_CHILDREN = 1000 };

struct place build_place(const struct record *record, const char *key_name)
{
	const struct key *key = key_find(CONTEXT_COUNT, key_name, strlen(key_name));
	return record->set_at[key_number(key)];
}

bool build_is_default(const struct record *record, const char *key_name)
{
	return build_place(record, key_name).file == BUILT_IN;
}

bool build_is_root(const struct record *record)
{
	return record->parent->parent == NULL;
}

static void make_defaults(struct record *record, enum spec_kind kind)
{
	const struct child_spec child = child_spec_default(kind);
	const struct sup_spec sup = sup_spec_default();
	const struct proc_spec proc = proc_spec_default();
	const struct health_spec health = health_spec_default();
	const struct log_spec log = log_spec_default();

	*record = (struct record){.settings = {
					  .restart = child.restart,
					  .shutdown_ms = child.shutdown_ms,
					  .significant = child.significant,
					  .strategy = sup.strategy,
					  .max_restarts = sup.intensity,
					  .period_ms = sup.period_ms,
					  .auto_shutdown = sup.auto_shutdown,
					  .on_limit = sup.on_limit,
					  .retry_after_ms = RETRY_AFTER_MS,
					  .start = sup.start,
					  .max_children = MAX_CHILDREN,
					  .partitions = PARTITIONS_NCPU,
					  .umask = -1,
					  .stop_signal = proc.stop_signal,
					  .ready = {.kind = child.ready},
					  .notify_group = proc.notify_group,
					  .standard_input = proc.standard_input,
					  .nice = SETTING_NONE,
					  .oom_score_adj = SETTING_NONE,
					  .start_timeout_ms = child.start_timeout_ms,
					  .reload_signal = proc.reload_signal,
					  .hook_timeout_ms = child.hook_timeout_ms,
					  .initial_ms = child.backoff.initial_ms,
					  .max_ms = child.backoff.max_ms,
					  .reset_after_ms = child.backoff.reset_after_ms,
					  .factor_milli = child.backoff.factor_milli,
					  .jitter_milli = child.backoff.jitter_milli,
					  .health = {.interval_ms = health.interval_ms,
						  .timeout_ms = health.timeout_ms,
						  .retries = health.retries},
					  .log = {.to = LOG_UNSAID,
						  .prefix = LOG_UNSAID,
						  .max_size = SPEC_INFINITY,
						  .max_age_ms = log.max_age_ms,
						  .max_files = log.max_files,
						  .max_line = log.max_line,
						  .mode = log.mode},
				  }};
	for (size_t i = 0; i < KEYS_N; i++)
		record->set_at[i] = (struct place){BUILT_IN, 0};
}

static bool sets_backoff(const struct record *record)
{
	for (size_t i = 0; i < KEYS_N; i++)
		if ((KEYS[i].where & (1u << IN_BACKOFF)) && record->set_at[i].file != NULL)
			return true;
	return false;
}

/* Whoever writes a section wants a backoff, even where it is turned off above. */
static void inherit_backoff(struct build *build, struct record *to, const struct record *above)
{
	bool is_off = above->settings.initial_ms == 0;

	record_inherit(
		to, sets_backoff(to) && is_off ? &build->process_defaults : above, IN_BACKOFF);
}

/* What the processes below a supervisor inherit: its defaults, then those of the one above. */
static const struct record *effective_defaults(
	struct build *build, const struct record *own, const struct record *above)
{
	struct record *merged;

	if (own == NULL)
		return above;
	merged = arena_alloc(&build->r->arena, sizeof(*merged));
	if (merged == NULL)
		return above;
	*merged = *own;
	record_inherit(merged, above, IN_DEFAULTS);
	inherit_backoff(build, merged, above);
	build_inherit_health(merged, above);
	build_inherit_log(build, merged, above);
	record_inherit(merged, above, IN_LIMITS);
	record_inherit(merged, above, IN_RESOURCES);
	record_inherit(merged, above, IN_SANDBOX);
	merged->damaged = own->damaged || above->damaged;
	return merged;
}

bool build_take_name(struct build *build, const struct record *record, const char *name)
{
	return names_take(&build->names, &build->r->arena, build->r->findings, record->parent, name,
		record->place);
}

uint32_t build_add_node(
	struct build *build, const struct record *record, const char *name, struct spec_node *node)
{
	const uint32_t parent = build_is_root(record) ? SPEC_NONE : record->parent->node;

	if (++build->nodes > SPEC_NODES_MAX) {
		findings_error(build->r->findings, record->place, "nesting",
			"the tree has more than %d children", SPEC_NODES_MAX);
		build->full = true;
		return SPEC_NONE;
	}
	node->name = spec_add_str(build->b, name);
	node->file = spec_add_str(build->b, record->place.file);
	node->line = record->place.line;
	return spec_add_node(build->b, parent, node);
}

static void build_record(struct build *build, struct record *record)
{
	const struct record *above =
		build_is_root(record) ? build->outer : record->parent->effective;
	const bool own_instances = record->settings.instances > 0;

	if (context_is_supervisor(record->context)) {
		record->effective = effective_defaults(build, record->defaults, above);
		record_inherit(record, &build->supervisor_defaults, record->context);
		build_check_child(build, record);
		build_supervisor(build, record);
	} else {
		record_inherit(record, above, IN_DEFAULTS);
		inherit_backoff(build, record, above);
		build_inherit_health(record, above);
		build_inherit_log(build, record, above);
		record_inherit(record, above, IN_LIMITS);
		record_inherit(record, above, IN_RESOURCES);
		record_inherit(record, above, IN_SANDBOX);
		record->damaged = record->damaged || above->damaged;
		build_check_child(build, record);
		build_check_health(build, record);
		build_copies(build, record, own_instances);
	}
}

/* The next record in preorder below root, or NULL. */
static struct record *next_record(const struct record *root, struct record *record)
{
	if (record->first != NULL)
		return record->first;
	while (record != root && record->next == NULL)
		record = record->parent;
	return record == root ? NULL : record->next;
}

static void build_tree(struct build *build, struct record *root)
{
	for (struct record *record = root; record != NULL && !build->full;
		record = next_record(root, record))
		build_record(build, record);
}

/* Whom suplog becomes, with that user's group. */
static void check_log_user(struct build *build, const struct record *file)
{
	const char *name = file->settings.log_user;
	const struct user_entry *user = name != NULL ? users_user(&build->users, name) : NULL;
	uint32_t uid;

	if (name == NULL)
		return;
	if (user != NULL)
		spec_set_log_user(build->b, user->uid, user->gid);
	else if (users_number(name, &uid))
		spec_set_log_user(build->b, uid, uid);
	else
		findings_error(build->r->findings, build_place(file, "log_user"), "unknown-user",
			"there is no user '%s' in /etc/passwd", name);
}

static void check_file(struct build *build, const struct record *file)
{
	const char *runtime_dir = file->settings.runtime_dir;

	if (file->first == NULL && !file->damaged)
		findings_error(build->r->findings, file->place, "no-root",
			"there is no root supervisor: supervisor \"NAME\" { ... }");
	for (const struct record *more = file->first != NULL ? file->first->next : NULL;
		more != NULL; more = more->next)
		findings_error(build->r->findings, more->place, "second-root",
			"'%s' is a second root supervisor; the first is at %s:%u", more->name,
			file->first->place.file, file->first->place.line);
	if (runtime_dir != NULL && *runtime_dir != '/')
		findings_error(build->r->findings, build_place(file, "runtime_dir"), "bad-value",
			"'runtime_dir' is an absolute path, not '%s'", runtime_dir);
	else if (runtime_dir != NULL)
		spec_set_runtime_dir(build->b, runtime_dir);
	check_log_user(build, file);
}

struct spec *config_build(struct reading *r, struct record *file,
	const struct build_request *request, size_t *ret_size)
{
	struct build build = {.r = r, .request = request, .users = {.arena = &r->arena}};
	struct spec *spec = NULL;

	build.b = spec_builder_new();
	if (build.b == NULL) {
		r->findings->lost = true;
		return NULL;
	}
	make_defaults(&build.process_defaults, KIND_PROCESS);
	make_defaults(&build.supervisor_defaults, KIND_SUPERVISOR);
	build.outer = &build.process_defaults;
	for (const struct record *outer = request->outer; outer != NULL; outer = outer->next)
		build.outer = effective_defaults(&build, outer, build.outer);
	spec_set_file(build.b, request->file_name);
	check_file(&build, file);
	build_control(&build, file);
	build_sinks(&build, file);
	for (struct record *root = file->first; root != NULL; root = root->next)
		build_tree(&build, root);
	if (findings_errors(r->findings) == 0) {
		if (!r->arena.failed)
			spec = spec_build_finish(build.b, ret_size);
		if (spec == NULL)
			r->findings->lost = true;
	}
	names_free(&build.names);
	build_sockets_free(&build);
	spec_builder_free(build.b);
	return spec;
}
