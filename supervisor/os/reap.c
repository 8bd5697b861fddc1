/* reap.c - waitid(P_ALL), and a table from pid to row.
 *
 * No descriptor a child: ten thousand children need none. A process is reaped first and its group
 * looked at then: as long as the group has members the kernel gives its number to nobody else, and
 * if it has none, kill(2) says ESRCH.
 *
 * waitid(P_ALL) walks all children to find one that is dead, waitid(P_PID) goes straight to it. A
 * SIGCHLD names one pid and may stand for many. So with many children the named one is taken at
 * once, and the walk for others comes a little later, once for all that died meanwhile: else the
 * stop of N children, one by one, would cost N walks over N. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/reap_internal.h"
#include "supervisor/os/strays.h"

enum {
	BATCH = 256,
	WALK_AT_ONCE =
		512, /* with so many children the walk costs little more than a system call */
	WALK_CHILDREN_MS = 1000, /* else it waits a millisecond for each thousand of them */
};

struct reaper *reaper_new(
	uint32_t capacity, reap_dying *dying, reap_exited *exited, reap_gone *gone, void *context)
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
	r->capacity = capacity;
	r->linger = ENGINE_NONE;
	r->poll_ms = r->walk_ms = INT64_MAX;
	r->dying = dying;
	r->exited = exited;
	r->gone = gone;
	r->context = context;
	return r;
}

void reaper_free(struct reaper *reaper)
{
	if (!reaper)
		return;
	for (uint32_t i = 0; reaper->n > 0 && i < reaper->capacity; i++)
		main_drop(reaper, &reaper->proc[i]);
	free(reaper->proc);
	free(reaper->slot);
	free(reaper);
}

void reaper_set_strays(struct reaper *reaper, struct strays *strays, reap_held *held)
{
	reaper->strays = strays;
	reaper->held = held;
}

void reaper_set_loop(struct reaper *reaper, struct loop *loop)
{
	reaper->loop = loop;
}

/* ---- the table */

static uint32_t home(const struct reaper *r, pid_t pid)
{
	return ((uint32_t)pid * 2654435769u >> 7) & r->mask;
}

uint32_t reap_find_slot(const struct reaper *r, pid_t pid)
{
	for (uint32_t i = home(r, pid); r->slot[i] != ENGINE_NONE; i = (i + 1) & r->mask)
		if (r->proc[r->slot[i]].pid == pid)
			return r->slot[i];
	return ENGINE_NONE;
}

uint32_t reaper_find(const struct reaper *reaper, pid_t pid)
{
	uint32_t row = reap_find_slot(reaper, pid);

	return row == ENGINE_NONE ? main_find(reaper, pid) : row;
}

static void leave_slot(struct reaper *r, uint32_t row)
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
}

static void enter_slot(struct reaper *r, uint32_t row)
{
	uint32_t i = home(r, r->proc[row].pid);

	while (r->slot[i] != ENGINE_NONE)
		i = (i + 1) & r->mask;
	r->slot[i] = row;
}

void reap_move(struct reaper *r, uint32_t row, pid_t group)
{
	leave_slot(r, row);
	r->proc[row].pid = group;
	enter_slot(r, row);
}

void reap_forget(struct reaper *r, uint32_t row)
{
	leave_slot(r, row);
	main_drop(r, &r->proc[row]);
	r->proc[row].pid = 0;
	if (r->strays)
		strays_gone(r->strays, row);
	r->n--;
}

void reaper_add(struct reaper *reaper, struct ref ref, pid_t pid)
{
	assert(reaper->proc[ref.index].pid == 0);
	reaper->proc[ref.index] =
		(struct proc){.pid = pid, .generation = ref.generation, .leader = true};
	enter_slot(reaper, ref.index);
	reaper->n++;
}

pid_t reaper_pid(const struct reaper *reaper, uint32_t index)
{
	const struct proc *proc = &reaper->proc[index];

	return proc->main ? proc->main->helper.pid : proc->pid;
}

