/* setters_process.c - from a word to a setting: what a process runs in. */
#include "config/setters.h"

#include <errno.h>

#include "config/units.h"

static const char RULE[] = "bad-value";

static void *member(struct record *record, const struct key *key)
{
	return (char *)&record->settings + key->offset;
}

static const char *limit_values(enum limit_unit unit)
{
	switch (unit) {
	case LIMIT_IN_BYTES:
		return "sizes such as 64K, 10M, 2G";
	case LIMIT_IN_SECONDS:
		return "durations of whole seconds such as 30s, 10m";
	case LIMIT_IN_MICROSECONDS:
		return "durations such as 200ms, 5s";
	case LIMIT_IN_NICE:
		return "numbers from 0 to 40 (40 allows nice -20)";
	case LIMIT_IN_PRIORITY:
		return "numbers from 0 to 99";
	case LIMIT_IN_NUMBER:
		break;
	}
	return "numbers";
}

void set_limit(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	const enum limit_unit unit = (enum limit_unit)key->min;
	struct limit_setting *to = member(record, key);
	int error = parse_limit(value, unit, &to->limit);

	if (error == -EDOM)
		findings_error(r->findings, place, RULE,
			"the limit '%s' is SOFT:HARD, and the soft one of '%s' is above the hard "
			"one",
			key->name, value);
	else if (error < 0)
		findings_error(r->findings, place, RULE,
			"the limit '%s' is SOFT:HARD or one value for both, of %s or infinity, not "
			"'%s'",
			key->name, limit_values(unit), value);
	to->set = error == 0;
}

void set_cpus(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	uint64_t cpus[SPEC_CPUS_MAX / 64];

	if (parse_cpus(value, cpus) < 0)
		findings_error(r->findings, place, RULE,
			"'%s' holds numbers of CPUs from 0 to %d such as \"0-3,8\", not '%s'",
			key->name, SPEC_CPUS_MAX - 1, value);
	else
		set_string(r, record, key, value, place);
}

void set_io_priority(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	static const char *const WORDS[] = {"realtime", "best-effort", "idle"};
	uint32_t *to = member(record, key);
	const char *near;

	if (parse_io_priority(value, to) == 0)
		return;
	near = nearest_word(value, WORDS, sizeof(WORDS) / sizeof(WORDS[0]));
	findings_error(r->findings, place, RULE,
		"'%s' is best-effort:N, realtime:N (N from 0, the first, to 7) or idle, not "
		"'%s'%s%s%s",
		key->name, value, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
}

static const char *resource_values(enum resource resource)
{
	switch (resource) {
	case RESOURCE_MEMORY_MAX:
	case RESOURCE_MEMORY_HIGH:
		return "a size such as 64K, 10M, 2G, or infinity";
	case RESOURCE_CPU_WEIGHT:
	case RESOURCE_IO_WEIGHT:
		return "a weight from 1 to 10000 (100: as all others)";
	case RESOURCE_CPU_MAX:
		return "150% (of one CPU, at least 1%), 1.5 (CPUs), microseconds and period as in "
		       "\"50000 100000\", or infinity";
	case RESOURCE_PIDS_MAX:
		return "a number from 1 to 4194304, or infinity";
	case RESOURCE_COUNT:
		break;
	}
	return "";
}

void set_resource(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	const enum resource resource = (enum resource)key->min;
	struct resource_setting *to = member(record, key);

	to->set = parse_resource(value, resource, &to->value, &to->period_us) == 0;
	if (!to->set)
		findings_error(r->findings, place, RULE, "'%s' is %s, not '%s'", key->name,
			resource_values(resource), value);
}
