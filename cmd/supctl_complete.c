/* supctl_complete.c - what may come next on a command line: the shells' completion asks for it.
 *
 * `supctl __complete -- WORD...`: the words behind "supctl", the last one being typed, perhaps
 * empty. Each answer is a line: a word, and behind a tab what it is. ":files", ":dirs" and
 * ":commands" say that the shell knows better. It is the command table that answers, so that no
 * script lists commands or options a second time. The scripts show no complaints. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "supervisor/engine/engine.h"

/* What has been typed. */
struct line {
	const char *const *words;
	size_t n;		 /* the last one is being typed */
	const char *current;	 /* that one */
	const struct verb *verb; /* NULL: it is the command that is being typed */
	const char *dir;	 /* NULL: -d was not given */
	const char *valued;	 /* the option whose value is being typed; NULL: none */
	size_t n_args;		 /* arguments of the command before the current word */
	bool after;		 /* "--" stands before it */
	bool unknown;		 /* there is no such command */
};

/* What the options are for, and the words that their values may be. */
static const struct {
	const char *name;
	const char *help;
	const char
		*values; /* with blanks between; ":dirs", ":files": the shell knows; NULL: none */
} options[] = {
	{"--runtime-dir", "where supd's control and status are", ":dirs"},
	{"--timeout", "how long to wait for one call", "1s 5s 30s 1m infinity"},
	{"--json", "for programs", NULL},
	{"--watch", "show it again each second", NULL},
	{"--no-usage", "without memory and CPU time", NULL},
	{"--format", "a line of such fields, or a kind of output", NULL},
	{"--no-wait", "do not wait for the outcome", NULL},
	{"--no-link", "let the task live on", NULL},
	{"--name", "the task's name", NULL},
	{"--key", "of the partition that it belongs to", NULL},
	{"--for", "the state to wait for", "running stopped healthy"},
	{"--since-start", "first what has happened since supd started", NULL},
	{"--no-follow", "end there", NULL},
	{"--follow", "go on with what comes", NULL},
	{"--lines", "so many of the last lines", "10 100 1000 all"},
	{"--since", "from that time on", "5m 1h 24h"},
	{"--stream", "of one stream only", "out err"},
	{"--timestamps", "with times", NULL},
	{"--svg", "as a picture", NULL},
	{"--from", "of the events in a file", ":files"},
	{"--listen", "serve them over HTTP", "127.0.0.1:9464 [::1]:9464"},
	{"--set", "a key of the new process", NULL},
	{"--help", "the page of the command", NULL},
	{"--version", "the version of supctl", NULL},
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void answer(struct out *out, const struct line *line, const char *word, const char *what)
{
	if (begins(word, line->current))
		out_printf(out, "%s\t%s\n", word, what);
}

/* ---- reading what has been typed */

static const struct verb *verb_named(const char *name)
{
	for (size_t i = 0; i < verbs_n; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* An option before the current word. Returns whether the next word is its value. */
static bool read_option(struct line *line, const char *word, const char *next)
{
	const bool is_dir = begins(word, "-d") || begins(word, "--runtime-dir");

	if (is_dir && strchr(word, '='))
		line->dir = strchr(word, '=') + 1;
	else if (is_dir && begins(word, "-d") && word[2])
		line->dir = word + 2;
	else if (is_dir)
		line->dir = next;
	return option_wants_word(word);
}

static void read_line(struct line *line)
{
	for (size_t i = 0; i + 1 < line->n; i++) {
		const char *word = line->words[i];
		const bool last = i + 2 == line->n;

		if (!line->after && strcmp(word, "--") == 0) {
			line->after = true;
		} else if (!line->after && *word == '-' && word[1]) {
			if (!read_option(line, word, line->words[i + 1]))
				continue;
			line->valued = last ? word : NULL;
			i++;
		} else if (!line->verb) {
			line->verb = verb_named(word);
			line->unknown = !line->verb;
			if (line->unknown)
				return;
		} else {
			line->n_args++;
		}
	}
}

/* ---- answers */

static void answer_verbs(struct out *out, const struct line *line)
{
	for (size_t i = 0; i < verbs_n; i++)
		if (verbs[i].group)
			answer(out, line, verbs[i].name, verbs[i].help);
}

static void answer_options(struct out *out, const struct line *line)
{
	const unsigned flags =
		line->verb ? line->verb->flags | (unsigned)FLAGS_COMMON : (unsigned)FLAGS_COMMON;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		unsigned flag;

		if (option_find_flag(options[i].name, &flag) && (flag == 0 || (flag & flags)))
			answer(out, line, options[i].name, options[i].help);
	}
}

static void answer_paths(struct out *out, const struct line *line, bool only_sups)
{
	char dir[PATH_MAX];
	char path[SNAPSHOT_PATH_SIZE];
	struct snapshot snapshot;
	const char *why;

	if (options_dir(line->dir, dir) < 0 || snapshot_read(dir, &snapshot, &why) < 0)
		return;
	for (uint32_t i = only_sups ? 0 : 1; i < snapshot.n; i++) {
		const struct status_record *record = &snapshot.nodes[i].record;

		if (!only_sups || record->kind != KIND_PROCESS)
			answer(out, line, snapshot_path(&snapshot, i, path),
				child_state_name(record->state));
	}
	snapshot_free(&snapshot);
}

static void answer_signals(struct out *out, const struct line *line)
{
	static const char *const names[] = {"HUP", "INT", "QUIT", "TERM", "KILL", "USR1", "USR2",
		"ALRM", "ABRT", "STOP", "CONT", "TSTP", "WINCH", "PIPE", "CHLD"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		answer(out, line, names[i], "signal");
}

/* The word of verb->arguments that stands for argument number n: "PATH", "SUP", …; the last one
 * that is followed by dots stands for all further ones. "": there is none. */
static void placeholder(const char *arguments, size_t n, char word[static 32])
{
	size_t at = 0;

	word[0] = '\0';
	while (*arguments) {
		size_t length = strcspn(arguments, " ");
		size_t begin = strspn(arguments, "[");
		size_t name = strspn(arguments + begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		const bool option = arguments[begin] == '-';

		if (option && !strchr("]", arguments[length - 1])) {
			/* Its value belongs to it. */
			arguments += length;
			arguments += strspn(arguments, " ");
			length = strcspn(arguments, " ");
		} else if (!option && name > 0 && name < 32) {
			(void)snprintf(word, 32, "%.*s", (int)name, arguments + begin);
			if (at++ == n || begins(arguments + begin + name, "..."))
				return;
		}
		arguments += length;
		arguments += strspn(arguments, " ");
	}
	word[0] = '\0';
}

static void answer_argument(struct out *out, const struct line *line)
{
	char word[32];

	placeholder(line->verb->arguments, line->n_args, word);
	if (strcmp(word, "PATH") == 0 || strcmp(word, "PATTERN") == 0 || strcmp(word, "NAME") == 0)
		answer_paths(out, line, false);
	else if (strcmp(word, "SUP") == 0)
		answer_paths(out, line, true);
	else if (strcmp(word, "SIG") == 0)
		answer_signals(out, line);
	else if (strcmp(word, "COMMAND") == 0)
		answer_verbs(out, line);
	else if (strcmp(word, "FILE") == 0)
		out_text(out, ":files\n");
	else if (strcmp(word, "KIND") == 0) {
		answer(out, line, "supervisord", "supervisord.conf");
		answer(out, line, "procfile", "Procfile");
	}
}

/* What --format may be with a command; NULL: a text of the user's own. */
static const char *formats_of(const struct verb *verb)
{
	static const struct {
		const char *verb;
		const char *values;
	} formats[] = {{"graph", "dot svg mermaid"}, {"metrics", "openmetrics prometheus"}};

	for (size_t i = 0; verb && i < ARRAY_LEN(formats); i++)
		if (strcmp(verb->name, formats[i].verb) == 0)
			return formats[i].values;
	return NULL;
}

static const char *values_of(const struct line *line)
{
	const char *name = option_full_name(line->valued);

	if (strcmp(name, "--format") == 0)
		return formats_of(line->verb);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return options[i].values;
	return NULL;
}

static void answer_value(struct out *out, const struct line *line)
{
	const char *values = values_of(line);
	char word[64];

	if (values && values[0] == ':') {
		out_printf(out, "%s\n", values);
		return;
	}
	while (values && *values) {
		size_t n = strcspn(values, " ");

		(void)snprintf(word, sizeof word, "%.*s", (int)n, values);
		answer(out, line, word, line->valued);
		values += n;
		values += strspn(values, " ");
	}
}

int verb_complete(const struct request *request)
{
	struct out *out = request->out;
	struct line line = {.words = request->args, .n = request->n_args};

	if (line.n == 0)
		return SUPCTL_DONE;
	line.current = line.words[line.n - 1];
	read_line(&line);
	if (line.unknown)
		return SUPCTL_DONE;
	if (line.valued)
		answer_value(out, &line);
	else if (line.after)
		out_text(out, line.n_args > 1 ? ":files\n" : ":commands\n");
	else if (line.current[0] == '-')
		answer_options(out, &line);
	else if (line.verb)
		answer_argument(out, &line);
	else
		answer_verbs(out, &line);
	return SUPCTL_DONE;
}
