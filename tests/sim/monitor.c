/* monitor.c - many cases under a watch. */
#include "tests/sim/monitor.h"

#include <string.h>

void monitor_remember(struct monitor *m, const struct action *action)
{
	if (action->kind != ACT_REPORT)
		return;
	m->state[action->ref.index] = action->to;
	m->why[action->ref.index] = action->why;
}

uint64_t monitor_play(
	struct monitor *m, uint32_t count, const struct flavour *flavour, world_watch *watch)
{
	uint64_t first = case_first_seed();
	uint64_t checked = 0;

	for (uint64_t seed = first; seed < first + case_count(count); seed++) {
		bool exact = m->exact;

		memset(m, 0, sizeof(*m));
		m->exact = exact;
		case_begin(&m->play, seed, flavour, watch, m);
		case_play(&m->play, MONITOR_STEPS);
		case_end(&m->play);
		checked += m->checked;
		case_free(&m->play);
	}
	return checked;
}

bool monitor_is_proof(uint64_t checked, uint64_t least)
{
	return case_count(MONITOR_CASES) < MONITOR_CASES || checked > least;
}

/* Rows of the tree have its numbers; others are processes. */
bool monitor_is_sup(const struct monitor *m, uint32_t row)
{
	const struct spec *spec = world_spec(m->play.w);

	return row < spec->nodes && spec_node(spec, row)->kind != KIND_PROCESS;
}

bool monitor_is_dynamic(const struct monitor *m, uint32_t row)
{
	const struct spec *spec = world_spec(m->play.w);

	return row < spec->nodes && spec_node(spec, row)->kind == KIND_DYNAMIC;
}

const struct sup_spec *monitor_sup(const struct monitor *m, uint32_t row)
{
	return spec_sup(world_spec(m->play.w), row);
}
