/* setters_notify.c - from a word to a setting: how a process says that it is ready, and that it
 * lives. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/setters.h"
#include "config/units.h"

static const char RULE[] = "bad-value";

static void *member(struct record *record, const struct key *key)
{
	return (char *)&record->settings + key->offset;
}

/* fd:N, as s6 counts. Returns true when value is meant to be that. */
static bool ready_fd(
	struct reading *r, const char *value, struct place place, struct ready_setting *ret)
{
	int64_t fd;

	if (strcmp(value, "fd") != 0 && strncmp(value, "fd:", 3) != 0)
		return false;
	if (value[2] == '\0' || parse_number(value + 3, READY_FD_MIN, READY_FD_MAX, &fd) < 0)
		findings_error(r->findings, place, RULE,
			"'ready' = fd:N takes a descriptor from %d to %d, not '%s'; write fd:3, "
			"for "
			"example",
			READY_FD_MIN, READY_FD_MAX, value);
	else
		*ret = (struct ready_setting){.kind = READY_FD, .fd = (int)fd};
	return true;
}

void set_ready(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	/* The words that stand alone, at their enum ready_kind. */
	static const enum ready_kind KINDS[] = {READY_EXEC, READY_NOTIFY, READY_EXIT, READY_PROBE};
	enum { N = sizeof(KINDS) / sizeof(KINDS[0]) };
	struct ready_setting *to = member(record, key);
	const char *words[N];
	char all[128] = "";
	const char *near;

	if (ready_fd(r, value, place, to))
		return;
	for (size_t i = 0; i < N; i++) {
		size_t used = strlen(all);

		words[i] = spec_ready_name(KINDS[i]);
		if (strcmp(words[i], value) == 0) {
			*to = (struct ready_setting){.kind = (int)KINDS[i]};
			return;
		}
		(void)snprintf(all + used, sizeof(all) - used, "%s, ", words[i]);
	}
	near = nearest_word(value, words, N);
	record->damaged = true;
	findings_error(r->findings, place, RULE,
		"'%s' is not a value of '%s', which is one of %sfd:N%s%s%s", value, key->name, all,
		near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
}

void set_watchdog(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	int64_t *to = member(record, key);
	int64_t ms;
	int result;

	if (strcmp(value, "off") == 0) {
		*to = 0;
		return;
	}
	result = parse_duration(value, &ms);
	if (result == 0 && ms > 0 && ms != SPEC_INFINITY)
		*to = ms;
	else if (result == 0 || result == -ERANGE)
		findings_error(r->findings, place, RULE,
			"'%s' must be more than 0 and less than 100 years; write off for none",
			key->name);
	else
		findings_error(r->findings, place, RULE,
			"'%s' is off or a duration such as 500ms, 30s, 2m (a bare number: "
			"seconds), "
			"not '%s'",
			key->name, value);
}
