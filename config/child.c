/* child.c - the specification of one process that comes at run time. */
#include "config/child.h"

#include <string.h>

#include "config/build.h"
#include "config/kept.h"
#include "config/names.h"
#include "config/reader.h"

static const char RULE[] = "bad-setting";
static const struct place PLACE = {"start-child", 0};

struct child {
	struct reading *r;
	struct record *process;
	struct scanner scanner; /* of the value being read */
};

static void wrong(struct child *c, const struct key *key, const char *text)
{
	findings_error(c->r->findings, PLACE, RULE, "the value of '%s' %s", key->name, text);
}

static bool is_set(const struct child *c, const struct key *key)
{
	return c->process->set_at[key_number(key)].file != NULL;
}

static void twice(struct child *c, const struct key *key)
{
	findings_error(c->r->findings, PLACE, "duplicate-key", "'%s' is set twice", key->name);
}

static void set(struct child *c, const struct key *key, const struct token *token, bool first)
{
	if (first && is_set(c, key))
		twice(c, key);
	else
		record_set(c->r, c->process, key, reader_string(c->r, token), PLACE, first);
}

/* { value, value }: the '{' was taken. */
static void set_list_items(struct child *c, const struct key *key)
{
	struct token next = {0};
	bool first = true;

	while (!token_is(&next, '}')) {
		struct token token = scan_next(&c->scanner);
		if (token_is(&token, '}') && first) {
			/* The empty list is a value, too: it takes the place of what is inherited.
			 */
			record_set(c->r, c->process, key, NULL, PLACE, true);
			return;
		}
		if (token.kind == TOK_BAD)
			return;
		next = scan_next(&c->scanner);
		if ((token.kind != TOK_STRING && token.kind != TOK_WORD) ||
			(!token_is(&next, ',') && !token_is(&next, '}'))) {
			wrong(c, key, "is no list: {value, value}, with quotes where a '=' is");
			return;
		}
		set(c, key, &token, first);
		first = false;
	}
}

/* key = value of a section, whose key was taken. Returns false after a report, or one of the
 * scanner's. */
static bool set_in_section(struct child *c, const struct key *section, const struct token *word)
{
	const struct key *key =
		word->kind == TOK_WORD ? key_find(section->opens, word->text, word->length) : NULL;
	const struct token equal = scan_next(&c->scanner);
	const struct token value = scan_next(&c->scanner);
	const bool one = value.kind == TOK_WORD || value.kind == TOK_STRING;
	const size_t before = findings_errors(c->r->findings);
	const bool shaped = key != NULL && (key->shape == SHAPE_VALUE || key->shape == SHAPE_LIST);

	if (shaped && token_is(&equal, '=') && one) {
		set(c, key, &value, true);
		return true;
	}
	if (shaped && token_is(&equal, '=') && key->shape == SHAPE_LIST && token_is(&value, '{')) {
		set_list_items(c, key);
		return findings_errors(c->r->findings) == before;
	}
	if (value.kind != TOK_BAD)
		wrong(c, section, "is no section of its keys: {key=value key=value}");
	return false;
}

/* Was a section given, in any of its forms? */
static bool is_given(const struct child *c, const struct key *section)
{
	return is_set(c, section) ||
	       (section->as_value != NULL && is_set(c, key_as_value(section)));
}

/* The one value of key. */
static void set_whole(struct child *c, const struct key *key, const struct token *token)
{
	if (key->shape != SHAPE_SECTION)
		set(c, key, token, true);
	else if (is_given(c, key))
		twice(c, key);
	else
		set(c, key_as_value(key), token, true);
}

/* { key = value key = value }: the '{' was taken. */
static void set_section(struct child *c, const struct key *section)
{
	if (is_given(c, section)) {
		twice(c, section);
		return;
	}
	record_set(c->r, c->process, section, NULL, PLACE, true);
	for (;;) {
		const struct token word = scan_next(&c->scanner);

		if (token_is(&word, '}') || word.kind == TOK_BAD ||
			!set_in_section(c, section, &word))
			return;
	}
}

/* A value that begins as only the file's own forms do. */
static void set_as_in_file(struct child *c, const struct key *key)
{
	const bool section = key->shape == SHAPE_SECTION;
	const size_t before = findings_errors(c->r->findings);
	struct token token = scan_next(&c->scanner);

	if (token_is(&token, '{') && section) {
		set_section(c, key);
	} else if (token_is(&token, '{') && key->shape == SHAPE_LIST) {
		set_list_items(c, key);
	} else if (token.kind == TOK_STRING && section && key->as_value == NULL) {
		wrong(c, key, "is a section: {key=value key=value}");
	} else if (token.kind == TOK_STRING) {
		set_whole(c, key, &token);
	} else if (token.kind != TOK_BAD) {
		wrong(c, key, "is one value, not a list");
	}
	if (findings_errors(c->r->findings) > before)
		return;
	token = scan_next(&c->scanner);
	if (token.kind != TOK_END && token.kind != TOK_BAD)
		wrong(c, key, "goes on after its end: one setting each");
}

