/* bytes_json.c - see bytes_json.h. */
#include "config/bytes_json.h"

#include <stdlib.h>
#include <string.h>

#include "config/text.h"

json_t *bytes_json(const char *bytes)
{
	json_t *value = json_string(bytes);
	char *copy;

	if (value)
		return value;
	copy = strdup(bytes);
	if (copy)
		text_clean(copy);
	value = copy ? json_string(copy) : NULL;
	free(copy);
	return value;
}
