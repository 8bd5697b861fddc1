/* supctl_verbs.c - the command table. */
#include "cmd/supctl.h"

#define LOOKING "Looking"
#define ACTING "Acting on children"
#define SUPD "The supervisor itself"
#define MANY UINT_MAX

const struct verb verbs[] = {
	{
		.name = "status",
		.group = LOOKING,
		.arguments = "[PATH...] [--watch] [--no-usage] [--format TEXT]",
		.help = "show the tree, or what is at and below PATHs",
		.more = "Reads the status table; supd is not disturbed, and need not be alive.\n"
			"--watch shows it again each second, until ctrl-C.\n"
			"--json tells memory and CPU time, too, which takes a look at all "
			"processes;"
			"\n--no-usage leaves them out.\n"
			"--format '{path} {state} {pid}' prints such a line a child; a field is a "
			"member\nof its JSON, \"-\" where there is none.\n"
			"Exit status 3: one of the PATHs is not running; 4: supd is gone.",
		.flags = FLAG_WATCH | FLAG_NO_USAGE | FLAG_FORMAT,
		.max_args = MANY,
		.run = verb_status,
	},
	{
		.name = "tree",
		.group = LOOKING,
		.arguments = "[PATH]",
		.help = "draw the tree, with strategies and states",
		.more = "Reads the status table; supd is not disturbed, and need not be alive "
			"(then exit\nstatus 4). --json: as in status, with the children of each "
			"inside.",
		.max_args = 1,
		.run = verb_tree,
	},
	{
		.name = "events",
		.group = LOOKING,
		.arguments = "[PATTERN] [--since-start] [--no-follow] [--format TEXT]",
		.help = "follow what happens, one line an event",
		.more = "PATTERN is a glob over paths: 'web/*'. Ends with exit status 0 when supd "
			"ends.\n"
			"--since-start begins with what has happened since supd started, of which "
			"it keeps\nthe last 1,000 events; with --no-follow that is all. What "
			"operators ask for is an\nevent, too, with who asked. --format: as in "
			"status, a field is a member of the JSON.",
		.flags = FLAG_SINCE_START | FLAG_NO_FOLLOW | FLAG_FORMAT,
		.max_args = 1,
		.run = verb_events,
	},
	{
		.name = "count",
		.group = LOOKING,
		.arguments = "[SUP]",
		.help = "count the children of a supervisor",
		.more = "specs: how many it has; active: how many of them have a process or, "
			"supervisors,\nare up; supervisors and workers: what they are. Without SUP "
			"the root's.\n"
			"Reads the status table; supd is not disturbed.",
		.max_args = 1,
		.run = verb_count,
	},
	{
		.name = "whereis",
		.group = LOOKING,
		.arguments = "NAME [--key K]",
		.help = "the process number behind a name",
		.more = "With --key NAME is a partition supervisor, and the process that of the "
			"partition\nwhich K belongs to: a whole number to K mod N, any other text "
			"to "
			"its 64-bit\nFNV-1a hash mod N. Reads the status table; supd is not "
			"disturbed.\n"
			"Exit status 1: it has no process now.",
		.flags = FLAG_KEY,
		.min_args = 1,
		.max_args = 1,
		.run = verb_whereis,
	},
	{
		.name = "inspect",
		.group = LOOKING,
		.arguments = "PATH",
		.help = "all that supd knows of a child",
		.more = "Its state, and its specification after defaults and includes.",
		.min_args = 1,
		.max_args = 1,
		.run = verb_inspect,
	},
	{
		.name = "impact",
		.group = LOOKING,
		.arguments = "PATH",
		.help = "what would happen if it died, or kept dying",
		.more = "What stops and what starts, in order and with the times of backoff; at "
			"which\ncount each limit is reached, and what ends the whole tree. Nothing "
			"is touched:\nsupd looks ahead with a copy of its own state.",
		.min_args = 1,
		.max_args = 1,
		.run = verb_impact,
	},
	{
		.name = "health",
		.group = LOOKING,
		.arguments = "",
		.help = "check that all that should run is well",
		.more = "Exit status 0: all is running, ready and, where it has a health check, "
			"healthy;\n1: a line for each that is not. What an operator stopped, and "
			"what "
			"has\nfinished, need not run. Reads the status table; supd is not "
			"disturbed.",
		.run = verb_health,
	},
	{
		.name = "why",
		.group = LOOKING,
		.arguments = "PATH",
		.help = "why it is in its state, in words",
		.more = "Since when, what brought it there, how it last ended, when it will be "
			"tried "
			"next,\nand what holds its stop up. Reads the status table and /proc; supd "
			"is "
			"not\ndisturbed, and need not be alive (then exit status 4).",
		.min_args = 1,
		.max_args = 1,
		.run = verb_why,
	},
	{
		.name = "logs",
		.group = LOOKING,
		.arguments = "[-f] [-n N] [PATH...]",
		.help = "what children have written, by time",
		.more = "Of PATHs and what is below them, else of all that are logged: whatever "
			"is\n"
			"kept, or, with -f, the last 10 lines and then what comes. -n N: the last "
			"N.\n"
			"--since 10m (ago) or 2026-01-01T00:00:00Z. --stream out or err. -t: with\n"
			"times. --json: an object a line.",
		.flags = FLAG_FOLLOW | FLAG_LINES | FLAG_SINCE | FLAG_STREAM | FLAG_TIMES,
		.max_args = MANY,
		.run = verb_logs,
	},
	{
		.name = "wait",
		.group = LOOKING,
		.arguments = "PATH --for STATE",
		.help = "wait until it is running, stopped or healthy",
		.more = "stopped: whatever ended it; also one that is no more. healthy: running, "
			"ready\nand, if it is checked, found healthy; of a supervisor: all below "
			"it that should\nrun. Waits for --timeout; then exit status 4.",
		.flags = FLAG_FOR,
		.min_args = 1,
		.max_args = 1,
		.run = verb_wait,
	},
	{
		.name = "top",
		.group = LOOKING,
		.arguments = "",
		.help = "a live view that fills the screen",
		.more = "The tree with what each child takes and when it was restarted, what "
			"happens to\nthe selected one, and keys to act on it; ? lists them. Reads "
			"the status table\nand /proc; supd is disturbed by what you ask of it "
			"only.",
		.run = verb_top,
	},
	{
		.name = "timeline",
		.group = LOOKING,
		.arguments = "[--svg] [PATH...]",
		.help = "what happened to each child, over time",
		.more = "A line a child: when it ran, died, was started again. From the events "
			"that "
			"supd\nkeeps, or with --from FILE from those that `supctl events --json` "
			"wrote (-:\nstandard input). --since 10m: the last ten minutes. Long "
			"pauses are drawn short,\nso that the steps of a cascade can be told "
			"apart. --svg: as a picture.",
		.flags = FLAG_SVG | FLAG_FROM | FLAG_SINCE,
		.max_args = MANY,
		.run = verb_timeline,
	},
	{
		.name = "metrics",
		.group = LOOKING,
		.arguments = "[--listen ADDR:PORT]",
		.help = "the numbers of all children, for monitoring",
		.more = "OpenMetrics text, once to standard output; with --listen served over HTTP "
			"until\nit is ended: /metrics, /healthz, and a page for people at /. "
			"--format\nopenmetrics or prometheus adds the types of counters, in which "
			"the two formats\ndiffer. Reads the status table and /proc; supd is not "
			"disturbed.",
		.flags = FLAG_LISTEN | FLAG_FORMAT,
		.run = verb_metrics,
	},
	{
		.name = "graph",
		.group = LOOKING,
		.arguments = "[--format FORMAT]",
		.help = "draw the tree: dot, svg or mermaid",
		.more = "With strategies, restart limits and live states. The SVG stands alone; "
			"dot is\nfor Graphviz (dot -Tpng). Reads the status table; supd is not "
			"disturbed.",
		.flags = FLAG_FORMAT,
		.run = verb_graph,
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
		.timeout_ms = TIMEOUT_OF_STOPS_MS,
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
		.timeout_ms = TIMEOUT_OF_STOPS_MS,
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
		.name = "start-child",
		.group = ACTING,
		.arguments = "SUP [NAME] [--set KEY=VALUE...] [-- COMMAND...]",
		.help = "add a child; returns when it is ready",
		.more = "Below a dynamic supervisor the template applies, and the words after -- "
			"are\nappended to its command; a name is made up unless given, and "
			"printed.\n"
			"Below another supervisor NAME must be given; COMMAND is the whole "
			"command, "
			"and\n--set any other key of a process, or SECTION.KEY; the rest comes "
			"from the\ndefaults of the file. It is lost when its supervisor "
			"restarts.",
		.flags = FLAG_SET,
		.min_args = 1,
		.max_args = MANY,
		.run = verb_start_child,
	},
	{
		.name = "run",
		.group = ACTING,
		.arguments = "SUP [--no-link] [--name N] -- COMMAND...",
		.help = "run a task, with your own input and output",
		.more = "The task is a temporary child of the dynamic supervisor SUP; its exit "
			"status is\nsupctl's, 128+N for signal N. It is stopped when supctl ends: "
			"by "
			"ctrl-C (a second\none kills it), TERM, HUP, QUIT or in any other way. "
			"With "
			"--no-link it lives on, and\nsupctl returns, and prints its path, when it "
			"runs.",
		.flags = FLAG_NO_LINK | FLAG_NAME,
		.min_args = 2,
		.max_args = MANY,
		.run = verb_run,
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
		.name = "suspend",
		.group = ACTING,
		.arguments = "PATH...",
		.help = "make running processes stand still",
		.more = "All of their processes, by the control group or with SIGSTOP. Watchdog "
			"and "
			"health\ncheck pause. They stay so until they are resumed or stopped.",
		.min_args = 1,
		.max_args = MANY,
		.run = verb_suspend,
	},
	{
		.name = "resume",
		.group = ACTING,
		.arguments = "PATH...",
		.help = "let them go on",
		.min_args = 1,
		.max_args = MANY,
		.run = verb_resume,
	},
	{
		.name = "reload",
		.group = ACTING,
		.arguments = "PATH... [--no-wait]",
		.help = "make processes read their settings again",
		.more = "Sends the reload_signal (HUP) to the main process, or runs the\n"
			"reload_command and returns when that has ended.",
		.flags = FLAG_NO_WAIT,
		.min_args = 1,
		.max_args = MANY,
		.run = verb_reload,
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
		.help = "the versions of supctl and the running supd",
		.run = verb_version,
	},
	{
		.name = "reopen",
		.group = SUPD,
		.arguments = "",
		.help = "open log files anew, for logrotate",
		.more = "After somebody has renamed them. Those that are rotated by supd itself\n"
			"(max_size, max_age) do not need it.",
		.run = verb_reopen,
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
		.name = "import",
		.group = SUPD,
		.arguments = "KIND FILE...",
		.help = "another supervisor's files as supd.conf",
		.more = "KIND is supervisord or procfile; a FILE of - is standard input. Prints a "
			"configuration\nwith a comment wherever the meaning differs; `supd "
			"--check` "
			"reads it. Talks to no supd.",
		.min_args = 2,
		.max_args = MANY,
		.run = verb_import,
	},
	{
		.name = "__complete",
		.arguments = "-- WORD...",
		.help = "what may come next on a command line, for the shells' completion",
		.max_args = MANY,
		.run = verb_complete,
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

const size_t verbs_n = ARRAY_LEN(verbs);

_Static_assert(ARRAY_LEN(verbs) <= VERBS_MAX, "so that lists of their names have room");
