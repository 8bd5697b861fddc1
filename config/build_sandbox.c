/* build_sandbox.c - the section sandbox of a process: from its settings to a struct sandbox_spec.
 */
#include <sched.h>
#include <string.h>

#include "config/build_internal.h"
#include "config/privileges.h"
#include "config/seccomp.h"

static const char CONFLICT[] = "conflict";

struct sandbox_build {
	struct build *build;
	const struct record *record;
	const struct sandbox_settings *from;
	struct sandbox_spec to;
};

/* ---- which keys are set */

static bool is_set(const struct record *record, const char *key_name)
{
	return !build_is_default(record, key_name);
}

static void set_key(struct sandbox_build *b, enum sandbox_key key, const char *key_name)
{
	const struct place place = build_place(b->record, key_name);

	b->to.set |= SANDBOX_BIT(key);
	b->to.place[key].file = spec_add_str(b->build->b, place.file);
	b->to.place[key].line = place.line;
}

static bool has(const struct sandbox_build *b, enum sandbox_key key)
{
	return (b->to.set & SANDBOX_BIT(key)) != 0;
}

/* The keys that need nothing beyond being set. */
static void set_plain(struct sandbox_build *b)
{
	const struct sandbox_settings *from = b->from;
	const struct {
		enum sandbox_key key;
		bool set;
	} rows[] = {
		{SANDBOX_CAPABILITIES, is_set(b->record, "capabilities")},
		{SANDBOX_AMBIENT, from->ambient != 0},
		{SANDBOX_NO_NEW_PRIVS, from->no_new_privs != 0},
		{SANDBOX_SECUREBITS, from->securebits != 0},
		{SANDBOX_PRIVATE_TMP, from->private_tmp != 0},
		{SANDBOX_PRIVATE_DEV, from->private_dev != 0},
		{SANDBOX_PRIVATE_NETWORK, from->private_network != 0},
		{SANDBOX_NAMESPACES, from->namespaces != 0},
		{SANDBOX_HOSTNAME, from->hostname != NULL},
		{SANDBOX_ROOT, from->root != NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].set)
			set_key(b, rows[i].key, spec_sandbox_key_name(rows[i].key));
	}
	b->to.capabilities = from->capabilities;
	b->to.ambient = from->ambient;
	b->to.securebits = from->securebits;
	if (from->hostname != NULL)
		b->to.hostname = spec_add_str(b->build->b, from->hostname);
	if (from->root != NULL)
		b->to.root = spec_add_str(b->build->b, from->root);
}

/* ---- the filter */

static const char *seccomp_key(const struct record *record)
{
	if (record->settings.sandbox.seccomp != NULL)
		return "seccomp";
	return record->settings.sandbox.allow.values.n > 0 ? "allow" : "deny";
}

static uint32_t add_names(struct sandbox_build *b, const struct strs *names)
{
	return names->n > 0 ? spec_add_strs(b->build->b, names->item, names->n) : SPEC_NONE;
}

