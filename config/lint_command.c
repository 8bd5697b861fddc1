/* lint_command.c - red flags of supervision: the rules about a command. */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "config/lint_internal.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Equal records are stored once in a specification, so two offsets say all. */
struct command_seen {
	UT_hash_handle hh;
	struct command_seen *before; /* all of them, the last first */
	struct {
		uint32_t words;
		uint32_t settings;
	} key;
	uint32_t first; /* node */
	bool told;
};

/* A command, word by word. */
struct words {
	const struct spec *spec;
	const struct spec_list *list;
};

static const char *word(const struct words *words, uint32_t i)
{
	return i < words->list->n ? spec_str(words->spec, words->list->item[i]) : "";
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

static bool one_of(const char *text, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, text) == 0)
			return true;
	}
	return false;
}

static bool has_word(const struct words *words, const char *text)
{
	for (uint32_t i = 1; i < words->list->n; i++) {
		if (strcmp(word(words, i), text) == 0)
			return true;
	}
	return false;
}

/* Does text hold this word, with no letter or digit beside it? */
static bool mentions(const char *text, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
		const bool left = at == text || strchr(" \t\n;&|(", at[-1]) != NULL;
		const bool right = at[length] == '\0' || strchr(" \t\n;&|)", at[length]) != NULL;
		if (left && right)
			return true;
	}
	return false;
}

/* The script of "sh -c SCRIPT", or NULL. */
static const char *shell_script(const struct words *words)
{
	static const char *const SHELLS[] = {
		"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox", NULL};

	if (!one_of(base_name(word(words, 0)), SHELLS))
		return NULL;
	for (uint32_t i = 1; i + 1 < words->list->n; i++) {
		const char *flag = word(words, i);
		if (flag[0] == '-' && flag[1] != '-' && strchr(flag, 'c') != NULL)
			return word(words, i + 1);
	}
	return NULL;
}

static bool ends_in_background(const char *script)
{
	size_t n = strlen(script);

	while (n > 0 && strchr(" \t\n;", script[n - 1]) != NULL)
		n--;
	return n > 0 && script[n - 1] == '&' && (n < 2 || script[n - 2] != '&');
}

/* Programs that go to the background unless a flag (any of three) keeps them. */
static const struct {
	const char *program;
	const char *unless[3];
	const char *remedy;
} STAYERS[] = {
	{"nginx", {"-t", "-T", "-v"}, "-g 'daemon off;'"},
	{"sshd", {"-D", "-t", "-i"}, "-D"},
	{"apache2", {"-X", "-DFOREGROUND", "FOREGROUND"}, "-DFOREGROUND"},
	{"httpd", {"-X", "-DFOREGROUND", "FOREGROUND"}, "-DFOREGROUND"},
	{"cron", {"-f", "-f", "-f"}, "-f"},
	{"crond", {"-f", "-n", "-n"}, "-f or -n"},
	{"rsyslogd", {"-n", "-n", "-n"}, "-n"},
	{"dnsmasq", {"-k", "--keep-in-foreground", "-d"}, "-k"},
};

/* Programs that go to the background with a flag. NULL: any program. */
static const struct {
	const char *program;
	const char *flag;
} LEAVERS[] = {
	{NULL, "--daemon"},
	{NULL, "--daemonize"},
	{NULL, "--background"},
	{NULL, "&"},
	{"haproxy", "-D"},
	{"memcached", "-d"},
	{"gunicorn", "-D"},
	{"unicorn", "-D"},
	{"php-fpm", "-D"},
	{"mongod", "--fork"},
	{"setsid", "--fork"},
	{"setsid", "-f"},
	{"pg_ctl", "start"},
};

static void self_daemonizing(struct lint *lint, uint32_t i, const struct words *words)
{
	const char *program = base_name(word(words, 0));
	const char *script = shell_script(words);
	const char *flag = NULL;
	const char *remedy = NULL;

	if (script != NULL && ends_in_background(script))
		flag = "&";
	for (size_t n = 0; n < ARRAY_LEN(LEAVERS) && flag == NULL; n++) {
		const bool any = LEAVERS[n].program == NULL;
		/* redis-server --daemonize no is fine; "--daemonize yes" is the flag. */
		const bool off = has_word(words, "no");
		if ((any || strcmp(LEAVERS[n].program, program) == 0) &&
			has_word(words, LEAVERS[n].flag) && !(any && off))
			flag = LEAVERS[n].flag;
	}
	/* rsync calls its server mode a daemon. */
	if (flag != NULL && strcmp(program, "rsync") == 0 && has_word(words, "--no-detach"))
		flag = NULL;
	for (size_t n = 0; n < ARRAY_LEN(STAYERS) && flag == NULL && remedy == NULL; n++) {
		bool stays = strcmp(STAYERS[n].program, program) != 0;
		for (size_t k = 0; k < ARRAY_LEN(STAYERS[n].unless); k++)
			stays = stays || has_word(words, STAYERS[n].unless[k]);
		for (uint32_t k = 1; k < words->list->n; k++)
			stays = stays || strstr(word(words, k), "daemon off") != NULL;
		if (!stays)
			remedy = STAYERS[n].remedy;
	}
	if (flag != NULL)
		findings_warning(lint->findings, lint_place(lint, i), "self-daemonizing",
			"'%s' puts itself in the background, out of supervision: drop '%s'",
			program, flag);
	else if (remedy != NULL)
		findings_warning(lint->findings, lint_place(lint, i), "self-daemonizing",
			"'%s' puts itself in the background, out of supervision: add %s", program,
			remedy);
}

