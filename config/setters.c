/* setters.c - from a word to a setting. */
#include "config/setters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/units.h"

enum { CHOICES_MAX = 8 };
static const char RULE[] = "bad-value";

const char *notify_access_name(unsigned v)
{
	static const char *const NAMES[] = {"main", "group"};
	return v < 2 ? NAMES[v] : NULL;
}

const char *truth_name(unsigned v)
{
	static const char *const NAMES[] = {"false", "true"};
	return v < 2 ? NAMES[v] : NULL;
}

static void *member(struct record *record, const struct key *key)
{
	return (char *)&record->settings + key->offset;
}

void set_string(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	const char **to = member(record, key);

	if (*value == '\0') {
		findings_error(r->findings, place, RULE, "'%s' is empty", key->name);
		record->damaged = true;
	} else {
		*to = arena_str(&r->arena, value);
	}
}

void set_choice(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	const char *words[CHOICES_MAX];
	char all[160] = "";
	unsigned n = 0;
	int *to = member(record, key);

	for (const char *word; n < CHOICES_MAX && (word = key->choice(n)) != NULL; n++) {
		if (strcmp(word, value) == 0) {
			*to = (int)n;
			return;
		}
		size_t used = strlen(all);
		(void)snprintf(all + used, sizeof(all) - used, "%s%s", n == 0 ? "" : ", ", word);
		words[n] = word;
	}
	const char *near = nearest_word(value, words, n);
	/* What goes with the value that was meant is not known. */
	record->damaged = true;
	if (near != NULL)
		findings_error(r->findings, place, RULE,
			"'%s' is not a value of '%s', which is one of %s; did you mean '%s'?",
			value, key->name, all, near);
	else
		findings_error(r->findings, place, RULE,
			"'%s' is not a value of '%s', which is one of %s", value, key->name, all);
}

void set_number(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t *to = member(record, key);

	if (parse_number(value, key->min, key->max, to) < 0)
		findings_error(r->findings, place, RULE,
			"'%s' is a number from %lld to %lld, not '%s'", key->name,
			(long long)key->min, (long long)key->max, value);
}

void set_partitions(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	int64_t *to = member(record, key);

	if (strcmp(value, "ncpu") == 0)
		*to = PARTITIONS_NCPU;
	else if (parse_number(value, key->min, key->max, to) < 0)
		findings_error(r->findings, place, RULE,
			"'%s' is ncpu or a number from %lld to %lld, not '%s'", key->name,
			(long long)key->min, (long long)key->max, value);
}

/* A number with up to three decimals, in thousandths. */
void set_milli(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t *to = member(record, key);
	int64_t milli;

	/* A duration without unit counts in seconds, and so in thousandths of them. */
	if (*value == '\0' || strspn(value, "0123456789.") != strlen(value) ||
		parse_duration(value, &milli) < 0 || milli < key->min || milli > key->max)
		findings_error(r->findings, place, RULE,
			"'%s' is a number from %g to %g with up to three decimals, not '%s'",
			key->name, (double)key->min / 1000, (double)key->max / 1000, value);
	else
		*to = milli;
}

/* Reads a duration; reports and returns false when it is none. */
static bool duration(struct reading *r, const struct key *key, const char *value,
	struct place place, int64_t *ret_ms)
{
	int result = parse_duration(value, ret_ms);

	if (result == -ERANGE)
		findings_error(r->findings, place, RULE,
			"'%s' is longer than 100 years; write infinity for no limit", key->name);
	else if (result < 0)
		findings_error(r->findings, place, RULE,
			"'%s' is a duration such as 500ms, 5s, 2m, 1h (a bare number: seconds), "
			"not '%s'",
			key->name, value);
	return result == 0;
}

void set_period(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t ms;

	if (!duration(r, key, value, place, &ms))
		return;
	if (ms < key->min || ms == SPEC_INFINITY)
		findings_error(r->findings, place, RULE,
			"'%s' must be more than 0 and less than infinity", key->name);
	else
		memcpy(member(record, key), &ms, sizeof(ms));
}

void set_interval(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	char least[32];
	int64_t ms;

	if (!duration(r, key, value, place, &ms))
		return;
	if (ms < key->min || ms == SPEC_INFINITY)
		findings_error(r->findings, place, RULE,
			"'%s' must be at least %s and less than infinity", key->name,
			format_duration(key->min, least));
	else
		memcpy(member(record, key), &ms, sizeof(ms));
}

