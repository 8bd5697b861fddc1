/* programs.c - are the commands and directories of a specification there? */
#include "config/programs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

/* Equal records are stored once in a specification, so two offsets say all. */
struct program {
	UT_hash_handle hh;
	struct program *before; /* all of them, the last first */
	struct {
		uint32_t word;	   /* argv[0] */
		uint32_t settings; /* its PATH and directory stand there */
	} key;
};

struct programs {
	struct program *table;
	struct program *last;
};

/* Remembers a program. Returns false when it is known already. */
static bool remember(struct programs *programs, uint32_t word, uint32_t settings)
{
	const struct program like = {.key = {word, settings}};
	struct program *program;

	HASH_FIND(hh, programs->table, &like.key, sizeof(like.key), program);
	if (program != NULL)
		return false;
	program = calloc(1, sizeof(*program));
	if (program == NULL)
		return true;
	program->key = like.key;
	HASH_ADD(hh, programs->table, key, sizeof(program->key), program);
	program->before = programs->last;
	programs->last = program;
	return true;
}

/* Is dir/name a file that may be executed? */
static bool executable(const char *dir, size_t length, const char *name)
{
	struct stat st;
	char *path;
	bool good;

	if (asprintf(&path, "%.*s%s%s", (int)length, dir, length > 0 ? "/" : "", name) < 0)
		return true;
	good = stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
	free(path);
	return good;
}

static const char *path_variable(const struct spec *spec, const struct proc_spec *proc)
{
	const struct spec_list *list =
		proc->environment != SPEC_NONE ? spec_list(spec, proc->environment) : NULL;

	for (uint32_t i = 0; list != NULL && i < list->n; i++) {
		if (strncmp(spec_str(spec, list->item[i]), "PATH=", 5) == 0)
			return spec_str(spec, list->item[i]) + 5;
	}
	return "/bin:/usr/bin";
}

static bool in_path(const char *path, const char *program)
{
	for (;; path++) {
		const size_t length = strcspn(path, ":");
		if (executable(path, length, program))
			return true;
		path += length;
		if (*path == '\0')
			return false;
	}
}

static void look_for(const struct spec *spec, uint32_t i, struct findings *f)
{
	const struct spec_node *node = spec_node(spec, i);
	const struct proc_spec *proc = spec_proc(spec, i);
	const char *program = spec_str(spec, spec_list(spec, node->argv)->item[0]);
	const char *directory = proc->directory != SPEC_NONE ? spec_str(spec, proc->directory) : "";
	const struct place place = {spec_str(spec, node->file), node->line};

	if (strchr(program, '/') == NULL) {
		if (!in_path(path_variable(spec, proc), program))
			findings_warning(f, place, "command-not-found",
				"'%s' is in no directory of PATH: install it, or write its full "
				"path",
				program);
		return;
	}
	if (!executable(directory, *program == '/' ? 0 : strlen(directory), program))
		findings_warning(f, place, "command-not-found",
			"'%s' is not there, or cannot be executed: check the path and its "
			"permissions",
			program);
}

/* Whoever may not look says nothing: supd may be somebody else. */
static void look_for_directory(const struct spec *spec, uint32_t i, struct findings *f)
{
	const struct spec_node *node = spec_node(spec, i);
	const char *directory = spec_str(spec, spec_proc(spec, i)->directory);
	const struct place place = {spec_str(spec, node->file), node->line};
	struct stat st;

	if (stat(directory, &st) == 0 ? S_ISDIR(st.st_mode) : errno != ENOENT && errno != ENOTDIR)
		return;
	findings_warning(f, place, "directory-not-found",
		"the directory '%s' of '%s' is not there, so it would not start: make it, or check "
		"the path",
		directory, spec_str(spec, node->name));
}

/* Who has another root finds its files there. */
static bool has_root(const struct spec *spec, const struct spec_node *node)
{
	const struct proc_spec *proc =
		(const struct proc_spec *)(const void *)((const char *)spec + node->proc);

	return proc->sandbox != SPEC_NONE && spec_sandbox(spec, proc->sandbox)->root != SPEC_NONE;
}

/* A template may leave its program to each instance. */
static bool is_known(const struct spec *spec, const struct spec_node *node)
{
	const struct spec_list *argv = spec_list(spec, node->argv);

	if (spec_node(spec, node->parent)->kind != KIND_DYNAMIC)
		return true;
	return argv->n > 0 && strchr(spec_str(spec, argv->item[0]), '%') == NULL;
}

void config_find_programs(const struct spec *spec, struct findings *f)
{
	struct programs programs = {0};

	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *node = spec_node(spec, i);
		uint32_t directory;

		if (node->kind != KIND_PROCESS || node->repeat || has_root(spec, node))
			continue;
		directory = spec_proc(spec, i)->directory;
		if (directory != SPEC_NONE && remember(&programs, directory, SPEC_NONE))
			look_for_directory(spec, i, f);
		if (!is_known(spec, node))
			continue;
		if (remember(&programs, spec_list(spec, node->argv)->item[0], node->proc))
			look_for(spec, i, f);
	}
	HASH_CLEAR(hh, programs.table);
	while (programs.last != NULL) {
		struct program *program = programs.last;
		programs.last = program->before;
		free(program);
	}
}
