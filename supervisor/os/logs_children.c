/* logs_children.c - whose output is logged: pipes, and what becomes of them when a child is no
 * more. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/spec.h"
#include "config/specifiers.h"
#include "supervisor/os/log.h"
#include "supervisor/os/logs_internal.h"

/* Children that are no more, and whose last lines suplog has not written yet. With more of them
 * suplog stands still: then the oldest lose what is left. */
enum { LEAVING_MAX = 4096, IDS_FIRST = 16 };

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), "said alike")
SAME(SPEC_LOG_TO_STDOUT, LOG_TO_STDOUT);
SAME(SPEC_LOG_TO_FILE, LOG_TO_FILE);
SAME(SPEC_LOG_TO_BOTH, LOG_TO_BOTH);
SAME(SPEC_LOG_LINE_TEXT, LOG_FORMAT_TEXT);
SAME(SPEC_LOG_LINE_JSON, LOG_FORMAT_JSON);
SAME(SPEC_LOG_TIME_NONE, LOG_TIMESTAMPS_NONE);
SAME(SPEC_LOG_TIME_RFC3339, LOG_TIMESTAMPS_RFC3339);
SAME(SPEC_LOG_COMPRESS_NONE, LOG_COMPRESS_NONE);
SAME(SPEC_LOG_COMPRESS_GZIP, LOG_COMPRESS_GZIP);
SAME(SPEC_LOG_COMPRESS_ZSTD, LOG_COMPRESS_ZSTD);
SAME(SPEC_LOG_FULL_BLOCK, LOG_ON_FULL_BLOCK);
SAME(SPEC_LOG_FULL_DROP, LOG_ON_FULL_DROP);
SAME(SPEC_LOG_LINE_MIN, LOG_LINE_LEAST);
SAME(SPEC_LOG_LINE_MAX, LOG_LINE_MOST);
_Static_assert(PROC_ID_INHERIT == LOG_NO_ID, "said alike");

/* ---- pipes */

static void close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void close_pipes(struct logged *logged)
{
	for (int i = 0; i < LOGGED_PIPES; i++) {
		close_end(&logged->in[i]);
		close_end(&logged->out[i]);
	}
}

/* Only the end that is read does not block: what the child writes to is as programs expect it. A
 * child of another user may open its own end anew (/dev/stdout), so the pipe is that user's. */
static int open_pipe(struct logged *logged, int which, uint32_t uid)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	logged->in[which] = fds[0];
	logged->out[which] = fds[1];
	if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	if (uid != PROC_ID_INHERIT)
		(void)!fchown(fds[1], uid, (gid_t)-1);
	return 0;
}

/* ---- coming and going */

static int more_ids(struct logs *logs)
{
	uint32_t ids = logs->ids == 0 ? IDS_FIRST : logs->ids * 2;
	struct log_id *id = reallocarray(logs->id, ids, sizeof(*id));

	if (!id)
		return -ENOMEM;
	logs->id = id;
	for (uint32_t i = ids; i-- > logs->ids;) {
		id[i] = (struct log_id){.next_free = logs->free_id};
		logs->free_id = i;
	}
	logs->ids = ids;
	return 0;
}

static int take_id(struct logs *logs, struct logged *logged)
{
	if (logs->free_id == ENGINE_NONE && more_ids(logs) < 0)
		return -ENOMEM;
	logged->id = logs->free_id;
	logs->free_id = logs->id[logged->id].next_free;
	logs->id[logged->id].logged = logged;
	return 0;
}

static void give_id(struct logs *logs, uint32_t id)
{
	logs->id[id] = (struct log_id){.next_free = logs->free_id};
	logs->free_id = id;
}

static void leave_list(struct logs *logs, struct logged *logged)
{
	if (logged->older)
		logged->older->newer = logged->newer;
	else
		logs->oldest = logged->newer;
	if (logged->newer)
		logged->newer->older = logged->older;
	else
		logs->newest = logged->older;
	logs->n_leaving--;
}

static void forget(struct logs *logs, struct logged *logged)
{
	logs_untell(logs, logged);
	if (logged->row == ENGINE_NONE)
		leave_list(logs, logged);
	else
		logs->by_row[logged->row] = NULL;
	give_id(logs, logged->id);
	close_pipes(logged);
	free(logged);
}

void logs_gone(struct logs *logs, uint32_t id, uint32_t generation)
{
	struct logged *logged = id < logs->ids ? logs->id[id].logged : NULL;

	if (logged && logged->generation == generation && logged->row == ENGINE_NONE)
		forget(logs, logged);
}

void logs_forget_all(struct logs *logs)
{
	for (uint32_t i = 0; i < logs->ids; i++)
		if (logs->id[i].logged)
			forget(logs, logs->id[i].logged);
	free(logs->id);
	free(logs->by_row);
}

