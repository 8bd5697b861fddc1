/* users.h - users and groups, from /etc/passwd and /etc/group.
 *
 * Never by NSS: its look-ups may ask a service, and the one who asks here may be the supervisor of
 * that service. */
#ifndef CONFIG_USERS_H
#define CONFIG_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/arena.h"

struct user_entry {
	const char *name;
	const char *home;
	const char *shell;
	uint32_t uid;
	uint32_t gid;
};

struct group_entry {
	const char *name;
	uint32_t gid;
	struct strs members;
};

/* Both files; read when first asked for. All zero is "not yet read". */
struct users {
	struct arena *arena;
	bool read;
	struct user_entry *user;
	size_t users;
	struct group_entry *group;
	size_t groups;
	const struct user_entry *last_user; /* the last answers: neighbours ask the same */
	const char *last_user_text;
	const struct group_entry *last_group;
	const char *last_group_text;
};

/* By name, or by number where no name is like it. NULL: not in the file. */
const struct user_entry *users_user(struct users *users, const char *text);
const struct group_entry *users_group(struct users *users, const char *text);

/* A number of a user or group as text. Returns false when text is none. */
bool users_number(const char *text, uint32_t *ret);

/* The groups of a user: gid, then each whose members name it. Returns how many; *ret_gids (of the
 * arena) has them. */
size_t users_groups_of(
	struct users *users, const struct user_entry *user, uint32_t gid, uint32_t **ret_gids);

#endif
