/* prop_save.c - an engine that is saved and loaded after every step lives the same life. */
#include <string.h>

#include "tests/sim/case.h"
#include "tests/sim/spec_test.h"

enum { CASES = 1000, STEPS = 60 };

static const struct flavour ALL = {.slow = true,
	.failing = true,
	.groups = true,
	.killing = true,
	.commanded = true,
	.late = true,
	.significant = true,
	.parking = true,
	.concurrent = true};

/* Where the two part: the line of the one in which the other has something else. */
static const char *parting(const char *one, const char *other)
{
	size_t n = 0;

	while (one[n] != '\0' && one[n] == other[n])
		n++;
	while (n > 0 && one[n - 1] != '\n')
		n--;
	return one + n;
}

static void play_twice(uint64_t seed, const struct flavour *flavour)
{
	struct flavour saved = *flavour;
	struct play play[2];
	const char *one;
	const char *other;

	saved.saved = true;
	for (int i = 0; i < 2; i++) {
		case_begin(&play[i], seed, i == 0 ? flavour : &saved, NULL, NULL);
		case_play(&play[i], STEPS);
		case_end(&play[i]);
	}
	one = world_history(play[0].w);
	other = world_history(play[1].w);
	if (strcmp(one, other) != 0)
		world_broken(play[1].w, "unsaved it went another way: %.200s\nsaved: %.200s",
			parting(one, other), parting(other, one));
	case_free(&play[0]);
	case_free(&play[1]);
}

SPEC(save_then_load_after_every_step_changes_nothing)
{
	uint64_t first = case_first_seed();

	for (uint64_t seed = first; seed < first + case_count(CASES); seed++)
		play_twice(seed, &ALL);
}

SPEC(save_then_load_between_two_bursts_changes_nothing)
{
	uint64_t first = case_first_seed();
	struct flavour bursts = ALL;

	bursts.bursts = true;
	for (uint64_t seed = first; seed < first + case_count(CASES); seed++)
		play_twice(seed, &bursts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(save_then_load_after_every_step_changes_nothing),
		cmocka_unit_test(save_then_load_between_two_bursts_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
