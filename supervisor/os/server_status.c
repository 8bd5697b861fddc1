/* server_status.c - the method Status: the tree as JSON, a child at a time into one text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/child_json.h"

enum { TEXT_SIZE_MIN = 4096 };

/* A text that grows up to a bound. */
struct text {
	char *data;
	size_t n;
	size_t size;
	size_t max;
	bool over; /* it met its bound */
};

/* A walk over a part of the tree: parents first, in tree order. No recursion: the records' links
 * lead down, right and up, and the path grows and shrinks with them. */
struct walk {
	const struct shell *shell;
	uint32_t top; /* the walk ends when it comes back to it */
	uint32_t index;
	const uint32_t *wanted; /* sorted; these and all below them */
	size_t n_wanted;	/* 0: everything */
	uint32_t inside;	/* the wanted entry that index is at or below, STATUS_NONE: none */
	size_t path_n;
	char path[PATH_SIZE];
};

static int text_reserve(struct text *text, size_t n)
{
	size_t size = text->size ? text->size : TEXT_SIZE_MIN;
	char *data;

	if (n > text->max || text->n > text->max - n) {
		text->over = true;
		return -E2BIG;
	}
	while (size - text->n < n)
		size *= 2;
	if (size == text->size)
		return 0;
	data = realloc(text->data, size);
	if (!data)
		return -ENOMEM;
	text->data = data;
	text->size = size;
	return 0;
}

static int text_add(const char *bytes, size_t n, void *context)
{
	struct text *text = context;

	if (text_reserve(text, n) < 0)
		return -1;
	memcpy(text->data + text->n, bytes, n);
	text->n += n;
	return 0;
}

static int text_add_str(struct text *text, const char *str)
{
	return text_add(str, strlen(str), text);
}

/* Consumes json. */
static int text_add_json(struct text *text, json_t *json)
{
	int rc = json ? json_dump_callback(
				json, text_add, text, JSON_COMPACT | JSON_REAL_PRECISION(15))
		      : -1;

	json_decref(json);
	return rc;
}

/* ---- the walk */

static int path_push(struct walk *walk, const struct status_record *record)
{
	size_t n = strnlen(record->name, sizeof(record->name));

	if (walk->path_n + n + 2 > sizeof(walk->path))
		return -ENAMETOOLONG;
	if (walk->path_n)
		walk->path[walk->path_n++] = '/';
	memcpy(walk->path + walk->path_n, record->name, n);
	walk->path_n += n;
	walk->path[walk->path_n] = '\0';
	return 0;
}

static void path_pop(struct walk *walk)
{
	const char *slash = strrchr(walk->path, '/');

	walk->path_n = slash ? (size_t)(slash - walk->path) : 0;
	walk->path[walk->path_n] = '\0';
}

static int compare_index(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return (*left > *right) - (*left < *right);
}

static bool is_wanted(struct walk *walk)
{
	if (walk->n_wanted == 0 || walk->inside != STATUS_NONE)
		return true;
	if (!bsearch(
		    &walk->index, walk->wanted, walk->n_wanted, sizeof(walk->index), compare_index))
		return false;
	walk->inside = walk->index;
	return true;
}

static void leave(struct walk *walk)
{
	if (walk->inside == walk->index)
		walk->inside = STATUS_NONE;
	path_pop(walk);
}

/* Goes to the next entry. Returns 1, 0 at the end, or negative errno. */
static int walk_next(struct walk *walk)
{
	const struct status_record *record = shell_record(walk->shell, walk->index);
	/* A removed child is passed over with all below it. */
	uint32_t next = record->used ? record->first_child : STATUS_NONE;

	while (next == STATUS_NONE) {
		if (walk->index == walk->top)
			return 0;
		leave(walk);
		next = record->next_sibling;
		if (next == STATUS_NONE) {
			walk->index = record->parent;
			record = shell_record(walk->shell, walk->index);
		}
	}
	walk->index = next;
	return path_push(walk, shell_record(walk->shell, next)) < 0 ? -ENAMETOOLONG : 1;
}

