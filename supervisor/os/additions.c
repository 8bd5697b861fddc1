/* additions.c - see additions.h. */
#include "supervisor/os/additions.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/specifiers.h"
#include "supervisor/os/child_reader.h"
#include "supervisor/os/listen.h"
#include "supervisor/os/reap.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"

enum { PATH_SIZE = 2112, WORDS_MAX = 4096, WORDS_BYTES_MAX = 1024 * 1024 };

void addition_close_stdio(struct addition_data *data)
{
	for (int i = 0; i < 3; i++) {
		if (data->stdio[i] >= 0)
			(void)close(data->stdio[i]);
		data->stdio[i] = -1;
	}
}

void addition_free(struct addition_data *data)
{
	if (!data)
		return;
	addition_close_stdio(data);
	listeners_close(data->listeners);
	if (data->block)
		(void)munmap(data->block, data->block_size);
	free(data->name);
	free(data->argv);
	free(data);
}

/* The descriptors of the request belong to the result, also when there is none. */
static struct addition_data *addition_new(const struct addition_request *request, const char *name)
{
	struct addition_data *data = calloc(1, sizeof(*data));

	if (!data) {
		for (int i = 0; i < 3; i++)
			if (request->stdio[i] >= 0)
				(void)close(request->stdio[i]);
		return NULL;
	}
	memcpy(data->stdio, request->stdio, sizeof(data->stdio));
	data->name = strdup(name);
	if (data->name)
		return data;
	addition_free(data);
	return NULL;
}

