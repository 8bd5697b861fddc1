/* supctl_import_program.c - a [program:x] of supervisord becomes a process.
 *
 * Every key that supervisord documents has a row in one of the two tables: those that become keys
 * of supd, and those that have no counterpart, with what to do instead. */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_import.h"
#include "cmd/supctl_output.h"
#include "config/units.h"

struct writer {
	struct out *out;
	const struct ini *ini;
	size_t section;
	struct import_names names;
	char here[4096];
	unsigned depth;
	bool failed; /* memory ran out */
};

static const char *value_of(const struct writer *w, const char *key)
{
	return ini_value(w->ini, w->section, key);
}

static void indent(const struct writer *w)
{
	for (unsigned i = 0; i < w->depth; i++)
		out_text(w->out, "\t");
}

/* key = "value", expanded. */
static void write_quoted(
	struct writer *w, const char *key, const char *value, enum import_quoting quoting)
{
	char *quoted = import_quote(&w->names, value, quoting);

	if (!quoted) {
		w->failed = true;
		return;
	}
	indent(w);
	out_printf(w->out, "%s = %s\n", key, quoted);
	free(quoted);
}

__attribute__((format(printf, 2, 3))) static void note(
	const struct writer *w, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	indent(w);
	out_printf(w->out, "# supervisord: %s\n", text);
}

static bool is_true(const char *value)
{
	return value && (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
				strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0);
}

/* ---- keys that become keys. key_of_ functions write nothing for a value that is the default. */

static void key_of_command(struct writer *w, const char *value)
{
	write_quoted(w, "command", value, IMPORT_SPECIFIERS);
}

static void key_of_directory(struct writer *w, const char *value)
{
	write_quoted(w, "directory", value, IMPORT_PLAIN);
}

static void key_of_user(struct writer *w, const char *value)
{
	write_quoted(w, "user", value, IMPORT_PLAIN);
}

static void key_of_umask(struct writer *w, const char *value)
{
	write_quoted(w, "umask", value, IMPORT_PLAIN);
}

static void key_of_numprocs(struct writer *w, const char *value)
{
	int64_t n;

	if (parse_number(value, 1, 1000, &n) < 0) {
		note(w, "numprocs = %s is no number from 1 to 1000", value);
		return;
	}
	if (n == 1)
		return;
	indent(w);
	out_printf(w->out, "instances = %d\n", (int)n);
	note(w, "the processes were named by process_name; here they are NAME.1 to NAME.%d, %s",
		(int)n, "and %i is the number");
}

