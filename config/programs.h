/* programs.h - are the commands and directories of a specification there? The lint rules that look
 * at the file system. */
#ifndef CONFIG_PROGRAMS_H
#define CONFIG_PROGRAMS_H

#include "config/findings.h"
#include "config/spec.h"

/* Appends a warning [command-not-found] to *f for each command of spec (checked) that the exec
 * would not find as things stand, and a warning [directory-not-found] for each directory that is
 * not there: warnings and no errors, since they may come later. */
void config_find_programs(const struct spec *spec, struct findings *f);

#endif
