/* supctl_options.c - reading the command line. Flags may stand before or after the command. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "config/units.h"

enum option_value {
	VALUE_NONE,
	VALUE_DIR,
	VALUE_TIMEOUT,
	VALUE_NAME,
	VALUE_KEY,
	VALUE_FOR,
	VALUE_SET,
	VALUE_FORMAT,
	VALUE_FROM,
	VALUE_LISTEN,
	VALUE_LINES,
	VALUE_SINCE,
	VALUE_STREAM,
};

struct option {
	const char *name;
	char letter; /* '\0': none */
	enum option_value value;
	unsigned flag;
};

static const struct option options[] = {
	{"--runtime-dir", 'd', VALUE_DIR, 0},
	{"--timeout", '\0', VALUE_TIMEOUT, 0},
	{"--json", '\0', VALUE_NONE, FLAG_JSON},
	{"--watch", '\0', VALUE_NONE, FLAG_WATCH},
	{"--no-wait", '\0', VALUE_NONE, FLAG_NO_WAIT},
	{"--no-link", '\0', VALUE_NONE, FLAG_NO_LINK},
	{"--name", '\0', VALUE_NAME, FLAG_NAME},
	{"--key", '\0', VALUE_KEY, FLAG_KEY},
	{"--for", '\0', VALUE_FOR, FLAG_FOR},
	{"--set", '\0', VALUE_SET, FLAG_SET},
	{"--no-usage", '\0', VALUE_NONE, FLAG_NO_USAGE},
	{"--format", '\0', VALUE_FORMAT, FLAG_FORMAT},
	{"--svg", '\0', VALUE_NONE, FLAG_SVG},
	{"--from", '\0', VALUE_FROM, FLAG_FROM},
	{"--listen", '\0', VALUE_LISTEN, FLAG_LISTEN},
	{"--since-start", '\0', VALUE_NONE, FLAG_SINCE_START},
	{"--no-follow", '\0', VALUE_NONE, FLAG_NO_FOLLOW},
	{"--follow", 'f', VALUE_NONE, FLAG_FOLLOW},
	{"--lines", 'n', VALUE_LINES, FLAG_LINES},
	{"--since", '\0', VALUE_SINCE, FLAG_SINCE},
	{"--stream", '\0', VALUE_STREAM, FLAG_STREAM},
	{"--timestamps", 't', VALUE_NONE, FLAG_TIMES},
	{"--help", 'h', VALUE_NONE, FLAG_HELP},
	{"--version", '\0', VALUE_NONE, FLAG_VERSION},
};

enum { TIMEOUT_UNSET = -1 };

/* Finds the option that arg begins with; *ret_value is what stands in arg behind it, or NULL. */
static const struct option *option_find(const char *arg, const char **ret_value)
{
	size_t n = strcspn(arg, "=");

	*ret_value = NULL;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct option *option = &options[i];

		if (strlen(option->name) == n && strncmp(arg, option->name, n) == 0) {
			*ret_value = arg[n] == '=' ? arg + n + 1 : NULL;
			return option;
		}
		if (option->letter && arg[1] == option->letter &&
			(!arg[2] || option->value != VALUE_NONE)) {
			*ret_value = arg[2] ? arg + 2 : NULL;
			return option;
		}
	}
	return NULL;
}

const char *option_name(unsigned flags)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].flag & flags)
			return options[i].name;
	return NULL;
}

bool option_wants_word(const char *word)
{
	const char *value;
	const struct option *option = option_find(word, &value);

	return option && option->value != VALUE_NONE && !value;
}

const char *option_full_name(const char *word)
{
	const char *value;
	const struct option *option = option_find(word, &value);

	return option ? option->name : word;
}

bool option_find_flag(const char *name, unsigned *ret_flag)
{
	const char *value;
	const struct option *option = option_find(name, &value);

	if (!option)
		return false;
	*ret_flag = option->flag;
	return true;
}

static int option_unknown(const char *arg)
{
	const char *words[ARRAY_LEN(options)];
	const char *nearest;
	char name[64];

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		words[i] = options[i].name;
	(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(arg, "="), arg);
	nearest = nearest_word(name, words, ARRAY_LEN(words));
	if (nearest)
		complain("unknown option %s: did you mean %s?", name, nearest);
	else
		complain("unknown option %s; `supctl help` lists them (after -- a path may begin "
			 "with a dash)",
			name);
	return -EINVAL;
}

static int option_take(
	const struct option *option, const char *value, const char **dir, struct request *request)
{
	bool wants = option->value != VALUE_NONE;

	if (wants != (value != NULL)) {
		complain("%s %s", option->name, wants ? "needs a value" : "takes no value");
		return -EINVAL;
	}
	request->flags |= option->flag;
	switch (option->value) {
	case VALUE_NONE:
		return 0;
	case VALUE_NAME:
		request->name = value;
		return 0;
	case VALUE_KEY:
		request->key = value;
		return 0;
	case VALUE_FOR:
		request->wait_for = value;
		return 0;
	case VALUE_SET:
		request->settings[request->n_settings++] = value;
		return 0;
	case VALUE_FORMAT:
		request->format = value;
		return 0;
	case VALUE_FROM:
		request->from = value;
		return 0;
	case VALUE_LISTEN:
		request->listen = value;
		return 0;
	case VALUE_LINES:
		request->lines = value;
		return 0;
	case VALUE_SINCE:
		request->since = value;
		return 0;
	case VALUE_STREAM:
		request->stream = value;
		return 0;
	case VALUE_DIR:
		*dir = value;
		return 0;
	case VALUE_TIMEOUT:
		if (parse_duration(value, &request->timeout_ms) == 0)
			return 0;
		complain("%s is no duration: write --timeout 500ms, 5s, 2m or infinity", value);
		return -EINVAL;
	}
	return -EINVAL;
}

void options_complete(struct request *request)
{
	if (request->timeout_ms != TIMEOUT_UNSET)
		return;
	request->timeout_ms = TIMEOUT_DEFAULT_MS;
	if (request->verb && request->verb->timeout_ms > 0)
		request->timeout_ms = request->verb->timeout_ms;
}

int options_read(int argc, char **argv, const char **words, struct request *request)
{
	const char *dir = NULL;
	bool only_words = false;
	size_t n_before = SIZE_MAX;
	size_t n = 0;

	request->timeout_ms = TIMEOUT_UNSET;
	for (int i = 1; i < argc; i++) {
		const struct option *option;
		const char *value;

		if (only_words || argv[i][0] != '-' || !argv[i][1]) {
			words[n++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			only_words = true;
			n_before = n;
			continue;
		}
		option = option_find(argv[i], &value);
		if (!option)
			return option_unknown(argv[i]);
		if (option->value != VALUE_NONE && !value && i + 1 < argc)
			value = argv[++i];
		if (option_take(option, value, &dir, request) < 0)
			return -EINVAL;
	}
	request->word = n ? words[0] : NULL;
	request->args = n ? words + 1 : words;
	request->n_args = n ? n - 1 : 0;
	/* Before the command it separates nothing. */
	request->n_before = n_before == SIZE_MAX || n_before == 0 ? request->n_args : n_before - 1;
	/* Help and version need no directory. */
	return request->flags & (FLAG_HELP | FLAG_VERSION) ? 0 : options_dir(dir, request->dir);
}