void set_timeout(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t ms;

	if (!duration(r, key, value, place, &ms))
		return;
	if (ms == 0)
		findings_error(r->findings, place, RULE,
			"'%s' must be more than 0; write infinity for no limit", key->name);
	else
		memcpy(member(record, key), &ms, sizeof(ms));
}

void set_delay(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t ms;

	if (!duration(r, key, value, place, &ms))
		return;
	if (ms == SPEC_INFINITY)
		findings_error(r->findings, place, RULE, "'%s' cannot be infinity", key->name);
	else
		memcpy(member(record, key), &ms, sizeof(ms));
}

void set_shutdown(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	static const char *const WORDS[] = {"brutal_kill", "infinity"};
	int64_t *to = member(record, key);
	const char *near;

	if (strcmp(value, "brutal_kill") == 0) {
		*to = SPEC_BRUTAL_KILL;
		return;
	}
	if (parse_duration(value, to) == 0)
		return;
	near = nearest_word(value, WORDS, 2);
	findings_error(r->findings, place, RULE,
		"'%s' is brutal_kill, infinity or a duration such as 5s, not '%s'%s%s%s", key->name,
		value, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
}

void set_signal(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int *to = member(record, key);
	int signal = parse_signal(value);

	if (signal < 0)
		findings_error(r->findings, place, RULE,
			"'%s' is a signal such as TERM, INT, RTMIN+3 or 15, not '%s'", key->name,
			value);
	else
		*to = signal;
}

void set_umask(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t *to = member(record, key);
	int64_t mask = 0;
	const char *c = value;

	for (; *c >= '0' && *c <= '7' && mask <= 0777; c++)
		mask = mask * 8 + (*c - '0');
	if (c == value || *c != '\0' || mask > 0777)
		findings_error(r->findings, place, RULE,
			"'%s' is an octal number from 0 to 0777, not '%s'", key->name, value);
	else
		*to = mask;
}

void set_list(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	struct list *list = member(record, key);

	if (list->values.n == list->lines_capacity) {
		size_t capacity = list->lines_capacity == 0 ? 8 : list->lines_capacity * 2;
		uint32_t *lines = arena_alloc(&r->arena, capacity * sizeof(*lines));
		if (lines == NULL)
			return;
		if (list->values.n > 0)
			memcpy(lines, list->lines, list->values.n * sizeof(*lines));
		list->lines = lines;
		list->lines_capacity = capacity;
	}
	if (strs_add(&r->arena, &list->files, place.file) &&
		strs_add(&r->arena, &list->values, arena_str(&r->arena, value)))
		list->lines[list->values.n - 1] = place.line;
}

void set_environment(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	const char *equal = strchr(value, '=');

	if (equal == NULL || equal == value)
		findings_error(r->findings, place, RULE,
			"'%s' holds NAME=value, in quotes, not '%s'", key->name, value);
	else
		set_list(r, record, key, value, place);
}

void set_success_exit(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	int64_t status;
	bool number = *value != '\0' && strspn(value, "-+0123456789") == strlen(value);

	if (number ? parse_number(value, 0, 255, &status) < 0 : parse_signal(value) < 0)
		findings_error(r->findings, place, RULE,
			"'%s' holds exit statuses from 0 to 255 and names of signals, not '%s'",
			key->name, value);
	else
		set_list(r, record, key, value, place);
}

/* backoff = 0: everything of a backoff is said by that. */
void set_backoff_off(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	int64_t ms;

	if (parse_duration(value, &ms) < 0 || ms != 0) {
		findings_error(r->findings, place, RULE,
			"'backoff' is 0 or a section { initial max factor jitter reset_after }, "
			"not "
			"'%s'",
			value);
		return;
	}
	for (size_t i = 0; i < KEYS_N; i++) {
		if (KEYS[i].where == key->where)
			record->set_at[i] = place;
	}
	record->settings.initial_ms = 0;
	record->settings.max_ms = 30000;
	record->settings.reset_after_ms = 10000;
	record->settings.factor_milli = 2000;
	record->settings.jitter_milli = 100;
}

/* health = off: no check, whatever the defaults say. */
void set_health_off(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	if (strcmp(value, "off") != 0) {
		findings_error(r->findings, place, RULE,
			"'health' is off or a section { exec tcp http interval timeout retries "
			"start_period }, not '%s'",
			value);
		record->damaged = true;
		return;
	}
	/* Nothing of it is inherited. */
	for (size_t i = 0; i < KEYS_N; i++) {
		if (KEYS[i].where == key->where)
			record->set_at[i] = place;
	}
}
