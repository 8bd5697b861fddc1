/* spec_block.c - building a specification block, and the check that PID 1 relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/spec.h"

static uint32_t add_process(struct spec_builder *b, uint32_t parent, const char *name)
{
	const struct child_spec child = child_spec_default(KIND_PROCESS);
	struct proc_spec proc = proc_spec_default();
	struct health_spec health = health_spec_default();
	struct log_spec log = log_spec_default();
	const char *argv[] = {"/bin/sleep", name};
	const char *env[] = {"PATH=/bin", "A=1"};
	const uint32_t gids[] = {1, 2, 3};
	struct spec_node node = {.kind = KIND_PROCESS, .sup = SPEC_NONE, .line = 7};

	proc.environment = spec_add_strs(b, env, 2);
	proc.groups = spec_add_numbers(b, gids, 3);
	node.name = spec_add_str(b, name);
	node.file = spec_add_str(b, "x.conf");
	node.child = spec_add_child(b, &child);
	health.words = spec_add_strs(b, env, 1);
	health.probe = PROBE_TCP;
	proc.health = spec_add_health(b, &health);
	log.to = SPEC_LOG_TO_FILE;
	log.file = spec_add_str(b, "/var/log/x");
	proc.log = spec_add_log(b, &log);
	node.proc = spec_add_proc(b, &proc);
	node.argv = spec_add_strs(b, argv, 2);
	return spec_add_node(b, parent, &node);
}

static uint32_t add_supervisor(struct spec_builder *b, uint32_t parent, const char *name)
{
	const struct child_spec child = child_spec_default(KIND_SUPERVISOR);
	struct sup_spec sup = sup_spec_default();
	struct spec_node node = {
		.kind = KIND_SUPERVISOR, .proc = SPEC_NONE, .argv = SPEC_NONE, .line = 3};
	const struct setting_spec setting = {.key = spec_add_str(b, "umask"),
		.value = spec_add_str(b, "077"),
		.file = spec_add_str(b, "x.conf"),
		.line = 4};
	const uint32_t offset = spec_add_setting(b, &setting);

	sup.defaults = spec_add_numbers(b, &offset, 1);
	node.name = spec_add_str(b, name);
	node.file = spec_add_str(b, "x.conf");
	node.child = spec_add_child(b, &child);
	node.sup = spec_add_sup(b, &sup);
	return spec_add_node(b, parent, &node);
}

/* root { a  web { app  deep { } }  z } */
static struct spec *small_tree(size_t *ret_size)
{
	struct spec_builder *b = spec_builder_new();
	uint32_t root;
	uint32_t web;
	struct spec *spec;

	assert_non_null(b);
	spec_set_file(b, "x.conf");
	spec_set_runtime_dir(b, "/run/supd");
	root = add_supervisor(b, SPEC_NONE, "root");
	(void)add_process(b, root, "a");
	web = add_supervisor(b, root, "web");
	(void)add_process(b, web, "app");
	(void)add_supervisor(b, web, "deep");
	(void)add_process(b, root, "z");
	spec = spec_build_finish(b, ret_size);
	spec_builder_free(b);
	assert_non_null(spec);
	return spec;
}

static void nodes_are_linked_in_file_order(void **state)
{
	size_t size = 0;
	struct spec *spec = small_tree(&size);
	const char *why = NULL;

	(void)state;
	assert_int_equal(spec_check(spec, size, &why), 0);
	assert_null(why);
	assert_int_equal(spec->nodes, 6);
	assert_int_equal(spec_node(spec, 0)->first_child, 1);
	assert_int_equal(spec_node(spec, 0)->children, 3);
	assert_int_equal(spec_node(spec, 1)->next_sibling, 2);
	assert_int_equal(spec_node(spec, 2)->next_sibling, 5);
	assert_int_equal(spec_node(spec, 2)->first_child, 3);
	assert_int_equal(spec_node(spec, 3)->next_sibling, 4);
	assert_int_equal(spec_node(spec, 4)->next_sibling, SPEC_NONE);
	assert_int_equal(spec_node(spec, 4)->first_child, SPEC_NONE);
	assert_int_equal(spec_node(spec, 5)->parent, 0);
	assert_string_equal(spec_str(spec, spec_node(spec, 3)->name), "app");
	assert_string_equal(spec_str(spec, spec->runtime_dir), "/run/supd");
	free(spec);
}

