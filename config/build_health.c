/* build_health.c - the section health of a process. */
#include <string.h>

#include "config/build_internal.h"
#include "config/command.h"
#include "config/probe.h"

/* The three ways to check; one of them at most is set in the end. */
static const char *const WAYS[PROBE_COUNT] = {
	[PROBE_EXEC] = "exec", [PROBE_TCP] = "tcp", [PROBE_HTTP] = "http"};

/* Where a key of the section was set. */
static struct place place_of(const struct record *record, const char *name)
{
	return record->set_at[key_number(key_find(IN_HEALTH, name, strlen(name)))];
}

static const char *text_of(const struct record *record, enum probe_kind way)
{
	const struct health_settings *health = &record->settings.health;

	switch (way) {
	case PROBE_EXEC:
		return health->exec;
	case PROBE_TCP:
		return health->tcp;
	case PROBE_HTTP:
		return health->http;
	case PROBE_COUNT:
		break;
	}
	return NULL;
}

/* How it is checked; PROBE_COUNT: it is not. */
static enum probe_kind way_of(const struct record *record)
{
	unsigned way = 0;

	while (way < PROBE_COUNT && text_of(record, (enum probe_kind)way) == NULL)
		way++;
	return (enum probe_kind)way;
}

void build_inherit_health(struct record *record, const struct record *from)
{
	struct place own = {0};

	/* Who has a way of its own does not want another one beside it. */
	for (size_t i = 0; i < PROBE_COUNT && own.file == NULL; i++)
		own = place_of(record, WAYS[i]);
	for (size_t i = 0; i < PROBE_COUNT && own.file != NULL; i++) {
		const size_t key = key_number(key_find(IN_HEALTH, WAYS[i], strlen(WAYS[i])));
		if (record->set_at[key].file == NULL)
			record->set_at[key] = own;
	}
	record_inherit(record, from, IN_HEALTH);
}

void build_check_health(struct build *build, const struct record *record)
{
	const size_t section = key_number(key_find(IN_PROCESS, "health", strlen("health")));
	const enum probe_kind way = way_of(record);
	struct findings *f = build->r->findings;

	if (record->damaged)
		return;
	for (unsigned other = way + 1u; other < PROBE_COUNT; other++) {
		if (text_of(record, (enum probe_kind)other) != NULL)
			findings_error(f, place_of(record, WAYS[other]), "conflict",
				"'health' has one of exec, tcp and http: '%s' is set beside '%s'",
				WAYS[other], WAYS[way]);
	}
	if (way != PROBE_COUNT)
		return;
	if (record->set_at[section].file != NULL && build_is_default(record, "exec"))
		findings_error(f, record->set_at[section], "missing-probe",
			"'health' needs one of exec, tcp and http: what is checked?");
	if (record->settings.ready.kind == READY_PROBE)
		findings_error(f, build_place(record, "ready"), "missing-probe",
			"'ready = probe' needs a section health: its first success says that '%s' "
			"is ready",
			record->name);
}

/* What to connect to, with its specifiers replaced. NULL after a report, or when memory ran out. */
static const char *expand(struct build *build, const char *way, const char *text,
	struct place place, const struct specifiers *specifiers)
{
	char bad[2] = "";
	int64_t length = specifiers_expand(text, specifiers, NULL, 0, bad);
	char *expanded;

	if (length < 0) {
		findings_error(build->r->findings, place, "bad-value",
			"unknown specifier '%%%s' in '%s' (known: %%n name, %%p path%s); write "
			"%%%% "
			"for a percent sign",
			bad, way, specifiers->index != NULL ? ", %i number" : "");
		return NULL;
	}
	expanded = arena_alloc(&build->r->arena, (size_t)length + 1);
	if (expanded != NULL)
		(void)specifiers_expand(text, specifiers, expanded, (size_t)length + 1, NULL);
	return expanded;
}

static bool target_words(struct build *build, const struct record *record, enum probe_kind way,
	const struct specifiers *specifiers, bool is_template, struct strs *words)
{
	const char *text = text_of(record, way);
	struct place place = place_of(record, WAYS[way]);
	const char *target = expand(build, WAYS[way], text, place, specifiers);
	const char *why = "";
	struct probe_target parsed;

	if (target == NULL)
		return false;
	if ((way == PROBE_TCP ? probe_parse_tcp(target, &parsed, &why)
			      : probe_parse_http(target, &parsed, &why)) < 0) {
		findings_error(build->r->findings, place, "bad-value", "'%s' is %s, not '%s': %s",
			WAYS[way],
			way == PROBE_TCP ? "PORT, HOST:PORT or unix:/PATH"
					 : "such as http://127.0.0.1:8080/health, 8080/health or "
					   "unix:/PATH:/health",
			target, why);
		return false;
	}
	return strs_add(&build->r->arena, words, is_template ? text : target);
}

bool build_health(struct build *build, const struct record *record, const char *name,
	const char *index, uint32_t *ret_health)
{
	const struct health_settings *settings = &record->settings.health;
	const bool is_template = record->parent->context == IN_DYNAMIC;
	const enum probe_kind way = way_of(record);
	struct specifiers specifiers = {.name = name, .path = "", .index = index};
	struct health_spec health = health_spec_default();
	struct strs words = {0};
	bool good;

	*ret_health = SPEC_NONE;
	if (way == PROBE_COUNT)
		return true;
	specifiers.path = build_path(build, record, name);
	if (way == PROBE_EXEC)
		good = command_split(&build->r->arena, build->r->findings, place_of(record, "exec"),
			settings->exec, &specifiers,
			is_template ? SPECIFIERS_KEEP : SPECIFIERS_EXPAND, &words);
	else
		good = target_words(build, record, way, &specifiers, is_template, &words);
	if (!good)
		return false;
	health.interval_ms = settings->interval_ms;
	health.timeout_ms = settings->timeout_ms;
	health.start_period_ms = settings->start_period_ms;
	health.retries = (uint32_t)settings->retries;
	health.probe = (uint8_t)way;
	health.words = spec_add_strs(build->b, words.item, words.n);
	*ret_health = spec_add_health(build->b, &health);
	return true;
}
