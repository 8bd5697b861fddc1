/* supctl_log_files.c - see supctl_log_files.h. */
#include "cmd/supctl_log_files.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_output.h"

enum { TAIL_FIRST = 64 * 1024 };

/* ---- what is wanted */

static bool is_below(const char *path, const char *above)
{
	const size_t n = strlen(above);

	return strncmp(path, above, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

bool log_wish_meets(const struct log_wish *wish, const struct log_line *line)
{
	bool wanted = wish->n_paths == 0 || !line->path[0];

	for (size_t i = 0; !wanted && i < wish->n_paths; i++)
		wanted = is_below(line->path, wish->paths[i]);
	if (!wanted || line->us < wish->since_us ||
		(wish->until_us > 0 && line->time[0] && line->us > wish->until_us))
		return false;
	/* What does not say where it comes from is not kept back. */
	return !wish->stream || !line->stream[0] || strcmp(line->stream, "merged") == 0 ||
	       strcmp(line->stream, wish->stream) == 0;
}

static void close_part(struct log_files *files)
{
	if (files->file)
		(void)fclose(files->file);
	files->file = NULL;
	if (files->reader > 0) {
		(void)kill(files->reader, SIGTERM);
		(void)waitpid(files->reader, NULL, 0);
	}
	files->reader = 0;
}

void log_files_close(struct log_files *files)
{
	close_part(files);
	for (size_t i = 0; i < files->n_parts; i++) {
		free(files->parts[i].name);
		if (files->parts[i].fd >= 0)
			(void)close(files->parts[i].fd);
	}
	free(files->parts);
	free(files->buf);
	files->parts = NULL;
	files->buf = NULL;
	files->n_parts = 0;
}

/* ---- reading */

static bool open_part(struct log_files *files)
{
	files->file = log_part_open(&files->parts[files->part], &files->reader);
	files->at = 0;
	return files->file != NULL;
}

/* The next line of the part being read, without its newline; false at its end. */
static bool next_text(struct log_files *files, size_t *ret_n)
{
	ssize_t n;

	if (files->at >= files->parts[files->part].size)
		return false;
	n = getline(&files->buf, &files->buf_size, files->file);
	if (n <= 0)
		return false;
	files->at += (uint64_t)n;
	*ret_n = (size_t)n - (files->buf[n - 1] == '\n');
	return true;
}

/* The next line of the part being read that meets the wish. */
static struct log_line *next_of_part(struct log_files *files)
{
	size_t n;

	while (next_text(files, &n)) {
		struct log_line *line =
			log_line_of_text(&files->form, files->buf, n, files->parts[files->part].us);

		if (!line || log_wish_meets(files->wish, line))
			return line;
		free(line);
	}
	return NULL;
}

/* Opens the next part, unless it was changed last before what is wanted. */
static bool is_open(struct log_files *files)
{
	const struct log_part *part = &files->parts[files->part];

	if (files->file)
		return true;
	if (part->us < files->wish->since_us)
		return false;
	if (open_part(files))
		return true;
	if (errno == ESPIPE)
		complain("%s is not a regular file: what was written there cannot be read",
			part->name);
	else
		complain("cannot read %s: %s", part->name,
			errno == ENOENT ? "it was removed meanwhile" : strerror(errno));
	/* That of what is old the oldest goes is as it should be. */
	files->failed |= errno != ENOENT;
	return false;
}

struct log_line *log_files_next(struct log_files *files)
{
	while (files->part < files->n_parts) {
		struct log_line *line = NULL;

		if (is_open(files))
			line = next_of_part(files);
		if (line)
			return line;
		close_part(files);
		files->part++;
	}
	return NULL;
}

/* ---- from the end */

/* How many lines that meet the wish are in the part from the next one on, up to n of them when
 * `skip` is 0; else skips so many. */
static size_t count_lines(struct log_files *files, size_t skip)
{
	size_t n = 0;
	struct log_line *line;

	while ((skip == 0 || n < skip) && (line = next_of_part(files)) != NULL) {
		free(line);
		n++;
	}
	return n;
}

/* Opens the part at the first line that begins `back` bytes or less before its end. Returns false
 * when that is its beginning. */
static bool open_back(struct log_files *files, uint64_t back)
{
	const struct log_part *part = &files->parts[files->part];
	struct stat st;
	uint64_t size;
	size_t n;

	close_part(files);
	if (!open_part(files) || files->reader > 0 || fstat(fileno(files->file), &st) < 0)
		return false;
	size = (uint64_t)st.st_size < part->size ? (uint64_t)st.st_size : part->size;
	if (back >= size || fseeko(files->file, (off_t)(size - back - 1), SEEK_SET) < 0)
		return false;
	files->at = size - back - 1;
	(void)next_text(files, &n);
	return true;
}

/* Stands at the last n lines of the part, or at its beginning. Returns how many lines follow. */
static size_t tail_of_part(struct log_files *files, size_t n)
{
	uint64_t back = TAIL_FIRST;
	size_t found;
	bool more;

	do {
		more = open_back(files, back);
		found = files->file ? count_lines(files, 0) : 0;
		back *= 4;
	} while (more && found < n);
	if (!files->file)
		return 0;
	(void)open_back(files, back / 4);
	if (found > n)
		(void)count_lines(files, found - n);
	return found < n ? found : n;
}

void log_files_tail(struct log_files *files, size_t n)
{
	files->part = files->n_parts;
	while (files->part > 0 && n > 0 &&
		files->parts[files->part - 1].us >= files->wish->since_us) {
		files->part--;
		n -= tail_of_part(files, n);
	}
}
