/* cgroup_limits.c - what is written to which file of a control group; in a directory of files that
 * stands for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/units.h"
#include "supervisor/os/cgroup_limits.h"

static const char *const NAMES[] = {"cgroup.controllers", "cgroup.subtree_control", "memory.max",
	"memory.high", "memory.events", "cpu.weight", "cpu.max", "pids.max", "io.weight",
	"io.bfq.weight"};
enum { NAMES_N = sizeof(NAMES) / sizeof(NAMES[0]) };

struct group {
	char path[64];
	int fd;
};

static void put(const struct group *group, const char *name, const char *text)
{
	int fd = openat(group->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void assert_holds(const struct group *group, const char *name, const char *text)
{
	char found[512] = "";
	int fd = openat(group->fd, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	assert_int_equal(close(fd), 0);
	assert_string_equal(found, text);
}

static int setup(void **state)
{
	struct group *group = calloc(1, sizeof(*group));

	assert_non_null(group);
	(void)strcpy(group->path, "/tmp/cgroup-test-XXXXXX");
	assert_non_null(mkdtemp(group->path));
	group->fd = open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(group->fd >= 0);
	*state = group;
	return 0;
}

static int teardown(void **state)
{
	struct group *group = *state;

	for (size_t i = 0; i < NAMES_N; i++)
		(void)unlinkat(group->fd, NAMES[i], 0);
	assert_int_equal(close(group->fd), 0);
	assert_int_equal(rmdir(group->path), 0);
	free(group);
	return 0;
}

/* Empty files, but the one called missing. */
static void make_files(const struct group *group, const char *missing)
{
	for (size_t i = 0; i < NAMES_N; i++)
		if (!missing || strcmp(NAMES[i], missing) != 0)
			put(group, NAMES[i], "");
}

/* Limits as a file would have them. */
static struct resources_spec limits_of(const char *const words[static RESOURCE_COUNT])
{
	struct resources_spec limits;

	memset(&limits, 0, sizeof(limits));
	for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
		if (!words[i])
			continue;
		limits.set |= 1u << i;
		assert_int_equal(parse_resource(words[i], (enum resource)i, &limits.value[i],
					 &limits.cpu_period_us),
			0);
	}
	return limits;
}

static void every_limit_has_its_file(void **state)
{
	const struct group *group = *state;
	const struct resources_spec limits = limits_of((const char *[]){
		[RESOURCE_MEMORY_MAX] = "64M",
		[RESOURCE_MEMORY_HIGH] = "max",
		[RESOURCE_CPU_WEIGHT] = "200",
		[RESOURCE_CPU_MAX] = "150%",
		[RESOURCE_PIDS_MAX] = "12",
		[RESOURCE_IO_WEIGHT] = "50",
	});
	enum resource which;

	make_files(group, NULL);
	assert_int_equal(cgroup_limit(group->fd, &limits, 0, &which), 0);
	assert_holds(group, "memory.max", "67108864");
	assert_holds(group, "memory.high", "max");
	assert_holds(group, "cpu.weight", "200");
	assert_holds(group, "cpu.max", "150000 100000");
	assert_holds(group, "pids.max", "12");
	assert_holds(group, "io.weight", "default 50");
	assert_holds(group, "io.bfq.weight", "");
}

static void an_unlimited_quota_keeps_its_period(void **state)
{
	const struct group *group = *state;
	const struct resources_spec limits =
		limits_of((const char *[RESOURCE_COUNT]){[RESOURCE_CPU_MAX] = "max 50000"});
	enum resource which;

	make_files(group, NULL);
	assert_int_equal(cgroup_limit(group->fd, &limits, 0, &which), 0);
	assert_holds(group, "cpu.max", "max 50000");
	assert_holds(group, "memory.max", "");
}

static void what_is_no_longer_limited_is_set_free(void **state)
{
	const struct group *group = *state;
	enum resource which;

	make_files(group, NULL);
	assert_int_equal(cgroup_limit(group->fd, NULL,
				 1u << RESOURCE_MEMORY_MAX | 1u << RESOURCE_CPU_MAX |
					 1u << RESOURCE_IO_WEIGHT,
				 &which),
		0);
	assert_holds(group, "memory.max", "max");
	assert_holds(group, "cpu.max", "max");
	assert_holds(group, "io.weight", "default 100");
	assert_holds(group, "pids.max", "");
}

