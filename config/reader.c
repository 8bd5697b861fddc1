/* reader.c - libconfuse: the ready text read into records.
 *
 * libconfuse's tables of options are made from the table of keys; a table that named itself would
 * be copied for ever, so each level of supervisors has its own. libconfuse copies the whole table
 * of a section, with all below it, each time the section begins: the tables go just as deep as this
 * text does. A section that has ended becomes a record and leaves libconfuse's list at once: its
 * search for a title goes through the list. */
#include "config/reader.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/names.h"
#include "config/source_internal.h"

struct reader {
	struct reading *r;
	const struct source *source;
	size_t values; /* callbacks so far */
	size_t closes;
	struct place place; /* of the last one */
	struct record *open[BLOCKS_MAX + 1];
	struct written *written; /* of the section defaults that is open */
	struct written *last;
	bool failed;
};

/* libconfuse hands nothing of ours to its callbacks, and its scanner is global anyway. */
static struct reader *running;

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[256];

	(void)cfg;
	if (running == NULL)
		return;
	(void)vsnprintf(text, sizeof(text), format, args);
	findings_error(running->r->findings, running->place, "syntax", "near here: %s", text);
	running->failed = true;
}

static struct record *record_at(struct reader *reader, uint32_t depth)
{
	struct record *record = reader->open[depth];

	if (record != NULL)
		return record;
	record = arena_alloc(&reader->r->arena, sizeof(*record));
	if (record == NULL) {
		reader->failed = true;
		return NULL;
	}
	reader->open[depth] = record;
	return record;
}

/* The mark of this callback, or NULL when the two readers of the text disagree about it. */
static const struct mark *take_mark(
	struct reader *reader, const struct marks *marks, size_t *at, const char *name)
{
	const struct mark *mark = *at < marks->n ? &marks->list[(*at)++] : NULL;

	if (mark != NULL && strcmp(mark->key->name, name) == 0 && mark->depth <= BLOCKS_MAX) {
		reader->place = mark->place;
		return mark;
	}
	findings_error(reader->r->findings, reader->place, "syntax",
		"this cannot be read: libconfuse sees a '%s' after it", name);
	reader->failed = true;
	return NULL;
}

/* What stands in a section defaults is kept as it is, for children that come later. */
static void keep(struct reader *reader, const struct mark *mark, const char *value)
{
	struct written *written;

	if (!mark->in_defaults)
		return;
	written = arena_alloc(&reader->r->arena, sizeof(*written));
	if (written == NULL)
		return;
	*written = (struct written){.key = mark->key, .place = mark->place, .first = mark->first};
	if (value != NULL)
		written->value = arena_str(&reader->r->arena, value);
	if (reader->written == NULL)
		reader->written = written;
	else
		reader->last->next = written;
	reader->last = written;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct reader *reader = running;
	const struct mark *mark =
		take_mark(reader, &reader->source->values, &reader->values, opt->name);
	struct record *record = mark != NULL ? record_at(reader, mark->depth) : NULL;
	const char **to = result;

	(void)cfg;
	if (record == NULL)
		return -1;
	value = mark->empty ? NULL : value;
	record_set(reader->r, record, mark->key, value, mark->place, mark->first);
	keep(reader, mark, value);
	*to = "";
	return 0;
}

static void add_child(struct reader *reader, struct record *parent, struct record *child)
{
	child->parent = parent;
	if (child->context == IN_SINK) {
		child->next = parent->sinks;
		parent->sinks = child;
	} else if (parent->first == NULL) {
		parent->first = parent->last = child;
	} else {
		parent->last->next = child;
		parent->last = child;
	}
	names_check(reader->r->findings, child->name, child->place);
}

static void close_untitled(struct reader *reader, const struct mark *mark, struct record *parent,
	struct record *record)
{
	record_set(reader->r, parent, mark->key, NULL, mark->place, true);
	if (record->context == IN_DEFAULTS) {
		record->written = reader->written;
		reader->written = NULL;
		parent->defaults = record;
		return;
	}
	keep(reader, mark, NULL);
	record_inherit(parent, record, record->context);
	parent->damaged |= (record->context == IN_HEALTH || record->context == IN_LOG ||
				   record->context == IN_SANDBOX) &&
			   record->damaged;
}

static int on_close(cfg_t *cfg, cfg_opt_t *opt)
{
	struct reader *reader = running;
	const struct mark *mark =
		take_mark(reader, &reader->source->closes, &reader->closes, opt->name);
	const unsigned last = cfg_opt_size(opt) - 1;
	const char *title = cfg_title(cfg_opt_getnsec(opt, last));
	struct record *record;
	struct record *parent;

	(void)cfg;
	if (mark == NULL || mark->depth == 0)
		return -1;
	record = record_at(reader, mark->depth);
	parent = record_at(reader, mark->depth - 1);
	if (record == NULL || parent == NULL)
		return -1;
	reader->open[mark->depth] = NULL;
	record->context = mark->key->opens;
	record->place = mark->place;
	record->damaged = record->damaged || mark->damaged;
	if (mark->key->shape == SHAPE_TITLED) {
		record->name = arena_str(&reader->r->arena, title != NULL ? title : "");
		add_child(reader, parent, record);
	} else {
		close_untitled(reader, mark, parent, record);
	}
	(void)cfg_opt_rmnsec(opt, last);
	return 0;
}

