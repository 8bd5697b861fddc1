/* archive.c - names of rotated files, and which of them there are. */
#include "supervisor/log/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/log/format.h"

static const char *const endings[LOG_COMPRESS_COUNT] = {
	[LOG_COMPRESS_NONE] = "", [LOG_COMPRESS_GZIP] = ".gz", [LOG_COMPRESS_ZSTD] = ".zst"};

char *archive_suffix(
	uint64_t stamp_us, enum log_compress compress, char buf[static ARCHIVE_SUFFIX_MAX])
{
	struct civil time;

	civil_from_us((int64_t)stamp_us, &time);
	(void)snprintf(buf, ARCHIVE_SUFFIX_MAX, ".%04u%02u%02uT%02u%02u%02u.%06u%s",
		time.year % 10000u, time.month % 100u, time.day % 100u, time.hour % 100u,
		time.minute % 100u, time.second % 100u, time.us % 1000000u, endings[compress]);
	return buf;
}

/* Reads n digits. */
static bool digits(const char *text, size_t n, unsigned *ret)
{
	unsigned value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*ret = value;
	return true;
}

bool archive_parse(const char *suffix, uint64_t *ret_stamp_us, enum log_compress *ret_compress)
{
	enum { LENGTH = 23 }; /* ".20261124T133935.123456" */
	struct civil time;
	char again[ARCHIVE_SUFFIX_MAX];
	uint64_t stamp_us;

	if (strnlen(suffix, LENGTH) < LENGTH || suffix[0] != '.' || suffix[9] != 'T' ||
		suffix[16] != '.')
		return false;
	if (!digits(suffix + 1, 4, &time.year) || !digits(suffix + 5, 2, &time.month) ||
		!digits(suffix + 7, 2, &time.day) || !digits(suffix + 10, 2, &time.hour) ||
		!digits(suffix + 12, 2, &time.minute) || !digits(suffix + 14, 2, &time.second) ||
		!digits(suffix + 17, 6, &time.us))
		return false;
	if (time.month < 1 || time.month > 12 || time.year < 1970)
		return false;
	stamp_us = (uint64_t)civil_to_us(&time);
	for (unsigned i = 0; i < LOG_COMPRESS_COUNT; i++)
		if (strcmp(suffix + LENGTH, endings[i]) == 0 &&
			strcmp(archive_suffix(stamp_us, (enum log_compress)i, again), suffix) ==
				0) {
			*ret_stamp_us = stamp_us;
			*ret_compress = (enum log_compress)i;
			return true;
		}
	return false;
}

void archives_free(struct archives *archives)
{
	free(archives->stamps);
	*archives = (struct archives){0};
}

static int make_room(struct archives *archives)
{
	size_t size = archives->size ? archives->size * 2 : 16;
	uint64_t *stamps;

	if (archives->start + archives->n < archives->size)
		return 0;
	/* Half of it was taken out at the front: that is room enough. */
	if (archives->start > archives->size / 2) {
		memmove(archives->stamps, archives->stamps + archives->start,
			archives->n * sizeof(archives->stamps[0]));
		archives->start = 0;
		return 0;
	}
	stamps = reallocarray(archives->stamps, size, sizeof(stamps[0]));
	if (!stamps)
		return -ENOMEM;
	archives->stamps = stamps;
	archives->size = size;
	return 0;
}

int archives_add(struct archives *archives, uint64_t stamp_us)
{
	uint64_t *stamps;
	size_t at;

	if (make_room(archives) < 0)
		return -ENOMEM;
	stamps = archives->stamps + archives->start;
	for (at = archives->n; at > 0 && stamps[at - 1] > stamp_us; at--)
		;
	if (at > 0 && stamps[at - 1] == stamp_us)
		return 0;
	memmove(stamps + at + 1, stamps + at, (archives->n - at) * sizeof(stamps[0]));
	stamps[at] = stamp_us;
	archives->n++;
	return 0;
}

uint64_t archives_newest(const struct archives *archives)
{
	return archives->n ? archives->stamps[archives->start + archives->n - 1] : 0;
}

bool archives_excess(struct archives *archives, size_t keep, uint64_t *ret_stamp_us)
{
	if (keep == 0 || archives->n <= keep)
		return false;
	*ret_stamp_us = archives->stamps[archives->start++];
	archives->n--;
	return true;
}
