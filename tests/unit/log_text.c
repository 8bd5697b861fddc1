/* log_text.c - bytes into lines, and lines as they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "supervisor/log/escape.h"
#include "supervisor/log/format.h"
#include "supervisor/log/split.h"

static const char AT[] = "2026-11-24T13:39:35.123456Z";

static uint64_t next_random(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* ---- splitting */

/* What split_next gives: spans in brackets, '<' one that goes on with a line, '>' one to be gone on
 * with, "*" many; then what is carried. */
static const char *splits(struct split split)
{
	static char out[2000];
	struct span span;
	size_t n = 0;

	while (split_next(&split, &span))
		n += (size_t)snprintf(out + n, sizeof(out) - n, "[%s%s%.*s%.*s%s]",
			span.many ? "*" : "", span.continued ? "<" : "", (int)span.a_n, span.a,
			(int)span.b_n, span.b ? span.b : "", span.more ? ">" : "");
	(void)snprintf(out + n, sizeof(out) - n, "%.*s%.*s%s", (int)split.carry_n, split.carry,
		(int)split.n, split.data, split.continued ? "~" : "");
	return out;
}

static const char *split_text(const char *carry, const char *data, bool continued, bool flush)
{
	return splits((struct split){.carry = carry,
		.carry_n = strlen(carry),
		.data = data,
		.n = strlen(data),
		.max_line = 8,
		.continued = continued,
		.flush = flush});
}

static void whole_lines_come_together(void **state)
{
	(void)state;
	assert_string_equal(split_text("", "one\ntwo\n", false, false), "[*one\ntwo\n]");
	assert_string_equal(split_text("", "one\ntwo\nthr", false, false), "[*one\ntwo\n]thr");
	assert_string_equal(split_text("", "\n\n", false, false), "[*\n\n]");
	assert_string_equal(split_text("", "", false, false), "");
}

static void a_carry_is_the_beginning_of_the_first(void **state)
{
	(void)state;
	assert_string_equal(split_text("on", "e\ntwo\n", false, false), "[one][*two\n]");
	assert_string_equal(split_text("one", "\n", false, false), "[one]");
	assert_string_equal(split_text("on", "e", false, false), "one");
	assert_string_equal(split_text("one", "", false, false), "one");
}

static void a_flush_ends_the_line(void **state)
{
	(void)state;
	assert_string_equal(split_text("on", "e", false, true), "[one]");
	assert_string_equal(split_text("one", "", false, true), "[one]");
	assert_string_equal(split_text("", "a\nb", false, true), "[*a\n][b]");
	assert_string_equal(split_text("", "a\n", false, true), "[*a\n]");
	assert_string_equal(split_text("", "", false, true), "");
}

static void a_line_that_is_too_long_is_split(void **state)
{
	(void)state;
	assert_string_equal(split_text("", "12345678\n", false, false), "[*12345678\n]");
	assert_string_equal(split_text("", "12345678", false, false), "12345678");
	assert_string_equal(split_text("", "123456789\n", false, false), "[12345678>][<9]");
	assert_string_equal(split_text("", "123456789", false, false), "[12345678>]9~");
	assert_string_equal(split_text("12345678", "9", false, false), "[12345678>]9~");
	assert_string_equal(split_text("9", "\nx\n", true, false), "[<9][*x\n]");
	assert_string_equal(split_text("", "a\n1234567890123456789\nb\n", false, false),
		"[*a\n][12345678>][<90123456>][<789][*b\n]");
	/* Not within a character. */
	assert_string_equal(
		split_text("", "1234567\xc3\xa4z\n", false, false), "[1234567>][<\xc3\xa4z]");
}

/* However bytes are cut into pieces, and whatever is in them: all come, once, in order, in lines
 * that are not too long. */
