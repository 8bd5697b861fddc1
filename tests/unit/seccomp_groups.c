/* seccomp_groups.c - the groups of system calls, and that the manual lists them as they are. Runs
 * in the root of the source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/seccomp_groups.h"

enum { LINE_SIZE = 512, TEXT_SIZE = 8192 };

/* The words of the manual's list of a group, each with a blank behind it. */
static void read_list(const char *group, char text[static TEXT_SIZE])
{
	FILE *page = fopen("man/supd-sandbox.7", "re");
	char begin[LINE_SIZE];
	char line[LINE_SIZE];
	size_t n = 0;
	bool inside = false;

	assert_non_null(page);
	(void)snprintf(begin, sizeof(begin), ".\\\" list %s\n", group);
	while (fgets(line, sizeof(line), page) != NULL) {
		if (inside && line[0] == '.')
			break;
		for (const char *c = line; inside && *c != '\0' && n + 1 < TEXT_SIZE; c++) {
			if (*c != '\\')
				text[n++] = *c == '\n' ? ' ' : *c;
		}
		inside = inside || strcmp(line, begin) == 0;
	}
	text[n] = '\0';
	assert_int_equal(fclose(page), 0);
}

static void the_manual_lists_each_group_as_it_is(void **state)
{
	char expected[TEXT_SIZE];
	char found[TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < SECCOMP_GROUPS_N; i++) {
		size_t n = 0;

		for (const char *const *call = SECCOMP_GROUPS[i].calls; *call != NULL; call++)
			n += (size_t)snprintf(expected + n, sizeof(expected) - n, "%s ", *call);
		read_list(SECCOMP_GROUPS[i].name, found);
		assert_string_equal(found, expected);
	}
}

static void a_call_stands_in_one_group(void **state)
{
	(void)state;
	for (size_t i = 0; i < SECCOMP_GROUPS_N; i++) {
		for (const char *const *call = SECCOMP_GROUPS[i].calls; *call != NULL; call++) {
			if (**call == '@')
				assert_non_null(seccomp_group_find(*call));
			for (size_t k = 0; **call != '@' && k < i; k++) {
				for (const char *const *c = SECCOMP_GROUPS[k].calls; *c != NULL;
					c++)
					if (strcmp(*c, *call) == 0)
						fail_msg("%s is in two groups", *call);
			}
		}
	}
}

/* Some are of other machines, and some are younger than the library; most are known here. */
static void names_are_names_of_system_calls(void **state)
{
	size_t unknown = 0;

	(void)state;
	for (size_t i = 0; i < SECCOMP_GROUPS_N; i++) {
		for (const char *const *call = SECCOMP_GROUPS[i].calls; *call != NULL; call++)
			unknown += **call != '@' &&
				   seccomp_syscall_resolve_name(*call) == __NR_SCMP_ERROR;
	}
	if (unknown > 5)
		fail_msg("%zu names are unknown", unknown);
}

/* Those that Linux had when the groups were made (5.17); younger ones are for whoever comes next.
 */
static void no_call_is_forgotten(void **state)
{
	(void)state;
	for (int number = 0; number <= 450; number++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number);
		bool found = name == NULL;

		for (size_t i = 0; i < SECCOMP_GROUPS_N && !found; i++) {
			for (const char *const *c = SECCOMP_GROUPS[i].calls; *c != NULL; c++)
				found = found || strcmp(*c, name) == 0;
		}
		if (!found)
			fail_msg("no group has %s", name);
		free(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_lists_each_group_as_it_is),
		cmocka_unit_test(a_call_stands_in_one_group),
		cmocka_unit_test(names_are_names_of_system_calls),
		cmocka_unit_test(no_call_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
