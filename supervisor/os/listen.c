/* listen.c - see listen.h. */
#include "supervisor/os/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/os/child_setup.h"

/* One that is open, and what it left in the file system. */
struct opened {
	int fd;
	const char *path; /* NULL: it has no file */
	dev_t device;
	ino_t inode;
};

/* The sockets of a node stand one after the other in `passed`. */
struct listeners_node {
	uint32_t node;
	uint32_t first;
	uint32_t n;
};

struct listeners {
	const struct spec *spec;
	struct opened *opened;
	size_t opened_n;
	struct passed_fd *passed;
	size_t passed_n;
	struct listeners_node *nodes; /* ascending */
	size_t nodes_n;
};

/* ---- one socket */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t size;
};

static void fill_in(const struct socket_spec *spec, struct address *to)
{
	to->in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(spec->port)};
	if (spec->family == 4)
		memcpy(&to->in.sin_addr, spec->host, sizeof(to->in.sin_addr));
	to->size = sizeof(to->in);
}

static void fill_in6(const struct socket_spec *spec, struct address *to)
{
	to->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(spec->port)};
	memcpy(&to->in6.sin6_addr, spec->host, sizeof(to->in6.sin6_addr));
	to->size = sizeof(to->in6);
}

/* Longer paths were refused when the file was read. */
static void fill_un(const char *path, struct address *to)
{
	const size_t length = strnlen(path, sizeof(to->un.sun_path) - 1);

	memset(&to->un, 0, sizeof(to->un));
	to->un.sun_family = AF_UNIX;
	memcpy(to->un.sun_path, path, length);
	to->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (*path == '@')
		to->un.sun_path[0] = '\0';
	else
		to->size++;
}

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_socket(const struct socket_spec *spec, int domain)
{
	int fd = socket(domain, (int)spec->type | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int set_internet_options(const struct socket_spec *spec, int fd, int domain)
{
	int error = 0;

	/* A port in TIME_WAIT must not keep the next supd from it. To UDP it would mean more. */
	if (spec->kind == SOCKET_TCP)
		error = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (error == 0 && spec->reuseport)
		error = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (error == 0 && domain == AF_INET6)
		error = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, spec->family == 6);
	return error;
}

/* Returns the descriptor, bound, or negative errno. */
static int open_internet(const struct socket_spec *spec)
{
	int domain = spec->family == 4 ? AF_INET : AF_INET6;
	int fd = open_socket(spec, domain);
	struct address address;
	int error;

	if (fd == -EAFNOSUPPORT && spec->family == 0) {
		domain = AF_INET;
		fd = open_socket(spec, domain);
	}
	if (fd < 0)
		return fd;
	if (domain == AF_INET)
		fill_in(spec, &address);
	else
		fill_in6(spec, &address);
	error = set_internet_options(spec, fd, domain);
	if (error == 0 && bind(fd, &address.any, address.size) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	(void)close(fd);
	return error;
}

/* Removes the file of a socket that nobody has any more. Returns 0, also when there is none. */
static int remove_stale(const struct socket_spec *spec, const char *path)
{
	struct address address;
	struct stat st;
	int error = 0;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, (int)spec->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	fill_un(path, &address);
	/* Anything but "refused" comes from somebody, be it one of another type or with a full
	 * queue. */
	if (connect(fd, &address.any, address.size) == 0 || errno != ECONNREFUSED)
		error = -EADDRINUSE;
	(void)close(fd);
	if (error == 0 && unlink(path) < 0 && errno != ENOENT)
		error = -errno;
	return error;
}

/* Nobody may connect before owner and mode are right: the file comes without any permission. */
static int bind_file(const struct socket_spec *spec, int fd, struct address *address)
{
	const char *path = address->un.sun_path;
	const mode_t mask = umask(0777);
	const mode_t mode = spec->mode != SOCKET_MODE_UMASK ? spec->mode : 0666 & ~mask;
	int error = bind(fd, &address->any, address->size) < 0 ? -errno : 0;

	(void)umask(mask);
	if (error < 0)
		return error;
	if ((spec->uid != PROC_ID_INHERIT || spec->gid != PROC_ID_INHERIT) &&
		lchown(path, spec->uid, spec->gid) < 0)
		error = -errno;
	if (error == 0 && chmod(path, mode) < 0)
		error = -errno;
	if (error < 0)
		(void)unlink(path);
	return error;
}

static int open_unix(const struct socket_spec *spec, const char *path, struct opened *to)
{
	const bool file = *path != '@';
	struct address address;
	struct stat st;
	int error = file ? remove_stale(spec, path) : 0;
	int fd;

	if (error < 0)
		return error;
	fd = open_socket(spec, AF_UNIX);
	if (fd < 0)
		return fd;
	fill_un(path, &address);
	if (file)
		error = bind_file(spec, fd, &address);
	else if (bind(fd, &address.any, address.size) < 0)
		error = -errno;
	if (error < 0) {
		(void)close(fd);
		return error;
	}
	if (file && lstat(path, &st) == 0) {
		to->path = path;
		to->device = st.st_dev;
		to->inode = st.st_ino;
	}
	return fd;
}

static void close_one(const struct opened *opened)
{
	struct stat st;

	(void)close(opened->fd);
	if (opened->path && lstat(opened->path, &st) == 0 && st.st_dev == opened->device &&
		st.st_ino == opened->inode)
		(void)unlink(opened->path);
}

static int open_one(const struct spec *spec, const struct socket_spec *socket, struct opened *ret)
{
	struct opened opened = {.fd = -1};
	int error = 0;

	opened.fd = socket->kind == SOCKET_UNIX
			    ? open_unix(socket, spec_str(spec, socket->path), &opened)
			    : open_internet(socket);
	if (opened.fd < 0)
		return opened.fd;
	if (socket->type != SOCK_DGRAM && listen(opened.fd, (int)socket->backlog) < 0)
		error = -errno;
	if (error < 0)
		close_one(&opened);
	else
		*ret = opened;
	return error;
}

/* ---- all of them */

static const char *remedy(const struct socket_spec *socket, int error)
{
	switch (-error) {
	case EADDRINUSE:
		return ": another process has it";
	case EACCES:
		return socket->kind == SOCKET_UNIX
			       ? ""
			       : ": a port so low needs root, or the capability "
				 "CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return ": no interface of this machine has that address";
	case EEXIST:
		return ": what is there is no socket, and is not replaced";
	case ENOENT:
		return ": its directory must be there";
	default:
		return "";
	}
}

static int open_of_node(struct listeners *l, uint32_t node, uint32_t k, char *why, size_t why_size)
{
	const struct spec *spec = l->spec;
	const struct spec_list *list = spec_list(spec, spec_proc(spec, node)->sockets);
	const struct socket_spec *socket = spec_socket(spec, list->item[k]);
	const struct listeners_node *before = l->nodes_n > 1 ? &l->nodes[l->nodes_n - 2] : NULL;
	struct passed_fd *passed = &l->passed[l->passed_n];
	int error;

	*passed = (struct passed_fd){.number = PASSED_LISTEN, .name = spec_str(spec, socket->name)};
	/* A copy of the process before it: equal records are stored once. */
	if (spec_node(spec, node)->repeat && before && before->node == node - 1 &&
		!socket->reuseport &&
		spec_list(spec, spec_proc(spec, node - 1)->sockets)->item[k] == list->item[k]) {
		passed->fd = l->passed[before->first + k].fd;
	} else {
		error = open_one(spec, socket, &l->opened[l->opened_n]);
		if (error < 0) {
			(void)snprintf(why, why_size, "%s:%u: cannot open the socket %s: %s%s",
				spec_str(spec, socket->file), socket->line,
				spec_str(spec, socket->address), strerror(-error),
				remedy(socket, error));
			return error;
		}
		passed->fd = l->opened[l->opened_n++].fd;
	}
	l->passed_n++;
	return 0;
}

static int open_all(struct listeners *l, char *why, size_t why_size)
{
	for (uint32_t i = 0; i < l->spec->nodes; i++) {
		const bool process = spec_node(l->spec, i)->kind == KIND_PROCESS;
		const uint32_t offset = process ? spec_proc(l->spec, i)->sockets : SPEC_NONE;
		int error = 0;

		if (offset == SPEC_NONE)
			continue;
		l->nodes[l->nodes_n++] = (struct listeners_node){
			i, (uint32_t)l->passed_n, spec_list(l->spec, offset)->n};
		for (uint32_t k = 0; k < spec_list(l->spec, offset)->n && error == 0; k++)
			error = open_of_node(l, i, k, why, why_size);
		if (error < 0)
			return error;
	}
	return 0;
}

int listeners_open(const struct spec *spec, struct listeners **ret, char *why, size_t why_size)
{
	struct listeners *l;
	size_t nodes = 0;
	size_t sockets = 0;
	int error;

	*ret = NULL;
	for (uint32_t i = 0; i < spec->nodes; i++) {
		const bool process = spec_node(spec, i)->kind == KIND_PROCESS;
		const uint32_t offset = process ? spec_proc(spec, i)->sockets : SPEC_NONE;

		nodes += offset != SPEC_NONE;
		sockets += offset != SPEC_NONE ? spec_list(spec, offset)->n : 0;
	}
	if (nodes == 0)
		return 0;
	l = calloc(1, sizeof(*l));
	if (l) {
		l->spec = spec;
		l->opened = calloc(sockets, sizeof(*l->opened));
		l->passed = calloc(sockets, sizeof(*l->passed));
		l->nodes = calloc(nodes, sizeof(*l->nodes));
	}
	if (l && l->opened && l->passed && l->nodes) {
		error = open_all(l, why, why_size);
	} else {
		error = -ENOMEM;
		(void)snprintf(why, why_size, "cannot open sockets: %s", strerror(ENOMEM));
	}
	if (error == 0)
		*ret = l;
	else
		listeners_close(l);
	return error;
}

static int compare_nodes(const void *a, const void *b)
{
	const uint32_t left = ((const struct listeners_node *)a)->node;
	const uint32_t right = ((const struct listeners_node *)b)->node;

	return (left > right) - (left < right);
}

size_t listeners_of(const struct listeners *l, uint32_t node, const struct passed_fd **ret)
{
	const struct listeners_node key = {.node = node};
	const struct listeners_node *found;

	*ret = NULL;
	if (!l)
		return 0;
	found = bsearch(&key, l->nodes, l->nodes_n, sizeof(key), compare_nodes);
	if (!found)
		return 0;
	*ret = &l->passed[found->first];
	return found->n;
}

void listeners_close(struct listeners *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->opened_n; i++)
		close_one(&l->opened[i]);
	free(l->opened);
	free(l->passed);
	free(l->nodes);
	free(l);
}
