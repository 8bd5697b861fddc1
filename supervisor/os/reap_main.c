/* reap_main.c - a main process that is not the leader of its group (MAINPID).
 *
 * It is known as a helper is, and its end is that of the child. When the leader goes before it, the
 * row waits for it; when the leader's group is empty then, the row moves into the group of the main
 * process, so that the number of a group that is no more is never used. While it is the child of
 * somebody else, a pidfd tells us of its end; when the kernel does not say how it ended, the leader
 * is the main process again. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/foreign_end.h"
#include "supervisor/os/reap_internal.h"

/* Is pid a child of supd, dead or alive? */
static bool is_ours(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Its number may be another's by now, if somebody else was its parent. */
bool main_lives(const struct proc *proc)
{
	pid_t pid = proc->main->helper.pid;

	return is_ours(pid) || getpgid(pid) == proc->main->group;
}

int main_signal(const struct proc *proc, int signal)
{
	pid_t pid = proc->main->helper.pid;
	pid_t group = getpgid(pid);

	if (group < 0 || group == proc->pid || !main_lives(proc))
		return -ESRCH;
	return kill(group == pid ? -pid : pid, signal) < 0 ? -errno : 0;
}

static void unwatch(struct main_process *main)
{
	if (main->watch.fd < 0)
		return;
	loop_remove(main->reaper->loop, &main->watch);
	(void)close(main->watch.fd);
	main->watch.fd = -1;
}

void main_drop(struct reaper *r, struct proc *proc)
{
	if (!proc->main)
		return;
	unwatch(proc->main);
	reaper_drop_helper(r, &proc->main->helper);
	free(proc->main);
	proc->main = NULL;
}

bool main_takes_over(struct reaper *r, uint32_t row)
{
	struct proc *proc = &r->proc[row];
	pid_t pid = proc->main->helper.pid;
	pid_t group = getpgid(pid);

	if (group == proc->pid)
		return is_ours(pid);
	if (group < 0 || !reap_group_is_empty(proc) || reap_find_slot(r, group) != ENGINE_NONE)
		return false;
	reap_move(r, row, group);
	proc->main->group = group;
	if (group == pid && is_ours(pid)) {
		main_drop(r, proc);
		proc->leader = true;
		return true;
	}
	return is_ours(pid);
}

static void main_reaped(struct helper *helper, struct end end)
{
	struct main_process *main =
		(struct main_process *)((char *)helper - offsetof(struct main_process, helper));
	struct reaper *r = main->reaper;
	uint32_t row = main->row;

	unwatch(main);
	r->proc[row].main = NULL;
	free(main);
	reap_tell(r, row, end);
}

/* It has ended. When it is ours by now, it is reaped like others. */
static void main_ended(struct watch *watch, uint32_t epoll_events)
{
	struct main_process *main =
		(struct main_process *)((char *)watch - offsetof(struct main_process, watch));
	struct reaper *r = main->reaper;
	struct proc *proc = &r->proc[main->row];
	struct ref ref = {main->row, proc->generation};
	struct end end;
	bool told;

	(void)epoll_events;
	if (is_ours(main->helper.pid)) {
		unwatch(main);
		return;
	}
	told = foreign_end(watch->fd, main->helper.pid, &end);
	/* Without its leader the row lingers, and is looked at again. */
	if (!proc->leader && !told) {
		unwatch(main);
		return;
	}
	main_drop(r, proc);
	if (told)
		reap_tell(r, ref.index, end);
	else if (r->held)
		r->held(r->context, ref);
}

/* Without a descriptor to spare its end is not seen. */
static void watch_main(struct reaper *r, struct main_process *main)
{
	if (!r->loop || is_ours(main->helper.pid))
		return;
	main->watch = (struct watch){.fd = foreign_open(main->helper.pid), .ready = main_ended};
	if (main->watch.fd < 0 || loop_add(r->loop, &main->watch, EPOLLIN) == 0)
		return;
	(void)close(main->watch.fd);
	main->watch.fd = -1;
}

uint32_t main_find(const struct reaper *r, pid_t pid)
{
	const struct helper *helper = r->helpers[(uint32_t)pid % HELPER_LISTS];

	for (; helper; helper = helper->next)
		if (helper->pid == pid && helper->ended == main_reaped)
			return ((const struct main_process *)(const void *)helper)->row;
	return ENGINE_NONE;
}

int reaper_set_main(struct reaper *reaper, struct ref ref, pid_t pid)
{
	struct proc *proc = &reaper->proc[ref.index];
	pid_t group = getpgid(pid);
	struct main_process *main;
	uint32_t row;

	if (proc->pid == 0 || proc->generation != ref.generation || proc->exited || group < 0)
		return -ESRCH;
	if (pid == reaper_pid(reaper, ref.index))
		return 0;
	if (pid == proc->pid) {
		main_drop(reaper, proc);
		return 0;
	}
	row = reap_find_slot(reaper, group);
	if (row != ENGINE_NONE && row != ref.index)
		return -EBUSY;
	main = calloc(1, sizeof(*main));
	if (!main)
		return -ENOMEM;
	main_drop(reaper, proc);
	*main = (struct main_process){.helper = {.ended = main_reaped},
		.reaper = reaper,
		.row = ref.index,
		.group = group,
		.watch = {.fd = -1}};
	proc->main = main;
	reaper_add_helper(reaper, &main->helper, pid);
	watch_main(reaper, main);
	return 0;
}
