/* impact_text.c - what would happen if a child died, and kept dying: the answers, in full. */
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

static void tells(struct world *w, const char *path, const char *expected)
{
	struct impact *impact = look(w, path);
	char *text = impact_text(impact);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	impact_free(impact);
	world_free(w);
}

SPEC(one_for_all_escalates_level_by_level)
{
	struct world *w = world_boot("root [ db:backoff=100ms web one_for_all [ app:backoff=100ms "
				     "proxy log:temporary ] t:transient ]");

	tells(w, "web/app",
		"web/app is a permanent process of web (one_for_all, 3 restarts within 5s)\n"
		"\n"
		"If web/app dies now:\n"
		"  counts as restart 1 of 3 within 5s\n"
		"  stops    web/log, web/proxy\n"
		"  removed  web/log: temporary\n"
		"  starts   web/app, web/proxy, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       restart 2 of 3 within 5s, after 100ms\n"
		"  death 3      +100ms    restart 3 of 3 within 5s, after 200ms\n"
		"  death 4      +300ms    one restart too many: web gives up\n"
		"                         stops    web/proxy\n"
		"                         / restarts web: 1 of 3 within 5s\n"
		"                         starts   web/app, web/proxy, web/log\n"
		"  death 8      +600ms    web gives up again; / restarts web: 2 of 3 within 5s\n"
		"  death 12     +900ms    web gives up again; / restarts web: 3 of 3 within 5s\n"
		"  death 16     +1.2s     web gives up again; one restart too many: / gives up\n"
		"                         stops    t, db\n"
		"  Death 16, 1.2s after the first, ends the whole tree: supd exits with status "
		"1.\n");
}

SPEC(one_for_one_touches_nobody_else)
{
	struct world *w = world_boot("root [ a b ]");

	tells(w, "a",
		"a is a permanent process of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"If a dies now:\n"
		"  counts as restart 1 of 3 within 5s\n"
		"  starts   a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       restart 2 of 3 within 5s, at once\n"
		"  death 3      +0s       restart 3 of 3 within 5s, at once\n"
		"  death 4      +0s       one restart too many: / gives up\n"
		"                         stops    b\n"
		"  Death 4, in the same moment, ends the whole tree: supd exits with status 1.\n");
}

SPEC(rest_for_one_takes_what_stands_behind)
{
	struct world *w = world_boot("root rest_for_one 2/5 [ a b c d ]");

	tells(w, "b",
		"b is a permanent process of / (rest_for_one, 2 restarts within 5s)\n"
		"\n"
		"If b dies now:\n"
		"  counts as restart 1 of 2 within 5s\n"
		"  stops    d, c\n"
		"  starts   b, c, d, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       restart 2 of 2 within 5s, at once\n"
		"  death 3      +0s       one restart too many: / gives up\n"
		"                         stops    d, c, a\n"
		"  Death 3, in the same moment, ends the whole tree: supd exits with status 1.\n");
}

SPEC(a_temporary_child_stays_down)
{
	struct world *w = world_boot("root [ a:temporary b ]");

	tells(w, "a",
		"a is a temporary process of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"If a dies now:\n"
		"  a is temporary: it is removed, and not started again\n"
		"  a stays down; everything else goes on.\n");
}

SPEC(a_transient_supervisor_that_gives_up_is_not_restarted)
{
	struct world *w = world_boot("root [ x:transient one_for_one 1/5 [ a ] b ]");

	tells(w, "a",
		"x/a is a permanent process of x (one_for_one, 1 restart within 5s)\n"
		"\n"
		"If x/a dies now:\n"
		"  counts as restart 1 of 1 within 5s\n"
		"  starts   x/a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       one restart too many: x gives up; x is transient: it is "
		"not started again\n"
		"  x stays down; everything else goes on.\n");
}

SPEC(a_significant_child_ends_the_tree)
{
	struct world *w = world_boot("root any_significant [ a b:temporary,significant c ]");

	tells(w, "b",
		"b is a temporary process of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"If b dies now:\n"
		"  b is temporary: it is removed, and not started again\n"
		"  / shuts itself down (any_significant)\n"
		"  stops    c, a\n"
		"  That ends the whole tree: supd exits with status 137.\n");
}

