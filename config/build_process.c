/* build_process.c - from the settings of a process to its part of the specification. */
#include "config/build_internal.h"

#include <string.h>

#include "config/command.h"
#include "config/environment.h"
#include "config/units.h"

static struct place item_place(const struct list *list, size_t i)
{
	return (struct place){list->files.item[i], list->lines[i]};
}

static void set_backoff(
	struct build *build, const struct record *record, struct spec_backoff *backoff)
{
	const struct settings *settings = &record->settings;

	*backoff = (struct spec_backoff){
		.initial_ms = settings->initial_ms,
		.max_ms = settings->max_ms,
		.reset_after_ms = settings->reset_after_ms,
		.factor_milli = (uint32_t)settings->factor_milli,
		.jitter_milli = (uint32_t)settings->jitter_milli,
	};
	if (backoff->initial_ms <= backoff->max_ms)
		return;
	/* Whoever sets one of the two only should not have to know the other. */
	if (build_is_default(record, "max"))
		backoff->max_ms = backoff->initial_ms;
	else if (build_is_default(record, "initial"))
		backoff->initial_ms = backoff->max_ms;
	else
		findings_error(build->r->findings, build_place(record, "max"), "bad-value",
			"'max' of the backoff is less than its 'initial'");
}

static void set_success_exits(const struct list *list, struct child_spec *child)
{
	for (size_t i = 0; i < list->values.n; i++) {
		int64_t status;
		int signal;

		/* The setter let nothing else pass. */
		if (parse_number(list->values.item[i], 0, 255, &status) == 0) {
			child->success_statuses[status / 32] |= UINT32_C(1) << (status % 32);
			continue;
		}
		signal = parse_signal(list->values.item[i]);
		if (signal > 0)
			child->success_signals |= UINT64_C(1) << (signal - 1);
	}
}

static uint32_t add_child(struct build *build, const struct record *record)
{
	const struct settings *settings = &record->settings;
	struct child_spec child = child_spec_default(KIND_PROCESS);

	child.restart = (uint8_t)settings->restart;
	child.shutdown_ms = settings->shutdown_ms;
	child.significant = (uint8_t)settings->significant;
	child.ready = (uint8_t)settings->ready.kind;
	child.watchdog_ms = settings->watchdog_ms;
	child.start_timeout_ms = settings->start_timeout_ms;
	child.before_start = settings->before_start != NULL;
	child.after_stop = settings->after_stop != NULL;
	child.hook_timeout_ms = settings->hook_timeout_ms;
	set_backoff(build, record, &child.backoff);
	set_success_exits(&settings->success_exit, &child);
	return spec_add_child(build->b, &child);
}

/* The group's number; PROC_ID_INHERIT after a report. */
static uint32_t group_of(struct build *build, const char *text, struct place place)
{
	const struct group_entry *group = users_group(&build->users, text);
	uint32_t gid = PROC_ID_INHERIT;

	if (group != NULL)
		return group->gid;
	if (!users_number(text, &gid))
		findings_error(build->r->findings, place, "unknown-user",
			"there is no group '%s' in /etc/group", text);
	return gid;
}

void build_owner(struct build *build, struct place place, const char *owner, uint32_t *ret_uid,
	uint32_t *ret_gid)
{
	const size_t length = strcspn(owner, ":");
	const char *name = arena_text(&build->r->arena, owner, length);
	const struct user_entry *user = length > 0 ? users_user(&build->users, name) : NULL;

	if (user != NULL) {
		*ret_uid = user->uid;
		*ret_gid = user->gid;
	} else if (length > 0 && !users_number(name, ret_uid)) {
		findings_error(build->r->findings, place, "unknown-user",
			"there is no user '%s' in /etc/passwd", name);
	}
	if (owner[length] == ':')
		*ret_gid = group_of(build, owner + length + 1, place);
}

static uint32_t add_groups(struct build *build, const struct list *groups)
{
	uint32_t *gids = arena_alloc(&build->r->arena, (groups->values.n + 1) * sizeof(*gids));

	for (size_t i = 0; gids != NULL && i < groups->values.n; i++)
		gids[i] = group_of(build, groups->values.item[i], item_place(groups, i));
	return gids == NULL ? SPEC_NONE : spec_add_numbers(build->b, gids, groups->values.n);
}

/* User, group and groups. A process that gets a user gets that user's groups, too: to keep supd's
 * own would leave it more than it should have. */
static void set_ids(struct build *build, const struct record *record, const struct user_entry *user,
	struct proc_spec *proc)
{
	const struct settings *settings = &record->settings;
	uint32_t *gids = NULL;
	size_t n = 0;

