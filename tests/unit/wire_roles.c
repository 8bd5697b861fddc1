/* wire_roles.c - who may ask what: every role with every method, and which role a peer has. */
#include "supervisor/wire/roles.h"
#include "tests/unit/wire_fake.h"

#define TREE "root [ db web [ app ] ]"

/* ---- every role, every method */

/* The contract (INTERFACE, section 5), not the table that is tested: observers read, operators also
 * start, stop, restart, signal and reload, admins also start-child, run and shutdown. */
static const struct expected {
	const char *method;
	const char *parameters;
	enum role role;
} EXPECTED[] = {
	{WIRE_SERVICE ".GetInfo", "{}", ROLE_OBSERVER},
	{WIRE_SERVICE ".GetInterfaceDescription", "{\"interface\":\"" WIRE_INTERFACE "\"}",
		ROLE_OBSERVER},
	{WIRE_INTERFACE ".Ping", "{}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".Status", "{}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".Inspect", "{\"path\":\"db\"}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".Count", "{}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".Impact", "{\"path\":\"db\"}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".WhereIs", "{\"name\":\"db\"}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".Subscribe", "{}", ROLE_OBSERVER},
	{WIRE_INTERFACE ".Start", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Stop", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Restart", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Delete", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Signal", "{\"path\":\"db\",\"signal\":\"HUP\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Suspend", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Resume", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Reload", "{\"path\":\"db\"}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".StartChild", "{\"path\":\"/\",\"name\":\"x\",\"command\":[\"x\"]}",
		ROLE_ADMIN},
	{WIRE_INTERFACE ".Run", "{\"path\":\"web\",\"command\":[\"x\"]}", ROLE_ADMIN},
	{WIRE_INTERFACE ".ReopenLogs", "{}", ROLE_OPERATOR},
	{WIRE_INTERFACE ".Shutdown", "{}", ROLE_ADMIN},
};

static struct client *only_client(struct shell *shell)
{
	fake_wait_clients(shell, 1);
	for (uint32_t i = 0; i < shell->server->clients_size; i++)
		if (shell->server->clients[i])
			return shell->server->clients[i];
	return NULL;
}

/* Calls one method with one role. Returns whether it was denied. */
static bool is_denied(const struct expected *expected, enum role role)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	char call[512];
	const char *reply;
	bool denied;

	shell->answer_at_once = true;
	only_client(shell)->role = role;
	(void)snprintf(call, sizeof(call), "{\"method\":\"%s\",\"parameters\":%s,\"more\":true}",
		expected->method, expected->parameters);
	peer_send(shell, &peer, call);
	/* What adds a child is answered by others; what it asked for is known at once. */
	fake_settle(shell);
	if (shell->n_additions > 0) {
		denied = false;
	} else {
		reply = peer_receive(shell, &peer);
		assert_non_null(reply);
		denied = strcmp(reply, ERROR("PermissionDenied", "{}")) == 0;
	}
	if (denied) {
		assert_int_equal(shell->n_commands, 0);
		assert_int_equal(shell->shutdowns, 0);
		assert_int_equal(shell->signal, 0);
	}
	peer_close(&peer);
	fake_free(shell);
	return denied;
}

SPEC(each_role_may_call_its_methods_and_those_of_the_roles_below_it)
{
	assert_int_equal((sizeof(EXPECTED) / sizeof(EXPECTED[0])), METHOD_COUNT);
	for (size_t i = 0; i < (sizeof(EXPECTED) / sizeof(EXPECTED[0])); i++) {
		for (unsigned role = 0; role < ROLE_COUNT; role++) {
			if (is_denied(&EXPECTED[i], (enum role)role) != (role < EXPECTED[i].role))
				fail_msg("%s, called by an %s", EXPECTED[i].method,
					role_name((enum role)role));
		}
	}
}

/* A cast is denied without an answer, and does nothing. */
SPEC(what_is_denied_does_nothing_as_a_cast_too)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	only_client(shell)->role = ROLE_OBSERVER;
	peer_send(shell, &peer,
		"{\"method\":\"org.supd.Supervisor.Stop\",\"parameters\":{\"path\":\"db\"},"
		"\"oneway\":true}");
	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	assert_int_equal(shell->n_commands, 0);
	peer_close(&peer);
	fake_free(shell);
}

/* ---- which role a peer has */

enum { OWN_UID = 500 };

/* A specification with users and groups for each role: observers 1001, @2001; operators 1002,
 * @2002; admins 1003, @2003. */
static struct spec *spec_of_roles(bool section)
{
	struct spec_builder *b = spec_builder_new();
	const struct child_spec child = child_spec_default(KIND_SUPERVISOR);
	const struct sup_spec sup = sup_spec_default();
	struct control_spec control = {.mode = 0666, .gid = PROC_ID_INHERIT};
	struct spec_node root = {
		.kind = KIND_SUPERVISOR, .proc = SPEC_NONE, .argv = SPEC_NONE, .line = 1};
	const char *why = "";
	struct spec *spec;
	size_t size = 0;

	assert_non_null(b);
	root.name = spec_add_str(b, "root");
	root.file = spec_add_str(b, "test");
	root.child = spec_add_child(b, &child);
	root.sup = spec_add_sup(b, &sup);
	(void)spec_add_node(b, SPEC_NONE, &root);
	for (uint32_t i = 0; i < SPEC_ROLES; i++) {
		const uint32_t user = 1001 + i;
		const uint32_t group = 2001 + i;

		control.users[i] = spec_add_numbers(b, &user, 1);
		control.groups[i] = spec_add_numbers(b, &group, 1);
	}
	if (section)
		spec_set_control(b, &control);
	spec = spec_build_finish(b, &size);
	assert_non_null(spec);
	if (spec_check(spec, size, &why) < 0)
		fail_msg("the specification is wrong: %s", why);
	spec_builder_free(b);
	return spec;
}

/* The role of a peer; -1: none. */
static int role_by(const struct spec *spec, uint32_t uid, uint32_t gid, uint32_t group)
{
	const struct peer_ids ids = {
		.uid = uid, .gid = gid, .groups = &group, .n_groups = group > 0};
	enum role role;

	return role_of(spec, OWN_UID, &ids, &role) ? (int)role : -1;
}

SPEC(without_a_section_root_and_the_own_user_are_admins_and_nobody_else_is_anything)
{
	struct spec *spec = spec_of_roles(false);

	assert_int_equal(role_by(spec, 0, 0, 0), ROLE_ADMIN);
	assert_int_equal(role_by(spec, OWN_UID, 9, 0), ROLE_ADMIN);
	assert_int_equal(role_by(spec, 1003, 2003, 2003), -1);
	assert_int_equal(role_by(spec, 9, 0, 0), -1);
	free(spec);
}

SPEC(a_role_comes_by_user_by_group_and_by_supplementary_group)
{
	struct spec *spec = spec_of_roles(true);

	for (int i = 0; i < ROLE_COUNT; i++) {
		assert_int_equal(role_by(spec, 1001 + (uint32_t)i, 9, 0), i);
		assert_int_equal(role_by(spec, 9, 2001 + (uint32_t)i, 0), i);
		assert_int_equal(role_by(spec, 9, 9, 2001 + (uint32_t)i), i);
	}
	assert_int_equal(role_by(spec, 9, 9, 9), -1);
	/* Numbers of users are not those of groups. */
	assert_int_equal(role_by(spec, 2003, 1003, 1003), -1);
	assert_int_equal(role_by(spec, 0, 9, 0), ROLE_ADMIN);
	assert_int_equal(role_by(spec, OWN_UID, 2001, 0), ROLE_ADMIN);
	free(spec);
}

SPEC(the_highest_role_counts)
{
	struct spec *spec = spec_of_roles(true);

	assert_int_equal(role_by(spec, 1001, 2003, 2002), ROLE_ADMIN);
	assert_int_equal(role_by(spec, 1001, 2001, 2002), ROLE_OPERATOR);
	assert_int_equal(role_by(spec, 1002, 2001, 2001), ROLE_OPERATOR);
	free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_may_call_its_methods_and_those_of_the_roles_below_it),
		cmocka_unit_test(what_is_denied_does_nothing_as_a_cast_too),
		cmocka_unit_test(
			without_a_section_root_and_the_own_user_are_admins_and_nobody_else_is_anything),
		cmocka_unit_test(a_role_comes_by_user_by_group_and_by_supplementary_group),
		cmocka_unit_test(the_highest_role_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
