/* child_json.h - one child as the interface's type Child, and how a process ended as its type Exit.
 *
 * The server's Status and supctl's status --json both print this, so they cannot differ. Pure. */
#ifndef WIRE_CHILD_JSON_H
#define WIRE_CHILD_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"

/* A Child from a consistent copy of its record. path is its full path; now_mono_ms is
 * CLOCK_MONOTONIC now, for uptime (seconds in the state running, else 0) and next_try (seconds from
 * now, only while one is due). pid and exit are null when there is none; strategy is there for
 * supervisors only, max_children for dynamic, partitions for partition ones. Returns a new
 * reference, or NULL when memory ran out. */
json_t *child_json(const struct status_record *record, const char *path, int64_t now_mono_ms);

/* An Exit: {"kind":"exited","status":1}, {"kind":"signaled","signal":"KILL"},
 * {"kind":"spawn_failed","stage":"exec","errno":"ENOENT"}, or the kind alone; JSON null for
 * END_NONE. Returns a new reference, or NULL when memory ran out. */
json_t *exit_json(const struct end *end);

/* Why a start failed, for people: "exec: No such file or directory", "exited with status 1 before
 * it was ready", "not ready within its start_timeout". Writes into buf, cut to size; returns buf.
 */
const char *end_reason(const struct end *end, char *buf, size_t size);

/* Name of an enum end_kind as Exit.kind shows it; "none" for END_NONE; NULL out of range. */
const char *end_kind_name(unsigned kind);

/* The word for status_record.health; "none" when out of range. */
const char *health_name(unsigned health);

/* "2026-01-01T00:00:00Z", with millis "2026-01-01T00:00:00.123Z": RFC 3339, UTC, from nanoseconds
 * of CLOCK_REALTIME. Returns buf. */
const char *format_wall_time(int64_t wall_ns, bool millis, char buf[static 40]);

#endif
