/* wire_frame.c - messages out of a stream of bytes, and patterns over paths. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/frame.h"
#include "supervisor/wire/glob.h"
#include "tests/sim/spec_test.h"

static void expect_message(struct frames *frames, const char *expected)
{
	const char *text = NULL;
	size_t n = 0;

	assert_true(frames_ready(frames));
	assert_true(frames_next(frames, &text, &n));
	assert_string_equal(text, expected);
	assert_int_equal(n, strlen(expected));
}

static void expect_none(struct frames *frames)
{
	const char *text = NULL;
	size_t n = 0;

	assert_false(frames_ready(frames));
	assert_false(frames_next(frames, &text, &n));
}

SPEC(a_message_may_come_byte_by_byte)
{
	struct frames frames;

	frames_init(&frames, 16);
	for (const char *c = "abc"; *c; c++) {
		assert_int_equal(frames_feed(&frames, c, 1), 0);
		expect_none(&frames);
	}
	assert_int_equal(frames_feed(&frames, "", 1), 0);
	expect_message(&frames, "abc");
	expect_none(&frames);
	frames_free(&frames);
}

SPEC(many_messages_may_come_at_once)
{
	struct frames frames;

	frames_init(&frames, 16);
	assert_int_equal(frames_feed(&frames, "one\0two\0\0thr", 12), 0);
	expect_message(&frames, "one");
	expect_message(&frames, "two");
	expect_message(&frames, "");
	expect_none(&frames);
	assert_int_equal(frames_feed(&frames, "ee\0", 3), 0);
	expect_message(&frames, "three");
	expect_none(&frames);
	frames_free(&frames);
}

SPEC(memory_is_given_back_when_nothing_is_left)
{
	struct frames frames;

	frames_init(&frames, 16);
	assert_int_equal(frames_feed(&frames, "one\0", 4), 0);
	expect_message(&frames, "one");
	assert_non_null(frames.data);
	expect_none(&frames);
	assert_null(frames.data);
	assert_int_equal(frames_feed(&frames, "", 0), 0);
	expect_none(&frames);
	frames_free(&frames);
}

SPEC(a_message_of_just_the_maximum_passes)
{
	struct frames frames;

	frames_init(&frames, 4);
	assert_int_equal(frames_feed(&frames, "abcd", 4), 0);
	assert_int_equal(frames_feed(&frames, "", 1), 0);
	expect_message(&frames, "abcd");
	assert_int_equal(frames_feed(&frames, "abcd\0efgh", 10), 0);
	expect_message(&frames, "abcd");
	expect_message(&frames, "efgh");
	frames_free(&frames);
}

SPEC(a_longer_one_ends_the_stream_whether_its_end_came_or_not)
{
	struct frames frames;

	frames_init(&frames, 4);
	assert_int_equal(frames_feed(&frames, "abcde", 5), -EMSGSIZE);
	expect_none(&frames);
	assert_int_equal(frames_feed(&frames, "\0ok\0", 4), -EMSGSIZE);
	expect_none(&frames);
	frames_free(&frames);

	frames_init(&frames, 4);
	(void)frames_feed(&frames, "abcde\0ok", 9);
	expect_none(&frames);
	assert_true(frames.oversize);
	assert_int_equal(frames_feed(&frames, "x", 1), -EMSGSIZE);
	frames_free(&frames);
}

SPEC(whole_messages_before_a_longer_one_are_still_given)
{
	struct frames frames;

	frames_init(&frames, 4);
	(void)frames_feed(&frames, "one\0two\0morethan4", 17);
	expect_message(&frames, "one");
	expect_message(&frames, "two");
	expect_none(&frames);
	assert_true(frames.oversize);
	frames_free(&frames);
}

SPEC(a_large_stream_in_small_pieces_keeps_its_messages)
{
	struct frames frames;
	char message[700];
	size_t taken = 0;
	const char *text;
	size_t n;

	memset(message, 'x', sizeof(message));
	message[sizeof(message) - 1] = '\0';
	frames_init(&frames, FRAME_MAX_DEFAULT);
	for (size_t i = 0; i < 1000; i++) {
		for (size_t at = 0; at < sizeof(message); at += 100)
			assert_int_equal(frames_feed(&frames, message + at, 100), 0);
		while (i % 3 == 0 && frames_next(&frames, &text, &n)) {
			assert_int_equal(n, sizeof(message) - 1);
			taken++;
		}
	}
	while (frames_next(&frames, &text, &n))
		taken++;
	assert_int_equal(taken, 1000);
	assert_null(frames.data);
	frames_free(&frames);
}

SPEC(a_message_that_is_put_back_comes_again)
{
	struct frames frames;
	const char *text = NULL;
	size_t n = 0;

	frames_init(&frames, 16);
	assert_int_equal(frames_feed(&frames, "a\0bc\0\0d", 7), 0);
	assert_true(frames_next(&frames, &text, &n));
	assert_true(frames_next(&frames, &text, &n));
	frames_put_back(&frames, n);
	assert_true(frames_ready(&frames));
	assert_int_equal(frames_feed(&frames, "e\0", 2), 0);
	assert_true(frames_next(&frames, &text, &n));
	assert_string_equal(text, "bc");
	/* An empty one, too. */
	assert_true(frames_next(&frames, &text, &n));
	assert_int_equal(n, 0);
	frames_put_back(&frames, n);
	assert_true(frames_next(&frames, &text, &n));
	assert_int_equal(n, 0);
	assert_true(frames_next(&frames, &text, &n));
	assert_string_equal(text, "de");
	assert_false(frames_next(&frames, &text, &n));
	frames_free(&frames);
}

