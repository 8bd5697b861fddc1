/* supctl_look.c - count and whereis: from the status table, without a word to supd. */
#include <stdbool.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/count.h"
#include "supervisor/wire/partition.h"

/* ---- count */

static int print_count(
	const struct request *request, const struct snapshot *snapshot, uint32_t position)
{
	struct out *out = request->out;
	struct child_count count = {0};
	json_t *json;

	if (snapshot->nodes[position].record.kind == KIND_PROCESS) {
		complain("%s is no supervisor: it has no children", request->args[0]);
		return SUPCTL_REFUSED;
	}
	for (uint32_t i = position + 1; i < snapshot->nodes[position].end;
		i = snapshot->nodes[i].end)
		child_count_add(&count, &snapshot->nodes[i].record);
	if (!(request->flags & FLAG_JSON)) {
		out_printf(out, "specs        %u\nactive       %u\n", count.specs, count.active);
		out_printf(out, "supervisors  %u\nworkers      %u\n", count.supervisors,
			count.workers);
		return SUPCTL_DONE;
	}
	json = child_count_json(&count);
	out_json(out, json);
	out_text(out, "\n");
	json_decref(json);
	return SUPCTL_DONE;
}

int verb_count(const struct request *request)
{
	struct snapshot snapshot;
	uint32_t position = 0;
	int status = snapshot_open_live(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	if (request->n_args > 0)
		status = snapshot_locate(&snapshot, request->args[0], &position);
	if (status == SUPCTL_DONE)
		status = print_count(request, &snapshot, position);
	snapshot_free(&snapshot);
	return status;
}

/* ---- whereis */

/* The partition that the key belongs to, in the place of its supervisor. */
static bool find_partition(
	const struct request *request, const struct snapshot *snapshot, uint32_t *position)
{
	const struct snapshot_node *sup = &snapshot->nodes[*position];
	uint32_t number;

	if (sup->record.kind != KIND_PARTITION || sup->record.children_max == 0) {
		complain("%s is no partition supervisor: --key has no meaning for it",
			request->args[0]);
		return false;
	}
	number = partition_of(request->key, sup->record.children_max);
	for (uint32_t i = *position + 1; i < sup->end; i = snapshot->nodes[i].end) {
		if (partition_is(snapshot->nodes[i].record.name, number)) {
			*position = i;
			return true;
		}
	}
	complain("%s has no partition %u now, which the key belongs to: it was deleted",
		request->args[0], number);
	return false;
}

static int print_where(
	const struct request *request, const struct snapshot *snapshot, uint32_t position)
{
	const struct status_record *record = &snapshot->nodes[position].record;
	const char *state = child_state_name(record->state);
	char path[SNAPSHOT_PATH_SIZE];
	json_t *json;

	(void)snapshot_path(snapshot, position, path);
	if (record->kind == KIND_PARTITION) {
		complain("%s is a partition supervisor: which partition? Give --key", path);
		return SUPCTL_REFUSED;
	}
	if (record->kind != KIND_PROCESS) {
		complain("%s is a supervisor: it has no process of its own", path);
		return SUPCTL_REFUSED;
	}
	if (record->pid <= 0) {
		complain("%s has no process: it is %s", path, state ? state : "?");
		return SUPCTL_REFUSED;
	}
	if (!(request->flags & FLAG_JSON)) {
		out_printf(request->out, "%d\n", record->pid);
		return SUPCTL_DONE;
	}
	json = json_pack("{s:s, s:i}", "path", path, "pid", (int)record->pid);
	out_json(request->out, json);
	out_text(request->out, "\n");
	json_decref(json);
	return SUPCTL_DONE;
}

int verb_whereis(const struct request *request)
{
	struct snapshot snapshot;
	uint32_t position = 0;
	int status = snapshot_open_live(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	status = snapshot_locate(&snapshot, request->args[0], &position);
	if (status == SUPCTL_DONE && request->key && !find_partition(request, &snapshot, &position))
		status = SUPCTL_REFUSED;
	if (status == SUPCTL_DONE)
		status = print_where(request, &snapshot, position);
	snapshot_free(&snapshot);
	return status;
}
