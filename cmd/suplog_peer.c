/* suplog_peer.c - who may read lines: root, whoever runs supd, and those that supd names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cmd/suplog_reader.h"

enum { GROUPS_MOST = 1024 };

/* Is the kind ('u', 'g') with that number in "u1000,g4,g27"? */
static bool is_named(const char *readers, char kind, unsigned id)
{
	for (const char *at = readers; at && *at; at = strchr(at, ',')) {
		char *end;

		at += *at == ',';
		if (*at == kind && strtoul(at + 1, &end, 10) == id && end > at + 1 &&
			(*end == ',' || *end == '\0'))
			return true;
	}
	return false;
}

static bool group_is_named(const char *readers, int fd)
{
	gid_t groups[GROUPS_MOST];
	socklen_t size = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(groups[0]); i++)
		if (is_named(readers, 'g', groups[i]))
			return true;
	return false;
}

bool peer_may_read(const struct suplog *s, int fd)
{
	const char *readers = s->options.readers;
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	return peer.uid == 0 || peer.uid == s->owner || is_named(readers, 'u', peer.uid) ||
	       is_named(readers, 'g', peer.gid) || (readers && group_is_named(readers, fd));
}
