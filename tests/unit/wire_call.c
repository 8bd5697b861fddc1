/* wire_call.c - varlink's messages, taken apart and put together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/call.h"
#include "supervisor/wire/client.h"
#include "tests/sim/spec_test.h"

static int parse(const char *text, struct call *call, const char **bad)
{
	*bad = NULL;
	return call_parse(text, strlen(text), call, bad);
}

SPEC(a_call_has_a_method_parameters_and_flags)
{
	struct call call;
	const char *bad;

	assert_int_equal(parse("{\"method\":\"a.b.C\"}", &call, &bad), 0);
	assert_string_equal(call.method, "a.b.C");
	assert_null(call.parameters);
	assert_false(call.oneway || call.more);
	call_free(&call);

	assert_int_equal(parse("{\"method\":\"a.b.C\",\"parameters\":{\"x\":1},\"oneway\":true,"
			       "\"more\":false,\"upgrade\":false}",
				 &call, &bad),
		0);
	assert_int_equal(json_object_size(call.parameters), 1);
	assert_true(call.oneway && !call.more);
	call_free(&call);
}

SPEC(null_stands_for_an_absent_member)
{
	struct call call;
	const char *bad;

	assert_int_equal(parse("{\"method\":\"a.b.C\",\"parameters\":null,\"oneway\":null,"
			       "\"more\":null,\"upgrade\":null}",
				 &call, &bad),
		0);
	assert_null(call.parameters);
	call_free(&call);
}

SPEC(what_is_no_json_object_is_no_varlink)
{
	static const char *const texts[] = {"", "x", "[]", "1", "\"a\"", "null", "{", "{}x",
		"{\"method\":\"a.b.C\",\"method\":\"a.b.C\"}", "{\"method\":\"\xff\"}",
		"{\"method\":\"a\\u0000b\"}", "{\"x\":99999999999999999999}", "{'method':'a'}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct call call;
		const char *bad;

		if (parse(texts[i], &call, &bad) != -EBADMSG)
			fail_msg("%s passed", texts[i]);
		call_free(&call);
	}
}

SPEC(a_member_at_fault_is_named)
{
	static const struct {
		const char *text;
		const char *bad;
	} cases[] = {
		{"{}", "method"},
		{"{\"method\":1}", "method"},
		{"{\"method\":null}", "method"},
		{"{\"method\":\"a.b.C\",\"parameters\":[]}", "parameters"},
		{"{\"method\":\"a.b.C\",\"parameters\":\"x\"}", "parameters"},
		{"{\"method\":\"a.b.C\",\"more\":1}", "more"},
		{"{\"method\":\"a.b.C\",\"oneway\":\"true\"}", "oneway"},
		{"{\"method\":\"a.b.C\",\"upgrade\":true}", "upgrade"},
		{"{\"method\":\"a.b.C\",\"colour\":\"red\"}", "colour"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call call;
		const char *bad;

		assert_int_equal(parse(cases[i].text, &call, &bad), -EINVAL);
		assert_string_equal(bad, cases[i].bad);
		call_free(&call);
	}
}

SPEC(a_failed_call_still_tells_whether_it_was_oneway)
{
	struct call call;
	const char *bad;

	assert_int_equal(parse("{\"oneway\":true}", &call, &bad), -EINVAL);
	assert_true(call.oneway);
	call_free(&call);
}

static void expect_text(char *text, size_t n, const char *expected)
{
	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(n, strlen(expected) + 1);
	free(text);
}

SPEC(replies_and_errors_are_compact_and_end_with_a_nul)
{
	size_t n = 0;
	char *text = reply_text(NULL, false, &n);

	expect_text(text, n, "{\"parameters\":{}}");
	text = reply_text(json_pack("{s:i}", "x", 1), true, &n);
	expect_text(text, n, "{\"parameters\":{\"x\":1},\"continues\":true}");
	text = error_text("a.b.E", json_pack("{s:s}", "path", "p"), &n);
	expect_text(text, n, "{\"error\":\"a.b.E\",\"parameters\":{\"path\":\"p\"}}");
	text = error_text("a.b.E", NULL, &n);
	expect_text(text, n, "{\"error\":\"a.b.E\",\"parameters\":{}}");
}

SPEC(a_client_puts_calls_together)
{
	size_t n = 0;
	char *text = client_call("a.b.C", NULL, 0, &n);

	expect_text(text, n, "{\"method\":\"a.b.C\",\"parameters\":{}}");
	text = client_call(
		"a.b.C", json_pack("{s:s}", "path", "p"), CLIENT_ONEWAY | CLIENT_MORE, &n);
	expect_text(text, n,
		"{\"method\":\"a.b.C\",\"parameters\":{\"path\":\"p\"},\"oneway\":true,\"more\":"
		"true}");
}

static int parse_reply(const char *text, struct client_reply *reply)
{
	return client_reply_parse(text, strlen(text), reply);
}

SPEC(a_client_takes_replies_apart)
{
	struct client_reply reply;

	assert_int_equal(parse_reply("{\"parameters\":{\"x\":1},\"continues\":true}", &reply), 0);
	assert_null(reply.error);
	assert_true(reply.continues);
	assert_int_equal(json_integer_value(json_object_get(reply.parameters, "x")), 1);
	client_reply_free(&reply);

	assert_int_equal(parse_reply("{\"error\":\"a.b.E\",\"new\":1}", &reply), 0);
	assert_string_equal(reply.error, "a.b.E");
	assert_null(reply.parameters);
	client_reply_free(&reply);

	assert_int_equal(parse_reply("[]", &reply), -EBADMSG);
	assert_int_equal(parse_reply("x", &reply), -EBADMSG);
	assert_int_equal(parse_reply("{\"error\":1}", &reply), -EBADMSG);
	assert_int_equal(parse_reply("{\"parameters\":1}", &reply), -EBADMSG);
}

SPEC(errors_have_words)
{
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
		{"{\"error\":\"org.supd.Supervisor.NotFound\",\"parameters\":{\"path\":\"x\"}}",
			"no child named x"},
		{"{\"error\":\"org.supd.Supervisor.Ambiguous\",\"parameters\":{\"path\":\"x\","
		 "\"candidates\":[\"a/x\",\"b/x\"]}}",
			"x is ambiguous: a/x, b/x"},
		{"{\"error\":\"org.supd.Supervisor.InvalidState\",\"parameters\":{\"path\":\"x\","
		 "\"state\":\"running\"}}",
			"x is running"},
		{"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{"
		 "\"parameter\":\"path\"}}",
			"invalid parameter path"},
		{"{\"error\":\"org.example.Other\"}", "org.example.Other"},
	};
	char buf[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct client_reply reply;

		assert_int_equal(parse_reply(cases[i].text, &reply), 0);
		assert_string_equal(client_error_words(&reply, buf, sizeof(buf)), cases[i].words);
		client_reply_free(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_has_a_method_parameters_and_flags),
		cmocka_unit_test(null_stands_for_an_absent_member),
		cmocka_unit_test(what_is_no_json_object_is_no_varlink),
		cmocka_unit_test(a_member_at_fault_is_named),
		cmocka_unit_test(a_failed_call_still_tells_whether_it_was_oneway),
		cmocka_unit_test(replies_and_errors_are_compact_and_end_with_a_nul),
		cmocka_unit_test(a_client_puts_calls_together),
		cmocka_unit_test(a_client_takes_replies_apart),
		cmocka_unit_test(errors_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
