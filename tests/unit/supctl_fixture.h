/* supctl_fixture.h - for the tests of supctl: a directory with a status table of the test's own
 * making, and supctl run in a child process with its output in files. */
#ifndef TESTS_UNIT_SUPCTL_FIXTURE_H
#define TESTS_UNIT_SUPCTL_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/supctl.h"
#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"

enum { OUTPUT_SIZE = 1 << 20, ARGS_MAX = 16, FIXTURE_PID = 4242, FIXTURE_MAX = 20000 };

/* A directory with a table in it; the table is locked as supd would, until fixture_die. */
struct fixture {
	char dir[64];
	int fd;
	size_t size;
	struct status_header *header;
	struct status_record *records;
	uint32_t n;
	char *out; /* what supctl wrote */
	char *err;
};

static inline void fixture_path(const struct fixture *fixture, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", fixture->dir, name);
}

static inline void fixture_lock(struct fixture *fixture, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_len = 1};

	assert_int_equal(fcntl(fixture->fd, F_OFD_SETLK, &lock), 0);
}

/* supd is no more: its lock went with it. */
static inline void fixture_die(struct fixture *fixture)
{
	fixture_lock(fixture, F_UNLCK);
}

static inline int fixture_new(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	char path[128];
	void *map;

	assert_non_null(fixture);
	(void)strcpy(fixture->dir, "/tmp/supctl-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	fixture_path(fixture, "status", path);
	fixture->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fixture->fd >= 0);
	fixture->size = sizeof(struct status_header) + FIXTURE_MAX * sizeof(struct status_record);
	assert_int_equal(ftruncate(fixture->fd, (off_t)fixture->size), 0);
	map = mmap(NULL, fixture->size, PROT_READ | PROT_WRITE, MAP_SHARED, fixture->fd, 0);
	assert_true(map != MAP_FAILED);
	fixture->header = map;
	fixture->records = (struct status_record *)(void *)(fixture->header + 1);
	*fixture->header = (struct status_header){
		.version = STATUS_VERSION,
		.header_size = sizeof(struct status_header),
		.record_size = sizeof(struct status_record),
		.capacity = FIXTURE_MAX,
		.pid = FIXTURE_PID,
		.generation = 7,
		.version_text = "0.0.0",
	};
	memcpy(fixture->header->magic, STATUS_MAGIC, sizeof fixture->header->magic);
	fixture->out = malloc(OUTPUT_SIZE);
	fixture->err = malloc(OUTPUT_SIZE);
	assert_non_null(fixture->out);
	assert_non_null(fixture->err);
	fixture_lock(fixture, F_WRLCK);
	*state = fixture;
	return 0;
}

static inline int fixture_free(void **state)
{
	static const char *const names[] = {"status", "out", "err", "control"};
	struct fixture *fixture = *state;
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		fixture_path(fixture, names[i], path);
		(void)unlink(path);
	}
	(void)rmdir(fixture->dir);
	(void)munmap(fixture->header, fixture->size);
	(void)close(fixture->fd);
	free(fixture->out);
	free(fixture->err);
	free(fixture);
	return 0;
}

/* Adds a child as the last below parent (STATUS_NONE: the root), running since 65 s; returns its
 * number. */
static inline uint32_t fixture_add(
	struct fixture *fixture, uint32_t parent, const char *name, enum spec_kind kind)
{
	uint32_t i = fixture->n++;
	struct status_record *record = &fixture->records[i];

	assert_true(i < FIXTURE_MAX);
	*record = (struct status_record){
		.used = 1,
		.kind = (uint8_t)kind,
		.state = CHILD_RUNNING,
		.ready = 1,
		.pid = kind == KIND_PROCESS ? (int32_t)(1000 + i) : 0,
		.parent = parent,
		.first_child = STATUS_NONE,
		.next_sibling = STATUS_NONE,
		.since_mono_ms = now_ms() - 65000,
		.next_try_ms = INT64_MAX,
	};
	(void)snprintf(record->name, sizeof record->name, "%s", name);
	if (parent == STATUS_NONE)
		return i;
	if (fixture->records[parent].first_child == STATUS_NONE) {
		fixture->records[parent].first_child = i;
		return i;
	}
	/* The last sibling before: its number is the highest with this parent. */
	for (uint32_t j = i; j-- > 0;) {
		if (fixture->records[j].parent == parent) {
			fixture->records[j].next_sibling = i;
			break;
		}
	}
	return i;
}

