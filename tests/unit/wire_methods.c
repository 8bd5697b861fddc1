/* wire_methods.c - the table of the methods and the interface text say the same. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/wire/methods.h"
#include "supervisor/wire/service.h"
#include "tests/sim/spec_test.h"

static const char *const type_names[] = {
	[PARAM_TYPE_STRING] = "string",
	[PARAM_TYPE_INT] = "int",
	[PARAM_TYPE_BOOL] = "bool",
	[PARAM_TYPE_STRINGS] = "[]string",
};

/* "path: string, timeout_ms: ?int", in the order of the table's parameters. */
static void write_params(const struct method *method, char *buf, size_t size)
{
	buf[0] = '\0';
	for (int i = 0; i < PARAM_COUNT; i++) {
		size_t n = strlen(buf);

		if (!((method->required | method->optional) & (1u << i)))
			continue;
		(void)snprintf(buf + n, size - n, "%s%s: %s%s", n ? ", " : "", wire_params[i].name,
			method->optional & (1u << i) ? "?" : "", type_names[wire_params[i].type]);
	}
}

static int count_lines(const char *text, const char *word)
{
	size_t n = strlen(word);
	int count = 0;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		count += strncmp(line, word, n) == 0;
	}
	return count;
}

static int count_methods(const char *interface)
{
	int count = 0;

	for (int i = 0; i < METHOD_COUNT; i++)
		count += strcmp(wire_methods[i].interface, interface) == 0;
	return count;
}

static int count_errors(const char *interface)
{
	size_t n = strlen(interface);
	int count = 0;

	for (int i = 0; i < ERROR_COUNT; i++)
		count += strncmp(wire_errors[i].name, interface, n) == 0 &&
			 wire_errors[i].name[n] == '.';
	return count;
}

SPEC(every_method_of_the_table_is_in_the_text_with_its_parameters)
{
	for (int i = 0; i < METHOD_COUNT; i++) {
		const char *text = service_description(wire_methods[i].interface);
		char params[256];
		char line[512];

		assert_non_null(text);
		write_params(&wire_methods[i], params, sizeof(params));
		(void)snprintf(
			line, sizeof(line), "\nmethod %s(%s) -> (", wire_methods[i].name, params);
		if (!strstr(text, line))
			fail_msg("not in the text:%s", line);
	}
}

SPEC(every_error_of_the_table_is_in_the_text_with_its_parameters)
{
	for (int i = 0; i < ERROR_COUNT; i++) {
		const char *dot = strrchr(wire_errors[i].name, '.');
		char interface[64];
		char line[256];

		(void)snprintf(interface, sizeof(interface), "%.*s",
			(int)(dot - wire_errors[i].name), wire_errors[i].name);
		(void)snprintf(line, sizeof(line), "\nerror %s (%s)\n", dot + 1,
			wire_errors[i].parameters);
		if (!strstr(service_description(interface), line))
			fail_msg("not in the text:%s", line);
	}
}

SPEC(the_text_has_no_method_and_no_error_that_the_table_lacks)
{
	static const char *const interfaces[] = {WIRE_INTERFACE, WIRE_SERVICE};

	for (size_t i = 0; i < 2; i++) {
		const char *text = service_description(interfaces[i]);

		assert_int_equal(count_lines(text, "method "), count_methods(interfaces[i]));
		assert_int_equal(count_lines(text, "error "), count_errors(interfaces[i]));
	}
}

SPEC(methods_are_found_by_their_qualified_name)
{
	for (int i = 0; i < METHOD_COUNT; i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "%s.%s", wire_methods[i].interface,
			wire_methods[i].name);
		assert_int_equal(method_find(name), i);
	}
	assert_int_equal(method_find("org.supd.Supervisor.Nothing"), -ENOENT);
	assert_int_equal(method_find("org.supd.Supervisor."), -ENOENT);
	assert_int_equal(method_find("org.supd.Supervisor.ping"), -ENOENT);
	assert_int_equal(method_find("org.supd.Supervisor.Ping "), -ENOENT);
	assert_int_equal(method_find("Ping"), -ENOENT);
	assert_int_equal(method_find(""), -ENOENT);
	assert_int_equal(method_find("org.supd.Other.Ping"), -ENXIO);
	assert_int_equal(method_find("org.supd.Supervisor.Ping.Ping"), -ENXIO);
	assert_int_equal(method_find(".Ping"), -ENXIO);
}

static const char *bad_of(enum method_id id, const char *json)
{
	json_t *parameters = json_loads(json, 0, NULL);
	static char buf[64];
	struct args args;
	const char *bad = "";

	assert_non_null(parameters);
	if (method_args(&wire_methods[id], parameters, &args, &bad) == 0)
		bad = "";
	(void)snprintf(buf, sizeof(buf), "%s", bad);
	json_decref(parameters);
	return buf;
}

