/* supctl_import.c - `supctl import`: configurations of other supervisors, as one of supd. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_import.h"
#include "cmd/supctl_output.h"

enum { FILE_MAX = 4 << 20, FILES_MAX = 256 };

/* Reads from fd to the end. Returns malloc'd text, or NULL with errno. */
static char *read_all(int fd)
{
	size_t room = 1 << 16;
	size_t n = 0;
	char *text = malloc(room);

	while (text) {
		ssize_t got = read(fd, text + n, room - n - 1);
		char *larger;

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0) {
			text[n] = '\0';
			return text;
		}
		n += got > 0 ? (size_t)got : 0;
		if (got > 0 && n + 1 < room)
			continue;
		if (got < 0 || room >= FILE_MAX) {
			errno = got < 0 ? errno : EFBIG;
			break;
		}
		room *= 2;
		larger = realloc(text, room);
		if (!larger)
			break;
		text = larger;
	}
	free(text);
	return NULL;
}

static char *read_file(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd >= 0 ? read_all(fd) : NULL;

	if (!text)
		complain("cannot read %s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return text;
}

static int from_supervisord(const struct request *request)
{
	char *texts[FILES_MAX] = {0};
	struct ini ini = {0};
	size_t n = request->n_args - 1;
	int error = 0;

	if (n > FILES_MAX) {
		complain("import takes %d files at once", FILES_MAX);
		return SUPCTL_USAGE;
	}
	for (size_t i = 0; i < n && error == 0; i++) {
		texts[i] = read_file(request->args[i + 1]);
		error = texts[i] ? ini_read(&ini, texts[i], request->args[i + 1]) : -EIO;
	}
	if (error == 0)
		error = import_supervisord(request->out, &ini);
	ini_free(&ini);
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	return error == 0 ? SUPCTL_DONE : SUPCTL_REFUSED;
}

static int from_procfile(const struct request *request)
{
	char *text;
	int error;

	if (request->n_args > 2) {
		complain("import procfile takes one file");
		return SUPCTL_USAGE;
	}
	text = read_file(request->args[1]);
	if (!text)
		return SUPCTL_REFUSED;
	error = import_procfile(request->out, text, request->args[1]);
	free(text);
	return error == 0 ? SUPCTL_DONE : SUPCTL_REFUSED;
}

int verb_import(const struct request *request)
{
	const char *kind = request->args[0];

	if (strcmp(kind, "supervisord") == 0)
		return from_supervisord(request);
	if (strcmp(kind, "procfile") == 0)
		return from_procfile(request);
	complain("cannot import %s: supervisord and procfile are known", kind);
	return SUPCTL_USAGE;
}
