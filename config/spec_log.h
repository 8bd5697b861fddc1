/* spec_log.h - of the check of a specification: the part about logs. */
#ifndef CONFIG_SPEC_LOG_H
#define CONFIG_SPEC_LOG_H

#include <stdbool.h>

#include "config/spec.h"

/* Is every value one that the configuration could have given? Its file is the caller's to check. */
bool spec_log_in_range(const struct log_spec *log);

#endif
