/* sinks.h - programs that get every event, a line of JSON each, on their standard input.
 *
 * Each is one process of supd's own, outside of the tree, started again when it ends. It reads the
 * history at its own pace; nobody waits for it, and what it has not read before it leaves the
 * history is lost, which it is told. A statsd server is fed by the program supsink: supd itself
 * sends nothing to a network. */
#ifndef OS_SINKS_H
#define OS_SINKS_H

#include <stdint.h>

struct shell;
struct sinks;

/* The sinks of the shell's specification; none has started yet. NULL with errno: ENOENT when there
 * is no supsink though one needs it; 0 when there are no sinks: the functions take NULL. */
struct sinks *sinks_new(struct shell *shell);

/* What can be written still is, their input ends, and they have a second to end; then SIGKILL. */
void sinks_free(struct sinks *sinks);

/* Gives each sink what it has not had. To be called at the end of a turn of the loop. */
void sinks_feed(struct sinks *sinks);

/* When the next one is to be started (INT64_MAX: none), and starting those that are due. */
int64_t sinks_deadline_ms(const struct sinks *sinks);
void sinks_time(struct sinks *sinks, int64_t now_ms);

#endif
