/* suplog_recovery.c - the logger killed behind each of its steps, and taken up by another one.
 *
 * A child process runs the loop, and ends itself behind step k as by kill -9. What a system call
 * may have done half then is done half by the test: part of the staged bytes are read, part of a
 * batch is in the file. Then a second child goes on, and is perhaps killed as well; the last one
 * must leave the same bytes in the files as one that was never killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/suplog.h"

enum { STREAMS = 3, KILLED = 77, NEVER = 1 << 30 };

static char dir[] = "/tmp/suplog_recovery.XXXXXX";

/* What supd would hold. */
struct world {
	int journal;
	int stage[2];
	int pipes[STREAMS][2];
};

static unsigned steps_left;

static void count_down(struct suplog *s)
{
	(void)s;
	if (steps_left-- == 0)
		_exit(KILLED);
}

/* ---- the world */

/* Lines of many lengths, one of them too long, the last without its end. */
static void write_lines(int fd, unsigned stream, unsigned from, unsigned to)
{
	char line[600];

	for (unsigned i = from; i < to; i++) {
		int n = snprintf(line, sizeof(line), "%u line %u ", stream, i);

		memset(line + n, 'x', i % 7 == 3 ? 400 : i % 50);
		n += i % 7 == 3 ? 400 : (int)(i % 50);
		line[n] = '\n';
		assert_int_equal(write(fd, line, (size_t)n + (i + 1 < to)), n + (i + 1 < to));
	}
}

static void world_open(struct world *world)
{
	world->journal = memfd_create("journal", MFD_CLOEXEC);
	assert_true(world->journal >= 0);
	assert_int_equal(pipe2(world->stage, O_CLOEXEC), 0);
	for (unsigned i = 0; i < STREAMS; i++) {
		assert_int_equal(pipe2(world->pipes[i], O_CLOEXEC), 0);
		write_lines(world->pipes[i][1], i, 0, 150 + i);
	}
}

static void world_close(struct world *world)
{
	(void)close(world->journal);
	for (int k = 0; k < 2; k++) {
		(void)close(world->stage[k]);
		for (int i = 0; i < STREAMS; i++)
			(void)close(world->pipes[i][k]);
	}
}

static void for_each_file(void (*call)(const char *path, void *context), void *context)
{
	char pattern[64];
	glob_t found;

	(void)snprintf(pattern, sizeof(pattern), "%s/*", dir);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		call(found.gl_pathv[i], context);
	globfree(&found);
}

static void remove_file(const char *path, void *context)
{
	(void)context;
	assert_int_equal(unlink(path), 0);
}

/* ---- a life */

static void tell(int socket, const struct log_message *message, int fd)
{
	char bytes[LOG_MESSAGE_MAX];
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {bytes, log_message_write(message, bytes)};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *passed = (struct cmsghdr *)(void *)control;

	assert_true(iov.iov_len > 0);
	if (fd >= 0) {
		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		passed->cmsg_level = SOL_SOCKET;
		passed->cmsg_type = SCM_RIGHTS;
		passed->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(passed), &fd, sizeof(int));
	}
	assert_true(sendmsg(socket, &header, MSG_NOSIGNAL) > 0);
}

/* Two share a file, with a prefix; the third has one that is rotated. */
static void tell_all(struct world *world, int socket)
{
	struct log_message message = {.kind = LOG_MESSAGE_STREAM,
		.generation = 1,
		.settings = {.max_line = 256,
			.mode = 0600,
			.uid = LOG_NO_ID,
			.gid = LOG_NO_ID,
			.to = LOG_TO_FILE}};
	char path[8];
	char file[64];

	message.path = path;
	message.settings.file = file;
	for (unsigned i = 0; i < STREAMS; i++) {
		(void)snprintf(path, sizeof(path), "c%u", i);
		(void)snprintf(file, sizeof(file), "%s/%s", dir, i < 2 ? "shared" : "own");
		message.index = i;
		message.settings.prefix = i < 2;
		message.settings.max_size = i < 2 ? 0 : 2048;
		tell(socket, &message, world->pipes[i][0]);
	}
	tell(socket, &(struct log_message){.kind = LOG_MESSAGE_DRAIN}, -1);
}

