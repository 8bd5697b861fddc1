/* suplog_options.c - the command line. */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/suplog.h"
#include "config/units.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

enum { EXIT_USAGE = 2, RING_DEFAULT = 64 * 1024, BATCH_DEFAULT = 256 * 1024 };

/* The sanitizers end by system calls that are none of ours. */
#ifdef __SANITIZE_ADDRESS__
enum { FILTERED = 0 };
#else
enum { FILTERED = 1 };
#endif

static const char usage[] =
	"usage: suplog [OPTION...] [-f FILE]      write standard input, a line a time, to FILE\n"
	"       suplog --supd [OPTION...]         be the logger of supd, which starts it so\n"
	"\n"
	"  -f, --file FILE         append to FILE; without it, to standard output\n"
	"  -o, --stdout            to standard output as well\n"
	"      --format FORMAT     text (default) or json\n"
	"  -t, --timestamps        the time before each line (rfc3339, UTC, microseconds)\n"
	"  -p, --prefix NAME       NAME before each line\n"
	"  -s, --max-size SIZE     rotate a FILE that would become longer (64K, 10M, 2G)\n"
	"      --max-age TIME      rotate a FILE that is older (30m, 24h)\n"
	"  -n, --max-files N       keep N rotated files (default 10; 0: all)\n"
	"  -z, --compress PROGRAM  compress rotated files: gzip or zstd\n"
	"      --max-line N        split lines that are longer (256 to 65536 bytes, default "
	"16384)\n"
	"      --mode MODE         of files that are made (default 0640)\n"
	"      --owner USER[:GROUP]  and their owner\n"
	"      --on-full WHAT      standard output takes no more: block (default) or drop\n"
	"      --user USER[:GROUP]   run as USER\n"
	"      --ring SIZE         memory for the last lines of a child without a file (64K)\n"
	"      --no-seccomp        do without a filter of system calls\n"
	"      --version, -h, --help\n"
	"\n"
	"SIGHUP opens FILE anew. It ends at the end of its input, or by SIGTERM.\n";

enum option_id {
	OPT_SUPD = 256,
	OPT_FORMAT,
	OPT_MAX_AGE,
	OPT_MAX_LINE,
	OPT_MODE,
	OPT_OWNER,
	OPT_ON_FULL,
	OPT_USER,
	OPT_RING,
	OPT_BATCH,
	OPT_NO_SECCOMP,
	OPT_READERS,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{"supd", no_argument, NULL, OPT_SUPD},
	{"file", required_argument, NULL, 'f'},
	{"stdout", no_argument, NULL, 'o'},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"timestamps", no_argument, NULL, 't'},
	{"prefix", required_argument, NULL, 'p'},
	{"max-size", required_argument, NULL, 's'},
	{"max-age", required_argument, NULL, OPT_MAX_AGE},
	{"max-files", required_argument, NULL, 'n'},
	{"compress", required_argument, NULL, 'z'},
	{"max-line", required_argument, NULL, OPT_MAX_LINE},
	{"mode", required_argument, NULL, OPT_MODE},
	{"owner", required_argument, NULL, OPT_OWNER},
	{"on-full", required_argument, NULL, OPT_ON_FULL},
	{"user", required_argument, NULL, OPT_USER},
	{"ring", required_argument, NULL, OPT_RING},
	{"batch", required_argument, NULL, OPT_BATCH},	   /* for measuring */
	{"readers", required_argument, NULL, OPT_READERS}, /* supd says it */
	{"no-seccomp", no_argument, NULL, OPT_NO_SECCOMP},
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

__attribute__((format(printf, 1, 2))) static _Noreturn void bad_usage(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	say("%s\nTry suplog --help.", line);
	exit(EXIT_USAGE);
}

static int64_t number(const char *option, const char *text, int64_t min, int64_t max)
{
	int64_t value = 0;

	if (parse_number(text, min, max, &value) < 0)
		bad_usage("--%s is a number from %lld to %lld, not '%s'", option, (long long)min,
			(long long)max, text);
	return value;
}

static uint64_t size(const char *option, const char *text, uint64_t least, uint64_t most)
{
	uint64_t value = 0;

	if (parse_size(text, &value) < 0 || value < least || value > most)
		bad_usage("--%s is a size such as 64K or 10M, of at least %llu, not '%s'", option,
			(unsigned long long)least, text);
	return value;
}

static int64_t duration(const char *option, const char *text)
{
	int64_t value_ms = 0;

	if (parse_duration(text, &value_ms) < 0 || value_ms < 1000 || value_ms == SPEC_INFINITY)
		bad_usage("--%s is a duration of at least 1s such as 30m or 24h, not '%s'", option,
			text);
	return value_ms;
}

static uint8_t word(const char *option, const char *text, const char *(*name)(unsigned), unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(text, name(i)) == 0)
			return (uint8_t)i;
	bad_usage("'%s' is not a value of --%s", text, option);
}

static uint32_t mode(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 8);

	if (*end != '\0' || end == text || value > 0777 || strlen(text) > 4)
		bad_usage("--mode is octal, such as 0640, not '%s'", text);
	return (uint32_t)value;
}

/* Users and groups are looked up in the files alone, as supd does. */
static bool find_user(const char *name, uint32_t *ret_uid, uint32_t *ret_gid)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = NULL;
	bool found = false;

	while (file && !found && (entry = fgetpwent(file)))
		found = strcmp(entry->pw_name, name) == 0;
	if (found) {
		*ret_uid = entry->pw_uid;
		*ret_gid = entry->pw_gid;
	}
	if (file)
		(void)fclose(file);
	return found;
}

