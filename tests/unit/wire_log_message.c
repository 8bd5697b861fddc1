/* wire_log_message.c - what supd and its logger tell each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/log_message.h"

static struct log_message a_stream(void)
{
	return (struct log_message){.kind = LOG_MESSAGE_STREAM,
		.index = 7,
		.generation = 3,
		.pid = 4711,
		.stream = LOG_STREAM_ERR,
		.path = "web/app",
		.settings = {.file = "/var/log/app.log",
			.max_size = 1 << 20,
			.max_age_ms = 86400000,
			.max_files = 5,
			.max_line = 4096,
			.mode = 0640,
			.uid = 33,
			.gid = LOG_NO_ID,
			.to = LOG_TO_BOTH,
			.format = LOG_FORMAT_JSON,
			.compress = LOG_COMPRESS_ZSTD,
			.on_full = LOG_ON_FULL_DROP,
			.timestamps = LOG_TIMESTAMPS_RFC3339,
			.prefix = true}};
}

static void a_stream_arrives_as_it_was_sent(void **state)
{
	struct log_message sent = a_stream();
	struct log_message got;
	char buf[LOG_MESSAGE_MAX];
	size_t n = log_message_write(&sent, buf);

	(void)state;
	assert_true(n > 0);
	assert_int_equal(log_message_read(buf, n, &got), 0);
	assert_int_equal(got.kind, sent.kind);
	assert_int_equal(got.index, 7);
	assert_int_equal(got.generation, 3);
	assert_int_equal(got.pid, 4711);
	assert_int_equal(got.stream, LOG_STREAM_ERR);
	assert_string_equal(got.path, "web/app");
	assert_string_equal(got.settings.file, "/var/log/app.log");
	got.settings.file = sent.settings.file;
	assert_memory_equal(&got.settings, &sent.settings, sizeof(sent.settings));
}

static void the_others_carry_their_child_alone(void **state)
{
	(void)state;
	for (unsigned kind = LOG_MESSAGE_STARTED; kind < LOG_MESSAGE_COUNT; kind++) {
		struct log_message sent = {
			.kind = (enum log_message_kind)kind, .index = 1, .generation = 2, .pid = 3};
		bool child = kind != LOG_MESSAGE_REOPEN && kind != LOG_MESSAGE_DRAIN &&
			     kind != LOG_MESSAGE_READY;
		struct log_message got;
		char buf[LOG_MESSAGE_MAX];
		size_t n = log_message_write(&sent, buf);

		assert_int_equal(log_message_read(buf, n, &got), 0);
		assert_int_equal(got.kind, kind);
		assert_int_equal(got.index, child ? 1 : 0);
		assert_int_equal(got.generation, child ? 2 : 0);
		assert_int_equal(log_message_read(buf, n + 1, &got), -EBADMSG);
	}
	assert_string_equal(log_message_name(LOG_MESSAGE_GONE), "gone");
	assert_string_equal(log_message_name(LOG_MESSAGE_COUNT), "?");
}

static void what_nobody_can_write_is_not_sent(void **state)
{
	char buf[LOG_MESSAGE_MAX];
	char path[LOG_PATH_MAX + 2];
	struct log_message message = a_stream();

	(void)state;
	memset(path, 'x', sizeof(path));
	path[LOG_PATH_MAX] = '\0';
	message.path = path;
	assert_true(log_message_write(&message, buf) > 0);
	path[LOG_PATH_MAX] = 'x';
	path[LOG_PATH_MAX + 1] = '\0';
	assert_int_equal(log_message_write(&message, buf), 0);
	message = a_stream();
	message.settings.file = ""; /* to = both */
	assert_int_equal(log_message_write(&message, buf), 0);
	message.settings.to = LOG_TO_STDOUT;
	assert_true(log_message_write(&message, buf) > 0);
	message.settings.max_line = LOG_LINE_MOST + 1;
	assert_int_equal(log_message_write(&message, buf), 0);
}

/* Cut short, lengthened, of another version, changed anywhere: refused or understood, and never a
 * byte read beyond its end (the buffer is as long as the message: a sanitizer sees it). */
static void what_was_damaged_does_no_harm(void **state)
{
	struct log_message sent = a_stream();
	struct log_message got = {.index = 99};
	char buf[LOG_MESSAGE_MAX];
	size_t n = log_message_write(&sent, buf);
	char *copy;

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		copy = malloc(cut ? cut : 1);
		assert_non_null(copy);
		memcpy(copy, buf, cut);
		assert_int_equal(log_message_read(copy, cut, &got), -EBADMSG);
		assert_int_equal(got.index, 99);
		free(copy);
	}
	copy = malloc(n);
	assert_non_null(copy);
	for (size_t i = 0; i < n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, buf, n);
			copy[i] = (char)(copy[i] ^ (1 << bit));
			if (log_message_read(copy, n, &got) == 0 && got.kind == LOG_MESSAGE_STREAM)
				assert_true(strlen(got.path) + strlen(got.settings.file) < n);
		}
	}
	free(copy);
	buf[16]++;
	assert_int_equal(log_message_read(buf, n, &got), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_arrives_as_it_was_sent),
		cmocka_unit_test(the_others_carry_their_child_alone),
		cmocka_unit_test(what_nobody_can_write_is_not_sent),
		cmocka_unit_test(what_was_damaged_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
