/* methods.c - the table of the methods, and the check of what a call gives them. */
#include "supervisor/wire/methods.h"

#include <errno.h>
#include <string.h>

#define METHODS_PARAM(id, text, type) [PARAM_##id] = {(text), PARAM_TYPE_##type},
#define METHODS_METHOD(id, interface, name, role, command, required, optional) \
	[METHOD_##id] = {(interface), (name), ROLE_##role, (command), (required), (optional)},
#define METHODS_ERROR(id, name, parameters) [ERROR_##id] = {(name), (parameters)},

const struct param_spec wire_params[PARAM_COUNT] = {WIRE_PARAMS(METHODS_PARAM)};
const struct method wire_methods[METHOD_COUNT] = {WIRE_METHODS(METHODS_METHOD)};
const struct error_spec wire_errors[ERROR_COUNT] = {WIRE_ERRORS(METHODS_ERROR)};

const char *role_name(enum role role)
{
#define METHODS_ROLE(id, text) [ROLE_##id] = (text),
	static const char *const NAMES[ROLE_COUNT] = {WIRE_ROLES(METHODS_ROLE)};

	return NAMES[role];
}

static bool same_interface(const char *name, size_t n, const char *interface)
{
	return strlen(interface) == n && memcmp(name, interface, n) == 0;
}

int method_find(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t n = dot ? (size_t)(dot - name) : 0;
	bool known = false;

	if (!dot)
		return -ENOENT;
	for (int i = 0; i < METHOD_COUNT; i++) {
		if (!same_interface(name, n, wire_methods[i].interface))
			continue;
		known = true;
		if (strcmp(dot + 1, wire_methods[i].name) == 0)
			return i;
	}
	return known ? -ENOENT : -ENXIO;
}

static bool all_strings(const json_t *list)
{
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		if (!json_is_string(json_array_get(list, i)))
			return false;
	}
	return true;
}

static bool has_type(const json_t *value, enum param_type type)
{
	switch (type) {
	case PARAM_TYPE_STRING:
		return json_is_string(value);
	case PARAM_TYPE_INT:
		return json_is_integer(value);
	case PARAM_TYPE_BOOL:
		return json_is_boolean(value);
	case PARAM_TYPE_STRINGS:
		return json_is_array(value) && all_strings(value);
	}
	return false;
}

static int find_param(const struct method *method, const char *name)
{
	for (int i = 0; i < PARAM_COUNT; i++) {
		uint32_t bit = 1u << i;

		if (((method->required | method->optional) & bit) &&
			strcmp(wire_params[i].name, name) == 0)
			return i;
	}
	return -EINVAL;
}

int method_args(
	const struct method *method, json_t *parameters, struct args *ret, const char **ret_bad)
{
	struct args args = {{NULL}};
	const char *name;
	json_t *value;

	json_object_foreach(parameters, name, value)
	{
		int i = find_param(method, name);

		if (i >= 0 && json_is_null(value) && (method->optional & (1u << i)))
			continue;
		if (i < 0 || !has_type(value, wire_params[i].type)) {
			*ret_bad = name;
			return -EINVAL;
		}
		args.value[i] = value;
	}
	for (int i = 0; i < PARAM_COUNT; i++) {
		if ((method->required & (1u << i)) && !args.value[i]) {
			*ret_bad = wire_params[i].name;
			return -EINVAL;
		}
	}
	*ret = args;
	return 0;
}
