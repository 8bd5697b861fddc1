/* suptop_model.c - see suptop_model.h. */
#include "cmd/suptop_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl_health.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"

void model_free(struct model *model)
{
	snapshot_free(&model->snapshot);
	free(model->tracks);
	free(model->rows);
	*model = (struct model){0};
}

struct track *model_track(const struct model *model, uint32_t position)
{
	return &model->tracks[model->snapshot.nodes[position].index];
}

uint32_t model_position(const struct model *model)
{
	return model->n_rows > 0 ? model->rows[model->selected] : 0;
}

unsigned model_recent(const struct model *model, const struct track *track, unsigned back)
{
	return track->recent[(model->step + MODEL_STEPS - back % MODEL_STEPS) % MODEL_STEPS];
}

/* ---- rows */

/* Lists what is not folded away, and finds the selected child again; one that is folded away gives
 * way to the supervisor that hides it. */
static void list_rows(struct model *model)
{
	const struct snapshot *snapshot = &model->snapshot;
	uint32_t was = model->selected;
	uint32_t found = UINT32_MAX;
	uint32_t at = 0;

	model->n_rows = 0;
	while (at < snapshot->n) {
		const struct snapshot_node *node = &snapshot->nodes[at];
		bool folded = node->record.kind != KIND_PROCESS && model_track(model, at)->folded;
		uint32_t next = folded ? node->end : at + 1;

		for (uint32_t i = at; i < next && found == UINT32_MAX; i++)
			if (snapshot->nodes[i].index == model->chosen)
				found = model->n_rows;
		model->rows[model->n_rows++] = at;
		at = next;
	}
	model->selected = found != UINT32_MAX ? found : was;
	if (model->selected >= model->n_rows)
		model->selected = model->n_rows > 0 ? model->n_rows - 1 : 0;
	model->chosen = model->n_rows > 0 ? snapshot->nodes[model_position(model)].index : 0;
}

static void select_row(struct model *model, uint32_t row)
{
	model->selected = row;
	model->chosen = model->snapshot.nodes[model_position(model)].index;
}

void model_move(struct model *model, int64_t rows)
{
	int64_t last = (int64_t)model->n_rows - 1;
	int64_t row = (int64_t)model->selected + rows;

	if (last < 0)
		return;
	row = row > last ? last : row;
	select_row(model, row < 0 ? 0 : (uint32_t)row);
}

void model_scroll(struct model *model, uint32_t height)
{
	uint32_t most = model->n_rows > height ? model->n_rows - height : 0;

	if (height == 0)
		return;
	if (model->selected < model->first)
		model->first = model->selected;
	if (model->selected - model->first >= height)
		model->first = model->selected - height + 1;
	/* No empty lines at the end while there is something above. */
	if (model->first > most)
		model->first = most;
}

/* ---- looks at the table */

static int make_room(struct model *model, const struct snapshot *snapshot)
{
	uint32_t capacity = snapshot->header.capacity;

	if (capacity > model->n_tracks) {
		struct track *tracks = reallocarray(model->tracks, capacity, sizeof *tracks);

		if (!tracks)
			return -ENOMEM;
		memset(tracks + model->n_tracks, 0, (capacity - model->n_tracks) * sizeof *tracks);
		model->tracks = tracks;
		model->n_tracks = capacity;
	}
	if (snapshot->n > model->rows_room) {
		uint32_t *rows = reallocarray(model->rows, snapshot->capacity, sizeof *rows);

		if (!rows)
			return -ENOMEM;
		model->rows = rows;
		model->rows_room = snapshot->capacity;
	}
	return 0;
}

static void take_step(struct model *model, int64_t now_ms)
{
	if (model->step_ms == 0)
		model->step_ms = now_ms;
	for (unsigned i = 0; now_ms - model->step_ms >= MODEL_STEP_MS; i++) {
		model->step_ms += MODEL_STEP_MS;
		/* After a long pause one round has cleared all. */
		if (i >= MODEL_STEPS) {
			model->step_ms = now_ms;
			return;
		}
		model->step = (model->step + 1) % MODEL_STEPS;
		for (uint32_t t = 0; t < model->n_tracks; t++)
			model->tracks[t].recent[model->step] = 0;
	}
}

static void add_recent(struct model *model, uint32_t position, uint64_t restarts)
{
	for (;;) {
		uint16_t *recent = &model_track(model, position)->recent[model->step];
		uint64_t sum = *recent + restarts;

		*recent = sum > UINT16_MAX ? UINT16_MAX : (uint16_t)sum;
		if (position == 0)
			return;
		position = model->snapshot.nodes[position].parent;
	}
}

