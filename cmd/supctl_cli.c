/* supctl_cli.c - the command table, help, and the way from a command line to a handler. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "config/units.h"

#define LOOKING "Looking"
#define ACTING "Acting on children"
#define SUPD "The supervisor itself"
#define MANY UINT_MAX

static const struct verb verbs[] = {
	{
		.name = "status",
		.group = LOOKING,
		.arguments = "[PATH...] [--watch]",
		.help = "show the tree, or what is at and below PATHs",
		.more = "Reads the status table; supd is not disturbed, and need not be alive.\n"
			"--watch shows it again each second, until ctrl-C.\n"
			"Exit status 3: one of the PATHs is not running; 4: supd is gone.",
		.flags = FLAG_WATCH,
		.max_args = MANY,
		.run = verb_status,
	},
	{
		.name = "events",
		.group = LOOKING,
		.arguments = "[PATTERN]",
		.help = "follow what happens, one line an event",
		.more = "PATTERN is a glob over paths: 'web/*'. Ends with exit status 0 when supd "
			"ends.",
		.max_args = 1,
		.run = verb_events,
	},
	{
		.name = "start",
		.group = ACTING,
		.arguments = "PATH... [--no-wait]",
		.help = "start children; returns when each is ready",
		.flags = FLAG_NO_WAIT,
		.min_args = 1,
		.max_args = MANY,
		.run = verb_start,
	},
	{
		.name = "stop",
		.group = ACTING,
		.arguments = "PATH... [--no-wait]",
		.help = "stop children; returns when each is gone",
		.more = "A child is gone when its whole process group is. It stays stopped until "
			"it "
			"is\nstarted, or its supervisor is.",
		.flags = FLAG_NO_WAIT,
		.min_args = 1,
		.max_args = MANY,
		.run = verb_stop,
	},
	{
		.name = "restart",
		.group = ACTING,
		.arguments = "PATH... [--no-wait]",
		.help = "stop, then start; not counted as a restart",
		.flags = FLAG_NO_WAIT,
		.min_args = 1,
		.max_args = MANY,
		.run = verb_restart,
	},
	{
		.name = "delete",
		.group = ACTING,
		.arguments = "PATH...",
		.help = "remove stopped children",
		.more = "They come back when their supervisor is restarted.",
		.min_args = 1,
		.max_args = MANY,
		.run = verb_delete,
	},
	{
		.name = "signal",
		.group = ACTING,
		.arguments = "SIG PATH...",
		.help = "send a signal to their process groups",
		.more = "SIG is a name, with or without SIG, or a number: HUP, SIGUSR1, RTMIN+3, "
			"15.",
		.min_args = 2,
		.max_args = MANY,
		.run = verb_signal,
	},
	{
		.name = "ping",
		.group = SUPD,
		.arguments = "",
		.help = "ask whether supd answers",
		.run = verb_ping,
	},
	{
		.name = "version",
		.group = SUPD,
		.arguments = "",
		.help = "the versions of supctl and of the running supd",
		.run = verb_version,
	},
	{
		.name = "shutdown",
		.group = SUPD,
		.arguments = "",
		.help = "stop the whole tree, end supd",
		.more = "Returns when the stop has begun.",
		.run = verb_shutdown,
	},
	{
		.name = "help",
		.group = SUPD,
		.arguments = "[COMMAND]",
		.help = "this page, or more about one command",
		.max_args = 1,
		.run = verb_help,
	},
};

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int verb_unknown(const char *name)
{
	const char *words[ARRAY_LEN(verbs)];
	const char *nearest;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		words[i] = verbs[i].name;
	nearest = nearest_word(name, words, ARRAY_LEN(words));
	if (nearest)
		complain("unknown command %s: did you mean %s?", name, nearest);
	else
		complain("unknown command %s; `supctl help` lists them", name);
	return SUPCTL_USAGE;
}

/* ---- help */

static void help_all(struct out *out)
{
	const char *group = NULL;

	out_text(out, "usage: supctl [-d DIR] [--json] [--timeout 5s] COMMAND [ARGUMENT...]\n\n"
		      "Talks to supd, the process supervisor.\n");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		const struct verb *verb = &verbs[i];

		if (!group || strcmp(group, verb->group) != 0)
			out_printf(out, "\n%s\n", verb->group);
		group = verb->group;
		out_printf(out, "  %-9s %-20s  %s\n", verb->name, verb->arguments, verb->help);
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
		"  -h, --help             this page, or that of the command\n"
		"  --version              the version of supctl\n"
		"\nA PATH is the names from below the root (web/app); an unambiguous last part\n"
		"(app) will do; / is the root.\n"
		"\nExit status: 0 done; 1 refused or failed; 2 usage; 3 `status PATH...` and one\n"
		"of them is not running; 4 supd not reachable, or no answer in time.\n");
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

static int verb_run(const struct request *request)
{
	const struct verb *verb = request->verb;

	if (request->n_args < verb->min_args)
		return usage_of(verb, "needs more arguments");
	if (request->n_args > verb->max_args)
		return usage_of(verb, "takes fewer arguments");
	if (request->flags & FLAG_WATCH & ~verb->flags)
		return usage_of(verb, "has no --watch");
	if (request->flags & FLAG_NO_WAIT & ~verb->flags)
		return usage_of(verb, "has no --no-wait");
	return verb->run(request);
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
	return verb_run(request);
}

int supctl_run(int argc, char **argv)
{
	struct request *request = calloc(1, sizeof *request);
	struct out *out = malloc(sizeof *out);
	const char **words = calloc(argc > 0 ? (size_t)argc : 1, sizeof *words);
	int status = SUPCTL_USAGE;

	if (out_guard_descriptors() < 0 || !request || !out || !words) {
		complain("out of memory or descriptors");
		status = SUPCTL_REFUSED;
		goto done;
	}
	/* A reader that goes away is seen as EPIPE, where it can be met in order. */
	(void)signal(SIGPIPE, SIG_IGN);
	out_init(out, 1);
	request->out = out;
	if (options_read(argc, argv, words, request) == 0) {
		status = request_run(request);
		if (!out_finish(out) && status == SUPCTL_DONE)
			status = SUPCTL_REFUSED;
	}
done:
	free(words);
	free(out);
	free(request);
	return status;
}
