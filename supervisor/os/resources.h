/* resources.h - the section resources of a process, when the process starts and when it ends. */
#ifndef OS_RESOURCES_H
#define OS_RESOURCES_H

#include "supervisor/os/shell_internal.h"
#include "supervisor/os/spawn.h"

/* The limits that the processes of a specification ask for, as bits of enum resource. */
uint32_t resources_wanted(const struct spec *spec);

/* Puts the control group of the row into request->cgroup, with the limits of its specification;
 * the caller closes it, if >= 0. Returns 0; or -1 after a message that names key and line, with
 * *ret_failure. */
int resources_enter(
	struct shell *shell, uint32_t row, struct spawn_request *request, struct end *ret_failure);

/* Marks the end of a process that the kernel killed for want of memory (END_OOM), or that ended
 * after another of its child's was. */
void resources_note_end(struct shell *shell, uint32_t row, struct end *end);

#endif
