/* escape.c - bytes inside a string of JSON. */
#include "supervisor/log/escape.h"

#include <stdint.h>
#include <string.h>

#include "supervisor/log/format.h"

/* What to write behind a backslash, 'u' for a number; 0: the byte stands for itself. */
static const char escapes[256] = {
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'b',
	't',
	'n',
	'u',
	'f',
	'r',
	'u',
	'u', /* 00 - 0f */
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u',
	'u', /* 10 - 1f */
	['"'] = '"',
	['\\'] = '\\',
	[0x7f] = 'u',
};

static char *put_number(char *out, unsigned char byte)
{
	static const char HEX[] = "0123456789abcdef";

	memcpy(out, "\\u00", 4);
	out[4] = HEX[byte >> 4];
	out[5] = HEX[byte & 15];
	return out + 6;
}

/* Is there a byte that is not plain in these eight? */
static bool has_special(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101u;
	const uint64_t tops = ones * 0x80;
	uint64_t quote = word ^ (ones * '"');
	uint64_t backslash = word ^ (ones * '\\');
	uint64_t del = word ^ (ones * 0x7f);

	/* A byte below 0x20 borrows; one that is equal to what was looked for is now 0. False
	 * alarms only cost time. */
	return ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones)) &
		       tops) != 0;
}

static char *escape(char *out, const char *text, size_t n, bool binary)
{
	size_t at = 0;

	while (at < n) {
		unsigned char byte;
		uint64_t word;

		if (n - at >= sizeof(word)) {
			memcpy(&word, text + at, sizeof(word));
			if (!has_special(word)) {
				memcpy(out, &word, sizeof(word));
				out += sizeof(word);
				at += sizeof(word);
				continue;
			}
		}
		byte = (unsigned char)text[at++];
		if (escapes[byte] == 'u' || (binary && byte >= 0x80)) {
			out = put_number(out, byte);
		} else if (escapes[byte] != 0) {
			*out++ = '\\';
			*out++ = escapes[byte];
		} else {
			*out++ = (char)byte;
		}
	}
	return out;
}

static bool is_ascii(const char *text, size_t n)
{
	const uint64_t tops = 0x8080808080808080u;
	uint64_t word;
	uint64_t sum = 0;

	for (; n >= sizeof(word); n -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		sum |= word;
	}
	while (n-- > 0)
		sum |= (uint64_t)(unsigned char)text[n];
	return (sum & tops) == 0;
}

/* Where a character of UTF-8 stands: how many bytes are still to come, and which range the next of
 * them must be in (the shortest form, no surrogates, not above U+10FFFF). */
struct utf8 {
	unsigned left;
	unsigned char low;
	unsigned char high;
};

static bool utf8_begin(struct utf8 *utf8, unsigned char byte)
{
	*utf8 = (struct utf8){.low = 0x80, .high = 0xbf};
	if (byte < 0x80)
		return true;
	if (byte < 0xc2 || byte > 0xf4)
		return false;
	utf8->left = 1u + (byte >= 0xe0) + (byte >= 0xf0);
	if (byte == 0xe0)
		utf8->low = 0xa0;
	else if (byte == 0xed)
		utf8->high = 0x9f;
	else if (byte == 0xf0)
		utf8->low = 0x90;
	else if (byte == 0xf4)
		utf8->high = 0x8f;
	return true;
}

static bool utf8_go(struct utf8 *utf8, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (utf8->left == 0) {
			if (!utf8_begin(utf8, byte))
				return false;
		} else if (byte < utf8->low || byte > utf8->high) {
			return false;
		} else {
			*utf8 = (struct utf8){.left = utf8->left - 1, .low = 0x80, .high = 0xbf};
		}
	}
	return true;
}

bool is_utf8(const char *a, size_t a_n, const char *b, size_t b_n)
{
	struct utf8 utf8 = {.low = 0x80, .high = 0xbf};

	return utf8_go(&utf8, a, a_n) && utf8_go(&utf8, b, b_n) && utf8.left == 0;
}

char *json_escape(char *out, const char *a, size_t a_n, const char *b, size_t b_n, bool *ret_binary)
{
	bool binary = !(is_ascii(a, a_n) && is_ascii(b, b_n)) && !is_utf8(a, a_n, b, b_n);

	if (binary)
		*ret_binary = true;
	return escape(escape(out, a, a_n, binary), b, b_n, binary);
}
