/* print_control.c - the section control, as JSON. */
#include "config/print_internal.h"

/* "1000", and "@1000" for a group. */
static int add_numbers(json_t *to, const struct spec *spec, uint32_t offset, const char *mark)
{
	const struct spec_list *list = offset != SPEC_NONE ? spec_list(spec, offset) : NULL;

	for (uint32_t i = 0; list != NULL && i < list->n; i++) {
		if (json_array_append_new(to, json_sprintf("%s%u", mark, list->item[i])) < 0)
			return -1;
	}
	return 0;
}

static json_t *role(const struct spec *spec, const struct control_spec *control, size_t i)
{
	json_t *to = json_array();

	if (to != NULL && add_numbers(to, spec, control->users[i], "") == 0 &&
		add_numbers(to, spec, control->groups[i], "@") == 0)
		return to;
	json_decref(to);
	return NULL;
}

json_t *print_control(const struct spec *spec, const struct control_spec *control)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "mode", json_sprintf("%04o", control->mode),
		"group", control->gid == PROC_ID_INHERIT ? json_null() : json_integer(control->gid),
		"observers", role(spec, control, 0), "operators", role(spec, control, 1), "admins",
		role(spec, control, 2));
}