static void any_pieces_make_the_same_lines(void **state)
{
	uint64_t random = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char data[400];
		char carry[2][64];
		char out[3000];
		unsigned at = 0;
		size_t carry_n = 0;
		size_t out_n = 0;
		size_t n = next_random(&random) % sizeof(data);
		bool continued = false;
		size_t done = 0;

		for (size_t i = 0; i < n; i++)
			data[i] = "abc\n\xc3\xa4"[next_random(&random) % (round % 3 ? 6 : 40) % 6];
		while (done < n) {
			size_t piece = 1 + next_random(&random) % (n - done);
			struct split split = {.carry = carry[at],
				.carry_n = carry_n,
				.data = data + done,
				.n = piece,
				.max_line = 20,
				.continued = continued,
				.flush = done + piece == n};
			struct span span;

			while (split_next(&split, &span)) {
				assert_true(span.many || span.a_n + span.b_n <= 20);
				memcpy(out + out_n, span.a, span.a_n);
				out_n += span.a_n;
				if (span.b_n > 0)
					memcpy(out + out_n, span.b, span.b_n);
				out_n += span.b_n;
				if (!span.many && !span.more)
					out[out_n++] = '\n';
			}
			assert_true(split.carry_n + split.n <= 20);
			memcpy(carry[1 - at], carry[at], split.carry_n);
			memcpy(carry[1 - at] + split.carry_n, split.data, split.n);
			at = 1 - at;
			carry_n = split.carry_n + split.n;
			continued = split.continued;
			done += piece;
		}
		assert_int_equal(carry_n, 0);
		if (n > 0 && data[n - 1] != '\n')
			assert_int_equal(out[--out_n], '\n');
		assert_int_equal(out_n, n);
		assert_memory_equal(out, data, n);
	}
}

static void newlines_are_counted(void **state)
{
	static char text[10000];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = i % 3 == 0 || i > 5000 ? '\n' : 'x';
		assert_int_equal(count_lines(text, i), count);
		count += text[i] == '\n';
	}
}

/* ---- times */

static void times_are_those_of_the_library(void **state)
{
	(void)state;
	for (int64_t day = 0; day < 60000; day += 7) {
		int64_t us = (day * 86400 + day * 37 % 86400) * 1000000 + day % 1000000;
		time_t seconds = (time_t)(us / 1000000);
		struct civil civil;
		struct tm tm;
		char expected[64];
		char text[TIME_TEXT];
		size_t n;

		assert_non_null(gmtime_r(&seconds, &tm));
		n = strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
		(void)snprintf(expected + n, sizeof(expected) - n, ".%06dZ", (int)(us % 1000000));
		format_time(us, text);
		assert_memory_equal(text, expected, TIME_TEXT);
		civil_from_us(us, &civil);
		assert_true(civil_to_us(&civil) == us);
	}
}

/* ---- formats */

static struct log_settings text_settings(void)
{
	return (struct log_settings){.file = "", .max_line = LOG_LINE_DEFAULT};
}

static const char *formatted(const struct format *format, const struct span *line)
{
	static char out[4096];
	char *end;

	assert_true(format_most(format, line->a_n + line->b_n) < sizeof(out));
	end = format_line(format, AT, line, out);
	*end = '\0';
	assert_true((size_t)(end - out) <= format_most(format, line->a_n + line->b_n));
	return out;
}

static struct span line_of(const char *text)
{
	return (struct span){.a = text, .a_n = strlen(text)};
}

static void text_is_passed_as_it_is(void **state)
{
	struct log_settings settings = text_settings();
	struct span line = line_of("a\xff\x01 b");
	struct format format;

	(void)state;
	assert_int_equal(format_init(&format, &settings, "web/app", LOG_STREAM_OUT, 9, 0), 0);
	assert_true(format_is_plain(&format));
	assert_string_equal(formatted(&format, &line), "a\xff\x01 b\n");
	line.more = true;
	assert_string_equal(formatted(&format, &line), "a\xff\x01 b [...]\n");
	line.continued = true;
	line.b = "c";
	line.b_n = 1;
	assert_string_equal(formatted(&format, &line), "[...] a\xff\x01 bc [...]\n");
	format_free(&format);
}

