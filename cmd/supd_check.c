/* supd_check.c - see supd_check.h. */
#include "cmd/supd_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/supd_sandbox.h"
#include "config/parse.h"
#include "config/print.h"
#include "supervisor/os/cgroup.h"

static void print_summary(const char *file, size_t children, size_t warnings)
{
	printf("%s: valid, %zu %s, %zu %s\n", file, children, children == 1 ? "child" : "children",
		warnings, warnings == 1 ? "warning" : "warnings");
}

/* What this machine, and whoever checks, could not limit. */
static void check_resources(const struct spec *spec, struct findings *f)
{
	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *node = spec_node(spec, i);
		const struct resources_spec *limits = node->kind == KIND_PROCESS && !node->repeat
							      ? spec_resources(spec, i)
							      : NULL;

		for (unsigned r = 0; limits && r < RESOURCE_COUNT; r++) {
			const char *why =
				limits->set & (1u << r) ? cgroups_refusal((enum resource)r) : NULL;

			if (why)
				findings_warning(f,
					(struct place){spec_str(spec, node->file),
						node->line + limits->line[r]},
					"not-permitted", "%s could not be had by a supd here: %s",
					spec_resource_name(r), why);
		}
	}
}

int supd_check(const char *file, bool print)
{
	struct findings findings = {0};
	size_t size = 0;
	struct spec *spec = config_read(file, environ, &findings, &size);
	int status = spec ? 0 : 2;

	if (spec)
		check_resources(spec, &findings);
	if (spec && !print)
		sandbox_check(spec, &findings);
	findings_sort(&findings);
	findings_print(print ? stderr : stdout, &findings);
	if (!print && spec && sandbox_is_used(spec))
		sandbox_print_keys(stdout);
	if (!print && spec)
		print_summary(file, spec->nodes - 1, findings_warnings(&findings));
	if (print && spec)
		status = config_print(stdout, spec) < 0 ? 1 : 0;
	findings_free(&findings);
	free(spec);
	return fflush(stdout) == 0 ? status : 1;
}
