/* impact_text.c - the answer of impact in words; see impact_text.h.
 *
 * The first death is told line by line. Of the later ones each has a line of its own, with what
 * stops and starts below it where that is told; of many that are alike only the first and the last
 * are shown. */
#include "supervisor/wire/impact_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/units.h"
#include "supervisor/wire/impact_words.h"

enum { ALIKE_SHOWN = 3 };

/* ---- the first death */

/* Its own supervisor counts the child in question. */
static bool counts_it(const struct text *t, const struct impact_step *step)
{
	return step->what == IMPACT_COUNTS && step->child == t->impact->view.ref.index;
}

static void say_first_death(struct text *t)
{
	const struct impact *impact = t->impact;
	char when[48] = ", at once";
	char delay[32];
	uint32_t i = 0;

	while (i < impact->first_steps) {
		const struct impact_step *step = &impact->step[i];

		if (step->what == IMPACT_WAITS)
			(void)snprintf(
				when, sizeof(when), ", after %s", impact_time(step->ms, delay));
		if (impact_is_stop(t, i) || impact_is_start(t, i)) {
			i = text_list(t, i, impact->first_steps, "  ", when);
			continue;
		}
		i++;
		if (step->what == IMPACT_DIES || step->what == IMPACT_WAITS ||
			step->what == IMPACT_ENDS)
			continue;
		text_say(t, "  %s", counts_it(t, step) ? "counts as " : "");
		text_phrase(t, step);
		text_say(t, "\n");
	}
}

/* ---- the later ones */

static bool is_about_process(const struct text *t)
{
	return t->impact->view.kind == KIND_PROCESS;
}

static const char *failure_word(const struct text *t)
{
	return is_about_process(t) ? "death" : "failure";
}

static uint32_t death_end(const struct impact *impact, uint32_t at)
{
	uint32_t end = at;

	while (end < impact->n && impact->step[end].death == impact->step[at].death)
		end++;
	return end;
}

static bool are_alike(const struct impact *impact, uint32_t a, uint32_t b)
{
	uint32_t a_end = death_end(impact, a);
	uint32_t b_end = death_end(impact, b);

	if (b >= impact->n || a_end - a != b_end - b)
		return false;
	for (; a < a_end; a++, b++)
		if (impact->step[a].what != impact->step[b].what ||
			impact->step[a].index != impact->step[b].index)
			return false;
	return true;
}

static bool is_own_start(const struct text *t, uint32_t at, uint32_t end)
{
	return at < end && impact_is_start(t, at) &&
	       t->impact->step[at].index == t->impact->view.ref.index;
}

/* A line of its own says already that the child in question starts, unless others do so too. */
static bool is_said(const struct text *t, uint32_t at, uint32_t end, bool first_line)
{
	const struct impact_step *step = &t->impact->step[at];

	if (step->what == IMPACT_DIES || step->what == IMPACT_ENDS)
		return false;
	return !first_line || !is_own_start(t, at, end) ||
	       (at + 1 < end && impact_is_start(t, at + 1));
}

static const char later_indent[] = "                         ";

static void say_death(struct text *t, uint32_t at, uint32_t end)
{
	const struct impact_step *step = t->impact->step;
	const char *separator = "";
	bool first_line = true;
	char when[32];
	char which[32];

	(void)snprintf(which, sizeof(which), "%s %u", failure_word(t), step[at].death);
	text_say(t, "  %-12s +%-8s ", which, impact_time(step[at].at_ms, when));
	while (at < end) {
		if (!is_said(t, at, end, first_line)) {
			at++;
		} else if (impact_is_stop(t, at) || impact_is_start(t, at)) {
			text_say(t, first_line ? "\n" : "");
			first_line = false;
			at = text_list(t, at, end, later_indent, "");
		} else if (first_line) {
			text_say(t, "%s", step[at].what == IMPACT_WAITS ? ", " : separator);
			text_phrase(t, &step[at]);
			if (counts_it(t, &step[at]) && is_own_start(t, at + 1, end))
				text_say(t, ", at once");
			separator = "; ";
			at++;
		} else {
			text_say(t, "%s", later_indent);
			text_phrase(t, &step[at++]);
			text_say(t, "\n");
		}
	}
	text_say(t, first_line ? "\n" : "");
}

static void say_later_deaths(struct text *t)
{
	const struct impact *impact = t->impact;
	uint32_t alike = 0;

	for (uint32_t at = impact->first_steps, end; at < impact->n; at = end) {
		end = death_end(impact, at);
		if (alike < ALIKE_SHOWN || !are_alike(impact, at, end))
			say_death(t, at, end);
		else if (alike == ALIKE_SHOWN)
			text_say(t, "  ...\n");
		alike = are_alike(impact, at, end) ? alike + 1 : 0;
	}
}

/* ---- all of it */

