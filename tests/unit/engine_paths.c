/* engine_paths.c - names of children, and the rows that show them. */
#include <errno.h>
#include <string.h>

#include "tests/sim/spec_test.h"

static int find(struct world *w, const char *path, char *buf, size_t size)
{
	uint32_t index = 0;
	int result = engine_find(world_engine(w), path, &index, NULL, 0, NULL);

	int length;

	buf[0] = '\0';
	if (result != 0)
		return result;
	length = engine_path(world_engine(w), index, buf, size);
	assert_int_equal(length, strlen(buf));
	return 0;
}

SPEC(a_child_is_found_by_its_path_and_by_an_unambiguous_last_part)
{
	struct world *w = world_boot("root [ a web [ app proxy ] api [ app deep [ x ] ] ]");
	char buf[256];

	assert_int_equal(find(w, "/", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/");
	assert_int_equal(find(w, "web/app", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "web/app");
	assert_int_equal(find(w, "proxy", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "web/proxy");
	assert_int_equal(find(w, "deep/x", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "api/deep/x");
	assert_int_equal(find(w, "api/deep/x", buf, sizeof(buf)), 0);
	assert_int_equal(find(w, "api", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "api");
	world_free(w);
}

SPEC(what_is_not_there_is_not_found)
{
	static const char *const PATHS[] = {"b", "web/x", "app/web", "", "//", "/a", "a/",
		"web//app", "x/app", "ap", "web/ap", "web/app/x", "proxy/web/app"};
	struct world *w = world_boot("root [ a web [ app proxy ] api [ app ] ]");
	char buf[256];

	for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
		if (find(w, PATHS[i], buf, sizeof(buf)) == 0)
			world_broken(w, "'%s' finds %s", PATHS[i], buf);
	}
	world_free(w);
}

SPEC(an_ambiguous_last_part_names_its_candidates)
{
	struct world *w = world_boot("root [ web [ app ] api [ app ] x [ y [ app ] ] ]");
	uint32_t candidates[2] = {ENGINE_NONE, ENGINE_NONE};
	uint32_t index = 77;
	uint32_t n = 0;
	char buf[256];

	assert_int_equal(engine_find(world_engine(w), "app", &index, candidates, 2, &n), -ENOTUNIQ);
	assert_int_equal(n, 3);
	assert_int_equal(index, 77);
	for (int i = 0; i < 2; i++) {
		assert_true(engine_path(world_engine(w), candidates[i], buf, sizeof(buf)) > 0);
		assert_string_equal(buf + strlen(buf) - 4, "/app");
	}
	assert_int_not_equal(candidates[0], candidates[1]);
	assert_int_equal(engine_find(world_engine(w), "y/app", &index, NULL, 0, NULL), 0);
	world_free(w);
}

SPEC(a_full_path_is_never_ambiguous)
{
	struct world *w = world_boot("root [ app web [ app ] ]");
	char buf[256];

	assert_int_equal(find(w, "app", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "app");
	assert_int_equal(find(w, "web/app", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "web/app");
	world_free(w);
}

SPEC(a_path_that_does_not_fit_is_an_error)
{
	struct world *w = world_boot("root [ web [ app ] ]");
	uint32_t index = 0;
	char buf[8];

	assert_int_equal(engine_find(world_engine(w), "web/app", &index, NULL, 0, NULL), 0);
	assert_int_equal(engine_path(world_engine(w), index, buf, 8), 7);
	assert_int_equal(engine_path(world_engine(w), index, buf, 7), -ENAMETOOLONG);
	world_free(w);
}

SPEC(rows_tell_the_tree_in_order)
{
	static const char *const ORDER[] = {"a", "sub", "b"};
	struct world *w = world_boot("root [ a sub [ x ] b ]");
	struct view root;
	struct view row;
	uint32_t next;
	char buf[64];

	assert_true(engine_view(world_engine(w), 0, &root));
	assert_true(root.parent == ENGINE_NONE);
	assert_int_equal(root.kind, KIND_SUPERVISOR);
	next = root.first_child;
	for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++) {
		assert_true(engine_view(world_engine(w), next, &row));
		assert_int_equal(row.parent, 0);
		assert_true(engine_path(world_engine(w), next, buf, sizeof(buf)) > 0);
		assert_string_equal(buf, ORDER[i]);
		next = row.next_sibling;
	}
	assert_true(next == ENGINE_NONE);
	world_free(w);
}

/* A configured child may keep its row when it is removed, since a restart of its supervisor brings
 * it back; whoever walks the rows tells by the state. */
SPEC(a_deleted_child_is_no_longer_among_its_siblings)
{
	static const char *const LEFT[] = {"a", "c"};
	struct world *w = world_boot("root [ a b c ]");
	struct view root = {0};
	struct view row = {0};
	size_t n = 0;

	world_command(w, CMD_STOP, "b");
	world_command(w, CMD_DELETE, "b");
	assert_true(engine_view(world_engine(w), 0, &root));
	for (uint32_t i = root.first_child; i != ENGINE_NONE; i = row.next_sibling) {
		assert_true(engine_view(world_engine(w), i, &row));
		if (row.state == CHILD_REMOVED)
			continue;
		if (n < 2)
			assert_string_equal(
				spec_str(row.spec, spec_node(row.spec, row.node)->name), LEFT[n]);
		n++;
	}
	assert_int_equal(n, 2);
	world_free(w);
}

SPEC(a_row_tells_since_when)
{
	struct world *w = world_boot("root [ a ]");

	world_advance(w, 1234);
	world_exit(w, "a", 1);
	world_advance(w, 1000);
	assert_int_equal(world_view(w, "a").since_ms, 1234);
	assert_int_equal(world_view(w, "/").since_ms, 0);
	world_free(w);
}

SPEC(names_of_states_and_reasons_are_there_and_no_others)
{
	assert_string_equal(child_state_name(CHILD_BACKOFF), "backoff");
	assert_string_equal(child_state_name(CHILD_REMOVED), "removed");
	assert_string_equal(why_name(WHY_SIBLING), "sibling");
	assert_string_equal(command_name(CMD_DELETE), "delete");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_is_found_by_its_path_and_by_an_unambiguous_last_part),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(an_ambiguous_last_part_names_its_candidates),
		cmocka_unit_test(a_full_path_is_never_ambiguous),
		cmocka_unit_test(a_path_that_does_not_fit_is_an_error),
		cmocka_unit_test(rows_tell_the_tree_in_order),
		cmocka_unit_test(a_deleted_child_is_no_longer_among_its_siblings),
		cmocka_unit_test(a_row_tells_since_when),
		cmocka_unit_test(names_of_states_and_reasons_are_there_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
