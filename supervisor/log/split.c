/* split.c - bytes of a stream into lines. */
#include "supervisor/log/split.h"

#include <assert.h>
#include <string.h>

/* How many of the first whole lines of data are not longer than max_line, in bytes. Looks only at
 * every max_line bytes, not at every line. */
static size_t fitting_lines(const char *data, size_t n, size_t max_line)
{
	size_t at = 0;

	while (at < n) {
		size_t window = n - at < max_line + 1 ? n - at : max_line + 1;
		const char *newline = memrchr(data + at, '\n', window);

		if (!newline)
			break;
		at = (size_t)(newline - data) + 1;
	}
	return at;
}

/* Where to cut a line that is too long, at most at: not within a character of UTF-8. */
static size_t cut_at(const char *data, size_t at)
{
	size_t back = at;

	while (back > 0 && at - back < 3 && ((unsigned char)data[back] & 0xc0) == 0x80)
		back--;
	return back > 0 && ((unsigned char)data[back] & 0xc0) == 0xc0 ? back : at;
}

/* Takes one line or part of one: the carry and n bytes of data, and skip more that are its newline.
 */
static bool take(struct split *split, size_t n, size_t skip, bool more, struct span *ret)
{
	*ret = (struct span){.a = split->carry,
		.a_n = split->carry_n,
		.b = split->data,
		.b_n = n,
		.continued = split->continued,
		.more = more};
	split->carry_n = 0;
	split->data += n + skip;
	split->n -= n + skip;
	split->continued = more;
	return true;
}

bool split_next(struct split *split, struct span *ret)
{
	size_t room = split->max_line - split->carry_n; /* bytes that the line under way may take */
	size_t window = split->n < room + 1 ? split->n : room + 1;
	const char *newline;
	size_t whole;

	assert(split->carry_n <= split->max_line);
	if (split->n == 0 && (!split->flush || split->carry_n == 0))
		return false;
	if (split->carry_n == 0 && !split->continued) {
		whole = fitting_lines(split->data, split->n, split->max_line);
		if (whole > 0) {
			*ret = (struct span){.a = split->data, .a_n = whole, .many = true};
			split->data += whole;
			split->n -= whole;
			return true;
		}
	}
	newline = split->n ? memchr(split->data, '\n', window) : NULL;
	if (newline)
		return take(split, (size_t)(newline - split->data), 1, false, ret);
	if (split->n > room)
		return take(split, cut_at(split->data, room), 0, true, ret);
	if (split->flush)
		return take(split, split->n, 0, false, ret);
	return false;
}

/* Sixteen bytes at a time, in sums that cannot overflow within a block. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

size_t count_lines(const char *bytes, size_t n)
{
	size_t count = 0;

	while (n >= 16) {
		size_t rounds = n / 16 < 255 ? n / 16 : 255;
		sixteen sums = {0};

		for (size_t i = 0; i < rounds; i++, bytes += 16) {
			sixteen block;

			memcpy(&block, bytes, 16);
			sums -= (sixteen)(block == '\n');
		}
		for (int i = 0; i < 16; i++)
			count += sums[i];
		n -= rounds * 16;
	}
	while (n-- > 0)
		count += *bytes++ == '\n';
	return count;
}
