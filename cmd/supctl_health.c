/* supctl_health.c - health: whether all that should run is running, ready and healthy; from the
 * status table, without a word to supd. */
#include "cmd/supctl_health.h"

#include <stdio.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/child_json.h"

/* Is it waiting for a supervisor that will not come to it? The first one above it that waits for
 * nobody itself says so. */
static bool waits_in_vain(const struct snapshot *snapshot, uint32_t position)
{
	unsigned state;

	while (position != 0 && snapshot->nodes[position].record.state == CHILD_WAITING)
		position = snapshot->nodes[position].parent;
	state = snapshot->nodes[position].record.state;
	return state == CHILD_STOPPED || state == CHILD_EXITED || state == CHILD_FAILED ||
	       state == CHILD_PARKED;
}

bool health_is_wrong(const struct snapshot *snapshot, uint32_t position)
{
	const struct status_record *record = &snapshot->nodes[position].record;

	switch ((enum child_state)record->state) {
	case CHILD_RUNNING:
		return record->kind == KIND_PROCESS &&
		       (!record->ready ||
			       (record->health != HEALTH_NONE && record->health != HEALTH_HEALTHY));
	case CHILD_WAITING:
		return !waits_in_vain(snapshot, position);
	case CHILD_EXITED:
		return record->why == WHY_LIMIT;
	case CHILD_STOPPED:
	case CHILD_REMOVED:
		return false;
	case CHILD_STARTING:
	case CHILD_STOPPING:
	case CHILD_BACKOFF:
	case CHILD_RESTARTING:
	case CHILD_FAILED:
	case CHILD_PARKED:
	case CHILD_STATE_COUNT:
		break;
	}
	return true;
}

bool health_is_well(const struct snapshot *snapshot, uint32_t position)
{
	for (uint32_t i = position; i < snapshot->nodes[position].end; i++)
		if (health_is_wrong(snapshot, i))
			return false;
	return true;
}

/* ---- the command */

const char *health_wrong_words(
	const struct snapshot *snapshot, uint32_t position, char buf[static HEALTH_WORDS_SIZE])
{
	const struct status_record *record = &snapshot->nodes[position].record;
	const struct end end = {record->end_kind, record->end_stage, record->end_value};
	const char *state = child_state_name(record->state);
	int64_t left_ms = record->next_try_ms - snapshot->now_mono_ms;
	char more[END_WORDS_SIZE + 8] = "";
	char again[48] = "";
	char words[END_WORDS_SIZE];
	char age[32];

	if (record->state == CHILD_RUNNING && !record->ready)
		(void)snprintf(more, sizeof(more), ", not ready");
	else if (record->state == CHILD_RUNNING || record->health == HEALTH_UNHEALTHY)
		(void)snprintf(more, sizeof(more), ", %s",
			record->health == HEALTH_STARTING ? "not found healthy yet"
							  : health_name(record->health));
	else if (end.kind != END_NONE)
		(void)snprintf(more, sizeof(more), " (%s)", end_words(&end, words));
	if (record->state != CHILD_RUNNING && record->next_try_ms != INT64_MAX)
		(void)snprintf(again, sizeof(again), ", again in %s",
			format_age(left_ms > 0 ? left_ms + 999 : 0, age));
	(void)snprintf(buf, HEALTH_WORDS_SIZE, "%s%s%s", state ? state : "?", more, again);
	return buf;
}

static void print_wrong(struct out *out, const struct snapshot *snapshot, uint32_t position)
{
	char path[SNAPSHOT_PATH_SIZE];
	char words[HEALTH_WORDS_SIZE];

	(void)snapshot_path(snapshot, position, path);
	out_cell(out, path, out_columns(out, path), false, TONE_BOLD);
	out_printf(out, ": %s\n", health_wrong_words(snapshot, position, words));
}

static json_t *wrong_json(const struct snapshot *snapshot, uint32_t position)
{
	const struct status_record *record = &snapshot->nodes[position].record;
	const char *state = child_state_name(record->state);
	char path[SNAPSHOT_PATH_SIZE];

	return json_pack("{s:s, s:s, s:b, s:s}", "path", snapshot_path(snapshot, position, path),
		"state", state ? state : "unknown", "ready", record->ready, "health",
		health_name(record->health));
}

static void print_json(struct out *out, const struct snapshot *snapshot, bool well)
{
	bool first = true;

	out_printf(out, "{\"healthy\":%s,\"wrong\":[", well ? "true" : "false");
	for (uint32_t i = 0; i < snapshot->n; i++) {
		json_t *json;

		if (!health_is_wrong(snapshot, i))
			continue;
		out_text(out, first ? "" : ",");
		first = false;
		json = wrong_json(snapshot, i);
		out_json(out, json);
		json_decref(json);
	}
	out_text(out, "]}\n");
}

int verb_health(const struct request *request)
{
	struct out *out = request->out;
	struct snapshot snapshot;
	bool well;
	int status = snapshot_open_live(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	well = health_is_well(&snapshot, 0);
	if (request->flags & FLAG_JSON)
		print_json(out, &snapshot, well);
	else if (!well)
		out_prepare_table(out);
	for (uint32_t i = 0; !(request->flags & FLAG_JSON) && i < snapshot.n; i++)
		if (health_is_wrong(&snapshot, i))
			print_wrong(out, &snapshot, i);
	snapshot_free(&snapshot);
	return well ? SUPCTL_DONE : SUPCTL_REFUSED;
}
