/* supd_script.c - see supd_script.h.
 *
 * Paths are resolved while the script is read, so that every misspelt one is found in one run: the
 * known paths are those of the tree and of what earlier lines add. Whether a child is there when
 * its line is played is another question. */
#include "cmd/supd_script.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supd_paths.h"
#include "config/child.h"
#include "config/units.h"

enum { LINES_MAX = 100000, WORDS_MAX = 64, TIMES_MAX = 1000000 };

#define SCRIPT_NAME(id, word, arguments, usage) [SCRIPT_##id] = (word),
#define SCRIPT_ARGUMENTS(id, word, arguments, usage) [SCRIPT_##id] = (arguments),
#define SCRIPT_USAGE(id, word, arguments, usage) [SCRIPT_##id] = (usage),
static const char *const word_names[SCRIPT_WORD_COUNT] = {SCRIPT_WORDS(SCRIPT_NAME)};
static const char *const word_arguments[SCRIPT_WORD_COUNT] = {SCRIPT_WORDS(SCRIPT_ARGUMENTS)};
static const char *const word_usages[SCRIPT_WORD_COUNT] = {SCRIPT_WORDS(SCRIPT_USAGE)};

static const char rule_word[] = "unknown-word";
static const char rule_usage[] = "usage";
static const char rule_path[] = "unknown-path";
static const char rule_value[] = "bad-value";

struct reading {
	const struct spec *spec;
	struct findings *f;
	struct place place;
	struct script *script;
	struct paths paths;
	bool booted;
	int error; /* 0, or a negative errno that is not the script's fault */
};

/* ---- paths */

static const char *kind_of(const struct reading *r, const struct known *known)
{
	return spec_kind_name(known->added ? KIND_PROCESS : spec_node(r->spec, known->node)->kind);
}

/* May the child that text names stand there? Returns false after a report. */
static bool is_fit(struct reading *r, enum script_word word, const struct known *known,
	const char *text, enum script_argument argument)
{
	bool process = known->added || spec_node(r->spec, known->node)->kind == KIND_PROCESS;
	size_t errors = r->f->n;

	if (argument == ARGUMENT_PROCESS && !process)
		findings_error(r->f, r->place, rule_path,
			"'%s' is a %s%s, and only a process can do that", text, kind_of(r, known),
			known->node != SPEC_NONE &&
					spec_node(r->spec, known->node)->kind == KIND_SUPERVISOR
				? ""
				: " supervisor");
	else if (argument == ARGUMENT_SUPERVISOR && process)
		findings_error(
			r->f, r->place, rule_path, "'%s' is a process, not a supervisor", text);
	else if (argument == ARGUMENT_CHILD && strcmp(known->path, "/") == 0)
		findings_error(r->f, r->place, rule_path,
			"the root takes no commands; 'shutdown' stops it");
	else if (word == SCRIPT_SLOW_START && known->node != SPEC_NONE &&
		 spec_child(r->spec, known->node)->ready == READY_EXEC)
		findings_error(r->f, r->place, rule_value,
			"'%s' counts as started when it is executed (ready = exec): nobody waits "
			"for it",
			text);
	return r->f->n == errors;
}

static void take_path(struct reading *r, struct script_line *line, const char *text,
	enum script_argument argument)
{
	size_t at = paths_find(&r->paths, text, r->f, r->place);

	if (at == SIZE_MAX || !is_fit(r, line->word, &r->paths.list[at], text, argument))
		return;
	line->path = strdup(r->paths.list[at].path);
	if (!line->path)
		r->error = -ENOMEM;
}

/* ---- the other arguments */