static bool find_group(const char *name, uint32_t *ret_gid)
{
	FILE *file = fopen("/etc/group", "re");
	const struct group *entry = NULL;
	bool found = false;

	while (file && !found && (entry = fgetgrent(file)))
		found = strcmp(entry->gr_name, name) == 0;
	if (found)
		*ret_gid = entry->gr_gid;
	if (file)
		(void)fclose(file);
	return found;
}

/* "USER", "USER:GROUP", ":GROUP", names or numbers. */
static void owner(const char *option, char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
	char *group = strchr(text, ':');
	int64_t value = 0;

	if (group)
		*group++ = '\0';
	if (text[0] != '\0') {
		if (parse_number(text, 0, LOG_NO_ID - 1, &value) == 0)
			*ret_uid = (uint32_t)value;
		else if (!find_user(text, ret_uid, ret_gid))
			bad_usage("--%s: there is no user '%s'", option, text);
	}
	if (group && group[0] != '\0') {
		if (parse_number(group, 0, LOG_NO_ID - 1, &value) == 0)
			*ret_gid = (uint32_t)value;
		else if (!find_group(group, ret_gid))
			bad_usage("--%s: there is no group '%s'", option, group);
	}
}

/* Where lines go. False: not one of these. */
static bool set_where(struct options *options, int option, char *value)
{
	struct log_settings *settings = &options->settings;

	switch (option) {
	case 'f':
		if (value[0] == '\0' || strlen(value) > LOG_FILE_MAX)
			bad_usage("--file is a path");
		settings->file = value;
		settings->to = settings->to == LOG_TO_STDOUT ? LOG_TO_FILE : settings->to;
		return true;
	case 's':
		settings->max_size = size("max-size", value, 1, INT64_MAX);
		return true;
	case OPT_MAX_AGE:
		settings->max_age_ms = duration("max-age", value);
		return true;
	case 'n':
		settings->max_files = (uint32_t)number("max-files", value, 0, 1000000);
		return true;
	case 'z':
		settings->compress = word("compress", value, log_compress_name, LOG_COMPRESS_COUNT);
		return true;
	case OPT_MODE:
		settings->mode = mode(value);
		return true;
	case OPT_OWNER:
		owner("owner", value, &settings->uid, &settings->gid);
		return true;
	default:
		return false;
	}
}

/* How they look. False: not one of these. */
static bool set_how(struct options *options, int option, const char *value)
{
	struct log_settings *settings = &options->settings;

	switch (option) {
	case OPT_FORMAT:
		settings->format = word("format", value, log_format_name, LOG_FORMAT_COUNT);
		return true;
	case 't':
		settings->timestamps = LOG_TIMESTAMPS_RFC3339;
		return true;
	case 'p':
		if (strlen(value) > LOG_PATH_MAX)
			bad_usage("--prefix is too long");
		options->prefix = value;
		settings->prefix = true;
		return true;
	case OPT_MAX_LINE:
		settings->max_line =
			(uint32_t)number("max-line", value, LOG_LINE_LEAST, LOG_LINE_MOST);
		return true;
	case OPT_ON_FULL:
		settings->on_full = word("on-full", value, log_on_full_name, LOG_ON_FULL_COUNT);
		return true;
	default:
		return false;
	}
}

static void set_rest(struct options *options, int option, char *value, bool *ret_stdout)
{
	switch (option) {
	case 'o':
		*ret_stdout = true;
		return;
	case OPT_SUPD:
		options->supd = true;
		return;
	case OPT_USER:
		owner("user", value, &options->user, &options->group);
		return;
	case OPT_RING:
		options->ring_size = size("ring", value, 4096, 64 << 20);
		return;
	case OPT_BATCH:
		options->batch_size = size("batch", value, 4096, JOURNAL_BUFFER);
		return;
	case OPT_NO_SECCOMP:
		options->seccomp = false;
		return;
	case OPT_READERS:
		options->readers = value;
		return;
	case OPT_VERSION:
		(void)dprintf(STDOUT_FILENO, "suplog %s\n", SUPD_VERSION);
		exit(EXIT_SUCCESS);
	case 'h':
		(void)dprintf(STDOUT_FILENO, "%s", usage);
		exit(EXIT_SUCCESS);
	default:
		exit(EXIT_USAGE); /* getopt has said why */
	}
}

void options_read(int argc, char **argv, struct options *ret)
{
	bool also_stdout = false;
	int option;

	*ret = (struct options){
		.settings = {.file = "",
			.max_files = 10,
			.max_line = LOG_LINE_DEFAULT,
			.mode = 0640,
			.uid = LOG_NO_ID,
			.gid = LOG_NO_ID},
		.prefix = "stdin",
		.user = (uid_t)LOG_NO_ID,
		.group = (gid_t)LOG_NO_ID,
		.ring_size = RING_DEFAULT,
		.batch_size = BATCH_DEFAULT,
		.seccomp = FILTERED,
	};
	while ((option = getopt_long(argc, argv, "f:otp:s:n:z:h", long_options, NULL)) != -1)
		if (!set_where(ret, option, optarg) && !set_how(ret, option, optarg))
			set_rest(ret, option, optarg, &also_stdout);
	if (optind < argc)
		bad_usage("'%s' is too much: it takes options alone", argv[optind]);
	if (also_stdout && ret->settings.to == LOG_TO_FILE)
		ret->settings.to = LOG_TO_BOTH;
	if (ret->supd && ret->settings.to != LOG_TO_STDOUT)
		bad_usage("--file is nothing for --supd: supd tells it");
}
