/* impact_words.c - see impact_words.h. */
#include "supervisor/wire/impact_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/units.h"

enum { NAMES_SHOWN = 12 };

static void write_bytes(struct text *t, const char *bytes, size_t n)
{
	if (t->failed)
		return;
	if (t->n + n + 1 > t->size) {
		size_t size = 2 * (t->n + n + 1);
		char *at = realloc(t->at, size);

		if (!at) {
			t->failed = true;
			return;
		}
		t->at = at;
		t->size = size;
	}
	memcpy(t->at + t->n, bytes, n);
	t->n += n;
	t->at[t->n] = '\0';
}

void text_say(struct text *t, const char *format, ...)
{
	char *words = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&words, format, args);
	va_end(args);
	if (n < 0) {
		t->failed = true;
		return;
	}
	write_bytes(t, words, (size_t)n);
	free(words);
}

const char *impact_path_of(const struct text *t, uint32_t index, char path[static IMPACT_PATH_SIZE])
{
	if (engine_path(t->impact->engine, index, path, IMPACT_PATH_SIZE) < 0)
		path[0] = '\0';
	return path;
}

static void say_path(struct text *t, uint32_t index)
{
	char path[IMPACT_PATH_SIZE];

	text_say(t, "%s", impact_path_of(t, index, path));
}

static struct view view_of(const struct text *t, uint32_t index)
{
	struct view view = {.ref = {.index = index}};

	(void)engine_view(t->impact->engine, index, &view);
	return view;
}

/* Of an entry that is still there. */
static const char *restart_of(const struct text *t, uint32_t index)
{
	struct view view = view_of(t, index);

	return spec_restart_name(spec_child(view.spec, view.node)->restart);
}

bool impact_is_parked(const struct text *t, uint32_t index)
{
	return view_of(t, index).state == CHILD_PARKED;
}

const struct sup_spec *impact_sup_spec(const struct text *t, uint32_t index)
{
	struct view view = view_of(t, index);

	return spec_sup(view.spec, view.node);
}

const char *impact_time(int64_t ms, char buf[static 32])
{
	long long s = ms / 1000;

	if (ms < 1000)
		return format_duration(ms, buf);
	if (ms % 60000 == 0)
		(void)snprintf(buf, 32, "%lldm", s / 60);
	else if (s >= 60)
		(void)snprintf(buf, 32, "%lldm%02llds", s / 60, s % 60);
	else
		(void)snprintf(buf, 32, "%gs", (double)ms / 1000);
	return buf;
}

void text_limit(struct text *t, const struct sup_spec *sup)
{
	char period[32];

	text_say(t, "%u restart%s within %s", sup->intensity, sup->intensity == 1 ? "" : "s",
		format_duration(sup->period_ms, period));
}

/* ---- phrases: what one step says */

static void say_count(struct text *t, const struct impact_step *step)
{
	const struct sup_spec *sup = impact_sup_spec(t, step->index);
	char period[32];
	char path[IMPACT_PATH_SIZE];

	(void)format_duration(sup->period_ms, period);
	if (step->child == t->impact->view.ref.index) {
		text_say(t, "restart %u of %u within %s", step->count, sup->intensity, period);
		return;
	}
	text_say(t, "%s restarts ", impact_path_of(t, step->index, path));
	text_say(t, "%s: %u of %u within %s", impact_path_of(t, step->child, path), step->count,
		sup->intensity, period);
}

static void say_parked(struct text *t, const struct impact_step *step)
{
	char delay[32];

	say_path(t, step->index);
	if (step->ms == ENGINE_NEVER)
		text_say(t, " is parked until it is started");
	else
		text_say(t, " is parked, and tried again after %s", impact_time(step->ms, delay));
}

void text_phrase(struct text *t, const struct impact_step *step)
{
	char delay[32];
	char path[IMPACT_PATH_SIZE];

	(void)impact_path_of(t, step->index, path);
	switch ((enum impact_what)step->what) {
	case IMPACT_COUNTS:
		say_count(t, step);
		break;
	case IMPACT_WAITS:
		text_say(t, "after %s", impact_time(step->ms, delay));
		break;
	case IMPACT_NOT_RESTARTED:
		text_say(t, "%s is %s: it is not started again", path, restart_of(t, step->index));
		break;
	case IMPACT_GIVES_UP:
		text_say(t, step->again ? "%s gives up again" : "one restart too many: %s gives up",
			path);
		break;
	case IMPACT_SHUTS_DOWN:
		text_say(t, "%s shuts itself down (%s)%s", path,
			spec_auto_shutdown_name(impact_sup_spec(t, step->index)->auto_shutdown),
			step->again ? " again" : "");
		break;
	case IMPACT_PARKED:
		say_parked(t, step);
		break;
	case IMPACT_ENDS:
		text_say(t, "the whole tree has ended");
		break;
	case IMPACT_REMOVED:
		text_say(t, "%s is temporary: it is removed, and not started again", path);
		break;
	case IMPACT_DIES:
	case IMPACT_STOPS:
	case IMPACT_STARTS:
	case IMPACT_WHAT_COUNT:
		break;
	}
}

/* ---- lists: "  stops    a, b, c" */

/* Those of one kind among the steps first <= i < end, in one line. Says nothing when there is none.
 */
static void say_names(struct text *t, uint32_t first, uint32_t end, enum impact_what what,
	const char *indent, const char *after)
{
	const struct impact_step *step = t->impact->step;
	uint32_t n = 0; /* of which some may have no step */

	for (uint32_t i = first; i < end; i++) {
		if (step[i].what != what)
			continue;
		if (n == 0)
			text_say(t, "%s%-8s ", indent, impact_what_name(what));
		if (n < NAMES_SHOWN) {
			text_say(t, "%s", n == 0 ? "" : ", ");
			say_path(t, step[i].index);
		}
		n += 1 + step[i].count;
	}
	if (n > NAMES_SHOWN)
		text_say(t, " and %u more", n - NAMES_SHOWN);
	if (n > 0)
		text_say(t, "%s\n", after);
}

bool impact_is_stop(const struct text *t, uint32_t i)
{
	const struct impact_step *step = &t->impact->step[i];

	return step->what == IMPACT_STOPS ||
	       (step->what == IMPACT_REMOVED && step->index != t->impact->view.ref.index);
}

bool impact_is_start(const struct text *t, uint32_t i)
{
	return t->impact->step[i].what == IMPACT_STARTS;
}

uint32_t text_list(struct text *t, uint32_t at, uint32_t end, const char *indent, const char *when)
{
	bool (*is_part)(const struct text *, uint32_t) =
		impact_is_start(t, at) ? impact_is_start : impact_is_stop;
	uint32_t first = at;

	while (at < end && is_part(t, at))
		at++;
	say_names(t, first, at, IMPACT_STOPS, indent, "");
	say_names(t, first, at, IMPACT_REMOVED, indent, ": temporary");
	say_names(t, first, at, IMPACT_STARTS, indent, when);
	return at;
}
