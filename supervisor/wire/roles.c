/* roles.c - what a peer may ask for. */
#include "supervisor/wire/roles.h"

static bool has(const struct spec *spec, uint32_t list, uint32_t number)
{
	const struct spec_list *numbers = list == SPEC_NONE ? NULL : spec_list(spec, list);

	for (uint32_t i = 0; numbers && i < numbers->n; i++)
		if (numbers->item[i] == number)
			return true;
	return false;
}

static bool is_named(const struct spec *spec, const struct control_spec *control, size_t role,
	const struct peer_ids *peer)
{
	if (has(spec, control->users[role], peer->uid) ||
		has(spec, control->groups[role], peer->gid))
		return true;
	for (size_t i = 0; i < peer->n_groups; i++)
		if (has(spec, control->groups[role], peer->groups[i]))
			return true;
	return false;
}

bool role_of(
	const struct spec *spec, uint32_t own_uid, const struct peer_ids *peer, enum role *ret_role)
{
	const struct control_spec *control = spec_control(spec);

	if (peer->uid == 0 || peer->uid == own_uid) {
		*ret_role = ROLE_ADMIN;
		return true;
	}
	for (int role = ROLE_ADMIN; control && role >= ROLE_OBSERVER; role--) {
		if (!is_named(spec, control, (size_t)role, peer))
			continue;
		*ret_role = (enum role)role;
		return true;
	}
	return false;
}
