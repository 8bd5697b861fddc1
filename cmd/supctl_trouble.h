/* supctl_trouble.h - the failed health checks of a child, in words: what was checked, how often in
 * a row it failed, when, and what it said. */
#ifndef CMD_SUPCTL_TROUBLE_H
#define CMD_SUPCTL_TROUBLE_H

#include "cmd/supctl.h"
#include "supervisor/status_table.h"

enum { TROUBLE_SIZE = 1024 };

/* Asks supd, which alone knows, where the record of the child says that there may be something to
 * know. buf is a sentence, or empty: nothing has failed, or supd does not answer soon. */
void trouble_find(const struct request *request, const char *path,
	const struct status_record *record, char buf[static TROUBLE_SIZE]);

#endif