void logs_close_writers(struct logs *logs)
{
	for (uint32_t i = 0; i < logs->ids; i++)
		for (int pipe = 0; logs->id[i].logged && pipe < LOGGED_PIPES; pipe++)
			close_end(&logs->id[i].logged->out[pipe]);
}

static struct logged *of_row(const struct logs *logs, uint32_t row)
{
	return logs->by_row ? logs->by_row[row] : NULL;
}

/* Its pipes are read to their end; suplog says when. */
static void leave(struct logs *logs, struct logged *logged)
{
	logs->by_row[logged->row] = NULL;
	logged->row = ENGINE_NONE;
	logged->pid = 0;
	for (int i = 0; i < LOGGED_PIPES; i++)
		close_end(&logged->out[i]);
	logged->older = logs->newest;
	logged->newer = NULL;
	if (logs->newest)
		logs->newest->newer = logged;
	else
		logs->oldest = logged;
	logs->newest = logged;
	logs_tell(logs, logged, TELL_REMOVED);
	if (++logs->n_leaving <= LEAVING_MAX)
		return;
	log_message(LOG_WARNING, logs->oldest->texts,
		"suplog does not get on: the last lines of this child are lost");
	forget(logs, logs->oldest);
}

/* ---- settings */

/* The words of a template still have their specifiers. */
static bool is_template(const struct view *view)
{
	uint32_t parent = spec_node(view->spec, view->node)->parent;

	return parent != SPEC_NONE && spec_node(view->spec, parent)->kind == KIND_DYNAMIC;
}

/* The name of the file, "" for none. Returns its length, or -ENAMETOOLONG. */
static int64_t file_of(const struct log_spec *log, const struct view *view, const char *path,
	char file[static LOG_FILE_MAX + 1])
{
	const struct specifiers specifiers = {.name = view->name, .path = path};
	const char *text = log->file == SPEC_NONE ? "" : spec_str(view->spec, log->file);
	int64_t length = -EINVAL;

	if (is_template(view))
		length = specifiers_expand(text, &specifiers, file, LOG_FILE_MAX + 1, NULL);
	if (length < 0) {
		length = (int64_t)strlen(text);
		if (length <= LOG_FILE_MAX)
			memcpy(file, text, (size_t)length + 1);
	}
	return length <= LOG_FILE_MAX ? length : -ENAMETOOLONG;
}

static struct log_settings settings_of(const struct log_spec *log, const char *file)
{
	return (struct log_settings){
		.file = file,
		.max_size = log->max_size == SPEC_LOG_NO_LIMIT ? 0 : log->max_size,
		.max_age_ms = log->max_age_ms == SPEC_INFINITY ? 0 : log->max_age_ms,
		.max_files = log->max_files == SPEC_LOG_ALL_FILES ? 0 : log->max_files,
		.max_line = log->max_line,
		.mode = log->mode,
		.uid = log->uid,
		.gid = log->gid,
		.to = log->to,
		.format = log->line,
		.compress = log->compress,
		.on_full = log->on_full,
		.timestamps = log->time,
		.prefix = log->prefix,
	};
}

/* Are they the same, but for where the name of the file lies? */
static bool same_settings(const struct log_settings *a, const struct log_settings *b)
{
	return strcmp(a->file, b->file) == 0 && a->max_size == b->max_size &&
	       a->max_age_ms == b->max_age_ms && a->max_files == b->max_files &&
	       a->max_line == b->max_line && a->mode == b->mode && a->uid == b->uid &&
	       a->gid == b->gid && a->to == b->to && a->format == b->format &&
	       a->compress == b->compress && a->on_full == b->on_full &&
	       a->timestamps == b->timestamps && a->prefix == b->prefix;
}

/* ---- a child */

static struct logged *make(const struct log_settings *settings, const char *path)
{
	const size_t path_size = strlen(path) + 1;
	const size_t file_size = strlen(settings->file) + 1;
	struct logged *logged = calloc(1, sizeof(*logged) + path_size + file_size);

	if (!logged)
		return NULL;
	memcpy(logged->texts, path, path_size);
	memcpy(logged->texts + path_size, settings->file, file_size);
	logged->settings = *settings;
	logged->settings.file = logged->texts + path_size;
	for (int i = 0; i < LOGGED_PIPES; i++)
		logged->in[i] = logged->out[i] = -1;
	return logged;
}

static int add(struct logs *logs, uint32_t row, struct logged *logged, uint32_t uid)
{
	int error = open_pipe(logged, LOGGED_OUT, uid);

	if (error == 0 && !logged->merged)
		error = open_pipe(logged, LOGGED_ERR, uid);
	if (error == 0)
		error = take_id(logs, logged);
	if (error < 0) {
		close_pipes(logged);
		free(logged);
		return error;
	}
	logged->row = row;
	logged->generation = ++logs->generation;
	logs->by_row[row] = logged;
	logs_tell(logs, logged, logged->merged ? TELL_OUT : TELL_OUT | TELL_ERR);
	return 0;
}

