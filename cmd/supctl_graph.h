/* supctl_graph.h - the tree as a picture. */
#ifndef CMD_SUPCTL_GRAPH_H
#define CMD_SUPCTL_GRAPH_H

#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"

enum { GRAPH_WORDS_SIZE = 160 };

/* What stands beside the name of a child: of a supervisor "one_for_all, 3 in 5s", of a process
 * "running, pid 12, up 3m04s, 2 restarts". Returns buf. */
const char *graph_words(
	const struct snapshot *snapshot, uint32_t position, char buf[static GRAPH_WORDS_SIZE]);

/* The tone of a child: that of its state, bad when it is unhealthy. */
enum tone graph_tone(const struct status_record *record);

/* Prints the tree as a self-contained SVG. Returns 0 or -ENOMEM. */
int graph_svg(struct out *out, const struct snapshot *snapshot);

#endif
