/* units_process.c - limits, CPUs and priorities: what is read, what is not, and that what is
 * written is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "config/units.h"

static void limits(void **state)
{
	static const struct {
		const char *text;
		enum limit_unit unit;
		uint64_t soft;
		uint64_t hard;
		const char *written;
	} CASES[] = {
		{"1024", LIMIT_IN_NUMBER, 1024, 1024, "1024"},
		{"1024:4096", LIMIT_IN_NUMBER, 1024, 4096, "1024:4096"},
		{"0", LIMIT_IN_BYTES, 0, 0, "0"},
		{"64K:2G", LIMIT_IN_BYTES, 65536, UINT64_C(2) << 30, "64K:2G"},
		{"1000", LIMIT_IN_BYTES, 1000, 1000, "1000"},
		{"4096G", LIMIT_IN_BYTES, UINT64_C(1) << 42, UINT64_C(1) << 42, "4096G"},
		{"infinity", LIMIT_IN_NUMBER, SPEC_LIMIT_INFINITY, SPEC_LIMIT_INFINITY, "infinity"},
		{"8M:unlimited", LIMIT_IN_BYTES, 8 << 20, SPEC_LIMIT_INFINITY, "8M:infinity"},
		{"30s:10m", LIMIT_IN_SECONDS, 30, 600, "30s:600s"},
		{"5", LIMIT_IN_SECONDS, 5, 5, "5s"},
		{"200ms:1s", LIMIT_IN_MICROSECONDS, 200000, 1000000, "200ms:1000ms"},
		{"0:40", LIMIT_IN_NICE, 0, 40, "0:40"},
		{"99", LIMIT_IN_PRIORITY, 99, 99, "99"},
	};
	char buf[80];

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct spec_limit limit = {7, 7};
		struct spec_limit again = {8, 8};

		if (parse_limit(CASES[i].text, CASES[i].unit, &limit) != 0)
			fail_msg("'%s' is not read", CASES[i].text);
		assert_true(limit.soft == CASES[i].soft && limit.hard == CASES[i].hard);
		assert_string_equal(format_limit(&limit, CASES[i].unit, buf), CASES[i].written);
		assert_int_equal(parse_limit(buf, CASES[i].unit, &again), 0);
		assert_memory_equal(&limit, &again, sizeof(limit));
	}
}

static void what_is_no_limit(void **state)
{
	static const struct {
		const char *text;
		enum limit_unit unit;
		int error;
	} CASES[] = {
		{"", LIMIT_IN_NUMBER, -EINVAL},
		{":", LIMIT_IN_NUMBER, -EINVAL},
		{"1:", LIMIT_IN_NUMBER, -EINVAL},
		{":1", LIMIT_IN_NUMBER, -EINVAL},
		{"1:2:3", LIMIT_IN_NUMBER, -EINVAL},
		{"-1", LIMIT_IN_NUMBER, -ERANGE},
		{"1K", LIMIT_IN_NUMBER, -EINVAL},
		{"2:1", LIMIT_IN_NUMBER, -EDOM},
		{"infinity:1", LIMIT_IN_BYTES, -EDOM},
		{"1500ms", LIMIT_IN_SECONDS, -EINVAL},
		{"41", LIMIT_IN_NICE, -ERANGE},
		{"100", LIMIT_IN_PRIORITY, -ERANGE},
		{"0000000000000000000000000000000000000000000000000000001", LIMIT_IN_NUMBER,
			-EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct spec_limit limit = {7, 7};
		int result = parse_limit(CASES[i].text, CASES[i].unit, &limit);

		if (result != CASES[i].error)
			fail_msg("'%s' gives %d", CASES[i].text, result);
		assert_true(limit.soft == 7 && limit.hard == 7);
	}
}

static void cpus(void **state)
{
	static const char *const SAME[] = {"0", "1023", "0-1023", "0-3,8", "1,3,5-7,63-65"};
	static const char *const BAD[] = {"", ",", "1,", "-1", "3-1", "1-", "a", "0 1", "0,1024"};
	uint64_t mask[SPEC_CPUS_MAX / 64];
	char buf[SPEC_CPUS_MAX * 5];

	(void)state;
	for (size_t i = 0; i < sizeof(SAME) / sizeof(SAME[0]); i++) {
		assert_int_equal(parse_cpus(SAME[i], mask), 0);
		assert_string_equal(format_cpus(mask, buf, sizeof(buf)), SAME[i]);
	}
	assert_int_equal(parse_cpus("2,1,0,1", mask), 0);
	assert_string_equal(format_cpus(mask, buf, sizeof(buf)), "0-2");
	assert_string_equal(format_cpus(mask, buf, 4), "0-2");
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		if (parse_cpus(BAD[i], mask) == 0)
			fail_msg("'%s' is read", BAD[i]);
		assert_int_equal(mask[0], 7);
	}
	memset(mask, 0xaa, sizeof(mask));
	assert_int_equal(strlen(format_cpus(mask, buf, sizeof(buf))) > SPEC_CPUS_MAX, 1);
}

static void io_priorities(void **state)
{
	static const struct {
		const char *text;
		uint32_t value;
		const char *written;
	} CASES[] = {
		{"idle", 3 << 13, "idle"},
		{"best-effort", 2 << 13 | 4, "best-effort:4"},
		{"best-effort:7", 2 << 13 | 7, "best-effort:7"},
		{"realtime:0", 1 << 13, "realtime:0"},
	};
	static const char *const BAD[] = {
		"", "none", "idle:0", "best-effort:", "best-effort:8", "best", "realtime:-1"};
	uint32_t value = 0;
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_equal(parse_io_priority(CASES[i].text, &value), 0);
		assert_int_equal(value, CASES[i].value);
		assert_string_equal(format_io_priority(value, buf), CASES[i].written);
	}
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_true(parse_io_priority(BAD[i], &value) < 0);
	assert_string_equal(format_io_priority(0, buf), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(what_is_no_limit),
		cmocka_unit_test(cpus),
		cmocka_unit_test(io_priorities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
