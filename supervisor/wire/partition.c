/* partition.c - see partition.h. */
#include "supervisor/wire/partition.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *digits_of(const char *key)
{
	return *key == '-' || *key == '+' ? key + 1 : key;
}

static bool is_whole_number(const char *key)
{
	const char *digits = digits_of(key);

	return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* Digit by digit, so that no number is too long. */
static uint32_t remainder_of(const char *key, uint32_t n)
{
	uint64_t value = 0;

	for (const char *c = digits_of(key); *c; c++)
		value = (value * 10 + (uint64_t)(*c - '0')) % n;
	return (uint32_t)(*key == '-' && value ? n - value : value);
}

static uint64_t fnv1a(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		hash = (hash ^ *c) * 1099511628211u;
	return hash;
}

uint32_t partition_of(const char *key, uint32_t n)
{
	assert(n > 0);
	if (is_whole_number(key))
		return remainder_of(key, n);
	return (uint32_t)(fnv1a(key) % n);
}

bool partition_is(const char *name, uint32_t index)
{
	const char *dot = strrchr(name, '.');
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", index);
	return dot && strcmp(dot + 1, number) == 0;
}
