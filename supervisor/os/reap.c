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
	POLL_FIRST_MS = 20,
	POLL_MAX_MS = 500,
	WALK_AT_ONCE =
		512, /* with so many children the walk costs little more than a system call */
	WALK_CHILDREN_MS = 1000, /* else it waits a millisecond for each thousand of them */
};

struct reaper *reaper_new(uint32_t capacity, reap_exited *exited, reap_gone *gone, void *context)
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
		free(reaper->proc[i].main);
	free(reaper->proc);
	free(reaper->slot);
	free(reaper);
}

void reaper_set_strays(struct reaper *reaper, struct strays *strays, reap_held *held)
{
	reaper->strays = strays;
	reaper->held = held;
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

static void forget(struct reaper *r, uint32_t row)
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

static struct family family_of(const struct reaper *r, uint32_t row)
{
	const struct proc *proc = &r->proc[row];

	return (struct family){
		.row = row, .leader = proc->leader ? proc->pid : 0, .group = proc->pid};
}

static void wake(struct reaper *r, uint32_t row)
{
	struct proc *proc = &r->proc[row];

	if (!proc->suspended)
		return;
	proc->suspended = false;
	r->suspended--;
	if (r->strays)
		(void)strays_freeze(r->strays, row, false);
	if (proc->main)
		(void)main_signal(proc, SIGCONT);
	(void)kill(-proc->pid, SIGCONT);
}

/* What is below the leader is seen while the leader lives: so the strays come first. */
int reaper_stop(struct reaper *reaper, struct ref ref, int signal)
{
	struct proc *proc = &reaper->proc[ref.index];
	struct family family = family_of(reaper, ref.index);
	int error;

	if (proc->pid == 0 || proc->generation != ref.generation)
		return -ESRCH;
	proc->told = signal;
	if (reaper->strays) {
		strays_look(reaper->strays, ref.index, reaper->now_ms, true);
		strays_tell(reaper->strays, &family, signal);
	}
	error = reaper_signal(reaper, ref, signal);
	wake(reaper, ref.index);
	return error;
}

int reaper_suspend(struct reaper *reaper, struct ref ref, bool suspend)
{
	struct proc *proc = &reaper->proc[ref.index];

	if (proc->pid == 0 || proc->generation != ref.generation || proc->exited)
		return -ESRCH;
	if (!suspend) {
		wake(reaper, ref.index);
		return 0;
	}
	if (!reaper->strays || !strays_freeze(reaper->strays, ref.index, true)) {
		int error = reaper_signal(reaper, ref, SIGSTOP);

		if (error < 0)
			return error;
	}
	reaper->suspended += !proc->suspended;
	proc->suspended = true;
	return 0;
}

bool reaper_is_suspended(const struct reaper *reaper, uint32_t index)
{
	return reaper->proc[index].suspended;
}

uint32_t reaper_suspended(const struct reaper *reaper)
{
	return reaper->suspended;
}

/* ---- groups that linger */

bool reap_group_is_empty(const struct proc *proc)
{
	return kill(-proc->pid, 0) < 0 && errno == ESRCH;
}

/* Is nothing of the child left, as far as has been seen? */
static bool is_gone(const struct reaper *r, uint32_t row)
{
	return !r->proc[row].leader && reap_group_is_empty(&r->proc[row]) &&
	       (!r->strays || !strays_left(r->strays, row));
}

/* Returns true when it is another one now. */
static bool find_holder(struct reaper *r, uint32_t row)
{
	struct family family = family_of(r, row);
	pid_t before = r->proc[row].holder;

	if (r->strays)
		r->proc[row].holder = strays_one(r->strays, &family);
	return r->proc[row].holder != before;
}

pid_t reaper_holder(const struct reaper *reaper, uint32_t index)
{
	return reaper->proc[index].pid == 0 ? 0 : reaper->proc[index].holder;
}

static void linger(struct reaper *r, uint32_t row)
{
	struct proc *proc = &r->proc[row];

	if (proc->lingers)
		return;
	proc->lingers = true;
	proc->next_linger = r->linger;
	r->linger = row;
}

static void unlinger(struct reaper *r, uint32_t row)
{
	uint32_t *at = &r->linger;

	if (!r->proc[row].lingers)
		return;
	while (*at != row)
		at = &r->proc[*at].next_linger;
	*at = r->proc[row].next_linger;
	r->proc[row].lingers = false;
}

void reap_tell(struct reaper *r, uint32_t row, struct end end)
{
	struct proc *proc = &r->proc[row];
	struct ref ref = {row, proc->generation};
	bool gone;

	proc->exited = true;
	wake(r, row);
	if (r->strays)
		strays_look(r->strays, row, r->now_ms, true);
	gone = is_gone(r, row);
	if (gone) {
		unlinger(r, row);
		forget(r, row);
	} else {
		(void)find_holder(r, row);
		linger(r, row);
	}
	r->exited(r->context, ref, end, gone);
}

/* Does a row that lingers wait on: for the rest of its group, or, when the leader went before the
 * main process, for somebody to tell us how that ends? */
static bool waits_on(struct reaper *r, uint32_t row)
{
	const struct proc *proc = &r->proc[row];

	if (proc->exited)
		return !is_gone(r, row);
	return main_lives(proc) && !main_takes_over(r, row);
}

/* Looks once for all, then tells those that were found. */
static void tell_lingering(struct reaper *r)
{
	if (!r->strays)
		return;
	for (uint32_t row = r->linger; row != ENGINE_NONE; row = r->proc[row].next_linger) {
		if (!strays_has_group(r->strays, row)) {
			strays_look(r->strays, row, r->now_ms, false);
			break;
		}
	}
	for (uint32_t row = r->linger; row != ENGINE_NONE; row = r->proc[row].next_linger) {
		struct family family = family_of(r, row);

		if (r->proc[row].told)
			strays_tell(r->strays, &family, r->proc[row].told);
	}
}

static void check_lingering(struct reaper *r)
{
	uint32_t *at = &r->linger;

	tell_lingering(r);

	while (*at != ENGINE_NONE) {
		uint32_t row = *at;
		struct proc *proc = &r->proc[row];
		struct ref ref = {row, proc->generation};

		if (waits_on(r, row)) {
			at = &proc->next_linger;
			if (proc->exited && find_holder(r, row))
				r->held(r->context, ref);
			continue;
		}
		*at = proc->next_linger;
		proc->lingers = false;
		if (proc->exited) {
			forget(r, row);
			r->gone(r->context, ref);
		} else if (proc->main && !main_lives(proc)) {
			main_drop(r, proc);
			reap_tell(r, row, proc->end);
		}
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
	return (struct end){.kind = END_SIGNALED, .value = info->si_status};
}

/* Returns true when the rest of its group has to be looked at: the child has exited before. */
static bool leader_reaped(struct reaper *r, uint32_t row, struct end end)
{
	struct proc *proc = &r->proc[row];

	proc->leader = false;
	if (proc->exited)
		return true;
	if (proc->main && main_lives(proc)) {
		proc->end = end;
		if (!main_takes_over(r, row))
			linger(r, row);
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
		check_lingering(reaper);
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
		check_lingering(reaper);
	return false;
}

bool reaper_time(struct reaper *reaper, int64_t now_ms)
{
	bool more;

	reaper->now_ms = now_ms;
	more = reaper->walk_ms <= now_ms && reaper_run(reaper);
	poll_lingering(reaper, now_ms);
	return more;
}

uint64_t reaper_orphans(const struct reaper *reaper)
{
	return reaper->orphans;
}
