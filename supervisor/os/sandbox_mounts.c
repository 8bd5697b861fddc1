/* sandbox_mounts.c - what is mounted where, for the process alone; in the child, in a mount
 * namespace of its own.
 *
 * First everything is found, then it is covered: a path that stays writable is a copy (of mounts,
 * not of files) taken before, and laid over what became read-only. Rules are applied from the
 * shortest path to the longest, so the nearest one counts. Flags are set on a whole tree of mounts
 * at once (mount_setattr, Linux 5.12). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"

enum { PATH_SIZE = 4096 };

/* Trees found before anything is covered; -1: none. */
struct found {
	int nodes[DEV_NODES];
	int hole; /* a socket that nobody listens at: it cannot be opened, by nobody */
	int notify;
	int proc; /* for a pid namespace of its own: made where an old one is to be seen */
	int writable[SANDBOX_PATHS_MAX];
	char directory[PATH_SIZE];
};

CHILD_ONLY static int copy_of(const char *path)
{
	return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

/* ---- finding */

/* A file can be covered only by a file, which must lie somewhere: in a file system that is mounted
 * for a moment. /proc is there always. */
CHILD_ONLY static int make_hole(void)
{
	static const char PLACE[] = "/proc/hole";
	int tree = -1;

	if (sandbox_attach(sandbox_new_fs("tmpfs", "755", MOUNT_ATTR_NOSUID), "/proc") < 0)
		return -1;
	if (mknod(PLACE, S_IFSOCK, 0) == 0)
		tree = open_tree(AT_FDCWD, PLACE, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	(void)umount2("/proc", MNT_DETACH);
	return tree;
}

CHILD_ONLY static void find(struct sandbox_run *run, struct found *found)
{
	if (syscall(SYS_getcwd, found->directory, sizeof(found->directory)) < 0 ||
		found->directory[0] != '/')
		memcpy(found->directory, "/", 2);
	found->hole = found->notify = found->proc = -1;
	for (size_t i = 0; i < SANDBOX_PATHS_MAX; i++)
		found->writable[i] = -1;
	for (size_t i = 0; i < DEV_NODES; i++)
		found->nodes[i] = -1;
	if (sandbox_wants(run, SANDBOX_PRIVATE_DEV))
		sandbox_find_nodes(found->nodes);
	if (run->plan->notify)
		found->notify = copy_of(run->plan->notify);
	if (run->plan->born & CLONE_NEWPID) {
		found->proc = sandbox_new_fs(
			"proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
		if (found->proc < 0)
			sandbox_failed(run, SANDBOX_NAMESPACES);
	}
	if (!sandbox_wants(run, SANDBOX_INACCESSIBLE))
		return;
	found->hole = make_hole();
	if (found->hole < 0)
		sandbox_failed(run, SANDBOX_INACCESSIBLE);
}

/* ---- the root */

CHILD_ONLY static void enter_root(struct sandbox_run *run, struct found *found)
{
	const char *root;

	if (!sandbox_wants(run, SANDBOX_ROOT))
		return;
	root = spec_str(run->plan->spec, run->to->root);
	if (sandbox_attach(copy_of(root), root) < 0 || chdir(root) < 0 ||
		syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
		chdir("/") < 0)
		sandbox_failed(run, SANDBOX_ROOT);
	else
		memcpy(found->directory, "/", 2);
}

/* ---- rules on paths */

CHILD_ONLY static bool tolerable(const char *written)
{
	return *written == '-' && (errno == ENOENT || errno == ENOTDIR);
}

CHILD_ONLY static const char *plain(const char *written)
{
	return *written == '-' ? written + 1 : written;
}

/* What is mounted there changes; what is only a directory of a larger one gets a mount. */
CHILD_ONLY static int make_read_only(const char *path)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	int error;
	int tree;

	if (mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr)) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	tree = copy_of(path);
	if (tree < 0)
		return -1;
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) == 0)
		return sandbox_attach(tree, path);
	error = errno;
	(void)close(tree);
	errno = error;
	return -1;
}

/* A directory is covered by an empty one that none but root may enter, a file by the hole, of which
 * the next copy comes from where the last one went. */
