/* suplog_file.c - files that lines go to: opened, watched for removal, rotated, cut back.
 *
 * Whatever goes wrong with a file, the services go on: what it does not take is dropped and counted
 * until it can be written again, which is tried a few times a second while there are lines. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/suplog.h"

enum { RETRY_MS = 250, CHECK_MS = 1000, ROOM_LEAST = 4096 };

struct file *file_get(struct suplog *s, const char *path)
{
	unsigned before = HASH_COUNT(s->files);
	struct file *file;

	HASH_FIND_STR(s->files, path, file);
	if (file) {
		file->refs++;
		return file;
	}
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->refs = 1;
	file->fd = -1;
	file->path = strdup(path);
	if (file->path)
		HASH_ADD_KEYPTR(hh, s->files, file->path, strlen(file->path), file);
	if (HASH_COUNT(s->files) == before) {
		free(file->path);
		free(file);
		return NULL;
	}
	return file;
}

void file_put(struct suplog *s, struct file *file)
{
	if (--file->refs > 0)
		return;
	if (s->out.file == file)
		out_flush(s);
	s->out.file = NULL;
	file_close(file);
	HASH_DEL(s->files, file);
	archives_free(&file->archives);
	free(file->path);
	free(file);
}

void file_close(struct file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
}

void files_reopen(struct suplog *s)
{
	struct file *file = NULL;
	struct file *next = NULL;

	HASH_ITER(hh, s->files, file, next)
	{
		file_close(file);
		file->retry_ms = 0;
		file->scanned = false;
	}
}

void file_failed(struct suplog *s, struct file *file, int error)
{
	if (file->error != error)
		say("%s: %s; its lines are dropped", file->path,
			error == EINVAL ? "it is not a regular file" : strerror(error));
	file->error = error;
	file->retry_ms = s->now_ms + RETRY_MS;
}

/* ---- opening */

static int open_path(const struct file *file, bool *ret_made)
{
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(file->path, flags | O_CREAT | O_EXCL, (mode_t)file->settings.mode);

	*ret_made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(file->path, flags);
	return fd < 0 ? -errno : fd;
}

/* Gives a new file its owner and its mode, which the umask has no say in. */
static void own(const struct file *file, int fd)
{
	const struct log_settings *settings = &file->settings;

	if ((settings->uid != LOG_NO_ID || settings->gid != LOG_NO_ID) &&
		fchown(fd, settings->uid, settings->gid) < 0)
		say("%s: it cannot be given to its owner: %s", file->path, strerror(errno));
	if (fchmod(fd, (mode_t)settings->mode) < 0)
		say("%s: it cannot be given its mode: %s", file->path, strerror(errno));
}

/* When the file was begun: as far as the file system knows. */
static int64_t born_us(const struct suplog *s, int fd)
{
	struct statx stat;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &stat) < 0 ||
		(stat.stx_mask & STATX_BTIME) == 0)
		return s->now_us;
	return stat.stx_btime.tv_sec * 1000000 + stat.stx_btime.tv_nsec / 1000;
}

static int file_open(struct suplog *s, struct file *file)
{
	struct stat stat;
	bool made;
	int fd = open_path(file, &made);

	if (fd < 0)
		return fd;
	if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode)) {
		(void)close(fd);
		return -EINVAL;
	}
	if (made)
		own(file, fd);
	file->fd = fd;
	file->device = stat.st_dev;
	file->inode = stat.st_ino;
	file->size = (uint64_t)stat.st_size;
	file->born_us = made ? s->now_us : born_us(s, fd);
	file->checked_ms = s->now_ms;
	if (!file->scanned)
		file_scan(s, file);
	suplog_step(s);
	return 0;
}

/* Somebody may have removed or renamed the file, or cut it. */
static void file_check(struct suplog *s, struct file *file)
{
	struct stat stat;

	if (s->now_ms - file->checked_ms < CHECK_MS)
		return;
	file->checked_ms = s->now_ms;
	if (lstat(file->path, &stat) < 0 ||
		(!S_ISLNK(stat.st_mode) &&
			(stat.st_dev != file->device || stat.st_ino != file->inode)))
		file_close(file);
	else if (fstat(file->fd, &stat) == 0)
		file->size = (uint64_t)stat.st_size;
}

void file_look(struct file *file)
{
	struct stat now;

	if (file->fd >= 0 || stat(file->path, &now) < 0)
		return;
	file->device = now.st_dev;
	file->inode = now.st_ino;
	file->size = (uint64_t)now.st_size;
}

/* ---- rotation */

static uint64_t planned_size(const struct file *file)
{
	return file->size + file->planned;
}

static bool is_due(const struct suplog *s, const struct file *file)
{
	const struct log_settings *settings = &file->settings;

	if (file->size == 0)
		return false;
	return (settings->max_size > 0 && planned_size(file) > settings->max_size) ||
	       (settings->max_age_ms > 0 &&
		       s->now_us - file->born_us >= settings->max_age_ms * 1000);
}

uint64_t file_left(const struct file *file)
{
	uint64_t most = file->settings.max_size;

	return planned_size(file) < most ? most - planned_size(file) : 0;
}

size_t file_room(const struct file *file, size_t wanted)
{
	uint64_t most = file->settings.max_size;
	uint64_t room;

	if (most == 0)
		return wanted;
	room = file_left(file);
	if (room < ROOM_LEAST) {
		if (file->planned > 0)
			return 0;
		/* It will be rotated. */
		room = most;
		if (room < ROOM_LEAST)
			room = ROOM_LEAST;
	}
	return room < wanted ? (size_t)room : wanted;
}

/* ---- a batch */

static int begin(struct suplog *s, struct file *file)
{
	struct journal_file entry;
	int rc = 0;

	if (file->fd >= 0)
		file_check(s, file);
	if (file->fd < 0)
		rc = file_open(s, file);
	if (rc == 0 && is_due(s, file)) {
		file_close(file);
		rc = file_rotate(s, file);
		/* A file that cannot be renamed grows. */
		if (rc < 0)
			say("%s: it cannot be rotated: %s", file->path, strerror(-rc));
		rc = file_open(s, file);
	}
	if (rc < 0)
		return rc;
	entry = (struct journal_file){
		.device = file->device, .inode = file->inode, .offset = file->size};
	for (uint32_t i = 0; i < s->journal->pieces_n; i++) {
		entry.slot = s->journal->pieces[i].slot;
		if (s->streams[entry.slot] && s->streams[entry.slot]->file == file)
			break;
	}
	journal_written(s->journal, &entry);
	suplog_step(s);
	return 0;
}

bool file_begin(struct suplog *s, struct file *file)
{
	int rc;

	if (file->error != 0 && s->now_ms < file->retry_ms)
		return false;
	if (file->in_batch && file->fd >= 0)
		return true;
	rc = begin(s, file);
	if (rc < 0) {
		file_failed(s, file, -rc);
		return false;
	}
	if (file->lost_lines == 0)
		file->error = 0;
	file->in_batch = true;
	return true;
}

void file_cut(struct suplog *s, const struct journal_file *entry)
{
	struct stream *stream = entry->slot < s->journal->slots_n ? s->streams[entry->slot] : NULL;
	struct stat stat;
	int fd;

	if (!stream || !stream->file)
		return;
	fd = open(stream->file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_dev == entry->device &&
		stat.st_ino == entry->inode && (uint64_t)stat.st_size > entry->offset &&
		ftruncate(fd, (off_t)entry->offset) < 0)
		say("%s: it cannot be cut back: %s", stream->file->path, strerror(errno));
	(void)close(fd);
	suplog_step(s);
}
