/* status.h - writing DIR/status (status_table.h). */
#ifndef OS_STATUS_H
#define OS_STATUS_H

#include <stdbool.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"

struct status;

/* A dir that begins with '@' stands for none: the table is in memory that nobody else sees. Else:
 *
 * Makes DIR/status for capacity rows, all of it allocated on its file system, locks it, and moves
 * it into place, readable for its owner alone. Returns 0; -EBUSY: a living supd holds the one that
 * is there; or another negative errno. */
int status_open(const char *dir, uint32_t capacity, struct status **ret_status);

/* Who may connect to a socket with this mode and group (PROC_ID_INHERIT: supd's) may read it.
 * Returns 0 or negative errno. */
int status_open_to(struct status *status, uint32_t mode, uint32_t gid);

/* finished: the exit status that readers are shown, or -1 when supd ends without one. */
void status_close(struct status *status, int exit_status);

/* Brings the row of one entry up to date. now_*: the loop's clock. */
void status_write(struct status *status, const struct engine *engine, uint32_t index, pid_t pid,
	int64_t now_ms, int64_t wall_ns);

/* holder: a process that is left although the child's own has ended, or 0. */
void status_held(struct status *status, uint32_t index, pid_t holder, bool suspended);

/* What the process says of itself; a NUL-ended text, cut to the size of the field. */
void status_text(struct status *status, uint32_t index, const char *text);

/* Whether it is healthy. */
void status_health(struct status *status, uint32_t index, enum health_word health);

/* A start of it failed. */
void status_start_failed(struct status *status, uint32_t index);

/* So many events happened, and one more did not reach a subscriber. */
void status_events(struct status *status, uint64_t events);
void status_event_lost(struct status *status);

const struct status_header *status_header(const struct status *status);
const struct status_record *status_record(const struct status *status, uint32_t index);

#endif
