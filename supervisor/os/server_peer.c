/* server_peer.c - who is at the other end of a connection, by SO_PEERCRED and SO_PEERGROUPS: as it
 * was when it connected. Never by NSS, whose answer may wait for a service of ours. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/roles.h"

enum { GROUPS_FEW = 64, GROUPS_MAX = 65536 /* of a process, by the kernel */ };

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "a list of groups is a list of numbers");

static bool groups_of(int fd, uint32_t *groups, socklen_t *size)
{
	return getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, size) == 0;
}

/* With more groups than are usual, or without memory for them, those that are not known give it no
 * role. */
static bool role_with_groups(
	const struct server *server, int fd, struct peer_ids ids, enum role *ret_role)
{
	const struct spec *spec = shell_spec(server->shell);
	uint32_t few[GROUPS_FEW];
	socklen_t size = sizeof(few);
	uint32_t *many = NULL;
	bool known = groups_of(fd, few, &size);
	bool found;

	ids.groups = few;
	if (!known && errno == ERANGE && size <= GROUPS_MAX * sizeof(*many)) {
		many = malloc(size);
		known = many && groups_of(fd, many, &size);
		ids.groups = many;
	}
	ids.n_groups = known ? size / sizeof(uint32_t) : 0;
	found = role_of(spec, server->uid, &ids, ret_role);
	free(many);
	return found;
}

bool peer_role(const struct server *server, int fd, struct ucred *ret_peer, enum role *ret_role)
{
	socklen_t size = sizeof(*ret_peer);
	struct peer_ids ids;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &size) < 0)
		return false;
	ids = (struct peer_ids){.uid = ret_peer->uid, .gid = ret_peer->gid};
	/* Most clients are these, and need no look at their groups. */
	if (role_of(shell_spec(server->shell), server->uid, &ids, ret_role) &&
		*ret_role == ROLE_ADMIN)
		return true;
	return role_with_groups(server, fd, ids, ret_role);
}
