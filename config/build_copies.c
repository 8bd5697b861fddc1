/* build_copies.c - how often a process stands in the tree: once, as instances, as partitions. */
#include <string.h>

#include "config/build_internal.h"

/* What may not be set of a process that its supervisor multiplies. */
static void check_place(struct build *build, const struct record *record, bool own_instances)
{
	const enum context parent = record->parent->context;
	struct findings *f = build->r->findings;

	if (own_instances && parent == IN_DYNAMIC)
		findings_error(f, build_place(record, "instances"), "conflict",
			"'instances' has no place in the template of a dynamic supervisor: its "
			"instances are started at run time");
	if (own_instances && parent == IN_PARTITION)
		findings_error(f, build_place(record, "instances"), "conflict",
			"'instances' has no place in a partition: 'partitions' says how often its "
			"process runs");
	if (parent == IN_DYNAMIC && !record->damaged && build_is_default(record, "restart"))
		findings_error(f, record->place, "missing-restart",
			"the template '%s' must say what happens after an instance has ended: "
			"restart = temporary is the usual choice (transient: again after a "
			"failure)",
			record->name);
}

/* The copies of a process. */
struct copies {
	bool numbered; /* else it stands there once, under its own name */
	int64_t first; /* number */
	int64_t n;
};

static struct copies copies_of(const struct record *record)
{
	if (record->parent->context == IN_PARTITION)
		return (struct copies){.numbered = true, .n = record->parent->settings.partitions};
	if (record->settings.instances > 0 && record->parent->context != IN_DYNAMIC)
		return (struct copies){
			.numbered = true, .first = 1, .n = record->settings.instances};
	return (struct copies){.n = 1};
}

/* The name of a copy, or NULL when a number makes it too long, after a report. */
static const char *copy_name(struct build *build, const struct record *record, const char *index)
{
	const char *name;

	if (index == NULL)
		return record->name;
	name = arena_format(&build->r->arena, "%s.%s", record->name, index);
	if (strlen(name) <= SPEC_NAME_MAX)
		return name;
	/* When the name alone is too long, that was said already. */
	if (strlen(record->name) <= SPEC_NAME_MAX)
		findings_error(build->r->findings, record->place, "bad-name",
			"the name '%s' leaves no room for a number: '%s' is longer than 63 bytes",
			record->name, name);
	return NULL;
}

static bool build_copy(struct build *build, const struct record *record,
	const struct process *process, const char *index, bool repeat)
{
	const char *name = copy_name(build, record, index);
	struct spec_node node = {.repeat = repeat};
	bool good = name != NULL && build_take_name(build, record, name);

	good = name != NULL && build_process_node(build, record, process, name, index, &node) &&
	       good;
	return good && build_add_node(build, record, name, &node) != SPEC_NONE;
}

void build_copies(struct build *build, const struct record *record, bool own_instances)
{
	const struct process process = build_process(build, record);
	const struct copies copies = copies_of(record);
	bool good = true;

	check_place(build, record, own_instances);
	/* What is wrong with one is wrong with all: it is said once. */
	for (int64_t i = 0; i < copies.n && good; i++) {
		const long long number = copies.first + i;
		const char *index = arena_format(&build->r->arena, "%lld", number);
		good = build_copy(build, record, &process, copies.numbered ? index : NULL, i > 0);
	}
}
