/* server_listen.c - the socket that the server listens on. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/os/server_internal.h"

enum { BACKLOG = 128 };

static int make_address(const char *path, struct sockaddr_un *ret)
{
	size_t n = strlen(path);

	if (n >= sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, path, n);
	return 0;
}

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

/* A name that lies in no directory; who may connect is decided by who connects. */
static int listen_abstract(const char *name)
{
	struct sockaddr_un address;
	int rc = make_address(name, &address);
	int fd = rc < 0 ? rc : make_socket();

	if (fd < 0)
		return fd;
	address.sun_path[0] = '\0';
	if (bind(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	rc = -errno;
	(void)close(fd);
	return rc;
}

/* Does somebody listen at the address? A full backlog is somebody, too. */
static int probe(const struct sockaddr_un *address)
{
	int fd = make_socket();
	int rc = 0;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		rc = -EADDRINUSE;
	else if (errno != ECONNREFUSED && errno != ENOENT)
		rc = -errno;
	(void)close(fd);
	return rc;
}

/* A socket of another type, or no socket at all, is not ours to replace. */
static int check_place(const char *path, const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return probe(address);
}

int listen_control(const char *path)
{
	struct sockaddr_un address;
	struct sockaddr_un place;
	char temporary[sizeof(address.sun_path)];
	int n = snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid());
	int rc = make_address(path, &place);
	int fd;

	if (path[0] == '@')
		return listen_abstract(path);

	if (rc == 0 && (n < 0 || (size_t)n >= sizeof(temporary)))
		rc = -ENAMETOOLONG;
	if (rc == 0)
		rc = make_address(temporary, &address);
	if (rc == 0)
		rc = check_place(path, &place);
	if (rc < 0)
		return rc;
	fd = make_socket();
	if (fd < 0)
		return fd;
	/* Nobody can connect before listen, and by then the mode is right and the name is known. */
	(void)unlink(temporary);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		goto fail;
	if (chmod(temporary, 0600) < 0 || listen(fd, BACKLOG) < 0 || rename(temporary, path) < 0)
		goto fail;
	return fd;
fail:
	rc = -errno;
	(void)unlink(temporary);
	(void)close(fd);
	return rc;
}

int listen_control_open_to(const char *path, uint32_t mode, uint32_t gid)
{
	/* The group first: the mode must not open it to the former one. */
	if (chmod(path, 0600) < 0)
		return -errno;
	if (lchown(path, (uid_t)-1, gid == PROC_ID_INHERIT ? getegid() : gid) < 0)
		return -errno;
	return chmod(path, mode) < 0 ? -errno : 0;
}