SPEC(backoff_may_keep_it_alive_for_ever)
{
	struct world *w = world_boot("root 10/5 [ a:backoff=100ms ]");

	tells(w, "a",
		"a is a permanent process of / (one_for_one, 10 restarts within 5s)\n"
		"\n"
		"If a dies now:\n"
		"  counts as restart 1 of 10 within 5s\n"
		"  starts   a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       restart 2 of 10 within 5s, after 100ms\n"
		"  death 3      +100ms    restart 3 of 10 within 5s, after 200ms\n"
		"  death 4      +300ms    restart 4 of 10 within 5s, after 400ms\n"
		"  ...\n"
		"  death 13     +1m51s    restart 1 of 10 within 5s, after 30s\n"
		"  So it goes on for ever: a is restarted every 30s, and no limit is reached.\n");
}

SPEC(a_level_above_may_go_on_for_ever)
{
	struct world *w = world_boot("root 3/5 [ g 3/5 [ h 3/5 [ a:backoff=400ms ] ] ]");

	tells(w, "a",
		"g/h/a is a permanent process of g/h (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"If g/h/a dies now:\n"
		"  counts as restart 1 of 3 within 5s\n"
		"  starts   g/h/a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       restart 2 of 3 within 5s, after 400ms\n"
		"  death 3      +400ms    restart 3 of 3 within 5s, after 800ms\n"
		"  death 4      +1.2s     one restart too many: g/h gives up; g restarts g/h: 1 of "
		"3 within 5s\n"
		"  death 8      +2.4s     g/h gives up again; g restarts g/h: 2 of 3 within 5s\n"
		"  death 12     +3.6s     g/h gives up again; g restarts g/h: 3 of 3 within 5s\n"
		"  death 16     +4.8s     g/h gives up again; one restart too many: g gives up; / "
		"restarts g: 1 of 3 within 5s\n"
		"  death 32     +9.6s     g gives up again; / restarts g: 2 of 3 within 5s\n"
		"  death 48     +14.4s    g gives up again; / restarts g: 2 of 3 within 5s\n"
		"  So it goes on for ever: g is restarted every 4.8s, and no limit is reached.\n");
}

SPEC(a_parked_supervisor_is_tried_again)
{
	struct world *w = world_boot("root [ x park=5m 1/5 [ a c ] b ]");

	tells(w, "a",
		"x/a is a permanent process of x (one_for_one, 1 restart within 5s)\n"
		"\n"
		"If x/a dies now:\n"
		"  counts as restart 1 of 1 within 5s\n"
		"  starts   x/a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       one restart too many: x gives up\n"
		"                         stops    x/c\n"
		"                         x is parked, and tried again after 5m\n"
		"  Everything else goes on.\n");
}

SPEC(restarts_of_before_count)
{
	struct world *w = world_boot("root [ a ]");

	world_exit(w, "a", 1);
	world_exit(w, "a", 1);
	tells(w, "a",
		"a is a permanent process of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"If a dies now:\n"
		"  counts as restart 3 of 3 within 5s\n"
		"  starts   a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       one restart too many: / gives up\n"
		"  Death 2, in the same moment, ends the whole tree: supd exits with status 1.\n");
}

SPEC(the_last_restart_may_be_used_up)
{
	struct world *w = world_boot("root 0/5 [ a b ]");

	tells(w, "a",
		"a is a permanent process of / (one_for_one, 0 restarts within 5s)\n"
		"\n"
		"If a dies now:\n"
		"  one restart too many: / gives up\n"
		"  stops    b\n"
		"  That ends the whole tree: supd exits with status 1.\n");
}

SPEC(a_stopped_child_is_thought_to_run)
{
	struct world *w = world_boot("root [ a b ]");

	world_command(w, CMD_STOP, "a");
	tells(w, "a",
		"a is a permanent process of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"a is stopped. If it were running and died:\n"
		"  counts as restart 1 of 3 within 5s\n"
		"  starts   a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       restart 2 of 3 within 5s, at once\n"
		"  death 3      +0s       restart 3 of 3 within 5s, at once\n"
		"  death 4      +0s       one restart too many: / gives up\n"
		"                         stops    b\n"
		"  Death 4, in the same moment, ends the whole tree: supd exits with status 1.\n");
}

