/* impact_bounds.c - impact for programs, at any time, and within its bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/impact_text.h"
#include "tests/sim/case.h"
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

static void ask_about_all(struct world *w)
{
	const struct engine *e = world_engine(w);
	struct view view;

	for (uint32_t index = 0; index < engine_capacity(e); index++) {
		struct impact *impact;
		char *text;

		if (!engine_view(e, index, &view) || view.state == CHILD_REMOVED)
			continue;
		impact = impact_look(e, index, world_now(w));
		assert_non_null(impact);
		text = impact_text(impact);
		assert_non_null(text);
		free(text);
		impact_free(impact);
	}
}

/* Whatever the engine is doing when it is asked, and about whatever entry. */
SPEC(impact_can_be_asked_at_any_time)
{
	static const struct flavour FLAVOUR = {.slow = true,
		.failing = true,
		.groups = true,
		.killing = true,
		.commanded = true,
		.bursts = true};
	enum { STEPS = 30 };
	uint32_t cases = case_count(60);

	for (uint32_t i = 0; i < cases; i++) {
		struct play play;

		case_begin(&play, case_first_seed() + i, &FLAVOUR, NULL, NULL);
		for (int step = 0; step < STEPS && !world_finished(play.w); step++) {
			ask_about_all(play.w);
			case_play(&play, 1);
		}
		case_end(&play);
		case_free(&play);
	}
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
