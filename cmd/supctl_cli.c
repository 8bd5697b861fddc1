/* supctl_cli.c - help, and the way from a command line to a handler. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "config/units.h"

enum { ARGUMENTS_WIDTH = 19 };

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < verbs_n; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int verb_unknown(const char *name)
{
	const char *words[VERBS_MAX];
	const char *nearest;

	for (size_t i = 0; i < verbs_n; i++)
		words[i] = verbs[i].name;
	nearest = nearest_word(name, words, verbs_n);
	if (nearest)
		complain("unknown command %s: did you mean %s?", name, nearest);
	else
		complain("unknown command %s; `supctl help` lists them", name);
	return SUPCTL_USAGE;
}

/* ---- help */

/* Arguments that are too long for their column have a line of their own. */
static void help_line(struct out *out, const struct verb *verb)
{
	bool fits = strlen(verb->arguments) <= ARGUMENTS_WIDTH;

	out_printf(out, "  %-11s %s%s%*s  %s\n", verb->name, verb->arguments, fits ? "" : "\n",
		fits ? ARGUMENTS_WIDTH - (int)strlen(verb->arguments) : ARGUMENTS_WIDTH + 14, "",
		verb->help);
}

static void help_all(struct out *out)
{
	const char *group = NULL;

	out_text(out, "usage: supctl [-d DIR] [--json] [--timeout 5s] COMMAND [ARGUMENT...]\n\n"
		      "Talks to supd, the process supervisor.\n");
	for (size_t i = 0; i < verbs_n; i++) {
		const struct verb *verb = &verbs[i];

		if (!verb->group)
			continue;
		if (!group || strcmp(group, verb->group) != 0)
			out_printf(out, "\n%s\n", verb->group);
		group = verb->group;
		help_line(out, verb);
	}
	out_text(out,
		"\nOptions, before or after the command\n"
		"  -d, --runtime-dir DIR  where supd's control and status are (default:\n"
		"                         $SUPD_RUNTIME_DIR, /run/supd as root, else\n"
		"                         $XDG_RUNTIME_DIR/supd)\n"
		"  --json                 for programs: JSON, for events one object a line\n"
		"  --timeout 5s           how long to wait for one call (500ms, 2m, infinity)\n"
		"  --no-wait              start, stop, restart: do not wait for the outcome\n"
		"  --watch                status: show it again each second\n"
		"  --since-start          events: first what has happened since supd started\n"
		"  --no-follow            events: end there, do not wait for more\n"
		"  --set KEY=VALUE        start-child: a key of the new process\n"
		"  --no-link, --name N    run: let the task live on; its name\n"
		"  --key K                whereis: of the partition that K belongs to\n"
		"  --for STATE            wait: running, stopped or healthy\n"
		"  --format FORMAT        graph: dot, svg or mermaid; metrics: openmetrics or\n"
		"                         prometheus; status, events: a line with {FIELD}s,\n"
		"                         such as '{path} {state} {pid}'\n"
		"  --listen ADDR:PORT     metrics: serve them over HTTP\n"
		"  --svg, --from FILE     timeline: as a picture; of events in a file\n"
		"  -f, --follow           logs: go on with what comes\n"
		"  -n, --lines N          logs: the last N lines (all)\n"
		"  -t, --timestamps       logs: with times\n"
		"  --since T, --stream S  logs: from that time on; out or err only\n"
		"  -h, --help             this page, or that of the command\n"
		"  --version              the version of supctl\n"
		"\nA PATH is the names from below the root (web/app); an unambiguous last part\n"
		"(app) will do; / is the root.\n"
		"\nExit status: 0 done; 1 refused or failed; 2 usage; 3 `status PATH...` and one\n"
		"of them is not running; 4 supd not reachable, or no answer in time. That of run\n"
		"is the task's.\n");
}

static void help_one(struct out *out, const struct verb *verb)
{
	out_printf(out, "usage: supctl %s%s%s\n\n%s: %s.\n", verb->name,
		verb->arguments[0] ? " " : "", verb->arguments, verb->name, verb->help);
	if (verb->more)
		out_printf(out, "%s\n", verb->more);
}

int verb_help(const struct request *request)
{
	const struct verb *verb;

	if (request->n_args == 0) {
		help_all(request->out);
		return SUPCTL_DONE;
	}
	verb = verb_find(request->args[0]);
	if (!verb)
		return verb_unknown(request->args[0]);
	help_one(request->out, verb);
	return SUPCTL_DONE;
}

/* ---- from the command line to the handler */

static int usage_of(const struct verb *verb, const char *what)
{
	complain("%s %s; usage: supctl %s%s%s", verb->name, what, verb->name,
		verb->arguments[0] ? " " : "", verb->arguments);
	return SUPCTL_USAGE;
}

static int verb_call(const struct request *request)
{
	const struct verb *verb = request->verb;
	const char *option = option_name(request->flags & ~verb->flags & ~(unsigned)FLAGS_COMMON);
	char what[64];

	if (request->n_args < verb->min_args)
		return usage_of(verb, "needs more arguments");
	if (request->n_args > verb->max_args)
		return usage_of(verb, "takes fewer arguments");
	if (!option)
		return verb->run(request);
	(void)snprintf(what, sizeof what, "has no %s", option);
	return usage_of(verb, what);
}

static int request_run(struct request *request)
{
	if (request->flags & FLAG_VERSION) {
		out_text(request->out, "supctl " SUPD_VERSION "\n");
		return SUPCTL_DONE;
	}
	if (!request->word) {
		if (request->flags & FLAG_HELP) {
			help_all(request->out);
			return SUPCTL_DONE;
		}
		complain("which command? `supctl help` lists them");
		return SUPCTL_USAGE;
	}
	request->verb = verb_find(request->word);
	if (!request->verb)
		return verb_unknown(request->word);
	if (request->flags & FLAG_HELP) {
		help_one(request->out, request->verb);
		return SUPCTL_DONE;
	}
	options_complete(request);
	return verb_call(request);
}

int supctl_run(int argc, char **argv)
{
	struct request *request = calloc(1, sizeof *request);
	struct out *out = malloc(sizeof *out);
	size_t room = argc > 0 ? (size_t)argc : 1;
	const char **words = calloc(room, sizeof *words);
	const char **settings = calloc(room, sizeof *settings);
	int status = SUPCTL_USAGE;

	if (out_guard_descriptors() < 0 || !request || !out || !words || !settings) {
		complain("out of memory or descriptors");
		status = SUPCTL_REFUSED;
		goto done;
	}
	/* A reader that goes away is seen as EPIPE, where it can be met in order. */
	(void)signal(SIGPIPE, SIG_IGN);
	out_init(out, 1);
	request->out = out;
	request->settings = settings;
	if (options_read(argc, argv, words, request) == 0) {
		status = request_run(request);
		if (!out_finish(out) && status == SUPCTL_DONE)
			status = SUPCTL_REFUSED;
	}
done:
	free(settings);
	free(words);
	free(out);
	free(request);
	return status;
}