int reaper_signal(const struct reaper *reaper, struct ref ref, int signal)
{
	const struct proc *proc = &reaper->proc[ref.index];

	if (proc->pid == 0 || proc->generation != ref.generation)
		return -ESRCH;
	if (proc->main && main_signal(proc, signal) == 0) {
		(void)kill(-proc->pid, signal);
		return 0;
	}
	return kill(-proc->pid, signal) < 0 ? -errno : 0;
}

int64_t reaper_deadline_ms(const struct reaper *reaper)
{
	return reaper->poll_ms < reaper->walk_ms ? reaper->poll_ms : reaper->walk_ms;
}

/* ---- helpers */

static struct helper **helper_list(struct reaper *r, pid_t pid)
{
	return &r->helpers[(uint32_t)pid % HELPER_LISTS];
}

void reaper_add_helper(struct reaper *reaper, struct helper *helper, pid_t pid)
{
	struct helper **list = helper_list(reaper, pid);

	assert(helper->pid == 0 && pid > 0);
	helper->pid = pid;
	helper->next = *list;
	*list = helper;
}

void reaper_drop_helper(struct reaper *reaper, struct helper *helper)
{
	struct helper **at = helper_list(reaper, helper->pid);

	if (helper->pid == 0)
		return;
	while (*at != helper)
		at = &(*at)->next;
	*at = helper->next;
	helper->pid = 0;
}

static bool take_helper(struct reaper *r, pid_t pid, struct end end)
{
	struct helper *helper = *helper_list(r, pid);

	while (helper && helper->pid != pid)
		helper = helper->next;
	if (!helper)
		return false;
	reaper_drop_helper(r, helper);
	helper->ended(helper, end);
	return true;
}

bool reaper_knows(const struct reaper *reaper, pid_t pid)
{
	const struct helper *helper = reaper->helpers[(uint32_t)pid % HELPER_LISTS];

	while (helper && helper->pid != pid)
		helper = helper->next;
	return helper || reaper_find(reaper, pid) != ENGINE_NONE ||
	       reaper_find(reaper, getpgid(pid)) != ENGINE_NONE;
}

/* ---- reaping */

static struct end end_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (struct end){.kind = END_EXITED, .value = info->si_status & 255};
	return (struct end){.kind = END_SIGNALED,
		.stage = info->si_code == CLD_DUMPED ? END_DUMPED : 0,
		.value = info->si_status};
}

/* Returns true when the rest of its group has to be looked at: the child has exited before. */
static bool leader_reaped(struct reaper *r, uint32_t row, struct end end)
{
	struct proc *proc = &r->proc[row];
	struct ref ref = {row, proc->generation};

	r->dying(r->context, ref);
	proc->leader = false;
	if (proc->exited)
		return true;
	if (proc->main && main_lives(proc)) {
		proc->end = end;
		if (!main_takes_over(r, row))
			linger_add(r, row);
		return false;
	}
	main_drop(r, proc);
	reap_tell(r, row, end);
	return false;
}

/* One process that waitid found. Returns true when a group may be empty now. */
static bool take(struct reaper *r, const siginfo_t *info)
{
	uint32_t row = reap_find_slot(r, info->si_pid);

	if (row != ENGINE_NONE && r->proc[row].leader)
		return leader_reaped(r, row, end_of(info));
	if (take_helper(r, info->si_pid, end_of(info)))
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
		linger_check(reaper);
	return n == BATCH;
}

bool reaper_told(struct reaper *reaper, pid_t pid, int64_t now_ms)
{
	siginfo_t info = {0};

	reaper->now_ms = now_ms;
	if (reaper->n <= WALK_AT_ONCE)
		return reaper_run(reaper);
	if (reaper->walk_ms == INT64_MAX)
		reaper->walk_ms = now_ms + 1 + reaper->n / WALK_CHILDREN_MS;
	if (pid <= 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return false;
	if (take(reaper, &info))
		linger_check(reaper);
	return false;
}

bool reaper_time(struct reaper *reaper, int64_t now_ms)
{
	bool more;

	reaper->now_ms = now_ms;
	more = reaper->walk_ms <= now_ms && reaper_run(reaper);
	linger_poll(reaper, now_ms);
	return more;
}

uint64_t reaper_orphans(const struct reaper *reaper)
{
	return reaper->orphans;
}