/* A name as the configuration would take it. */
static bool is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > SPEC_NAME_MAX || name[0] == '-')
		return false;
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (*p == '/' || *p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

/* ---- the command of an instance */

struct command_line {
	const struct spec *spec;
	const struct spec_list *template; /* words with specifiers; NULL: none of them */
	const char *const *words;
	struct specifiers specifiers;
};

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* Lays the words behind one another at `at` (NULL: only measures). Returns the bytes, or -EINVAL.
 */
static int64_t lay_words(const struct command_line *line, char **argv, char *at, size_t size)
{
	size_t used = 0;
	size_t n = 0;

	for (uint32_t i = 0; line->template && i < line->template->n; i++) {
		int64_t len = specifiers_expand(spec_str(line->spec, line->template->item[i]),
			&line->specifiers, at ? at + used : NULL, at ? size - used : 0, NULL);

		if (len < 0)
			return len;
		if (argv)
			argv[n++] = at + used;
		used += (size_t)len + 1;
	}
	for (size_t i = 0; line->words && line->words[i]; i++) {
		size_t len = strlen(line->words[i]) + 1;

		if (at) {
			memcpy(at + used, line->words[i], len);
			argv[n++] = at + used;
		}
		used += len;
	}
	if (argv)
		argv[n] = NULL;
	return (int64_t)used;
}

/* One block: the pointers, then the words. Returns NULL with errno. */
static char **make_argv(const struct command_line *line)
{
	size_t n = count_words(line->words) + (line->template ? line->template->n : 0);
	size_t pointers = (n + 1) * sizeof(char *);
	int64_t bytes = lay_words(line, NULL, NULL, 0);
	char **argv;

	if (n == 0 || n > WORDS_MAX || bytes < 0 || bytes > WORDS_BYTES_MAX) {
		errno = EINVAL;
		return NULL;
	}
	argv = malloc(pointers + (size_t)bytes);
	if (argv)
		(void)lay_words(line, argv, (char *)argv + pointers, (size_t)bytes);
	return argv;
}

/* "job-17", for whoever does not care for the name. */
static void make_name(
	struct shell *shell, const char *template, char name[static SPEC_NAME_MAX + 1])
{
	(void)snprintf(name, SPEC_NAME_MAX + 1, "%.40s-%llu", template,
		(unsigned long long)++shell->additions);
}

static int child_path(
	const struct shell *shell, uint32_t sup, const char *name, char buf[static PATH_SIZE])
{
	int len = engine_path(shell->engine, sup, buf, PATH_SIZE);

	if (len < 0)
		return len;
	if (sup == SPEC_ROOT)
		len = 0;
	else
		buf[len++] = '/';
	if ((size_t)len + strlen(name) + 1 > PATH_SIZE)
		return -ENAMETOOLONG;
	memcpy(buf + len, name, strlen(name) + 1);
	return 0;
}

static void feed_add(struct shell *shell, uint32_t sup, const struct addition *add, uint64_t token)
{
	shell_feed(
		shell, &(struct event){.kind = EV_COMMAND, .command = {CMD_ADD, sup, token, *add}});
}

static int add_instance(struct shell *shell, const struct addition_request *request,
	const struct view *sup, struct addition_data *data, uint64_t token)
{
	uint32_t node = spec_node(sup->spec, sup->node)->first_child;
	char path[PATH_SIZE];
	struct command_line line = {.spec = sup->spec,
		.words = request->words,
		.template = request->task ? NULL
					  : spec_list(sup->spec, spec_node(sup->spec, node)->argv),
		.specifiers = {.name = data->name, .path = path}};
	struct addition add = {.spec = sup->spec,
		.node = node,
		.name = data->name,
		.extra = data,
		.task = request->task};
	int error = child_path(shell, request->sup, data->name, path);

	if (error < 0)
		return error;
	data->argv = make_argv(&line);
	if (!data->argv)
		return -errno;
	feed_add(shell, request->sup, &add, token);
	return 0;
}

/* ---- a child with a specification of its own */

struct pending_reader {
	struct helper helper;
	struct shell *shell;
	struct child_reader reader;
	struct addition_data *data; /* NULL: this place is free */
	uint64_t token;
	uint32_t sup;
	uint32_t generation; /* of the supervisor's life */
};

static struct pending_reader *free_reader(struct shell *shell)
{
	for (size_t i = 0; i < READERS_MAX; i++)
		if (!shell->readers[i].data)
			return &shell->readers[i];
	return NULL;
}

static void reader_ended(struct helper *helper, struct end end)
{
	struct pending_reader *pending =
		(struct pending_reader *)((char *)helper - offsetof(struct pending_reader, helper));
	struct shell *shell = pending->shell;
	struct addition_data *data = pending->data;
	struct addition add = {.node = 1, .name = data->name, .extra = data};
	char why[512] = "";
	struct view sup;

	pending->data = NULL;
	data->block =
		child_reader_finish(&pending->reader, end, &data->block_size, why, sizeof(why));
	if (!data->block) {
		server_refuse(shell->server, pending->token, why);
		addition_free(data);
		return;
	}
	if (listeners_open(data->block, &data->listeners, why, sizeof(why)) < 0) {
		server_refuse(shell->server, pending->token, why);
		addition_free(data);
		return;
	}
	if (!engine_view(shell->engine, pending->sup, &sup) ||
		sup.ref.generation != pending->generation) {
		server_refuse(shell->server, pending->token, "its supervisor has ended meanwhile");
		addition_free(data);
		return;
	}
	add.spec = data->block;
	feed_add(shell, pending->sup, &add, pending->token);
}

static int start_reader(struct shell *shell, const struct addition_request *request,
	const struct view *sup, struct addition_data *data, uint64_t token)
{
	struct pending_reader *pending = free_reader(shell);
	char path[PATH_SIZE] = "";
	int error;

	if (!pending)
		return -EAGAIN;
	(void)engine_path(shell->engine, request->sup, path, sizeof(path));
	error = child_reader_start(
		&pending->reader, &(struct child_reader_request){.name = data->name,
					  .sup_path = path,
					  .spec = sup->spec,
					  .sup = sup->node,
					  .words = request->words,
					  .settings = request->settings});
	if (error < 0)
		return error;
	pending->shell = shell;
	pending->helper.ended = reader_ended;
	reaper_add_helper(shell->reaper, &pending->helper, pending->reader.pid);
	pending->data = data;
	pending->token = token;
	pending->sup = request->sup;
	pending->generation = sup->ref.generation;
	return 0;
}

int additions_open(struct shell *shell)
{
	shell->readers = calloc(READERS_MAX, sizeof(*shell->readers));
	return shell->readers ? 0 : -ENOMEM;
}

void additions_close(struct shell *shell)
{
	for (size_t i = 0; shell->readers && i < READERS_MAX; i++) {
		if (!shell->readers[i].data)
			continue;
		reaper_drop_helper(shell->reaper, &shell->readers[i].helper);
		child_reader_abandon(&shell->readers[i].reader);
		addition_free(shell->readers[i].data);
	}
	free(shell->readers);
}

int shell_add(struct shell *shell, const struct addition_request *request, uint64_t token)
{
	char made_up[SPEC_NAME_MAX + 1];
	const char *name = request->name;
	struct addition_data *data;
	struct view sup;
	bool dynamic;
	int error;

	(void)engine_view(shell->engine, request->sup, &sup);
	dynamic = sup.kind == KIND_DYNAMIC;
	if (!name && dynamic) {
		uint32_t node = spec_node(sup.spec, sup.node)->first_child;

		make_name(shell, spec_str(sup.spec, spec_node(sup.spec, node)->name), made_up);
		name = made_up;
	}
	data = addition_new(request, name ? name : "");
	if (!data)
		return -ENOMEM;
	if (!is_name(data->name) || (dynamic && request->settings) || (!dynamic && request->task))
		error = -EINVAL;
	else if (dynamic)
		error = add_instance(shell, request, &sup, data, token);
	else
		error = start_reader(shell, request, &sup, data, token);
	if (error < 0)
		addition_free(data);
	return error; // NOLINT(clang-analyzer-unix.Malloc): the engine or the reader has it now
}
