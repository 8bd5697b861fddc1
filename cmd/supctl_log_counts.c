/* supctl_log_counts.c - see supctl_log_counts.h. */
#include "cmd/supctl_log_counts.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/supctl_call.h"
#include "config/spec.h"
#include "supervisor/wire/log_read.h"

enum { PATIENCE_MS = 500 };

/* A process by its path, to look it up. */
struct named {
	char *path; /* malloc */
	uint32_t position;
};

struct names {
	struct named *list;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const struct named *left = a;
	const struct named *right = b;

	return strcmp(left->path, right->path);
}

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i].path);
	free(names->list);
}

static bool names_make(struct names *names, const struct snapshot *snapshot)
{
	char path[SNAPSHOT_PATH_SIZE];

	names->list = calloc(snapshot->n, sizeof *names->list);
	for (uint32_t i = 0; names->list && i < snapshot->n; i++) {
		if (snapshot->nodes[i].record.kind != KIND_PROCESS)
			continue;
		names->list[names->n] = (struct named){strdup(snapshot_path(snapshot, i, path)), i};
		if (!names->list[names->n].path)
			return false;
		names->n++;
	}
	if (names->n > 0)
		qsort(names->list, names->n, sizeof *names->list, compare);
	return names->n > 0;
}

static int64_t number(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static void take(const struct names *names, const json_t *source, struct log_counts *counts)
{
	const char *path = json_string_value(json_object_get(source, "path"));
	struct named key = {0};
	const struct named *found;

	if (!path)
		return;
	key.path = strdup(path);
	found = key.path ? bsearch(&key, names->list, names->n, sizeof key, compare) : NULL;
	free(key.path);
	if (found)
		counts[found->position] = (struct log_counts){.known = true,
			.bytes = number(source, "bytes"),
			.lines = number(source, "lines"),
			.dropped_bytes = number(source, "dropped_bytes"),
			.dropped_lines = number(source, "dropped_lines"),
			.rotations = number(source, "rotations")};
}

static void ask(const char *dir, const struct names *names, struct log_counts *counts)
{
	int64_t deadline_ms = deadline_after(PATIENCE_MS);
	struct connection connection = {.fd = -1};
	json_t *request = json_pack("{s:b}", LOG_READ_SOURCES, 1);
	bool end = false;
	int error = -1;

	if (request)
		error = connection_open_to(&connection, dir, "logs", deadline_ms);
	if (error) {
		json_decref(request);
		return;
	}
	error = connection_send_json(&connection, request, deadline_ms);
	while (!error && !end) {
		json_t *answer = NULL;

		error = connection_receive_json(&connection, deadline_ms, &answer);
		if (error)
			break;
		end = json_is_true(json_object_get(answer, LOG_READ_END));
		take(names, json_object_get(answer, LOG_READ_SOURCE), counts);
		json_decref(answer);
	}
	connection_close(&connection);
}

void log_counts_read(const char *dir, const struct snapshot *snapshot, struct log_counts *counts)
{
	struct names names = {0};

	memset(counts, 0, snapshot->n * sizeof *counts);
	if (names_make(&names, snapshot))
		ask(dir, &names, counts);
	names_free(&names);
}
