/* history.c - the last events. */
#include "supervisor/wire/history.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 2048 - 32 };

struct history_chunk {
	struct history_chunk *next;
	uint32_t n;
	uint32_t used;
	uint32_t size; /* of bytes; more than CHUNK_BYTES for a very long path */
	char bytes[];  /* each a record, then its path with the NUL; not aligned */
};

/* The chunk that has room for size bytes; NULL without memory. */
static struct history_chunk *chunk_for(struct history *history, uint32_t size)
{
	uint32_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	struct history_chunk *chunk = history->last;

	if (chunk && chunk->size - chunk->used >= size)
		return chunk;
	chunk = malloc(sizeof(*chunk) + room);
	if (!chunk)
		return NULL;
	*chunk = (struct history_chunk){.size = room};
	if (history->last)
		history->last->next = chunk;
	else
		history->first = chunk;
	history->last = chunk;
	return chunk;
}

static void drop_first(struct history *history)
{
	struct history_chunk *chunk = history->first;

	history->first = chunk->next;
	if (!history->first)
		history->last = NULL;
	history->n -= chunk->n;
	free(chunk);
}

void history_add(struct history *history, const struct event_record *record, const char *path)
{
	size_t n = strlen(path) + 1;
	struct history_chunk *chunk = chunk_for(history, (uint32_t)(sizeof(*record) + n));

	if (!chunk)
		return;
	memcpy(chunk->bytes + chunk->used, record, sizeof(*record));
	memcpy(chunk->bytes + chunk->used + sizeof(*record), path, n);
	chunk->used += (uint32_t)(sizeof(*record) + n);
	chunk->n++;
	history->n++;
	while (history->first && history->n - history->first->n >= HISTORY_EVENTS)
		drop_first(history);
}

/* The number of the first event of a chunk: a chunk is never empty. */
static uint64_t first_seq(const struct history_chunk *chunk)
{
	struct event_record record;

	memcpy(&record, chunk->bytes, sizeof(record));
	return record.seq;
}

struct history_at history_seek(const struct history *history, uint64_t seq)
{
	const struct history_chunk *chunk = history->first;
	struct event_record record;
	struct history_at at;
	struct history_at next;
	const char *path;

	while (chunk && chunk->next && first_seq(chunk->next) <= seq)
		chunk = chunk->next;
	at = next = (struct history_at){.chunk = chunk};
	while (history_next(history, &next, &record, &path) && record.seq < seq)
		at = next;
	return at;
}

bool history_next(const struct history *history, struct history_at *at,
	struct event_record *ret_record, const char **ret_path)
{
	if (!at->chunk)
		*at = (struct history_at){.chunk = history->first};
	if (at->chunk && at->i == at->chunk->n && at->chunk->next)
		*at = (struct history_at){.chunk = at->chunk->next};
	if (!at->chunk || at->i == at->chunk->n)
		return false;
	memcpy(ret_record, at->chunk->bytes + at->offset, sizeof(*ret_record));
	*ret_path = at->chunk->bytes + at->offset + sizeof(*ret_record);
	at->offset += (uint32_t)(sizeof(*ret_record) + strlen(*ret_path) + 1);
	at->i++;
	return true;
}

void history_free(struct history *history)
{
	while (history->first)
		drop_first(history);
}
