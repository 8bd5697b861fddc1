/* supmetrics.h - what the files of supmetrics, the server of `supctl metrics --listen`, share. */
#ifndef CMD_SUPMETRICS_H
#define CMD_SUPMETRICS_H

#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_usage.h"

/* Opens a listening socket on ADDR:PORT ("127.0.0.1:9464", "[::1]:9464", "localhost:0"). Complains
 * and returns -1 when it cannot. Writes the address in full ("127.0.0.1:9464") into name. */
int listen_on(const char *where, char *name, size_t size);

/* Tells whoever started this program that it serves now, where it was asked to (sd_notify). */
void announce_ready(void);

/* The page for people. snapshot NULL: there is no supd to be seen. usage: by position. */
void page_print(struct out *out, const struct snapshot *snapshot, const struct usage *usage);

/* What /healthz says: one line, or what is wrong. */
void health_print(struct out *out, const struct snapshot *snapshot);

#endif
