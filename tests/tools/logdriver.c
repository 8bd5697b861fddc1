/* logdriver.c - plays supd for suplog, kills it at random, and counts what arrived.
 *
 *     logdriver [-w WRITERS] [-l LINES] [-k KILLS] [-s MAX_SIZE] [-e] [-p] [-o] [-r SEED] SUPLOG
 * DIR
 *
 * Each writer writes LINES numbered lines into a pipe whose ends the driver holds, in pieces of any
 * length. suplog is killed with -9 KILLS times, spread over the whole run, and started anew with
 * the same pipes and the same journal. At the end every number of every writer must be there
 * exactly once, in order, in lines that are whole: in one file for all (DIR/log), or with -e in one
 * for each (DIR/log.N), rotated ones before it. -p: with a prefix, so that lines are formatted; -o:
 * the lines go to standard output as well, where a line may come twice after a kill, but none is
 * missing. Says what it did on the last line; exit status 1: a line was lost, repeated or torn. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* It stands alone: what it says to suplog comes along. */
#include "supervisor/wire/log_message.c"

enum { WRITERS_MOST = 64, LINE_MOST = 256 };

struct driver {
	const char *suplog;
	const char *dir;
	unsigned writers;
	unsigned lines;
	unsigned kills;
	unsigned long max_size;
	bool each;
	bool prefix;
	bool to_stdout;
	unsigned seed;
	int pipes[WRITERS_MOST][2];
	pid_t pids[WRITERS_MOST];
	int journal;
	int stage[2];
	int socket;
	pid_t logger;
	unsigned long *written; /* shared: bytes that the writers wrote */
	unsigned long expected; /* all of them together */
};

__attribute__((format(printf, 1, 2))) static _Noreturn void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

/* ---- writers */

/* The line of that number, with its newline. Returns its bytes. */
static size_t make_line(unsigned writer, unsigned number, char line[static LINE_MOST])
{
	unsigned hash = (writer * 2654435761u) ^ (number * 40503u);
	size_t n = (size_t)snprintf(line, LINE_MOST, "%02u %08u ", writer, number);
	size_t padding = hash % 97;

	for (size_t i = 0; i < padding; i++)
		line[n++] = (char)('a' + (hash + i) % 26);
	line[n++] = '\n';
	return n;
}

static _Noreturn void writer_run(struct driver *driver, unsigned writer)
{
	static char buf[1 << 16];
	unsigned random = driver->seed + writer * 7919;
	size_t n = 0;
	size_t limit = 0;

	for (unsigned i = 0; i <= driver->lines; i++) {
		if (i < driver->lines)
			n += make_line(writer, i, buf + n);
		if (n < limit && i < driver->lines)
			continue;
		/* Not at the end of a line, as a rule. */
		for (size_t at = 0, end = i < driver->lines ? n - n % 7 : n; at < end;) {
			ssize_t wrote = write(driver->pipes[writer][1], buf + at, end - at);

			if (wrote < 0)
				_exit(1);
			at += (size_t)wrote;
			__atomic_add_fetch(driver->written, (unsigned long)wrote, __ATOMIC_RELAXED);
		}
		memmove(buf, buf + (i < driver->lines ? n - n % 7 : n), n % 7);
		n = n % 7;
		random = random * 1103515245 + 12345;
		limit = 1 + (random >> 8) % 20000;
	}
	_exit(0);
}

static void start_writers(struct driver *driver)
{
	char line[LINE_MOST];

	for (unsigned w = 0; w < driver->writers; w++)
		for (unsigned i = 0; i < driver->lines; i++)
			driver->expected += make_line(w, i, line);
	for (unsigned w = 0; w < driver->writers; w++) {
		driver->pids[w] = fork();
		if (driver->pids[w] < 0)
			fail("fork: %s", strerror(errno));
		if (driver->pids[w] == 0)
			writer_run(driver, w);
	}
}

/* ---- the logger */

static void send_message(struct driver *driver, const struct log_message *message, int fd)
{
	char bytes[LOG_MESSAGE_MAX];
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {bytes, log_message_write(message, bytes)};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	if (iov.iov_len == 0)
		fail("a message cannot be written");
	if (fd >= 0) {
		struct cmsghdr *passed = (struct cmsghdr *)(void *)control;

		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		passed->cmsg_level = SOL_SOCKET;
		passed->cmsg_type = SCM_RIGHTS;
		passed->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(passed), &fd, sizeof(int));
	}
	/* It may be dead already: then the next one is told. */
	(void)sendmsg(driver->socket, &header, MSG_NOSIGNAL);
}

