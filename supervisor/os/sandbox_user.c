/* sandbox_user.c - a user namespace of the process's own (user_namespaces(7)), in the child.
 *
 * It may map one user and one group, its own, without any right; for the group it must give up
 * setgroups. Its files in /proc are its own only while its memory counts as dumpable, and that
 * memory is supd's. Root's supd is not dumpable and must not become so, not for a moment: whoever
 * is the user of the process, and so the owner of its namespace, could open its memory, and would
 * hold that of root. The files are root's then; it opens them with root as its user ID for files
 * alone, which its saved user ID still is, and gives that up at once. The supd of an ordinary user
 * mostly is dumpable; where it is not, the flag is set and put back. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"
#include "supervisor/wire/stages.h"

enum { DIGITS = 10, LINE_SIZE = 3 * DIGITS };

CHILD_ONLY static size_t put_number(char *to, unsigned number)
{
	char digits[DIGITS];
	size_t n = 0;
	size_t at = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (n > 0)
		to[at++] = digits[--n];
	return at;
}

CHILD_ONLY static int write_file(int proc, const char *path, const char *text, size_t length)
{
	int fd = openat(proc, path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, length) != (ssize_t)length)
		error = errno == 0 ? -EIO : -errno;
	(void)close(fd);
	return error;
}

/* "ID ID 1": it is itself. */
CHILD_ONLY static int write_map(int proc, const char *path, unsigned id)
{
	char line[LINE_SIZE];
	size_t n = put_number(line, id);

	line[n++] = ' ';
	n += put_number(line + n, id);
	line[n++] = ' ';
	line[n++] = '1';
	return write_file(proc, path, line, n);
}

CHILD_ONLY static int write_maps(const struct sandbox_run *run)
{
	const int kept = run->failure->sandbox.proc;
	const int proc = kept > 0 ? kept : open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = proc < 0 ? -errno : write_file(proc, "self/setgroups", "deny", 4);

	if (error == 0)
		error = write_map(proc, "self/uid_map", run->plan->uid);
	if (error == 0)
		error = write_map(proc, "self/gid_map", run->plan->gid);
	if (proc >= 0)
		(void)close(proc);
	run->failure->sandbox.proc = 0;
	return error;
}

/* Root for files: what the kernel says to setfsuid shows in the opening of the files. */
CHILD_ONLY static void borrow_root(const struct sandbox_run *run)
{
	if (run->plan->saved_root)
		(void)syscall(SYS_setfsuid, 0);
}

CHILD_ONLY static void give_root_back(const struct sandbox_run *run)
{
	const uid_t uid = run->plan->uid;

	if (!run->plan->saved_root || syscall(SYS_setresuid, uid, uid, uid) == 0)
		return;
	run->failure->stage = STAGE_UID;
	run->failure->error = errno;
	_exit(127);
}

CHILD_ONLY static int write_own_maps(const struct sandbox_run *run)
{
	const bool of_root = run->plan->saved_root || run->plan->uid == 0;
	const int dumpable = of_root ? 1 : prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	int error;

	if (dumpable != 1)
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	error = write_maps(run);
	if (dumpable != 1)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return error;
}

CHILD_ONLY bool sandbox_enter_user(struct sandbox_run *run)
{
	const bool last = run->plan->user == SANDBOX_USER_LAST;
	const bool born = (run->plan->born & CLONE_NEWUSER) != 0;
	int error;

	borrow_root(run);
	error = !born && unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
	if (error == 0)
		error = write_own_maps(run);
	give_root_back(run);
	if (error == 0)
		return true;
	errno = -error;
	sandbox_failed_all(
		run, last ? SANDBOX_BIT(SANDBOX_NAMESPACES) : (uint32_t)SANDBOX_SPACE_KEYS);
	return false;
}
