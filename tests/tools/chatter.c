/* chatter.c - writes numbered lines, to be counted where they arrive.
 *
 *     chatter [OPTIONS]        NAME 1, NAME 2, ...; then waits until it is told to stop
 *
 *     -n N      so many lines (1000)
 *     -w NAME   how each begins ($SUPD_PATH)
 *     -p N      filled up to N bytes, the newline counted
 *     -r N      about N bytes a second (as fast as they are taken)
 *     -e        to standard error, every second one
 *     -t N      N more when TERM comes, and then it ends
 *     -x N      exit with status N when all are written
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, TURN_NS = 10 * 1000 * 1000, TURNS = 100 };

static volatile sig_atomic_t told_to_stop;

static void on_term(int signal)
{
	(void)signal;
	told_to_stop = 1;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "chatter: %s: %s\n", what, strerror(errno));
	exit(125);
}

static long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end != '\0' || end == text || n < 0)
		die(text);
	return n;
}

static void put(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0 && errno != EINTR)
			die("write");
		if (written > 0) {
			bytes += written;
			n -= (size_t)written;
		}
	}
}

static size_t put_line(const char *name, long i, size_t size, bool err)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "%s %ld", name, i);

	if (n < 0 || (size_t)n + 1 >= sizeof(line))
		die("name");
	for (; (size_t)n + 1 < size; n++)
		line[n] = n % 2 ? ' ' : '.';
	line[n++] = '\n';
	put(err && i % 2 == 0 ? STDERR_FILENO : STDOUT_FILENO, line, (size_t)n);
	return (size_t)n;
}

static void wait_for_term(void)
{
	sigset_t term;
	sigset_t old;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &term, &old) < 0)
		die("sigprocmask");
	while (!told_to_stop)
		(void)sigsuspend(&old);
}

int main(int argc, char **argv)
{
	const char *name = getenv("SUPD_PATH");
	const struct timespec turn = {.tv_nsec = TURN_NS};
	struct sigaction action = {.sa_handler = on_term};
	long lines = 1000;
	long rate = 0;
	long at_the_end = 0;
	long status = -1;
	size_t size = 0;
	size_t in_turn = 0;
	bool err = false;
	long i = 0;
	int c;

	while ((c = getopt(argc, argv, "n:w:p:r:et:x:")) != -1) {
		switch (c) {
		case 'n':
			lines = number(optarg);
			break;
		case 'w':
			name = optarg;
			break;
		case 'p':
			size = (size_t)number(optarg);
			break;
		case 'r':
			rate = number(optarg);
			break;
		case 'e':
			err = true;
			break;
		case 't':
			at_the_end = number(optarg);
			break;
		case 'x':
			status = number(optarg);
			break;
		default:
			return 2;
		}
	}
	if (size > LINE_MAX_BYTES)
		size = LINE_MAX_BYTES;
	if (sigaction(SIGTERM, &action, NULL) < 0)
		die("sigaction");
	while (i < lines && !told_to_stop) {
		in_turn += put_line(name ? name : "?", ++i, size, err);
		if (rate > 0 && in_turn >= (size_t)(rate / TURNS)) {
			in_turn = 0;
			(void)nanosleep(&turn, NULL);
		}
	}
	if (status >= 0)
		return (int)status;
	wait_for_term();
	while (at_the_end-- > 0)
		(void)put_line(name ? name : "?", ++i, size, err);
	return 0;
}