/* section: whose key it would be, or NULL. */
static void unknown(struct child *c, const struct key *section, const char *name)
{
	const enum context context = section != NULL ? section->opens : IN_PROCESS;
	const char *dot = strchr(name, '.');
	const char *word = section != NULL && dot != NULL ? dot + 1 : name;
	const char *near = key_nearest(context, word);

	findings_error(c->r->findings, PLACE, "unknown-key", "unknown key '%s' %s%s%s%s", word,
		context_where(context), near != NULL ? "; did you mean '" : "",
		near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* SECTION.KEY opens the section, unless a setting before it did. Returns false after a report. */
static bool open_section(struct child *c, const struct key *section)
{
	if (is_set(c, section))
		return true;
	if (is_given(c, section)) {
		twice(c, section);
		return false;
	}
	record_set(c->r, c->process, section, NULL, PLACE, true);
	return true;
}

/* The value of key, which may begin as only the file's own forms do. */
static void read_value(struct child *c, const struct key *key, const char *value)
{
	const struct token whole = {.kind = TOK_WORD, .text = value, .length = strlen(value)};

	if (*value == '"' || *value == '\'' || *value == '{' || strncmp(value, "${", 2) == 0) {
		c->scanner = (struct scanner){.file = PLACE.file,
			.at = value,
			.end = value + strlen(value),
			.findings = c->r->findings};
		set_as_in_file(c, key);
	} else if (key->shape == SHAPE_SECTION && key->as_value == NULL) {
		wrong(c, key, "is a section: {key=value key=value}");
	} else {
		set_whole(c, key, &whole);
	}
}

static void read_setting(struct child *c, const char *setting)
{
	const char *equal = strchr(setting, '=');
	const size_t length = equal != NULL ? (size_t)(equal - setting) : 0;
	const struct key *section = NULL;
	const struct key *key = key_of_process(setting, length, &section);

	if (length == 0)
		findings_error(
			c->r->findings, PLACE, RULE, "a setting is KEY=VALUE, not '%s'", setting);
	else if (key == NULL)
		unknown(c, section, arena_text(&c->r->arena, setting, length));
	else if (strcmp(key->name, "instances") == 0)
		findings_error(c->r->findings, PLACE, "conflict",
			"'instances' has no place here: one child is started, under its own name");
	else if (section == NULL || open_section(c, section))
		read_value(c, key, equal + 1);
}

/* The words as they are; a command among the settings would be a second one. */
static void read_words(struct child *c, const char *const *words)
{
	struct record *process = c->process;

	if (words == NULL || words[0] == NULL)
		return;
	if (process->settings.command != NULL)
		findings_error(c->r->findings, PLACE, "conflict",
			"the command is given twice: as a setting, and after the name");
	if (words[0][0] == '\0')
		findings_error(c->r->findings, PLACE, "bad-command", "the command is empty");
	for (size_t i = 0; words[i] != NULL; i++) {
		if (!strs_add(&c->r->arena, &process->words, words[i]))
			return;
	}
}

/* A root that stands for the supervisor. */
static void make_root(struct record *root, const struct config_child_request *request)
{
	const char *slash = strrchr(request->sup_path, '/');

	root->context = IN_SUPERVISOR;
	root->name = slash != NULL ? slash + 1 : request->sup_path;
	if (*root->name == '\0')
		root->name = "root";
	root->place = PLACE;
	root->settings.auto_shutdown =
		request->spec != NULL ? spec_sup(request->spec, request->sup)->auto_shutdown
				      : AUTO_SHUTDOWN_ANY_SIGNIFICANT;
	root->set_at[key_number(
		key_find(IN_SUPERVISOR, "auto_shutdown", strlen("auto_shutdown")))] = PLACE;
}

struct spec *config_child(
	const struct config_child_request *request, struct findings *f, size_t *ret_size)
{
	struct build_request build = {
		.file_name = PLACE.file, .above = request->sup_path, .env = request->env};
	struct reading reading = {.findings = f};
	struct record *records = arena_alloc(&reading.arena, 3 * sizeof(*records));
	struct spec *spec = NULL;

	if (request->spec != NULL)
		build.outer = kept_above(&reading, request->spec, request->sup);
	if (records != NULL) {
		struct record *file = &records[0];
		struct record *root = &records[1];
		struct record *process = &records[2];
		struct child child = {.r = &reading, .process = process};

		make_root(root, request);
		*process = (struct record){.context = IN_PROCESS,
			.name = request->name,
			.place = PLACE,
			.parent = root};
		file->place = PLACE;
		file->first = file->last = root;
		root->parent = file;
		root->first = root->last = process;
		names_check(f, request->name, PLACE);
		for (size_t i = 0; request->settings != NULL && request->settings[i] != NULL; i++)
			read_setting(&child, request->settings[i]);
		read_words(&child, request->words);
		spec = config_build(&reading, file, &build, ret_size);
	} else {
		f->lost = true;
	}
	arena_free(&reading.arena);
	findings_sort(f);
	return spec;
}
