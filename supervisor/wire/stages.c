/* stages.c - names of the stages of a spawn. */
#include "supervisor/wire/stages.h"

#define STAGE_NAME(id, text) [STAGE_##id] = (text),
static const char *const stage_names[] = {SPAWN_STAGES(STAGE_NAME)};

const char *spawn_stage_name(unsigned stage)
{
	return stage < STAGE_COUNT ? stage_names[stage] : "unknown";
}
