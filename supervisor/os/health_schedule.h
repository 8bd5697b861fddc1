/* health_schedule.h - when the next health check of each child is due: a heap of rows, and the
 * dice.
 *
 * The first check of a child comes at a random phase of its interval, each later one an interval
 * after the one before it, varied by up to 10 %: a thousand children that were started together are
 * neither checked together at first nor do they drift into step later. Pure; knows no clock. */
#ifndef OS_HEALTH_SCHEDULE_H
#define OS_HEALTH_SCHEDULE_H

#include <stdint.h>

struct health_schedule;

/* capacity: rows, from 0. All memory is taken here. NULL: there was none. */
struct health_schedule *health_schedule_new(uint32_t capacity, uint64_t seed);
void health_schedule_free(struct health_schedule *schedule);

/* A random time from 0 up to below interval_ms; interval_ms > 0. */
int64_t health_schedule_phase(struct health_schedule *schedule, int64_t interval_ms);

/* interval_ms varied by up to 10 %, at least 1. */
int64_t health_schedule_step(struct health_schedule *schedule, int64_t interval_ms);

/* The row is due at due_ms, and at no other time; and not at all any more. */
void health_schedule_set(struct health_schedule *schedule, uint32_t row, int64_t due_ms);
void health_schedule_clear(struct health_schedule *schedule, uint32_t row);

/* When the first one is due, INT64_MAX: none is. */
int64_t health_schedule_next_ms(const struct health_schedule *schedule);

/* Takes out the row that is due first, when that is not after now_ms; UINT32_MAX: none is. */
uint32_t health_schedule_take(struct health_schedule *schedule, int64_t now_ms);

#endif