static void tell_streams(struct driver *driver)
{
	for (unsigned w = 0; w < driver->writers; w++) {
		char path[16];
		char file[4096];
		struct log_message message = {.kind = LOG_MESSAGE_STREAM,
			.index = w,
			.generation = 1,
			.pid = 1,
			.stream = LOG_STREAM_OUT,
			.path = path,
			.settings = {.file = file,
				.max_size = driver->max_size,
				.max_line = LOG_LINE_DEFAULT,
				.mode = 0600,
				.uid = LOG_NO_ID,
				.gid = LOG_NO_ID,
				.to = driver->to_stdout ? LOG_TO_BOTH : LOG_TO_FILE,
				.prefix = driver->prefix}};

		(void)snprintf(path, sizeof(path), "w%02u", w);
		if (driver->each)
			(void)snprintf(file, sizeof(file), "%s/log%02u", driver->dir, w);
		else
			(void)snprintf(file, sizeof(file), "%s/log", driver->dir);
		send_message(driver, &message, driver->pipes[w][0]);
	}
}

/* Moves the descriptors to where suplog looks for them, and becomes it. */
static _Noreturn void become_suplog(struct driver *driver, int socket)
{
	const int from[] = {socket, driver->journal, driver->stage[0], driver->stage[1]};
	int high[4];

	for (int i = 0; i < 4; i++)
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 500);
	for (int i = 0; i < 4; i++)
		if (dup2(high[i], LOG_FD_SOCKET + i) < 0)
			_exit(126);
	if (dup2(open("/dev/null", O_RDWR), LOG_FD_LISTEN) < 0)
		_exit(126);
	(void)execl(driver->suplog, "suplog", "--supd", NULL);
	_exit(127);
}

static void start_logger(struct driver *driver)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		fail("socketpair: %s", strerror(errno));
	driver->logger = fork();
	if (driver->logger < 0)
		fail("fork: %s", strerror(errno));
	if (driver->logger == 0)
		become_suplog(driver, ends[1]);
	(void)close(ends[1]);
	if (driver->socket >= 0)
		(void)close(driver->socket);
	driver->socket = ends[0];
	tell_streams(driver);
}

/* Kills it once the writers have come as far as this kill's turn is. */
static void kill_logger(struct driver *driver, unsigned k)
{
	unsigned long until = driver->expected / (driver->kills + 1) * k +
			      (unsigned long)random() % (driver->expected / (driver->kills + 1));
	struct timespec pause = {.tv_nsec = 50000};
	int status;

	while (__atomic_load_n(driver->written, __ATOMIC_RELAXED) < until) {
		if (waitpid(driver->logger, &status, WNOHANG) == driver->logger)
			fail("suplog ended by itself, status %#x", (unsigned)status);
		(void)nanosleep(&pause, NULL);
	}
	pause.tv_nsec = random() % 1500000;
	(void)nanosleep(&pause, NULL);
	if (kill(driver->logger, SIGKILL) < 0 || waitpid(driver->logger, &status, 0) < 0)
		fail("kill: %s", strerror(errno));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("suplog ended by itself, status %#x", (unsigned)status);
}

static void drain_logger(struct driver *driver)
{
	struct log_message message = {.kind = LOG_MESSAGE_DRAIN};
	int status;

	for (unsigned w = 0; w < driver->writers; w++) {
		if (waitpid(driver->pids[w], &status, 0) < 0 || status != 0)
			fail("writer %u: status %#x", w, (unsigned)status);
		(void)close(driver->pipes[w][1]);
	}
	send_message(driver, &message, -1);
	if (waitpid(driver->logger, &status, 0) < 0 || status != 0)
		fail("suplog did not end well: status %#x", (unsigned)status);
}

/* ---- counting */

struct count {
	unsigned next[WRITERS_MOST];
	unsigned long lines;
	unsigned long repeated;
	unsigned long cut;
	unsigned files;
};

/* Is it the beginning of a line, and not all of it? */
static bool is_cut(struct driver *driver, const char *line, size_t n)
{
	size_t skip = driver->prefix ? 6 : 0;
	char expected[LINE_MOST];
	size_t expected_n;

	if (n < skip + 13)
		return true;
	expected_n = make_line((unsigned)strtoul(line + skip, NULL, 10),
		(unsigned)strtoul(line + skip + 3, NULL, 10), expected);
	return n - skip < expected_n && memcmp(line + skip, expected, n - skip - 1) == 0;
}

/* "07 00001234 ...": checks it in full against the next of that writer. */
static void count_line(struct driver *driver, struct count *count, const char *line, size_t n,
	const char *where, bool may_repeat)
{
	char expected[LINE_MOST];
	unsigned writer;
	unsigned number;
	char *end;

	/* What was cut by a kill is on a line of its own, and comes once more. */
	if (may_repeat && is_cut(driver, line, n)) {
		count->cut++;
		return;
	}
	if (driver->prefix) {
		char prefix[16];
		int prefix_n = snprintf(prefix, sizeof(prefix), "w%.2s | ", n > 8 ? line + 6 : "");

		if (n < (size_t)prefix_n || memcmp(line, prefix, (size_t)prefix_n) != 0)
			fail("%s: a line without its prefix: %.*s", where, (int)n, line);
		line += prefix_n;
		n -= (size_t)prefix_n;
	}
	writer = n > 12 ? (unsigned)strtoul(line, &end, 10) : WRITERS_MOST;
	number = n > 12 ? (unsigned)strtoul(line + 3, &end, 10) : 0;
	if (writer >= driver->writers || make_line(writer, number, expected) != n ||
		memcmp(line, expected, n) != 0)
		fail("%s: a torn line: %.*s", where, (int)n, line);
	count->lines++;
	if (may_repeat && number < count->next[writer]) {
		count->repeated++;
		return;
	}
	if (number != count->next[writer])
		fail("%s: line %u of writer %u is %s", where, number, writer,
			number < count->next[writer] ? "there twice" : "not the next one");
	count->next[writer]++;
}

