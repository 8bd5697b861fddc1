/* supctl_why.c - why: the state of one child in a paragraph. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_holders.h"
#include "cmd/supctl_output.h"
#include "cmd/supctl_snapshot.h"
#include "cmd/supctl_trouble.h"
#include "cmd/supctl_why_output.h"
#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "config/units.h"
#include "supervisor/engine/engine.h"
#include "supervisor/wire/child_json.h"
#include "supervisor/wire/stages.h"

enum { TEXT_SIZE = 8192 };

/* One child, and what is said of it. */
struct answer {
	const struct request *request;
	const struct snapshot *snapshot;
	const struct status_record *record;
	char path[SNAPSHOT_PATH_SIZE];
	char trouble[TROUBLE_SIZE]; /* a sentence, or nothing */
	struct holder holders[HOLDERS_MAX];
	size_t n_holders;
	struct last_output output;
	char text[TEXT_SIZE];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void say(struct answer *a, const char *format, ...)
{
	size_t room = sizeof a->text - a->length;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(a->text + a->length, room, format, args);
	va_end(args);
	if (n > 0)
		a->length += (size_t)n < room ? (size_t)n : room - 1;
}

/* What brought it there; NULL: nothing that the state does not say. */
static const char *because(unsigned why)
{
	static const char *const words[WHY_COUNT] = {
		[WHY_BOOT] = "its supervisor starts",
		[WHY_EXIT] = "it ended by itself",
		[WHY_RESTART] = "it is brought back after its own end",
		[WHY_SIBLING] = "a sibling died, and the strategy takes it along",
		[WHY_OPERATOR] = "an operator asked for it",
		[WHY_SUPERVISOR] = "its supervisor ends",
		[WHY_LIMIT] = "the restart limit was reached",
		[WHY_START_FAILED] = "its start failed",
		[WHY_START_TIMEOUT] = "it was not ready within its start_timeout",
		[WHY_WATCHDOG] = "its watchdog was not served in time",
		[WHY_UNHEALTHY] = "its health check failed too often",
		[WHY_AUTO_SHUTDOWN] = "a significant child exited",
		[WHY_SHUTDOWN] = "supd is stopping",
	};

	return why < ARRAY_LEN(words) ? words[why] : NULL;
}

static const char *state_words(const struct status_record *record)
{
	bool process = record->kind == KIND_PROCESS;

	if (record->state >= CHILD_STATE_COUNT)
		return "in a state that this supctl does not know";
	switch ((enum child_state)record->state) {
	case CHILD_WAITING:
		return "waiting for its turn to start";
	case CHILD_STARTING:
		return process ? "starting, and not ready yet" : "starting its children";
	case CHILD_RUNNING:
		return record->suspended ? "suspended: its processes stand still" : "running";
	case CHILD_STOPPING:
		return process ? "being stopped" : "stopping its children";
	case CHILD_BACKOFF:
		return "waiting to be started again";
	case CHILD_RESTARTING:
		return "restarting its children";
	case CHILD_STOPPED:
		return "stopped";
	case CHILD_EXITED:
		return "finished, and not to be started again by itself";
	case CHILD_FAILED:
		return "down: its last start failed, and nothing will retry it";
	case CHILD_PARKED:
		return "parked: its children are stopped";
	case CHILD_REMOVED:
		return "removed";
	case CHILD_STATE_COUNT:
		break;
	}
	return "?";
}

/* A sentence of its own on how it last ended. */
static void say_end(struct answer *a)
{
	const struct status_record *record = a->record;
	char name[16];
	char when[40] = "";

	if (record->end_ns > 0)
		(void)format_wall_time(record->end_ns, false, when);
	switch ((enum end_kind)record->end_kind) {
	case END_NONE:
		return;
	case END_EXITED:
		say(a, " It last ended with exit status %d", record->end_value);
		break;
	case END_SIGNALED:
		say(a, " It was last ended by SIG%s", signal_name(record->end_value, name));
		break;
	case END_SPAWN_FAILED:
		say(a, " It could not be started: %s: %s", spawn_stage_name(record->end_stage),
			strerror(record->end_value));
		break;
	case END_START_TIMEOUT:
		say(a, " It was not ready within its start_timeout");
		break;
	case END_SHUTDOWN:
		say(a, " It last ended itself");
		break;
	case END_BOOT_FAILED:
		say(a, " A child of it could not be started");
		break;
	case END_WATCHDOG:
		say(a, " It was last ended because its watchdog was not served in time");
		break;
	case END_UNHEALTHY:
		say(a, " It was last ended because its health check failed too often");
		break;
	}
	say(a, "%s%s", *when ? ", at " : "", when);
	if ((record->end_kind == END_SIGNALED || record->end_kind == END_EXITED) &&
		record->end_stage == END_OOM)
		say(a, ": out of memory (OOM), the kernel killed %s",
			record->end_kind == END_SIGNALED ? "it" : "one of its processes");
	if (record->end_kind == END_SIGNALED && record->end_stage == END_DUMPED)
		say(a, ", and left a core file");
	say(a, ".");
}

static void say_restarts(struct answer *a)
{
	const struct status_record *record = a->record;
	int64_t left_ms = record->next_try_ms - a->snapshot->now_mono_ms;
	char age[32];

	if (record->restarts > 0)
		say(a, " It was restarted %llu time%s", (unsigned long long)record->restarts,
			record->restarts == 1 ? "" : "s");
	if (record->restarts > 0 && record->streak > 0)
		say(a, ", its present streak is %u", record->streak);
	if (record->restarts > 0)
		say(a, ".");
	if (record->kind != KIND_PROCESS && record->why == WHY_LIMIT)
		say(a, " It may restart %u times within %s.", record->max_restarts,
			format_duration(record->period_ms, age));
	if ((record->state == CHILD_BACKOFF || record->state == CHILD_RESTARTING ||
		    record->state == CHILD_PARKED) &&
		record->next_try_ms != INT64_MAX)
		say(a, " The next try comes in %s.",
			format_age(left_ms > 0 ? left_ms + 999 : 0, age));
	else if (record->state == CHILD_STOPPED || record->state == CHILD_FAILED ||
		 record->state == CHILD_PARKED || record->state == CHILD_EXITED)
		say(a, " supctl start %s starts it.", a->path);
}

static void say_holders(struct answer *a)
{
	size_t shown = a->n_holders < HOLDERS_MAX ? a->n_holders : HOLDERS_MAX;

	if (a->n_holders == 0)
		return;
	say(a, " It is gone when these are:");
	for (size_t i = 0; i < shown; i++)
		say(a, "%s %d (%s)", i > 0 ? "," : "", a->holders[i].pid, a->holders[i].command);
	if (a->n_holders > shown)
		say(a, ", and %zu more", a->n_holders - shown);
	say(a, ".");
}

static void compose(struct answer *a)
{
	const struct status_record *record = a->record;
	const char *reason = because(record->why);
	char since[40];
	char age[32];

	say(a, "%s is %s", a->path, state_words(record));
	if (record->pid > 0 && (record->state == CHILD_RUNNING || record->state == CHILD_STARTING))
		say(a, ", pid %d", record->pid);
	say(a, ", since %s (%s)", format_wall_time(record->since_ns, false, since),
		format_age(a->snapshot->now_mono_ms - record->since_mono_ms, age));
	say(a, "%s%s.", reason ? ": " : "", reason ? reason : "");
	if (record->text[0])
		say(a, " It says: %s.", record->text);
	say_end(a);
	if (a->trouble[0])
		say(a, " %s", a->trouble);
	say_restarts(a);
	say_holders(a);
	if (a->snapshot->liveness == SUPD_GONE || a->snapshot->liveness == SUPD_ENDED)
		say(a, " The supervisor behind it %s; this is the last it wrote.",
			a->snapshot->liveness == SUPD_ENDED ? "has ended" : "is gone");
}

/* ---- output */

/* The paragraph, broken between words. */
static void print_text(const struct answer *a)
{
	struct out *out = a->request->out;
	const char *word = a->text;
	size_t column = 0;

	out_prepare_table(out);
	while (*word) {
		size_t bytes = strcspn(word, " ");
		char one[TEXT_SIZE];
		size_t columns;

		(void)snprintf(one, sizeof one, "%.*s", (int)bytes, word);
		columns = out_columns(out, one);
		if (column > 0 && column + 1 + columns > out->width) {
			out_text(out, "\n");
			column = 0;
		}
		if (column > 0) {
			out_text(out, " ");
			column++;
		}
		out_cell(out, one, columns, false, TONE_PLAIN);
		column += columns;
		word += bytes + (word[bytes] == ' ');
	}
	out_text(out, "\n");
	last_output_print(out, &a->output);
}

static json_t *holders_json(const struct answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_holders && i < HOLDERS_MAX; i++)
		if (json_array_append_new(list, json_pack("{s:i, s:s}", "pid", a->holders[i].pid,
							"command", a->holders[i].command)) < 0)
			break;
	return list;
}

