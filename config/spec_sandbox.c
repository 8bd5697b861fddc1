/* spec_sandbox.c - names and defaults of a sandbox, and the check of one that comes from elsewhere.
 */
#include "config/spec_sandbox.h"

#include <string.h>

#include "config/spec.h"
#include "config/spec_internal.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NAME(id, text) text,
static const char *const KEY_NAMES[] = {SPEC_SANDBOX_KEYS(NAME)};
static const char *const ACTION_NAMES[] = {SPEC_ACTIONS(NAME)};
#undef NAME

_Static_assert(sizeof(struct sandbox_spec) == 200, "sandbox_spec has no hidden padding");

const char *spec_sandbox_key_name(unsigned v)
{
	return v < ARRAY_LEN(KEY_NAMES) ? KEY_NAMES[v] : NULL;
}

const char *spec_action_name(unsigned v)
{
	return v < ARRAY_LEN(ACTION_NAMES) ? ACTION_NAMES[v] : NULL;
}

struct sandbox_spec sandbox_spec_default(void)
{
	struct sandbox_spec sandbox;

	memset(&sandbox, 0, sizeof(sandbox));
	sandbox.filter = SPEC_NONE;
	sandbox.profile = SPEC_NONE;
	sandbox.allow = SPEC_NONE;
	sandbox.deny = SPEC_NONE;
	sandbox.mounts = SPEC_NONE;
	sandbox.landlock_read = SPEC_NONE;
	sandbox.landlock_write = SPEC_NONE;
	sandbox.hostname = SPEC_NONE;
	sandbox.root = SPEC_NONE;
	for (size_t i = 0; i < SANDBOX_KEY_COUNT; i++)
		sandbox.place[i].file = SPEC_NONE;
	return sandbox;
}

/* ---- the check */

static bool is_set(const struct sandbox_spec *sandbox, enum sandbox_key key)
{
	return (sandbox->set & SANDBOX_BIT(key)) != 0;
}

/* A string is there exactly when its key is set. */
static bool check_string(
	struct check *c, const struct sandbox_spec *sandbox, enum sandbox_key key, uint32_t offset)
{
	return is_set(sandbox, key) ? spec_string_inside(c, offset) : offset == SPEC_NONE;
}

static bool check_paths(struct check *c, const struct spec *spec, bool set, uint32_t offset)
{
	if (!set)
		return offset == SPEC_NONE;
	return spec_list_inside(c, offset, true) && spec_list(spec, offset)->n <= SANDBOX_PATHS_MAX;
}

static bool check_mounts(struct check *c, const struct spec *spec, uint32_t offset)
{
	const struct spec_list *list;

	if (offset == SPEC_NONE)
		return true;
	if (!spec_list_inside(c, offset, false))
		return false;
	list = spec_list(spec, offset);
	if (list->n % 2 != 0 || list->n > 2 * MOUNT_COUNT * SANDBOX_PATHS_MAX)
		return false;
	for (uint32_t i = 0; i < list->n; i += 2) {
		if (!spec_string_inside(c, list->item[i]) || list->item[i + 1] >= MOUNT_COUNT)
			return false;
	}
	return true;
}

static bool check_filter(
	struct check *c, const struct spec *spec, const struct sandbox_spec *sandbox)
{
	const uint32_t offset = sandbox->filter;

	if (!is_set(sandbox, SANDBOX_SECCOMP))
		return offset == SPEC_NONE && sandbox->profile == SPEC_NONE &&
		       sandbox->allow == SPEC_NONE && sandbox->deny == SPEC_NONE;
	if (!spec_list_inside(c, offset, false) || spec_list(spec, offset)->n == 0 ||
		spec_list(spec, offset)->n % 2 != 0 ||
		spec_list(spec, offset)->n > 2 * SANDBOX_FILTER_MAX)
		return false;
	return (sandbox->profile == SPEC_NONE || spec_string_inside(c, sandbox->profile)) &&
	       (sandbox->allow == SPEC_NONE || spec_list_inside(c, sandbox->allow, true)) &&
	       (sandbox->deny == SPEC_NONE || spec_list_inside(c, sandbox->deny, true));
}

static bool check_places(struct check *c, const struct sandbox_spec *sandbox)
{
	for (unsigned i = 0; i < SANDBOX_KEY_COUNT; i++) {
		if (is_set(sandbox, (enum sandbox_key)i) &&
			!spec_string_inside(c, sandbox->place[i].file))
			return false;
	}
	return true;
}

bool spec_check_sandbox(struct check *c, const struct spec *spec, uint32_t offset)
{
	const struct sandbox_spec *sandbox;

	if (offset == SPEC_NONE)
		return true;
	if (!spec_record_inside(c, offset, sizeof(*sandbox), _Alignof(struct sandbox_spec)))
		return false;
	sandbox = spec_sandbox(spec, offset);
	if (sandbox->set >> SANDBOX_KEY_COUNT != 0 || sandbox->action >= ACTION_COUNT ||
		sandbox->optional > 1 || sandbox->pad[0] != 0 || sandbox->pad[1] != 0)
		return false;
	return check_filter(c, spec, sandbox) && check_mounts(c, spec, sandbox->mounts) &&
	       check_paths(
		       c, spec, is_set(sandbox, SANDBOX_LANDLOCK_READ), sandbox->landlock_read) &&
	       check_paths(
		       c, spec, is_set(sandbox, SANDBOX_LANDLOCK_WRITE), sandbox->landlock_write) &&
	       check_string(c, sandbox, SANDBOX_HOSTNAME, sandbox->hostname) &&
	       check_string(c, sandbox, SANDBOX_ROOT, sandbox->root) && check_places(c, sandbox);
}
