/* solo_sweep.c - what the command of solo.c leaves behind: SIGTERM, and SIGKILL when the time is
 * over.
 *
 * PID 1 reaches all of its namespace with one call. Anyone else tells the process group, and the
 * orphans, which are our own children; what these have is theirs to stop, and ours when they are
 * gone. So after deaths our children are listed again: all deaths of a while for one look. The
 * kernel lists them in the order in which they became ours, so those that were told come first. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/spec.h"
#include "supervisor/os/proc_fs.h"
#include "supervisor/os/solo_internal.h"

enum {
	LEFT_MS = 1000,	   /* for what is left, when there is no grace */
	GIVE_UP_MS = 2000, /* from SIGKILL on */
	LOOK_MS = 10,	   /* and one for each hundred processes */
	LOOK_PER_MS = 100,
};

struct look {
	struct solo *solo;
	size_t at;   /* those before it in told are passed */
	size_t kept; /* those before it are alive */
};

/* Is it one of those that were told, as far as the order goes on? */
static bool was_told(struct look *look, pid_t pid)
{
	const struct solo *solo = look->solo;

	while (look->at < solo->told_n)
		if (solo->told[look->at++] == pid)
			return true;
	return false;
}

/* What has no room is told again, next time. */
static void keep(struct look *look, pid_t pid)
{
	struct solo *solo = look->solo;

	if (look->kept >= solo->told_size) {
		size_t size = solo->told_size * 2 + 64;
		pid_t *list = reallocarray(solo->told, size, sizeof(*list));

		if (!list)
			return;
		solo->told = list;
		solo->told_size = size;
	}
	solo->told[look->kept++] = pid;
}

static void see_child(void *context, pid_t pid)
{
	struct look *look = context;
	struct solo *solo = look->solo;

	if (solo->killing) {
		(void)kill(pid, SIGKILL);
		return;
	}
	if (!was_told(look, pid) && getpgid(pid) != solo->group) {
		(void)kill(pid, SIGTERM);
		(void)kill(pid, SIGCONT);
	}
	keep(look, pid);
}

static void look_at_orphans(struct solo *solo)
{
	struct look look = {.solo = solo};

	solo->look_ms = INT64_MAX;
	(void)proc_children(getpid(), see_child, &look);
	solo->told_n = look.kept;
}

void solo_sweep(struct solo *solo)
{
	pid_t all = solo->init ? -1 : -solo->group;

	solo->sweeping = true;
	if (solo->killing) {
		look_at_orphans(solo);
		return;
	}
	(void)kill(all, SIGTERM);
	(void)kill(all, SIGCONT);
	if (!solo->init)
		look_at_orphans(solo);
	if (solo->kill_ms == INT64_MAX)
		solo->kill_ms = solo_now_ms() + (solo->options->grace_ms == SPEC_INFINITY
								? LEFT_MS
								: solo->options->grace_ms);
}

void solo_sweep_again(struct solo *solo)
{
	if (!solo->init && solo->look_ms == INT64_MAX)
		solo->look_ms = solo_now_ms() + LOOK_MS + (int64_t)(solo->told_n / LOOK_PER_MS);
}

void solo_sweep_time(struct solo *solo, int64_t now_ms)
{
	if (solo->look_ms <= now_ms)
		look_at_orphans(solo);
}

void solo_kill(struct solo *solo)
{
	solo->killing = true;
	solo->give_up_ms = solo_now_ms() + GIVE_UP_MS;
	if (solo->init) {
		(void)kill(-1, SIGKILL);
		return;
	}
	(void)kill(-solo->group, SIGKILL);
	look_at_orphans(solo);
}
