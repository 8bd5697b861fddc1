/* units_parse.c - numbers, durations, sizes and signals as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "config/spec.h"
#include "config/units.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define UNTOUCHED INT64_C(-77)

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t value;
	} CASES[] = {
		{"0", 0, 0},
		{"42", 0, 42},
		{"-5", 0, -5},
		{"+7", 0, 7},
		{"007", 0, 7},
		{"", -EINVAL, 0},
		{"-", -EINVAL, 0},
		{"1x", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"1 ", -EINVAL, 0},
		{"0x10", -EINVAL, 0},
		{"--1", -EINVAL, 0},
		{"101", -ERANGE, 0},
		{"-11", -ERANGE, 0},
		{"99999999999999999999999", -ERANGE, 0},
		{"9223372036854775808", -ERANGE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		int64_t value = UNTOUCHED;
		assert_int_equal(parse_number(CASES[i].text, -10, 100, &value), CASES[i].result);
		assert_int_equal(value, CASES[i].result == 0 ? CASES[i].value : UNTOUCHED);
	}
}

static void number_takes_the_ends_of_its_range(void **state)
{
	int64_t value = 0;

	(void)state;
	assert_int_equal(parse_number("9223372036854775807", INT64_MIN, INT64_MAX, &value), 0);
	assert_int_equal(value, INT64_MAX);
	assert_int_equal(parse_number("100", 0, 100, &value), 0);
	assert_int_equal(parse_number("0", 0, 100, &value), 0);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t ms;
	} CASES[] = {
		{"500ms", 0, 500},
		{"5s", 0, 5000},
		{"2m", 0, 120000},
		{"1h", 0, 3600000},
		{"1.5s", 0, 1500},
		{"5", 0, 5000},
		{"0", 0, 0},
		{"0ms", 0, 0},
		{"0.001", 0, 1},
		{"0.25h", 0, 900000},
		{"infinity", 0, SPEC_INFINITY},
		{"876000h", 0, 3153600000000},
		{"", -EINVAL, 0},
		{"s", -EINVAL, 0},
		{"-1s", -EINVAL, 0},
		{"5 s", -EINVAL, 0},
		{"5sec", -EINVAL, 0},
		{"5S", -EINVAL, 0},
		{"1.s", -EINVAL, 0},
		{".5s", -EINVAL, 0},
		{"0.5ms", -EINVAL, 0},
		{"0.0001s", -EINVAL, 0},
		{"1.0000000001s", -EINVAL, 0},
		{"Infinity", -EINVAL, 0},
		{"1d", -EINVAL, 0},
		{"5s ", -EINVAL, 0},
		{"879000h", -ERANGE, 0},
		{"99999999999999999999s", -ERANGE, 0},
		{"9223372036854775807", -ERANGE, 0},
		{"9223372036854775807h", -ERANGE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		int64_t ms = UNTOUCHED;
		int result = parse_duration(CASES[i].text, &ms);
		if (result != CASES[i].result)
			fail_msg("parse_duration(\"%s\") = %d", CASES[i].text, result);
		assert_int_equal(ms, result == 0 ? CASES[i].ms : UNTOUCHED);
	}
}

static void durations_are_written_as_they_are_read(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} CASES[] = {
		{0, "0s"},
		{1, "1ms"},
		{500, "500ms"},
		{1000, "1s"},
		{1500, "1500ms"},
		{90000, "90s"},
		{60000, "1m"},
		{3600000, "1h"},
		{5400000, "90m"},
		{SPEC_INFINITY, "infinity"},
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		int64_t ms = UNTOUCHED;
		assert_string_equal(format_duration(CASES[i].ms, buf), CASES[i].text);
		assert_int_equal(parse_duration(buf, &ms), 0);
		assert_int_equal(ms, CASES[i].ms);
	}
	assert_string_equal(format_duration(SPEC_BRUTAL_KILL, buf), "brutal_kill");
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t bytes;
	} CASES[] = {
		{"0", 0, 0},
		{"100", 0, 100},
		{"64K", 0, 65536},
		{"10M", 0, 10485760},
		{"2G", 0, UINT64_C(2147483648)},
		{"18446744073709551615", 0, UINT64_MAX},
		{"", -EINVAL, 0},
		{"K", -EINVAL, 0},
		{"1KB", -EINVAL, 0},
		{"1k", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"18446744073709551616", -ERANGE, 0},
		{"17179869184G", -ERANGE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		uint64_t bytes = 77;
		assert_int_equal(parse_size(CASES[i].text, &bytes), CASES[i].result);
		assert_int_equal(bytes, CASES[i].result == 0 ? CASES[i].bytes : 77);
	}
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(parse_signal("TERM"), SIGTERM);
	assert_int_equal(parse_signal("SIGTERM"), SIGTERM);
	assert_int_equal(parse_signal("term"), SIGTERM);
	assert_int_equal(parse_signal("sigUsr1"), SIGUSR1);
	assert_int_equal(parse_signal("15"), 15);
	assert_int_equal(parse_signal("POLL"), SIGIO);
	assert_int_equal(parse_signal("RTMIN"), SIGRTMIN);
	assert_int_equal(parse_signal("RTMIN+3"), SIGRTMIN + 3);
	assert_int_equal(parse_signal("SIGRTMAX-1"), SIGRTMAX - 1);
	assert_int_equal(parse_signal("RTMAX"), SIGRTMAX);
}

static void what_is_no_signal(void **state)
{
	static const char *const CASES[] = {"", "SIG", "FOO", "0", "65", "32", "33", "-1", "TERM ",
		"RTMIN-1", "RTMIN+", "RTMIN+99", "RTMAX+1", "RTMIN+1x", "15x", "RTMIN++1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		if (parse_signal(CASES[i]) != -EINVAL)
			fail_msg("\"%s\" is taken for a signal", CASES[i]);
	}
}

static void signal_names_are_read_back(void **state)
{
	char buf[16];

	(void)state;
	for (int i = 1; i <= SIGRTMAX; i++) {
		const char *name = signal_name(i, buf);
		if (i >= 32 && i < SIGRTMIN)
			assert_string_equal(name, "?");
		else
			assert_int_equal(parse_signal(name), i);
	}
	assert_string_equal(signal_name(SIGIO, buf), "IO");
	assert_string_equal(signal_name(SIGRTMIN + 3, buf), "RTMIN+3");
	assert_string_equal(signal_name(0, buf), "?");
	assert_string_equal(signal_name(-1, buf), "?");
	assert_string_equal(signal_name(1000, buf), "?");
}

static void nearest_words(void **state)
{
	static const char *const WORDS[] = {"command", "directory", "restart", "shutdown", "max"};
	static const struct {
		const char *text;
		const char *near;
	} CASES[] = {
		{"comand", "command"},
		{"commnad", "command"},
		{"restrat", "restart"},
		{"shutdonw", "shutdown"},
		{"directroy", "directory"},
		{"mx", NULL},
		{"mac", "max"},
		{"watchdog", NULL},
		{"", NULL},
		{"x", NULL},
		{"Restart", "restart"},
		{"a-word-that-is-much-longer-than-any-word-we-know-of", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		const char *near = nearest_word(CASES[i].text, WORDS, ARRAY_LEN(WORDS));
		if (CASES[i].near == NULL)
			assert_null(near);
		else
			assert_string_equal(near, CASES[i].near);
	}
	assert_null(nearest_word("command", WORDS, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(number_takes_the_ends_of_its_range),
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_are_written_as_they_are_read),
		cmocka_unit_test(sizes),
		cmocka_unit_test(signals),
		cmocka_unit_test(what_is_no_signal),
		cmocka_unit_test(signal_names_are_read_back),
		cmocka_unit_test(nearest_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
