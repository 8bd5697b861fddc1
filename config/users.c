/* users.c - users and groups, from /etc/passwd and /etc/group. */
#include "config/users.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "config/units.h"

static const char PASSWD[] = "/etc/passwd";
static const char GROUP[] = "/etc/group";

/* Makes room for one more item of size bytes behind n; lists are full at 0, 8, 16, 32 ... */
static void *grown(struct arena *arena, void *list, size_t n, size_t size)
{
	void *more;

	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return list;
	more = arena_alloc(arena, (n == 0 ? 8 : 2 * n) * size);
	if (more != NULL && n > 0)
		memcpy(more, list, n * size);
	return more;
}

static void read_users(struct users *users)
{
	FILE *file = fopen(PASSWD, "re");
	struct passwd *entry;

	if (file == NULL)
		return;
	while ((entry = fgetpwent(file)) != NULL) {
		struct user_entry *list =
			grown(users->arena, users->user, users->users, sizeof(*list));
		if (list == NULL)
			break;
		users->user = list;
		list[users->users++] = (struct user_entry){
			.name = arena_str(users->arena, entry->pw_name),
			.home = arena_str(users->arena, entry->pw_dir),
			.shell = arena_str(users->arena, entry->pw_shell),
			.uid = entry->pw_uid,
			.gid = entry->pw_gid,
		};
	}
	(void)fclose(file);
}

static void read_groups(struct users *users)
{
	FILE *file = fopen(GROUP, "re");
	struct group *entry;

	if (file == NULL)
		return;
	while ((entry = fgetgrent(file)) != NULL) {
		struct group_entry *list =
			grown(users->arena, users->group, users->groups, sizeof(*list));
		if (list == NULL)
			break;
		struct group_entry *new = &list[users->groups++];
		users->group = list;
		*new = (struct group_entry){
			.name = arena_str(users->arena, entry->gr_name), .gid = entry->gr_gid};
		for (char **member = entry->gr_mem; *member != NULL; member++)
			(void)strs_add(
				users->arena, &new->members, arena_str(users->arena, *member));
	}
	(void)fclose(file);
}

static void read_once(struct users *users)
{
	if (users->read)
		return;
	users->read = true;
	read_users(users);
	read_groups(users);
}

bool users_number(const char *text, uint32_t *ret)
{
	int64_t number;

	/* The last number means "no user" to the kernel. */
	if (*text < '0' || *text > '9' || parse_number(text, 0, UINT32_MAX - 1, &number) < 0)
		return false;
	*ret = (uint32_t)number;
	return true;
}

const struct user_entry *users_user(struct users *users, const char *text)
{
	const struct user_entry *found = NULL;
	uint32_t number;

	read_once(users);
	if (users->last_user_text != NULL && strcmp(users->last_user_text, text) == 0)
		return users->last_user;
	for (size_t i = 0; i < users->users && found == NULL; i++) {
		if (strcmp(users->user[i].name, text) == 0)
			found = &users->user[i];
	}
	for (size_t i = 0; i < users->users && found == NULL && users_number(text, &number); i++) {
		if (users->user[i].uid == number)
			found = &users->user[i];
	}
	users->last_user = found;
	users->last_user_text = text;
	return found;
}

const struct group_entry *users_group(struct users *users, const char *text)
{
	const struct group_entry *found = NULL;
	uint32_t number;

	read_once(users);
	if (users->last_group_text != NULL && strcmp(users->last_group_text, text) == 0)
		return users->last_group;
	for (size_t i = 0; i < users->groups && found == NULL; i++) {
		if (strcmp(users->group[i].name, text) == 0)
			found = &users->group[i];
	}
	for (size_t i = 0; i < users->groups && found == NULL && users_number(text, &number); i++) {
		if (users->group[i].gid == number)
			found = &users->group[i];
	}
	users->last_group = found;
	users->last_group_text = text;
	return found;
}

static bool is_member(const struct group_entry *group, const char *name)
{
	for (size_t i = 0; i < group->members.n; i++) {
		if (strcmp(group->members.item[i], name) == 0)
			return true;
	}
	return false;
}

size_t users_groups_of(
	struct users *users, const struct user_entry *user, uint32_t gid, uint32_t **ret_gids)
{
	uint32_t *gids;
	size_t n = 0;

	read_once(users);
	gids = arena_alloc(users->arena, (users->groups + 1) * sizeof(*gids));
	if (gids == NULL)
		return 0;
	gids[n++] = gid;
	for (size_t i = 0; i < users->groups; i++) {
		const struct group_entry *group = &users->group[i];
		if (group->gid != gid && is_member(group, user->name))
			gids[n++] = group->gid;
	}
	*ret_gids = gids;
	return n;
}
