/* shell_children.h - what becomes of processes, told to the engine: that they run or could not be
 * started, that they exited, that nothing of them is left. The order is that of what happened: a
 * spawn comes before what the process did since. */
#ifndef OS_SHELL_CHILDREN_H
#define OS_SHELL_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>

struct shell;

/* Makes the reaper, the results of spawns, and what looks for strays. Returns false when there is
 * no memory; what was made stays the shell's. */
bool shell_children_open(struct shell *shell, uint32_t capacity, const char *dir);

/* Tells the results of spawns that are there now; what they lead to has its turn after the other
 * events. */
void shell_children_feed(struct shell *shell);

#endif
