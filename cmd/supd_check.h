/* supd_check.h - supd --check and supd --print-config. */
#ifndef CMD_SUPD_CHECK_H
#define CMD_SUPD_CHECK_H

#include <stdbool.h>

/* Reads file in this very process, prints its findings (stdout for --check, stderr when the tree is
 * printed), and with print the tree as JSON. Returns supd's exit status: 0 valid, 2 not. */
int supd_check(const char *file, bool print);

#endif
