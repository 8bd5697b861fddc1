/* config_kinds.c - supervisors of every kind, and one section that makes several children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/parse.h"

static struct spec *read_good(const char *text, size_t *ret_size)
{
	char path[] = "/tmp/supd-test-XXXXXX";
	const int fd = mkstemp(path);
	struct findings f = {0};
	char *env[] = {NULL};
	const char *why = "";
	struct spec *spec;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
	spec = config_read(path, env, &f, ret_size);
	assert_int_equal(unlink(path), 0);
	if (spec == NULL)
		findings_print(stderr, &f);
	assert_non_null(spec);
	if (spec_check(spec, *ret_size, &why) < 0)
		fail_msg("the specification is wrong: %s", why);
	findings_free(&f);
	return spec;
}

static const char *name_of(const struct spec *spec, uint32_t i)
{
	return spec_str(spec, spec_node(spec, i)->name);
}

static const char *word(const struct spec *spec, uint32_t i, uint32_t n)
{
	const struct spec_list *argv = spec_list(spec, spec_node(spec, i)->argv);

	assert_true(n < argv->n);
	return spec_str(spec, argv->item[n]);
}

/* The value of SUPD_INSTANCE, or NULL. */
static const char *instance_of(const struct spec *spec, uint32_t i)
{
	const struct spec_list *env = spec_list(spec, spec_proc(spec, i)->environment);

	for (uint32_t n = 0; n < env->n; n++) {
		const char *text = spec_str(spec, env->item[n]);
		if (strncmp(text, "SUPD_INSTANCE=", 14) == 0)
			return text + 14;
	}
	return NULL;
}

static void instances_stand_where_their_section_stands(void **state)
{
	static const char *const NAMES[] = {"r", "a", "w.1", "w.2", "w.3", "z"};
	size_t size = 0;
	struct spec *spec = read_good("supervisor r {\n"
				      "process a { command = x }\n"
				      "process w { command = \"x %n %p %i\" instances = 3 }\n"
				      "process z { command = y } }",
		&size);

	(void)state;
	assert_int_equal(spec->nodes, 6);
	assert_int_equal(spec_node(spec, 0)->children, 5);
	for (uint32_t i = 0; i < 6; i++) {
		assert_string_equal(name_of(spec, i), NAMES[i]);
		assert_int_equal(spec_node(spec, i)->repeat, i == 3 || i == 4);
	}
	assert_string_equal(word(spec, 3, 1), "w.2");
	assert_string_equal(word(spec, 3, 2), "w.2");
	assert_string_equal(word(spec, 3, 3), "2");
	assert_string_equal(instance_of(spec, 2), "1");
	assert_string_equal(instance_of(spec, 4), "3");
	assert_null(instance_of(spec, 1));
	assert_null(instance_of(spec, 5));
	assert_int_equal(spec_node(spec, 2)->child, spec_node(spec, 4)->child);
	assert_int_equal(spec_node(spec, 4)->line, 3);
	free(spec);
}

static void instances_come_from_defaults_too(void **state)
{
	size_t size = 0;
	struct spec *spec = read_good("supervisor r {\n"
				      "defaults { instances = 2 command = x restart = temporary }\n"
				      "process a { }\n"
				      "dynamic d { process job { } }\n"
				      "partition p { partitions = 1 process s { } } }",
		&size);

	(void)state;
	/* r a.1 a.2 d job p s.0: what they inherit is not asked of those that have no instances. */
	assert_int_equal(spec->nodes, 7);
	assert_string_equal(name_of(spec, 2), "a.2");
	assert_string_equal(name_of(spec, 4), "job");
	assert_null(instance_of(spec, 4));
	assert_string_equal(name_of(spec, 6), "s.0");
	free(spec);
}

static void a_thousand_instances_share_what_is_equal(void **state)
{
	size_t size = 0;
	struct spec *spec =
		read_good("supervisor r { process w { command = x instances = 1000 } }", &size);

	(void)state;
	assert_int_equal(spec->nodes, 1001);
	assert_string_equal(name_of(spec, 1000), "w.1000");
	assert_int_equal(spec_node(spec, 1)->argv, spec_node(spec, 1000)->argv);
	assert_true(size / 1000 < 200);
	free(spec);
}

static void a_template_keeps_its_specifiers(void **state)
{
	size_t size = 0;
	struct spec *spec =
		read_good("supervisor r { dynamic d { max_children = 5\n"
			  "process job { command = \"x %n '%p' 1%%\" restart = transient }\n"
			  "} }",
			&size);

	(void)state;
	assert_int_equal(spec->nodes, 3);
	assert_int_equal(spec_node(spec, 1)->kind, KIND_DYNAMIC);
	assert_int_equal(spec_sup(spec, 1)->max_children, 5);
	assert_int_equal(spec_node(spec, 1)->children, 1);
	assert_string_equal(word(spec, 2, 1), "%n");
	assert_string_equal(word(spec, 2, 2), "%p");
	assert_string_equal(word(spec, 2, 3), "1%%");
	assert_int_equal(spec_child(spec, 2)->restart, RESTART_TRANSIENT);
	free(spec);
}

static void a_dynamic_without_template_gets_one(void **state)
{
	size_t size = 0;
	struct spec *spec = read_good("supervisor r {\n"
				      "defaults { command = y shutdown = 7s restart = permanent }\n"
				      "dynamic d { } }",
		&size);

	(void)state;
	assert_int_equal(spec->nodes, 3);
	assert_string_equal(name_of(spec, 2), "task");
	assert_int_equal(spec_list(spec, spec_node(spec, 2)->argv)->n, 0);
	assert_int_equal(spec_child(spec, 2)->restart, RESTART_TEMPORARY);
	assert_int_equal(spec_child(spec, 2)->shutdown_ms, 7000);
	assert_int_equal(spec_sup(spec, 1)->max_children, 1000);
	free(spec);
}