static void take_value(struct reading *r, struct script_line *line, const char *text,
	enum script_argument argument)
{
	if (argument == ARGUMENT_STATUS && parse_number(text, 0, 255, &line->value) < 0)
		findings_error(r->f, r->place, rule_value,
			"'%s' is no exit status, which is a number from 0 to 255", text);
	if (argument == ARGUMENT_TIMES && parse_number(text, 1, TIMES_MAX, &line->value) < 0)
		findings_error(r->f, r->place, rule_value,
			"'%s' is no number of times, from 1 to %d", text, TIMES_MAX);
	if (argument == ARGUMENT_TIME &&
		(parse_duration(text, &line->value) < 0 || line->value == SPEC_INFINITY))
		findings_error(r->f, r->place, rule_value,
			"'%s' is no time such as 500ms, 5s or 2m", text);
	if (argument != ARGUMENT_SIGNAL)
		return;
	line->value = parse_signal(text);
	if (line->value < 1)
		findings_error(r->f, r->place, rule_value,
			"'%s' is no signal such as KILL, TERM or 9", text);
}

static int64_t default_value(enum script_word word)
{
	switch (word) {
	case SCRIPT_KILL:
		return 9;
	case SCRIPT_FAIL_START:
		return 1;
	case SCRIPT_BOOT:
	case SCRIPT_EXIT:
	case SCRIPT_SLOW_START:
	case SCRIPT_IGNORE_TERM:
	case SCRIPT_STOP:
	case SCRIPT_START:
	case SCRIPT_RESTART:
	case SCRIPT_DELETE:
	case SCRIPT_START_CHILD:
	case SCRIPT_SHUTDOWN:
	case SCRIPT_ADVANCE:
	case SCRIPT_WORD_COUNT:
		break;
	}
	return 0;
}

/* A process below a static supervisor, with the settings of the line. Its command is never run. */
static struct spec *static_child(struct reading *r, const struct script_line *line, uint32_t node,
	const char *const *settings)
{
	static const char *const command[] = {"true", NULL};
	struct config_child_request request = {.name = line->name,
		.sup_path = line->path,
		.spec = r->spec,
		.sup = node,
		.words = command,
		.settings = settings,
		.env = environ};
	struct findings found = {0};
	size_t size;
	struct spec *spec = config_child(&request, &found, &size);

	for (size_t i = 0; i < found.n; i++)
		if (found.list[i].is_error)
			findings_error(
				r->f, r->place, found.list[i].rule, "%s", found.list[i].text);
	if (!spec && found.n == 0)
		r->error = -ENOMEM;
	findings_free(&found);
	return spec;
}

static void take_child(
	struct reading *r, struct script_line *line, const char *name, const char *const *settings)
{
	size_t sup = paths_find(&r->paths, line->path, r->f, r->place);
	uint32_t node = r->paths.list[sup].node;
	bool dynamic = spec_node(r->spec, node)->kind == KIND_DYNAMIC;

	line->name = strdup(name);
	if (!line->name) {
		r->error = -ENOMEM;
		return;
	}
	if (!name[0] || strchr(name, '/') || strlen(name) > SPEC_NAME_MAX) {
		findings_error(r->f, r->place, rule_value, "'%s' is no name of a child", name);
		return;
	}
	line->template = spec_node(r->spec, node)->first_child;
	if (dynamic && settings[0])
		findings_error(r->f, r->place, rule_value,
			"below a dynamic supervisor the template's settings hold, not '%s'",
			settings[0]);
	if (!dynamic)
		line->child = static_child(r, line, node, settings);
	r->script->additions++;
	if (paths_add(&r->paths, paths_join(line->path, name), dynamic ? line->template : SPEC_NONE,
		    true) < 0)
		r->error = -ENOMEM;
}

/* ---- lines */

static bool is_optional(char argument)
{
	return argument == ARGUMENT_STATUS || argument == ARGUMENT_SIGNAL ||
	       argument == ARGUMENT_TIMES || argument == ARGUMENT_SETTINGS;
}

static bool has_arguments(enum script_word word, size_t n)
{
	const char *arguments = word_arguments[word];
	size_t most = strlen(arguments);
	size_t least = 0;

	while (least < most && !is_optional(arguments[least]))
		least++;
	return n >= least && (n <= most || strchr(arguments, ARGUMENT_SETTINGS));
}

static void take_arguments(
	struct reading *r, struct script_line *line, const char *const *words, size_t n)
{
	const char *arguments = word_arguments[line->word];

