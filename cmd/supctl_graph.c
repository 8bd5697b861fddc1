/* supctl_graph.c - graph: the tree with its strategies and states, as dot, SVG or Mermaid; from the
 * status table, without a word to supd. */
#include "cmd/supctl_graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/engine/engine.h"

enum tone graph_tone(const struct status_record *record)
{
	if (record->health == HEALTH_UNHEALTHY)
		return TONE_BAD;
	return record->suspended ? TONE_BUSY : state_tone(record->state);
}

/* Appends to buf, which has room for GRAPH_WORDS_SIZE. */
__attribute__((format(printf, 2, 3))) static void say(char *buf, const char *format, ...)
{
	size_t n = strlen(buf);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(buf + n, GRAPH_WORDS_SIZE - n, format, args);
	va_end(args);
}

static const char *state_word(const struct status_record *record)
{
	const char *state = child_state_name(record->state);

	if (record->suspended)
		return "suspended";
	return state ? state : "?";
}

static void say_supervisor(const struct status_record *record, char *buf)
{
	const char *strategy = spec_strategy_name(record->strategy);
	char period[32];

	if (record->kind == KIND_SUPERVISOR)
		say(buf, "%s", strategy ? strategy : "?");
	else
		say(buf, "%s of %u", spec_kind_name(record->kind), record->children_max);
	say(buf, ", %u in %s", record->max_restarts, format_duration(record->period_ms, period));
	if (record->state != CHILD_RUNNING)
		say(buf, ", %s", state_word(record));
}

static void say_process(
	const struct snapshot *snapshot, const struct status_record *record, char *buf)
{
	const struct end end = {record->end_kind, record->end_stage, record->end_value};
	char words[END_WORDS_SIZE];
	char age[32];

	say(buf, "%s", state_word(record));
	if (record->health == HEALTH_UNHEALTHY)
		say(buf, ", unhealthy");
	if (record->state == CHILD_RUNNING)
		say(buf, ", up %s", format_age(snapshot->now_mono_ms - record->since_mono_ms, age));
	else if (end.kind != END_NONE)
		say(buf, " (%.40s)", end_words(&end, words));
	if (record->restarts > 0)
		say(buf, ", %llu restart%s", (unsigned long long)record->restarts,
			record->restarts == 1 ? "" : "s");
}

const char *graph_words(
	const struct snapshot *snapshot, uint32_t position, char buf[static GRAPH_WORDS_SIZE])
{
	const struct status_record *record = &snapshot->nodes[position].record;

	buf[0] = '\0';
	if (record->kind == KIND_PROCESS)
		say_process(snapshot, record, buf);
	else
		say_supervisor(record, buf);
	return buf;
}

/* ---- dot */

/* Within double quotes. */
static void dot_text(struct out *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			out_text(out, "\\");
		out_bytes(out, (unsigned char)*text < ' ' ? "?" : text, 1);
	}
}

static const char *dot_colour(enum tone tone)
{
	static const char *const colours[TONE_COUNT] = {
		[TONE_PLAIN] = "#f6f8fa",
		[TONE_GOOD] = "#d2f4d9",
		[TONE_BUSY] = "#fdeec2",
		[TONE_BAD] = "#ffd5d2",
		[TONE_DIM] = "#e7e9ec",
		[TONE_BOLD] = "#f6f8fa",
	};

	return colours[tone];
}

static void graph_dot(struct out *out, const struct snapshot *snapshot)
{
	char words[GRAPH_WORDS_SIZE];

	out_text(out, "digraph supd {\n"
		      "\trankdir=LR;\n"
		      "\tnode [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n");
	for (uint32_t i = 0; i < snapshot->n; i++) {
		const struct status_record *record = &snapshot->nodes[i].record;

		out_printf(out, "\tn%u [label=\"", i);
		dot_text(out, record->name);
		out_text(out, "\\n");
		dot_text(out, graph_words(snapshot, i, words));
		out_printf(out, "\", fillcolor=\"%s\"%s];\n", dot_colour(graph_tone(record)),
			record->kind == KIND_PROCESS ? "" : ", penwidth=2");
	}
	for (uint32_t i = 1; i < snapshot->n; i++)
		out_printf(out, "\tn%u -> n%u;\n", snapshot->nodes[i].parent, i);
	out_text(out, "}\n");
}

