/* save_engine.c - a saved engine goes on as if nothing had happened, and no block does harm.
 *
 * The same random cases are played twice: once in peace, and once with the engine saved, freed and
 * loaded again after every event. The two histories must be the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/engine/saved.h"
#include "tests/sim/case.h"
#include "tests/sim/spec_test.h"
#include "tests/sim/tree.h"
#include "tests/sim/world_internal.h"

struct block {
	char *at;
	size_t size;
};

static struct block save(const struct engine *e)
{
	struct block block = {.size = engine_save(e, NULL, 0)};

	block.at = malloc(block.size);
	assert_non_null(block.at);
	assert_int_equal(engine_save(e, block.at, block.size), block.size);
	return block;
}

/* What the shell would know of the additions: here the world does. */
static bool addition_of(void *context, uint32_t row, uint64_t token, struct addition *ret)
{
	struct world *w = context;
	struct view view;

	if (row != ENGINE_NONE) {
		if (!engine_view(w->engine, row, &view))
			return false;
		*ret = (struct addition){.spec = view.spec,
			.node = view.node,
			.name = view.name,
			.extra = view.extra,
			.task = view.task};
		return true;
	}
	(void)token;
	return false;
}

static struct engine *load(struct world *w, const struct block *block)
{
	const char *why = NULL;
	struct engine *e = engine_load(w->spec, block->at, block->size, addition_of, w, &why);

	if (!e)
		world_broken(w, "refused: %s", why);
	return e;
}

static void assert_same(struct world *w, const struct engine *e, const struct block *block)
{
	struct block again = save(e);

	if (again.size != block->size || memcmp(again.at, block->at, block->size) != 0)
		world_broken(w, "saved again, it is another block");
	free(again.at);
}

/* Saves, loads, compares, and lets the world go on with the loaded one. */
static void swap(struct world *w)
{
	struct block block = save(w->engine);
	struct engine *loaded = load(w, &block);
	struct engine *clone = engine_clone(w->engine);

	assert_non_null(clone);
	assert_same(w, loaded, &block);
	assert_same(w, clone, &block);
	engine_free(clone);
	engine_free(w->engine);
	w->engine = loaded;
	free(block.at);
}

static const struct flavour flavours[] = {
	{.commanded = true},
	{.slow = true, .failing = true, .groups = true, .killing = true, .commanded = true},
	{.slow = true, .groups = true, .killing = true, .commanded = true, .bursts = true},
};

static void play_twice(uint64_t seed, const struct flavour *flavour)
{
	enum { STEPS = 60 };
	struct play peaceful;
	struct play saved;

	case_begin(&peaceful, seed, flavour, NULL, NULL);
	case_begin(&saved, seed, flavour, NULL, NULL);
	for (int i = 0; i < STEPS; i++) {
		case_play(&peaceful, 1);
		swap(saved.w);
		case_play(&saved, 1);
	}
	case_end(&peaceful);
	case_end(&saved);
	swap(saved.w);
	if (strcmp(world_history(peaceful.w), world_history(saved.w)) != 0)
		world_broken(
			saved.w, "in peace it went another way:\n%s", world_history(peaceful.w));
	case_free(&peaceful);
	case_free(&saved);
}

SPEC(save_then_load_at_any_step_changes_nothing)
{
	uint32_t cases = case_count(300);

	for (uint32_t i = 0; i < cases; i++)
		play_twice(case_first_seed() + i,
			&flavours[i % (sizeof(flavours) / sizeof(flavours[0]))]);
}

/* An engine with something in every section. */
static struct world *busy_world(void)
{
	struct world *w =
		world_new("root rest_for_one [ a:backoff=1s sub one_for_all [ x y ] b ]", 7);

	world_stop_delay(w, "sub/x", 1000);
	world_start(w);
	world_exit(w, "a", 1); /* the group waits for sub/x */
	world_command(w, CMD_STOP, "sub");
	world_command(w, CMD_START, "b");
	return w;
}

SPEC(a_block_that_is_cut_off_anywhere_is_refused)
{
	struct world *w = busy_world();
	struct block block = save(w->engine);
	const char *why;

	for (size_t n = 0; n < block.size; n++) {
		char *cut = malloc(n ? n : 1);

		assert_non_null(cut);
		memcpy(cut, block.at, n);
		why = NULL;
		assert_null(engine_load(w->spec, cut, n, NULL, NULL, &why));
		assert_non_null(why);
		free(cut);
	}
	free(block.at);
	world_free(w);
}

SPEC(a_block_with_any_bit_turned_is_refused)
{
	struct world *w = busy_world();
	struct block block = save(w->engine);
	const char *why;

	for (size_t bit = 0; bit < block.size * 8; bit++) {
		block.at[bit / 8] = (char)(block.at[bit / 8] ^ (1 << bit % 8));
		assert_null(engine_load(w->spec, block.at, block.size, NULL, NULL, &why));
		block.at[bit / 8] = (char)(block.at[bit / 8] ^ (1 << bit % 8));
	}
	free(block.at);
	world_free(w);
}