static void count_file(
	struct driver *driver, struct count *count, const char *path, bool may_repeat)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (!file)
		fail("%s: %s", path, strerror(errno));
	while ((n = getline(&line, &size, file)) > 0)
		count_line(driver, count, line, (size_t)n, path, may_repeat);
	free(line);
	(void)fclose(file);
	count->files++;
}

/* The archives of a file, in the order of their names, then the file. */
static void count_log(struct driver *driver, struct count *count, const char *name)
{
	char pattern[4096];
	glob_t found;

	(void)snprintf(pattern, sizeof(pattern), "%s/%s.*", driver->dir, name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			count_file(driver, count, found.gl_pathv[i], false);
		globfree(&found);
	}
	(void)snprintf(pattern, sizeof(pattern), "%s/%s", driver->dir, name);
	count_file(driver, count, pattern, false);
}

static void check_all(struct driver *driver, const struct count *count, const char *what)
{
	for (unsigned w = 0; w < driver->writers; w++)
		if (count->next[w] != driver->lines)
			fail("%s: of writer %u there are %u lines, not %u", what, w, count->next[w],
				driver->lines);
}

static void verify(struct driver *driver)
{
	struct count count = {0};
	struct count out = {0};
	char name[16] = "log";

	for (unsigned w = 0; w < driver->writers && driver->each; w++) {
		(void)snprintf(name, sizeof(name), "log%02u", w);
		count_log(driver, &count, name);
	}
	if (!driver->each)
		count_log(driver, &count, name);
	check_all(driver, &count, "the files");
	if (driver->to_stdout) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s/stdout", driver->dir);
		count_file(driver, &out, path, true);
		check_all(driver, &out, "standard output");
	}
	(void)printf("%lu lines of %u writers, each once, in %u files; suplog killed %u times; "
		     "%lu repeated and %lu cut on standard output\n",
		count.lines, driver->writers, count.files, driver->kills, out.repeated, out.cut);
}

/* ---- */

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0')
		fail("'%s' is no number", text);
	return value;
}

static void read_options(struct driver *driver, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "w:l:k:s:r:epo")) != -1) {
		if (option == 'w')
			driver->writers = (unsigned)number(optarg);
		else if (option == 'l')
			driver->lines = (unsigned)number(optarg);
		else if (option == 'k')
			driver->kills = (unsigned)number(optarg);
		else if (option == 's')
			driver->max_size = number(optarg);
		else if (option == 'r')
			driver->seed = (unsigned)number(optarg);
		else if (option == 'e')
			driver->each = true;
		else if (option == 'p')
			driver->prefix = true;
		else if (option == 'o')
			driver->to_stdout = true;
		else
			exit(2);
	}
	if (argc - optind != 2 || driver->writers == 0 || driver->writers > WRITERS_MOST)
		fail("usage: logdriver [-w N] [-l N] [-k N] [-s N] [-epo] [-r SEED] SUPLOG DIR");
	driver->suplog = argv[optind];
	driver->dir = argv[optind + 1];
}

int main(int argc, char **argv)
{
	static struct driver driver = {.writers = 8, .lines = 20000, .kills = 50, .socket = -1};
	int out = -1;

	driver.seed = (unsigned)time(NULL);
	read_options(&driver, argc, argv);
	srandom(driver.seed);
	(void)printf("seed %u\n", driver.seed);
	(void)fflush(stdout);
	driver.written = mmap(NULL, sizeof(*driver.written), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	driver.journal = memfd_create("journal", MFD_CLOEXEC);
	if (driver.written == MAP_FAILED || driver.journal < 0 ||
		pipe2(driver.stage, O_CLOEXEC) < 0)
		fail("cannot begin: %s", strerror(errno));
	for (unsigned w = 0; w < driver.writers; w++)
		if (pipe2(driver.pipes[w], O_CLOEXEC) < 0)
			fail("pipe: %s", strerror(errno));
	if (driver.to_stdout) {
		/* suplog's is a file of our own, ours stays. */
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s/stdout", driver.dir);
		out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (out < 0 || !freopen(path, "w", stdout))
			fail("%s: %s", path, strerror(errno));
	}
	start_writers(&driver);
	start_logger(&driver);
	for (unsigned k = 0; k < driver.kills; k++) {
		kill_logger(&driver, k);
		start_logger(&driver);
	}
	drain_logger(&driver);
	if (driver.to_stdout && dup2(out, STDOUT_FILENO) < 0)
		fail("dup2: %s", strerror(errno));
	verify(&driver);
	return 0;
}