/* ---- Mermaid */

/* Within double quotes: what means something there is written by its number. */
static void mermaid_text(struct out *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\"#&<>`\\[](){}|;", *text))
			out_printf(out, "#%d;", *text);
		else
			out_bytes(out, (unsigned char)*text < ' ' ? "?" : text, 1);
	}
}

static const char *mermaid_class(enum tone tone)
{
	static const char *const names[TONE_COUNT] = {
		[TONE_PLAIN] = "idle",
		[TONE_GOOD] = "good",
		[TONE_BUSY] = "busy",
		[TONE_BAD] = "bad",
		[TONE_DIM] = "idle",
		[TONE_BOLD] = "idle",
	};

	return names[tone];
}

static void graph_mermaid(struct out *out, const struct snapshot *snapshot)
{
	char words[GRAPH_WORDS_SIZE];

	out_text(out, "flowchart LR\n");
	for (uint32_t i = 0; i < snapshot->n; i++) {
		const struct status_record *record = &snapshot->nodes[i].record;
		bool process = record->kind == KIND_PROCESS;

		out_printf(out, "\tn%u%s\"", i, process ? "(" : "[");
		mermaid_text(out, record->name);
		out_text(out, "<br/>");
		mermaid_text(out, graph_words(snapshot, i, words));
		out_printf(
			out, "\"%s:::%s\n", process ? ")" : "]", mermaid_class(graph_tone(record)));
	}
	for (uint32_t i = 1; i < snapshot->n; i++)
		out_printf(out, "\tn%u --> n%u\n", snapshot->nodes[i].parent, i);
	out_text(out, "\tclassDef good fill:#d2f4d9,stroke:#2da44e,color:#1f2328\n"
		      "\tclassDef busy fill:#fdeec2,stroke:#d4900d,color:#1f2328\n"
		      "\tclassDef bad fill:#ffd5d2,stroke:#d1242f,color:#1f2328\n"
		      "\tclassDef idle fill:#e7e9ec,stroke:#8c959f,color:#1f2328\n");
}

/* ---- the command */

enum graph_format { GRAPH_DOT, GRAPH_SVG, GRAPH_MERMAID, GRAPH_FORMATS };

static int read_format(const struct request *request, enum graph_format *ret_format)
{
	static const char *const names[GRAPH_FORMATS] = {"dot", "svg", "mermaid"};
	const char *nearest;

	*ret_format = GRAPH_DOT;
	for (int i = 0; request->format && i < GRAPH_FORMATS; i++) {
		if (strcmp(names[i], request->format) == 0) {
			*ret_format = (enum graph_format)i;
			return SUPCTL_DONE;
		}
	}
	if (!request->format)
		return SUPCTL_DONE;
	nearest = nearest_word(request->format, names, GRAPH_FORMATS);
	complain("graph: %s is no format: %s%s%s", request->format,
		nearest ? "did you mean " : "write dot, svg or mermaid", nearest ? nearest : "",
		nearest ? "?" : "");
	return SUPCTL_USAGE;
}

int verb_graph(const struct request *request)
{
	enum graph_format format;
	struct snapshot snapshot;
	int status = read_format(request, &format);

	if (status == SUPCTL_DONE && request->flags & FLAG_JSON) {
		complain("graph has no --json: `supctl status --json` has the tree");
		status = SUPCTL_USAGE;
	}
	if (status == SUPCTL_DONE)
		status = snapshot_open(request->dir, &snapshot);
	if (status != SUPCTL_DONE)
		return status;
	switch (format) {
	case GRAPH_SVG:
		if (graph_svg(request->out, &snapshot) < 0) {
			complain("out of memory");
			status = SUPCTL_REFUSED;
		}
		break;
	case GRAPH_MERMAID:
		graph_mermaid(request->out, &snapshot);
		break;
	case GRAPH_DOT:
	case GRAPH_FORMATS:
		graph_dot(request->out, &snapshot);
		break;
	}
	if (snapshot.liveness == SUPD_GONE || snapshot.liveness == SUPD_ENDED)
		status = SUPCTL_UNREACHABLE;
	snapshot_free(&snapshot);
	return status;
}