static void partitions_count_from_zero(void **state)
{
	size_t size = 0;
	struct spec *spec = read_good("supervisor r { partition p { partitions = 2\n"
				      "process s { command = \"x %i %n %p\" } } }",
		&size);

	(void)state;
	assert_int_equal(spec->nodes, 4);
	assert_int_equal(spec_node(spec, 1)->kind, KIND_PARTITION);
	assert_int_equal(spec_sup(spec, 1)->partitions, 2);
	assert_int_equal(spec_sup(spec, 1)->strategy, STRATEGY_ONE_FOR_ONE);
	assert_string_equal(name_of(spec, 2), "s.0");
	assert_string_equal(word(spec, 3, 1), "1");
	assert_string_equal(word(spec, 3, 2), "s.1");
	assert_string_equal(word(spec, 3, 3), "p/s.1");
	assert_string_equal(instance_of(spec, 2), "0");
	free(spec);
}

static void ncpu_is_what_this_process_may_use(void **state)
{
	cpu_set_t mask;
	size_t size = 0;
	struct spec *spec = read_good(
		"supervisor r { partition a { partitions = ncpu process s { command = x } }\n"
		"partition b { process s { command = y } } }",
		&size);

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
	assert_int_equal(spec_sup(spec, 1)->partitions, CPU_COUNT(&mask));
	assert_int_equal(spec_node(spec, 1)->children, CPU_COUNT(&mask));
	free(spec);
}

static void parking_retries_after_five_minutes(void **state)
{
	size_t size = 0;
	struct spec *spec = read_good("supervisor r {\n"
				      "supervisor a { on_limit = park }\n"
				      "supervisor b { on_limit = park retry_after = infinity }\n"
				      "supervisor c { on_limit = park retry_after = 500ms }\n"
				      "supervisor d { }\n"
				      "dynamic e { on_limit = park } }",
		&size);

	(void)state;
	assert_int_equal(spec_sup(spec, 1)->on_limit, ON_LIMIT_PARK);
	assert_int_equal(spec_sup(spec, 1)->retry_after_ms, 300000);
	assert_int_equal(spec_sup(spec, 2)->retry_after_ms, SPEC_INFINITY);
	assert_int_equal(spec_sup(spec, 3)->retry_after_ms, 500);
	assert_int_equal(spec_sup(spec, 4)->on_limit, ON_LIMIT_ESCALATE);
	assert_int_equal(spec_sup(spec, 5)->retry_after_ms, 300000);
	free(spec);
}

static void ends_and_starts_are_as_written(void **state)
{
	size_t size = 0;
	struct spec *spec =
		read_good("supervisor r { start = concurrent auto_shutdown = any_significant\n"
			  "process a { command = x restart = transient significant = true }\n"
			  "supervisor s { restart = temporary significant = true\n"
			  "auto_shutdown = all_significant process b { command = y } } }",
			&size);

	(void)state;
	assert_int_equal(spec_sup(spec, 0)->start, START_CONCURRENT);
	assert_int_equal(spec_sup(spec, 0)->auto_shutdown, AUTO_SHUTDOWN_ANY_SIGNIFICANT);
	assert_int_equal(spec_child(spec, 1)->significant, 1);
	assert_int_equal(spec_child(spec, 2)->significant, 1);
	assert_int_equal(spec_sup(spec, 2)->auto_shutdown, AUTO_SHUTDOWN_ALL_SIGNIFICANT);
	assert_int_equal(spec_child(spec, 3)->significant, 0);
	free(spec);
}

/* What PID 1 relies on: a block that breaks a rule of kinds is refused. */
static void the_check_knows_the_rules_of_kinds(void **state)
{
	size_t size = 0;
	struct spec *spec =
		read_good("supervisor r { dynamic d { }\n"
			  "supervisor s { strategy = one_for_all process a { command = x } }\n"
			  "}",
			&size);
	struct spec_node *node = (struct spec_node *)(void *)((char *)spec + spec->nodes_at);
	const char *why = NULL;

	(void)state;
	/* r d task s a */
	node[1].kind = KIND_SUPERVISOR;
	assert_int_not_equal(spec_check(spec, size, &why), 0);
	assert_string_equal(why, "a command is empty");
	node[1].kind = KIND_DYNAMIC;
	node[0].kind = KIND_DYNAMIC;
	assert_int_not_equal(spec_check(spec, size, &why), 0);
	assert_string_equal(why, "a dynamic supervisor has not one template");
	node[0].kind = KIND_SUPERVISOR;
	node[3].kind = KIND_PARTITION;
	assert_int_not_equal(spec_check(spec, size, &why), 0);
	assert_string_equal(why, "a supervisor has a strategy that it cannot have");
	node[3].kind = KIND_SUPERVISOR;
	assert_int_equal(spec_check(spec, size, &why), 0);
	free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_stand_where_their_section_stands),
		cmocka_unit_test(instances_come_from_defaults_too),
		cmocka_unit_test(a_thousand_instances_share_what_is_equal),
		cmocka_unit_test(a_template_keeps_its_specifiers),
		cmocka_unit_test(a_dynamic_without_template_gets_one),
		cmocka_unit_test(partitions_count_from_zero),
		cmocka_unit_test(ncpu_is_what_this_process_may_use),
		cmocka_unit_test(parking_retries_after_five_minutes),
		cmocka_unit_test(ends_and_starts_are_as_written),
		cmocka_unit_test(the_check_knows_the_rules_of_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
