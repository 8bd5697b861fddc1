/* escape.h - bytes inside a string of JSON. Pure. */
#ifndef LOG_ESCAPE_H
#define LOG_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the bytes of a, then of b (one text, cut anywhere), without quotes, to out, which has room
 * for six times as many. When it is not UTF-8, *ret_binary is set and each byte from 0x80 stands as
 * the character of that number. Returns the end. */
char *json_escape(
	char *out, const char *a, size_t a_n, const char *b, size_t b_n, bool *ret_binary);

#endif