SPEC(patterns_match_whole_paths)
{
	static const struct {
		const char *pattern;
		const char *text;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "web/app", true},
		{"web/*", "web/app", true},
		{"web/*", "web/app/x", true},
		{"web/*", "web", false},
		{"*app", "web/app", true},
		{"*app", "web/apple", false},
		{"w?b", "web", true},
		{"w?b", "wb", false},
		{"a*b*c", "a/xb/yc", true},
		{"a*b*c", "a/xb/y", false},
		{"job.[0-9]", "job.7", true},
		{"job.[0-9]", "job.x", false},
		{"job.[!0-9]", "job.x", true},
		{"job.[^0-9]", "job.7", false},
		{"[]x]", "]", true},
		{"[a-]", "-", true},
		{"[abc", "[abc", true},
		{"[abc", "a", false},
		{"\\*", "*", true},
		{"\\*", "x", false},
		{"\\", "\\", true},
		{"**x", "abx", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (glob_match(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("%s on %s", cases[i].pattern, cases[i].text);
	}
}

/* A matcher that tries all ways for each star would take longer than the universe. */
SPEC(no_pattern_takes_long)
{
	char pattern[201];
	char text[1001];

	for (size_t i = 0; i < 200; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[199] = 'b';
	pattern[200] = '\0';
	memset(text, 'a', 1000);
	text[1000] = '\0';
	assert_false(glob_match(pattern, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_may_come_byte_by_byte),
		cmocka_unit_test(many_messages_may_come_at_once),
		cmocka_unit_test(memory_is_given_back_when_nothing_is_left),
		cmocka_unit_test(a_message_of_just_the_maximum_passes),
		cmocka_unit_test(a_longer_one_ends_the_stream_whether_its_end_came_or_not),
		cmocka_unit_test(whole_messages_before_a_longer_one_are_still_given),
		cmocka_unit_test(a_large_stream_in_small_pieces_keeps_its_messages),
		cmocka_unit_test(a_message_that_is_put_back_comes_again),
		cmocka_unit_test(patterns_match_whole_paths),
		cmocka_unit_test(no_pattern_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
