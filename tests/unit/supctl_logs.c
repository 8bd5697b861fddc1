/* supctl_logs.c - lines of logs taken apart, and files with their archives read as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/supctl_log_files.h"

#define TIME "2026-11-24T13:39:35.123456Z"

static char dir[] = "/tmp/supd-logs.XXXXXX";

static const char *const PATHS[] = {"web/app", "web/app | x", "db"};

static struct log_line *line_of(const struct log_form *form, const char *text)
{
	struct log_line *line = log_line_of_text(form, text, strlen(text), 77);

	assert_non_null(line);
	return line;
}

static void check(const struct log_form *form, const char *text, const char *time, const char *path,
	const char *stream, const char *rest)
{
	struct log_line *line = line_of(form, text);

	assert_string_equal(line->time, time);
	assert_string_equal(line->path, path);
	assert_string_equal(line->stream, stream);
	assert_string_equal(line->text, rest);
	assert_int_equal(line->n, strlen(rest));
	if (!*time)
		assert_int_equal(line->us, 77);
	free(line);
}

static void times_are_read_and_written(void **state)
{
	char text[LOG_TIME_SIZE];
	int64_t us = 0;

	(void)state;
	assert_true(log_time_parse(TIME, strlen(TIME), &us));
	assert_int_equal(us, INT64_C(1795527575123456));
	log_time_format(us, text);
	assert_string_equal(text, TIME);
	assert_false(log_time_parse(TIME, strlen(TIME) - 1, &us));
	assert_false(log_time_parse("2026-11-24 13:39:35.123456Z", 27, &us));
}

static void lines_of_text(void **state)
{
	const struct log_form plain = {.paths = PATHS, .n_paths = 1};
	const struct log_form times = {.times = true, .paths = PATHS, .n_paths = 1};
	const struct log_form all = {.times = true, .prefix = true, .paths = PATHS, .n_paths = 3};

	(void)state;
	check(&plain, "hello", "", "web/app", "", "hello");
	check(&plain, "", "", "web/app", "", "");
	check(&times, TIME " hello", TIME, "web/app", "", "hello");
	check(&times, TIME " ", TIME, "web/app", "", "");
	check(&times, "no time", "", "web/app", "", "no time");
	check(&all, TIME " db      | x | y", TIME, "db", "out", "x | y");
	check(&all, TIME " db      ! x", TIME, "db", "err", "x");
	check(&all, TIME " web/app | x | longest wins", TIME, "web/app | x", "out", "longest wins");
	check(&all, TIME " web/app | y", TIME, "web/app", "out", "y");
	check(&all, TIME " who is it", TIME, "", "", "who is it");
	check(&all, "db", "", "", "", "db");
	check(&all, "db | ", "", "db", "out", "");
}

static void lines_of_json(void **state)
{
	const struct log_form form = {.json = true, .paths = PATHS, .n_paths = 1};
	struct log_line *line;
	json_t *json;
	char *text;

	(void)state;
	check(&form, "{\"time\":\"" TIME "\",\"path\":\"a\",\"stream\":\"err\",\"line\":\"x\\ty\"}",
		TIME, "a", "err", "x\ty");
	check(&form, "not json", "", "web/app", "", "not json");
	check(&form, "{\"other\":1}", "", "web/app", "", "{\"other\":1}");
	line = line_of(&form, "{\"path\":\"a\",\"stream\":\"out\",\"line\":\"\\u00ff\\u0080z\","
			      "\"binary\":true,\"truncated\":true}");
	assert_int_equal(line->n, 3);
	assert_memory_equal(line->text, "\xff\x80z", 3);
	json = log_line_json(line);
	assert_non_null(json);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text,
		"{\"time\":null,\"path\":\"a\",\"stream\":\"out\",\"line\":\"\xc3\xbf"
		"\xc2\x80z\",\"truncated\":true,\"binary\":true}");
	free(text);
	json_decref(json);
	free(line);
}

static void wishes(void **state)
{
	const struct log_form form = {.times = true, .prefix = true, .paths = PATHS, .n_paths = 3};
	const char *const web[] = {"web"};
	const char *const we[] = {"we"};
	struct log_line *line = line_of(&form, TIME " web/app ! y");

	(void)state;
	assert_true(log_wish_meets(&(struct log_wish){.since_us = INT64_MIN}, line));
	assert_true(log_wish_meets(
		&(struct log_wish){.since_us = line->us, .paths = web, .n_paths = 1}, line));
	assert_false(log_wish_meets(&(struct log_wish){.since_us = line->us + 1}, line));
	assert_false(log_wish_meets(
		&(struct log_wish){.since_us = INT64_MIN, .until_us = line->us - 1}, line));
	assert_false(log_wish_meets(
		&(struct log_wish){.since_us = INT64_MIN, .paths = we, .n_paths = 1}, line));
	assert_true(
		log_wish_meets(&(struct log_wish){.since_us = INT64_MIN, .stream = "err"}, line));
	assert_false(
		log_wish_meets(&(struct log_wish){.since_us = INT64_MIN, .stream = "out"}, line));
	free(line);
}

/* ---- files */

