/* supctl_inspect.c - inspect: everything that supd knows of a child, a line a fact. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_usage.h"
#include "cmd/supctl_words.h"
#include "supervisor/wire/methods.h"

enum { KEY_WIDTH = 15 };

static void print_key(struct out *out, const char *key)
{
	out_cell(out, key, KEY_WIDTH, true, TONE_DIM);
	out_text(out, "  ");
}

/* Commands and names are shown as they are, but for what no terminal should get. */
static void print_text(struct out *out, const char *text)
{
	out_cell(out, text, out_columns(out, text), false, TONE_PLAIN);
}

/* A word of a command, so that a shell would read it as one. */
static void print_word(struct out *out, const char *word)
{
	bool plain = *word && !word[strcspn(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}")];

	if (plain) {
		print_text(out, word);
		return;
	}
	out_text(out, "'");
	while (*word) {
		size_t n = strcspn(word, "'");
		char *part = strndup(word, n);

		if (part)
			print_text(out, part);
		free(part);
		word += n;
		if (*word == '\'') {
			out_text(out, "'\\''");
			word++;
		}
	}
	out_text(out, "'");
}

static void print_scalar(struct out *out, const json_t *value)
{
	if (json_is_string(value))
		print_text(out, json_string_value(value));
	else if (json_is_boolean(value))
		out_text(out, json_is_true(value) ? "yes" : "no");
	else if (json_is_real(value))
		out_printf(out, "%g", json_real_value(value));
	else
		out_printf(out, "%lld", (long long)json_integer_value(value));
}

static void print_list(struct out *out, const char *key, const json_t *list)
{
	bool lines = strcmp(key, "environment") == 0;
	bool words = strcmp(key, "command") == 0 || strcmp(key, "reload_command") == 0 ||
		     strcmp(key, "exec") == 0;
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);

		if (i > 0 && lines) {
			out_text(out, "\n");
			print_key(out, "");
		} else if (i > 0) {
			out_text(out, words ? " " : ", ");
		}
		if (words)
			print_word(out, json_string_value(item));
		else
			print_scalar(out, item);
	}
	if (n == 0)
		out_text(out, "-");
}

static void print_section(struct out *out, json_t *section)
{
	const char *separator = "";
	const char *key;
	json_t *value;

	json_object_foreach(section, key, value)
	{
		if (json_is_null(value))
			continue;
		out_printf(out, "%s%s ", separator, key);
		if (json_is_array(value))
			print_list(out, key, value);
		else
			print_scalar(out, value);
		separator = ", ";
	}
}

static void print_fact(struct out *out, const char *key, json_t *value)
{
	char words[END_WORDS_SIZE];
	char size[16];

	if (json_is_null(value))
		return;
	print_key(out, key);
	if (strcmp(key, "exit") == 0)
		out_text(out, exit_words(value, words));
	else if (strcmp(key, "memory") == 0)
		out_text(out, usage_memory_words(json_integer_value(value), size));
	else if (json_is_object(value))
		print_section(out, value);
	else if (json_is_array(value))
		print_list(out, key, value);
	else
		print_scalar(out, value);
	out_text(out, "\n");
}

static void print_facts(struct out *out, json_t *facts)
{
	const char *key;
	json_t *value;

	json_object_foreach(facts, key, value)
	{
		print_fact(out, key, value);
	}
}

/* The words of the configuration come apart from what is now: some are the same. */
static void print_all(struct out *out, json_t *parameters)
{
	static const char *const others[] = {"streak", "window", "added", "task", "trouble"};

	print_facts(out, json_object_get(parameters, "child"));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		print_fact(out, others[i], json_object_get(parameters, others[i]));
	out_text(out, "\nIts specification:\n");
	print_facts(out, json_object_get(parameters, "spec"));
	if (!json_is_object(json_object_get(parameters, "template")))
		return;
	out_text(out, "\nThat of its instances:\n");
	print_facts(out, json_object_get(parameters, "template"));
}

/* What its processes take now. supd does not know; without a table to be read it stays untold. */
static void add_usage(const struct request *request, json_t *child)
{
	const char *path = json_string_value(json_object_get(child, "path"));
	struct snapshot snapshot;
	struct usage *usage;
	const char *why;
	bool *chosen;
	uint32_t one[1];
	uint32_t at;
	uint32_t n;

	if (!path || snapshot_read(request->dir, &snapshot, &why) < 0)
		return;
	usage = calloc(snapshot.n, sizeof *usage);
	chosen = calloc(snapshot.n, sizeof *chosen);
	if (usage && chosen && snapshot_find(&snapshot, path, &at, one, 1, &n) == 0) {
		for (uint32_t i = at; i < snapshot.nodes[at].end; i++)
			chosen[i] = true;
		if (usage_read(&snapshot, chosen, usage) == 0)
			(void)usage_add(child, &usage[at]);
	}
	free(usage);
	free(chosen);
	snapshot_free(&snapshot);
}

int verb_inspect(const struct request *request)
{
	const char *path = request->args[0];
	struct client_reply reply;
	int status = call_wait(
		request, WIRE_INTERFACE ".Inspect", json_pack("{s:s}", "path", path), &reply);

	if (status != SUPCTL_DONE)
		return status;
	if (reply.error) {
		status = complain_refused(request, path, &reply);
		client_reply_free(&reply);
		return status;
	}
	add_usage(request, json_object_get(reply.parameters, "child"));
	if (request->flags & FLAG_JSON) {
		out_json(request->out, reply.parameters);
		out_text(request->out, "\n");
	} else {
		out_prepare_table(request->out);
		print_all(request->out, reply.parameters);
	}
	client_reply_free(&reply);
	return status;
}