	if (user != NULL) {
		proc->uid = user->uid;
		proc->gid = user->gid;
	} else if (settings->user != NULL && !users_number(settings->user, &proc->uid)) {
		findings_error(build->r->findings, build_place(record, "user"), "unknown-user",
			"there is no user '%s' in /etc/passwd", settings->user);
		return;
	} else if (settings->user != NULL && settings->group == NULL) {
		findings_error(build->r->findings, build_place(record, "user"), "unknown-user",
			"user %s is not in /etc/passwd, so 'group' must be set, too",
			settings->user);
		return;
	}
	if (settings->group != NULL)
		proc->gid = group_of(build, settings->group, build_place(record, "group"));
	if (!build_is_default(record, "groups")) {
		proc->groups = add_groups(build, &settings->groups);
	} else if (user != NULL) {
		n = users_groups_of(&build->users, user, proc->gid, &gids);
		proc->groups = spec_add_numbers(build->b, gids, n);
	} else if (settings->user != NULL) {
		proc->groups = spec_add_numbers(build->b, &proc->gid, 1);
	}
}

/* environment_file, relative to the file that names it; a leading '-': it may be missing. */
static void add_environment_file(
	struct build *build, struct environment *e, const char *path, struct place at)
{
	const char *slash = strrchr(at.file, '/');
	const bool optional = *path == '-';

	path += optional ? 1 : 0;
	if (*path != '/' && slash != NULL)
		path = arena_format(
			&build->r->arena, "%.*s/%s", (int)(slash - at.file), at.file, path);
	environment_file(e, build->r->findings, path, optional, at);
}

static struct strs make_environment(
	struct build *build, const struct record *record, const struct user_entry *user)
{
	const struct settings *settings = &record->settings;
	const struct list *own = &settings->environment;
	struct environment e = {.arena = &build->r->arena};
	struct last_environment *last = &build->last;

	if (last->there && last->user == settings->user && last->n == own->values.n &&
		last->file == settings->environment_file && last->items == own->values.item)
		return last->strs;
	environment_base(&e, build->request->env);
	if (user != NULL) {
		environment_set(&e, "HOME", user->home);
		environment_set(&e, "USER", user->name);
		environment_set(&e, "LOGNAME", user->name);
		environment_set(&e, "SHELL", *user->shell != '\0' ? user->shell : "/bin/sh");
	}
	if (settings->environment_file != NULL)
		add_environment_file(build, &e, settings->environment_file,
			build_place(record, "environment_file"));
	for (size_t i = 0; i < own->values.n; i++)
		environment_add(&e, own->values.item[i]);
	*last = (struct last_environment){.user = settings->user,
		.file = settings->environment_file,
		.items = own->values.item,
		.n = own->values.n,
		.strs = e.strs,
		.there = true};
	environment_free(&e);
	return last->strs;
}

/* LISTEN_FDS are numbered from READY_FD_MIN on. */
static void check_ready_fd(struct build *build, const struct record *record)
{
	const struct settings *settings = &record->settings;
	const size_t sockets = settings->sockets.values.n;

	if (settings->ready.kind == READY_FD && (size_t)settings->ready.fd < READY_FD_MIN + sockets)
		findings_error(build->r->findings, build_place(record, "ready"), "conflict",
			"descriptor %d is one of the %zu sockets; write ready = fd:%zu, or more",
			settings->ready.fd, sockets, READY_FD_MIN + sockets);
}

/* What it says to supd, and how. Whoever says whose messages count, wants them heard. */
static void set_notify(const struct record *record, struct proc_spec *proc)
{
	const struct settings *settings = &record->settings;

	proc->notify_group = (uint8_t)settings->notify_group;
	proc->notify = settings->ready.kind == READY_NOTIFY || settings->watchdog_ms > 0 ||
		       !build_is_default(record, "notify_access");
	if (settings->ready.kind == READY_FD)
		proc->ready_fd = settings->ready.fd;
	proc->watchdog_signal =
		settings->watchdog_signal > 0 ? settings->watchdog_signal : settings->stop_signal;
	proc->reload_signal = settings->reload_signal;
}

struct process build_process(struct build *build, const struct record *record)
{
	const struct settings *settings = &record->settings;
	const struct user_entry *user =
		settings->user != NULL ? users_user(&build->users, settings->user) : NULL;
	struct process process = {.child = add_child(build, record), .proc = proc_spec_default()};

	if (settings->directory != NULL)
		process.proc.directory = spec_add_str(build->b, settings->directory);
	process.proc.umask = settings->umask < 0 ? PROC_UMASK_INHERIT : (uint32_t)settings->umask;
	process.proc.stop_signal = settings->stop_signal;
	check_ready_fd(build, record);
	set_notify(record, &process.proc);
	set_ids(build, record, user, &process.proc);
	build_surroundings(build, record, &process.proc);
	process.proc.sandbox = build_sandbox(build, record);
	process.environment = make_environment(build, record, user);
	return process;
}

