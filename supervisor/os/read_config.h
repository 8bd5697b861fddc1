/* read_config.h - the configuration, read in a child process that hands back one flat spec in a
 * sealed memfd. */
#ifndef OS_READ_CONFIG_H
#define OS_READ_CONFIG_H

#include <stddef.h>

#include "config/spec.h"

enum read_config {
	READ_CONFIG_OK,
	READ_CONFIG_INVALID, /* the findings have been printed on stderr */
	READ_CONFIG_FAILED,  /* the system refused something; a message has been printed */
};

/* Reads file and prints its findings on stderr (warnings too). On READ_CONFIG_OK *ret_spec is
 * mapped read-only and checked; it stays for the life of the process. Waits for the child: for the
 * time before the loop runs. */
enum read_config read_config(const char *file, const struct spec **ret_spec);

#endif
