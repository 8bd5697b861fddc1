/* utf8.h - is it text? Names go into JSON, messages to a terminal. */
#ifndef CONFIG_UTF8_H
#define CONFIG_UTF8_H

#include <stdbool.h>

/* Is text well-formed UTF-8? */
bool utf8_valid(const char *text);

/* Puts a '?' for each byte that is a control character or no UTF-8. */
void utf8_clean(char *text);

#endif
