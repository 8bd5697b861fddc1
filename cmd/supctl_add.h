/* supctl_add.h - what start-child and run share: the words of a command, and refusals. */
#ifndef CMD_SUPCTL_ADD_H
#define CMD_SUPCTL_ADD_H

#include <jansson.h>
#include <stddef.h>

#include "cmd/supctl.h"
#include "supervisor/wire/client.h"

/* Adds a list of words under key to the parameters of a call; n == 0: nothing is added. Consumes
 * parameters; returns them, or NULL after a complaint. */
json_t *with_words(json_t *parameters, const char *key, const char *const *words, size_t n);

/* The same with one text; NULL: nothing is added. */
json_t *with_text(json_t *parameters, const char *key, const char *text);

/* Says that supd refused a child below sup. Returns the exit status that follows. */
int complain_not_added(
	const struct request *request, const char *sup, const struct client_reply *reply);

#endif