/* The same child with other settings keeps its pipes, so it is the same to suplog, too. */
static int replace(struct logs *logs, struct logged *old, const struct log_settings *settings,
	const char *path)
{
	struct logged *logged = make(settings, path);

	if (!logged)
		return -ENOMEM;
	logged->id = old->id;
	logged->generation = old->generation;
	logged->row = old->row;
	logged->pid = old->pid;
	logged->merged = old->merged;
	memcpy(logged->in, old->in, sizeof(logged->in));
	memcpy(logged->out, old->out, sizeof(logged->out));
	logs->by_row[logged->row] = logs->id[logged->id].logged = logged;
	logs_tell(logs, logged, (logged->merged ? TELL_OUT : TELL_OUT | TELL_ERR) | old->tell);
	logs_untell(logs, old);
	free(old);
	return 0;
}

/* The child of row has pipes, and suplog will hear of its settings. Returns 0 or negative errno. */
static int ensure(struct logs *logs, uint32_t row, const struct view *view,
	const struct log_spec *log, const char *path)
{
	const bool merged = log->streams == SPEC_LOG_STREAMS_MERGED;
	struct logged *logged = of_row(logs, row);
	struct log_settings settings;
	char file[LOG_FILE_MAX + 1];
	int64_t length = file_of(log, view, path, file);

	if (length < 0 || strlen(path) > LOG_PATH_MAX)
		return -ENAMETOOLONG;
	settings = settings_of(log, file);
	if (logged && (logged->merged != merged || strcmp(logged->texts, path) != 0)) {
		leave(logs, logged);
		logged = NULL;
	}
	if (logged)
		return same_settings(&logged->settings, &settings)
			       ? 0
			       : replace(logs, logged, &settings, path);
	logged = make(&settings, path);
	if (!logged)
		return -ENOMEM;
	logged->merged = merged;
	return add(logs, row, logged, spec_proc(view->spec, view->node)->uid);
}

static int null_stdio(struct logs *logs, int stdio[static 3])
{
	if (logs->null < 0)
		logs->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (logs->null < 0)
		return -errno;
	for (int fd = 1; fd < 3; fd++)
		if (stdio[fd] < 0)
			stdio[fd] = logs->null;
	return 0;
}

int logs_stdio(struct logs *logs, uint32_t row, const struct view *view, const char *path,
	int stdio[static 3])
{
	const struct log_spec *log = spec_log(view->spec, view->node);
	struct logged *logged = of_row(logs, row);
	int error;

	if (logged && (!log || log->to == SPEC_LOG_TO_NOWHERE))
		leave(logs, logged);
	if (!log || (stdio[1] >= 0 && stdio[2] >= 0))
		return 0;
	if (log->to == SPEC_LOG_TO_NOWHERE)
		return null_stdio(logs, stdio);
	error = logs_need(logs);
	if (error == 0 && !logs->by_row) {
		logs->by_row = calloc(logs->capacity, sizeof(struct logged *));
		error = logs->by_row ? 0 : -ENOMEM;
	}
	if (error == 0)
		error = ensure(logs, row, view, log, path);
	if (error < 0)
		return error;
	logged = logs->by_row[row];
	if (stdio[1] < 0)
		stdio[1] = logged->out[LOGGED_OUT];
	if (stdio[2] < 0)
		stdio[2] = logged->out[logged->merged ? LOGGED_OUT : LOGGED_ERR];
	return 0;
}

void logs_started(struct logs *logs, uint32_t row, pid_t pid)
{
	struct logged *logged = of_row(logs, row);

	if (!logged)
		return;
	logged->pid = pid;
	logs_tell(logs, logged, TELL_STARTED);
}

void logs_exited(struct logs *logs, uint32_t row)
{
	struct logged *logged = of_row(logs, row);

	if (!logged)
		return;
	logged->pid = 0;
	logs_tell(logs, logged, TELL_EXITED);
}

void logs_removed(struct logs *logs, uint32_t row)
{
	struct logged *logged = of_row(logs, row);

	if (logged)
		leave(logs, logged);
}

void logs_tell_all(struct logs *logs)
{
	for (uint32_t i = 0; i < logs->ids; i++) {
		struct logged *logged = logs->id[i].logged;

		if (!logged)
			continue;
		/* What was not said to the old one is part of what is said to the new one. */
		logs_tell(logs, logged,
			(logged->merged ? TELL_OUT : TELL_OUT | TELL_ERR) |
				(logged->row == ENGINE_NONE ? TELL_REMOVED : 0u));
	}
}