static void a_prefix_is_padded_and_tells_streams_apart(void **state)
{
	struct log_settings settings = text_settings();
	struct span line = line_of("up");
	struct format format;

	(void)state;
	settings.prefix = true;
	assert_int_equal(format_init(&format, &settings, "web/app", LOG_STREAM_OUT, 9, 0), 0);
	assert_false(format_is_plain(&format));
	assert_string_equal(formatted(&format, &line), "web/app   | up\n");
	format_free(&format);
	settings.timestamps = LOG_TIMESTAMPS_RFC3339;
	assert_int_equal(format_init(&format, &settings, "web/app", LOG_STREAM_ERR, 0, 0), 0);
	assert_string_equal(
		formatted(&format, &line), "2026-11-24T13:39:35.123456Z web/app ! up\n");
	format_free(&format);
	settings.timestamps = LOG_TIMESTAMPS_NONE;
	assert_int_equal(format_init(&format, &settings, "web/app", LOG_STREAM_ERR, 0, 2), 0);
	assert_string_equal(formatted(&format, &line), "\033[32mweb/app\033[31m ! \033[0mup\n");
	format_free(&format);
}

static void json_of(const char *text, const char *line_json)
{
	struct log_settings settings = text_settings();
	struct span line = line_of(text);
	struct format format;
	char expected[512];

	settings.format = LOG_FORMAT_JSON;
	assert_int_equal(format_init(&format, &settings, "a \"b\"", LOG_STREAM_ERR, 0, 0), 0);
	(void)snprintf(expected, sizeof(expected),
		"{\"time\":\"%s\",\"path\":\"a \\\"b\\\"\",\"stream\":\"err\",\"line\":%s}\n", AT,
		line_json);
	assert_string_equal(formatted(&format, &line), expected);
	format_free(&format);
}

static void bytes_are_escaped_in_json(void **state)
{
	(void)state;
	json_of("plain text of some length, longer than eight",
		"\"plain text of some length, longer than eight\"");
	json_of("", "\"\"");
	json_of("a\"b\\c\td\re\x1b[0m\x7f", "\"a\\\"b\\\\c\\td\\re\\u001b[0m\\u007f\"");
	json_of("\xc3\xa4\xe2\x82\xac", "\"\xc3\xa4\xe2\x82\xac\"");
	json_of("\xff", "\"\\u00ff\",\"binary\":true");
	/* Then all of its bytes are numbers, so that it can be undone. */
	json_of("\xc3\xa4\xff", "\"\\u00c3\\u00a4\\u00ff\",\"binary\":true");
}

