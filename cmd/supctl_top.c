/* supctl_top.c - top: a full-screen view, in a program of its own. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_helper.h"
#include "cmd/supctl_output.h"

int verb_top(const struct request *request)
{
	char *self = helper_self();
	int status;

	if (request->flags & FLAG_JSON || isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
		complain("top needs a terminal; `supctl status --json` is for programs, `supctl "
			 "status --watch` for a pipe");
		free(self);
		return SUPCTL_USAGE;
	}
	status = helper_exec(
		"suptop", (const char *[]){NULL, self ? self : "supctl", request->dir, NULL});
	free(self);
	return status;
}