static void the_weight_of_another_scheduler_serves(void **state)
{
	const struct group *group = *state;
	const struct resources_spec limits =
		limits_of((const char *[RESOURCE_COUNT]){[RESOURCE_IO_WEIGHT] = "50"});
	enum resource which;

	make_files(group, "io.weight");
	assert_int_equal(cgroup_limit(group->fd, &limits, 0, &which), 0);
	assert_holds(group, "io.bfq.weight", "default 50");
}

static void a_limit_without_file_is_named(void **state)
{
	const struct group *group = *state;
	const struct resources_spec limits = limits_of((const char *[RESOURCE_COUNT]){
		[RESOURCE_MEMORY_MAX] = "64M", [RESOURCE_PIDS_MAX] = "5"});
	enum resource which;

	make_files(group, "pids.max");
	assert_int_equal(cgroup_limit(group->fd, &limits, 0, &which), -ENOENT);
	assert_int_equal(which, RESOURCE_PIDS_MAX);
}

static void controllers_are_read_as_words(void **state)
{
	const struct group *group = *state;

	assert_int_equal(cgroup_controllers(group->fd), 0);
	put(group, "cgroup.controllers", "");
	assert_int_equal(cgroup_controllers(group->fd), 0);
	put(group, "cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc\n");
	assert_int_equal(cgroup_controllers(group->fd), (1u << CONTROLLERS) - 1);
	put(group, "cgroup.controllers", "cpuset hugetlb pids\n");
	assert_int_equal(cgroup_controllers(group->fd), 1u << CONTROLLER_PIDS);
}

static void controllers_are_switched_in_one_write(void **state)
{
	const struct group *group = *state;

	assert_int_equal(cgroup_switch(group->fd, 1u << CONTROLLER_CPU, true), -ENOENT);
	make_files(group, NULL);
	assert_int_equal(cgroup_switch(group->fd, 0, true), 0);
	assert_holds(group, "cgroup.subtree_control", "");
	assert_int_equal(cgroup_switch(group->fd, (1u << CONTROLLERS) - 1, true), 0);
	assert_holds(group, "cgroup.subtree_control", "+memory +cpu +pids +io");
	make_files(group, NULL);
	assert_int_equal(cgroup_switch(group->fd, 1u << CONTROLLER_PIDS, false), 0);
	assert_holds(group, "cgroup.subtree_control", "-pids");
}

static void limits_know_their_controllers(void **state)
{
	(void)state;
	assert_int_equal(cgroup_controllers_of(0), 0);
	assert_int_equal(cgroup_controllers_of(1u << RESOURCE_MEMORY_HIGH | 1u << RESOURCE_CPU_MAX),
		1u << CONTROLLER_MEMORY | 1u << CONTROLLER_CPU);
	assert_int_equal(
		cgroup_controllers_of((1u << RESOURCE_COUNT) - 1), (1u << CONTROLLERS) - 1);
}

static void kills_for_want_of_memory_are_counted(void **state)
{
	const struct group *group = *state;

	assert_int_equal(cgroup_oom_kills(group->fd), 0);
	put(group, "memory.events", "low 0\nhigh 3\nmax 9\noom 5\noom_kill 4\noom_group_kill 7\n");
	assert_int_equal(cgroup_oom_kills(group->fd), 4);
	put(group, "memory.events", "low 0\noom_group_kill 7\n");
	assert_int_equal(cgroup_oom_kills(group->fd), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_limit_has_its_file),
		TEST(an_unlimited_quota_keeps_its_period),
		TEST(what_is_no_longer_limited_is_set_free),
		TEST(the_weight_of_another_scheduler_serves),
		TEST(a_limit_without_file_is_named),
		TEST(controllers_are_read_as_words),
		TEST(controllers_are_switched_in_one_write),
		cmocka_unit_test(limits_know_their_controllers),
		TEST(kills_for_want_of_memory_are_counted),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
