/* build_control.c - the section control: who may ask supd what. */
#include <string.h>

#include "config/build_internal.h"

enum { MODE_OWNER = 0600, MODE_GROUP = 0660, MODE_ALL = 0666 };

static const char RULE[] = "unknown-user";

/* Numbers collected for one role. */
struct numbers {
	uint32_t *list; /* of the arena, with room for all that the role names */
	size_t n;
};

static void take_user(
	struct build *build, const char *text, struct place place, struct numbers *users)
{
	const struct user_entry *user = users_user(&build->users, text);
	uint32_t uid;

	if (user != NULL)
		users->list[users->n++] = user->uid;
	else if (users_number(text, &uid))
		users->list[users->n++] = uid;
	else
		findings_error(build->r->findings, place, RULE,
			"there is no user '%s' in /etc/passwd; write '@%s' for a group", text,
			text);
}

static void take_group(
	struct build *build, const char *text, struct place place, struct numbers *groups)
{
	const struct group_entry *group = users_group(&build->users, text);
	uint32_t gid;

	if (group != NULL)
		groups->list[groups->n++] = group->gid;
	else if (users_number(text, &gid))
		groups->list[groups->n++] = gid;
	else
		findings_error(build->r->findings, place, RULE,
			"there is no group '%s' in /etc/group", text);
}

static uint32_t numbers_add(struct build *build, const struct numbers *numbers)
{
	return numbers->n > 0 ? spec_add_numbers(build->b, numbers->list, numbers->n) : SPEC_NONE;
}

/* One of observers, operators and admins. Returns whether it names anybody. */
static bool build_role(
	struct build *build, const struct list *names, uint32_t *ret_users, uint32_t *ret_groups)
{
	const size_t size = (names->values.n + 1) * sizeof(uint32_t);
	struct numbers users = {.list = arena_alloc(&build->r->arena, size)};
	struct numbers groups = {.list = arena_alloc(&build->r->arena, size)};

	*ret_users = *ret_groups = SPEC_NONE;
	if (users.list == NULL || groups.list == NULL)
		return false;
	for (size_t i = 0; i < names->values.n; i++) {
		const char *text = names->values.item[i];
		const struct place place = {names->files.item[i], names->lines[i]};

		/* '%' as in sudoers. */
		if (*text == '@' || *text == '%')
			take_group(build, text + 1, place, &groups);
		else
			take_user(build, text, place, &users);
	}
	*ret_users = numbers_add(build, &users);
	*ret_groups = numbers_add(build, &groups);
	return names->values.n > 0;
}

/* Who is named must be able to connect; what it may ask then, the roles say. */
static uint32_t default_mode(bool has_group, bool has_names)
{
	if (has_group)
		return MODE_GROUP;
	return has_names ? MODE_ALL : MODE_OWNER;
}

void build_control(struct build *build, const struct record *file)
{
	const size_t section = key_number(key_find(IN_FILE, "control", strlen("control")));
	const struct settings *settings = &file->settings;
	struct control_spec control = {.gid = PROC_ID_INHERIT};
	struct numbers group = {.list = &control.gid};
	bool has_names = false;

	if (file->set_at[section].file == NULL)
		return;
	if (settings->group != NULL)
		take_group(build, settings->group, build_place(file, "group"), &group);
	for (size_t i = 0; i < SPEC_ROLES; i++)
		has_names |= build_role(
			build, &settings->control_role[i], &control.users[i], &control.groups[i]);
	if (build_place(file, "mode").file != NULL)
		control.mode = (uint32_t)settings->control_mode;
	else
		control.mode = default_mode(settings->group != NULL, has_names);
	spec_set_control(build->b, &control);
}
