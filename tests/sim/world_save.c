/* world_save.c - an engine that is saved and loaded again within a case. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world_internal.h"

/* What the shell knows of an addition: by its row, or, before it has one, by its command. */
static bool addition_of(void *context, uint32_t row, uint64_t token, struct addition *ret)
{
	const struct world *w = context;
	const struct extra *extra = NULL;

	if (row != ENGINE_NONE && row < w->capacity)
		extra = w->row[row].extra;
	else if (row == ENGINE_NONE && token <= w->commands)
		extra = w->extra[token];
	if (extra == NULL || extra->back)
		return false;
	*ret = extra->add;
	return true;
}

static void *save(const struct engine *e, size_t *ret_size)
{
	void *block;

	*ret_size = engine_save(e, NULL, 0);
	block = malloc(*ret_size);
	if (block == NULL || engine_save(e, block, *ret_size) != *ret_size)
		abort();
	return block;
}

void world_reload(struct world *w)
{
	size_t size = 0;
	size_t size_again = 0;
	void *block = save(w->engine, &size);
	void *again;
	const char *why = NULL;
	struct engine *loaded = engine_load(w->spec, block, size, addition_of, w, &why);

	if (loaded == NULL)
		world_broken(w, "what was saved is refused: %s", why);
	again = save(loaded, &size_again);
	if (size != size_again || memcmp(block, again, size) != 0)
		world_broken(w, "saved again, it is another block");
	engine_free(w->engine);
	w->engine = loaded;
	free(block);
	free(again);
}
