/* rights.h - may the user who checks have what the processes of a specification ask for? The lint
 * rule that looks at the machine and at its own process. */
#ifndef CONFIG_RIGHTS_H
#define CONFIG_RIGHTS_H

#include "config/findings.h"
#include "config/spec.h"

/* Appends a warning [not-permitted] to *f for each user, limit, priority, CPU and port of spec
 * (checked) that could not be had as things stand. A warning and no error: supd may run as another
 * user, or elsewhere. */
void config_check_rights(const struct spec *spec, struct findings *f);

#endif