/* The environment of one node: with SUPD_INSTANCE where it is one of several. */
static uint32_t add_environment(struct build *build, const struct strs *strs, const char *index)
{
	static const char NAME[] = "SUPD_INSTANCE=";
	struct strs own = {0};

	if (index == NULL)
		return spec_add_strs(build->b, strs->item, strs->n);
	for (size_t i = 0; i < strs->n; i++) {
		if (strncmp(strs->item[i], NAME, strlen(NAME)) != 0 &&
			!strs_add(&build->r->arena, &own, strs->item[i]))
			return SPEC_NONE;
	}
	if (!strs_add(&build->r->arena, &own, arena_format(&build->r->arena, "%s%s", NAME, index)))
		return SPEC_NONE;
	return spec_add_strs(build->b, own.item, own.n);
}

const char *build_path(struct build *build, const struct record *record, const char *name)
{
	const char *above = build->request->above;
	const char *path = name;

	/* The root's parent is the file, and its name is no part of a path. */
	for (const struct record *up = record->parent; !build_is_root(up); up = up->parent)
		path = arena_format(&build->r->arena, "%s/%s", up->name, path);
	if (above != NULL && strcmp(above, "/") != 0)
		path = arena_format(&build->r->arena, "%s/%s", above, path);
	return path;
}

static bool add_argv(struct build *build, const struct record *record, const char *name,
	const char *index, uint32_t *ret_argv)
{
	const bool is_template = record->parent->context == IN_DYNAMIC;
	const char *command = record->implied ? NULL : record->settings.command;
	struct specifiers specifiers = {.name = name, .path = "", .index = index};
	struct strs words = record->words;

	if (command != NULL && words.n == 0) {
		if (strchr(command, '%') != NULL)
			specifiers.path = build_path(build, record, name);
		if (!command_split(&build->r->arena, build->r->findings,
			    build_place(record, "command"), command, &specifiers,
			    is_template ? SPECIFIERS_KEEP : SPECIFIERS_EXPAND, &words))
			return false;
	} else if (words.n == 0 && !is_template) {
		if (!record->damaged)
			findings_error(build->r->findings, record->place, "missing-command",
				"process '%s' has no command", record->name);
		return false;
	}
	*ret_argv = spec_add_strs(build->b, words.item, words.n);
	return true;
}

/* Another command of a process, with the specifiers of its own: a list of words in *ret_words.
 * Returns false when it is wrong, after a report. */
static bool add_command(struct build *build, const struct record *record, const char *key_name,
	const char *command, const char *name, const char *index, uint32_t *ret_words)
{
	const bool is_template = record->parent->context == IN_DYNAMIC;
	struct specifiers specifiers = {.name = name, .path = "", .index = index};
	struct strs words = {0};

	if (strchr(command, '%') != NULL)
		specifiers.path = build_path(build, record, name);
	if (!command_split(&build->r->arena, build->r->findings, build_place(record, key_name),
		    command, &specifiers, is_template ? SPECIFIERS_KEEP : SPECIFIERS_EXPAND,
		    &words))
		return false;
	*ret_words = spec_add_strs(build->b, words.item, words.n);
	return true;
}

static bool add_hooks(struct build *build, const struct record *record, const char *name,
	const char *index, struct proc_spec *proc)
{
	const struct settings *settings = &record->settings;

	return (settings->before_start == NULL ||
		       add_command(build, record, "before_start", settings->before_start, name,
			       index, &proc->before_start)) &&
	       (settings->after_stop == NULL ||
		       add_command(build, record, "after_stop", settings->after_stop, name, index,
			       &proc->after_stop));
}

bool build_process_node(struct build *build, const struct record *record,
	const struct process *process, const char *name, const char *index, struct spec_node *node)
{
	struct proc_spec proc = process->proc;
	struct specifiers specifiers = {.name = name, .path = "", .index = index};
	bool good = add_argv(build, record, name, index, &node->argv);

	if (record->settings.sockets.values.n > 0)
		specifiers.path = build_path(build, record, name);
	if (!build_sockets(build, record, &specifiers, &proc.sockets) ||
		!add_hooks(build, record, name, index, &proc) || !good)
		return false;
	if (record->settings.reload_command != NULL &&
		!add_command(build, record, "reload_command", record->settings.reload_command, name,
			index, &proc.reload_command))
		return false;
	if (!build_health(build, record, name, index, &proc.health) ||
		!build_log(build, record, name, index, &proc.log))
		return false;
	proc.environment = add_environment(build, &process->environment, index);
	node->kind = KIND_PROCESS;
	node->child = process->child;
	node->sup = SPEC_NONE;
	node->proc = spec_add_proc(build->b, &proc);
	return true;
}