static const char *in_dir(const char *name, char buf[static 256])
{
	assert_true(snprintf(buf, 256, "%s/%s", dir, name) < 256);
	return buf;
}

/* Lines first..last, "line N". */
static void make_file(const char *name, int first, int last)
{
	char path[256];
	FILE *file = fopen(in_dir(name, path), "we");

	assert_non_null(file);
	for (int i = first; i <= last; i++)
		assert_true(fprintf(file, "line %d\n", i) > 0);
	assert_int_equal(fclose(file), 0);
}

static const struct log_wish ALL = {.since_us = INT64_MIN};

/* Reads the rest: lines first..last. */
static void reads(struct log_files *files, int first, int last)
{
	struct log_line *line;
	char expected[32];

	while ((line = log_files_next(files)) != NULL) {
		assert_true(snprintf(expected, sizeof(expected), "line %d", first++) > 0);
		assert_string_equal(line->text, expected);
		free(line);
	}
	assert_int_equal(first, last + 1);
}

static void archives_come_first(void **state)
{
	static const struct log_form form = {.paths = PATHS, .n_paths = 1};
	char path[256];

	(void)state;
	make_file("x.20261124T133935.000002", 101, 200);
	make_file("x.20261124T133935.000001", 1, 100);
	make_file("x.20261124T133935.000003.old", 900, 999);
	make_file("x.something", 900, 999);
	make_file("x", 201, 50000);
	for (int last = 1; last < 60000; last = last * 3 + 7) {
		struct log_files files = {.form = form, .wish = &ALL};

		assert_int_equal(log_files_open(&files, in_dir("x", path), 0, 0), 0);
		log_files_tail(&files, (size_t)last);
		reads(&files, last < 50000 ? 50001 - last : 1, 50000);
		log_files_close(&files);
	}
}

static void what_follows_is_not_read_twice(void **state)
{
	static const struct log_form form = {.paths = PATHS, .n_paths = 1};
	struct log_files files = {.form = form, .wish = &ALL};
	struct stat st;
	char path[256];
	char new[256];

	(void)state;
	/* When suplog answered, the file had two lines; then it grew, and was rotated. */
	make_file("y", 1, 5);
	assert_int_equal(stat(in_dir("y", path), &st), 0);
	assert_int_equal(rename(path, in_dir("y.20261124T140000.000000", new)), 0);
	make_file("y", 6, 9);
	assert_int_equal(log_files_open(&files, path, st.st_ino, 14), 0);
	log_files_tail(&files, 100);
	reads(&files, 1, 2);
	log_files_close(&files);
}

