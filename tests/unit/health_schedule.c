/* health_schedule.c - health checks in virtual time: who is due when, and that they do not bunch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "supervisor/os/health_schedule.h"

static void the_earliest_comes_first(void **state)
{
	static const int64_t DUE[] = {500, 100, 300, 400, 200};
	static const uint32_t ORDER[] = {1, 4, 2, 3, 0};
	struct health_schedule *s = health_schedule_new(5, 1);

	(void)state;
	assert_non_null(s);
	assert_int_equal(health_schedule_next_ms(s), INT64_MAX);
	for (uint32_t i = 0; i < 5; i++)
		health_schedule_set(s, i, DUE[i]);
	for (uint32_t i = 0; i < 5; i++) {
		int64_t due = health_schedule_next_ms(s);

		assert_int_equal(due, DUE[ORDER[i]]);
		assert_int_equal(health_schedule_take(s, due - 1), UINT32_MAX);
		assert_int_equal(health_schedule_take(s, due), ORDER[i]);
	}
	assert_int_equal(health_schedule_take(s, INT64_MAX - 1), UINT32_MAX);
	health_schedule_free(s);
}

static void a_row_is_due_once_and_can_be_cleared(void **state)
{
	struct health_schedule *s = health_schedule_new(3, 1);

	(void)state;
	assert_non_null(s);
	health_schedule_set(s, 0, 100);
	health_schedule_set(s, 1, 50);
	health_schedule_set(s, 0, 10);
	health_schedule_clear(s, 2);
	health_schedule_clear(s, 1);
	health_schedule_clear(s, 1);
	assert_int_equal(health_schedule_take(s, 10), 0);
	assert_int_equal(health_schedule_next_ms(s), INT64_MAX);
	health_schedule_free(s);
}

/* Random settings and clearings beside an array that is searched. */
static void it_agrees_with_a_search(void **state)
{
	enum { ROWS = 40, STEPS = 20000 };
	struct health_schedule *s = health_schedule_new(ROWS, 3);
	struct health_schedule *dice = health_schedule_new(1, 4);
	int64_t due[ROWS];

	(void)state;
	assert_non_null(s);
	assert_non_null(dice);
	for (uint32_t i = 0; i < ROWS; i++)
		due[i] = INT64_MAX;
	for (int step = 0; step < STEPS; step++) {
		uint32_t row = (uint32_t)health_schedule_phase(dice, ROWS);
		int64_t least = INT64_MAX;

		if (health_schedule_phase(dice, 3) == 0) {
			health_schedule_clear(s, row);
			due[row] = INT64_MAX;
		} else {
			due[row] = health_schedule_phase(dice, 1000);
			health_schedule_set(s, row, due[row]);
		}
		for (uint32_t i = 0; i < ROWS; i++)
			least = due[i] < least ? due[i] : least;
		assert_int_equal(health_schedule_next_ms(s), least);
		if (step % 5 == 0 && least != INT64_MAX) {
			row = health_schedule_take(s, least);
			assert_true(row < ROWS);
			assert_int_equal(due[row], least);
			due[row] = INT64_MAX;
		}
	}
	health_schedule_free(s);
	health_schedule_free(dice);
}

static void phases_and_steps_keep_their_bounds(void **state)
{
	struct health_schedule *s = health_schedule_new(1, 7);
	int64_t least = INT64_MAX;
	int64_t most = 0;

	(void)state;
	assert_non_null(s);
	for (int i = 0; i < 10000; i++) {
		int64_t phase = health_schedule_phase(s, 10000);
		int64_t step = health_schedule_step(s, 10000);

		assert_in_range(phase, 0, 9999);
		assert_in_range(step, 9000, 11000);
		least = step < least ? step : least;
		most = step > most ? step : most;
	}
	assert_true(least < 9050 && most > 10950);
	assert_int_equal(health_schedule_step(s, 1), 1);
	assert_int_equal(health_schedule_phase(s, 1), 0);
	health_schedule_free(s);
}

/* 500 children, all started in the same millisecond, with checks each 10 s, for ten minutes: no
 * tenth of a second has more than a few times its fair share of 5 checks. */
static void five_hundred_checks_do_not_bunch(void **state)
{
	enum { ROWS = 500, INTERVAL_MS = 10000, SLOT_MS = 100, RUN_MS = 600000 };
	enum { SLOTS = RUN_MS / SLOT_MS, FAIR = ROWS * SLOT_MS / INTERVAL_MS };
	struct health_schedule *s = health_schedule_new(ROWS, 42);
	static unsigned slots[SLOTS];
	unsigned all = 0;
	unsigned most = 0;

	(void)state;
	assert_non_null(s);
	for (uint32_t row = 0; row < ROWS; row++)
		health_schedule_set(s, row, health_schedule_phase(s, INTERVAL_MS));
	for (;;) {
		int64_t now = health_schedule_next_ms(s);
		uint32_t row;

		if (now >= RUN_MS)
			break;
		row = health_schedule_take(s, now);
		slots[now / SLOT_MS]++;
		all++;
		health_schedule_set(s, row, now + health_schedule_step(s, INTERVAL_MS));
	}
	for (int i = 0; i < SLOTS; i++)
		most = slots[i] > most ? slots[i] : most;
	print_message(
		"# %u checks, at most %u in a tenth of a second, %d is fair\n", all, most, FAIR);
	assert_in_range(all, ROWS * (RUN_MS / INTERVAL_MS - 1), ROWS * (RUN_MS / INTERVAL_MS + 1));
	assert_true(most <= FAIR * 4);
	health_schedule_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_comes_first),
		cmocka_unit_test(a_row_is_due_once_and_can_be_cleared),
		cmocka_unit_test(it_agrees_with_a_search),
		cmocka_unit_test(phases_and_steps_keep_their_bounds),
		cmocka_unit_test(five_hundred_checks_do_not_bunch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
