/* suplog_archive.c - rotated files: renamed, counted, removed, compressed by another program.
 *
 * A rotation is one rename. It happens between batches, so that a kill finds the file under the one
 * name or the other, and nothing of it half-written. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/suplog.h"

enum { NAME_TRIES = 1000 };

/* An archive to compress. */
struct job {
	struct job *next;
	enum log_compress compress;
	char path[];
};

/* "FILE.STAMP" and what follows, into buf of PATH_MAX. False: it is too long. */
static bool archive_path(
	const struct file *file, uint64_t stamp_us, enum log_compress compress, char *buf)
{
	char suffix[ARCHIVE_SUFFIX_MAX];
	int n = snprintf(
		buf, PATH_MAX, "%s%s", file->path, archive_suffix(stamp_us, compress, suffix));

	return n > 0 && n < PATH_MAX;
}

/* ---- compression */

/* The child: a program from PATH, alone with its file, at the lowest priority. */
static _Noreturn void compress(const char *path, enum log_compress how)
{
	const char *const gzip[] = {"gzip", "-f", "-q", "--", path, NULL};
	const char *const zstd[] = {"zstd", "-f", "-q", "--rm", "--", path, NULL};
	const char *const *argv = how == LOG_COMPRESS_GZIP ? gzip : zstd;
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpriority(PRIO_PROCESS, 0, 19);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(126);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void job_next(struct suplog *s);

static void job_ended(struct suplog *s, struct watch *watch, uint32_t events)
{
	struct job *job = s->jobs;
	int status = 0;

	(void)events;
	if (waitpid(s->compressor_pid, &status, WNOHANG) == 0)
		return;
	watch_close(s, watch);
	if (status != 0)
		say("%s: %s left it uncompressed (%s %d)", job->path,
			log_compress_name(job->compress),
			WIFSIGNALED(status) ? "signal" : "exit status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	s->compressor_pid = 0;
	s->jobs = job->next;
	if (!s->jobs)
		s->jobs_end = &s->jobs;
	free(job);
	job_next(s);
}

/* Starts the next, one at once. */
static void job_next(struct suplog *s)
{
	while (s->jobs) {
		struct job *job = s->jobs;

		/* It may have been removed meanwhile. */
		if (access(job->path, F_OK) == 0) {
			s->compressor_pid = fork();
			if (s->compressor_pid == 0)
				compress(job->path, job->compress);
			s->compressor = (struct watch){.ready = job_ended, .fd = -1};
			if (s->compressor_pid > 0)
				s->compressor.fd =
					(int)syscall(SYS_pidfd_open, s->compressor_pid, 0);
			if (watch_set(s, &s->compressor, EPOLLIN) == 0 && s->compressor.fd >= 0)
				return;
			if (s->compressor_pid > 0)
				(void)waitpid(s->compressor_pid, NULL, 0);
			s->compressor_pid = 0;
		}
		s->jobs = job->next;
		free(job);
	}
	s->jobs_end = &s->jobs;
}

static void job_add(struct suplog *s, const struct file *file, uint64_t stamp_us)
{
	char path[PATH_MAX];
	struct job *job;

	if (file->settings.compress == LOG_COMPRESS_NONE || !s->may_exec ||
		!archive_path(file, stamp_us, LOG_COMPRESS_NONE, path))
		return;
	job = malloc(sizeof(*job) + strlen(path) + 1);
	if (!job)
		return; /* it stays as it is */
	job->next = NULL;
	job->compress = (enum log_compress)file->settings.compress;
	memcpy(job->path, path, strlen(path) + 1);
	*s->jobs_end = job;
	s->jobs_end = &job->next;
	if (s->compressor_pid == 0)
		job_next(s);
}

void jobs_free(struct suplog *s)
{
	while (s->jobs) {
		struct job *job = s->jobs;

		s->jobs = job->next;
		free(job);
	}
}

/* ---- which there are */

/* Removes what is more than max_files. */
static void prune(struct file *file)
{
	uint64_t stamp_us;

	while (archives_excess(&file->archives, file->settings.max_files, &stamp_us)) {
		for (unsigned i = 0; i < LOG_COMPRESS_COUNT; i++) {
			char path[PATH_MAX];

			if (archive_path(file, stamp_us, (enum log_compress)i, path))
				(void)unlink(path);
		}
	}
}

void file_scan(struct suplog *s, struct file *file)
{
	char dir_path[PATH_MAX];
	char base_path[PATH_MAX];
	const char *base;
	struct dirent *entry;
	size_t base_n;
	DIR *dir;

	archives_free(&file->archives);
	if (strlen(file->path) >= sizeof(dir_path))
		return;
	memcpy(dir_path, file->path, strlen(file->path) + 1);
	memcpy(base_path, file->path, strlen(file->path) + 1);
	base = basename(base_path);
	base_n = strlen(base);
	dir = opendir(dirname(dir_path));
	if (!dir)
		return; /* a directory may be searched and not be read: then nothing is removed */
	file->scanned = true;
	while ((entry = readdir(dir))) {
		enum log_compress how;
		uint64_t stamp_us;

		if (strncmp(entry->d_name, base, base_n) != 0 ||
			!archive_parse(entry->d_name + base_n, &stamp_us, &how) ||
			archives_add(&file->archives, stamp_us) < 0)
			continue;
		if (how == LOG_COMPRESS_NONE)
			job_add(s, file, stamp_us);
	}
	(void)closedir(dir);
	prune(file);
}

/* Counts for each child that writes to it now, once. */
static void count_rotation(struct suplog *s, const struct file *file)
{
	for (uint32_t i = 0; i < s->journal->pieces_n; i++) {
		uint32_t slot = s->journal->pieces[i].slot;
		const struct stream *stream = s->streams[slot];

		if (!stream || stream->file != file || stream->child->rotated == s->journal->batch)
			continue;
		stream->child->rotated = s->journal->batch;
		journal_slot(s->journal, slot)->rotations++;
	}
}

int file_rotate(struct suplog *s, struct file *file)
{
	uint64_t stamp_us = (uint64_t)s->now_us;
	uint64_t newest = archives_newest(&file->archives);
	char path[PATH_MAX];

	/* The order of names is the order of time, whatever the clock does. */
	if (stamp_us <= newest)
		stamp_us = newest + 1;
	for (int tries = 0; tries < NAME_TRIES; tries++, stamp_us++) {
		if (!archive_path(file, stamp_us, LOG_COMPRESS_NONE, path))
			return -ENAMETOOLONG;
		if (renameat2(AT_FDCWD, file->path, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
			break;
		if (errno == EEXIST)
			continue;
		if (errno != EINVAL || rename(file->path, path) < 0)
			return -errno;
		break;
	}
	suplog_step(s);
	count_rotation(s, file);
	(void)archives_add(&file->archives, stamp_us);
	prune(file);
	job_add(s, file, stamp_us);
	suplog_step(s);
	return 0;
}
