/* reap.c - waitid(P_ALL), a table from pid to row, and the groups that linger.
 *
 * No descriptor a child: ten thousand children need none. A process is reaped first and its group
 * looked at then: as long as the group has members the kernel gives its number to nobody else, and
 * if it has none, kill(2) says ESRCH.
 *
 * waitid(P_ALL) walks all children to find one that is dead, waitid(P_PID) goes straight to it. A
 * SIGCHLD names one pid and may stand for many. So with many children the named one is taken at
 * once, and the walk for others comes a little later, once for all that died meanwhile: else the
 * stop of N children, one by one, would cost N walks over N.
 *
 * A lingering group's members are mostly our own children by then (init, or child subreaper), so
 * their deaths wake us; for one whose parent lives elsewhere the group is looked at again after a
 * while, ever less often. */
#include "supervisor/os/reap.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum {
	BATCH = 256,
	POLL_FIRST_MS = 20,
	POLL_MAX_MS = 500,
	WALK_AT_ONCE =
		512, /* with so many children the walk costs little more than a system call */
	WALK_CHILDREN_MS = 1000, /* else it waits a millisecond for each thousand of them */
};

struct proc {
	pid_t pid; /* 0: none */
	uint32_t generation;
	uint32_t next_linger; /* row; only while lingering */
	bool leader;	      /* not reaped yet */
};

struct reaper {
	reap_dying *dying;
	reap_exited *exited;
	reap_gone *gone;
	reap_other *other;
	void *context;
	struct proc *proc; /* by row */
	uint32_t *slot;	   /* pid -> row: open addressing, linear probing, at most half full */
	uint32_t mask;
	uint32_t linger; /* first row whose group outlives its leader */
	int64_t poll_ms;
	int64_t poll_step_ms;
	int64_t walk_ms; /* the walk is due; INT64_MAX: not */
	uint32_t n;	 /* rows with a process */
	uint64_t orphans;
};

struct reaper *reaper_new(uint32_t capacity, reap_dying *dying, reap_exited *exited,
	reap_gone *gone, reap_other *other, void *context)
{
	struct reaper *r = calloc(1, sizeof(*r));
	uint32_t slots = 16;

	if (!r)
		return NULL;
	while (slots < capacity * 2)
		slots *= 2;
	r->proc = calloc(capacity, sizeof(*r->proc));
	r->slot = calloc(slots, sizeof(*r->slot));
	if (!r->proc || !r->slot) {
		reaper_free(r);
		return NULL;
	}
	for (uint32_t i = 0; i < slots; i++)
		r->slot[i] = ENGINE_NONE;
	r->mask = slots - 1;
	r->linger = ENGINE_NONE;
	r->poll_ms = r->walk_ms = INT64_MAX;
	r->dying = dying;
	r->exited = exited;
	r->gone = gone;
	r->other = other;
	r->context = context;
	return r;
}

void reaper_free(struct reaper *reaper)
{
	if (!reaper)
		return;
	free(reaper->proc);
	free(reaper->slot);
	free(reaper);
}

/* ---- the table */

static uint32_t home(const struct reaper *r, pid_t pid)
{
	return ((uint32_t)pid * 2654435769u >> 7) & r->mask;
}

uint32_t reaper_find(const struct reaper *r, pid_t pid)
{
	for (uint32_t i = home(r, pid); r->slot[i] != ENGINE_NONE; i = (i + 1) & r->mask)
		if (r->proc[r->slot[i]].pid == pid)
			return r->slot[i];
	return ENGINE_NONE;
}

static void forget(struct reaper *r, uint32_t row)
{
	uint32_t hole = home(r, r->proc[row].pid);

	while (r->slot[hole] != row)
		hole = (hole + 1) & r->mask;
	/* Close the hole: move back whatever could no longer be found across it. */
	for (uint32_t i = (hole + 1) & r->mask; r->slot[i] != ENGINE_NONE; i = (i + 1) & r->mask) {
		uint32_t wish = home(r, r->proc[r->slot[i]].pid);

		if (((i - wish) & r->mask) < ((i - hole) & r->mask))
			continue;
		r->slot[hole] = r->slot[i];
		hole = i;
	}
	r->slot[hole] = ENGINE_NONE;
	r->proc[row].pid = 0;
	r->n--;
}

void reaper_add(struct reaper *reaper, struct ref ref, pid_t pid)
{
	uint32_t i = home(reaper, pid);

	assert(reaper->proc[ref.index].pid == 0);
	reaper->proc[ref.index] =
		(struct proc){.pid = pid, .generation = ref.generation, .leader = true};
	while (reaper->slot[i] != ENGINE_NONE)
		i = (i + 1) & reaper->mask;
	reaper->slot[i] = ref.index;
	reaper->n++;
}

