/* reader.h - libconfuse: the ready text (source.h) read into records. */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "config/keys.h"
#include "config/scan.h"
#include "config/source.h"

/* Reads source. Returns the record of the file, whose children are the supervisors at its top, or
 * NULL when memory ran out or libconfuse saw something else than source_load did (then a finding
 * says so). Not for two threads at once: libconfuse's scanner is one for the program. */
struct record *reader_run(struct reading *r, const struct source *source);

/* The value of a word or string as libconfuse reads it: escapes and ${VAR}. */
const char *reader_string(struct reading *r, const struct token *token);

#endif
