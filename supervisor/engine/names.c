/* names.c - the words for the engine's enums, from their tables in engine.h. */
#include "supervisor/engine/engine.h"

#define NAMES_STATE(id, text) [CHILD_##id] = (text),
#define NAMES_WHY(id, text) [WHY_##id] = (text),
#define NAMES_COMMAND(id, text) [CMD_##id] = (text),

const char *child_state_name(unsigned state)
{
	static const char *const names[CHILD_STATE_COUNT] = {CHILD_STATES(NAMES_STATE)};

	return state < CHILD_STATE_COUNT ? names[state] : NULL;
}

const char *why_name(unsigned why)
{
	static const char *const names[WHY_COUNT] = {WHYS(NAMES_WHY)};

	return why < WHY_COUNT ? names[why] : NULL;
}

const char *command_name(unsigned kind)
{
	static const char *const names[CMD_COUNT] = {COMMANDS(NAMES_COMMAND)};

	return kind < CMD_COUNT ? names[kind] : NULL;
}
