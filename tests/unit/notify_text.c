/* notify_text.c - what a datagram of sd_notify says, and what is shown of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/notify_text.h"

static struct notify_text parse(const char *text)
{
	struct notify_text said;

	assert_int_equal(notify_parse(text, strlen(text), &said), 0);
	return said;
}

static void a_datagram_has_many_variables(void **state)
{
	struct notify_text said = parse("READY=1\nSTATUS=up and well\nMAINPID=4711\n"
					"WATCHDOG=1\nX_OWN=2\nFDSTORE=1\nFDNAME=main-socket\n"
					"FDPOLL=0\nERRNO=2\nSTOPPING=1\nRELOADING=1\n"
					"MONOTONIC_USEC=17\nEXIT_STATUS=3\nBARRIER=1");

	(void)state;
	assert_true(said.ready && said.ping && said.fd_store && said.fd_no_poll && said.stopping &&
		    said.reloading);
	assert_false(said.trigger || said.fd_remove);
	assert_int_equal(said.main_pid, 4711);
	assert_int_equal(said.error, ENOENT);
	assert_memory_equal(said.status, "up and well", said.status_n);
	assert_int_equal(said.status_n, strlen("up and well"));
	assert_memory_equal(said.fd_name, "main-socket", said.fd_name_n);
	assert_int_equal(said.watchdog_ms, NOTIFY_NONE);
	assert_int_equal(said.extend_ms, NOTIFY_NONE);
}

static void newlines_are_there_or_not(void **state)
{
	static const char *const TEXTS[] = {
		"READY=1", "READY=1\n", "READY=1\n\n", "\nREADY=1", "\n\nREADY=1\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		assert_true(parse(TEXTS[i]).ready);
}

static void a_nul_ends_it_or_spoils_it(void **state)
{
	struct notify_text said;

	(void)state;
	assert_int_equal(notify_parse("READY=1", 8, &said), 0);
	assert_true(said.ready);
	assert_int_equal(notify_parse("READY=1\0\nSTATUS=x", 17, &said), -EBADMSG);
	assert_int_equal(notify_parse("", 0, &said), 0);
	assert_int_equal(notify_parse("", 1, &said), 0);
	assert_false(said.ready);
}

static void other_values_say_nothing(void **state)
{
	static const char *const TEXTS[] = {"READY=0", "READY=", "READY", "READY =1", " READY=1",
		"ready=1", "READY=1 ", "READY=11", "XREADY=1", "READY=true", "=1", "="};

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		assert_false(parse(TEXTS[i]).ready);
	assert_true(parse("WATCHDOG=trigger").trigger);
	assert_false(parse("WATCHDOG=2").ping);
}

static void numbers_have_a_range(void **state)
{
	(void)state;
	assert_int_equal(parse("MAINPID=1").main_pid, NOTIFY_NONE);
	assert_int_equal(parse("MAINPID=-5").main_pid, NOTIFY_NONE);
	assert_int_equal(parse("MAINPID=+5").main_pid, NOTIFY_NONE);
	assert_int_equal(parse("MAINPID=5x").main_pid, NOTIFY_NONE);
	assert_int_equal(parse("MAINPID=4194304").main_pid, 4194304);
	assert_int_equal(parse("MAINPID=4194305").main_pid, NOTIFY_NONE);
	assert_int_equal(parse("MAINPID=99999999999999999999999").main_pid, NOTIFY_NONE);
	assert_int_equal(parse("MAINPID=7\nMAINPID=8").main_pid, 7);
	assert_int_equal(parse("WATCHDOG_USEC=0").watchdog_ms, 0);
	assert_int_equal(parse("WATCHDOG_USEC=1").watchdog_ms, 1);
	assert_int_equal(parse("WATCHDOG_USEC=1500000").watchdog_ms, 1500);
	assert_int_equal(parse("WATCHDOG_USEC=18446744073709551615").watchdog_ms, NOTIFY_NONE);
	assert_int_equal(parse("EXTEND_TIMEOUT_USEC=0").extend_ms, NOTIFY_NONE);
	assert_int_equal(parse("EXTEND_TIMEOUT_USEC=2000001").extend_ms, 2001);
	assert_int_equal(parse("ERRNO=0").error, 0);
	assert_int_equal(parse("ERRNO=4095").error, 4095);
	assert_int_equal(parse("ERRNO=4096").error, 0);
}

static void names_of_descriptors_fit_into_their_list(void **state)
{
	char text[300] = "FDNAME=";

	(void)state;
	assert_non_null(parse("FDNAME=a.b-c_1").fd_name);
	assert_null(parse("FDNAME=").fd_name);
	assert_null(parse("FDNAME=a:b").fd_name);
	assert_null(parse("FDNAME=a b").fd_name);
	assert_null(parse("FDNAME=\xc3\xa4").fd_name);
	assert_null(parse("FDNAME=a\x7f").fd_name);
	memset(text + strlen("FDNAME="), 'x', NOTIFY_FDNAME_MAX);
	assert_int_equal(parse(text).fd_name_n, NOTIFY_FDNAME_MAX);
	text[strlen(text)] = 'x';
	assert_null(parse(text).fd_name);
}

static void shows(const char *text, const char *expected)
{
	char buf[16];

	assert_string_equal(notify_display(text, strlen(text), buf, sizeof(buf)), expected);
}

static void what_is_shown_disturbs_no_terminal(void **state)
{
	(void)state;
	shows("plain", "plain");
	shows("", "");
	shows("a\x1b[31mb\t\x7f", "a?[31mb??");
	shows("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	shows("\xff\xc3", "??");
	shows("\xc0\xaf\xe0\x80\x80", "?????"); /* overlong */
	shows("\xed\xa0\x80", "???");		/* a surrogate */
	shows("\xf4\x90\x80\x80\xf5", "?????"); /* above U+10FFFF */
	shows("\xc2\x9b"
	      "31m",
		"?31m"); /* C1 */
	shows("0123456789abcdef", "0123456789abcde");
	shows("0123456789abcd\xc3\xa4", "0123456789abcd"); /* no half character */
}