static void equal_records_are_stored_once(void **state)
{
	size_t size = 0;
	struct spec *spec = small_tree(&size);

	(void)state;
	assert_int_equal(spec_node(spec, 1)->child, spec_node(spec, 5)->child);
	assert_int_equal(spec_node(spec, 1)->proc, spec_node(spec, 3)->proc);
	assert_int_equal(spec_node(spec, 0)->sup, spec_node(spec, 2)->sup);
	assert_int_not_equal(spec_node(spec, 1)->argv, spec_node(spec, 3)->argv);
	assert_int_equal((uintptr_t)spec_child(spec, 1) % 8, 0);
	assert_int_equal((uintptr_t)spec_sup(spec, 0) % 8, 0);
	free(spec);
}

static void a_string_is_never_taken_for_a_record(void **state)
{
	struct spec_builder *b = spec_builder_new();
	/* The list {1, "a"} and the string "\1" have common bytes. */
	const uint32_t one = 0x61;
	uint32_t list;
	uint32_t text;

	(void)state;
	assert_non_null(b);
	text = spec_add_str(b, "\1");
	list = spec_add_numbers(b, &one, 1);
	assert_int_not_equal(text, list);
	assert_int_equal(list % 4, 0);
	assert_int_equal(spec_add_str(b, "\1"), text);
	assert_int_equal(spec_add_numbers(b, &one, 1), list);
	spec_builder_free(b);
}

static void wrong_parent_is_refused(void **state)
{
	struct spec_builder *b = spec_builder_new();
	size_t size = 0;

	(void)state;
	assert_non_null(b);
	(void)add_supervisor(b, SPEC_NONE, "root");
	assert_int_equal(add_process(b, 9, "a"), SPEC_NONE);
	assert_null(spec_build_finish(b, &size));
	spec_builder_free(b);
}

static void an_empty_builder_gives_nothing(void **state)
{
	struct spec_builder *b = spec_builder_new();
	size_t size = 0;

	(void)state;
	assert_non_null(b);
	assert_null(spec_build_finish(b, &size));
	spec_builder_free(b);
	spec_builder_free(NULL);
}

static void every_cut_is_refused(void **state)
{
	size_t size = 0;
	struct spec *spec = small_tree(&size);
	const char *why = NULL;

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		/* A block of just that size, so that a read behind its end is seen. */
		char *copy = malloc(cut + 1);
		assert_non_null(copy);
		memcpy(copy, spec, cut);
		assert_int_not_equal(spec_check(copy, cut, &why), 0);
		assert_non_null(why);
		free(copy);
	}
	free(spec);
}

static size_t walk_defaults(const struct spec *spec, uint32_t i)
{
	const uint32_t defaults = spec_sup(spec, i)->defaults;
	size_t sum = 0;

	for (uint32_t k = 0; defaults != SPEC_NONE && k < spec_list(spec, defaults)->n; k++) {
		const struct setting_spec *setting =
			spec_setting(spec, spec_list(spec, defaults)->item[k]);
		sum += strlen(spec_str(spec, setting->key)) + strlen(spec_str(spec, setting->file));
		if (setting->value != SPEC_NONE)
			sum += strlen(spec_str(spec, setting->value));
	}
	return sum;
}

/* Reads everything that a user of the block would read. */
static size_t walk(const struct spec *spec)
{
	size_t sum = 0;

	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *node = spec_node(spec, i);
		sum += strlen(spec_str(spec, node->name)) + strlen(spec_str(spec, node->file));
		sum += spec_child(spec, i)->restart;
		if (node->kind != KIND_PROCESS) {
			sum += spec_sup(spec, i)->intensity + walk_defaults(spec, i);
			continue;
		}
		const struct spec_list *argv = spec_list(spec, node->argv);
		for (uint32_t k = 0; k < argv->n; k++)
			sum += strlen(spec_str(spec, argv->item[k]));
		const struct proc_spec *proc = spec_proc(spec, i);
		if (proc->environment != SPEC_NONE) {
			const struct spec_list *env = spec_list(spec, proc->environment);
			for (uint32_t k = 0; k < env->n; k++)
				sum += strlen(spec_str(spec, env->item[k]));
		}
		const struct health_spec *health = spec_health(spec, i);
		if (health != NULL) {
			const struct spec_list *words = spec_list(spec, health->words);
			for (uint32_t k = 0; k < words->n; k++)
				sum += strlen(spec_str(spec, words->item[k]));
		}
		const struct log_spec *log = spec_log(spec, i);
		if (log != NULL && log->file != SPEC_NONE)
			sum += strlen(spec_str(spec, log->file));
		if (proc->groups != SPEC_NONE) {
			const struct spec_list *groups = spec_list(spec, proc->groups);
			for (uint32_t k = 0; k < groups->n; k++)
				sum += groups->item[k];
		}
	}
	/* Along the links, too: they must end. */
	for (uint32_t i = 0; i < spec->nodes; i++) {
		uint32_t steps = 0;
		for (uint32_t at = spec_node(spec, i)->first_child; at != SPEC_NONE; steps++) {
			assert_true(steps < spec->nodes);
			at = spec_node(spec, at)->next_sibling;
		}
		assert_int_equal(steps, spec_node(spec, i)->children);
	}
	return sum;
}

