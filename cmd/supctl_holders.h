/* supctl_holders.h - which processes hold a stop up, from /proc. */
#ifndef CMD_SUPCTL_HOLDERS_H
#define CMD_SUPCTL_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/status_table.h"

enum { HOLDERS_MAX = 16, HOLDER_COMMAND_SIZE = 128 };

struct holder {
	int32_t pid;
	char command[HOLDER_COMMAND_SIZE];
};

/* The one that the record names: the child's own process, or one that outlives it. */
int32_t holder_of(const struct status_record *record);

/* The command line of a process, plain ASCII, cut to size; of one without, its name in brackets.
 * Returns false when there is no such process. */
bool holder_command(int32_t pid, char buf[static HOLDER_COMMAND_SIZE]);

/* The processes of a child: those of its process group and session, of the group of its holder, and
 * those whose environment says so, where it may be read. dir and path: the runtime directory, the
 * child. Returns how many there are; the first HOLDERS_MAX are in ret. */
size_t holders_find(const char *dir, const char *path, const struct status_record *record,
	struct holder ret[static HOLDERS_MAX]);

#endif
