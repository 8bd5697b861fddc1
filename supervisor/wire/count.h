/* count.h - OTP's count_children, from the records of a supervisor's children. Pure. */
#ifndef WIRE_COUNT_H
#define WIRE_COUNT_H

#include <stdint.h>

#include <jansson.h>

#include "supervisor/status_table.h"

struct child_count {
	uint32_t specs;	 /* children, whatever their state; of a dynamic supervisor its instances */
	uint32_t active; /* that have a process or, supervisors, are up */
	uint32_t supervisors;
	uint32_t workers;
};

/* Counts one child; a record that is not used is none. */
void child_count_add(struct child_count *count, const struct status_record *record);

/* {"specs":4,"active":3,"supervisors":1,"workers":3}; NULL when memory ran out. */
json_t *child_count_json(const struct child_count *count);

#endif