	line->value = default_value(line->word);
	for (size_t i = 0; i < n && arguments[i] && arguments[i] != ARGUMENT_NAME; i++) {
		enum script_argument argument = (enum script_argument)arguments[i];

		if (argument == ARGUMENT_PROCESS || argument == ARGUMENT_CHILD ||
			argument == ARGUMENT_SUPERVISOR)
			take_path(r, line, words[i], argument);
		else
			take_value(r, line, words[i], argument);
	}
	if (line->word == SCRIPT_START_CHILD && line->path)
		take_child(r, line, words[1], words + 2);
}

static bool is_manner(enum script_word word)
{
	return word == SCRIPT_FAIL_START || word == SCRIPT_SLOW_START || word == SCRIPT_IGNORE_TERM;
}

static void report_word(struct reading *r, const char *word)
{
	const char *nearest = nearest_word(word, word_names, SCRIPT_WORD_COUNT);

	if (nearest)
		findings_error(r->f, r->place, rule_word, "unknown word '%s'; did you mean '%s'?",
			word, nearest);
	else
		findings_error(r->f, r->place, rule_word, "unknown word '%s'", word);
}

/* words: n of them, then a NULL. */
static void take_line(struct reading *r, const char *const *words, size_t n)
{
	struct script_line *list = NULL;
	enum script_word word = SCRIPT_BOOT;

	while (word < SCRIPT_WORD_COUNT && strcmp(words[0], word_names[word]) != 0)
		word++;
	if (word == SCRIPT_WORD_COUNT) {
		report_word(r, words[0]);
		return;
	}
	if (!has_arguments(word, n - 1)) {
		findings_error(r->f, r->place, rule_usage, "write: %s", word_usages[word]);
		return;
	}
	if (word == SCRIPT_BOOT && r->booted)
		findings_error(r->f, r->place, rule_usage,
			"only fail-start, slow-start and ignore-term may stand before 'boot'");
	r->booted |= !is_manner(word);
	list = reallocarray(r->script->list, r->script->n + 1, sizeof(*list));
	if (!list) {
		r->error = -ENOMEM;
		return;
	}
	r->script->list = list;
	list += r->script->n++;
	*list = (struct script_line){.word = word, .line = r->place.line};
	take_arguments(r, list, words + 1, n - 1);
}

static void split_line(struct reading *r, char *text)
{
	const char *words[WORDS_MAX + 1] = {NULL};
	char *rest = NULL;
	size_t n = 0;

	text[strcspn(text, "#\n")] = '\0';
	for (char *word = strtok_r(text, " \t\r", &rest); word && n < WORDS_MAX;
		word = strtok_r(NULL, " \t\r", &rest))
		words[n++] = word;
	if (n == WORDS_MAX)
		findings_error(r->f, r->place, rule_usage, "a line of too many words");
	else if (n > 0)
		take_line(r, words, n);
}

static void read_lines(struct reading *r, FILE *in)
{
	char *text = NULL;
	size_t size = 0;

	errno = 0;
	while (r->error == 0 && getline(&text, &size, in) >= 0) {
		if (++r->place.line > LINES_MAX) {
			findings_error(r->f, r->place, rule_usage, "more than %d lines", LINES_MAX);
			break;
		}
		split_line(r, text);
	}
	if (ferror(in) && r->error == 0)
		r->error = errno ? -errno : -EIO;
	free(text);
}

int script_read(
	FILE *in, const char *file, const struct spec *spec, struct findings *f, struct script *ret)
{
	struct script script = {0};
	struct reading r = {.spec = spec, .f = f, .place = {.file = file}, .script = &script};

	r.error = paths_of_tree(&r.paths, spec);
	if (r.error == 0)
		read_lines(&r, in);
	paths_free(&r.paths);
	if (r.error == 0 && findings_errors(f) > 0)
		r.error = -EINVAL;
	if (r.error == 0)
		*ret = script;
	else
		script_free(&script);
	return r.error;
}

void script_free(struct script *script)
{
	for (size_t i = 0; i < script->n; i++) {
		free(script->list[i].path);
		free(script->list[i].name);
		free(script->list[i].child);
	}
	free(script->list);
	*script = (struct script){0};
}
