/* supd_check.c - see supd_check.h. */
#include "cmd/supd_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/parse.h"
#include "config/print.h"

static void print_summary(const char *file, size_t children, size_t warnings)
{
	printf("%s: valid, %zu %s, %zu %s\n", file, children, children == 1 ? "child" : "children",
		warnings, warnings == 1 ? "warning" : "warnings");
}

int supd_check(const char *file, bool print)
{
	struct findings findings = {0};
	size_t size = 0;
	struct spec *spec = config_read(file, environ, &findings, &size);
	int status = spec ? 0 : 2;

	findings_print(print ? stderr : stdout, &findings);
	if (!print && spec)
		print_summary(file, spec->nodes - 1, findings_warnings(&findings));
	if (print && spec)
		status = config_print(stdout, spec) < 0 ? 1 : 0;
	findings_free(&findings);
	free(spec);
	return fflush(stdout) == 0 ? status : 1;
}