static void what_passes_the_check_can_be_read(void **state)
{
	static const unsigned char VALUES[] = {0x00, 0x01, 0x04, 0x7f, 0x80, 0xff};
	size_t size = 0;
	struct spec *spec = small_tree(&size);
	char *copy = malloc(size);
	size_t refused = 0;

	(void)state;
	assert_non_null(copy);
	for (size_t at = 0; at < size; at++) {
		for (size_t v = 0; v < sizeof(VALUES); v++) {
			const char *why = NULL;
			memcpy(copy, spec, size);
			copy[at] = (char)VALUES[v];
			if (spec_check(copy, size, &why) == 0) {
				(void)walk((const struct spec *)(const void *)copy);
			} else {
				assert_non_null(why);
				refused++;
			}
		}
	}
	assert_true(refused > size);
	free(copy);
	free(spec);
}

static void depth_is_bounded(void **state)
{
	(void)state;
	for (uint32_t levels = SPEC_DEPTH_MAX; levels <= SPEC_DEPTH_MAX + 1; levels++) {
		struct spec_builder *b = spec_builder_new();
		const char *why = NULL;
		size_t size = 0;
		uint32_t at;
		assert_non_null(b);
		at = add_supervisor(b, SPEC_NONE, "root");
		for (uint32_t i = 0; i < levels; i++)
			at = add_supervisor(b, at, "s");
		struct spec *spec = spec_build_finish(b, &size);
		assert_non_null(spec);
		assert_int_equal(spec_check(spec, size, &why) == 0, levels == SPEC_DEPTH_MAX);
		free(spec);
		spec_builder_free(b);
	}
}

static void names_of_enums(void **state)
{
	(void)state;
	assert_string_equal(spec_kind_name(KIND_PROCESS), "process");
	assert_string_equal(spec_strategy_name(STRATEGY_REST_FOR_ONE), "rest_for_one");
	assert_string_equal(spec_restart_name(RESTART_TEMPORARY), "temporary");
	assert_string_equal(spec_auto_shutdown_name(AUTO_SHUTDOWN_NEVER), "never");
	assert_string_equal(spec_on_limit_name(ON_LIMIT_PARK), "park");
	assert_string_equal(spec_start_name(START_CONCURRENT), "concurrent");
	assert_string_equal(spec_ready_name(READY_EXIT), "exit");
	assert_null(spec_kind_name(KIND_COUNT));
	assert_null(spec_ready_name(1000));
}

static void defaults_of_the_contract(void **state)
{
	const struct child_spec process = child_spec_default(KIND_PROCESS);
	const struct child_spec supervisor = child_spec_default(KIND_SUPERVISOR);
	const struct sup_spec sup = sup_spec_default();

	(void)state;
	assert_int_equal(process.restart, RESTART_PERMANENT);
	assert_int_equal(process.shutdown_ms, 5000);
	assert_int_equal(process.start_timeout_ms, 30000);
	assert_int_equal(process.backoff.initial_ms, 100);
	assert_int_equal(process.backoff.max_ms, 30000);
	assert_int_equal(process.backoff.factor_milli, 2000);
	assert_int_equal(process.backoff.jitter_milli, 100);
	assert_int_equal(process.backoff.reset_after_ms, 10000);
	assert_int_equal(supervisor.shutdown_ms, SPEC_INFINITY);
	assert_int_equal(sup.intensity, 3);
	assert_int_equal(sup.period_ms, 5000);
	assert_int_equal(sup.strategy, STRATEGY_ONE_FOR_ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_linked_in_file_order),
		cmocka_unit_test(equal_records_are_stored_once),
		cmocka_unit_test(a_string_is_never_taken_for_a_record),
		cmocka_unit_test(wrong_parent_is_refused),
		cmocka_unit_test(an_empty_builder_gives_nothing),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(what_passes_the_check_can_be_read),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(names_of_enums),
		cmocka_unit_test(defaults_of_the_contract),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
