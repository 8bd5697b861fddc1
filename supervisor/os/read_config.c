/* read_config.c - see read_config.h. The child runs libconfuse, the checks and the lint; a scanner
 * that exits on a fatal error, or a parse that eats memory, costs PID 1 nothing, and the heap of
 * the parent stays small. */
#include "supervisor/os/read_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/parse.h"

enum { EXIT_VALID = 0, EXIT_SYSTEM = 1, EXIT_INVALID = 2 };

static bool write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

static int child_main(const char *file, int fd)
{
	struct findings findings = {0};
	size_t size = 0;
	struct spec *spec = config_read(file, environ, &findings, &size);

	findings_print(stderr, &findings);
	(void)fflush(stderr);
	if (!spec)
		return EXIT_INVALID;
	if (!write_all(fd, spec, size)) {
		fprintf(stderr, "supd: cannot hand over the configuration: %s\n", strerror(errno));
		return EXIT_SYSTEM;
	}
	return EXIT_VALID;
}

static enum read_config map_spec(int fd, const struct spec **ret_spec)
{
	const char *why = NULL;
	struct stat st;
	void *block;

	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0 ||
		fstat(fd, &st) < 0)
		return READ_CONFIG_FAILED;
	block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (block == MAP_FAILED)
		return READ_CONFIG_FAILED;
	if (spec_check(block, (size_t)st.st_size, &why) < 0) {
		fprintf(stderr, "supd: the configuration that was read is damaged: %s\n", why);
		(void)munmap(block, (size_t)st.st_size);
		return READ_CONFIG_FAILED;
	}
	*ret_spec = block;
	return READ_CONFIG_OK;
}

static enum read_config wait_for(pid_t pid, const char *file)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return READ_CONFIG_FAILED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_VALID)
		return READ_CONFIG_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_INVALID)
		return READ_CONFIG_INVALID;
	if (WIFSIGNALED(status))
		fprintf(stderr, "supd: reading %s: the reader was killed by signal %d\n", file,
			WTERMSIG(status));
	return READ_CONFIG_FAILED;
}

enum read_config read_config(const char *file, const struct spec **ret_spec)
{
	enum read_config result = READ_CONFIG_FAILED;
	int fd = memfd_create("supd-spec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	pid_t pid;

	if (fd < 0) {
		fprintf(stderr, "supd: cannot make a memfd for the configuration: %s\n",
			strerror(errno));
		return READ_CONFIG_FAILED;
	}
	(void)fflush(stderr);
	pid = fork();
	if (pid == 0)
		_exit(child_main(file, fd));
	if (pid < 0)
		fprintf(stderr, "supd: cannot fork to read %s: %s\n", file, strerror(errno));
	else
		result = wait_for(pid, file);
	if (result == READ_CONFIG_OK)
		result = map_spec(fd, ret_spec);
	(void)close(fd);
	return result;
}
