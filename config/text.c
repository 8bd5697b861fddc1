/* text.c - is it text? */
#include "config/text.h"

#include <stddef.h>

/* How many bytes the UTF-8 character at c has; 0: it is none. */
static size_t utf8_size(const unsigned char *c)
{
	/* The first byte says how many follow, and which second byte would be a longer way to write
	 * a shorter character, a surrogate, or beyond the last. */
	static const struct {
		unsigned char first, last, low, high;
		size_t size;
	} ROWS[] = {
		{0x01, 0x7f, 0x00, 0x00, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t row = 0;

	while (row < sizeof(ROWS) / sizeof(ROWS[0]) && *c > ROWS[row].last)
		row++;
	if (row == sizeof(ROWS) / sizeof(ROWS[0]) || *c < ROWS[row].first)
		return 0;
	if (ROWS[row].size > 1 && (c[1] < ROWS[row].low || c[1] > ROWS[row].high))
		return 0;
	for (size_t i = 2; i < ROWS[row].size; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	}
	return ROWS[row].size;
}

bool text_is_utf8(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	while (*c != '\0') {
		const size_t size = utf8_size(c);
		if (size == 0)
			return false;
		c += size;
	}
	return true;
}

void text_clean(char *text)
{
	unsigned char *c = (unsigned char *)text;

	while (*c != '\0') {
		const size_t size = utf8_size(c);
		if (size == 0 || *c < 0x20 || *c == 0x7f)
			*c++ = '?';
		else
			c += size;
	}
}
