/* text.h - is it text? Names go into JSON, messages to a terminal. */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <stdbool.h>

/* Is text well-formed UTF-8? */
bool text_is_utf8(const char *text);

/* Puts a '?' for each byte that is a control character or no UTF-8. */
void text_clean(char *text);

#endif
