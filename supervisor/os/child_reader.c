/* child_reader.c - see child_reader.h. */
#include "supervisor/os/child_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/child.h"
#include "supervisor/os/memory_file.h"

enum { SECONDS_MAX = 10, EXIT_VALID = 0, EXIT_SYSTEM = 1, EXIT_INVALID = 2 };

/* The shadow memory of a sanitizer is terabytes of addresses. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX (256u << 20)
#endif

/* A reader that hangs or grows is ended by the kernel. */
static void limit_self(void)
{
	struct rlimit memory = {.rlim_cur = MEMORY_MAX, .rlim_max = MEMORY_MAX};
	sigset_t none;

	(void)setrlimit(RLIMIT_AS, &memory);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)alarm(SECONDS_MAX);
}

/* One line an error. A place is named where there is one: what was inherited is of a file. */
static void print_errors(FILE *to, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *finding = &f->list[i];

		if (!finding->is_error)
			continue;
		if (finding->line > 0)
			(void)fprintf(to, "%s:%u: ", finding->file, finding->line);
		(void)fprintf(to, "%s [%s]\n", finding->text, finding->rule);
	}
}

static int reader_main(
	const struct child_reader *reader, const struct child_reader_request *request)
{
	struct config_child_request child = {.name = request->name,
		.sup_path = request->sup_path,
		.spec = request->spec,
		.sup = request->sup,
		.words = request->words,
		.settings = request->settings,
		.env = environ};
	struct findings findings = {0};
	size_t size = 0;
	struct spec *spec;
	FILE *text;

	limit_self();
	spec = config_child(&child, &findings, &size);
	if (spec)
		return memory_file_write(reader->block_fd, spec, size) < 0 ? EXIT_SYSTEM
									   : EXIT_VALID;
	text = fdopen(reader->text_fd, "w");
	if (!text)
		return EXIT_SYSTEM;
	print_errors(text, &findings);
	return fclose(text) == 0 ? EXIT_INVALID : EXIT_SYSTEM;
}

static void close_both(struct child_reader *reader)
{
	if (reader->block_fd >= 0)
		(void)close(reader->block_fd);
	if (reader->text_fd >= 0)
		(void)close(reader->text_fd);
	reader->block_fd = reader->text_fd = -1;
}

int child_reader_start(struct child_reader *reader, const struct child_reader_request *request)
{
	int error;

	reader->block_fd = memory_file_new("supd-child");
	reader->text_fd = memory_file_new("supd-findings");
	if (reader->block_fd < 0 || reader->text_fd < 0) {
		close_both(reader);
		return -EMFILE;
	}
	reader->pid = fork();
	if (reader->pid == 0)
		_exit(reader_main(reader, request));
	if (reader->pid > 0)
		return 0;
	error = -errno;
	close_both(reader);
	return error;
}

/* The reader's lines as one, for an error message: "a; b". */
static void read_text(int fd, char *why, size_t size)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	char *rest = text;
	size_t at = 0;
	char *line;

	text[n > 0 ? n : 0] = '\0';
	why[0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL && at < size)
		if (*line)
			at += (size_t)snprintf(why + at, size - at, "%s%s", at ? "; " : "", line);
}

void *child_reader_finish(
	struct child_reader *reader, struct end end, size_t *ret_size, char *why, size_t why_size)
{
	const struct spec *spec = NULL;
	const char *wrong = NULL;

	if (end.kind == END_EXITED && end.value == EXIT_VALID)
		spec = memory_file_spec(reader->block_fd, ret_size, &wrong);
	else if (end.kind == END_EXITED && end.value == EXIT_INVALID)
		read_text(reader->text_fd, why, why_size);
	else
		wrong = "reading its settings took too long, or too much memory";
	if (spec && (spec->nodes != 2 || spec_node(spec, 1)->kind != KIND_PROCESS)) {
		(void)munmap((void *)(uintptr_t)spec, *ret_size);
		spec = NULL;
		wrong = "its settings are not those of one process";
	}
	if (wrong)
		(void)snprintf(why, why_size, "%s", wrong);
	close_both(reader);
	return (void *)(uintptr_t)spec;
}

void child_reader_abandon(struct child_reader *reader)
{
	(void)kill(reader->pid, SIGKILL);
	close_both(reader);
}
