/* supctl_metrics.c - see supctl_metrics.h. One table of families: each is printed whole, child by
 * child, as the formats want it. */
#include "cmd/supctl_metrics.h"

#include <stdio.h>
#include <string.h>

#include "cmd/supctl_health.h"
#include "cmd/supctl_svg.h"
#include "config/spec.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/child_json.h"

const char *const metrics_format_names[METRICS_FORMATS] = {
	[METRICS_BOTH] = "both",
	[METRICS_OPENMETRICS] = "openmetrics",
	[METRICS_PROMETHEUS] = "prometheus",
};

struct metrics {
	struct out *out;
	const struct snapshot *snapshot;
	const struct usage *usage;
	const struct log_counts *logs;
	enum metrics_format format;
};

enum of { OF_PROCESSES, OF_SUPERVISORS, OF_ALL };

/* A value of a family, and a label of its own. */
struct sample {
	double value;
	const char *label; /* NULL: none */
	const char *word;
};

struct family {
	const char *name; /* of a counter without _total */
	const char *help;
	bool counter;
	enum of of;
	/* Returns false when the child has no such thing. */
	bool (*read)(const struct metrics *m, uint32_t position, struct sample *ret);
};

static const struct status_record *record_of(const struct metrics *m, uint32_t position)
{
	return &m->snapshot->nodes[position].record;
}

/* Of the wall clock, to the millisecond. */
static double seconds_of(int64_t wall_ns)
{
	int64_t ms = wall_ns / 1000000;

	return (double)ms / 1000;
}

/* ---- what is told of a child */

static bool read_state(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const char *state = child_state_name(record_of(m, position)->state);

	*ret = (struct sample){1, "state", state ? state : "unknown"};
	return true;
}

static bool read_up(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const struct status_record *record = record_of(m, position);

	ret->value = record->state == CHILD_RUNNING && record->ready;
	return true;
}

static bool read_trouble(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = health_is_wrong(m->snapshot, position);
	return true;
}

static bool read_health(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const struct status_record *record = record_of(m, position);

	ret->value = record->health == HEALTH_HEALTHY;
	return record->health == HEALTH_HEALTHY || record->health == HEALTH_UNHEALTHY;
}

static bool read_suspended(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = record_of(m, position)->suspended;
	return true;
}

static bool read_restarts(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)record_of(m, position)->restarts;
	return true;
}

static bool read_starts_failed(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = record_of(m, position)->starts_failed;
	return true;
}

static bool read_uptime(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const struct status_record *record = record_of(m, position);

	ret->value = record->state != CHILD_RUNNING
			     ? 0
			     : (double)(m->snapshot->now_mono_ms - record->since_mono_ms) / 1000;
	return true;
}

static bool read_last_exit(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const struct status_record *record = record_of(m, position);
	const char *kind = end_kind_name(record->end_kind);

	*ret = (struct sample){-1, "kind", kind ? kind : "unknown"};
	if (record->end_kind == END_EXITED)
		ret->value = record->end_value;
	else if (record->end_kind == END_SIGNALED)
		ret->value = 128 + record->end_value;
	return record->end_kind != END_NONE;
}

static bool read_last_exit_time(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const struct status_record *record = record_of(m, position);

	ret->value = seconds_of(record->end_ns);
	return record->end_kind != END_NONE && record->end_ns > 0;
}

static bool read_memory(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)m->usage[position].memory;
	return m->usage[position].memory >= 0;
}

static bool read_cpu(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = m->usage[position].cpu_s;
	return m->usage[position].cpu_s >= 0;
}

static bool read_processes(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = m->usage[position].processes;
	return m->usage[position].memory >= 0;
}

/* ---- of its output */

static bool read_log_bytes(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)m->logs[position].bytes;
	return m->logs[position].known;
}

static bool read_log_lines(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)m->logs[position].lines;
	return m->logs[position].known;
}

static bool read_log_dropped(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)m->logs[position].dropped_lines;
	return m->logs[position].known;
}

static bool read_log_dropped_bytes(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)m->logs[position].dropped_bytes;
	return m->logs[position].known;
}

