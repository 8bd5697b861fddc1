/* sandbox_mounts.c - what is mounted where, for the process alone; in the child, in a mount
 * namespace of its own.
 *
 * First everything is found, then it is covered: a path that stays writable is a copy (of mounts,
 * not of files) taken before, and laid over what became read-only. Rules are applied from the
 * shortest path to the longest, so the nearest one counts; a path counts as what it leads to, or
 * a symbolic link would be covered before what it lies in, and the copy of that, which knows
 * nothing of it, be laid over it. Flags are set on a whole tree of mounts at once (mount_setattr,
 * Linux 5.12). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"

enum { PATH_SIZE = 4096, DESCRIPTOR_SIZE = 12, RULES_MAX = MOUNT_COUNT * SANDBOX_PATHS_MAX };

/* What is done to a path; `-` in front of it: it may be missing. */
struct rule {
	const char *written;
	enum sandbox_mount mount;
	size_t length; /* of what it leads to */
	int tree;      /* a copy of what stays writable; -1: none */
};

/* Trees found before anything is covered; -1: none. */
struct found {
	int nodes[DEV_NODES];
	int hole; /* a socket that nobody listens at: it cannot be opened, by nobody */
	int notify;
	int proc;  /* for a pid namespace of its own: made where an old one is to be seen */
	int names; /* /proc/self/fd, where the kernel says what a descriptor leads to */
	struct rule rules[RULES_MAX];
	uint32_t n;
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
	found->names = -1;
	found->n = 0;
	if (run->to->mounts != SPEC_NONE)
		found->names = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
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

CHILD_ONLY static int apply(struct found *found, const struct rule *rule)
{
	const char *path = plain(rule->written);

	switch (rule->mount) {
	case MOUNT_READ_ONLY:
		return make_read_only(path);
	case MOUNT_INACCESSIBLE:
		return make_inaccessible(found, path);
	case MOUNT_WRITABLE:
	case MOUNT_COUNT:
		break;
	}
	return rule->tree < 0 ? 0 : sandbox_attach(rule->tree, path);
}

CHILD_ONLY static enum sandbox_key key_of(enum sandbox_mount mount)
{
	if (mount == MOUNT_INACCESSIBLE)
		return SANDBOX_INACCESSIBLE;
	return mount == MOUNT_READ_ONLY ? SANDBOX_READ_ONLY : SANDBOX_WRITABLE;
}

/* How long is the path that this one leads to, symbolic links followed? As it is written, where
 * that cannot be seen: one that is not there fails later. */
CHILD_ONLY static size_t length_of(const struct found *found, const char *path)
{
	char digits[DESCRIPTOR_SIZE];
	char target[PATH_SIZE];
	char *at = digits + sizeof(digits) - 1;
	int fd = found->names < 0 ? -1 : open(path, O_PATH | O_CLOEXEC);
	ssize_t length = -1;

	*at = '\0';
	for (int rest = fd; rest > 0; rest /= 10)
		*--at = (char)('0' + rest % 10);
	if (fd > 0)
		length = readlinkat(found->names, at, target, sizeof(target));
	if (fd >= 0)
		(void)close(fd);
	return length > 0 ? (size_t)length : strlen(path);
}

/* Of rules for one path writable_paths counts more than read_only_paths, inaccessible_paths most.
 */
CHILD_ONLY static bool is_later(const struct rule *a, const struct rule *b)
{
	return a->length > b->length || (a->length == b->length && a->mount > b->mount);
}

CHILD_ONLY static void find_rules(struct sandbox_run *run, struct found *found)
{
	const struct spec_list *list = spec_list(run->plan->spec, run->to->mounts);

	for (uint32_t i = 0; i + 1 < list->n; i += 2) {
		struct rule rule = {.written = spec_str(run->plan->spec, list->item[i]),
			.mount = (enum sandbox_mount)list->item[i + 1],
			.tree = -1};
		uint32_t at = found->n++;

		rule.length = length_of(found, plain(rule.written));
		if (rule.mount == MOUNT_WRITABLE) {
			rule.tree = copy_of(plain(rule.written));
			if (rule.tree < 0 && !tolerable(rule.written))
				sandbox_failed(run, SANDBOX_WRITABLE);
		}
		for (; at > 0 && is_later(&found->rules[at - 1], &rule); at--)
			found->rules[at] = found->rules[at - 1];
		found->rules[at] = rule;
	}
}

CHILD_ONLY static void apply_rules(struct sandbox_run *run, struct found *found)
{
	if (run->to->mounts == SPEC_NONE)
		return;
	find_rules(run, found);
	for (uint32_t i = 0; i < found->n; i++) {
		const struct rule *rule = &found->rules[i];

		if (apply(found, rule) < 0 && !tolerable(rule->written))
			sandbox_failed(run, key_of(rule->mount));
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
	if (found.names >= 0)
		(void)close(found.names);
	/* A directory that was entered before is still the one below what covers it. */
	if (!run->directory && chdir(found.directory) < 0 && chdir("/") < 0)
		sandbox_failed_all(run, SANDBOX_MOUNT_KEYS | SANDBOX_BIT(SANDBOX_NAMESPACES));
}
