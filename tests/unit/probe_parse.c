/* probe_parse.c - what a health check over the network may connect to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/probe.h"

static struct probe_target good(
	int (*parse)(const char *, struct probe_target *, const char **), const char *text)
{
	struct probe_target target;
	const char *why = "";

	if (parse(text, &target, &why) != 0)
		fail_msg("%s: %s", text, why);
	return target;
}

static void bad(int (*parse)(const char *, struct probe_target *, const char **), const char *text,
	const char *expected)
{
	struct probe_target target = {.port = 4711};
	const char *why = "nothing";

	if (parse(text, &target, &why) == 0)
		fail_msg("%s was taken", text);
	if (!strstr(why, expected))
		fail_msg("%s: '%s' does not say '%s'", text, why, expected);
	assert_int_equal(target.port, 4711);
}

static void is_host(const struct probe_target *target, const char *host)
{
	assert_int_equal(target->host_n, strlen(host));
	assert_memory_equal(target->host, host, strlen(host));
}

static void tcp_takes_a_port_alone(void **state)
{
	struct probe_target target = good(probe_parse_tcp, "8080");

	(void)state;
	assert_int_equal(target.family, PROBE_LOCALHOST);
	assert_int_equal(target.port, 8080);
}

static void tcp_takes_addresses(void **state)
{
	static const uint8_t LOOP4[] = {127, 0, 0, 1};
	static const uint8_t LOOP6[16] = {[15] = 1};
	struct probe_target target = good(probe_parse_tcp, "127.0.0.1:1");

	(void)state;
	assert_int_equal(target.family, PROBE_IPV4);
	assert_int_equal(target.port, 1);
	assert_memory_equal(target.address, LOOP4, 4);
	target = good(probe_parse_tcp, "[::1]:65535");
	assert_int_equal(target.family, PROBE_IPV6);
	assert_int_equal(target.port, 65535);
	assert_memory_equal(target.address, LOOP6, 16);
	target = good(probe_parse_tcp, "localhost:80");
	assert_int_equal(target.family, PROBE_LOCALHOST);
	assert_int_equal(target.port, 80);
}

static void both_take_unix_sockets(void **state)
{
	struct probe_target target = good(probe_parse_tcp, "unix:/run/a b:c.sock");

	(void)state;
	assert_int_equal(target.family, PROBE_UNIX);
	is_host(&target, "/run/a b:c.sock");
	target = good(probe_parse_http, "unix:/run/app.sock");
	is_host(&target, "/run/app.sock");
	assert_string_equal(target.what, "/");
	target = good(probe_parse_http, "unix:/run/app.sock:/health?deep=1");
	is_host(&target, "/run/app.sock");
	assert_string_equal(target.what, "/health?deep=1");
}

static void http_has_a_port_and_a_path_by_default(void **state)
{
	struct probe_target target = good(probe_parse_http, "10.0.0.1");

	(void)state;
	assert_int_equal(target.port, 80);
	assert_string_equal(target.what, "/");
	target = good(probe_parse_http, "http://[::1]:8080/health");
	assert_int_equal(target.family, PROBE_IPV6);
	assert_int_equal(target.port, 8080);
	is_host(&target, "[::1]:8080");
	assert_string_equal(target.what, "/health");
	target = good(probe_parse_http, "http://[::1]/");
	assert_int_equal(target.port, 80);
	target = good(probe_parse_http, "8080/a/b");
	assert_int_equal(target.family, PROBE_LOCALHOST);
	assert_int_equal(target.port, 8080);
	assert_string_equal(target.what, "/a/b");
}

static void names_are_refused(void **state)
{
	(void)state;
	bad(probe_parse_tcp, "example.com:80", "names are not looked up");
	bad(probe_parse_http, "http://example.com/", "names are not looked up");
	bad(probe_parse_tcp, "localhost.:80", "names are not looked up");
	bad(probe_parse_tcp, "127.1:80", "names are not looked up");
	bad(probe_parse_tcp, "127.0.0.1.:80", "names are not looked up");
}

static void ports_are_checked(void **state)
{
	(void)state;
	bad(probe_parse_tcp, "0", "no number from 1 to 65535");
	bad(probe_parse_tcp, "65536", "no number from 1 to 65535");
	bad(probe_parse_tcp, "99999999999", "no number from 1 to 65535");
	bad(probe_parse_tcp, "127.0.0.1:", "no number from 1 to 65535");
	bad(probe_parse_tcp, "127.0.0.1:+80", "no number from 1 to 65535");
	bad(probe_parse_tcp, "127.0.0.1:80 ", "no number from 1 to 65535");
	bad(probe_parse_tcp, "127.0.0.1", "needs a port");
	bad(probe_parse_tcp, "[::1]", "needs a port");
	bad(probe_parse_tcp, "[::1]80", "only ':' and a port");
	bad(probe_parse_http, "127.0.0.1:80a/", "no number from 1 to 65535");
}

static void addresses_are_checked(void **state)
{
	(void)state;
	bad(probe_parse_tcp, "", "no host");
	bad(probe_parse_tcp, ":80", "no host");
	bad(probe_parse_tcp, "::1:80", "stands in brackets");
	bad(probe_parse_tcp, "[::1:80", "']' is missing");
	bad(probe_parse_tcp, "[]:80", "no host");
	bad(probe_parse_tcp, "[127.0.0.1]:80", "no IPv6 address");
	bad(probe_parse_tcp, "[fe80::1%eth0]:80", "no IPv6 address");
	bad(probe_parse_tcp,
		"1111111111111111111111111111111111111111111111111111111111111111111:80",
		"no address");
}

static void paths_are_checked(void **state)
{
	char text[256] = "unix:/";

	(void)state;
	bad(probe_parse_tcp, "unix:", "does not begin with '/'");
	bad(probe_parse_tcp, "unix:a.sock", "does not begin with '/'");
	bad(probe_parse_http, "unix:a.sock:/", "does not begin with '/'");
	memset(text + 6, 'x', 106);
	(void)good(probe_parse_tcp, text);
	text[6 + 106] = 'x';
	bad(probe_parse_tcp, text, "longer than 107 bytes");
}

static void nothing_slips_into_a_request(void **state)
{
	(void)state;
	bad(probe_parse_http, "127.0.0.1/a b", "blank");
	bad(probe_parse_http, "127.0.0.1/a\r\nX: y", "blank");
	bad(probe_parse_http, "127.0.0.1/\xc3\xa4", "not ASCII");
	bad(probe_parse_http, "127.0.0.1/#a", "'#'");
	bad(probe_parse_http, "127.0.0.1?a", "does not begin with '/'");
	bad(probe_parse_http, "https://127.0.0.1/", "https is not known");
	bad(probe_parse_http, "127.0.0.1:80\r\n/", "no number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_takes_a_port_alone),
		cmocka_unit_test(tcp_takes_addresses),
		cmocka_unit_test(both_take_unix_sockets),
		cmocka_unit_test(http_has_a_port_and_a_path_by_default),
		cmocka_unit_test(names_are_refused),
		cmocka_unit_test(ports_are_checked),
		cmocka_unit_test(addresses_are_checked),
		cmocka_unit_test(paths_are_checked),
		cmocka_unit_test(nothing_slips_into_a_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