/* One KEY="value" after the other, separated by commas. Returns behind it; NULL: the end. */
static const char *take_variable(const char *at, char *item, size_t size)
{
	size_t n = 0;
	char quote = '\0';

	while (*at == ',' || isspace((unsigned char)*at))
		at++;
	if (!*at)
		return NULL;
	for (; *at && (quote || *at != ','); at++) {
		if (quote && *at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (n + 1 < size)
			item[n++] = *at;
	}
	while (!quote && n > 0 && isspace((unsigned char)item[n - 1]))
		n--;
	item[n] = '\0';
	return at;
}

static void key_of_environment(struct writer *w, const char *value)
{
	char item[4096];
	const char *separator = "";

	indent(w);
	out_text(w->out, "environment = {");
	while ((value = take_variable(value, item, sizeof item)) != NULL) {
		char *quoted = import_quote(&w->names, item, IMPORT_PLAIN);

		if (!quoted) {
			w->failed = true;
			break;
		}
		out_printf(w->out, "%s%s", separator, quoted);
		separator = ", ";
		free(quoted);
	}
	out_text(w->out, "}\n");
}

static void write_exitcodes(struct writer *w)
{
	const char *codes = value_of(w, "exitcodes");
	const char *separator = "";

	if (!codes)
		return;
	indent(w);
	out_text(w->out, "success_exit = {");
	while (*codes) {
		size_t n = strspn(codes, "0123456789");

		if (n > 0 && !(n == 1 && *codes == '0')) {
			out_printf(w->out, "%s%.*s", separator, (int)n, codes);
			separator = ", ";
		}
		codes += n ? n : 1;
	}
	out_text(w->out, "}\n");
}

static void write_restart(struct writer *w)
{
	const char *value = value_of(w, "autorestart");

	if (value && is_true(value)) {
		indent(w);
		out_text(w->out, "restart = permanent\n");
		return;
	}
	if (value && strcasecmp(value, "unexpected") != 0) {
		note(w, "autorestart = %s: a temporary child is forgotten when it ends", value);
		indent(w);
		out_text(w->out, "restart = temporary\n");
		return;
	}
	indent(w);
	out_text(w->out, "restart = transient\n");
	write_exitcodes(w);
}

static void key_of_stopsignal(struct writer *w, const char *value)
{
	indent(w);
	out_printf(w->out, "stop_signal = %s\n", value);
}

static void write_shutdown(struct writer *w)
{
	const char *value = value_of(w, "stopwaitsecs");
	int64_t ms;

	if (value && parse_duration(value, &ms) < 0) {
		note(w, "stopwaitsecs = %s is no number of seconds; 10s is its default", value);
		value = NULL;
	}
	indent(w);
	out_printf(w->out, "shutdown = %ss\n", value ? value : "10");
}

/* ---- output */

static bool is_standard(const char *path)
{
	return strncmp(path, "/dev/std", 8) == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
	       strncmp(path, "/proc/self/fd/", 14) == 0;
}

static bool is_none(const char *path)
{
	return path && (!*path || strcasecmp(path, "none") == 0);
}

/* "50MB" is 50M here; 0 is no limit, and none is written. */
static void write_size(struct writer *w, const char *value)
{
	size_t n = strspn(value, "0123456789");
	const char *unit = "";

	if (strtoul(value, NULL, 10) == 0)
		return;
	switch (value[n]) {
	case 'k':
	case 'K':
		unit = "K";
		break;
	case 'm':
	case 'M':
		unit = "M";
		break;
	case 'g':
	case 'G':
		unit = "G";
		break;
	default: /* bytes */
		break;
	}
	indent(w);
	out_printf(w->out, "max_size = %.*s%s\n", (int)n, value, unit);
}

static void write_log_file(struct writer *w, const char *path)
{
	const char *size = value_of(w, "stdout_logfile_maxbytes");
	const char *files = value_of(w, "stdout_logfile_backups");
	int64_t n;

	indent(w);
	out_text(w->out, "log {\n");
	w->depth++;
	write_quoted(w, "file", path, IMPORT_SPECIFIERS);
	write_size(w, size ? size : "50MB");
	if (!files)
		files = "10";
	if (parse_number(files, 1, 1000, &n) == 0) {
		indent(w);
		out_printf(w->out, "max_files = %s\n", files);
	}
	w->depth--;
	indent(w);
	out_text(w->out, "}\n");
}

static void write_log(struct writer *w)
{
	const char *path = value_of(w, "stdout_logfile");
	const char *errors = value_of(w, "stderr_logfile");

	if (is_none(path) && (is_none(errors) || is_true(value_of(w, "redirect_stderr")))) {
		indent(w);
		out_text(w->out, "log = null\n");
	} else if (path && is_standard(path)) {
		indent(w);
		out_text(w->out, "log = inherit\n");
	} else if (path && !is_none(path) && strcasecmp(path, "auto") != 0 &&
		   strcasecmp(path, "syslog") != 0) {
		write_log_file(w, path);
	} else {
		note(w, "stdout_logfile = %s; here: supd's own output, and `supctl logs`",
			path ? path : "AUTO");
		indent(w);
		out_text(w->out, "log { to = stdout }\n");
	}
	if (errors && !is_none(errors) && !is_standard(errors) && strcasecmp(errors, "auto") != 0)
		note(w, "stderr_logfile = %s; here both streams have one log, told apart", errors);
}

/* ---- the tables */

struct direct {
	const char *key;
	void (*write)(struct writer *w, const char *value); /* NULL: written in its own place */
};

static const struct direct directs[] = {
	{"command", key_of_command},
	{"directory", key_of_directory},
	{"user", key_of_user},
	{"umask", key_of_umask},
	{"environment", key_of_environment},
	{"numprocs", key_of_numprocs},
	{"stopsignal", key_of_stopsignal},
	{"stopwaitsecs", NULL},
	{"autorestart", NULL},
	{"exitcodes", NULL},
	{"autostart", NULL},
	{"priority", NULL},
	{"redirect_stderr", NULL},
	{"stdout_logfile", NULL},
	{"stdout_logfile_maxbytes", NULL},
	{"stdout_logfile_backups", NULL},
	{"stderr_logfile", NULL},
	{"stderr_logfile_maxbytes", NULL},
	{"stderr_logfile_backups", NULL},
	/* A stop always goes to the whole process group. */
	{"stopasgroup", NULL},
	{"killasgroup", NULL},
	{"process_name", NULL},
};

static const struct {
	const char *key;
	const char *instead;
} others[] = {
	{"startsecs",
		"a process is up when its program runs; `ready` can ask for more, and `backoff { "
		"reset_after }` says how long it must stay up"},
	{"startretries", "it is tried again and again, ever more slowly (`backoff`), until its "
			 "supervisor's max_restarts in max_seconds"},
	{"numprocs_start", "instances are numbered from 1"},
	{"stdout_syslog", "there is no syslog; `log` writes files"},
	{"stderr_syslog", "there is no syslog; `log` writes files"},
	{"stdout_capture_maxbytes", "there is no capture mode"},
	{"stderr_capture_maxbytes", "there is no capture mode"},
	{"stdout_events_enabled", "output makes no events"},
	{"stderr_events_enabled", "output makes no events"},
	{"serverurl", "a child finds supd by SUPD_RUNTIME_DIR"},
	{"socket", "`sockets` opens them; the program finds them by LISTEN_FDS, not as descriptor "
		   "0"},
	{"socket_owner", "options of the socket: user=USER, group=GROUP"},
	{"socket_mode", "an option of the socket: mode=0700"},
	{"socket_backlog", "an option of the socket: backlog=N"},
};

static const struct direct *find_direct(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(directs); i++)
		if (strcmp(directs[i].key, key) == 0)
			return &directs[i];
	return NULL;
}