static void shell_without_exec(struct lint *lint, uint32_t i, const struct words *words)
{
	/* A script with these does what only a shell can. */
	static const char *const COMPOUND[] = {
		"exec", "while", "until", "for", "trap", "wait", "case", NULL};
	const char *script = shell_script(words);

	if (script == NULL)
		return;
	for (size_t n = 0; COMPOUND[n] != NULL; n++) {
		if (mentions(script, COMPOUND[n]))
			return;
	}
	findings_warning(lint->findings, lint_place(lint, i), "shell-without-exec",
		"'%s' stays between supd and its program: write exec before the last command",
		base_name(word(words, 0)));
}

static void permanent_one_shot(struct lint *lint, uint32_t i, const struct words *words)
{
	static const char *const ONE_SHOTS[] = {"true", "false", "echo", "printf", "cp", "mv", "ln",
		"rm", "mkdir", "rmdir", "touch", "chmod", "chown", "install", "mount", "umount",
		"sysctl", "modprobe", "hostname", "date", "createdb", "initdb", NULL};
	const struct child_spec *child = spec_child(lint->spec, i);
	bool one_shot = child->ready == READY_EXIT || one_of(base_name(word(words, 0)), ONE_SHOTS);

	for (uint32_t n = 0; n < words->list->n && !one_shot; n++)
		one_shot = mentions(base_name(word(words, n)), "migrate") ||
			   mentions(word(words, n), "db:migrate");
	if (one_shot && child->restart == RESTART_PERMANENT)
		findings_warning(lint->findings, lint_place(lint, i), "permanent-one-shot",
			"'%s' finishes by itself and would be restarted for ever: set restart = "
			"transient",
			base_name(word(words, 0)));
}

static void duplicate_command(struct lint *lint, uint32_t i)
{
	const struct spec_node *node = spec_node(lint->spec, i);
	const struct command_seen like = {.key = {node->argv, node->proc}};
	struct command_seen *seen;

	HASH_FIND(hh, lint->commands, &like.key, sizeof(like.key), seen);
	if (seen == NULL) {
		seen = calloc(1, sizeof(*seen));
		if (seen == NULL)
			return;
		seen->key = like.key;
		seen->first = i;
		HASH_ADD(hh, lint->commands, key, sizeof(seen->key), seen);
		seen->before = lint->last;
		lint->last = seen;
		return;
	}
	/* Once a command is enough. */
	if (seen->told)
		return;
	seen->told = true;
	const struct place first = lint_place(lint, seen->first);
	findings_warning(lint->findings, lint_place(lint, i), "duplicate-command",
		"'%s' runs the very command of '%s' (%s:%u): give each its own arguments, or drop "
		"one",
		spec_str(lint->spec, node->name),
		spec_str(lint->spec, spec_node(lint->spec, seen->first)->name), first.file,
		first.line);
}

void lint_command(struct lint *lint, uint32_t i)
{
	const struct words words = {
		.spec = lint->spec, .list = spec_list(lint->spec, spec_node(lint->spec, i)->argv)};

	self_daemonizing(lint, i, &words);
	shell_without_exec(lint, i, &words);
	/* Of a template, dynamic-permanent speaks, and its words are only the first of a command.
	 */
	if (spec_node(lint->spec, spec_node(lint->spec, i)->parent)->kind == KIND_DYNAMIC)
		return;
	permanent_one_shot(lint, i, &words);
	duplicate_command(lint, i);
}

void lint_command_free(struct lint *lint)
{
	HASH_CLEAR(hh, lint->commands);
	while (lint->last != NULL) {
		struct command_seen *seen = lint->last;
		lint->last = seen->before;
		free(seen);
	}
}
