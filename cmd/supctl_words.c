/* supctl_words.c - the words and colours for states, ends and ages. */
#include "cmd/supctl_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/units.h"
#include "supervisor/wire/child_json.h"
#include "supervisor/wire/stages.h"

static const char *or_unknown(const char *word)
{
	return word ? word : "?";
}

static const char *put(char buf[static END_WORDS_SIZE], const char *text)
{
	(void)snprintf(buf, END_WORDS_SIZE, "%s", text);
	return buf;
}

const char *end_words(const struct end *end, char buf[static END_WORDS_SIZE])
{
	const char *oom = end->stage == END_OOM ? ", out of memory" : "";
	char name[16];
	const char *error;

	switch ((enum end_kind)end->kind) {
	case END_NONE:
		return put(buf, "-");
	case END_EXITED:
		(void)snprintf(buf, END_WORDS_SIZE, "exit %d%s", end->value, oom);
		return buf;
	case END_SIGNALED:
		(void)snprintf(buf, END_WORDS_SIZE, "%s%s", signal_name(end->value, name), oom);
		return buf;
	case END_SPAWN_FAILED:
		error = strerrorname_np(end->value);
		(void)snprintf(buf, END_WORDS_SIZE, "%s: %s", spawn_stage_name(end->stage),
			or_unknown(error));
		return buf;
	case END_START_TIMEOUT:
		return put(buf, "start timeout");
	case END_SHUTDOWN:
		return put(buf, "shutdown");
	case END_BOOT_FAILED:
		return put(buf, "boot failed");
	case END_WATCHDOG:
		return put(buf, "watchdog");
	case END_UNHEALTHY:
		return put(buf, "unhealthy");
	}
	return put(buf, "?");
}

/* The number of an errno's name, for end_words to name again. */
static int errno_number(const char *name)
{
	enum { ERRNO_MAX = 200 };

	for (int i = 1; name && i < ERRNO_MAX; i++) {
		const char *known = strerrorname_np(i);

		if (known && strcmp(known, name) == 0)
			return i;
	}
	return 0;
}

static uint8_t stage_number(const char *name)
{
	for (uint8_t i = 0; name && i < STAGE_COUNT; i++)
		if (strcmp(spawn_stage_name(i), name) == 0)
			return i;
	return STAGE_COUNT;
}

const char *exit_words(const json_t *exit, char buf[static END_WORDS_SIZE])
{
	const char *kind = json_string_value(json_object_get(exit, "kind"));
	const char *signal = json_string_value(json_object_get(exit, "signal"));
	const char *error = json_string_value(json_object_get(exit, "errno"));
	const char *stage = json_string_value(json_object_get(exit, "stage"));
	struct end end = {.kind = END_NONE};

	for (uint8_t i = END_NONE; kind && i <= END_UNHEALTHY; i++)
		if (strcmp(or_unknown(end_kind_name(i)), kind) == 0)
			end.kind = i;
	if (end.kind == END_EXITED)
		end.value = (int32_t)json_integer_value(json_object_get(exit, "status"));
	if (end.kind == END_SIGNALED && signal)
		end.value = parse_signal(signal);
	if (json_is_true(json_object_get(exit, "oom")))
		end.stage = END_OOM;
	if (end.kind == END_SPAWN_FAILED) {
		end.stage = stage_number(stage);
		end.value = errno_number(error);
	}
	return end_words(&end, buf);
}

enum tone state_tone(unsigned state)
{
	if (state >= CHILD_STATE_COUNT)
		return TONE_PLAIN;
	switch ((enum child_state)state) {
	case CHILD_RUNNING:
		return TONE_GOOD;
	case CHILD_STARTING:
	case CHILD_STOPPING:
	case CHILD_BACKOFF:
	case CHILD_RESTARTING:
		return TONE_BUSY;
	case CHILD_FAILED:
	case CHILD_PARKED:
		return TONE_BAD;
	case CHILD_WAITING:
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_REMOVED:
		return TONE_DIM;
	case CHILD_STATE_COUNT:
		break;
	}
	return TONE_PLAIN;
}

const char *format_age(int64_t ms, char buf[static 32])
{
	long long s = ms > 0 ? ms / 1000 : 0;

	if (s < 60)
		(void)snprintf(buf, 32, "%llds", s);
	else if (s < 3600)
		(void)snprintf(buf, 32, "%lldm%02llds", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(buf, 32, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else
		(void)snprintf(buf, 32, "%lldd%02lldh", s / 86400, s / 3600 % 24);
	return buf;
}
