/* supctl_import_procfile.c - a Procfile, as foreman and its kin run it, becomes a tree. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supctl_import.h"
#include "cmd/supctl_output.h"

enum { PORT_FIRST = 5000, PORT_STEP = 100 };

/* foreman hands the line to a shell: "$PORT" and "a && b" are usual. */
static int write_process(struct out *out, const char *name, const char *command, unsigned number)
{
	const size_t size = strlen(command) * 4 + 32;
	char *line = malloc(size);
	char *to = line;
	char *quoted;
	char child[64];

	if (!line)
		return -ENOMEM;
	to = stpcpy(to, "/bin/sh -c '");
	for (; *command; command++)
		if (*command == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *command;
	(void)stpcpy(to, "'");
	quoted = import_quote(NULL, line, IMPORT_SPECIFIERS);
	free(line);
	if (!quoted)
		return -ENOMEM;
	import_name(name, child);
	out_printf(out, "\tprocess \"%s\" {\n\t\tcommand = %s\n", child, quoted);
	out_printf(out, "\t\tenvironment = {\"PORT=%u\"}\n", PORT_FIRST + PORT_STEP * number);
	out_text(out, "\t\tenvironment_file = \"-.env\"\n\t}\n");
	free(quoted);
	return 0;
}

static int write_line(
	struct out *out, char *line, const char *file, unsigned at, unsigned *ret_number)
{
	char *colon = strchr(line, ':');
	char *command;
	int error;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	if (!colon || strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-") != (size_t)(colon - line)) {
		complain("%s:%u: this is no NAME: COMMAND", file, at);
		return -EINVAL;
	}
	*colon = '\0';
	command = colon + 1;
	command += strspn(command, " \t");
	if (!*command) {
		complain("%s:%u: %s has no command", file, at, line);
		return -EINVAL;
	}
	error = write_process(out, line, command, (*ret_number)++);
	if (error < 0)
		complain("out of memory");
	return error;
}

int import_procfile(struct out *out, char *text, const char *file)
{
	unsigned at = 0;
	unsigned number = 0;

	out_text(out,
		"# Made of a Procfile. A shell runs each command, as foreman does; `exec` in "
		"front of a\n# simple command saves that shell. PORT is counted up in steps of "
		"100.\n"
		"# foreman: when one ends, all are stopped. Here each is restarted; for the old "
		"way set\n# strategy = one_for_all and max_restarts = 0.\n\n"
		"supervisor \"root\" {\n");
	while (text) {
		char *line = strsep(&text, "\n");
		size_t n = strlen(line);
		int error;

		while (n > 0 && isspace((unsigned char)line[n - 1]))
			line[--n] = '\0';
		error = write_line(out, line, file, ++at, &number);
		if (error < 0)
			return error;
	}
	out_text(out, "}\n");
	if (number > 0)
		return 0;
	complain("%s names no process", file);
	return -EINVAL;
}