/* shop (rest_for_one): db, web (one_for_all): app, proxy; jobs (dynamic, empty). */
static inline void fixture_shop(struct fixture *fixture)
{
	uint32_t shop = fixture_add(fixture, STATUS_NONE, "shop", KIND_SUPERVISOR);
	uint32_t db = fixture_add(fixture, shop, "db", KIND_PROCESS);
	uint32_t web = fixture_add(fixture, shop, "web", KIND_SUPERVISOR);
	uint32_t app = fixture_add(fixture, web, "app", KIND_PROCESS);
	uint32_t proxy = fixture_add(fixture, web, "proxy", KIND_PROCESS);
	uint32_t jobs = fixture_add(fixture, shop, "jobs", KIND_DYNAMIC);

	fixture->records[jobs].children_max = 50;
	fixture->records[shop].strategy = STRATEGY_REST_FOR_ONE;
	fixture->records[web].strategy = STRATEGY_ONE_FOR_ALL;
	fixture->records[app].restarts = 2;
	fixture->records[app].end_kind = END_SIGNALED;
	fixture->records[app].end_value = 9;
	fixture->records[db].end_kind = END_EXITED;
	fixture->records[db].end_value = 1;
	fixture->records[proxy].state = CHILD_FAILED;
	fixture->records[proxy].pid = 0;
	fixture->records[proxy].ready = 0;
	fixture->records[proxy].end_kind = END_SPAWN_FAILED;
	fixture->records[proxy].end_stage = 10; /* exec */
	fixture->records[proxy].end_value = ENOENT;
}

static inline void fixture_read(const struct fixture *fixture, const char *name, char *text)
{
	char path[128];
	ssize_t n;
	int fd;

	fixture_path(fixture, name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, OUTPUT_SIZE - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(close(fd), 0);
}

/* Starts `supctl -d DIR ARGS...`, with out and err as its standard output and error. */
static inline pid_t supctl_spawn(
	const struct fixture *fixture, int out, int err, const char *const *args)
{
	char words[ARGS_MAX][512];
	char *argv[ARGS_MAX + 1];
	int argc = 3;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	(void)strcpy(words[0], "supctl");
	(void)strcpy(words[1], "-d");
	(void)strcpy(words[2], fixture->dir);
	for (; *args && argc < ARGS_MAX; argc++)
		(void)snprintf(words[argc], sizeof words[argc], "%s", *args++);
	for (int i = 0; i < argc; i++)
		argv[i] = words[i];
	argv[argc] = NULL;
	if (out >= 0 && dup2(out, 1) != 1)
		_exit(99);
	if (out < 0)
		(void)close(1);
	if (dup2(err, 2) != 2)
		_exit(99);
	_exit(supctl_run(argc, argv));
}

/* The exit status of a child process. */
static inline int exit_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Runs supctl to its end; fixture->out and err hold what it wrote. Returns its exit status. */
#define SUPCTL(fixture, ...) supctl_call((fixture), (const char *const[]){__VA_ARGS__, NULL})
static inline int supctl_call(struct fixture *fixture, const char *const *args)
{
	int fds[2];
	char path[128];
	int status;

	for (int i = 0; i < 2; i++) {
		fixture_path(fixture, i == 0 ? "out" : "err", path);
		fds[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		assert_true(fds[i] >= 0);
	}
	status = exit_of(supctl_spawn(fixture, fds[0], fds[1], args));
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
	fixture_read(fixture, "out", fixture->out);
	fixture_read(fixture, "err", fixture->err);
	return status;
}

/* text is in all; shows both when it is not. */
static inline void assert_says(const char *all, const char *text)
{
	if (!strstr(all, text))
		fail_msg("missing: %s\n in: %s", text, all);
}

#endif