static bool read_log_rotations(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)m->logs[position].rotations;
	return m->logs[position].known;
}

/* ---- of a supervisor */

static bool read_limit(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = record_of(m, position)->max_restarts;
	return true;
}

static bool read_limit_used(const struct metrics *m, uint32_t position, struct sample *ret)
{
	const struct status_record *record = record_of(m, position);

	/* supd counts when there is something to count: what is too old by now is left out here. */
	ret->value = m->snapshot->now_mono_ms <= record->window_end_ms ? record->window : 0;
	return true;
}

static bool read_limit_period(const struct metrics *m, uint32_t position, struct sample *ret)
{
	ret->value = (double)record_of(m, position)->period_ms / 1000;
	return true;
}

static const struct family families[] = {
	{"supd_child_state", "State of the child: 1 for the state that it is in.", false, OF_ALL,
		read_state},
	{"supd_child_up", "Whether the child is running and ready.", false, OF_ALL, read_up},
	{"supd_child_in_trouble", "Whether the child is not as it should be (supctl health).",
		false, OF_ALL, read_trouble},
	{"supd_child_healthy", "Outcome of its health check, if it has one that has ended.", false,
		OF_PROCESSES, read_health},
	{"supd_child_suspended", "Whether it was made to stand still.", false, OF_PROCESSES,
		read_suspended},
	{"supd_child_restarts", "Restarts by its supervisor since supd started.", true, OF_ALL,
		read_restarts},
	{"supd_child_starts_failed", "Starts that failed, first or repeated.", true, OF_ALL,
		read_starts_failed},
	{"supd_child_uptime_seconds", "Time since it was ready, 0 when it is not running.", false,
		OF_ALL, read_uptime},
	{"supd_child_last_exit_status",
		"How its last process ended: exit status, 128 + signal, -1 for another kind of "
		"end.",
		false, OF_PROCESSES, read_last_exit},
	{"supd_child_last_exit_timestamp_seconds", "When it last ended.", false, OF_PROCESSES,
		read_last_exit_time},
	{"supd_child_memory_bytes", "Memory of its processes: of its control group, else resident.",
		false, OF_PROCESSES, read_memory},
	{"supd_child_cpu_seconds", "CPU time that its processes have used.", true, OF_PROCESSES,
		read_cpu},
	{"supd_child_processes", "Its processes.", false, OF_PROCESSES, read_processes},
	{"supd_child_log_bytes", "Bytes that it has written to its log.", true, OF_PROCESSES,
		read_log_bytes},
	{"supd_child_log_lines", "Lines that it has written to its log.", true, OF_PROCESSES,
		read_log_lines},
	{"supd_child_log_dropped_bytes", "Bytes of its log that could not be written.", true,
		OF_PROCESSES, read_log_dropped_bytes},
	{"supd_child_log_dropped_lines", "Lines of its log that could not be written.", true,
		OF_PROCESSES, read_log_dropped},
	{"supd_child_log_rotations", "Times that its log file was rotated.", true, OF_PROCESSES,
		read_log_rotations},
	{"supd_supervisor_restarts_allowed", "Restarts that its limit allows within its period.",
		false, OF_SUPERVISORS, read_limit},
	{"supd_supervisor_restarts_used", "Restarts that count against its limit now.", false,
		OF_SUPERVISORS, read_limit_used},
	{"supd_supervisor_period_seconds", "Period of its restart limit.", false, OF_SUPERVISORS,
		read_limit_period},
};

/* ---- printing */

void metrics_label(struct out *out, const char *text)
{
	while (*text) {
		size_t n = svg_character(text);

		if (*text == '\\' || *text == '"')
			out_text(out, "\\");
		if (*text == '\n')
			out_text(out, "\\n");
		else if (n == 0)
			out_text(out, "?");
		else
			out_bytes(out, text, n);
		text += n ? n : 1;
	}
}

