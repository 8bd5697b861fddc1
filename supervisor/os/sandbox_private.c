/* sandbox_private.c - file systems of the process's own: /tmp, /dev; in the child.
 *
 * They are made with the new mount interface (Linux 5.2), which needs no place to mount them at
 * first, and no text of options. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"

enum { PATH_SIZE = 4096 };

/* What programs take for granted, the terminal of the session included. */
static const char *const NODES[DEV_NODES] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

static const struct {
	const char *target;
	const char *path;
} LINKS[] = {
	{"/proc/self/fd", "/dev/fd"},
	{"/proc/self/fd/0", "/dev/stdin"},
	{"/proc/self/fd/1", "/dev/stdout"},
	{"/proc/self/fd/2", "/dev/stderr"},
	{"pts/ptmx", "/dev/ptmx"},
};

CHILD_ONLY static void close_kept(int fd)
{
	const int error = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = error;
}

CHILD_ONLY static int configure(int fs, const char *key, const char *value)
{
	return value ? fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) : 0;
}

/* mode: of its root; for the pseudo-terminals that of the multiplexer. NULL: as it comes. */
CHILD_ONLY int sandbox_new_fs(const char *type, const char *mode, unsigned attributes)
{
	const bool terminals = strcmp(type, "devpts") == 0;
	int fs = fsopen(type, FSOPEN_CLOEXEC);
	int mount = -1;

	if (fs < 0)
		return -1;
	if (configure(fs, terminals ? "ptmxmode" : "mode", mode) == 0 &&
		fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	close_kept(fs);
	return mount;
}

/* Takes tree. */
CHILD_ONLY int sandbox_attach(int tree, const char *path)
{
	int result = -1;

	if (tree >= 0)
		result = move_mount(
			tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
	close_kept(tree);
	return result;
}

CHILD_ONLY static int attach_new(
	const char *type, const char *mode, unsigned attributes, const char *path)
{
	return sandbox_attach(sandbox_new_fs(type, mode, attributes), path);
}

CHILD_ONLY int sandbox_private_tmp(void)
{
	const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

	if (attach_new("tmpfs", "1777", attributes, "/tmp") < 0)
		return -1;
	return attach_new("tmpfs", "1777", attributes, "/var/tmp") < 0 && errno != ENOENT ? -1 : 0;
}

/* ---- /dev */

/* One that is not there is not there afterwards. */
CHILD_ONLY void sandbox_find_nodes(int nodes[static DEV_NODES])
{
	for (size_t i = 0; i < DEV_NODES; i++)
		nodes[i] = open_tree(AT_FDCWD, NODES[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

/* A place to mount a file at. */
CHILD_ONLY static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)close(fd);
	return 0;
}

CHILD_ONLY int sandbox_private_dev(const int nodes[static DEV_NODES])
{
	const unsigned safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

	if (attach_new("tmpfs", "755", safe, "/dev") < 0 || mkdir("/dev/pts", 0755) < 0 ||
		mkdir("/dev/shm", 01777) < 0 ||
		attach_new("devpts", "0666", safe, "/dev/pts") < 0 ||
		attach_new("tmpfs", "1777", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, "/dev/shm") < 0)
		return -1;
	for (size_t i = 0; i < DEV_NODES; i++) {
		if (nodes[i] >= 0 &&
			(make_file(NODES[i]) < 0 || sandbox_attach(nodes[i], NODES[i]) < 0))
			return -1;
	}
	for (size_t i = 0; i < sizeof(LINKS) / sizeof(LINKS[0]); i++) {
		if (symlink(LINKS[i].target, LINKS[i].path) < 0)
			return -1;
	}
	return mount_setattr(AT_FDCWD, "/dev", 0, &read_only, sizeof(read_only));
}

/* ---- the socket of notify messages */

CHILD_ONLY static int make_directories(char *path)
{
	for (char *c = path + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS)
			return -1;
		*c = '/';
	}
	return 0;
}

CHILD_ONLY int sandbox_keep_socket(int tree, const char *path)
{
	char copy[PATH_SIZE];
	const size_t length = strlen(path);
	const mode_t mask = umask(022);
	int result = -1;

	errno = ENAMETOOLONG;
	if (length < sizeof(copy)) {
		memcpy(copy, path, length + 1);
		if (make_directories(copy) == 0 &&
			(access(path, F_OK) == 0 || make_file(path) == 0))
			result = sandbox_attach(tree, path);
	}
	(void)umask(mask);
	return result;
}
