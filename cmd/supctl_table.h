/* supctl_table.h - a snapshot as a tree-shaped table. */
#ifndef CMD_SUPCTL_TABLE_H
#define CMD_SUPCTL_TABLE_H

#include <stdbool.h>

#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"

/* Prints the nodes that are chosen (one bool a node; a chosen node's subtree is chosen too), at
 * most max_lines lines (0 = all), each ended by line_end. The topmost of a chosen subtree shows its
 * path, what is below it its name. */
void table_print(struct out *out, const struct snapshot *snapshot, const bool *chosen,
	unsigned max_lines, const char *line_end);

#endif
