/* build_surroundings.c - what a process runs in, and the sockets that it gets. */
#include <string.h>
#include <sys/socket.h>
#include <uthash.h>

#include "config/build_internal.h"
#include "config/sockets.h"
#include "config/specifiers.h"
#include "config/units.h"

static const char RULE[] = "conflict";

/* ---- surroundings */

static uint32_t add_surroundings(struct build *build, const struct settings *settings)
{
	struct surroundings_spec around;
	bool any;

	memset(&around, 0, sizeof(around));
	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		if (!settings->limit[i].set)
			continue;
		around.limits |= 1u << i;
		around.limit[i] = settings->limit[i].limit;
	}
	around.set_nice = settings->nice != SETTING_NONE;
	around.set_oom = settings->oom_score_adj != SETTING_NONE;
	/* The setters let nothing else pass. */
	around.set_cpus = settings->cpus != NULL && parse_cpus(settings->cpus, around.cpus) == 0;
	around.io_priority = settings->io_priority;
	any = around.limits != 0 || around.set_nice || around.set_oom || around.set_cpus ||
	      around.io_priority != 0;
	if (around.set_nice)
		around.nice = (int32_t)settings->nice;
	if (around.set_oom)
		around.oom_score_adj = (int32_t)settings->oom_score_adj;
	return any ? spec_add_surroundings(build->b, &around) : SPEC_NONE;
}

/* How far below its process a key stands; 0: in another file, or above. */
static uint16_t lines_below(const struct record *record, struct place place)
{
	if (place.file == NULL || strcmp(place.file, record->place.file) != 0 ||
		place.line < record->place.line || place.line - record->place.line > UINT16_MAX)
		return 0;
	return (uint16_t)(place.line - record->place.line);
}

static uint32_t add_resources(struct build *build, const struct record *record)
{
	const struct settings *settings = &record->settings;
	struct resources_spec resources;

	memset(&resources, 0, sizeof(resources));
	for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
		if (!settings->resource[i].set)
			continue;
		resources.set |= 1u << i;
		resources.value[i] = settings->resource[i].value;
		resources.line[i] = lines_below(record, build_place(record, spec_resource_name(i)));
	}
	if (settings->resource[RESOURCE_CPU_MAX].set)
		resources.cpu_period_us = settings->resource[RESOURCE_CPU_MAX].period_us;
	return resources.set ? spec_add_resources(build->b, &resources) : SPEC_NONE;
}

/* Whose the terminal is: of one process, and always of the same. */
static void check_terminal(struct build *build, const struct record *record)
{
	const struct settings *settings = &record->settings;
	const struct place place = build_place(record, "terminal");
	struct findings *f = build->r->findings;

	if (!settings->terminal)
		return;
	if (!build_is_default(record, "stdin") && settings->standard_input == STDIN_DEV_NULL)
		findings_error(f, build_place(record, "stdin"), RULE,
			"'%s' has the terminal, so its stdin cannot be null", record->name);
	if (build->request->above != NULL || record->parent->context != IN_SUPERVISOR ||
		settings->instances > 0)
		findings_error(f, place, RULE,
			"the terminal goes to one process that the file names: '%s' may run "
			"several times, or comes at run time",
			record->name);
	else if (build->terminal != NULL)
		findings_error(f, place, RULE,
			"'%s' cannot have the terminal, since '%s' has it (%s:%u)", record->name,
			build->terminal->name, build->terminal->place.file,
			build->terminal->place.line);
	else
		build->terminal = record;
}

void build_surroundings(struct build *build, const struct record *record, struct proc_spec *proc)
{
	const struct settings *settings = &record->settings;

	check_terminal(build, record);
	proc->terminal = (uint8_t)settings->terminal;
	proc->standard_input =
		(uint8_t)(settings->terminal ? STDIN_INHERIT : settings->standard_input);
	proc->surroundings = add_surroundings(build, settings);
	proc->resources = add_resources(build, record);
	if (settings->sockets.values.n > 0 && record->parent->context == IN_DYNAMIC)
		findings_error(build->r->findings, build_place(record, "sockets"), RULE,
			"'sockets' has no place in the template of a dynamic supervisor: they are "
			"opened when supd starts, before any instance is there");
}

/* ---- sockets */

/* An address, and the section that has it. */
struct socket_owner {
	UT_hash_handle hh;
	const struct record *record;
	bool reuseport;
};

