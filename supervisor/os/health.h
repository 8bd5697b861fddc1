/* health.h - the health of processes: checks them by turns, counts, and tells the engine.
 *
 * A process with a section health is *starting* until its first result, then *healthy* after each
 * success. So many failures in a row as its `retries`, and it is *unhealthy*: the engine stops it
 * and treats that as an abnormal exit. Before the first success failures within `start_period` do
 * not count. With ready = probe it is checked from its exec on, often, until the first success,
 * which makes it ready; failures do not count then, only its start_timeout does.
 *
 * Each check is a process of its own (health_check.h), at most one a child and CHECKS_MAX in all:
 * further ones that are due wait for a place. With no such section anywhere nothing here is ever
 * due. */
#ifndef OS_HEALTH_H
#define OS_HEALTH_H

#include <stdint.h>

#include "supervisor/engine/engine.h"

struct shell;
struct health;
struct trouble;

/* capacity: rows of the engine. Takes its memory, and looks for supprobe, now. NULL with errno;
 * ENOENT: the tree has checks over the network, and supprobe is nowhere. */
struct health *health_new(struct shell *shell, uint32_t capacity, uint64_t seed);
void health_free(struct health *health);

/* A process was started, itself, not a hook. */
void health_spawned(struct health *health, struct ref ref);

/* For each ACT_REPORT, after the status table and the server have it. Never feeds the engine. */
void health_report(struct health *health, const struct action *action);

/* What its last failed check said, until the next call of this page; NULL: none has failed since
 * the last success, nor has any ended its life before this one. */
const struct trouble *health_trouble(const struct health *health, uint32_t row);

/* When health_time has something to do; INT64_MAX: not by time. */
int64_t health_deadline_ms(const struct health *health);
void health_time(struct health *health, int64_t now_ms);

#endif