static void print_head(const struct metrics *m, const char *name, const char *help, bool counter)
{
	const char *total = counter && m->format != METRICS_OPENMETRICS ? "_total" : "";

	out_printf(m->out, "# HELP %s%s %s\n", name, total, help);
	if (!counter || m->format != METRICS_BOTH)
		out_printf(m->out, "# TYPE %s%s %s\n", name, total, counter ? "counter" : "gauge");
}

static void print_value(const struct metrics *m, double value)
{
	/* Whole numbers as such; times to the microsecond. */
	if (value == (double)(int64_t)value)
		out_printf(m->out, " %.0f\n", value);
	else
		out_printf(m->out, " %.6f\n", value);
}

static void print_sample(const struct metrics *m, const struct family *family, uint32_t position,
	const struct sample *sample)
{
	char path[SNAPSHOT_PATH_SIZE];
	char above[SNAPSHOT_PATH_SIZE] = "";

	if (position > 0)
		(void)snapshot_path(m->snapshot, m->snapshot->nodes[position].parent, above);
	out_printf(m->out, "%s%s{path=\"", family->name, family->counter ? "_total" : "");
	metrics_label(m->out, snapshot_path(m->snapshot, position, path));
	out_text(m->out, "\",supervisor=\"");
	metrics_label(m->out, above);
	if (sample->label) {
		out_printf(m->out, "\",%s=\"", sample->label);
		metrics_label(m->out, sample->word);
	}
	out_text(m->out, "\"}");
	print_value(m, sample->value);
}

static bool is_of(const struct metrics *m, const struct family *family, uint32_t position)
{
	bool process = record_of(m, position)->kind == KIND_PROCESS;

	return family->of == OF_ALL || process == (family->of == OF_PROCESSES);
}

static void print_family(const struct metrics *m, const struct family *family)
{
	bool any = false;

	for (uint32_t i = 0; i < m->snapshot->n; i++) {
		struct sample sample = {0};

		if (!is_of(m, family, i) || !family->read(m, i, &sample))
			continue;
		if (!any)
			print_head(m, family->name, family->help, family->counter);
		any = true;
		print_sample(m, family, i, &sample);
	}
}

static void print_one(
	const struct metrics *m, const char *name, const char *help, bool counter, double value)
{
	print_head(m, name, help, counter);
	out_printf(m->out, "%s%s", name, counter ? "_total" : "");
	print_value(m, value);
}

bool metrics_is_up(const struct snapshot *snapshot)
{
	return snapshot && (snapshot->liveness == SUPD_ALIVE || snapshot->liveness == SUPD_STOPPED);
}

static void print_supd(const struct metrics *m)
{
	const struct status_header *header = &m->snapshot->header;

	print_head(m, "supd_build_info", "Version of supd.", false);
	out_text(m->out, "supd_build_info{version=\"");
	metrics_label(m->out,
		header->version_text + (strncmp(header->version_text, "supd ", 5) == 0 ? 5 : 0));
	out_text(m->out, "\"} 1\n");
	print_one(m, "supd_start_time_seconds", "When supd started.", false,
		seconds_of(header->started_ns));
	print_one(m, "supd_configuration_generation", "One more with each reload.", false,
		(double)header->generation);
	print_one(m, "supd_healthy", "Whether all that should run is well (supctl health).", false,
		health_is_well(m->snapshot, 0));
	print_one(m, "supd_events", "Events since supd started.", true, (double)header->events);
	print_one(m, "supd_events_lost", "Events that a subscriber read too slowly to get.", true,
		(double)header->events_lost);
}

void metrics_print(struct out *out, const struct measured *measured, enum metrics_format format)
{
	struct metrics m = {.out = out, .format = format};
	bool up = measured && metrics_is_up(&measured->snapshot);

	print_one(&m, "supd_up", "Whether supd is there.", false, up);
	/* The last that a supd wrote that is gone is no measurement of anything. */
	if (up) {
		m.snapshot = &measured->snapshot;
		m.usage = measured->usage;
		m.logs = measured->logs;
		print_supd(&m);
		for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
			print_family(&m, &families[i]);
	}
	out_text(out, "# EOF\n");
}
