/* surroundings_json.c - see surroundings_json.h. */
#include "config/surroundings_json.h"

#include "config/bytes_json.h"
#include "config/units.h"

/* Alternate CPUs are the longest list. */
enum { CPUS_TEXT = SPEC_CPUS_MAX / 2 * 5 };

/* The limits that are set, as they are written. */
static json_t *limits_json(const struct surroundings_spec *around)
{
	json_t *to = json_object();
	char buf[80];
	int failed = to ? 0 : -1;

	for (unsigned i = 0; around && i < LIMIT_COUNT && !failed; i++) {
		const enum limit_unit unit = spec_limit_unit((enum limit)i);

		if (around->limits & (1u << i))
			failed = json_object_set_new(to, spec_limit_name(i),
				json_string(format_limit(&around->limit[i], unit, buf)));
	}
	if (!failed)
		return to;
	json_decref(to);
	return NULL;
}

/* The limits of its control group that are set, as they are written. */
static json_t *resources_json(const struct spec *spec, uint32_t offset)
{
	const struct resources_spec *from =
		offset == SPEC_NONE
			? NULL
			: (const struct resources_spec *)(const void *)((const char *)spec +
									offset);
	json_t *to = json_object();
	char buf[48];
	int failed = to ? 0 : -1;

	for (unsigned i = 0; from && i < RESOURCE_COUNT && !failed; i++)
		if (from->set & (1u << i))
			failed = json_object_set_new(to, spec_resource_name(i),
				json_string(format_resource(from, (enum resource)i, buf)));
	if (!failed)
		return to;
	json_decref(to);
	return NULL;
}

/* The sockets as they are written; null for none. */
static json_t *sockets_json(const struct spec *spec, uint32_t offset)
{
	const struct spec_list *from = offset == SPEC_NONE ? NULL : spec_list(spec, offset);
	json_t *to = from ? json_array() : json_null();

	for (uint32_t i = 0; from && i < from->n; i++) {
		const char *bytes = spec_str(spec, spec_socket(spec, from->item[i])->text);

		if (json_array_append_new(to, bytes_json(bytes)) == 0)
			continue;
		json_decref(to);
		return NULL;
	}
	return to;
}

json_t *surroundings_json(const struct spec *spec, const struct proc_spec *proc)
{
	const struct surroundings_spec *around =
		proc->surroundings == SPEC_NONE ? NULL
						: spec_surroundings(spec, proc->surroundings);
	char io_priority[32];
	char cpus[CPUS_TEXT];

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o}", "limits",
		limits_json(around), "nice",
		around && around->set_nice ? json_integer(around->nice) : json_null(),
		"oom_score_adj",
		around && around->set_oom ? json_integer(around->oom_score_adj) : json_null(),
		"io_priority",
		around && around->io_priority
			? json_string(format_io_priority(around->io_priority, io_priority))
			: json_null(),
		"cpu_affinity",
		around && around->set_cpus
			? json_string(format_cpus(around->cpus, cpus, sizeof(cpus)))
			: json_null(),
		"stdin", spec_stdin_name(proc->standard_input), "terminal", proc->terminal,
		"sockets", sockets_json(spec, proc->sockets), "resources",
		resources_json(spec, proc->resources));
}
