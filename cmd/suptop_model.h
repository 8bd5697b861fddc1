/* suptop_model.h - what the screen of `supctl top` shows, apart from the screen: the tree with
 * parts of it folded away, which row is selected and which is the first to be seen, what each child
 * takes, and when it was restarted. Pure.
 *
 * What is remembered of a child lies at its number in the status table, which it keeps as long as
 * it exists. */
#ifndef CMD_SUPTOP_MODEL_H
#define CMD_SUPTOP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_usage.h"

/* The restarts of the last minute, in steps of five seconds. */
enum { MODEL_STEPS = 12, MODEL_STEP_MS = 5000 };

/* What is remembered of a child from one look at the table to the next. A supervisor has the sum of
 * what is below it. */
struct track {
	uint64_t restarts; /* at the last look */
	uint16_t recent[MODEL_STEPS];
	double cpu_s; /* at the last reading of usage; negative: not known */
	double load;  /* of one CPU since the reading before: 1 = all of it; negative: not known */
	int64_t memory; /* negative: not known */
	uint32_t stamp; /* the look at which it was last seen; 0: never */
	bool folded;
};

struct model {
	struct snapshot snapshot; /* owned; without nodes before the first look */
	struct track *tracks;	  /* by number in the table */
	uint32_t n_tracks;
	uint32_t *rows; /* positions in the snapshot that are not folded away */
	uint32_t n_rows;
	uint32_t rows_room;
	uint32_t selected; /* a row */
	uint32_t chosen;   /* its number in the table; what the user sees as selected */
	uint32_t first;	   /* the first row on the screen */
	uint32_t stamp;	   /* of the present look */
	unsigned step;	   /* of recent, that is being filled */
	int64_t step_ms;   /* when it began */
	int64_t usage_ms;  /* of the last reading; 0: none yet */
	uint32_t processes, running, wrong;
};

/* All zero is a model that has seen nothing. */
void model_free(struct model *model);

/* Takes over a look at the table, at now_ms of a monotonic clock. Folds and the selection stay with
 * their children; of a child that has gone the selection moves to the row that took its place.
 * Returns 0, or -ENOMEM with the model as it was, and the caller keeps the snapshot. */
int model_update(struct model *model, struct snapshot *snapshot, int64_t now_ms);

/* Takes a reading of the same look, an entry a position. */
void model_usage(struct model *model, const struct usage *usage, int64_t now_ms);

/* What is remembered of the node at a position. */
struct track *model_track(const struct model *model, uint32_t position);

/* The position of the selected row. */
uint32_t model_position(const struct model *model);

/* Restarts of a child in the step that lies so many steps back (0: the present one). */
unsigned model_recent(const struct model *model, const struct track *track, unsigned back);

/* Selects the row so many further down, as far as there are rows. */
void model_move(struct model *model, int64_t rows);

/* Scrolls so that the selected row is among the height that are shown. */
void model_scroll(struct model *model, uint32_t height);

/* Folds or unfolds what is below the selected row; of a process, its supervisor. */
void model_fold(struct model *model);

/* Folds all supervisors but the root; or unfolds all, when any is folded. */
void model_fold_all(struct model *model);

/* Selects the next child (with back: the one before) whose path contains text, whatever its case,
 * round the end of the tree; here: the selected one counts too. Unfolds what hides it. Returns
 * false when there is none. */
bool model_search(struct model *model, const char *text, bool back, bool here);

/* The same for one that is not as it should be (supctl health). */
bool model_next_wrong(struct model *model);

#endif