static uint32_t compile(struct sandbox_build *b, struct place place)
{
	const struct seccomp_request request = {
		.profile = b->from->seccomp,
		.allow = &b->from->allow,
		.deny = &b->from->deny,
		.action = (enum filter_action)b->from->action,
		.place = place,
	};
	uint32_t *words = NULL;
	size_t n = 0;

	if (!seccomp_compile(b->build->r, &request, &words, &n))
		return SPEC_NONE;
	return spec_add_numbers(b->build->b, words, n);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_names(const struct strs *a, const struct strs *b)
{
	for (size_t i = 0; a->n == b->n && i < a->n && a->item != b->item; i++) {
		if (strcmp(a->item[i], b->item[i]) != 0)
			return false;
	}
	return a->n == b->n;
}

/* The filter of these settings, compiled unless it was lately. */
static uint32_t filter_of(struct sandbox_build *b)
{
	const struct sandbox_settings *from = b->from;
	struct build *build = b->build;
	struct last_filter *last = build->filters;

	for (size_t i = 0; i < FILTERS_KEPT && i < build->n_filters; i++) {
		if (last[i].action == from->action && same_text(last[i].profile, from->seccomp) &&
			same_names(&last[i].allow, &from->allow.values) &&
			same_names(&last[i].deny, &from->deny.values))
			return last[i].filter;
	}
	last = &build->filters[build->n_filters++ % FILTERS_KEPT];
	*last = (struct last_filter){.profile = from->seccomp,
		.allow = from->allow.values,
		.deny = from->deny.values,
		.action = from->action,
		.filter = compile(b, build_place(b->record, seccomp_key(b->record)))};
	return last->filter;
}

static void set_filter(struct sandbox_build *b)
{
	const struct sandbox_settings *from = b->from;

	if (from->seccomp == NULL && from->allow.values.n == 0 && from->deny.values.n == 0)
		return;
	set_key(b, SANDBOX_SECCOMP, seccomp_key(b->record));
	b->to.filter = filter_of(b);
	b->to.action = (uint8_t)from->action;
	if (from->seccomp != NULL)
		b->to.profile = spec_add_str(b->build->b, from->seccomp);
	b->to.allow = add_names(b, &from->allow.values);
	b->to.deny = add_names(b, &from->deny.values);
}

/* ---- paths */

struct path {
	const char *path; /* as written */
	size_t length;	  /* without '-' */
	enum sandbox_mount mount;
};

static const struct list *list_of(const struct sandbox_settings *from, enum sandbox_mount mount)
{
	switch (mount) {
	case MOUNT_READ_ONLY:
		return &from->read_only_paths;
	case MOUNT_WRITABLE:
		return &from->writable_paths;
	case MOUNT_INACCESSIBLE:
	case MOUNT_COUNT:
		break;
	}
	return &from->inaccessible_paths;
}

static const char *plain(const char *path)
{
	return *path == '-' ? path + 1 : path;
}

static bool is_below(const char *path, const char *above)
{
	const size_t length = strlen(above);

	return strncmp(path, above, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0' || above[length - 1] == '/');
}

/* What lies below a path that nobody can reach is not there to be made writable. */
static void check_hidden(struct sandbox_build *b)
{
	const struct list *hidden = &b->from->inaccessible_paths;
	const struct list *open = &b->from->writable_paths;

	for (size_t i = 0; i < hidden->values.n; i++) {
		for (size_t k = 0; k < open->values.n; k++) {
			const struct place place = {open->files.item[k], open->lines[k]};

			if (is_below(plain(open->values.item[k]), plain(hidden->values.item[i])))
				findings_error(b->build->r->findings, place, CONFLICT,
					"'%s' cannot be writable: it lies in '%s', which is "
					"inaccessible",
					plain(open->values.item[k]), plain(hidden->values.item[i]));
		}
	}
}

/* Before path, longer ones go to the end: the nearer a rule, the later it is applied. */
static void insert(struct path *paths, size_t n, struct path path)
{
	size_t at = n;

	for (; at > 0 && paths[at - 1].length > path.length; at--)
		paths[at] = paths[at - 1];
	paths[at] = path;
}

static void set_mounts(struct sandbox_build *b)
{
	static const enum sandbox_key KEY[] = {[MOUNT_READ_ONLY] = SANDBOX_READ_ONLY,
		[MOUNT_WRITABLE] = SANDBOX_WRITABLE,
		[MOUNT_INACCESSIBLE] = SANDBOX_INACCESSIBLE};
	struct path paths[MOUNT_COUNT * SANDBOX_PATHS_MAX];
	uint32_t words[2 * MOUNT_COUNT * SANDBOX_PATHS_MAX];
	size_t n = 0;

	for (unsigned mount = 0; mount < MOUNT_COUNT; mount++) {
		const struct list *list = list_of(b->from, (enum sandbox_mount)mount);

		if (list->values.n > 0)
			set_key(b, KEY[mount], spec_sandbox_key_name(KEY[mount]));
		for (size_t i = 0; i < list->values.n; i++) {
			const char *path = list->values.item[i];

			insert(paths, n++,
				(struct path){
					path, strlen(plain(path)), (enum sandbox_mount)mount});
		}
	}
	for (size_t i = 0; i < n; i++) {
		words[2 * i] = spec_add_str(b->build->b, paths[i].path);
		words[2 * i + 1] = (uint32_t)paths[i].mount;
	}
	if (n > 0)
		b->to.mounts = spec_add_numbers(b->build->b, words, 2 * n);
	check_hidden(b);
}

static void set_landlock(struct sandbox_build *b)
{
	const struct strs *read = &b->from->landlock_read.values;
	const struct strs *write = &b->from->landlock_write.values;

	if (read->n > 0) {
		set_key(b, SANDBOX_LANDLOCK_READ, "landlock_read");
		b->to.landlock_read = spec_add_strs(b->build->b, read->item, read->n);
	}
	if (write->n > 0) {
		set_key(b, SANDBOX_LANDLOCK_WRITE, "landlock_write");
		b->to.landlock_write = spec_add_strs(b->build->b, write->item, write->n);
	}
}

/* ---- namespaces */

static void set_namespaces(struct sandbox_build *b)
{
	b->to.named = b->from->namespaces;
	b->to.namespaces = b->from->namespaces;
	if (b->to.set & SANDBOX_MOUNT_KEYS)
		b->to.namespaces |= CLONE_NEWNS;
	/* Its /proc would be that of the others. */
	if (b->from->namespaces & CLONE_NEWPID)
		b->to.namespaces |= CLONE_NEWNS;
	if (has(b, SANDBOX_PRIVATE_NETWORK))
		b->to.namespaces |= CLONE_NEWNET;
	if (has(b, SANDBOX_HOSTNAME))
		b->to.namespaces |= CLONE_NEWUTS;
}

static void check_ambient(struct sandbox_build *b)
{
	const uint64_t more = b->to.ambient & ~b->to.capabilities;

	if (!has(b, SANDBOX_CAPABILITIES) || more == 0)
		return;
	for (unsigned i = 0; i < 64; i++) {
		if ((more >> i) & 1)
			findings_error(b->build->r->findings, build_place(b->record, "ambient"),
				CONFLICT, "'ambient' has %s, which 'capabilities' does not allow",
				capability_name(i));
	}
}

/* Keys that say something only beside others. */
static void check_alone(struct sandbox_build *b)
{
	struct findings *f = b->build->r->findings;

	if (is_set(b->record, "action") && !has(b, SANDBOX_SECCOMP))
		findings_error(f, build_place(b->record, "action"), CONFLICT,
			"'action' says what happens to a forbidden system call: set seccomp, allow "
			"or deny, too");
	if (has(b, SANDBOX_WRITABLE) && !has(b, SANDBOX_READ_ONLY))
		findings_error(f, build_place(b->record, "writable_paths"), CONFLICT,
			"'writable_paths' are those that stay writable below read_only_paths, and "
			"there are none");
}

uint32_t build_sandbox(struct build *build, const struct record *record)
{
	struct sandbox_build b = {.build = build,
		.record = record,
		.from = &record->settings.sandbox,
		.to = sandbox_spec_default()};

	set_plain(&b);
	set_filter(&b);
	set_mounts(&b);
	set_landlock(&b);
	set_namespaces(&b);
	if (record->damaged)
		return SPEC_NONE;
	check_ambient(&b);
	check_alone(&b);
	b.to.optional = (uint8_t)b.from->optional;
	return b.to.set != 0 ? spec_add_sandbox(build->b, &b.to) : SPEC_NONE;
}
