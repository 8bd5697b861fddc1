/* supd_one.c - see supd_one.h. */
#include "cmd/supd_one.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_REFUSED = 3, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, LEFT_MS = 1000 };

static size_t count(char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

/* The last part of the command's name, as far as a name may be long. */
static uint32_t add_name(struct spec_builder *b, const char *command)
{
	const char *slash = strrchr(command, '/');
	char name[SPEC_NAME_MAX + 1];

	(void)snprintf(name, sizeof(name), "%s", slash ? slash + 1 : command);
	return spec_add_str(b, name[0] ? name : "command");
}

static void add_root(struct spec_builder *b)
{
	struct child_spec child = child_spec_default(KIND_SUPERVISOR);
	struct sup_spec sup = sup_spec_default();
	struct spec_node node = {.proc = SPEC_NONE, .argv = SPEC_NONE, .kind = KIND_SUPERVISOR};

	sup.auto_shutdown = AUTO_SHUTDOWN_ANY_SIGNIFICANT;
	node.name = spec_add_str(b, "command");
	node.child = spec_add_child(b, &child);
	node.sup = spec_add_sup(b, &sup);
	node.file = spec_add_str(b, "");
	(void)spec_add_node(b, SPEC_NONE, &node);
}

static void add_command(struct spec_builder *b, const struct solo_options *options)
{
	char *const *argv = options->argv;
	struct child_spec child = child_spec_default(KIND_PROCESS);
	struct proc_spec proc = proc_spec_default();
	struct spec_node node = {.sup = SPEC_NONE, .kind = KIND_PROCESS};

	child.restart = RESTART_TEMPORARY;
	child.significant = true;
	child.shutdown_ms = options->grace_ms == SPEC_INFINITY ? LEFT_MS : options->grace_ms;
	proc.environment = spec_add_strs(b, (const char *const *)environ, count(environ));
	proc.standard_input = STDIN_INHERIT;
	proc.terminal = true;
	node.name = add_name(b, argv[0]);
	node.child = spec_add_child(b, &child);
	node.proc = spec_add_proc(b, &proc);
	node.argv = spec_add_strs(b, (const char *const *)argv, count(argv));
	node.file = spec_add_str(b, "");
	(void)spec_add_node(b, SPEC_ROOT, &node);
}

struct spec *one_spec(const struct solo_options *options, int *ret_status)
{
	int error = solo_find(options->argv[0]);
	struct spec_builder *b = error ? NULL : spec_builder_new();
	struct spec *spec = NULL;
	size_t size;

	if (b) {
		add_root(b);
		add_command(b, options);
		spec_set_file(b, "");
		spec = spec_build_finish(b, &size);
		spec_builder_free(b);
	}
	if (spec)
		return spec;
	error = error ? error : ENOMEM;
	(void)fprintf(stderr, "supd: cannot run %s: %s\n", options->argv[0], strerror(error));
	*ret_status = error == ENOENT	? EXIT_NOT_FOUND
		      : error == ENOMEM ? EXIT_REFUSED
					: EXIT_NOT_EXECUTABLE;
	return NULL;
}
