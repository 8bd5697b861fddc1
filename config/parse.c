/* parse.c - a configuration file into a specification. */
#include "config/parse.h"

#include "config/build.h"
#include "config/lint.h"
#include "config/programs.h"
#include "config/reader.h"
#include "config/rights.h"
#include "config/source.h"

struct spec *config_read(const char *file, char *const *env, struct findings *f, size_t *ret_size)
{
	const struct build_request request = {.file_name = file, .env = env};
	struct reading reading = {.findings = f};
	struct source source = {0};
	struct record *record = NULL;
	struct spec *spec = NULL;

	if (source_load(&reading, file, &source))
		record = reader_run(&reading, &source);
	if (record != NULL)
		spec = config_build(&reading, record, &request, ret_size);
	else if (findings_errors(f) == 0)
		f->lost = true;
	if (spec != NULL) {
		config_lint(spec, f);
		config_find_programs(spec, f);
		config_check_rights(spec, f);
	}
	source_free(&source);
	arena_free(&reading.arena);
	findings_sort(f);
	return spec;
}
