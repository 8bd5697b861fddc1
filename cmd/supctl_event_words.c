/* supctl_event_words.c - an event in words. */
#include "cmd/supctl_event_words.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/status_table.h"
#include "supervisor/wire/child_json.h"
#include "supervisor/wire/event_json.h"

/* The name of a user, from the file: a supctl that is linked statically has no NSS. */
static json_t *user_name(json_int_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user = NULL;
	json_t *name = NULL;

	if (!file)
		return NULL;
	do {
		user = fgetpwent(file);
	} while (user && (json_int_t)user->pw_uid != uid);
	if (user)
		name = json_string(user->pw_name);
	(void)fclose(file);
	return name;
}

void event_name_caller(json_t *event)
{
	json_t *by = json_object_get(event, "by");
	json_t *name = NULL;

	if (json_is_object(by))
		name = user_name(json_integer_value(json_object_get(by, "uid")));
	/* Without the name there is still the number. */
	if (name)
		(void)json_object_set_new(by, "user", name);
}

static const char *text_of(const json_t *event, const char *name)
{
	const char *text = json_string_value(json_object_get(event, name));

	return text ? text : "?";
}

/* The tone of a state by its name. */
static enum tone tone_of(const char *state)
{
	for (unsigned i = 0; i < CHILD_STATE_COUNT; i++)
		if (strcmp(child_state_name(i), state) == 0)
			return state_tone(i);
	return TONE_PLAIN;
}

/* The tone of a word of health. */
static enum tone health_tone(const char *health)
{
	if (strcmp(health, health_name(HEALTH_UNHEALTHY)) == 0)
		return TONE_BAD;
	return strcmp(health, health_name(HEALTH_HEALTHY)) == 0 ? TONE_GOOD : TONE_BUSY;
}

static void print_text(struct out *out, const char *text, enum tone tone)
{
	out_cell(out, text, out_columns(out, text), false, tone);
}

/* Whether the exit belongs to this event: that of a former life says nothing of a start, nor of a
 * stop that has only begun. */
static bool exit_is_news(const char *to, const char *why)
{
	if (strcmp(to, child_state_name(CHILD_STARTING)) == 0 ||
		strcmp(to, child_state_name(CHILD_RUNNING)) == 0)
		return false;
	return strcmp(to, child_state_name(CHILD_STOPPING)) != 0 ||
	       strcmp(why, why_name(WHY_EXIT)) == 0;
}

static bool is_kind(const json_t *event, enum event_type type)
{
	return strcmp(text_of(event, "kind"), event_type_name(type)) == 0;
}

/* A change of state: the kind is the child's. */
static bool is_state(const json_t *event)
{
	const char *kind = text_of(event, "kind");

	for (unsigned i = 0; i < KIND_COUNT; i++)
		if (strcmp(kind, spec_kind_name(i)) == 0)
			return true;
	return false;
}

/* limit: more than 3 restarts within 5s */
static void print_limit(struct out *out, const json_t *event)
{
	double within = json_number_value(json_object_get(event, "within"));
	char duration[32];

	if (!json_object_get(event, "limit"))
		return;
	out_printf(out, ": more than %lld restarts within %s",
		(long long)json_integer_value(json_object_get(event, "limit")),
		format_duration((int64_t)(within * 1000 + 0.5), duration));
}

/* signal HUP  asked for by alice (uid 1000, pid 4711) */
static void print_asked(struct out *out, const json_t *event)
{
	const json_t *by = json_object_get(event, "by");
	const char *user = json_string_value(json_object_get(by, "user"));
	const char *signal = json_string_value(json_object_get(event, "signal"));

	print_text(out, text_of(event, "to"), TONE_BOLD);
	if (signal) {
		out_text(out, " ");
		print_text(out, signal, TONE_PLAIN);
	}
	out_text(out, "  asked for by ");
	if (user)
		print_text(out, user, TONE_PLAIN);
	out_printf(out, "%suid %lld, pid %lld%s", user ? " (" : "",
		(long long)json_integer_value(json_object_get(by, "uid")),
		(long long)json_integer_value(json_object_get(by, "pid")), user ? ")" : "");
}

/* running -> backoff  exit; health starting -> healthy */
static void print_change(struct out *out, const json_t *event)
{
	const char *to = text_of(event, "to");
	bool state = is_state(event);

	if (!state) {
		print_text(out, text_of(event, "kind"), TONE_PLAIN);
		out_text(out, " ");
	}
	print_text(out, text_of(event, "from"), TONE_PLAIN);
	out_text(out, " -> ");
	print_text(out, to, is_kind(event, EVENT_HEALTH) ? health_tone(to) : tone_of(to));
	if (!state)
		return;
	out_text(out, "  ");
	print_text(out, text_of(event, "why"), TONE_PLAIN);
	print_limit(out, event);
}

static void print_lost(struct out *out, json_int_t lost, bool forgotten)
{
	if (lost > 0 && forgotten)
		out_printf(out, "... %lld earlier event%s %s not kept any more\n", (long long)lost,
			lost == 1 ? "" : "s", lost == 1 ? "is" : "are");
	else if (lost > 0)
		out_printf(out, "... %lld event%s lost here: this reader was too slow\n",
			(long long)lost, lost == 1 ? "" : "s");
}

void event_print(struct out *out, const json_t *event, bool first_of_history)
{
	json_int_t lost = json_integer_value(json_object_get(event, "lost"));
	json_int_t pid = json_integer_value(json_object_get(event, "pid"));
	const json_t *exit = json_object_get(event, "exit");
	const char *to = text_of(event, "to");
	char words[END_WORDS_SIZE];

	print_lost(out, lost, first_of_history);
	print_text(out, text_of(event, "time"), TONE_DIM);
	out_text(out, "  ");
	print_text(out, text_of(event, "path"), TONE_BOLD);
	out_text(out, "  ");
	if (is_kind(event, EVENT_OPERATOR)) {
		print_asked(out, event);
		out_text(out, "\n");
		return;
	}
	print_change(out, event);
	if (json_is_object(exit) && exit_is_news(to, text_of(event, "why")))
		out_printf(out, " (%s)", exit_words(exit, words));
	if (pid > 0)
		out_printf(out, "  pid %lld", (long long)pid);
	out_text(out, "\n");
}