SPEC(parameters_are_checked_strictly)
{
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":\"a\"}"), "");
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":\"a\",\"timeout_ms\":5}"), "");
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":\"a\",\"timeout_ms\":null}"), "");
	assert_string_equal(bad_of(METHOD_STOP, "{}"), "path");
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":null}"), "path");
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":1}"), "path");
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":[\"a\"]}"), "path");
	assert_string_equal(
		bad_of(METHOD_STOP, "{\"path\":\"a\",\"timeout_ms\":1.5}"), "timeout_ms");
	assert_string_equal(
		bad_of(METHOD_STOP, "{\"path\":\"a\",\"timeout_ms\":\"5\"}"), "timeout_ms");
	assert_string_equal(bad_of(METHOD_STOP, "{\"path\":\"a\",\"signal\":\"TERM\"}"), "signal");
	assert_string_equal(bad_of(METHOD_PING, "{\"path\":\"a\"}"), "path");
	assert_string_equal(bad_of(METHOD_STATUS, "{\"paths\":[]}"), "");
	assert_string_equal(bad_of(METHOD_STATUS, "{\"paths\":[\"a\",1]}"), "paths");
	assert_string_equal(bad_of(METHOD_STATUS, "{\"paths\":\"a\"}"), "paths");
	assert_string_equal(bad_of(METHOD_SIGNAL, "{\"path\":\"a\"}"), "signal");
	assert_string_equal(
		bad_of(METHOD_RUN, "{\"path\":\"a\",\"command\":[\"b\"],\"link\":true}"), "");
	assert_string_equal(
		bad_of(METHOD_RUN, "{\"path\":\"a\",\"command\":[\"b\"],\"link\":1}"), "link");
	assert_string_equal(bad_of(METHOD_RUN, "{\"path\":\"a\"}"), "command");
	assert_string_equal(
		bad_of(METHOD_RUN, "{\"path\":\"a\",\"command\":[\"b\"],\"settings\":[]}"),
		"settings");
	assert_string_equal(bad_of(METHOD_START_CHILD, "{\"path\":\"a\"}"), "");
}

SPEC(no_parameters_are_as_good_as_empty_ones)
{
	struct args args;
	const char *bad = NULL;

	assert_int_equal(method_args(&wire_methods[METHOD_PING], NULL, &args, &bad), 0);
	assert_int_equal(method_args(&wire_methods[METHOD_STOP], NULL, &args, &bad), -EINVAL);
	assert_string_equal(bad, "path");
}

SPEC(commands_and_roles_are_those_of_the_contract)
{
	assert_int_equal(wire_methods[METHOD_START].command, CMD_START);
	assert_int_equal(wire_methods[METHOD_STOP].command, CMD_STOP);
	assert_int_equal(wire_methods[METHOD_RESTART].command, CMD_RESTART);
	assert_int_equal(wire_methods[METHOD_DELETE].command, CMD_DELETE);
	assert_int_equal(wire_methods[METHOD_STATUS].role, ROLE_OBSERVER);
	assert_int_equal(wire_methods[METHOD_SUBSCRIBE].role, ROLE_OBSERVER);
	assert_int_equal(wire_methods[METHOD_SIGNAL].role, ROLE_OPERATOR);
	assert_int_equal(wire_methods[METHOD_SHUTDOWN].role, ROLE_ADMIN);
	assert_int_equal(wire_methods[METHOD_START_CHILD].role, ROLE_ADMIN);
	assert_int_equal(wire_methods[METHOD_RUN].role, ROLE_ADMIN);
	assert_int_equal(wire_methods[METHOD_COUNT_CHILDREN].role, ROLE_OBSERVER);
	assert_int_equal(wire_methods[METHOD_WHERE_IS].role, ROLE_OBSERVER);
	assert_int_equal(wire_methods[METHOD_INSPECT].role, ROLE_OBSERVER);
}

SPEC(the_service_says_what_it_is)
{
	json_t *info = service_info();

	assert_non_null(info);
	assert_string_equal(json_string_value(json_object_get(info, "product")), "supd");
	assert_int_equal(json_array_size(json_object_get(info, "interfaces")), 2);
	json_decref(info);
	assert_null(service_description("org.supd.Other"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_method_of_the_table_is_in_the_text_with_its_parameters),
		cmocka_unit_test(every_error_of_the_table_is_in_the_text_with_its_parameters),
		cmocka_unit_test(the_text_has_no_method_and_no_error_that_the_table_lacks),
		cmocka_unit_test(methods_are_found_by_their_qualified_name),
		cmocka_unit_test(parameters_are_checked_strictly),
		cmocka_unit_test(no_parameters_are_as_good_as_empty_ones),
		cmocka_unit_test(commands_and_roles_are_those_of_the_contract),
		cmocka_unit_test(the_service_says_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
