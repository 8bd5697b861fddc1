/* linger.c - the stop of a child, and what outlives its own process: members of its group, and
 * strays.
 *
 * They are mostly our own children by then (init, or child subreaper), so their deaths wake us; for
 * one whose parent lives elsewhere the child is looked at again after a while, ever less often. */
#include <errno.h>
#include <signal.h>

#include "supervisor/os/reap_internal.h"
#include "supervisor/os/strays.h"

enum { POLL_FIRST_MS = 20, POLL_MAX_MS = 500 };

static struct family family_of(const struct reaper *r, uint32_t row)
{
	const struct proc *proc = &r->proc[row];

	return (struct family){.row = row,
		.leader = proc->leader ? proc->pid : 0,
		.group = proc->pid,
		.main = proc->main ? proc->main->helper.pid : 0};
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
	/* One that somebody else has stopped takes its signal, too. */
	if (signal != SIGKILL)
		(void)reaper_signal(reaper, ref, SIGCONT);
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

void linger_add(struct reaper *r, uint32_t row)
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
		reap_forget(r, row);
	} else {
		linger_add(r, row);
	}
	r->exited(r->context, ref, end, gone);
	if (!gone && find_holder(r, row))
		r->held(r->context, ref);
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

void linger_check(struct reaper *r)
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
			reap_forget(r, row);
			r->gone(r->context, ref);
		} else if (proc->main && !main_lives(proc)) {
			main_drop(r, proc);
			reap_tell(r, row, proc->end);
		}
	}
	if (r->linger == ENGINE_NONE)
		r->poll_ms = INT64_MAX;
}

void linger_poll(struct reaper *reaper, int64_t now_ms)
{
	if (reaper->linger == ENGINE_NONE)
		return;
	if (reaper->poll_ms == INT64_MAX) {
		reaper->poll_step_ms = POLL_FIRST_MS;
	} else if (now_ms < reaper->poll_ms) {
		return;
	} else {
		linger_check(reaper);
		if (reaper->linger == ENGINE_NONE)
			return;
		reaper->poll_step_ms *= 2;
		if (reaper->poll_step_ms > POLL_MAX_MS)
			reaper->poll_step_ms = POLL_MAX_MS;
	}
	reaper->poll_ms = now_ms + reaper->poll_step_ms;
}
