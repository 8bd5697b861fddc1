/* bytes_json.h - bytes of any kind as JSON. Pure. */
#ifndef CONFIG_BYTES_JSON_H
#define CONFIG_BYTES_JSON_H

#include <jansson.h>

/* Text in JSON is UTF-8; the bytes of a command or a variable may be anything, and what is none
 * shows as '?'. A new reference, or NULL when memory ran out. */
json_t *bytes_json(const char *bytes);

#endif