/* Two sections cannot listen at one address, unless both share its port. */
static bool take_address(struct build *build, const struct record *record, struct place place,
	const struct socket_words *words)
{
	struct socket_owner *owner;

	HASH_FIND_STR(build->sockets, words->address, owner);
	if (owner == NULL) {
		owner = arena_alloc(&build->r->arena, sizeof(*owner));
		if (owner == NULL)
			return false;
		owner->record = record;
		owner->reuseport = words->spec.reuseport;
		HASH_ADD_KEYPTR(hh, build->sockets, words->address, strlen(words->address), owner);
		if (owner->hh.tbl == NULL)
			build->r->arena.failed = true;
		return true;
	}
	if (owner->record == record || (owner->reuseport && words->spec.reuseport))
		return true;
	findings_error(build->r->findings, place, RULE,
		"'%s' wants the socket %s, which '%s' has (%s:%u)", record->name, words->address,
		owner->record->name, owner->record->place.file, owner->record->place.line);
	return false;
}

/* Two of one process. */
static bool is_twice(struct build *build, const struct record *record, struct place place,
	const struct socket_words *words, const struct socket_words *before, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(before[i].address, words->address) != 0)
			continue;
		findings_error(build->r->findings, place, RULE, "'%s' has the socket %s twice",
			record->name, words->address);
		return true;
	}
	return false;
}

/* The text with its specifiers expanded, or NULL after a report. */
static const char *expand(struct build *build, const char *text, struct place place,
	const struct specifiers *specifiers)
{
	char bad = '\0';
	int64_t length;
	char *to;

	if (strchr(text, '%') == NULL)
		return text;
	length = specifiers_expand(text, specifiers, NULL, 0, &bad);
	if (length < 0) {
		findings_error(build->r->findings, place, "bad-socket",
			"socket '%s': '%%%c' means nothing here; %%n is the name, %%p the path, "
			"%%i the number of an instance or partition, %%%% a percent sign",
			text, bad != '\0' ? bad : ' ');
		return NULL;
	}
	to = arena_alloc(&build->r->arena, (size_t)length + 1);
	if (to == NULL)
		return NULL;
	(void)specifiers_expand(text, specifiers, to, (size_t)length + 1, NULL);
	return to;
}

static uint32_t add_socket(
	struct build *build, const struct socket_words *words, struct place place)
{
	struct socket_spec spec = words->spec;

	spec.text = spec_add_str(build->b, words->text);
	spec.address = spec_add_str(build->b, words->address);
	spec.path = words->path != NULL ? spec_add_str(build->b, words->path) : SPEC_NONE;
	spec.name = spec_add_str(build->b, words->name);
	spec.file = spec_add_str(build->b, place.file);
	spec.line = place.line;
	return spec_add_socket(build->b, &spec);
}

bool build_sockets(struct build *build, const struct record *record,
	const struct specifiers *specifiers, uint32_t *ret_sockets)
{
	const struct list *list = &record->settings.sockets;
	const size_t n = list->values.n;
	struct socket_words *words;
	uint32_t *offsets;
	bool good = true;

	*ret_sockets = SPEC_NONE;
	if (n == 0 || record->parent->context == IN_DYNAMIC)
		return true;
	if (n > SPEC_SOCKETS_MAX) {
		findings_error(build->r->findings, build_place(record, "sockets"), "bad-socket",
			"a process has at most %d sockets", SPEC_SOCKETS_MAX);
		return false;
	}
	words = arena_alloc(&build->r->arena, n * sizeof(*words));
	offsets = arena_alloc(&build->r->arena, n * sizeof(*offsets));
	for (size_t i = 0; words != NULL && offsets != NULL && i < n; i++) {
		const struct place place = {list->files.item[i], list->lines[i]};
		const char *text = expand(build, list->values.item[i], place, specifiers);

		if (text == NULL || !socket_read(&build->r->arena, &build->users,
					    build->r->findings, place, text, &words[i])) {
			words[i].address = "";
			good = false;
			continue;
		}
		good = !is_twice(build, record, place, &words[i], words, i) &&
		       take_address(build, record, place, &words[i]) && good;
		offsets[i] = add_socket(build, &words[i], place);
	}
	if (good && offsets != NULL)
		*ret_sockets = spec_add_numbers(build->b, offsets, n);
	return good;
}

void build_sockets_free(struct build *build)
{
	HASH_CLEAR(hh, build->sockets);
}