static _Noreturn void live(struct world *world, int socket, unsigned steps)
{
	static struct suplog s;
	const int from[] = {socket, world->journal, world->stage[0], world->stage[1]};
	const char *what;
	int high[4];

	for (int i = 0; i < 4; i++)
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 100);
	for (int i = 0; i < 4; i++)
		if (dup2(high[i], LOG_FD_SOCKET + i) < 0)
			_exit(1);
	if (dup2(open("/dev/null", O_RDWR), LOG_FD_LISTEN) < 0)
		_exit(1);
	s.options = (struct options){.supd = true, .ring_size = 65536, .batch_size = 4096 * 3};
	s.step = count_down;
	steps_left = steps;
	if (suplog_start(&s, &what) < 0)
		_exit(2);
	loop_run(&s);
	_exit(0);
}

/* Returns whether it was killed; else it came to its end. */
static bool run(struct world *world, unsigned steps)
{
	int ends[2];
	int status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	tell_all(world, ends[0]);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		live(world, ends[1], steps);
	(void)close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(ends[0]);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == KILLED);
	return WEXITSTATUS(status) == KILLED;
}

/* ---- system calls that were done half */

/* Reads a third of what is staged, as a read that was killed amid its pages. */
static void read_half(struct world *world, struct journal *journal)
{
	size_t at = 0;
	int staged = 0;

	assert_int_equal(ioctl(world->stage[0], FIONREAD, &staged), 0);
	if (staged < 3 || journal->pieces_n == 0 || journal->pieces[journal->pieces_n - 1].n == 0)
		return;
	for (uint32_t i = 0; i < journal->pieces_n; i++)
		at += journal->pieces[i].n;
	at -= (size_t)staged;
	assert_int_equal(read(world->stage[0], journal_buffer(journal) + at, (size_t)staged / 3),
		staged / 3);
}

/* Part of the batch is in the file. */
static void write_half(const struct journal_file *entry)
{
	char path[64];
	struct stat stat;
	int fd;

	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, i ? "own" : "shared");
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
		if (fd < 0)
			continue;
		assert_int_equal(fstat(fd, &stat), 0);
		if (stat.st_ino == entry->inode)
			assert_int_equal(write(fd, "0 line 99 torn", 14), 14);
		(void)close(fd);
	}
}

static void do_half(struct world *world)
{
	struct journal *journal =
		mmap(NULL, JOURNAL_SLOTS_AT, PROT_READ | PROT_WRITE, MAP_SHARED, world->journal, 0);

	assert_ptr_not_equal(journal, MAP_FAILED);
	if (lseek(world->journal, 0, SEEK_END) >= (off_t)JOURNAL_SLOTS_AT &&
		journal_under_way(journal)) {
		read_half(world, journal);
		for (uint32_t i = 0; i < journal->files_n; i++)
			write_half(&journal->files[i]);
	}
	(void)munmap(journal, JOURNAL_SLOTS_AT);
}

/* ---- what is left */

struct text {
	char bytes[1 << 16];
	size_t n;
};

static void append_file(const char *path, void *context)
{
	struct text *text = context;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text->n += fread(text->bytes + text->n, 1, sizeof(text->bytes) - text->n, file);
	(void)fclose(file);
}

/* By name: own, its archives, shared. An archive is older than its file, so own goes last. */
static void read_files(struct text *text)
{
	char own[64];
	char away[64];

	text->n = 0;
	(void)snprintf(own, sizeof(own), "%s/own", dir);
	(void)snprintf(away, sizeof(away), "%s/own.9", dir);
	assert_int_equal(rename(own, away), 0);
	for_each_file(append_file, text);
}

