/* supctl_log_files.c - see supctl_log_files.h.
 *
 * An archive is FILE.20261124T133935.123456, the time of its rotation, and .gz or .zst behind that:
 * the order of names is that of time. */
#include "cmd/supctl_log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
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

/* ---- the parts */

static const char *const compressors[][2] = {{".gz", "gzip"}, {".zst", "zstd"}};

static const char *compressor_of(const char *name)
{
	const size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(compressors); i++) {
		const size_t end = strlen(compressors[i][0]);

		if (n > end && strcmp(name + n - end, compressors[i][0]) == 0)
			return compressors[i][1];
	}
	return NULL;
}

static int add_part(struct log_files *files, const char *name, struct stat *ret_stat)
{
	struct log_part *part;

	if (stat(name, ret_stat) < 0)
		return 0; /* removed meanwhile */
	part = reallocarray(files->parts, files->n_parts + 1, sizeof(*part));
	if (!part)
		return -ENOMEM;
	files->parts = part;
	part += files->n_parts;
	*part = (struct log_part){.name = strdup(name),
		.size = UINT64_MAX,
		.us = (int64_t)ret_stat->st_mtim.tv_sec * 1000000 +
		      ret_stat->st_mtim.tv_nsec / 1000};
	if (!part->name)
		return -ENOMEM;
	files->n_parts++;
	return 0;
}

/* Characters that glob takes for its own. */
static char *quoted(const char *path)
{
	static const char pattern[] = ".????????T??????.??????*";
	char *text = malloc(strlen(path) * 2 + sizeof(pattern));
	char *at = text;

	for (; text && *path; path++) {
		if (strchr("\\*?[", *path))
			*at++ = '\\';
		*at++ = *path;
	}
	if (text)
		memcpy(at, pattern, sizeof(pattern));
	return text;
}

/* When the answer came, the file was `size` long; what is newer is told live. It may have been
 * renamed since. */
static bool is_last(struct log_files *files, const struct stat *st, uint64_t inode, uint64_t size)
{
	if (inode == 0 || st->st_ino != inode)
		return false;
	files->parts[files->n_parts - 1].size = size;
	return true;
}

/* Behind the time stands nothing, or what compression adds. */
static bool is_archive(const char *suffix)
{
	const char *rest = suffix + sizeof(".20261124T133935.123456") - 1;

	for (size_t i = 0; *rest && i < ARRAY_LEN(compressors); i++)
		if (strcmp(rest, compressors[i][0]) == 0)
			return true;
	return *rest == '\0';
}

static int add_archives(
	struct log_files *files, const char *path, uint64_t inode, uint64_t size, bool *ret_last)
{
	char *pattern = quoted(path);
	glob_t found = {0};
	struct stat st;
	int error = pattern ? 0 : -ENOMEM;

	if (!error && glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !error && !*ret_last; i++) {
			const size_t before = files->n_parts;

			if (!is_archive(found.gl_pathv[i] + strlen(path)))
				continue;
			error = add_part(files, found.gl_pathv[i], &st);
			if (files->n_parts == before)
				continue;
			files->parts[before].through = compressor_of(found.gl_pathv[i]);
			*ret_last = is_last(files, &st, inode, size);
		}
		globfree(&found);
	}
	free(pattern);
	return error;
}

int log_files_open(struct log_files *files, const char *path, uint64_t inode, uint64_t size)
{
	bool last = false;
	struct stat st;
	size_t before;
	int error = add_archives(files, path, inode, size, &last);

	before = files->n_parts;
	if (!error && !last)
		error = add_part(files, path, &st);
	if (!error && !last && files->n_parts > before)
		(void)is_last(files, &st, inode, size);
	if (!error && files->n_parts == 0)
		error = -ENOENT;
	return error;
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
	for (size_t i = 0; i < files->n_parts; i++)
		free(files->parts[i].name);
	free(files->parts);
	free(files->buf);
	files->parts = NULL;
	files->buf = NULL;
	files->n_parts = 0;
}

/* ---- reading */

/* The output of a decompressor. */
static FILE *open_through(struct log_files *files, const char *name, const char *program)
{
	char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "-dc",
		(char *)(uintptr_t) "--", (char *)(uintptr_t)name, NULL};
	posix_spawn_file_actions_t actions;
	FILE *file = NULL;
	int ends[2];
	int error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	error = posix_spawn_file_actions_init(&actions);
	if (!error) {
		error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (!error)
			error = posix_spawnp(
				&files->reader, program, &actions, NULL, argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	(void)close(ends[1]);
	if (error) {
		files->reader = 0;
		errno = error;
	} else {
		file = fdopen(ends[0], "r");
	}
	if (!file)
		(void)close(ends[0]);
	return file;
}

static bool open_part(struct log_files *files)
{
	const struct log_part *part = &files->parts[files->part];

	files->file = part->through ? open_through(files, part->name, part->through)
				    : fopen(part->name, "re");
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
	complain("cannot read %s: %s", part->name, strerror(errno));
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
	if (!open_part(files) || part->through || fstat(fileno(files->file), &st) < 0)
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
