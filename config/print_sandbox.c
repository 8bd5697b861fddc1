/* print_sandbox.c - what a process may not do, as JSON. */
#include "config/bytes_json.h"
#include "config/print_internal.h"
#include "config/privileges.h"

static bool has(const struct sandbox_spec *sandbox, enum sandbox_key key)
{
	return (sandbox->set & SANDBOX_BIT(key)) != 0;
}

/* Appends to an array; false: out of memory. */
static bool append(json_t *to, json_t *value)
{
	return json_array_append_new(to, value) == 0;
}

static json_t *done(json_t *to, bool good)
{
	if (good)
		return to;
	json_decref(to);
	return NULL;
}

static json_t *capabilities(uint64_t set)
{
	json_t *to = json_array();
	bool good = to != NULL;

	for (unsigned i = 0; i < 64 && good; i++) {
		if (((set >> i) & 1) && capability_name(i) != NULL)
			good = append(to, json_string(capability_name(i)));
	}
	return done(to, good);
}

static json_t *flags(uint32_t set, const char *(*name)(uint32_t flag))
{
	json_t *to = json_array();
	bool good = to != NULL;

	for (unsigned i = 0; i < 32 && good; i++) {
		const uint32_t flag = UINT32_C(1) << i;

		if ((set & flag) && name(flag) != NULL)
			good = append(to, json_string(name(flag)));
	}
	return done(to, good);
}

/* The paths to which the same is done. */
static json_t *paths(
	const struct spec *spec, const struct sandbox_spec *sandbox, enum sandbox_mount mount)
{
	const struct spec_list *from =
		sandbox->mounts != SPEC_NONE ? spec_list(spec, sandbox->mounts) : NULL;
	json_t *to = json_array();
	bool good = to != NULL;

	for (uint32_t i = 0; from != NULL && i < from->n && good; i += 2) {
		if (from->item[i + 1] == (uint32_t)mount)
			good = append(to, bytes_json(spec_str(spec, from->item[i])));
	}
	return done(to, good);
}

static json_t *strings(const struct spec *spec, uint32_t offset)
{
	const struct spec_list *from = offset != SPEC_NONE ? spec_list(spec, offset) : NULL;
	json_t *to = from != NULL ? json_array() : json_null();
	bool good = to != NULL;

	for (uint32_t i = 0; from != NULL && i < from->n && good; i++)
		good = append(to, bytes_json(spec_str(spec, from->item[i])));
	return done(to, good);
}

static json_t *text_or_null(const struct spec *spec, uint32_t offset)
{
	return offset == SPEC_NONE ? json_null() : bytes_json(spec_str(spec, offset));
}

static json_t *filter(const struct spec *spec, const struct sandbox_spec *sandbox)
{
	if (!has(sandbox, SANDBOX_SECCOMP))
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:s}", "profile", text_or_null(spec, sandbox->profile),
		"allow", strings(spec, sandbox->allow), "deny", strings(spec, sandbox->deny),
		"action", spec_action_name(sandbox->action));
}

json_t *print_sandbox(const struct spec *spec, uint32_t offset)
{
	const struct sandbox_spec *sandbox;

	if (offset == SPEC_NONE)
		return json_null();
	sandbox = spec_sandbox(spec, offset);
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o, s:o, s:o, "
			 "s:o, s:o, s:b}",
		"seccomp", filter(spec, sandbox), "capabilities",
		has(sandbox, SANDBOX_CAPABILITIES) ? capabilities(sandbox->capabilities)
						   : json_null(),
		"ambient", capabilities(sandbox->ambient), "no_new_privs",
		has(sandbox, SANDBOX_NO_NEW_PRIVS), "securebits",
		flags(sandbox->securebits, securebit_name), "read_only_paths",
		paths(spec, sandbox, MOUNT_READ_ONLY), "writable_paths",
		paths(spec, sandbox, MOUNT_WRITABLE), "inaccessible_paths",
		paths(spec, sandbox, MOUNT_INACCESSIBLE), "private_tmp",
		has(sandbox, SANDBOX_PRIVATE_TMP), "private_dev", has(sandbox, SANDBOX_PRIVATE_DEV),
		"private_network", has(sandbox, SANDBOX_PRIVATE_NETWORK), "namespaces",
		flags(sandbox->named, namespace_name), "hostname",
		text_or_null(spec, sandbox->hostname), "root", text_or_null(spec, sandbox->root),
		"landlock_read", strings(spec, sandbox->landlock_read), "landlock_write",
		strings(spec, sandbox->landlock_write), "optional", sandbox->optional);
}