/* The order of streams within a shared file is not fixed: each stream's lines are. */
static void lines_of(const struct text *text, const char *begin, struct text *ret)
{
	const char *at = text->bytes;
	const char *end = text->bytes + text->n;
	size_t begin_n = strlen(begin);

	ret->n = 0;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n;

		assert_non_null(newline);
		n = (size_t)(newline - at) + 1;
		if (n > begin_n && memcmp(at, begin, begin_n) == 0) {
			memcpy(ret->bytes + ret->n, at, n);
			ret->n += n;
		}
		at += n;
	}
}

static struct text expected;

static void same_as_expected(const struct text *text, unsigned first, unsigned second)
{
	static struct text mine;
	static struct text theirs;
	static const char *const BEGINS[] = {"c0 | ", "c1 | "};

	if (text->n != expected.n)
		print_error("killed behind steps %u and %u: %zu bytes, not %zu\n", first, second,
			text->n, expected.n);
	assert_int_equal(text->n, expected.n);
	for (int i = 0; i < 2; i++) {
		lines_of(text, BEGINS[i], &mine);
		lines_of(&expected, BEGINS[i], &theirs);
		assert_int_equal(mine.n, theirs.n);
		assert_memory_equal(mine.bytes, theirs.bytes, mine.n);
	}
	/* The third stream's come first. */
	assert_memory_equal(text->bytes, expected.bytes, 4000);
}

static void killed_behind(unsigned first, unsigned second, bool half)
{
	static struct text text;
	struct world world;

	for_each_file(remove_file, NULL);
	world_open(&world);
	if (run(&world, first)) {
		if (half)
			do_half(&world);
		if (run(&world, second)) {
			if (half)
				do_half(&world);
			assert_false(run(&world, NEVER));
		}
	}
	read_files(&text);
	same_as_expected(&text, first, second);
	world_close(&world);
}

/* The steps of a life that is not killed. */
static unsigned count_steps(void)
{
	unsigned steps = 1;

	for (;; steps++) {
		struct world world;
		bool killed;

		for_each_file(remove_file, NULL);
		world_open(&world);
		killed = run(&world, steps);
		world_close(&world);
		if (!killed)
			return steps;
	}
}

static unsigned all_steps;

static int prepare(void **state)
{
	struct world world;

	(void)state;
	assert_non_null(mkdtemp(dir));
	all_steps = count_steps();
	for_each_file(remove_file, NULL);
	world_open(&world);
	assert_false(run(&world, NEVER));
	world_close(&world);
	read_files(&expected);
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	for_each_file(remove_file, NULL);
	return rmdir(dir);
}

static void it_does_what_it_should_when_it_is_not_killed(void **state)
{
	static struct text lines;
	unsigned n = 0;

	(void)state;
	lines_of(&expected, "c1 | ", &lines);
	for (size_t i = 0; i < lines.n; i++)
		n += lines.bytes[i] == '\n';
	/* Of 151 lines 22 are longer than 256, and come in two parts each. */
	assert_int_equal(n, 151 + 22);
	print_message("# %u steps\n", all_steps);
	assert_true(all_steps > 30);
}

static void killed_once(void **state)
{
	(void)state;
	for (unsigned k = 0; k < all_steps; k++)
		killed_behind(k, NEVER, false);
}

static void killed_once_amid_a_system_call(void **state)
{
	(void)state;
	for (unsigned k = 0; k < all_steps; k++)
		killed_behind(k, NEVER, true);
}

static void killed_again_while_it_recovers(void **state)
{
	(void)state;
	for (unsigned k = 0; k < all_steps; k++)
		for (unsigned j = 0; j < 12; j++)
			killed_behind(k, j, (k + j) % 2 == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_what_it_should_when_it_is_not_killed),
		cmocka_unit_test(killed_once),
		cmocka_unit_test(killed_once_amid_a_system_call),
		cmocka_unit_test(killed_again_while_it_recovers),
	};

	return cmocka_run_group_tests(tests, prepare, clean_up);
}