CHILD_ONLY static int make_inaccessible(struct found *found, const char *path)
{
	const unsigned attributes =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	struct stat info;

	if (stat(path, &info) < 0)
		return -1;
	if (S_ISDIR(info.st_mode))
		return sandbox_attach(sandbox_new_fs("tmpfs", "000", attributes), path);
	if (sandbox_attach(found->hole, path) < 0)
		return -1;
	found->hole = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return found->hole < 0 ? -1 : 0;
}

CHILD_ONLY static int apply(
	struct found *found, const char *path, enum sandbox_mount mount, uint32_t writable)
{
	switch (mount) {
	case MOUNT_READ_ONLY:
		return make_read_only(path);
	case MOUNT_INACCESSIBLE:
		return make_inaccessible(found, path);
	case MOUNT_WRITABLE:
	case MOUNT_COUNT:
		break;
	}
	return found->writable[writable] < 0 ? 0 : sandbox_attach(found->writable[writable], path);
}

CHILD_ONLY static enum sandbox_key key_of(enum sandbox_mount mount)
{
	if (mount == MOUNT_INACCESSIBLE)
		return SANDBOX_INACCESSIBLE;
	return mount == MOUNT_READ_ONLY ? SANDBOX_READ_ONLY : SANDBOX_WRITABLE;
}

CHILD_ONLY static void find_writable(
	struct sandbox_run *run, struct found *found, const struct spec_list *rules)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < rules->n; i += 2) {
		const char *written = spec_str(run->plan->spec, rules->item[i]);

		if (rules->item[i + 1] != MOUNT_WRITABLE)
			continue;
		found->writable[n] = copy_of(plain(written));
		if (found->writable[n++] < 0 && !tolerable(written))
			sandbox_failed(run, SANDBOX_WRITABLE);
	}
}

CHILD_ONLY static void apply_rules(struct sandbox_run *run, struct found *found)
{
	const struct spec_list *rules;
	uint32_t writable = 0;

	if (run->to->mounts == SPEC_NONE)
		return;
	rules = spec_list(run->plan->spec, run->to->mounts);
	find_writable(run, found, rules);
	for (uint32_t i = 0; i < rules->n; i += 2) {
		const char *written = spec_str(run->plan->spec, rules->item[i]);
		const enum sandbox_mount mount = (enum sandbox_mount)rules->item[i + 1];

		if (apply(found, plain(written), mount, writable) < 0 && !tolerable(written))
			sandbox_failed(run, key_of(mount));
		writable += mount == MOUNT_WRITABLE;
	}
}

/* ---- all of it */

CHILD_ONLY static void make_private(struct sandbox_run *run, struct found *found)
{
	if (sandbox_wants(run, SANDBOX_PRIVATE_TMP) && sandbox_private_tmp() < 0)
		sandbox_failed(run, SANDBOX_PRIVATE_TMP);
	if (sandbox_wants(run, SANDBOX_PRIVATE_DEV) && sandbox_private_dev(found->nodes) < 0)
		sandbox_failed(run, SANDBOX_PRIVATE_DEV);
	if (found->proc >= 0 && sandbox_attach(found->proc, "/proc") < 0)
		sandbox_failed(run, SANDBOX_NAMESPACES);
	if (found->notify >= 0 && sandbox_keep_socket(found->notify, run->plan->notify) < 0)
		sandbox_failed_all(
			run, SANDBOX_BIT(SANDBOX_PRIVATE_TMP) | SANDBOX_BIT(SANDBOX_ROOT));
}

CHILD_ONLY void sandbox_mounts(struct sandbox_run *run)
{
	struct found found;

	/* What is mounted later is seen here, and nothing of ours is seen elsewhere. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
		sandbox_failed_all(run, SANDBOX_MOUNT_KEYS | SANDBOX_BIT(SANDBOX_NAMESPACES));
		return;
	}
	find(run, &found);
	enter_root(run, &found);
	apply_rules(run, &found);
	make_private(run, &found);
	if (found.hole >= 0)
		(void)close(found.hole);
	/* A directory that was entered before is still the one below what covers it. */
	if (!run->directory && chdir(found.directory) < 0 && chdir("/") < 0)
		sandbox_failed_all(run, SANDBOX_MOUNT_KEYS | SANDBOX_BIT(SANDBOX_NAMESPACES));
}
