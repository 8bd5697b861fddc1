/* specifiers.c - see specifiers.h. */
#include "config/specifiers.h"

#include <errno.h>
#include <string.h>

/* What %c stands for; NULL: nothing. */
static const char *meaning(const struct specifiers *s, char c)
{
	switch (c) {
	case 'n':
		return s->name;
	case 'p':
		return s->path;
	case 'i':
		return s->index;
	case '%':
		return "%";
	default:
		return NULL;
	}
}

int64_t specifiers_expand(
	const char *word, const struct specifiers *s, char *buf, size_t size, char *ret_bad)
{
	size_t at = 0;

	for (; *word; word++) {
		char one[2] = {*word, '\0'};
		const char *text = one;
		size_t len;

		if (*word == '%') {
			text = meaning(s, *++word);
			if (!text) {
				if (ret_bad)
					*ret_bad = *word;
				return -EINVAL;
			}
		}
		len = strlen(text);
		if (at + len < size)
			memcpy(buf + at, text, len);
		at += len;
	}
	if (at < size)
		buf[at] = '\0';
	return (int64_t)at;
}
