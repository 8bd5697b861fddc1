/* resources.c - see resources.h. */
#include "supervisor/os/resources.h"

#include <string.h>

#include "supervisor/os/log.h"
#include "supervisor/wire/stages.h"

uint32_t resources_wanted(const struct spec *spec)
{
	uint32_t wanted = 0;

	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct resources_spec *limits =
			spec_node(spec, i)->kind == KIND_PROCESS ? spec_resources(spec, i) : NULL;

		wanted |= limits ? limits->set : 0;
	}
	return wanted;
}

int resources_enter(
	struct shell *shell, uint32_t row, struct spawn_request *request, struct end *ret_failure)
{
	const struct resources_spec *limits = spec_resources(request->spec, request->node);
	const struct spec_node *node = spec_node(request->spec, request->node);
	struct refused_limit refused = {0};
	int error =
		strays_enter(shell->strays, row, request->path, limits, &request->cgroup, &refused);

	if (error == 0)
		return 0;
	log_message(LOG_ERROR, request->path, "%s:%u: the limit %s cannot be had: %s (%s)",
		spec_str(request->spec, node->file), node->line + limits->line[refused.resource],
		spec_resource_name(refused.resource), refused.why, strerror(-error));
	*ret_failure =
		(struct end){.kind = END_SPAWN_FAILED, .stage = STAGE_RESOURCES, .value = -error};
	return -1;
}

void resources_note_end(struct shell *shell, uint32_t row, struct end *end)
{
	const bool violent =
		end->kind == END_SIGNALED || (end->kind == END_EXITED && end->value != 0);

	/* Asked in any case: what is not asked now would count for the next one. */
	if (strays_oom(shell->strays, row) && violent)
		end->stage = END_OOM;
}
