/* glob.h - patterns over paths: * any text, ? any one byte, [a-z] [!a-z] a set, \ the next as it
 * is.
 *
 * fnmatch(3) without flags, but iterative and at worst text x pattern steps: a pattern comes from a
 * client, and fnmatch takes exponential time on some. * and ? match '/' too, so "web" followed by a
 * slash and * is everything below web. Pure. */
#ifndef WIRE_GLOB_H
#define WIRE_GLOB_H

#include <stdbool.h>

/* Does the whole of text match? A set that is not closed stands for a plain '['. */
bool glob_match(const char *pattern, const char *text);

#endif
