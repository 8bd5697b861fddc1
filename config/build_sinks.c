/* build_sinks.c - the sinks: who gets the events. */
#include <string.h>

#include "config/build_internal.h"
#include "config/command.h"
#include "config/probe.h"

enum { SINKS_MAX = 16 };

static struct place place_of(const struct record *sink, const char *key_name)
{
	return sink->set_at[key_number(key_find(IN_SINK, key_name, strlen(key_name)))];
}

static uint32_t build_command(struct build *build, const struct record *sink)
{
	const struct specifiers specifiers = {.name = sink->name, .path = sink->name};
	struct strs words = {0};

	if (sink->settings.command == NULL ||
		!command_split(&build->r->arena, build->r->findings, place_of(sink, "command"),
			sink->settings.command, &specifiers, SPECIFIERS_EXPAND, &words))
		return SPEC_NONE;
	return spec_add_strs(build->b, words.item, words.n);
}

static uint32_t build_statsd(struct build *build, const struct record *sink)
{
	const char *text = sink->settings.statsd;
	struct probe_target target;
	const char *why = "it is a socket of this machine's files";

	if (text == NULL)
		return SPEC_NONE;
	if (probe_parse_tcp(text, &target, &why) == 0 && target.family != PROBE_UNIX)
		return spec_add_str(build->b, text);
	findings_error(build->r->findings, place_of(sink, "statsd"), "bad-value",
		"'statsd' is HOST:PORT or PORT, HOST an address or localhost, not '%s': %s", text,
		why);
	return SPEC_NONE;
}

static void check(struct build *build, const struct record *sink)
{
	struct findings *f = build->r->findings;

	if (sink->settings.command != NULL && sink->settings.statsd != NULL)
		findings_error(f, place_of(sink, "statsd"), "conflict",
			"a sink has one of command and statsd: '%s' has both", sink->name);
	else if (sink->settings.command == NULL && sink->settings.statsd == NULL && !sink->damaged)
		findings_error(f, sink->place, "missing-command",
			"sink '%s' has neither command nor statsd: where do the events go?",
			sink->name);
	for (const struct record *before = sink->next; before != NULL; before = before->next) {
		if (strcmp(before->name, sink->name) != 0)
			continue;
		findings_error(f, sink->place, "duplicate-name",
			"the name '%s' is taken by a sink at %s:%u", sink->name, before->place.file,
			before->place.line);
		return;
	}
}

void build_sinks(struct build *build, const struct record *file)
{
	uint32_t list[SINKS_MAX];
	size_t n = 0;

	/* The last one comes first. */
	for (const struct record *sink = file->sinks; sink != NULL; sink = sink->next) {
		struct sink_spec spec = {.name = spec_add_str(build->b, sink->name),
			.argv = build_command(build, sink),
			.statsd = build_statsd(build, sink)};

		check(build, sink);
		if (n < SINKS_MAX)
			list[SINKS_MAX - 1 - n] = spec_add_sink(build->b, &spec);
		if (++n == SINKS_MAX + 1)
			findings_error(build->r->findings, file->sinks->place, "nesting",
				"more than %d sinks", SINKS_MAX);
	}
	if (n > 0 && n <= SINKS_MAX)
		spec_set_sinks(build->b, list + SINKS_MAX - n, n);
}
