/* monitor.h - what a property remembers of a case beside the play that it belongs to, by row. */
#ifndef SIM_MONITOR_H
#define SIM_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/case.h"

enum { MONITOR_CASES = 1000, MONITOR_STEPS = 80 };

struct monitor {
	struct play play;
	enum child_state state[CASE_ROWS_MAX]; /* what the reports said last */
	enum why why[CASE_ROWS_MAX];
	uint64_t checked; /* how often the property was looked at: never is no proof */
	bool exact;	  /* giving up must come exactly at the limit */
	int64_t restarts[CASE_ROWS_MAX][64]; /* times of a supervisor's restarts since its boot */
	uint32_t restarts_n[CASE_ROWS_MAX];
	bool expected[CASE_ROWS_MAX];	  /* a supervisor: to shut itself down, now */
	int64_t ending_ms[CASE_ROWS_MAX]; /* a supervisor: its first instance got its signal */
	bool ending[CASE_ROWS_MAX];
	bool may[CASE_ROWS_MAX];	   /* a supervisor: shut itself down, now */
	bool significant[CASE_ROWS_MAX];   /* as long as there is an entry */
	bool due[CASE_ROWS_MAX];	   /* an instance: its signal, with that of the first */
	uint32_t signalled[CASE_ROWS_MAX]; /* which life was */
};

/* Plays count cases under the watch, whose context is the monitor. Returns how often the property
 * was looked at. */
uint64_t monitor_play(
	struct monitor *m, uint32_t count, const struct flavour *flavour, world_watch *watch);

/* Was that looked at often enough? True when fewer cases than usual were asked for. */
bool monitor_is_proof(uint64_t checked, uint64_t least);

/* Takes note of a report. */
void monitor_remember(struct monitor *m, const struct action *action);

/* The settings of a supervisor, or of the supervisor of a child. */
const struct sup_spec *monitor_sup(const struct monitor *m, uint32_t row);
bool monitor_is_sup(const struct monitor *m, uint32_t row);
bool monitor_is_dynamic(const struct monitor *m, uint32_t row);

#endif