static void a_compressed_archive_is_read(void **state)
{
	static const struct log_form form = {.paths = PATHS, .n_paths = 1};
	char path[256];
	char command[300];

	(void)state;
	make_file("z.20261124T133935.000001", 1, 3000);
	assert_true(snprintf(command, sizeof(command), "gzip %s",
			    in_dir("z.20261124T133935.000001", path)) > 0);
	if (system(command) != 0) // NOLINT(cert-env33-c): a fixed command
		skip();
	make_file("z", 3001, 3010);
	for (int last = 1; last < 5000; last = last * 3) {
		struct log_files files = {.form = form, .wish = &ALL};

		assert_int_equal(log_files_open(&files, in_dir("z", path), 0, 0), 0);
		log_files_tail(&files, (size_t)last);
		reads(&files, last < 3010 ? 3011 - last : 1, 3010);
		log_files_close(&files);
	}
}

/* Runs a fixed command in the directory. */
static void shell(const char *text)
{
	char command[600];
	char path[256];

	assert_true(
		snprintf(command, sizeof(command), "cd '%s' && %s", in_dir("", path), text) > 0);
	if (system(command) != 0) // NOLINT(cert-env33-c): a fixed command
		skip();
}

static void what_is_rotated_and_compressed_meanwhile_is_read_once(void **state)
{
	static const struct log_form form = {.paths = PATHS, .n_paths = 1};
	char path[256];

	(void)state;
	for (int all = 0; all < 2; all++) {
		struct log_files files = {.form = form, .wish = &ALL};

		make_file("r.20261124T133935.000001", 1, 10);
		make_file("r.20261124T133935.000002", 11, 20);
		/* Half of the compressed archive, before the other one is removed. */
		make_file("r.20261124T133935.000002.gz", 900, 999);
		make_file("r", 21, 30);
		assert_int_equal(log_files_open(&files, in_dir("r", path), 0, 0), 0);
		shell("gzip r.*.000001; mv r r.20261124T133935.000003; "
		      "gzip r.*.000003; rm r.*.000002.gz");
		make_file("r", 31, 40);
		if (!all)
			log_files_tail(&files, 15);
		reads(&files, all ? 1 : 16, 30);
		assert_false(files.failed);
		log_files_close(&files);
		shell("rm r.* r");
	}
}

static void what_was_removed_meanwhile_is_passed_over(void **state)
{
	static const struct log_form form = {.paths = PATHS, .n_paths = 1};
	struct log_files files = {.form = form, .wish = &ALL};
	char path[256];

	(void)state;
	make_file("w.20261124T133935.000001", 1, 10);
	make_file("w", 11, 20);
	assert_int_equal(log_files_open(&files, in_dir("w", path), 0, 0), 0);
	shell("rm w.20261124T133935.000001");
	reads(&files, 11, 20);
	assert_false(files.failed);
	log_files_close(&files);
}

static void what_is_no_regular_file_is_not_waited_for(void **state)
{
	struct log_files files = {.wish = &ALL};
	char path[256];

	(void)state;
	shell("mkfifo fifo");
	assert_int_equal(log_files_open(&files, in_dir("fifo", path), 0, 0), 0);
	assert_null(log_files_next(&files));
	assert_true(files.failed);
	log_files_close(&files);
}

static void nothing_is_there(void **state)
{
	struct log_files files = {.wish = &ALL};
	char path[256];

	(void)state;
	assert_int_equal(log_files_open(&files, in_dir("nothing", path), 0, 0), -2);
	assert_null(log_files_next(&files));
	log_files_close(&files);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[300];

	(void)state;
	return snprintf(command, sizeof(command), "rm -r %s", dir) > 0 && system(command) == 0 ? 0
											       : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_and_written),
		cmocka_unit_test(lines_of_text),
		cmocka_unit_test(lines_of_json),
		cmocka_unit_test(wishes),
		cmocka_unit_test(archives_come_first),
		cmocka_unit_test(what_follows_is_not_read_twice),
		cmocka_unit_test(a_compressed_archive_is_read),
		cmocka_unit_test(what_is_rotated_and_compressed_meanwhile_is_read_once),
		cmocka_unit_test(what_was_removed_meanwhile_is_passed_over),
		cmocka_unit_test(what_is_no_regular_file_is_not_waited_for),
		cmocka_unit_test(nothing_is_there),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