static void print_json(const struct answer *a)
{
	struct out *out = a->request->out;
	json_t *json = json_pack("{s:o, s:o, s:s, s:o}", "child",
		child_json(a->record, a->path, a->snapshot->now_mono_ms), "holders",
		holders_json(a), "text", a->text, "output", last_output_json(&a->output));

	out_json(out, json);
	out_text(out, "\n");
	json_decref(json);
}

int verb_why(const struct request *request)
{
	struct snapshot snapshot;
	struct answer a = {.request = request, .snapshot = &snapshot};
	uint32_t at;
	int status = snapshot_open(request->dir, &snapshot);

	if (status != SUPCTL_DONE)
		return status;
	status = snapshot_locate(&snapshot, request->args[0], &at);
	if (status == SUPCTL_DONE) {
		a.record = &snapshot.nodes[at].record;
		(void)snapshot_path(&snapshot, at, a.path);
		if (a.record->kind == KIND_PROCESS && a.record->state == CHILD_STOPPING)
			a.n_holders = holders_find(request->dir, a.path, a.record, a.holders);
		trouble_find(request, a.path, a.record, a.trouble);
		if (snapshot.liveness == SUPD_ALIVE)
			last_output_find(request, a.path, a.record, &a.output);
		compose(&a);
		if (request->flags & FLAG_JSON)
			print_json(&a);
		else
			print_text(&a);
		last_output_free(&a.output);
		if (snapshot.liveness == SUPD_GONE || snapshot.liveness == SUPD_ENDED)
			status = SUPCTL_UNREACHABLE;
	}
	snapshot_free(&snapshot);
	return status;
}