/* Past the checksum: whatever a block says, loading it stays within bounds. */
SPEC(a_block_with_wrong_words_and_a_right_checksum_does_no_harm)
{
	struct world *w = busy_world();
	struct block block = save(w->engine);
	struct saved_header header;
	const char *why;

	for (size_t at = SAVED_CHECKED_FROM; at < block.size; at++) {
		static const unsigned char TURNS[] = {1, 2, 8, 0x80, 0xff};

		for (size_t i = 0; i < sizeof(TURNS); i++) {
			struct engine *e;

			block.at[at] = (char)(block.at[at] ^ TURNS[i]);
			memcpy(&header, block.at, sizeof(header));
			header.checksum = saved_checksum(
				block.at + SAVED_CHECKED_FROM, block.size - SAVED_CHECKED_FROM);
			memcpy(block.at, &header, sizeof(header));
			e = engine_load(w->spec, block.at, block.size, NULL, NULL, &why);
			if (e)
				(void)engine_save(e, NULL, 0);
			engine_free(e);
			block.at[at] = (char)(block.at[at] ^ TURNS[i]);
		}
	}
	free(block.at);
	world_free(w);
}

SPEC(a_block_of_another_tree_is_refused)
{
	struct world *w = world_boot("root [ a b ]");
	struct world *other = world_boot("root [ a c ]");
	struct block block = save(w->engine);
	const char *why = NULL;

	assert_null(engine_load(other->spec, block.at, block.size, NULL, NULL, &why));
	assert_string_equal(why, "it belongs to another specification");
	free(block.at);
	world_free(w);
	world_free(other);
}

SPEC(a_clone_goes_its_own_way)
{
	struct world *w = world_boot("root [ a b ]");
	struct engine *clone = engine_clone(w->engine);
	struct block before = save(w->engine);
	struct action action;

	assert_non_null(clone);
	engine_step(clone, 5, &(struct event){.kind = EV_SHUTDOWN, .brutal = true});
	while (engine_next_action(clone, &action))
		;
	assert_same(w, w->engine, &before);
	engine_free(clone);
	free(before.at);
	world_exit(w, "a", 1);
	world_free(w);
}

/* ---- additions */

enum { ROWS = 8 };

/* Steps, and lets every spawn succeed. */
static void step(struct engine *e, const struct event *event)
{
	struct event next = *event;
	bool more = true;

	while (more) {
		struct action action;

		engine_step(e, 1, &next);
		more = false;
		while (engine_next_action(e, &action)) {
			if (action.kind != ACT_SPAWN)
				continue;
			assert_false(more); /* one after the other */
			more = true;
			next = (struct event){.kind = EV_SPAWNED, .ref = action.ref};
		}
	}
}

struct known {
	const struct spec *spec;
	const char *by_row[ROWS];
	const char *by_token;
};

static bool known_addition(void *context, uint32_t row, uint64_t token, struct addition *ret)
{
	struct known *known = context;
	const char *name = row == ENGINE_NONE ? known->by_token : known->by_row[row];

	if (row == ENGINE_NONE)
		assert_int_equal(token, 9);
	*ret = (struct addition){.spec = known->spec, .node = 1, .name = name, .extra = known};
	return name != NULL;
}

static void add(struct engine *e, struct known *known, const char *name, uint64_t token)
{
	struct event event = {.kind = EV_COMMAND,
		.command = {.kind = CMD_ADD,
			.index = SPEC_ROOT,
			.token = token,
			.add = {.spec = known->spec, .node = 1, .name = name, .extra = known}}};

	step(e, &event);
}

SPEC(additions_come_back_by_row_and_by_token)
{
	struct spec *spec = sim_tree_build("root [ a ]");
	struct known known = {
		.spec = spec, .by_row = {[2] = "one", [3] = "two"}, .by_token = "six"};
	struct engine *e = engine_new(spec, ROWS, 1);
	struct engine *loaded;
	struct block block;
	struct action action;
	struct view view;
	uint32_t index = 0;
	const char *why = NULL;

	assert_non_null(e);
	step(e, &(struct event){.kind = EV_BOOT});
	add(e, &known, "one", 1);
	add(e, &known, "two", 2);
	/* The root is busy with a stop that does not end: the command waits for its turn. */
	step(e, &(struct event){.kind = EV_COMMAND, .command = {CMD_STOP, .index = 1, .token = 3}});
	add(e, &known, "six", 9);
	block = save(e);
	loaded = engine_load(spec, block.at, block.size, known_addition, &known, &why);
	assert_non_null(loaded);
	assert_int_equal(engine_find(loaded, "two", &index, NULL, 0, NULL), 0);
	assert_true(engine_view(loaded, index, &view));
	assert_int_equal(index, 3);
	assert_ptr_equal(view.extra, &known);
	engine_step(loaded, 2,
		&(struct event){
			.kind = EV_EXITED, .ref = {1, 1}, .end = {END_SIGNALED}, .gone = true});
	while (engine_next_action(loaded, &action))
		;
	assert_int_equal(engine_find(loaded, "six", &index, NULL, 0, NULL), 0);
	known.by_row[3] = NULL;
	assert_null(engine_load(spec, block.at, block.size, known_addition, &known, &why));
	assert_string_equal(why, "an addition is not known any more");
	engine_free(loaded);
	engine_free(e);
	free(block.at);
	free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(save_then_load_at_any_step_changes_nothing),
		cmocka_unit_test(a_block_that_is_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_block_with_any_bit_turned_is_refused),
		cmocka_unit_test(a_block_with_wrong_words_and_a_right_checksum_does_no_harm),
		cmocka_unit_test(a_block_of_another_tree_is_refused),
		cmocka_unit_test(a_clone_goes_its_own_way),
		cmocka_unit_test(additions_come_back_by_row_and_by_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
