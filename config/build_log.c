/* build_log.c - the section log of a process. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "config/build_internal.h"

/* Behind the name of a file comes that of an old one. */
enum { FILE_NAME_MAX = PATH_MAX - 64 };

static size_t number_of(const char *name)
{
	return key_number(key_find(IN_LOG, name, strlen(name)));
}

static size_t number_of_word(void)
{
	return key_number(key_as_value(key_find(IN_PROCESS, "log", strlen("log"))));
}

/* Where a section of its own was written, empty or not; file NULL: nowhere. */
static struct place own_section(const struct record *record)
{
	const size_t section = key_number(key_find(IN_PROCESS, "log", strlen("log")));
	struct place place = record->set_at[section];

	for (size_t i = 0; place.file == NULL && i < KEYS_N; i++)
		if (KEYS[i].where & (1u << IN_LOG))
			place = record->set_at[i];
	return place;
}

/* A word leaves nothing to inherit. A section takes the keys that it does not set from the nearest
 * section; and who names a file wants it written, wherever the lines went before. */
void build_inherit_log(struct build *build, struct record *record, const struct record *from)
{
	const struct place place = own_section(record);
	const bool is_word = record->set_at[number_of_word()].file != NULL;
	struct log_settings *log = &record->settings.log;

	if (place.file == NULL) {
		record_inherit(record, from, IN_LOG);
		return;
	}
	if (!is_word) {
		record->set_at[number_of_word()] = place;
		log->value = LOG_SECTION;
	}
	if (record->set_at[number_of("file")].file != NULL &&
		record->set_at[number_of("to")].file == NULL) {
		record->set_at[number_of("to")] = record->set_at[number_of("file")];
		log->to = LOG_UNSAID;
	}
	record_inherit(record,
		!is_word && from->settings.log.value == LOG_SECTION ? from
								    : &build->process_defaults,
		IN_LOG);
}

/* The name of the file with its specifiers replaced. NULL after a report, or when memory ran out.
 */
static const char *expand(
	struct build *build, const char *text, struct place place, const struct specifiers *s)
{
	char bad[2] = "";
	const int64_t length = specifiers_expand(text, s, NULL, 0, bad);
	char *expanded;

	if (length < 0) {
		findings_error(build->r->findings, place, "bad-value",
			"unknown specifier '%%%s' in 'file' (known: %%n name, %%p path%s); write "
			"%%%% for a percent sign",
			bad, s->index != NULL ? ", %i number" : "");
		return NULL;
	}
	expanded = arena_alloc(&build->r->arena, (size_t)length + 1);
	if (expanded != NULL)
		(void)specifiers_expand(text, s, expanded, (size_t)length + 1, NULL);
	return expanded;
}

/* Relative to the file that names it, as environment_file is; in the end absolute, since supctl
 * reads it, too. */
static const char *absolute(struct build *build, const char *file, struct place place)
{
	const char *slash = strrchr(place.file, '/');
	char here[PATH_MAX];

	if (*file != '/' && slash != NULL)
		file = arena_format(
			&build->r->arena, "%.*s/%s", (int)(slash - place.file), place.file, file);
	if (*file != '/' && getcwd(here, sizeof(here)) != NULL)
		file = arena_format(&build->r->arena, "%s/%s", here, file);
	return file;
}

/* Whatever these lead to for suplog, it is no regular file, or not the writer's own. */
static bool is_stdio(const char *file)
{
	static const char *const names[] = {
		"/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/null", "/dev/tty"};
	static const char *const above[] = {"/dev/fd/", "/proc/self/fd/"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(file, names[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++)
		if (strncmp(file, above[i], strlen(above[i])) == 0)
			return true;
	return false;
}

/* Adds the file to *log. index as in build_log. Returns false after a report. */
static bool add_file(struct build *build, const struct record *record,
	struct specifiers *specifiers, struct log_spec *log)
{
	const struct place place = record->set_at[number_of("file")];
	const bool is_template = record->parent->context == IN_DYNAMIC;
	const char *text = record->settings.log.file;
	const char *file;

	if (strchr(text, '%') != NULL)
		specifiers->path = build_path(build, record, specifiers->name);
	text = absolute(build, text, place);
	file = expand(build, text, place, specifiers);
	if (file == NULL)
		return false;
	if (file[strlen(file) - 1] == '/' || strlen(file) > FILE_NAME_MAX) {
		findings_error(build->r->findings, place, "bad-value",
			"'file' is the name of a file of at most %d bytes, not '%s'", FILE_NAME_MAX,
			file);
		return false;
	}
	if (is_stdio(file)) {
		findings_error(build->r->findings, place, "bad-value",
			"'%s' is not a file to write lines to: write to = stdout for supd's "
			"standard output, log = null to have none",
			file);
		return false;
	}
	log->file = spec_add_str(build->b, is_template ? text : file);
	return true;
}

/* Sizes and numbers: SPEC_INFINITY is what no number of the record is. */
static void set_bounds(const struct log_settings *settings, struct log_spec *log)
{
	log->max_size = settings->max_size == SPEC_INFINITY ? SPEC_LOG_NO_LIMIT
							    : (uint64_t)settings->max_size;
	log->max_files = settings->max_files == SPEC_INFINITY ? SPEC_LOG_ALL_FILES
							      : (uint32_t)settings->max_files;
	log->max_age_ms = settings->max_age_ms;
	log->max_line = (uint32_t)settings->max_line;
	log->mode = (uint32_t)settings->mode;
}

/* What is said by what else is said. */
static void set_destination(const struct log_settings *settings, struct log_spec *log)
{
	if (settings->to != LOG_UNSAID)
		log->to = (uint8_t)settings->to;
	else
		log->to = settings->file != NULL ? SPEC_LOG_TO_FILE : SPEC_LOG_TO_STDOUT;
	/* Lines of several children meet on stdout; a file has one writer. */
	if (settings->prefix != LOG_UNSAID)
		log->prefix = (uint8_t)settings->prefix;
	else
		log->prefix = log->to != SPEC_LOG_TO_FILE;
}

bool build_log(struct build *build, const struct record *record, const char *name,
	const char *index, uint32_t *ret_log)
{
	const struct log_settings *settings = &record->settings.log;
	struct specifiers specifiers = {.name = name, .path = "", .index = index};
	struct log_spec log = log_spec_default();

	*ret_log = SPEC_NONE;
	if (settings->value == LOG_INHERITED || record->damaged)
		return true;
	if (settings->value == LOG_NULL) {
		log.to = SPEC_LOG_TO_NOWHERE;
		*ret_log = spec_add_log(build->b, &log);
		return true;
	}
	set_destination(settings, &log);
	set_bounds(settings, &log);
	log.line = (uint8_t)settings->line;
	log.time = (uint8_t)settings->time;
	log.streams = (uint8_t)settings->streams;
	log.compress = (uint8_t)settings->compress;
	log.on_full = (uint8_t)settings->on_full;
	if (settings->owner != NULL)
		build_owner(build, record->set_at[number_of("owner")], settings->owner, &log.uid,
			&log.gid);
	if (log.to != SPEC_LOG_TO_STDOUT && settings->file == NULL) {
		findings_error(build->r->findings, record->set_at[number_of("to")], "missing-file",
			"'to = %s' needs a file: which?", spec_log_to_name(log.to));
		return false;
	}
	if (log.to != SPEC_LOG_TO_STDOUT && !add_file(build, record, &specifiers, &log))
		return false;
	*ret_log = spec_add_log(build->b, &log);
	return true;
}
