/* supctl_health.h - what is not as it should be, for `health` and `wait --for healthy`. */
#ifndef CMD_SUPCTL_HEALTH_H
#define CMD_SUPCTL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/supctl_snapshot.h"

/* Is the node at this position not as it should be? A process that should run is running, ready,
 * and healthy where it has a health check; one that an operator stopped, or that has finished, need
 * not run, nor what is below a supervisor that does not. A supervisor is up, and has not given up.
 */
bool health_is_wrong(const struct snapshot *snapshot, uint32_t position);

enum { HEALTH_WORDS_SIZE = 192 };

/* What is not as it should be there: "backoff (exit 1), again in 3s". */
const char *health_wrong_words(
	const struct snapshot *snapshot, uint32_t position, char buf[static HEALTH_WORDS_SIZE]);

/* Is nothing wrong at this position and below? */
bool health_is_well(const struct snapshot *snapshot, uint32_t position);

#endif
