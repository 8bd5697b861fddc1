/* kept.c - see kept.h.
 *
 * A value is kept as text, with the place where it stood, and goes through its setter once more:
 * whatever a key may become, there is nothing here to keep in step. */
#include "config/kept.h"

#include <string.h>

static const char *key_text(struct arena *arena, const struct key *key)
{
	const struct key *section = key_section(key);

	if (section == NULL)
		return key->name;
	/* The value in the place of a section. */
	if (key->internal)
		return section->name;
	return arena_format(arena, "%s.%s", section->name, key->name);
}

static bool is_kept(const struct written *written)
{
	return strcmp(written->key->name, "instances") != 0;
}

static uint32_t add_setting(
	struct spec_builder *b, struct arena *arena, const struct written *written)
{
	const struct setting_spec setting = {.key = spec_add_str(b, key_text(arena, written->key)),
		.value = written->value != NULL ? spec_add_str(b, written->value) : SPEC_NONE,
		.file = spec_add_str(b, written->place.file),
		.line = written->place.line,
		.more = !written->first};

	return spec_add_setting(b, &setting);
}

uint32_t kept_add(struct spec_builder *b, struct arena *arena, const struct record *defaults)
{
	uint32_t *offsets;
	size_t n = 0;

	for (const struct written *w = defaults->written; w != NULL; w = w->next)
		n += is_kept(w) ? 1 : 0;
	offsets = n > 0 ? arena_alloc(arena, n * sizeof(*offsets)) : NULL;
	if (offsets == NULL)
		return SPEC_NONE;
	n = 0;
	for (const struct written *w = defaults->written; w != NULL; w = w->next) {
		if (is_kept(w))
			offsets[n++] = add_setting(b, arena, w);
	}
	return spec_add_numbers(b, offsets, n);
}

static void set_again(struct reading *r, struct record *record, const struct spec *spec,
	const struct setting_spec *setting)
{
	const char *text = spec_str(spec, setting->key);
	const char *value = setting->value != SPEC_NONE ? spec_str(spec, setting->value) : NULL;
	const struct place place = {spec_str(spec, setting->file), setting->line};
	const struct key *section;
	const struct key *key = key_of_process(text, strlen(text), &section);

	if (key != NULL && key->shape == SHAPE_SECTION && value != NULL)
		key = key->as_value != NULL ? key_as_value(key) : NULL;
	if (key == NULL)
		findings_error(r->findings, place, "unknown-key",
			"'%s' of the defaults is no key of a process", text);
	else
		record_set(r, record, key, value, place, !setting->more);
}

static struct record *read_again(struct reading *r, const struct spec *spec, uint32_t offset)
{
	const struct spec_list *list = spec_list(spec, offset);
	struct record *record = arena_alloc(&r->arena, sizeof(*record));

	if (record == NULL)
		return NULL;
	record->context = IN_DEFAULTS;
	for (uint32_t i = 0; i < list->n; i++)
		set_again(r, record, spec, spec_setting(spec, list->item[i]));
	return record;
}

const struct record *kept_above(struct reading *r, const struct spec *spec, uint32_t sup)
{
	struct record *outer = NULL;

	for (uint32_t i = sup; i != SPEC_NONE; i = spec_node(spec, i)->parent) {
		const uint32_t defaults = spec_sup(spec, i)->defaults;
		struct record *record =
			defaults != SPEC_NONE ? read_again(r, spec, defaults) : NULL;

		if (record == NULL)
			continue;
		record->next = outer;
		outer = record;
	}
	return outer;
}