static void say_who(struct text *t)
{
	struct view view = t->impact->view;
	uint32_t index = view.ref.index;
	char path[IMPACT_PATH_SIZE];

	if (view.parent == ENGINE_NONE) {
		text_say(t, "/ is the root supervisor\n\n");
		return;
	}
	text_say(t, "%s is a %s %s%s of ", impact_path_of(t, index, path),
		spec_restart_name(
			view.task ? RESTART_TEMPORARY : spec_child(view.spec, view.node)->restart),
		spec_kind_name(view.kind),
		view.kind == KIND_DYNAMIC || view.kind == KIND_PARTITION ? " supervisor" : "");
	text_say(t, "%s (%s, ", impact_path_of(t, view.parent, path),
		spec_strategy_name(impact_sup_spec(t, view.parent)->strategy));
	text_limit(t, impact_sup_spec(t, view.parent));
	text_say(t, ")\n\n");
}

static void say_cannot_die(struct text *t)
{
	const struct view *view = &t->impact->view;

	if (view->kind == KIND_PROCESS && !view->task &&
		spec_child(view->spec, view->node)->ready == READY_EXIT)
		text_say(t, "It is a one-shot (ready = exit): once it has done its work it cannot "
			    "die.\n");
	else
		text_say(t, "It is %s: it cannot die.\n", child_state_name(view->state));
}

static void say_question(struct text *t)
{
	const struct impact *impact = t->impact;
	bool process = is_about_process(t);
	char path[IMPACT_PATH_SIZE];

	(void)impact_path_of(t, impact->view.ref.index, path);
	if (impact->outcome == IMPACT_NOT_RUNNING)
		say_cannot_die(t);
	else if (impact->assumed)
		text_say(t, "%s is %s. If it were running and %s:\n", path,
			child_state_name(impact->view.state), process ? "died" : "gave up");
	else if (impact->view.state != CHILD_RUNNING)
		text_say(t, "%s is %s. If it %s once it is running:\n", path,
			child_state_name(impact->view.state), process ? "dies" : "gives up");
	else
		text_say(t, "If %s %s now:\n", path, process ? "dies" : "gives up");
}

static int exit_status(const struct impact *impact)
{
	for (uint32_t i = impact->n; i-- > 0;)
		if (impact->step[i].what == IMPACT_ENDS)
			return impact->step[i].status;
	return 1;
}

/* "Death 4, 300ms after the first, " */
static void say_last_death(struct text *t)
{
	char time[32];

	text_say(t, "  %s %u, ", is_about_process(t) ? "Death" : "Failure", t->impact->deaths);
	if (t->impact->at_ms == 0)
		text_say(t, "in the same moment, ");
	else
		text_say(t, "%s after the first, ", impact_time(t->impact->at_ms, time));
}

static void say_outcome(struct text *t)
{
	const struct impact *impact = t->impact;
	char every[32];
	char path[IMPACT_PATH_SIZE];
	bool first = impact->deaths == 1;

	switch (impact->outcome) {
	case IMPACT_TREE_ENDS:
		if (first)
			text_say(t, "  That");
		else
			say_last_death(t);
		text_say(t, "%s the whole tree: supd exits with status %d.\n",
			first ? " ends" : "ends", exit_status(impact));
		break;
	case IMPACT_FOR_EVER:
		text_say(t,
			"  So it goes on for ever: %s is restarted every %s, and no limit is "
			"reached.\n",
			impact_path_of(t, impact->forever, path),
			impact_time(impact->forever_ms, every));
		break;
	case IMPACT_STAYS_DOWN:
		if (impact_is_parked(t, impact->down))
			text_say(t, "  Everything else goes on.\n");
		else
			text_say(t, "  %s stays down; everything else goes on.\n",
				impact_path_of(t, impact->down, path));
		break;
	case IMPACT_UNDECIDED:
		text_say(t, "  After %s %u it is not over; supd looked no further.\n",
			failure_word(t), impact->deaths);
		break;
	case IMPACT_NOT_RUNNING:
		break;
	}
}

static void say_exit(struct text *t)
{
	const struct view *view = &t->impact->view;
	const struct child_spec *spec = spec_child(view->spec, view->node);

	if (!is_about_process(t) || view->task || spec->restart != RESTART_TRANSIENT)
		return;
	text_say(t, "\nAfter a normal exit it would not be started again: it is transient.\n");
	if (spec->significant)
		text_say(t, "It is significant, too: its supervisor shuts itself down then (%s).\n",
			spec_auto_shutdown_name(impact_sup_spec(t, view->parent)->auto_shutdown));
}

char *impact_text(const struct impact *impact)
{
	struct text t = {.impact = impact};

	say_who(&t);
	say_question(&t);
	if (impact->outcome != IMPACT_NOT_RUNNING) {
		say_first_death(&t);
		if (impact->first_outcome == IMPACT_UNDECIDED) {
			text_say(&t,
				"  Nothing else is touched.\n\nIf it keeps %s, each time as soon "
				"as "
				"it is ready:\n",
				is_about_process(&t) ? "dying" : "giving up");
			say_later_deaths(&t);
		}
		say_outcome(&t);
		say_exit(&t);
	}
	if (impact->truncated)
		text_say(&t, "\nMore happened than is told here.\n");
	if (t.failed) {
		free(t.at);
		return NULL;
	}
	return t.at;
}
