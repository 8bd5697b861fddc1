/* supd_command.h - the options of supd -- COMMAND. */
#ifndef CMD_SUPD_COMMAND_H
#define CMD_SUPD_COMMAND_H

#include "supervisor/os/solo.h"

/* Each takes the value of an option. Returns NULL, or what is wrong with it: a static text that the
 * value completes. */
const char *command_rewrite(struct solo_options *options, const char *value);
const char *command_grace(struct solo_options *options, const char *value);
const char *command_expect(struct solo_options *options, const char *value);

#endif