pid_t reaper_pid(const struct reaper *reaper, uint32_t index)
{
	return reaper->proc[index].pid;
}

int reaper_signal(const struct reaper *reaper, struct ref ref, int signal)
{
	const struct proc *proc = &reaper->proc[ref.index];

	if (proc->pid == 0 || proc->generation != ref.generation)
		return -ESRCH;
	return kill(-proc->pid, signal) < 0 ? -errno : 0;
}

/* ---- groups that linger */

static bool group_is_empty(const struct proc *proc)
{
	return kill(-proc->pid, 0) < 0 && errno == ESRCH;
}

static void check_lingering(struct reaper *r)
{
	uint32_t *at = &r->linger;

	while (*at != ENGINE_NONE) {
		uint32_t row = *at;
		struct proc *proc = &r->proc[row];
		struct ref ref = {row, proc->generation};

		if (!group_is_empty(proc)) {
			at = &proc->next_linger;
			continue;
		}
		*at = proc->next_linger;
		forget(r, row);
		r->gone(r->context, ref);
	}
	if (r->linger == ENGINE_NONE)
		r->poll_ms = INT64_MAX;
}

int64_t reaper_deadline_ms(const struct reaper *reaper)
{
	return reaper->poll_ms < reaper->walk_ms ? reaper->poll_ms : reaper->walk_ms;
}

static void poll_lingering(struct reaper *reaper, int64_t now_ms)
{
	if (reaper->linger == ENGINE_NONE)
		return;
	if (reaper->poll_ms == INT64_MAX) {
		reaper->poll_step_ms = POLL_FIRST_MS;
	} else if (now_ms < reaper->poll_ms) {
		return;
	} else {
		check_lingering(reaper);
		if (reaper->linger == ENGINE_NONE)
			return;
		reaper->poll_step_ms *= 2;
		if (reaper->poll_step_ms > POLL_MAX_MS)
			reaper->poll_step_ms = POLL_MAX_MS;
	}
	reaper->poll_ms = now_ms + reaper->poll_step_ms;
}

/* ---- reaping */

static struct end end_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (struct end){.kind = END_EXITED, .value = info->si_status & 255};
	return (struct end){.kind = END_SIGNALED, .value = info->si_status};
}

static void reaped(struct reaper *r, uint32_t row, struct end end)
{
	struct proc *proc = &r->proc[row];
	struct ref ref = {row, proc->generation};
	bool gone;

	r->dying(r->context, ref);
	gone = group_is_empty(proc);
	proc->leader = false;
	if (gone) {
		forget(r, row);
	} else {
		proc->next_linger = r->linger;
		r->linger = row;
	}
	r->exited(r->context, ref, end, gone);
}

/* One process that waitid found. Returns true when it was an orphan. */
static bool take(struct reaper *r, const siginfo_t *info)
{
	uint32_t row = reaper_find(r, info->si_pid);

	if (row != ENGINE_NONE && r->proc[row].leader) {
		reaped(r, row, end_of(info));
		return false;
	}
	if (r->other(r->context, info->si_pid, end_of(info)))
		return false;
	r->orphans++;
	return true;
}

bool reaper_run(struct reaper *reaper)
{
	bool orphans = false;
	int n;

	reaper->walk_ms = INT64_MAX;
	for (n = 0; n < BATCH; n++) {
		siginfo_t info = {0};

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
			break;
		orphans |= take(reaper, &info);
	}
	if (orphans)
		check_lingering(reaper);
	return n == BATCH;
}

bool reaper_told(struct reaper *reaper, pid_t pid, int64_t now_ms)
{
	siginfo_t info = {0};

	if (reaper->n <= WALK_AT_ONCE)
		return reaper_run(reaper);
	if (reaper->walk_ms == INT64_MAX)
		reaper->walk_ms = now_ms + 1 + reaper->n / WALK_CHILDREN_MS;
	if (pid <= 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return false;
	if (take(reaper, &info))
		check_lingering(reaper);
	return false;
}

bool reaper_time(struct reaper *reaper, int64_t now_ms)
{
	bool more = reaper->walk_ms <= now_ms && reaper_run(reaper);

	poll_lingering(reaper, now_ms);
	return more;
}

uint64_t reaper_orphans(const struct reaper *reaper)
{
	return reaper->orphans;
}