/* ---- the reply */

static int add_child(struct text *text, struct walk *walk, bool first, int64_t now_ms)
{
	const struct status_record *record = shell_record(walk->shell, walk->index);

	if (!first && text_add_str(text, ",") < 0)
		return -ENOMEM;
	return text_add_json(text, child_json(record, walk->path, now_ms));
}

static int add_children(struct text *text, struct walk *walk, int64_t now_ms)
{
	bool first = true;
	int rc = 1;

	while (rc > 0) {
		bool is_root = walk->index == shell_status(walk->shell)->root;

		if (!is_root && shell_record(walk->shell, walk->index)->used && is_wanted(walk)) {
			if (add_child(text, walk, first, now_ms) < 0)
				return -ENOMEM;
			first = false;
		}
		rc = walk_next(walk);
	}
	return rc;
}

static json_t *head_json(const struct shell *shell)
{
	const struct status_header *header = shell_status(shell);
	const struct status_record *root = shell_record(shell, header->root);
	const char *state = child_state_name(root->state);

	return json_pack("{s:s%, s:s, s:i, s:I}", "root", root->name,
		strnlen(root->name, sizeof(root->name)), "state", state ? state : "unknown", "pid",
		(int)header->pid, "generation", (json_int_t)header->generation);
}

static int make_reply(struct text *text, struct walk *walk, int64_t now_ms)
{
	if (text_add_str(text, "{\"parameters\":") < 0 ||
		text_add_json(text, head_json(walk->shell)) < 0)
		return -ENOMEM;
	text->n--; /* the head's closing brace */
	if (text_add_str(text, ",\"children\":[") < 0 || add_children(text, walk, now_ms) < 0)
		return -ENOMEM;
	return text_add("]}}", sizeof("]}}"), text); /* with the NUL */
}

static void send_status(const struct request *request, struct walk *walk)
{
	struct client *client = request->client;
	struct server *server = client->server;
	struct text text = {.max = OUT_TOTAL_MAX};

	text.max -= server->out_bytes < text.max ? server->out_bytes : text.max;
	if (make_reply(&text, walk, loop_now_ms(shell_loop(server->shell))) == 0) {
		client_send(client, text.data, text.n);
		return;
	}
	free(text.data);
	if (text.over)
		request_error(request, ERROR_LIMIT_REACHED, json_pack("{s:s}", "path", "/"));
	else
		client->dead = true;
}

/* The entries that paths name, sorted. Returns false after an error was sent. */
static bool find_wanted(const struct request *request, const json_t *paths, uint32_t *wanted)
{
	size_t n = json_array_size(paths);

	for (size_t i = 0; i < n; i++) {
		if (!request_find(request, json_string_value(json_array_get(paths, i)), &wanted[i]))
			return false;
	}
	qsort(wanted, n, sizeof(*wanted), compare_index);
	return true;
}

void method_status(const struct request *request)
{
	struct shell *shell = request->client->server->shell;
	const json_t *paths = request->args.value[PARAM_PATHS];
	uint32_t wanted[PATHS_MAX];
	size_t n = json_array_size(paths);
	struct walk walk = {.shell = shell, .inside = STATUS_NONE, .wanted = wanted};

	walk.top = shell_status(shell)->root;
	walk.index = walk.top;
	if (n > PATHS_MAX) {
		request_error(request, ERROR_INVALID_PARAMETER,
			json_pack("{s:s}", "parameter", wire_params[PARAM_PATHS].name));
		return;
	}
	if (n > 0 && !find_wanted(request, paths, wanted))
		return;
	if (request->call->oneway || request->client->deaf)
		return;
	/* A large tree takes milliseconds: the next call waits for the next turn of the loop. */
	request->client->turn = 0;
	/* The root's own number is the least: with it among them all is wanted. */
	if (n > 0 && wanted[0] != walk.top)
		walk.n_wanted = n;
	send_status(request, &walk);
}
