/* supctl_log_files.h - a log file and its archives, read as one, forwards from any line. */
#ifndef CMD_SUPCTL_LOG_FILES_H
#define CMD_SUPCTL_LOG_FILES_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "cmd/supctl_log_line.h"

/* One of the files, oldest first. */
struct log_part {
	char *name;    /* malloc */
	int fd;	       /* owned: of FILE, whose name another one may have soon; -1: not open yet */
	uint64_t size; /* how far it is read; UINT64_MAX: to its end */
	int64_t us;    /* when it was changed last */
};

/* What is wanted of the lines. */
struct log_wish {
	int64_t since_us;	  /* INT64_MIN: all */
	int64_t until_us;	  /* 0: all; of lines that have a time */
	const char *stream;	  /* NULL: either */
	const char *const *paths; /* themselves, and what is below them; none: all */
	size_t n_paths;
};

struct log_files {
	struct log_form form;
	const struct log_wish *wish;
	struct log_part *parts;
	size_t n_parts;
	size_t part;  /* the one being read */
	FILE *file;   /* NULL: the next one is to be opened */
	pid_t reader; /* gzip or zstd; 0: none */
	bool failed;  /* something that is there cannot be read, and that was said */
	uint64_t at;
	char *buf; /* getline's */
	size_t buf_size;
};

bool log_wish_meets(const struct log_wish *wish, const struct log_line *line);

/* Finds the parts. inode, size: of the file, as far as lines are wanted; inode 0: all of it.
 * Returns 0 or negative errno: -ENOENT when there is nothing. */
int log_files_open(struct log_files *files, const char *path, uint64_t inode, uint64_t size);
/* The beginning of a part, *ret_reader decompresses it, if need be. Returns NULL with errno: ESPIPE
 * for what is no regular file. */
FILE *log_part_open(struct log_part *part, pid_t *ret_reader);

void log_files_close(struct log_files *files);

/* The next line that meets the wish (malloc), or NULL. */
struct log_line *log_files_next(struct log_files *files);

/* Goes to where about the last n lines that meet the wish begin; not before them. */
void log_files_tail(struct log_files *files, size_t n);

#endif
