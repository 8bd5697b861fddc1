/* supctl.h - what the files of supctl share: exit statuses, the request that a command line makes,
 * the handlers of the commands. */
#ifndef CMD_SUPCTL_H
#define CMD_SUPCTL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

struct out;

/* INTERFACE section 4. Of several paths the highest counts. */
enum supctl_exit {
	SUPCTL_DONE = 0,
	SUPCTL_REFUSED = 1, /* refused or failed */
	SUPCTL_USAGE = 2,
	SUPCTL_NOT_RUNNING = 3, /* status PATH..., and one of them is not running */
	SUPCTL_UNREACHABLE = 4, /* no supd there, or no answer in time */
};

/* Options as bits; those that have a value, beside. */
enum {
	FLAG_JSON = 1u << 0,
	FLAG_WATCH = 1u << 1,
	FLAG_NO_WAIT = 1u << 2,
	FLAG_HELP = 1u << 3,
	FLAG_VERSION = 1u << 4,
	FLAG_NO_LINK = 1u << 5,
	FLAG_NAME = 1u << 6,
	FLAG_KEY = 1u << 7,
	FLAG_FOR = 1u << 8,
	FLAG_SET = 1u << 9,
	FLAG_SINCE_START = 1u << 14,
	FLAG_NO_FOLLOW = 1u << 15,
	FLAG_NO_USAGE = 1u << 20,
	FLAG_FORMAT = 1u << 10,
	FLAG_SVG = 1u << 11,
	FLAG_FROM = 1u << 12,
	FLAG_LISTEN = 1u << 13,
	FLAG_FOLLOW = 1u << 21,
	FLAG_LINES = 1u << 22,
	FLAG_SINCE = 1u << 23,
	FLAG_STREAM = 1u << 24,
	FLAG_TIMES = 1u << 25,
	/* Every command takes these. */
	FLAGS_COMMON = FLAG_JSON | FLAG_HELP | FLAG_VERSION,
};

struct request;

/* One command of supctl. The table in supctl_verbs.c is the only list of them. */
struct verb {
	const char *name;
	const char *group;     /* NULL: not for people, and not among what help shows */
	const char *arguments; /* for people: "PATH..." */
	const char *help;      /* one line */
	const char *more;      /* further lines of `supctl help NAME`; may be NULL */
	unsigned flags;	       /* FLAG_ bits that it takes beside the common ones */
	unsigned min_args;
	unsigned max_args;
	int64_t timeout_ms; /* of one call unless --timeout is given; 0: TIMEOUT_DEFAULT_MS */
	int (*run)(const struct request *request); /* returns an enum supctl_exit */
};

/* A stop takes as long as the child's `shutdown`, which is 5 s unless set: then SIGKILL, and the
 * answer. */
enum { TIMEOUT_DEFAULT_MS = 5000, TIMEOUT_OF_STOPS_MS = 10000 };

enum { VERBS_MAX = 64 };

extern const struct verb verbs[];
extern const size_t verbs_n;

/* A command line, read. All strings are borrowed from argv or the environment, but dir. */
struct request {
	const struct verb *verb; /* NULL: no command was given */
	const char *word;	 /* the command as written; NULL: none */
	char dir[PATH_MAX];	 /* the runtime directory */
	int64_t timeout_ms;	 /* SPEC_INFINITY: no limit */
	unsigned flags;
	const char *name;      /* --name; NULL: not given, as the next two */
	const char *key;       /* --key */
	const char *wait_for;  /* --for */
	const char *format;    /* --format */
	const char *from;      /* --from */
	const char *listen;    /* --listen */
	const char *lines;     /* -n */
	const char *since;     /* --since */
	const char *stream;    /* --stream */
	const char **settings; /* --set, as often as it was given */
	size_t n_settings;
	const char *const *args; /* what follows the command */
	size_t n_args;
	size_t n_before; /* of them: before "--"; all when there is none */
	struct out *out; /* standard output */
};

/* supctl, as a function: main calls it, tests too. Returns the exit status. */
int supctl_run(int argc, char **argv);

/* Reads argv into *request (args into words, which has room for argc, and request->settings, too).
 * Complains and returns -EINVAL on a usage error. Commands are looked up by the caller. */
int options_read(int argc, char **argv, const char **words, struct request *request);

/* What depends on the verb: the time-out, unless one was given. */
void options_complete(struct request *request);

/* The name of the option whose flag is among flags; NULL: none. */
const char *option_name(unsigned flags);

/* Does the option that word begins with have a value, which is the next word? */
bool option_wants_word(const char *word);

/* The long name of the option that word begins with; word itself when it is none. */
const char *option_full_name(const char *word);

/* The flag of the option of that name (0: it has a value only). Returns false: there is none. */
bool option_find_flag(const char *name, unsigned *ret_flag);

/* Fills dir: what -d gave, else $SUPD_RUNTIME_DIR, else /run/supd as root, else
 * $XDG_RUNTIME_DIR/supd. Complains and returns -EINVAL when there is none, or it is too long. */
int options_dir(const char *given, char dir[static PATH_MAX]);

/* The handlers. */
int verb_status(const struct request *request);
int verb_tree(const struct request *request);
int verb_start(const struct request *request);
int verb_stop(const struct request *request);
int verb_restart(const struct request *request);
int verb_delete(const struct request *request);
int verb_reload(const struct request *request);
int verb_signal(const struct request *request);
int verb_suspend(const struct request *request);
int verb_resume(const struct request *request);
int verb_why(const struct request *request);
int verb_start_child(const struct request *request);
int verb_run(const struct request *request);
int verb_wait(const struct request *request);
int verb_count(const struct request *request);
int verb_whereis(const struct request *request);
int verb_inspect(const struct request *request);
int verb_impact(const struct request *request);
int verb_health(const struct request *request);
int verb_events(const struct request *request);
int verb_logs(const struct request *request);
int verb_graph(const struct request *request);
int verb_reopen(const struct request *request);
int verb_top(const struct request *request);
int verb_metrics(const struct request *request);
int verb_timeline(const struct request *request);
int verb_shutdown(const struct request *request);
int verb_ping(const struct request *request);
int verb_version(const struct request *request);
int verb_complete(const struct request *request);
int verb_import(const struct request *request);
int verb_help(const struct request *request);

/* CLOCK_MONOTONIC in nanoseconds. supctl has no loop that reads the clock for it. */
static inline int64_t now_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t now_ms(void)
{
	return now_ns() / 1000000;
}

/* When a wait of timeout_ms from now ends; no limit (INT64_MAX) stays none. */
static inline int64_t deadline_after(int64_t timeout_ms)
{
	int64_t now = now_ms();

	return timeout_ms > INT64_MAX - now ? INT64_MAX : now + timeout_ms;
}

#endif
