/* supmetrics_page.c - the status page: plain HTML, no script, for a phone as for a wide screen, for
 * light and dark. */
#include <stdio.h>
#include <string.h>

#include "cmd/supctl_health.h"
#include "cmd/supctl_metrics.h"
#include "cmd/supctl_svg.h"
#include "cmd/supctl_words.h"
#include "cmd/supmetrics.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/child_json.h"

enum { HEALTH_LINES = 20 };

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<style>\n"
	":root{color-scheme:light dark;--ink:#1f2328;--dim:#59636e;--ground:#fff;--line:#d8dee4;"
	"--head:#f6f8fa;--good:#1a7f37;--busy:#8a5a00;--bad:#c01f2b}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9198a1;--ground:#0d1117;"
	"--line:#30363d;--head:#161b22;--good:#4ac26b;--busy:#e3a72f;--bad:#ff7b72}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:70rem;padding:1rem;color:var(--ink);background:var(--ground);"
	"font:16px/1.45 system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif}\n"
	"h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.4rem 0 .4rem}\n"
	"p{margin:.3rem 0}.dim{color:var(--dim)}a{color:inherit}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n"
	"th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid var(--line);"
	"vertical-align:top}\n"
	"thead th{background:var(--head);font-size:.85rem;white-space:nowrap;position:sticky;top:0}"
	"\n"
	"tbody th{font-weight:400;overflow-wrap:anywhere}tbody th.sup{font-weight:600}\n"
	".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	".s{white-space:nowrap}.s::before{content:\"\\25cf\";margin-right:.4em}\n"
	".good::before,.good{color:var(--good)}.busy::before,.busy{color:var(--busy)}"
	".bad::before,.bad{color:var(--bad)}.idle::before,.idle{color:var(--dim)}\n"
	"ul.wrong{list-style:none;padding:0;margin:0}ul.wrong li{padding:.4rem .6rem;margin:.3rem "
	"0;"
	"border-left:4px solid var(--bad);background:var(--head)}\n"
	"small{color:var(--dim);font-weight:400;white-space:nowrap}\n"
	"@media (max-width:46rem){body{padding:.6rem}th,td{padding:.35rem "
	".3rem}.wide{display:none}}"
	"\n"
	"</style>\n";

/* ---- what is wrong */

static void print_wrong(
	struct out *out, const struct snapshot *snapshot, uint32_t position, bool html)
{
	char path[SNAPSHOT_PATH_SIZE];
	char words[HEALTH_WORDS_SIZE];

	(void)snapshot_path(snapshot, position, path);
	out_text(out, html ? "<li><b>" : "");
	svg_text(out, path);
	out_printf(
		out, "%s: %s", html ? "</b>" : "", health_wrong_words(snapshot, position, words));
	out_text(out, html ? "</li>\n" : "\n");
}

/* Of all that is wrong the first few. A supervisor that is busy with its children is told by
 * them. */
static void print_all_wrong(struct out *out, const struct snapshot *snapshot, bool html)
{
	uint32_t told = 0;
	uint32_t more = 0;

	for (uint32_t i = 0; i < snapshot->n; i++) {
		if (!health_is_wrong(snapshot, i))
			continue;
		if (told < HEALTH_LINES)
			print_wrong(out, snapshot, i, html);
		more += told >= HEALTH_LINES;
		told++;
	}
	if (more > 0)
		out_printf(out, "%s... and %u more%s\n", html ? "<li>" : "", more,
			html ? "</li>" : "");
}

void health_print(struct out *out, const struct snapshot *snapshot)
{
	if (!metrics_is_up(snapshot)) {
		out_text(out, "there is no supd\n");
		return;
	}
	if (health_is_well(snapshot, 0)) {
		out_text(out, "ok\n");
		return;
	}
	print_all_wrong(out, snapshot, false);
}

/* ---- the table */

static enum tone tone_of(const struct status_record *record)
{
	if (record->health == HEALTH_UNHEALTHY)
		return TONE_BAD;
	return record->suspended ? TONE_BUSY : state_tone(record->state);
}

static void print_name(struct out *out, const struct snapshot_node *node)
{
	const struct status_record *record = &node->record;
	bool process = record->kind == KIND_PROCESS;
	const char *kind = record->kind == KIND_SUPERVISOR ? spec_strategy_name(record->strategy)
							   : spec_kind_name(record->kind);

	out_printf(out, "<tr><th scope=\"row\"%s style=\"padding-left:%.1frem\">",
		process ? "" : " class=\"sup\"", 0.5 + (node->depth < 12 ? node->depth : 12));
	svg_text(out, record->name);
	if (!process && kind)
		out_printf(out, " <small>%s</small>", kind);
	if (record->text[0]) {
		out_text(out, "<br><small>");
		svg_text(out, record->text);
		out_text(out, "</small>");
	}
	out_text(out, "</th>");
}

static void print_state(struct out *out, const struct status_record *record)
{
	const char *state = child_state_name(record->state);

	out_printf(out, "<td class=\"s %s\">%s%s</td>", svg_class(tone_of(record)),
		record->suspended ? "suspended" : (state ? state : "?"),
		record->health == HEALTH_UNHEALTHY ? ", unhealthy" : "");
}

static void print_row(struct out *out, const struct snapshot *snapshot, uint32_t position,
	const struct usage *usage)
{
	const struct status_record *record = &snapshot->nodes[position].record;
	const struct end end = {record->end_kind, record->end_stage, record->end_value};
	int32_t pid = position == 0 ? snapshot->header.pid : record->pid;
	bool none = record->kind == KIND_PROCESS && pid <= 0;
	char words[END_WORDS_SIZE];
	char memory[16];
	char age[32];

	print_name(out, &snapshot->nodes[position]);
	print_state(out, record);
	out_printf(out, "<td class=\"n\">%s</td><td class=\"n\">%llu</td>",
		record->state == CHILD_RUNNING
			? format_age(snapshot->now_mono_ms - record->since_mono_ms, age)
			: "-",
		(unsigned long long)record->restarts);
	out_printf(out, "<td class=\"n wide\">%s</td>",
		usage_memory_words(none ? -1 : usage->memory, memory));
	out_printf(out,
		none || usage->cpu_s < 0 ? "<td class=\"n wide\">-</td>"
					 : "<td class=\"n wide\">%.1fs</td>",
		usage->cpu_s);
	out_printf(
		out, pid > 0 ? "<td class=\"n wide\">%d</td>" : "<td class=\"n wide\">-</td>", pid);
	out_text(out, "<td class=\"wide\">");
	svg_text(out, end_words(&end, words));
	out_text(out, "</td></tr>\n");
}

static void print_table(struct out *out, const struct snapshot *snapshot, const struct usage *usage)
{
	out_text(out, "<h2>All children</h2>\n<table>\n<caption>The tree of supervisors and "
		      "processes, in start order</caption>\n<thead><tr><th scope=\"col\">Name</th>"
		      "<th scope=\"col\">State</th><th scope=\"col\" class=\"n\">Up</th>"
		      "<th scope=\"col\" class=\"n\">Restarts</th>"
		      "<th scope=\"col\" class=\"n wide\">Memory</th>"
		      "<th scope=\"col\" class=\"n wide\">CPU</th>"
		      "<th scope=\"col\" class=\"n wide\">PID</th>"
		      "<th scope=\"col\" class=\"wide\">Last exit</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < snapshot->n; i++)
		print_row(out, snapshot, i, &usage[i]);
	out_text(out, "</tbody>\n</table>\n");
}

/* ---- the page */

static void print_summary(struct out *out, const struct snapshot *snapshot)
{
	uint32_t processes = 0;
	uint32_t running = 0;
	char when[40];

	for (uint32_t i = 0; i < snapshot->n; i++) {
		processes += snapshot->nodes[i].record.kind == KIND_PROCESS;
		running += snapshot->nodes[i].record.kind == KIND_PROCESS &&
			   snapshot->nodes[i].record.state == CHILD_RUNNING;
	}
	out_printf(out, "<p>%u of %u processes running</p>\n", running, processes);
	if (snapshot->liveness == SUPD_STOPPED)
		out_text(out, "<p class=\"bad\">supd is stopped (SIGSTOP): this is the last it "
			      "wrote.</p>\n");
	out_text(out, "<p class=\"dim\">");
	svg_text(out, snapshot->header.version_text);
	out_printf(out, ", since %s. <a href=\"\">Look again</a></p>\n",
		format_wall_time(snapshot->header.started_ns, false, when));
}

void page_print(struct out *out, const struct snapshot *snapshot, const struct usage *usage)
{
	bool up = metrics_is_up(snapshot);
	bool well = up && health_is_well(snapshot, 0);

	out_text(out, head);
	out_text(out, "<title>");
	svg_text(out, up ? snapshot->nodes[0].record.name : "supd");
	out_printf(out, ": %s</title>\n</head>\n<body>\n<main>\n<h1>",
		!up    ? "not there"
		: well ? "well"
		       : "in trouble");
	svg_text(out, up ? snapshot->nodes[0].record.name : "supd");
	out_printf(out, ": <span class=\"%s\">%s</span></h1>\n", well ? "good" : "bad",
		!up    ? "not there"
		: well ? "well"
		       : "in trouble");
	if (!up) {
		out_text(out, "<p>No supd stands behind this page. <a href=\"\">Look again"
			      "</a></p>\n");
	} else {
		print_summary(out, snapshot);
		if (!well) {
			out_text(out, "<h2>In trouble</h2>\n<ul class=\"wrong\">\n");
			print_all_wrong(out, snapshot, true);
			out_text(out, "</ul>\n");
		}
		print_table(out, snapshot, usage);
	}
	out_text(out, "</main>\n</body>\n</html>\n");
}
