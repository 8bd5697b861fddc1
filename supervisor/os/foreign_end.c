/* foreign_end.c - see foreign_end.h. As long as its parent has not reaped it, /proc/PID/stat has
 * its status; after that the kernel tells whoever holds a pidfd (PIDFD_GET_INFO, Linux 6.15). */
#include "supervisor/os/foreign_end.h"

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/os/proc_fs.h"

/* linux/pidfd.h, which this may be built without. */
struct pid_info {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t ids[11];
	int32_t exit_code; /* as wait(2) has it */
};
#define PID_INFO_GET _IOWR(0xff, 11, struct pid_info)
enum { PID_INFO_EXIT = 1 << 3 };

int foreign_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static struct end end_of_status(int status)
{
	if (WIFSIGNALED(status))
		return (struct end){.kind = END_SIGNALED,
			.stage = WCOREDUMP(status) ? END_DUMPED : 0,
			.value = WTERMSIG(status)};
	return (struct end){.kind = END_EXITED, .value = WEXITSTATUS(status)};
}

bool foreign_end(int pidfd, pid_t pid, struct end *ret)
{
	struct pid_info info = {.mask = PID_INFO_EXIT};
	struct proc_stat stat;

	if (proc_stat(pid, &stat) && stat.state == 'Z') {
		*ret = end_of_status(stat.exit_code);
		return true;
	}
	if (ioctl(pidfd, PID_INFO_GET, &info) < 0 || !(info.mask & PID_INFO_EXIT))
		return false;
	*ret = end_of_status(info.exit_code);
	return true;
}
