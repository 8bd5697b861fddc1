/* impact_bounds.c - impact for programs, at any time, and within its bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/impact_text.h"
#include "tests/sim/spec_test.h"

static struct impact *look(struct world *w, const char *path)
{
	uint32_t index = 0;
	struct impact *impact;

	assert_int_equal(engine_find(world_engine(w), path, &index, NULL, 0, NULL), 0);
	impact = impact_look(world_engine(w), index, world_now(w));
	assert_non_null(impact);
	return impact;
}

/* ---- what programs get */

SPEC(the_steps_say_the_same_to_programs)
{
	static const char *const EXPECTED[] = {
		"{\"at\": 0.0, \"death\": 1, \"path\": \"b\", \"what\": \"dies\"}",
		"{\"at\": 0.0, \"child\": \"b\", \"count\": 1, \"death\": 1, \"limit\": 1, "
		"\"path\": \"/\", \"what\": \"counts\", \"within\": 5.0}",
		"{\"at\": 0.0, \"death\": 1, \"path\": \"c\", \"what\": \"stops\"}",
		"{\"at\": 0.0, \"death\": 1, \"path\": \"b\", \"what\": \"starts\"}",
		"{\"at\": 0.0, \"death\": 1, \"path\": \"c\", \"what\": \"starts\"}",
		"{\"at\": 0.0, \"death\": 2, \"path\": \"b\", \"what\": \"dies\"}",
		"{\"at\": 0.0, \"death\": 2, \"path\": \"/\", \"what\": \"gives_up\"}",
		"{\"at\": 0.0, \"death\": 2, \"path\": \"c\", \"what\": \"stops\"}",
		"{\"at\": 0.0, \"death\": 2, \"path\": \"a\", \"what\": \"stops\"}",
		"{\"at\": 0.0, \"death\": 2, \"path\": \"/\", \"status\": 1, \"what\": \"ends\"}",
	};
	struct world *w = world_boot("root rest_for_one 1/5 [ a b c ]");
	struct impact *impact = look(w, "b");
	json_t *steps = impact_json(impact);

	assert_int_equal(json_array_size(steps), sizeof(EXPECTED) / sizeof(EXPECTED[0]));
	for (size_t i = 0; i < json_array_size(steps); i++) {
		char *text = json_dumps(json_array_get(steps, i), JSON_SORT_KEYS);

		assert_string_equal(text, EXPECTED[i]);
		free(text);
	}
	json_decref(steps);
	impact_free(impact);
	world_free(w);
}

/* ---- bounds */

SPEC(the_engine_that_is_asked_is_not_touched)
{
	struct world *w = world_boot("root [ a:backoff=1s sub one_for_all [ x y ] b ]");
	size_t size = engine_save(world_engine(w), NULL, 0);
	char *before = malloc(size);
	char *after = malloc(size);

	assert_non_null(before);
	assert_non_null(after);
	(void)engine_save(world_engine(w), before, size);
	impact_free(look(w, "x"));
	impact_free(look(w, "a"));
	assert_int_equal(engine_save(world_engine(w), after, size), size);
	assert_memory_equal(before, after, size);
	free(before);
	free(after);
	world_free(w);
}

SPEC(ten_thousand_siblings_are_counted_not_listed)
{
	enum { CHILDREN = 10000 };
	size_t size = (size_t)CHILDREN * 8 + 64;
	char *tree = malloc(size);
	size_t n;
	struct world *w;
	struct impact *impact;
	char *text;

	assert_non_null(tree);
	n = (size_t)snprintf(tree, size, "root one_for_all [");
	for (int i = 0; i < CHILDREN; i++)
		n += (size_t)snprintf(tree + n, size - n, " c%d", i);
	(void)snprintf(tree + n, size - n, " ]");
	w = world_boot(tree);
	impact = look(w, "c5000");
	text = impact_text(impact);
	assert_non_null(text);
	assert_false(impact->truncated);
	assert_int_equal(impact->outcome, IMPACT_TREE_ENDS);
	assert_non_null(strstr(text, "c9988 and 9987 more\n"));
	assert_non_null(strstr(text, "c11 and 9988 more, at once\n"));
	assert_true(strlen(text) < 4000);
	free(text);
	impact_free(impact);
	world_free(w);
	free(tree);
}

SPEC(what_would_take_too_long_is_broken_off)
{
	struct world *w =
		world_boot("root 9/5 [ a 9/5 [ b 9/5 [ c 9/5 [ d 9/5 [ e 9/5 [ x ] ] ] ] ] ]");
	struct impact *impact = look(w, "x");
	char *text = impact_text(impact);

	assert_non_null(text);
	assert_int_equal(impact->outcome, IMPACT_UNDECIDED);
	assert_non_null(strstr(text, " it is not over; supd looked no further.\n"));
	free(text);
	impact_free(impact);
	world_free(w);
}

/* Whatever the engine is doing when it is asked: the answer comes, and what runs is up in it. */
SPEC(impact_can_be_asked_at_any_time)
{
	struct world *w =
		world_new("root rest_for_one [ a:notify sub one_for_all [ x y ] b:exit ]", 1);
	static const char *const PATHS[] = {"a", "sub", "x", "y", "b", "/"};
	int step = 0;

	world_stop_delay(w, "x", 500);
	world_start(w);
	for (; step < 8; step++) {
		for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
			struct impact *impact = look(w, PATHS[i]);
			char *text = impact_text(impact);

			assert_non_null(text);
			free(text);
			impact_free(impact);
		}
		if (step == 0)
			world_ready(w, "a");
		if (step == 2)
			world_exit(w, "y", 1);
		if (step == 3 || step == 5)
			world_advance(w, 500);
		if (step == 4)
			world_command(w, CMD_STOP, "sub");
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_steps_say_the_same_to_programs),
		cmocka_unit_test(the_engine_that_is_asked_is_not_touched),
		cmocka_unit_test(ten_thousand_siblings_are_counted_not_listed),
		cmocka_unit_test(what_would_take_too_long_is_broken_off),
		cmocka_unit_test(impact_can_be_asked_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
