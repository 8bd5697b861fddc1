/* roles.h - what a peer may ask for, by the numbers that the kernel gives of it. Pure. */
#ifndef WIRE_ROLES_H
#define WIRE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/spec.h"
#include "supervisor/wire/methods.h"

struct peer_ids {
	uint32_t uid;
	uint32_t gid;
	const uint32_t *groups; /* the supplementary ones */
	size_t n_groups;
};

/* The highest role that the section control of the file, if any, gives a peer. Root and own_uid,
 * the user that supd runs as, are admins whatever it says. Returns false: it has none. */
bool role_of(const struct spec *spec, uint32_t own_uid, const struct peer_ids *peer,
	enum role *ret_role);

#endif
