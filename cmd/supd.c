/* supd.c - the supervisor: options, the order of start-up, the line after which nothing may exit.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supd_check.h"
#include "cmd/supd_command.h"
#include "cmd/supd_one.h"
#include "cmd/supd_runtime_dir.h"
#include "cmd/supd_simulate.h"
#include "supervisor/os/init.h"
#include "supervisor/os/log.h"
#include "supervisor/os/read_config.h"
#include "supervisor/os/shell.h"

/* INTERFACE, section 1. */
enum { EXIT_GAVE_UP = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3 };

struct options {
	const char *config;
	const char *runtime_dir; /* NULL: not given */
	const char *simulate;	 /* NULL: not asked for */
	bool check;
	bool print_config;
	bool cgroups;
	bool open;		     /* --no-self-sandbox */
	bool for_command;	     /* one that means nothing without -- COMMAND was given */
	struct solo_options command; /* argv NULL: no command */
};

static const char usage[] =
	"usage: supd [-c FILE] [-d DIR] [options]   supervise the tree in FILE\n"
	"       supd [options] -- COMMAND [ARG...]  run one command, as PID 1 of a container does\n"
	"       supd --check [-c FILE]              check FILE, start nothing\n"
	"       supd --simulate SCRIPT [-c FILE]    play a failure script on it, start nothing\n"
	"       supd --print-config [-c FILE]       print the tree after defaults and includes, as "
	"JSON\n"
	"\n"
	"  -c, --config FILE       the configuration (default /etc/supd/supd.conf)\n"
	"  -d, --runtime-dir DIR   where the control socket and the status table are (default\n"
	"                          $SUPD_RUNTIME_DIR, else runtime_dir of FILE, else /run/supd as "
	"root,\n"
	"                          else $XDG_RUNTIME_DIR/supd)\n"
	"  -t, --check             exit 0 when FILE is valid, 2 when it is not; prints all "
	"findings\n"
	"      --print-config      the tree as JSON\n"
	"      --simulate SCRIPT   what would happen, in virtual time; SCRIPT is a file, or - for\n"
	"                          standard input: lines such as 'exit db 1', 'kill web/app "
	"KILL',\n"
	"                          'fail-start web/app 2', 'stop jobs', 'advance 3s'\n"
	"      --log-format FORMAT text (default) or json\n"
	"      --cgroups           a control group (v2) for each child, where supd may make some\n"
	"      --no-self-sandbox   supd's memory stays open to whoever may look into its "
	"processes\n"
	"      --log-level LEVEL   error, warning, notice, info (default) or debug\n"
	"      --version\n"
	"  -h, --help\n"
	"\n"
	"With -- COMMAND:\n"
	"      --rewrite FROM:TO   forward the signal FROM as TO, such as 15:3 or TERM:QUIT; 15:0: "
	"not\n"
	"                          at all; repeatable\n"
	"      --grace TIME        kill everything so long after the first TERM, INT or QUIT\n"
	"      --expect-exit N     exit status N counts as 0; repeatable\n"
	"\n"
	"Look at a running tree with supctl(1). Manual pages: supd(8), supd.conf(5).\n";

enum {
	OPT_PRINT_CONFIG = 256,
	OPT_SIMULATE,
	OPT_LOG_FORMAT,
	OPT_LOG_LEVEL,
	OPT_CGROUPS,
	OPT_NO_SELF_SANDBOX,
	OPT_REWRITE,
	OPT_GRACE,
	OPT_EXPECT_EXIT,
	OPT_VERSION
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"runtime-dir", required_argument, NULL, 'd'},
	{"check", no_argument, NULL, 't'},
	{"print-config", no_argument, NULL, OPT_PRINT_CONFIG},
	{"simulate", required_argument, NULL, OPT_SIMULATE},
	{"log-format", required_argument, NULL, OPT_LOG_FORMAT},
	{"cgroups", no_argument, NULL, OPT_CGROUPS},
	{"no-self-sandbox", no_argument, NULL, OPT_NO_SELF_SANDBOX},
	{"rewrite", required_argument, NULL, OPT_REWRITE},
	{"grace", required_argument, NULL, OPT_GRACE},
	{"expect-exit", required_argument, NULL, OPT_EXPECT_EXIT},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static _Noreturn void bad_usage(const char *what, const char *word)
{
	(void)fprintf(stderr, "supd: %s%s\nTry supd --help.\n", what, word);
	exit(EXIT_USAGE);
}

static void take_command_option(struct options *o, int option, const char *value)
{
	const char *wrong = option == OPT_REWRITE ? command_rewrite(&o->command, value)
			    : option == OPT_GRACE ? command_grace(&o->command, value)
						  : command_expect(&o->command, value);

	if (wrong)
		bad_usage(wrong, value);
	o->for_command = true;
}

