/* loggen.c - writes lines as fast as it can: what the loggers are measured with.
 *
 *     loggen MEGABYTES WRITERS BYTES_A_WRITE
 *
 * WRITERS processes share standard output, and write MEGABYTES all together. Lines have about 100
 * bytes, and a write holds whole lines, at least one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE = 100, WRITE_MOST = 1 << 16 };

static void fill(char *buf, size_t n, unsigned writer)
{
	for (size_t i = 0; i < n / LINE; i++) {
		char line[LINE + 1];
		int begun = snprintf(line, sizeof(line),
			"writer %02u: %08zu GET /some/path/to/a/resource?with=arguments 200 ",
			writer, i);

		memset(line + begun, 'x', (size_t)(LINE - begun));
		line[LINE - 1] = '\n';
		memcpy(buf + i * LINE, line, LINE);
	}
}

static int write_all(unsigned writer, size_t total, size_t size)
{
	static char buf[WRITE_MOST];

	size = size < LINE ? LINE : size / LINE * LINE;
	fill(buf, size, writer);
	for (size_t done = 0; done < total; done += size)
		for (size_t at = 0; at < size;) {
			ssize_t n = write(STDOUT_FILENO, buf + at, size - at);

			if (n < 0)
				return 1;
			at += (size_t)n;
		}
	return 0;
}

int main(int argc, char **argv)
{
	size_t total = argc == 4 ? strtoul(argv[1], NULL, 10) << 20 : 0;
	unsigned writers = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	size_t size = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	int status;
	int ret = 0;

	if (total == 0 || writers == 0 || size == 0 || size > WRITE_MOST) {
		(void)fputs("usage: loggen MEGABYTES WRITERS BYTES_A_WRITE\n", stderr);
		return 2;
	}
	for (unsigned i = 0; i < writers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0)
			_exit(write_all(i, total / writers, size));
	}
	while (wait(&status) > 0)
		ret |= status != 0;
	return ret;
}
