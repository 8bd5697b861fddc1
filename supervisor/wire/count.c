/* count.c - see count.h. */
#include "supervisor/wire/count.h"

#include <stdbool.h>

#include "config/spec.h"
#include "supervisor/engine/engine.h"

static bool is_up(unsigned state)
{
	return state == CHILD_RUNNING || state == CHILD_STARTING || state == CHILD_STOPPING ||
	       state == CHILD_RESTARTING;
}

void child_count_add(struct child_count *count, const struct status_record *record)
{
	if (!record->used)
		return;
	count->specs++;
	if (record->kind == KIND_PROCESS) {
		count->workers++;
		count->active += record->pid > 0;
	} else {
		count->supervisors++;
		count->active += is_up(record->state);
	}
}

json_t *child_count_json(const struct child_count *count)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "specs", (json_int_t)count->specs, "active",
		(json_int_t)count->active, "supervisors", (json_int_t)count->supervisors, "workers",
		(json_int_t)count->workers);
}
