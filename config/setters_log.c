/* setters_log.c - from a word to a setting: what becomes of the output of a process. */
#include <errno.h>
#include <string.h>

#include "config/setters.h"
#include "config/units.h"

static const char RULE[] = "bad-value";

static void *member(struct record *record, const struct key *key)
{
	return (char *)&record->settings + key->offset;
}

/* "null" is no place that a log section sends lines to: it is a value of log itself. */
const char *log_choice_name(unsigned v)
{
	return v < SPEC_LOG_TO_NOWHERE ? spec_log_to_name(v) : NULL;
}

void set_log_word(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	static const char *const WORDS[] = {[LOG_INHERITED] = "inherit", [LOG_NULL] = "null"};
	const char *near = nearest_word(value, WORDS, 2);
	int *to = member(record, key);

	if (strcmp(value, WORDS[LOG_INHERITED]) != 0 && strcmp(value, WORDS[LOG_NULL]) != 0) {
		findings_error(r->findings, place, RULE,
			"'log' is inherit, null or a section { to file format prefix timestamps "
			"... }, "
			"not '%s'%s%s%s",
			value, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
			near != NULL ? "'?" : "");
		record->damaged = true;
		return;
	}
	*to = strcmp(value, WORDS[LOG_NULL]) == 0 ? LOG_NULL : LOG_INHERITED;
}

/* rfc3339 is the only kind of time, so whoever writes true or false is understood. */
void set_log_time(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	int *to = member(record, key);

	if (strcmp(value, truth_name(1)) == 0)
		*to = SPEC_LOG_TIME_RFC3339;
	else if (strcmp(value, truth_name(0)) == 0)
		*to = SPEC_LOG_TIME_NONE;
	else
		set_choice(r, record, key, value, place);
}

void set_size(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	const bool endless = key->max == INT64_MAX;
	int64_t *to = member(record, key);
	uint64_t bytes;

	if (endless && strcmp(value, "infinity") == 0)
		*to = SPEC_INFINITY;
	else if (parse_size(value, &bytes) == 0 && bytes >= (uint64_t)key->min &&
		 bytes <= (uint64_t)key->max)
		*to = (int64_t)bytes;
	else if (endless)
		findings_error(r->findings, place, RULE,
			"'%s' is a size such as 64K, 10M, 2G, of at least %lld bytes, or infinity, "
			"not '%s'",
			key->name, (long long)key->min, value);
	else
		findings_error(r->findings, place, RULE,
			"'%s' is a size such as 4K, 64K, from %lld to %lld bytes, not '%s'",
			key->name, (long long)key->min, (long long)key->max, value);
}

void set_count(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	int64_t *to = member(record, key);

	if (strcmp(value, "infinity") == 0)
		*to = SPEC_INFINITY;
	else if (parse_number(value, key->min, key->max, to) < 0)
		findings_error(r->findings, place, RULE,
			"'%s' is a number from %lld to %lld, or infinity, not '%s'", key->name,
			(long long)key->min, (long long)key->max, value);
}
