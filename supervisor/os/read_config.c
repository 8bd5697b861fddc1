/* read_config.c - see read_config.h. The child runs libconfuse, the checks and the lint; a scanner
 * that exits on a fatal error, or a parse that eats memory, costs PID 1 nothing, and the heap of
 * the parent stays small. */
#include "supervisor/os/read_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/parse.h"
#include "supervisor/os/log.h"
#include "supervisor/os/memory_file.h"

enum { EXIT_VALID = 0, EXIT_SYSTEM = 1, EXIT_INVALID = 2 };

/* As --check prints them, or as messages when those are JSON or few. */
static void print_findings(const struct findings *f)
{
	if (log_is_text() && log_wants(LOG_WARNING)) {
		findings_print(stderr, f);
		(void)fflush(stderr);
		return;
	}
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->list[i];

		log_message(one->is_error ? LOG_ERROR : LOG_WARNING, NULL, "%s:%u: %s [%s]",
			one->file, one->line, one->text, one->rule);
	}
	log_flush();
}

static int child_main(const char *file, int fd)
{
	struct findings findings = {0};
	size_t size = 0;
	int error;
	struct spec *spec = config_read(file, environ, &findings, &size);

	print_findings(&findings);
	if (!spec)
		return EXIT_INVALID;
	error = memory_file_write(fd, spec, size);
	if (error == 0)
		return EXIT_VALID;
	(void)fprintf(stderr, "supd: cannot hand over the configuration: %s\n", strerror(-error));
	return EXIT_SYSTEM;
}

static enum read_config map_spec(int fd, const struct spec **ret_spec)
{
	const char *wrong = NULL;
	size_t size;

	*ret_spec = memory_file_spec(fd, &size, &wrong);
	if (*ret_spec)
		return READ_CONFIG_OK;
	(void)fprintf(stderr, "supd: cannot use the configuration that was read: %s\n", wrong);
	return READ_CONFIG_FAILED;
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
		(void)fprintf(stderr, "supd: reading %s: the reader was killed by signal %d\n",
			file, WTERMSIG(status));
	return READ_CONFIG_FAILED;
}

enum read_config read_config(const char *file, const struct spec **ret_spec)
{
	enum read_config result = READ_CONFIG_FAILED;
	int fd = memory_file_new("supd-spec");
	pid_t pid;

	if (fd < 0) {
		(void)fprintf(stderr, "supd: cannot make a memfd for the configuration: %s\n",
			strerror(-fd));
		return READ_CONFIG_FAILED;
	}
	(void)fflush(stderr);
	pid = fork();
	if (pid == 0)
		_exit(child_main(file, fd));
	if (pid < 0)
		(void)fprintf(stderr, "supd: cannot fork to read %s: %s\n", file, strerror(errno));
	else
		result = wait_for(pid, file);
	if (result == READ_CONFIG_OK)
		result = map_spec(fd, ret_spec);
	(void)close(fd);
	return result;
}