static const char *find_instead(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i].key, key) == 0)
			return others[i].instead;
	return "no such key is known";
}

static void write_keys(struct writer *w)
{
	for (size_t i = 0; i < ARRAY_LEN(directs); i++) {
		const char *value = value_of(w, directs[i].key);

		if (value && directs[i].write)
			directs[i].write(w, value);
	}
	if (!value_of(w, "command"))
		note(w, "it has no command, which it needs");
	write_restart(w);
	write_shutdown(w);
	write_log(w);
	for (size_t i = w->section + 1; i < w->ini->n && w->ini->entries[i].key; i++) {
		const struct ini_entry *entry = &w->ini->entries[i];

		if (!find_direct(entry->key))
			note(w, "%s = %s: %s", entry->key, entry->value, find_instead(entry->key));
	}
}

/* The directory of file, as %(here)s wants it. */
static void here_of(const char *file, char here[static 4096])
{
	const char *slash = strrchr(file, '/');
	char path[4096];

	(void)snprintf(
		path, sizeof path, "%.*s", slash ? (int)(slash - file) + 1 : 1, slash ? file : ".");
	if (!realpath(path, here))
		(void)snprintf(here, 4096, ".");
}

int import_program(
	struct out *out, const struct ini *ini, size_t section, const char *group, unsigned depth)
{
	const struct ini_entry *entry = &ini->entries[section];
	const char *colon = strchr(entry->section, ':');
	const char *program = colon ? colon + 1 : entry->section;
	const char *start = ini_value(ini, section, "autostart");
	const char *copies = ini_value(ini, section, "numprocs");
	const bool by_hand = start && !is_true(start);
	struct writer w = {.out = out, .ini = ini, .section = section, .depth = depth};
	char name[64];

	here_of(entry->file, w.here);
	w.names = (struct import_names){.program = program,
		.group = group ? group : program,
		.here = w.here,
		.instance = copies && strcmp(copies, "1") != 0 ? "%i" : "0"};
	import_name(program, name);
	indent(&w);
	out_printf(out, "# %s:%u [%s]\n", entry->file, entry->line, entry->section);
	if (by_hand) {
		note(&w, "autostart = %s; here: `supctl start-child %s` starts it", start, name);
		indent(&w);
		out_printf(out, "dynamic \"%s\" {\n", name);
		w.depth++;
	}
	indent(&w);
	out_printf(out, "process \"%s\" {\n", name);
	w.depth++;
	write_keys(&w);
	while (w.depth > depth) {
		w.depth--;
		indent(&w);
		out_text(out, "}\n");
	}
	if (!w.failed)
		return 0;
	complain("out of memory");
	return -ENOMEM;
}
