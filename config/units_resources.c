/* units_resources.c - limits of control groups, as people write them. */
#include "config/units.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	WEIGHT_MAX = 10000,
	PIDS_MAX = 4194304, /* the kernel has no more */
	/* Microseconds: the kernel takes no others. */
	PERIOD_MIN = 1000,
	PERIOD_MAX = 1000000,
	PERIOD_DEFAULT = 100000,
	QUOTA_MIN = 1000,
	CPUS_MAX = 999, /* what is more, is microseconds */
	PART_MAX = 24,
};
static const int64_t QUOTA_MAX = INT64_C(1) << 40;

static bool is_infinity(const char *text)
{
	return strcmp(text, "infinity") == 0 || strcmp(text, "max") == 0;
}

static int parse_positive(const char *text, int64_t max, uint64_t *ret)
{
	int64_t number;
	int error = parse_number(text, 1, max, &number);

	if (error == 0)
		*ret = (uint64_t)number;
	return error;
}

static int parse_bytes(const char *text, uint64_t *ret)
{
	uint64_t bytes;
	int error = parse_size(text, &bytes);

	if (error == 0 && bytes == 0)
		error = -ERANGE;
	if (error == 0)
		*ret = bytes;
	return error;
}

/* "QUOTA PERIOD"; length: of the quota. */
static int parse_quota(
	const char *text, size_t length, uint64_t *ret_quota, uint32_t *ret_period_us)
{
	char quota[PART_MAX];
	int64_t period;
	uint64_t us = SPEC_LIMIT_INFINITY;
	int error;

	if (length >= sizeof(quota))
		return -EINVAL;
	memcpy(quota, text, length);
	quota[length] = '\0';
	error = parse_number(text + length + 1, PERIOD_MIN, PERIOD_MAX, &period);
	if (error == 0 && !is_infinity(quota))
		error = parse_positive(quota, QUOTA_MAX, &us);
	if (error < 0)
		return error;
	if (us < QUOTA_MIN)
		return -ERANGE;
	*ret_quota = us;
	*ret_period_us = (uint32_t)period;
	return 0;
}

/* A number with up to three decimals, in thousandths. */
static int parse_thousandths(const char *text, size_t length, int64_t *ret)
{
	char number[PART_MAX];

	if (length == 0 || length >= sizeof(number) || strspn(text, "0123456789.") < length)
		return -EINVAL;
	memcpy(number, text, length);
	number[length] = '\0';
	/* A duration without unit counts in seconds, and so in thousandths of them. */
	return parse_duration(number, ret);
}

static int parse_cpu_max(const char *text, uint64_t *ret_quota, uint32_t *ret_period_us)
{
	const size_t length = strlen(text);
	const size_t blank = strcspn(text, " ");
	int64_t thousandths = 0;
	uint64_t quota;
	int error;

	if (text[blank])
		return parse_quota(text, blank, ret_quota, ret_period_us);
	if (length > 0 && text[length - 1] == '%') {
		error = parse_thousandths(text, length - 1, &thousandths);
		quota = (uint64_t)thousandths * PERIOD_DEFAULT / 100 / 1000;
	} else {
		error = parse_thousandths(text, length, &thousandths);
		quota = (uint64_t)thousandths * PERIOD_DEFAULT / 1000;
		/* Else it is microseconds, as the kernel has it. */
		if (error == 0 && thousandths / 1000 > CPUS_MAX)
			error = parse_positive(text, QUOTA_MAX, &quota);
	}
	if (error == 0 && quota < QUOTA_MIN)
		error = -ERANGE;
	if (error < 0)
		return error;
	*ret_quota = quota;
	*ret_period_us = PERIOD_DEFAULT;
	return 0;
}

int parse_resource(
	const char *text, enum resource resource, uint64_t *ret_value, uint32_t *ret_period_us)
{
	const bool weight = resource == RESOURCE_CPU_WEIGHT || resource == RESOURCE_IO_WEIGHT;

	if (!weight && is_infinity(text)) {
		*ret_value = SPEC_LIMIT_INFINITY;
		if (resource == RESOURCE_CPU_MAX)
			*ret_period_us = PERIOD_DEFAULT;
		return 0;
	}
	switch (resource) {
	case RESOURCE_MEMORY_MAX:
	case RESOURCE_MEMORY_HIGH:
		return parse_bytes(text, ret_value);
	case RESOURCE_CPU_WEIGHT:
	case RESOURCE_IO_WEIGHT:
		return parse_positive(text, WEIGHT_MAX, ret_value);
	case RESOURCE_CPU_MAX:
		return parse_cpu_max(text, ret_value, ret_period_us);
	case RESOURCE_PIDS_MAX:
		return parse_positive(text, PIDS_MAX, ret_value);
	case RESOURCE_COUNT:
		break;
	}
	return -EINVAL;
}

static void format_bytes(uint64_t value, char buf[static 48])
{
	static const char SUFFIXES[] = "KMGT";
	size_t n = 0;

	for (; n < 4 && value > 0 && value % 1024 == 0; n++)
		value /= 1024;
	(void)snprintf(buf, 48, "%llu%.*s", (unsigned long long)value, n > 0 ? 1 : 0,
		n > 0 ? &SUFFIXES[n - 1] : "");
}

char *format_resource(
	const struct resources_spec *resources, enum resource resource, char buf[static 48])
{
	const uint64_t value = resources->value[resource];
	const unsigned long long number = value;

	if (value == SPEC_LIMIT_INFINITY)
		(void)snprintf(buf, 48, "infinity");
	else if (resource == RESOURCE_MEMORY_MAX || resource == RESOURCE_MEMORY_HIGH)
		format_bytes(value, buf);
	else if (resource != RESOURCE_CPU_MAX)
		(void)snprintf(buf, 48, "%llu", number);
	else if (resources->cpu_period_us == PERIOD_DEFAULT && value % 1000 == 0)
		(void)snprintf(buf, 48, "%llu%%", number / 1000);
	else
		(void)snprintf(buf, 48, "%llu %u", number, resources->cpu_period_us);
	return buf;
}