SPEC(what_is_below_a_stopped_supervisor_cannot_die)
{
	struct world *w = world_boot("root [ s [ a ] ]");

	world_command(w, CMD_STOP, "s");
	tells(w, "a",
		"s/a is a permanent process of s (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"It is stopped: it cannot die.\n");
}

SPEC(a_one_shot_cannot_die)
{
	struct world *w = world_boot("root [ a:exit ]");

	world_exit(w, "a", 0);
	tells(w, "a",
		"a is a permanent process of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"It is a one-shot (ready = exit): once it has done its work it cannot die.\n");
}

SPEC(a_supervisor_gives_up)
{
	struct world *w = world_boot("root [ a sub one_for_all 1/5 [ x y ] b ]");

	tells(w, "sub",
		"sub is a permanent supervisor of / (one_for_one, 3 restarts within 5s)\n"
		"\n"
		"If sub gives up now:\n"
		"  stops    sub/y, sub/x\n"
		"  counts as restart 1 of 3 within 5s\n"
		"  starts   sub/x, sub/y, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps giving up, each time as soon as it is ready:\n"
		"  failure 2    +0s       restart 2 of 3 within 5s\n"
		"  failure 3    +0s       restart 3 of 3 within 5s\n"
		"  failure 4    +0s       one restart too many: / gives up\n"
		"                         stops    b, a\n"
		"  Failure 4, in the same moment, ends the whole tree: supd exits with status "
		"1.\n");
}

SPEC(the_root_ends_it_all)
{
	struct world *w = world_boot("root [ a sub [ x y ] b ]");

	tells(w, "/",
		"/ is the root supervisor\n"
		"\n"
		"If / gives up now:\n"
		"  stops    b, sub/y, sub/x, a\n"
		"  That ends the whole tree: supd exits with status 1.\n");
}

SPEC(a_transient_child)
{
	struct world *w = world_boot("root 1/5 any_significant [ a:transient,significant b ]");

	tells(w, "a",
		"a is a transient process of / (one_for_one, 1 restart within 5s)\n"
		"\n"
		"If a dies now:\n"
		"  counts as restart 1 of 1 within 5s\n"
		"  starts   a, at once\n"
		"  Nothing else is touched.\n"
		"\n"
		"If it keeps dying, each time as soon as it is ready:\n"
		"  death 2      +0s       one restart too many: / gives up\n"
		"                         stops    b\n"
		"  Death 2, in the same moment, ends the whole tree: supd exits with status 1.\n"
		"\n"
		"After a normal exit it would not be started again: it is transient.\n"
		"It is significant, too: its supervisor shuts itself down then "
		"(any_significant).\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_for_all_escalates_level_by_level),
		cmocka_unit_test(one_for_one_touches_nobody_else),
		cmocka_unit_test(rest_for_one_takes_what_stands_behind),
		cmocka_unit_test(a_temporary_child_stays_down),
		cmocka_unit_test(a_transient_supervisor_that_gives_up_is_not_restarted),
		cmocka_unit_test(a_significant_child_ends_the_tree),
		cmocka_unit_test(backoff_may_keep_it_alive_for_ever),
		cmocka_unit_test(a_level_above_may_go_on_for_ever),
		cmocka_unit_test(a_parked_supervisor_is_tried_again),
		cmocka_unit_test(restarts_of_before_count),
		cmocka_unit_test(the_last_restart_may_be_used_up),
		cmocka_unit_test(a_stopped_child_is_thought_to_run),
		cmocka_unit_test(what_is_below_a_stopped_supervisor_cannot_die),
		cmocka_unit_test(a_one_shot_cannot_die),
		cmocka_unit_test(a_supervisor_gives_up),
		cmocka_unit_test(the_root_ends_it_all),
		cmocka_unit_test(a_transient_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
