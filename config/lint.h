/* lint.h - red flags of supervision: what is valid, and still most likely a mistake. */
#ifndef CONFIG_LINT_H
#define CONFIG_LINT_H

#include "config/findings.h"
#include "config/spec.h"

/* Every rule, for the documentation. */
struct lint_rule {
	const char *name;
	const char *description; /* one line */
};
extern const struct lint_rule LINT_RULES[];
extern const size_t LINT_RULES_N;

/* Appends warnings about spec (checked) to *f. Pure: it looks at nothing but the spec; the rule
 * that looks for the commands, command-not-found, is in programs.h. */
void config_lint(const struct spec *spec, struct findings *f);

#endif