/* A number of the table that another child has now begins anew. */
static void follow_child(struct model *model, uint32_t position)
{
	const struct status_record *record = &model->snapshot.nodes[position].record;
	struct track *track = model_track(model, position);

	if (track->stamp + 1 != model->stamp || record->restarts < track->restarts)
		*track = (struct track){.restarts = record->restarts,
			.cpu_s = -1,
			.load = -1,
			.memory = -1,
			.folded = track->folded && track->stamp + 1 == model->stamp};
	track->stamp = model->stamp;
	/* A supervisor's own restarts take its children along: theirs are counted. */
	if (record->restarts > track->restarts && record->kind == KIND_PROCESS)
		add_recent(model, position, record->restarts - track->restarts);
	track->restarts = record->restarts;
}

static void count(struct model *model)
{
	const struct snapshot *snapshot = &model->snapshot;

	model->processes = model->running = model->wrong = 0;
	for (uint32_t i = 0; i < snapshot->n; i++) {
		bool process = snapshot->nodes[i].record.kind == KIND_PROCESS;

		model->processes += process;
		model->running += process && snapshot->nodes[i].record.state == CHILD_RUNNING;
		model->wrong += process && health_is_wrong(snapshot, i);
	}
}

int model_update(struct model *model, struct snapshot *snapshot, int64_t now_ms)
{
	int error = make_room(model, snapshot);

	if (error)
		return error;
	snapshot_free(&model->snapshot);
	model->snapshot = *snapshot;
	/* No look has the number after that of a child that was never seen. */
	model->stamp = model->stamp == 0 ? 2 : model->stamp + 1;
	take_step(model, now_ms);
	for (uint32_t i = 0; i < model->snapshot.n; i++)
		follow_child(model, i);
	count(model);
	list_rows(model);
	return 0;
}

void model_usage(struct model *model, const struct usage *usage, int64_t now_ms)
{
	double seconds = (double)(now_ms - model->usage_ms) / 1000;

	for (uint32_t i = 0; i < model->snapshot.n; i++) {
		struct track *track = model_track(model, i);
		/* A child that was restarted in between has less than before. */
		double more = usage[i].cpu_s - track->cpu_s;

		track->load = -1;
		if (model->usage_ms > 0 && seconds > 0 && track->cpu_s >= 0 && usage[i].cpu_s >= 0)
			track->load = more > 0 ? more / seconds : 0;
		track->cpu_s = usage[i].cpu_s;
		track->memory = usage[i].memory;
	}
	model->usage_ms = now_ms;
}

/* ---- folding */

void model_fold(struct model *model)
{
	uint32_t at = model_position(model);

	if (model->n_rows == 0)
		return;
	if (model->snapshot.nodes[at].record.kind == KIND_PROCESS)
		at = model->snapshot.nodes[at].parent;
	model_track(model, at)->folded = !model_track(model, at)->folded;
	list_rows(model);
}

void model_fold_all(struct model *model)
{
	bool any = false;

	for (uint32_t i = 0; i < model->snapshot.n; i++)
		any |= model->snapshot.nodes[i].record.kind != KIND_PROCESS &&
		       model_track(model, i)->folded;
	for (uint32_t i = 0; i < model->snapshot.n; i++)
		model_track(model, i)->folded = !any && i > 0;
	list_rows(model);
}

/* ---- going to a child */

/* Selects the node at a position, wherever it hides. */
static void go_to(struct model *model, uint32_t position)
{
	const struct snapshot_node *nodes = model->snapshot.nodes;

	for (uint32_t at = position; at != 0;) {
		at = nodes[at].parent;
		model_track(model, at)->folded = false;
	}
	model->chosen = nodes[position].index;
	list_rows(model);
}

static uint32_t beside(uint32_t position, uint32_t n, bool back)
{
	if (back)
		return position == 0 ? n - 1 : position - 1;
	return position + 1 == n ? 0 : position + 1;
}

bool model_search(struct model *model, const char *text, bool back, bool here)
{
	uint32_t n = model->snapshot.n;
	uint32_t at = model_position(model);
	char path[SNAPSHOT_PATH_SIZE];

	if (!here && n > 0)
		at = beside(at, n, back);
	for (uint32_t i = 0; i < n; i++, at = beside(at, n, back)) {
		if (strcasestr(snapshot_path(&model->snapshot, at, path), text)) {
			go_to(model, at);
			return true;
		}
	}
	return false;
}

bool model_next_wrong(struct model *model)
{
	uint32_t n = model->snapshot.n;
	uint32_t at = model_position(model);

	for (uint32_t i = 0; i < n; i++) {
		at = beside(at, n, false);
		/* A supervisor is in trouble by its children: they are what to look at. */
		if (model->snapshot.nodes[at].end == at + 1 &&
			health_is_wrong(&model->snapshot, at)) {
			go_to(model, at);
			return true;
		}
	}
	return false;
}
