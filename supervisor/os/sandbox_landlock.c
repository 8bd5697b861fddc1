/* sandbox_landlock.c - Landlock (landlock(7)), in the child: the files that the process may read,
 * and those that it may write; all others it may not. Needs no right and no namespace. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

enum { ABI_REFER = 2, ABI_TRUNCATE = 3 };

static const uint64_t READ_ACCESS =
	LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/* Of the first version: all bits up to MAKE_SYM. */
static const uint64_t ALL_ACCESS = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
/* What a rule on a file may hold. */
static const uint64_t FILE_ACCESS = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
				    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

CHILD_ONLY static uint64_t handled(long abi)
{
	return ALL_ACCESS | (abi >= ABI_REFER ? LANDLOCK_ACCESS_FS_REFER : 0) |
	       (abi >= ABI_TRUNCATE ? LANDLOCK_ACCESS_FS_TRUNCATE : 0);
}

CHILD_ONLY static int add_rule(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	const bool may_be_missing = *path == '-';
	int fd = open(path + (may_be_missing ? 1 : 0), O_PATH | O_CLOEXEC);
	long result;
	int error;

	if (fd < 0)
		return may_be_missing && errno == ENOENT ? 0 : -1;
	rule.parent_fd = fd;
	result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (result < 0 && errno == EINVAL) {
		rule.allowed_access = access & FILE_ACCESS;
		result = syscall(
			SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	error = errno;
	(void)close(fd);
	errno = error;
	return result < 0 ? -1 : 0;
}

CHILD_ONLY static void add_rules(
	struct sandbox_run *run, int ruleset, enum sandbox_key key, uint64_t access)
{
	const uint32_t offset =
		key == SANDBOX_LANDLOCK_READ ? run->to->landlock_read : run->to->landlock_write;
	const struct spec_list *list;

	if (!sandbox_wants(run, key))
		return;
	list = spec_list(run->plan->spec, offset);
	for (uint32_t i = 0; i < list->n; i++) {
		if (add_rule(ruleset, spec_str(run->plan->spec, list->item[i]), access) < 0)
			sandbox_failed(run, key);
	}
}

CHILD_ONLY void sandbox_landlock(struct sandbox_run *run)
{
	const uint32_t keys =
		SANDBOX_BIT(SANDBOX_LANDLOCK_READ) | SANDBOX_BIT(SANDBOX_LANDLOCK_WRITE);
	struct landlock_ruleset_attr attr = {0};
	int ruleset = -1;
	long abi;

	if (!(run->to->set & keys))
		return;
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi > 0) {
		attr.handled_access_fs = handled(abi);
		ruleset = (int)syscall(
			SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	}
	if (ruleset < 0) {
		sandbox_failed_all(run, keys);
		return;
	}
	add_rules(run, ruleset, SANDBOX_LANDLOCK_READ, READ_ACCESS);
	add_rules(run, ruleset, SANDBOX_LANDLOCK_WRITE, attr.handled_access_fs);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 &&
		(errno != EPERM || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			syscall(SYS_landlock_restrict_self, ruleset, 0) < 0))
		sandbox_failed_all(run, keys);
	(void)close(ruleset);
}
