/* supctl_log_parts.c - which files a log consists of, found and opened while suplog goes on.
 *
 * An archive is FILE.20261124T133935.123456, the time of its rotation, and .gz or .zst behind that:
 * the order of names is that of time. FILE itself is opened first and held, since by the time that
 * it is read it may have the name of an archive; and an archive may have been compressed. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/supctl_log_files.h"

static const char *const compressors[][2] = {{".gz", "gzip"}, {".zst", "zstd"}};

/* The index of the one whose ending the name has, or how many there are. */
static size_t compressor_of(const char *name)
{
	const size_t n = strlen(name);
	size_t i;

	for (i = 0; i < ARRAY_LEN(compressors); i++) {
		const size_t end = strlen(compressors[i][0]);

		if (n > end && strcmp(name + n - end, compressors[i][0]) == 0)
			break;
	}
	return i;
}

/* A regular file, and no other: some are read for ever, and to open some does something. Returns a
 * descriptor or negative errno. */
static int open_regular(const char *name, struct stat *ret)
{
	int fd;

	if (stat(name, ret) < 0)
		return -errno;
	if (!S_ISREG(ret->st_mode))
		return -ESPIPE;
	fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, ret) == 0 && S_ISREG(ret->st_mode))
		return fd;
	(void)close(fd);
	return -ESPIPE;
}

/* The same of an archive, which may have got an ending meanwhile; *name is a buffer with room for
 * it. */
static int open_archive(char *name, struct stat *ret)
{
	const size_t n = strlen(name);
	int fd = open_regular(name, ret);

	if (compressor_of(name) < ARRAY_LEN(compressors))
		return fd;
	for (size_t i = 0; i < ARRAY_LEN(compressors) && fd == -ENOENT; i++) {
		memcpy(name + n, compressors[i][0], strlen(compressors[i][0]) + 1);
		fd = open_regular(name, ret);
	}
	if (fd == -ENOENT)
		name[n] = '\0';
	return fd;
}

/* ---- finding */

/* What is looked for: FILE, as it was opened, and how far it was written when suplog answered; both
 * may have become archives since. */
struct search {
	struct log_files *files;
	const struct stat *current; /* NULL: it could not be opened */
	uint64_t inode;		    /* 0: all is wanted */
	uint64_t size;
	bool over;	   /* the archives that follow are newer */
	bool has_answered; /* the part that suplog wrote is there */
};

static int64_t changed_us(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

/* Takes fd, -1: it is opened when it is read. */
static int add_part(struct log_files *files, const char *name, int fd, const struct stat *st)
{
	struct log_part *part = reallocarray(files->parts, files->n_parts + 1, sizeof(*part));
	char *copy = part ? strdup(name) : NULL;

	if (part)
		files->parts = part;
	if (!copy) {
		if (fd >= 0)
			(void)close(fd);
		return -ENOMEM;
	}
	part[files->n_parts++] =
		(struct log_part){.name = copy, .fd = fd, .size = UINT64_MAX, .us = changed_us(st)};
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

/* Behind the time stands nothing, or what compression adds. */
static bool is_archive(const char *suffix)
{
	const char *rest = suffix + sizeof(".20261124T133935.123456") - 1;

	for (size_t i = 0; *rest && i < ARRAY_LEN(compressors); i++)
		if (strcmp(rest, compressors[i][0]) == 0)
			return true;
	return *rest == '\0';
}

/* While it is being compressed an archive has two names, and the second one is not whole yet. */
static bool is_twin(const struct log_files *files, const char *name)
{
	const char *last = files->n_parts > 0 ? files->parts[files->n_parts - 1].name : NULL;
	const size_t n = last ? strlen(last) : 0;

	return last && strncmp(last, name, n) == 0 && name[n] == '.';
}

/* A part is only read as far as it was written when suplog answered. */
static void limit_last(struct search *search, const struct stat *st)
{
	if (search->inode == 0 || st->st_ino != search->inode)
		return;
	search->files->parts[search->files->n_parts - 1].size = search->size;
	search->has_answered = true;
}

static int add_archive(struct search *search, const char *name)
{
	const struct stat *current = search->current;
	struct stat st;
	int error;

	if (is_twin(search->files, name))
		return 0;
	if (stat(name, &st) < 0)
		st = (struct stat){.st_mtim = {.tv_sec = INT32_MAX}}; /* it is looked for again */
	search->over = current && st.st_ino == current->st_ino && st.st_dev == current->st_dev;
	if (search->over)
		return 0;
	error = add_part(search->files, name, -1, &st);
	if (error == 0)
		limit_last(search, &st);
	search->over = search->has_answered;
	return error;
}

static int add_archives(struct search *search, const char *path)
{
	char *pattern = quoted(path);
	glob_t found = {0};
	int error = pattern ? 0 : -ENOMEM;

	if (!error && glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !error && !search->over; i++)
			if (is_archive(found.gl_pathv[i] + strlen(path)))
				error = add_archive(search, found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
	return error;
}

int log_files_open(struct log_files *files, const char *path, uint64_t inode, uint64_t size)
{
	struct stat st;
	int fd = open_regular(path, &st);
	const bool there = fd != -ENOENT && fd != -ENOTDIR;
	struct search search = {
		.files = files, .current = fd >= 0 ? &st : NULL, .inode = inode, .size = size};
	int error = add_archives(&search, path);

	if (fd < 0)
		st = (struct stat){
			.st_mtim = {.tv_sec = INT32_MAX}}; /* why, is said when it is read */
	if (!error && there && !search.has_answered) {
		error = add_part(files, path, fd, &st);
		if (error == 0)
			limit_last(&search, &st);
	} else if (fd >= 0) {
		(void)close(fd);
	}
	return !error && files->n_parts == 0 ? -ENOENT : error;
}

/* ---- opening */

/* The output of a decompressor, which reads fd. */
static FILE *open_through(int fd, const char *program, pid_t *ret_reader)
{
	char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "-dc", NULL};
	posix_spawn_file_actions_t actions;
	FILE *file = NULL;
	int ends[2];
	int error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	error = posix_spawn_file_actions_init(&actions);
	if (!error) {
		error = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
		if (!error)
			error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (!error)
			error = posix_spawnp(ret_reader, program, &actions, NULL, argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	(void)close(ends[1]);
	if (error) {
		*ret_reader = 0;
		errno = error;
	} else {
		file = fdopen(ends[0], "r");
	}
	if (!file)
		(void)close(ends[0]);
	return file;
}

/* A descriptor of the part's beginning, or negative errno; name: room for the ending of an archive.
 */
static int open_part(struct log_part *part, char *name)
{
	struct stat st;
	int fd;

	if (part->fd < 0) {
		fd = open_archive(name, &st);
		if (fd >= 0)
			part->us = changed_us(&st);
		return fd;
	}
	fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd < 0 ? -errno : fd;
}

FILE *log_part_open(struct log_part *part, pid_t *ret_reader)
{
	char name[PATH_MAX + 8];
	FILE *file;
	size_t compressor;
	int fd;
	int error;

	if (strlen(part->name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(name, part->name, strlen(part->name) + 1);
	fd = open_part(part, name);
	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	compressor = part->fd >= 0 ? ARRAY_LEN(compressors) : compressor_of(name);
	if (compressor == ARRAY_LEN(compressors)) {
		file = fdopen(fd, "r");
		if (file)
			return file;
	} else {
		file = open_through(fd, compressors[compressor][1], ret_reader);
	}
	error = errno;
	(void)close(fd);
	errno = error;
	return file;
}
