/* setters_sandbox.c - from a word to a setting: what a process may not do. */
#include "config/setters.h"

#include <string.h>

#include "config/privileges.h"

static const char RULE[] = "bad-value";

static void *member(struct record *record, const struct key *key)
{
	return (char *)&record->settings + key->offset;
}

static void wrong_name(struct reading *r, const struct key *key, const char *what,
	const char *value, const char *near, struct place place)
{
	findings_error(r->findings, place, RULE, "'%s' holds %s, not '%s'%s%s%s", key->name, what,
		value, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		near != NULL ? "'?" : "");
}

/* An empty list allows none, and is a setting all the same: set_at says that. */
void set_capability(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	uint64_t *to = member(record, key);
	const int number = capability_number(value);

	if (number >= 0)
		*to |= UINT64_C(1) << number;
	else
		wrong_name(r, key, "names of capabilities such as net_bind_service", value,
			capability_nearest(value), place);
}

void set_securebit(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	uint32_t *to = member(record, key);
	const int bit = securebit_value(value);

	if (bit >= 0)
		*to |= (uint32_t)bit;
	else
		wrong_name(r, key, "names of securebits such as noroot and noroot_locked", value,
			securebit_nearest(value), place);
}

void set_namespace(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	uint32_t *to = member(record, key);
	const int64_t flag = namespace_flag(value);

	if (flag >= 0)
		*to |= (uint32_t)flag;
	else
		wrong_name(r, key, "some of mount, network, uts, ipc, pid, user and cgroup", value,
			namespace_nearest(value), place);
}

/* A path in the file system as it was before: "-" in front, it may be missing. */
void set_paths(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	const char *path = *value == '-' ? value + 1 : value;
	const struct list *list = member(record, key);
	const size_t length = strlen(path);
	const bool climbs = strstr(path, "/../") != NULL ||
			    (length >= 3 && strcmp(path + length - 3, "/..") == 0);

	if (*path != '/' || climbs || length >= 4096)
		findings_error(r->findings, place, RULE,
			"'%s' holds absolute paths such as \"/srv/data\", or \"-/srv/data\" where "
			"it may be missing, not '%s'",
			key->name, value);
	else if (list->values.n == SANDBOX_PATHS_MAX)
		findings_error(r->findings, place, RULE, "'%s' holds at most %d paths", key->name,
			SANDBOX_PATHS_MAX);
	else
		set_list(r, record, key, value, place);
}

void set_hostname(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	const size_t length = strlen(value);

	if (length == 0 || length > 64)
		findings_error(r->findings, place, RULE,
			"'%s' is a name of 1 to 64 bytes, not '%s'", key->name, value);
	else
		set_string(r, record, key, value, place);
}

void set_root(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place)
{
	if (*value != '/' || value[1] == '\0')
		findings_error(r->findings, place, RULE,
			"'%s' is the absolute path of a directory below '/', not '%s'", key->name,
			value);
	else
		set_string(r, record, key, value, place);
}

/* sandbox = off: none, whatever the defaults say. */
void set_sandbox_off(struct reading *r, struct record *record, const struct key *key,
	const char *value, struct place place)
{
	if (strcmp(value, "off") != 0) {
		findings_error(r->findings, place, RULE,
			"'sandbox' is off or a section { seccomp capabilities no_new_privs ... }, "
			"not '%s'",
			value);
		record->damaged = true;
		return;
	}
	/* Nothing of it is inherited, and none of it is set. */
	for (size_t i = 0; i < KEYS_N; i++) {
		if (KEYS[i].where == key->where)
			record->set_at[i] = (struct place){BUILT_IN, 0};
	}
}