/* What stands behind the options; first is its place. */
static void take_command(struct options *o, char **argv, int first)
{
	const bool dashes = first > 1 && strcmp(argv[first - 1], "--") == 0;

	if (argv[first] && !dashes)
		bad_usage("put -- before a command, and -c before a configuration file: ",
			argv[first]);
	if (!argv[first] && dashes)
		bad_usage("there is no command behind --", "");
	if (!argv[first] && o->for_command)
		bad_usage("--rewrite, --grace and --expect-exit are for supd [options] -- COMMAND",
			"");
	if (argv[first] && (o->config || o->check || o->print_config || o->simulate || o->cgroups))
		bad_usage("-c, --check, --print-config, --simulate and --cgroups are for a tree, "
			  "not for a command: ",
			argv[first]);
	if (argv[first])
		o->command.argv = argv + first;
}

static struct options parse_options(int argc, char **argv)
{
	struct options o = {0};
	enum message_format format = LOG_TEXT;
	int level = LOG_INFO;
	int c;

	solo_defaults(&o.command);
	while ((c = getopt_long(argc, argv, "+c:d:th", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o.config = optarg;
			break;
		case 'd':
			if (!*optarg)
				bad_usage("--runtime-dir is empty", "");
			o.runtime_dir = optarg;
			break;
		case 't':
			o.check = true;
			break;
		case OPT_PRINT_CONFIG:
			o.print_config = true;
			break;
		case OPT_SIMULATE:
			o.simulate = optarg;
			break;
		case OPT_CGROUPS:
			o.cgroups = true;
			break;
		case OPT_NO_SELF_SANDBOX:
			o.open = true;
			break;
		case OPT_REWRITE:
		case OPT_GRACE:
		case OPT_EXPECT_EXIT:
			take_command_option(&o, c, optarg);
			break;
		case OPT_LOG_FORMAT:
			if (strcmp(optarg, "text") != 0 && strcmp(optarg, "json") != 0)
				bad_usage("--log-format is text or json, not ", optarg);
			format = strcmp(optarg, "json") == 0 ? LOG_JSON : LOG_TEXT;
			break;
		case OPT_LOG_LEVEL:
			level = log_level_by_name(optarg);
			if (level < 0)
				bad_usage("--log-level is error, warning, notice, info or debug, "
					  "not ",
					optarg);
			break;
		case OPT_VERSION:
			printf("supd %s\n", SUPD_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			(void)fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			(void)fprintf(stderr, "Try supd --help.\n");
			exit(EXIT_USAGE);
		}
	}
	take_command(&o, argv, optind);
	if (!o.config)
		o.config = "/etc/supd/supd.conf";
	log_setup((enum log_level)level, format);
	return o;
}

static const struct spec *load(const char *file)
{
	const struct spec *spec = NULL;

	switch (read_config(file, &spec)) {
	case READ_CONFIG_OK:
		return spec;
	case READ_CONFIG_INVALID:
		exit(EXIT_USAGE);
	case READ_CONFIG_FAILED:
		break;
	}
	exit(EXIT_REFUSED);
}

int main(int argc, char **argv)
{
	struct options o = parse_options(argc, argv);
	struct rlimit nofile;
	const struct spec *spec;
	struct spec *one;
	const char *refused;
	struct shell *shell;
	char *dir;
	int error;
	int status = EXIT_REFUSED;

	if (o.check || o.print_config)
		return supd_check(o.config, o.print_config);
	if (o.simulate)
		return supd_simulate(o.simulate, o.config);
	if (o.command.argv && !o.runtime_dir)
		return solo_run(&o.command);
	error = init_process(&nofile, &refused);
	if (error < 0) {
		(void)fprintf(stderr, "supd: cannot %s: %s\n", refused, strerror(-error));
		return EXIT_REFUSED;
	}
	if (!o.open)
		init_close_memory();
	one = o.command.argv ? one_spec(&o.command, &status) : NULL;
	spec = o.command.argv ? one : load(o.config);
	if (!spec)
		return status;
	dir = runtime_dir_make(o.runtime_dir, spec);
	if (!dir)
		return EXIT_REFUSED;
	shell = shell_new(spec, dir, &nofile, o.cgroups);
	if (!shell) {
		free(dir);
		log_flush();
		return EXIT_REFUSED;
	}
	if (o.command.argv)
		shell_forward(shell, &o.command);
	/* ---- From here on nothing may exit but the end of the tree. ---- */
	status = shell_run(shell);
	shell_free(shell);
	free(dir);
	free(one);
	return o.command.argv && o.command.expected[status & 255] ? EXIT_SUCCESS : status;
}
