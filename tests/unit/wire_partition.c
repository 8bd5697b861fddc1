/* wire_partition.c - which partition a key belongs to, and what count_children counts. */
#include <stdio.h>

#include "config/spec.h"
#include "supervisor/wire/count.h"
#include "supervisor/wire/partition.h"
#include "tests/sim/spec_test.h"

SPEC(a_whole_number_belongs_to_its_remainder)
{
	assert_int_equal(partition_of("0", 4), 0);
	assert_int_equal(partition_of("7", 4), 3);
	assert_int_equal(partition_of("+7", 4), 3);
	assert_int_equal(partition_of("007", 4), 3);
	assert_int_equal(partition_of("4", 4), 0);
	assert_int_equal(partition_of("42", 1), 0);
}

SPEC(a_remainder_is_never_negative)
{
	assert_int_equal(partition_of("-1", 4), 3);
	assert_int_equal(partition_of("-4", 4), 0);
	assert_int_equal(partition_of("-5", 4), 3);
	assert_int_equal(partition_of("-0", 4), 0);
}

SPEC(no_number_is_too_long)
{
	assert_int_equal(partition_of("18446744073709551615", 10), 5);
	assert_int_equal(partition_of("18446744073709551616", 10), 6);
	assert_int_equal(partition_of("100000000000000000000000000000000000001", 7),
		partition_of("3", 7)); /* 10^38 mod 7 = 2 */
	assert_int_equal(partition_of("-100000000000000000000", 3), 2);
	assert_int_equal(partition_of("4294967296", UINT32_MAX), 1);
}

/* The reference values of FNV-1a, 64 bits. */
SPEC(other_text_belongs_to_its_fnv_1a_hash)
{
	assert_int_equal(partition_of("", 1000000), 14695981039346656037u % 1000000);
	assert_int_equal(partition_of("a", 1000000), 0xaf63dc4c8601ec8cu % 1000000);
	assert_int_equal(partition_of("foobar", 1000000), 0x85944171f73967e8u % 1000000);
}

SPEC(what_is_almost_a_number_is_text)
{
	static const char *const keys[] = {"-", "+", "1.5", "1 ", " 1", "0x10", "--1", "1e3"};
	int others = 0;

	/* As numbers they all would have a small remainder. */
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		others += partition_of(keys[i], 1000003) > 1000;
	assert_int_equal(others, sizeof(keys) / sizeof(keys[0]));
}

SPEC(keys_spread_over_the_partitions)
{
	uint32_t counts[8] = {0};

	for (int i = 0; i < 8000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "customer-%d", i);
		counts[partition_of(key, 8)]++;
	}
	for (int i = 0; i < 8; i++)
		assert_in_range(counts[i], 800, 1200);
}

SPEC(a_partition_is_known_by_the_number_at_the_end_of_its_name)
{
	assert_true(partition_is("shard.3", 3));
	assert_true(partition_is("a.b.12", 12));
	assert_false(partition_is("shard.13", 3));
	assert_false(partition_is("shard.3", 13));
	assert_false(partition_is("shard3", 3));
	assert_false(partition_is("shard.03", 3));
	assert_false(partition_is("shard.", 0));
}

SPEC(children_are_counted_as_otp_counts_them)
{
	const struct status_record records[] = {
		{.used = 1, .kind = KIND_PROCESS, .state = CHILD_RUNNING, .pid = 7},
		{.used = 1, .kind = KIND_PROCESS, .state = CHILD_STOPPED},
		{.used = 1, .kind = KIND_PROCESS, .state = CHILD_BACKOFF},
		{.used = 1, .kind = KIND_SUPERVISOR, .state = CHILD_RUNNING},
		{.used = 1, .kind = KIND_DYNAMIC, .state = CHILD_RESTARTING},
		{.used = 1, .kind = KIND_PARTITION, .state = CHILD_PARKED},
		{.used = 0, .kind = KIND_PROCESS, .state = CHILD_REMOVED},
	};
	struct child_count count = {0};

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		child_count_add(&count, &records[i]);
	assert_int_equal(count.specs, 6);
	assert_int_equal(count.active, 3);
	assert_int_equal(count.supervisors, 3);
	assert_int_equal(count.workers, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_number_belongs_to_its_remainder),
		cmocka_unit_test(a_remainder_is_never_negative),
		cmocka_unit_test(no_number_is_too_long),
		cmocka_unit_test(other_text_belongs_to_its_fnv_1a_hash),
		cmocka_unit_test(what_is_almost_a_number_is_text),
		cmocka_unit_test(keys_spread_over_the_partitions),
		cmocka_unit_test(a_partition_is_known_by_the_number_at_the_end_of_its_name),
		cmocka_unit_test(children_are_counted_as_otp_counts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
