/* programs.h - are the commands of a specification there? The one lint rule that looks at the
 * file system. */
#ifndef CONFIG_PROGRAMS_H
#define CONFIG_PROGRAMS_H

#include "config/findings.h"
#include "config/spec.h"

/* Appends a warning [command-not-found] to *f for each command of spec (checked) that the exec
 * would not find as things stand: a warning and no error, since the program may come later. */
void config_find_programs(const struct spec *spec, struct findings *f);

#endif
