/* suplog.c - the logger: pipes in, lines out, rotation.
 *
 *     COMMAND | suplog -f FILE      on its own, as s6-log or multilog
 *     suplog --supd                 for all children of a supd, which starts it so
 *
 * It shares nothing with supd but descriptors: a socket on which it is told what there is to read,
 * and memory and pipes that outlive it (supervisor/log/journal.h). */
#include <stdlib.h>
#include <string.h>

#include "cmd/suplog.h"

enum { EXIT_REFUSED = 3, EXIT_LOST = 1, EXIT_AGAIN = 4 };

int main(int argc, char **argv)
{
	static struct suplog s;
	const char *what;
	int rc;

	options_read(argc, argv, &s.options);
	rc = suplog_start(&s, &what);
	if (rc == 0)
		rc = guard_drop(&s, &what);
	if (rc < 0) {
		say("cannot %s: %s", what, strerror(-rc));
		return EXIT_REFUSED;
	}
	loop_run(&s);
	if (suplog_close(&s) && !s.options.supd)
		return EXIT_LOST;
	return s.again ? EXIT_AGAIN : EXIT_SUCCESS;
}
