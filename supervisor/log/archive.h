/* archive.h - names of rotated files, and which of them there are. Pure.
 *
 * FILE becomes FILE.20261124T133935.123456, the time of its rotation in UTC with microseconds, so
 * that the order of names is the order of time, and rotation costs one rename whatever their
 * number. A compressed one has .gz or .zst behind that. */
#ifndef LOG_ARCHIVE_H
#define LOG_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/wire/log_message.h"

enum { ARCHIVE_SUFFIX_MAX = 32 };

/* ".20261124T133935.123456", and behind it what compression adds. Returns buf. */
char *archive_suffix(
	uint64_t stamp_us, enum log_compress compress, char buf[static ARCHIVE_SUFFIX_MAX]);

/* Reads what archive_suffix wrote. */
bool archive_parse(const char *suffix, uint64_t *ret_stamp_us, enum log_compress *ret_compress);

/* The archives of one file, oldest first. */
struct archives {
	uint64_t *stamps; /* malloc */
	size_t start;
	size_t n;
	size_t size;
};

void archives_free(struct archives *archives);
/* Adds one that is not there yet, at its place. Returns 0 or -ENOMEM. */
int archives_add(struct archives *archives, uint64_t stamp_us);
/* The newest; 0: there is none. */
uint64_t archives_newest(const struct archives *archives);
/* Takes the oldest out when there are more than keep (0: any number). */
bool archives_excess(struct archives *archives, size_t keep, uint64_t *ret_stamp_us);

#endif
