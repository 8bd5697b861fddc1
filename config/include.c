/* include.c - the files of a configuration: reading them, and include("PATTERN"). */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/reader.h"
#include "config/source_internal.h"

enum { FILE_SIZE_MAX = 64 * 1024 * 1024 };
static const char RULE[] = "include";

/* Reads all of fd into malloc memory. Returns its size or negative errno. */
static ssize_t read_all(int fd, char **ret_text)
{
	size_t capacity = 65536;
	size_t size = 0;
	char *text = malloc(capacity);
	ssize_t result = text == NULL ? -ENOMEM : 1;

	while (result > 0) {
		if (size == capacity) {
			char *grown = realloc(text, capacity * 2);
			if (grown == NULL) {
				result = -ENOMEM;
				break;
			}
			text = grown;
			capacity *= 2;
		}
		ssize_t n = read(fd, text + size, capacity - size);
		if (n >= 0) {
			size += (size_t)n;
			result = size > FILE_SIZE_MAX ? -EFBIG : n;
		} else if (errno != EINTR) {
			result = -errno;
		}
	}
	if (result < 0) {
		free(text);
		return result;
	}
	*ret_text = text;
	return (ssize_t)size;
}

/* Is this very file being read further out? */
static bool is_cycle(const struct load *l, const struct stat *st)
{
	for (uint32_t i = 0; i + 1 < l->depth; i++) {
		if (l->includes[i].device == st->st_dev && l->includes[i].inode == st->st_ino)
			return true;
	}
	return false;
}

/* Opens path as the file being read. at: the include statement, or the file itself. */
static bool open_file(struct load *l, struct include *include, const char *path, struct place at)
{
	struct findings *f = l->r->findings;
	const char *text;
	struct stat st;
	char *bytes = NULL;
	ssize_t size;

	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		findings_error(f, at, RULE, "cannot read %s: %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	if (is_cycle(l, &st)) {
		findings_error(f, at, RULE, "%s includes itself, directly or through others", path);
		(void)close(fd);
		return false;
	}
	size = read_all(fd, &bytes);
	(void)close(fd);
	if (size < 0) {
		findings_error(f, at, RULE, "cannot read %s: %s", path, strerror((int)-size));
		return false;
	}
	text = arena_text(&l->r->arena, bytes, (size_t)size);
	free(bytes);
	if (l->r->arena.failed)
		return false;
	if (memchr(text, '\0', (size_t)size) != NULL) {
		findings_error(f, at, RULE, "%s is not a text: it holds NUL bytes", path);
		return false;
	}
	include->device = st.st_dev;
	include->inode = st.st_ino;
	include->scanner = (struct scanner){
		.file = path, .at = text, .end = text + size, .line = 1, .findings = f};
	return true;
}

bool load_next_file(struct load *l)
{
	struct include *include = &l->includes[l->depth - 1];
	struct place at = {include->paths[0], 1};

	if (l->depth > 1) {
		const struct scanner *outer = &l->includes[l->depth - 2].scanner;
		at = (struct place){outer->file, outer->line};
	}
	while (include->next < include->n) {
		const char *path = include->paths[include->next++];
		if (++l->files > FILES_MAX) {
			findings_error(l->r->findings, at, RULE, "more than %d files", FILES_MAX);
			include->next = include->n;
			return false;
		}
		if (open_file(l, include, path, at))
			return true;
		load_damaged(l);
	}
	return false;
}

/* Where path is, seen from the file that names it; with escape, the directory's own wildcards are
 * no wildcards. */
static const char *beside(struct load *l, const char *file, const char *path, bool escape)
{
	const char *slash = strrchr(file, '/');
	const size_t length = slash != NULL ? (size_t)(slash - file) + 1 : 0;
	char *joined;
	size_t n = 0;

	if (*path == '/' || length == 0)
		return path;
	joined = arena_alloc(&l->r->arena, 2 * length + strlen(path) + 1);
	if (joined == NULL)
		return path;
	for (size_t i = 0; i < length; i++) {
		if (escape && strchr("*?[\\", file[i]) != NULL)
			joined[n++] = '\\';
		joined[n++] = file[i];
	}
	(void)stpcpy(joined + n, path);
	return joined;
}

/* The files that pattern names, sorted. */
static struct strs find_files(struct load *l, const char *pattern, struct place at)
{
	const char *from = load_scanner(l)->file;
	struct strs paths = {0};
	glob_t found;
	int result;

	if (strpbrk(pattern, "*?[") == NULL) {
		(void)strs_add(&l->r->arena, &paths, beside(l, from, pattern, false));
		return paths;
	}
	result = glob(beside(l, from, pattern, true), 0, NULL, &found);
	if (result == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			(void)strs_add(
				&l->r->arena, &paths, arena_str(&l->r->arena, found.gl_pathv[i]));
	} else if (result != GLOB_NOMATCH) {
		findings_error(l->r->findings, at, RULE, "cannot look for %s", pattern);
	}
	if (result == 0 || result == GLOB_NOMATCH)
		globfree(&found);
	return paths;
}

void load_include(struct load *l, const struct token *word)
{
	struct scanner *s = load_scanner(l);
	struct place at = {s->file, word->line};
	struct token open = scan_next(s);
	struct token name = scan_peek(s);
	struct strs paths;

	if (token_is(&open, '(') && (name.kind == TOK_STRING || name.kind == TOK_WORD)) {
		name = scan_next(s);
		struct token close = scan_peek(s);
		if (token_is(&close, ')')) {
			(void)scan_next(s);
		} else {
			name.kind = TOK_BAD;
		}
	} else {
		name.kind = TOK_BAD;
	}
	if (name.kind == TOK_BAD) {
		findings_error(l->r->findings, at, "syntax",
			"an include is written include(\"FILE or PATTERN\")");
		load_damaged(l);
		load_skip_arguments(l, word->line);
		return;
	}
	if (l->depth == INCLUDE_DEPTH_MAX) {
		findings_error(l->r->findings, at, RULE, "includes are nested deeper than %d",
			INCLUDE_DEPTH_MAX);
		load_damaged(l);
		return;
	}
	paths = find_files(l, reader_string(l->r, &name), at);
	if (paths.n == 0)
		return;
	l->includes[l->depth++] =
		(struct include){.paths = paths.item, .n = paths.n, .blocks = l->open};
	if (!load_next_file(l))
		l->depth--;
}
