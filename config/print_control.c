/* print_control.c - the section control, and the sinks, as JSON. */
#include "config/bytes_json.h"
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

static json_t *words(const struct spec *spec, uint32_t offset)
{
	const struct spec_list *from = offset != SPEC_NONE ? spec_list(spec, offset) : NULL;
	json_t *to = from != NULL ? json_array() : json_null();

	for (uint32_t i = 0; from != NULL && i < from->n; i++) {
		if (json_array_append_new(to, bytes_json(spec_str(spec, from->item[i]))) == 0)
			continue;
		json_decref(to);
		return NULL;
	}
	return to;
}

json_t *print_sinks(const struct spec *spec)
{
	json_t *to = json_array();

	for (uint32_t i = 0; to != NULL && i < spec_sinks(spec); i++) {
		const struct sink_spec *sink = spec_sink(spec, i);
		json_t *statsd = sink->statsd != SPEC_NONE
					 ? bytes_json(spec_str(spec, sink->statsd))
					 : json_null();
		json_t *one =
			json_pack("{s:o, s:o, s:o}", "name", bytes_json(spec_str(spec, sink->name)),
				"command", words(spec, sink->argv), "statsd", statsd);

		if (json_array_append_new(to, one) == 0)
			continue;
		json_decref(to);
		return NULL;
	}
	return to;
}
