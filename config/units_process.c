/* units_process.c - limits, CPUs and priorities, as people write them. */
#include "config/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PART_MAX = 40, IO_LEVELS = 8, IO_LEVEL = 4 };

/* clang-format off */
/* ioprio_set(2); the place is the number of the class. */
static const char *const IO_CLASSES[] = {NULL, "realtime", "best-effort", "idle"};
enum { IO_CLASS_COUNT = 4, IO_IDLE = 3, IO_SHIFT = 13 };
/* clang-format on */

static const int64_t NUMBER_MAX[] = {
	[LIMIT_IN_NUMBER] = INT64_MAX,
	[LIMIT_IN_BYTES] = INT64_MAX,
	[LIMIT_IN_SECONDS] = INT64_MAX,
	[LIMIT_IN_MICROSECONDS] = INT64_MAX,
	[LIMIT_IN_NICE] = 40,
	[LIMIT_IN_PRIORITY] = 99,
};

/* ---- limits */

static int parse_time(const char *text, bool seconds, uint64_t *ret)
{
	int64_t ms;
	int error = parse_duration(text, &ms);

	if (error < 0)
		return error;
	/* A limit of part of a second would be one of none. */
	if (seconds && ms % 1000 != 0)
		return -EINVAL;
	*ret = seconds ? (uint64_t)ms / 1000 : (uint64_t)ms * 1000;
	return 0;
}

static int parse_one_limit(const char *text, enum limit_unit unit, uint64_t *ret)
{
	int64_t number;
	int error;

	if (strcmp(text, "infinity") == 0 || strcmp(text, "unlimited") == 0) {
		*ret = SPEC_LIMIT_INFINITY;
		return 0;
	}
	switch (unit) {
	case LIMIT_IN_BYTES:
		return parse_size(text, ret);
	case LIMIT_IN_SECONDS:
	case LIMIT_IN_MICROSECONDS:
		return parse_time(text, unit == LIMIT_IN_SECONDS, ret);
	case LIMIT_IN_NUMBER:
	case LIMIT_IN_NICE:
	case LIMIT_IN_PRIORITY:
		break;
	}
	error = parse_number(text, 0, NUMBER_MAX[unit], &number);
	if (error < 0)
		return error;
	*ret = (uint64_t)number;
	return 0;
}

int parse_limit(const char *text, enum limit_unit unit, struct spec_limit *ret)
{
	const char *colon = strchr(text, ':');
	const size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);
	struct spec_limit limit;
	char soft[PART_MAX];
	int error;

	if (length >= sizeof(soft))
		return -EINVAL;
	memcpy(soft, text, length);
	soft[length] = '\0';
	error = parse_one_limit(soft, unit, &limit.soft);
	if (error < 0)
		return error;
	limit.hard = limit.soft;
	if (colon != NULL)
		error = parse_one_limit(colon + 1, unit, &limit.hard);
	if (error < 0)
		return error;
	if (limit.soft > limit.hard)
		return -EDOM;
	*ret = limit;
	return 0;
}

static void format_one_limit(uint64_t value, enum limit_unit unit, char buf[static 32])
{
	static const char SUFFIXES[] = "KMGT";
	const uint64_t number = value;
	size_t n = 0;

	if (value == SPEC_LIMIT_INFINITY) {
		memcpy(buf, "infinity", sizeof("infinity"));
	} else if (unit == LIMIT_IN_MICROSECONDS) {
		(void)snprintf(buf, 32, "%llums", (unsigned long long)value / 1000);
	} else {
		while (unit == LIMIT_IN_BYTES && n < 3 && value > 0 && value % 1024 == 0) {
			value /= 1024;
			n++;
		}
		(void)snprintf(buf, 32, "%llu%.*s%s", (unsigned long long)value, n > 0 ? 1 : 0,
			n > 0 ? &SUFFIXES[n - 1] : "",
			unit == LIMIT_IN_SECONDS && number > 0 ? "s" : "");
	}
}

char *format_limit(const struct spec_limit *limit, enum limit_unit unit, char buf[static 80])
{
	char soft[32];
	char hard[32];

	format_one_limit(limit->soft, unit, soft);
	format_one_limit(limit->hard, unit, hard);
	(void)snprintf(buf, 80, "%s%s%s", soft, limit->soft != limit->hard ? ":" : "",
		limit->soft != limit->hard ? hard : "");
	return buf;
}

/* ---- CPUs */

/* Reads a number of a CPU and moves *text behind it. */
static int read_cpu(const char **text, unsigned *ret)
{
	unsigned value = 0;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++) {
		value = value * 10 + (unsigned)(**text - '0');
		if (value >= SPEC_CPUS_MAX)
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int parse_cpus(const char *text, uint64_t ret[static SPEC_CPUS_MAX / 64])
{
	uint64_t cpus[SPEC_CPUS_MAX / 64] = {0};
	unsigned first = 0;
	unsigned last = 0;

	for (;;) {
		int error = read_cpu(&text, &first);

		last = first;
		if (error == 0 && *text == '-') {
			text++;
			error = read_cpu(&text, &last);
		}
		if (error < 0)
			return error;
		if (last < first)
			return -EINVAL;
		for (unsigned cpu = first; cpu <= last; cpu++)
			cpus[cpu / 64] |= UINT64_C(1) << (cpu % 64);
		if (*text != ',')
			break;
		text++;
	}
	if (*text != '\0')
		return -EINVAL;
	memcpy(ret, cpus, sizeof(cpus));
	return 0;
}

static bool has_cpu(const uint64_t *cpus, unsigned cpu)
{
	return cpu < SPEC_CPUS_MAX && (cpus[cpu / 64] & (UINT64_C(1) << (cpu % 64))) != 0;
}

char *format_cpus(const uint64_t cpus[static SPEC_CPUS_MAX / 64], char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned first = 0; first < SPEC_CPUS_MAX; first++) {
		unsigned last = first;
		int n;

		if (!has_cpu(cpus, first))
			continue;
		while (has_cpu(cpus, last + 1))
			last++;
		n = snprintf(buf + used, size - used, first == last ? "%s%u" : "%s%u-%u",
			used > 0 ? "," : "", first, last);
		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
		first = last;
	}
	return buf;
}

/* ---- priorities */

int parse_io_priority(const char *text, uint32_t *ret)
{
	const size_t length = strcspn(text, ":");

	for (uint32_t i = 1; i < IO_CLASS_COUNT; i++) {
		int64_t level = i == IO_IDLE ? 0 : IO_LEVEL;
		int error = 0;

		if (strlen(IO_CLASSES[i]) != length || strncmp(text, IO_CLASSES[i], length) != 0)
			continue;
		if (text[length] == ':')
			error = i == IO_IDLE
					? -EINVAL
					: parse_number(text + length + 1, 0, IO_LEVELS - 1, &level);
		if (error < 0)
			return error;
		*ret = i << IO_SHIFT | (uint32_t)level;
		return 0;
	}
	return -EINVAL;
}

char *format_io_priority(uint32_t priority, char buf[static 32])
{
	const uint32_t class = priority >> IO_SHIFT;

	if (class == 0 || class >= IO_CLASS_COUNT)
		buf[0] = '\0';
	else if (class == IO_IDLE)
		memcpy(buf, IO_CLASSES[class], strlen(IO_CLASSES[class]) + 1);
	else
		(void)snprintf(buf, 32, "%s:%u", IO_CLASSES[class], priority & 7u);
	return buf;
}