/* The tables that sections of a context get, where they are made already. */
struct tables {
	cfg_opt_t *of[CONTEXT_COUNT];
};

static cfg_opt_t *make_table(struct arena *arena, enum context context, const struct tables *below)
{
	cfg_opt_t *table = arena_alloc(arena, (KEYS_N + 1) * sizeof(*table));
	size_t n = 0;

	if (table == NULL)
		return NULL;
	for (size_t i = 0; i < KEYS_N; i++) {
		const struct key *key = &KEYS[i];
		cfg_opt_t value = CFG_STR_CB(key->name, NULL, CFGF_NODEFAULT, on_value);
		cfg_opt_t list = CFG_STR_LIST_CB(key->name, NULL, CFGF_NODEFAULT, on_value);
		cfg_opt_t section = CFG_SEC(key->name, below->of[key->opens], CFGF_NODEFAULT);

		section.validcb = on_close;
		if (key->shape == SHAPE_TITLED)
			section.flags |= CFGF_TITLE | CFGF_MULTI;
		if (!(key->where & (1u << context)))
			continue;
		if (key->shape == SHAPE_VALUE)
			table[n++] = value;
		else if (key->shape == SHAPE_LIST)
			table[n++] = list;
		else if (section.subopts != NULL)
			table[n++] = section;
	}
	table[n] = (cfg_opt_t)CFG_END();
	return table;
}

static cfg_opt_t *make_tables(struct arena *arena, uint32_t supervisors)
{
	struct tables tables = {0};

	tables.of[IN_BACKOFF] = make_table(arena, IN_BACKOFF, &tables);
	tables.of[IN_HEALTH] = make_table(arena, IN_HEALTH, &tables);
	tables.of[IN_LIMITS] = make_table(arena, IN_LIMITS, &tables);
	tables.of[IN_SINK] = make_table(arena, IN_SINK, &tables);
	tables.of[IN_CONTROL] = make_table(arena, IN_CONTROL, &tables);
	tables.of[IN_LOG] = make_table(arena, IN_LOG, &tables);
	tables.of[IN_RESOURCES] = make_table(arena, IN_RESOURCES, &tables);
	tables.of[IN_SANDBOX] = make_table(arena, IN_SANDBOX, &tables);
	tables.of[IN_PROCESS] = make_table(arena, IN_PROCESS, &tables);
	tables.of[IN_DEFAULTS] = make_table(arena, IN_DEFAULTS, &tables);
	tables.of[IN_DYNAMIC] = make_table(arena, IN_DYNAMIC, &tables);
	tables.of[IN_PARTITION] = make_table(arena, IN_PARTITION, &tables);
	for (uint32_t i = 0; i < supervisors; i++)
		tables.of[IN_SUPERVISOR] = make_table(arena, IN_SUPERVISOR, &tables);
	return make_table(arena, IN_FILE, &tables);
}

/* Parses text with table; the callbacks do the rest. */
static bool run_libconfuse(cfg_opt_t *table, char *text, size_t size)
{
	cfg_t *cfg = cfg_init(table, CFGF_NONE);
	FILE *stream = fmemopen(text, size, "r");
	bool good = false;

	if (cfg != NULL && stream != NULL) {
		(void)cfg_set_error_function(cfg, on_error);
		good = cfg_parse_fp(cfg, stream) == CFG_SUCCESS;
	}
	if (stream != NULL)
		(void)fclose(stream);
	if (cfg != NULL)
		(void)cfg_free(cfg);
	return good;
}

struct record *reader_run(struct reading *r, const struct source *source)
{
	struct reader reader = {.r = r, .source = source, .place = {source->file, 1}};
	cfg_opt_t *table = make_tables(&r->arena, source->supervisors);
	struct record *file = record_at(&reader, 0);
	bool good;

	if (table == NULL || file == NULL || r->arena.failed)
		return NULL;
	file->place = reader.place;
	file->damaged = source->damaged;
	running = &reader;
	good = run_libconfuse(table, source->text, source->size);
	running = NULL;
	if (good && !reader.failed &&
		(reader.values != source->values.n || reader.closes != source->closes.n))
		findings_error(r->findings, reader.place, "syntax",
			"this cannot be read: libconfuse stops here");
	else if (!good && !reader.failed)
		findings_error(r->findings, reader.place, "syntax", "libconfuse stops here");
	return reader.failed || !good ? NULL : file;
}

/* ---- one string */

static const char **wanted;
static struct arena *wanted_arena;

static int on_string(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	const char **to = result;

	(void)cfg;
	(void)opt;
	*wanted = arena_str(wanted_arena, value);
	*to = "";
	return 0;
}

const char *reader_string(struct reading *r, const struct token *token)
{
	cfg_opt_t table[] = {CFG_STR_CB("v", NULL, CFGF_NODEFAULT, on_string), CFG_END()};
	const char *value = "";
	char *text;
	int length;

	if (token->kind == TOK_WORD)
		return arena_text(&r->arena, token->text, token->length);
	length = asprintf(&text, "v = %.*s\n", (int)token->length, token->text);
	if (length < 0) {
		r->arena.failed = true;
		return "";
	}
	wanted = &value;
	wanted_arena = &r->arena;
	(void)run_libconfuse(table, text, (size_t)length);
	free(text);
	wanted = NULL;
	return value;
}