static void becomes(const char *now, const char *message, const char *expected)
{
	struct notify_text said = parse(message);
	char buf[24];

	assert_string_equal(notify_status(now, &said, buf, sizeof(buf)), expected);
}

static void the_text_says_what_it_does(void **state)
{
	(void)state;
	becomes("", "STATUS=up", "up");
	becomes("up", "STATUS=", "");
	becomes("up", "READY=1", "up");
	becomes("up", "RELOADING=1", "reloading: up");
	becomes("reloading: up", "STATUS=half", "reloading: half");
	becomes("reloading: up", "READY=1", "up");
	becomes("reloading: up", "READY=1\nSTATUS=new", "new");
	becomes("reloading", "READY=1", "");
	becomes("", "RELOADING=1", "reloading");
	becomes("reloading: up", "STOPPING=1", "stopping: up");
	becomes("", "RELOADING=1\nREADY=1", "");
	becomes("up", "ERRNO=1", "error: Operation not pe");
	becomes("", "ERRNO=1\nSTATUS=no", "no");
	becomes("reloadings", "RELOADING=1", "reloading: reloadings");
	becomes("", "RELOADING=1\nSTATUS=0123456789abcdef", "reloading: 0123456789ab");
}

/* Any bytes: within bounds, and what is shown is text. */
static void noise_does_no_harm(void **state)
{
	static const char PIECES[] = "READY=1\nSTATUS=\xc3\xa4\x1b\xffMAINPID=99\0FDNAME=:x";
	uint64_t random = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char *text = malloc(64);
		struct notify_text said;
		char buf[20];
		size_t n;

		assert_non_null(text);
		for (n = 0; n < 64; n++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			if (random % 29 == 0)
				break;
			text[n] = random % 3 ? PIECES[(n + random / 7) % sizeof(PIECES)]
					     : (char)(random >> 20);
		}
		text = realloc(text, n ? n : 1);
		assert_non_null(text);
		if (notify_parse(text, n, &said) == 0)
			(void)notify_status("now", &said, buf, sizeof(buf));
		assert_true(strlen(notify_display(text, n, buf, sizeof(buf))) < sizeof(buf));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_has_many_variables),
		cmocka_unit_test(newlines_are_there_or_not),
		cmocka_unit_test(a_nul_ends_it_or_spoils_it),
		cmocka_unit_test(other_values_say_nothing),
		cmocka_unit_test(numbers_have_a_range),
		cmocka_unit_test(names_of_descriptors_fit_into_their_list),
		cmocka_unit_test(what_is_shown_disturbs_no_terminal),
		cmocka_unit_test(the_text_says_what_it_does),
		cmocka_unit_test(noise_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