static void what_is_no_utf8_is_known(void **state)
{
	static const char *const GOOD[] = {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const BAD[] = {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc2", "\xe0\x80\x80",
		"\xed\xa0\x80", "\xe2\x82", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5", "\xff",
		"\xc2\xc2\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		for (size_t cut = 0; cut <= strlen(GOOD[i]); cut++)
			assert_true(is_utf8(GOOD[i], cut, GOOD[i] + cut, strlen(GOOD[i]) - cut));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		for (size_t cut = 0; cut <= strlen(BAD[i]); cut++)
			assert_false(is_utf8(BAD[i], cut, BAD[i] + cut, strlen(BAD[i]) - cut));
}

/* Any bytes: a record that another library reads, and the bytes come back. */
static void json_loses_no_byte(void **state)
{
	struct log_settings settings = text_settings();
	struct format format;
	uint64_t random = 88172645463325252u;

	(void)state;
	settings.format = LOG_FORMAT_JSON;
	assert_int_equal(format_init(&format, &settings, "x", LOG_STREAM_OUT, 0, 0), 0);
	for (int round = 0; round < 20000; round++) {
		char bytes[64];
		size_t n = next_random(&random) % sizeof(bytes);
		size_t cut = n ? next_random(&random) % n : 0;
		struct span line = {.a = bytes, .a_n = cut, .b = bytes + cut, .b_n = n - cut};
		unsigned kinds = round % 4 == 0 ? 256 : 128;
		json_t *record;
		json_t *value;
		size_t at = 0;

		for (size_t i = 0; i < n; i++)
			do
				bytes[i] = (char)(next_random(&random) % kinds);
			while (bytes[i] == '\n');
		record = json_loads(formatted(&format, &line), JSON_ALLOW_NUL, NULL);
		assert_non_null(record);
		value = json_object_get(record, "line");
		if (!json_is_true(json_object_get(record, "binary"))) {
			assert_int_equal(json_string_length(value), n);
			assert_memory_equal(json_string_value(value), bytes, n);
		} else {
			const unsigned char *text = (const unsigned char *)json_string_value(value);

			for (size_t i = 0; i < json_string_length(value); i++, at++) {
				unsigned char byte = text[i];

				if (byte >= 0xc2) {
					byte = (unsigned char)(byte << 6 | (text[i + 1] & 0x3f));
					i++;
				}
				assert_int_equal(byte, (unsigned char)bytes[at]);
			}
			assert_int_equal(at, n);
		}
		json_decref(record);
	}
	format_free(&format);
}

static void lines_are_formatted_as_far_as_there_is_room(void **state)
{
	static const char TEXT[] = "one\ntwo\nthree\n";
	struct log_settings settings = text_settings();
	struct span lines = {.a = TEXT, .a_n = sizeof(TEXT) - 1, .many = true};
	struct format format;
	size_t most;
	size_t count;
	char out[1024];
	size_t n;

	(void)state;
	settings.prefix = true;
	assert_int_equal(format_init(&format, &settings, "p", LOG_STREAM_MERGED, 0, 0), 0);
	most = format_most(&format, 3);
	n = format_lines(&format, AT, &lines, out, most + 10, &count);
	assert_int_equal(count, 2);
	assert_memory_equal(out, "p | one\np | two\n", n);
	assert_memory_equal(lines.a, "three\n", lines.a_n);
	assert_int_equal(format_lines(&format, AT, &lines, out, 10, &count), 0);
	n = format_lines(&format, AT, &lines, out, sizeof(out), &count);
	assert_memory_equal(out, "p | three\n", n);
	assert_int_equal(lines.a_n, 0);
	format_free(&format);
}

static void a_loss_is_said(void **state)
{
	struct log_settings settings = text_settings();
	char out[FORMAT_LOSS_MAX];
	struct format format;
	json_t *record;
	size_t n;

	(void)state;
	assert_int_equal(format_init(&format, &settings, "p", LOG_STREAM_OUT, 0, 0), 0);
	n = format_loss(&format, AT, 3, 42, "No space left on device", out);
	assert_memory_equal(
		out, "suplog: 3 lines (42 bytes) were dropped: No space left on device\n", n);
	format_free(&format);
	settings.format = LOG_FORMAT_JSON;
	assert_int_equal(format_init(&format, &settings, "p", LOG_STREAM_OUT, 0, 0), 0);
	n = format_loss(&format, AT, INT64_MAX, INT64_MAX, "why", out);
	record = json_loadb(out, n, 0, NULL);
	assert_non_null(record);
	json_decref(record);
	format_free(&format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lines_come_together),
		cmocka_unit_test(a_carry_is_the_beginning_of_the_first),
		cmocka_unit_test(a_flush_ends_the_line),
		cmocka_unit_test(a_line_that_is_too_long_is_split),
		cmocka_unit_test(any_pieces_make_the_same_lines),
		cmocka_unit_test(newlines_are_counted),
		cmocka_unit_test(times_are_those_of_the_library),
		cmocka_unit_test(text_is_passed_as_it_is),
		cmocka_unit_test(a_prefix_is_padded_and_tells_streams_apart),
		cmocka_unit_test(bytes_are_escaped_in_json),
		cmocka_unit_test(what_is_no_utf8_is_known),
		cmocka_unit_test(json_loses_no_byte),
		cmocka_unit_test(lines_are_formatted_as_far_as_there_is_room),
		cmocka_unit_test(a_loss_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
