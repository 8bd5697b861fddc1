/* glob.c - patterns over paths. */
#include "supervisor/wire/glob.h"

#include <stddef.h>
#include <string.h>

/* The end of the set that begins at pattern[0] == '[' (its ']'), or NULL when it is not closed. */
static const char *set_end(const char *pattern)
{
	const char *p = pattern + 1;

	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']') /* first in the set, it stands for itself */
		p++;
	return strchr(p, ']');
}

static bool set_has(const char *pattern, const char *end, unsigned char c)
{
	const char *p = pattern + 1;
	bool negated = *p == '!' || *p == '^';
	bool found = false;

	if (negated)
		p++;
	while (p < end) {
		unsigned char low = (unsigned char)*p;
		unsigned char high = low;

		if (p + 2 < end && p[1] == '-') {
			high = (unsigned char)p[2];
			p += 2;
		}
		found = found || (low <= c && c <= high);
		p++;
	}
	return found != negated;
}

/* Matches one byte against the element at *pattern, and moves *pattern behind it. */
static bool match_one(const char **pattern, unsigned char c)
{
	const char *p = *pattern;
	const char *end = *p == '[' ? set_end(p) : NULL;

	if (end) {
		*pattern = end + 1;
		return set_has(p, end, c);
	}
	if (*p == '\\' && p[1]) {
		*pattern = p + 2;
		return (unsigned char)p[1] == c;
	}
	*pattern = p + 1;
	return *p == '?' || (unsigned char)*p == c;
}

bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL;   /* behind the last * met, */
	const char *resume = NULL; /* and the text that it has not swallowed yet */

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
			continue;
		}
		if (*pattern && match_one(&pattern, (unsigned char)*text)) {
			text++;
			continue;
		}
		if (!star)
			return false;
		pattern = star;
		text = ++resume;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
