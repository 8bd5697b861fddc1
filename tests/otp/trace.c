/* trace.c - what the engine does, in the words of the canonical trace.
 *
 * The words come from the actions, not from signals: a process is said to be stopped when it is
 * gone, as Erlang's monitors tell it, and one that died by itself is said to have when it did. */
#include <stdlib.h>
#include <string.h>

#include "config/spec.h"
#include "tests/otp/play.h"

void trace_say(struct player *p, const char *word, uint32_t node, const char *rest)
{
	if (p->lines == LINES_MAX)
		abort();
	p->line[p->lines++] = (struct line){.word = word, .rest = rest, .node = node};
}

/* ---- what the engine does */

static bool is_below(const struct player *p, uint32_t node, uint32_t sup)
{
	return node > sup && node < case_subtree_end(p->c, sup);
}

static int by_path(const void *a, const void *b, void *context)
{
	const struct player *p = context;
	const struct line *one = a;
	const struct line *other = b;

	return strcmp(p->actor[one->node].path, p->actor[other->node].path);
}

/* A supervisor is down. If it had to be killed, so was all below it, in no order. */
static void supervisor_stopped(struct player *p, uint32_t node)
{
	struct actor *actor = &p->actor[node];
	int64_t shutdown_ms = p->c->node[node].shutdown_ms;
	uint32_t n = 0;

	if (!actor->asked || (shutdown_ms != SPEC_BRUTAL_KILL &&
				     world_now(p->w) - actor->stopped_ms < shutdown_ms))
		return;
	for (uint32_t i = actor->first; i < p->lines; i++) {
		if (!is_below(p, p->line[i].node, node))
			return;
		p->line[i].word = "kill";
		n++;
	}
	qsort_r(p->line + actor->first, n, sizeof(p->line[0]), by_path, p);
}

static void supervisor_reported(struct player *p, const struct action *action, uint32_t node)
{
	struct actor *actor = &p->actor[node];

	if (action->to == CHILD_STOPPING && action->from != CHILD_STOPPING) {
		actor->asked = action->why != WHY_LIMIT && action->why != WHY_AUTO_SHUTDOWN &&
			       action->why != WHY_START_FAILED;
		actor->stopped_ms = world_now(p->w);
		actor->first = p->lines;
		if (action->why == WHY_LIMIT) {
			trace_say(p, "gave up", node, "");
			actor->first = p->lines;
		}
	} else if (action->from == CHILD_STOPPING && action->to != CHILD_STOPPING) {
		supervisor_stopped(p, node);
	}
}

static void process_reported(struct player *p, const struct action *action, uint32_t node)
{
	const struct actor *actor = &p->actor[node];

	if (action->from == CHILD_STOPPING && action->to != CHILD_STOPPING && !actor->left &&
		!actor->stillborn)
		trace_say(p, actor->killed ? "kill" : "stop", node, "");
}

static void spawned(struct player *p, uint32_t node)
{
	struct actor *actor = &p->actor[node];

	actor->left = actor->killed = false;
	actor->stillborn = actor->fails > 0;
	if (actor->fails > 0)
		actor->fails--;
	trace_say(p, actor->stillborn ? "start failed" : "start", node, "");
}

/* clang-format off */
static const char *const REPLIES[] = {
	[RESULT_OK] = "ok",
	[RESULT_INVALID_STATE] = "refused",
	[RESULT_START_FAILED] = "start failed",
	[RESULT_SUPERVISOR_DOWN] = "down",
	[RESULT_GONE] = "gone",
};
/* clang-format on */

static const char *word_of(enum result result)
{
	size_t i = (size_t)result;

	return i < sizeof(REPLIES) / sizeof(REPLIES[0]) && REPLIES[i] != NULL
		       ? REPLIES[i]
		       : "not to be expected";
}

static void replied(struct player *p, const struct action *action)
{
	for (uint32_t i = 0; i < p->calls; i++) {
		if (p->token[i] == action->token)
			p->reply[i] = word_of(action->result);
	}
}

void trace_watch(void *context, struct world *w, const struct action *action, uint32_t node)
{
	struct player *p = context;

	(void)w;
	switch (action->kind) {
	case ACT_SPAWN:
		spawned(p, node);
		break;
	case ACT_KILL:
		p->actor[node].killed = true;
		break;
	case ACT_REPORT:
		if (p->c->node[node].is_sup)
			supervisor_reported(p, action, node);
		else
			process_reported(p, action, node);
		break;
	case ACT_REPLY:
		replied(p, action);
		break;
	case ACT_SIGNAL:
	case ACT_FINISHED:
		break;
	}
}

/* ---- the state */

enum child_state trace_state(const struct player *p, uint32_t node, struct view *ret_view)
{
	uint32_t index = 0;

	if (engine_find(world_engine(p->w), p->actor[node].path, &index, NULL, 0, NULL) != 0 ||
		!engine_view(world_engine(p->w), index, ret_view))
		return CHILD_REMOVED;
	return ret_view->state;
}

/* The mark of an entry; 0: there is none. '?' is never right when nothing is under way. */
static char mark_of(enum child_state state)
{
	switch (state) {
	case CHILD_RUNNING:
		return '+';
	case CHILD_BACKOFF:
	case CHILD_RESTARTING:
		return '~';
	case CHILD_WAITING:
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_FAILED:
		return '-';
	case CHILD_REMOVED:
		return 0;
	case CHILD_STARTING:
	case CHILD_STOPPING:
	case CHILD_PARKED:
	case CHILD_STATE_COUNT:
		break;
	}
	return '?';
}

static void print_state(const struct player *p)
{
	uint32_t open = 0; /* the supervisor whose children come now */
	struct view view;

	if (world_finished(p->w) || trace_state(p, 0, &view) != CHILD_RUNNING) {
		(void)fprintf(p->out, "= ended\n");
		return;
	}
	(void)fprintf(p->out, "= /+%u [", view.window);
	for (uint32_t i = 1; i < p->c->nodes; i++) {
		char mark = mark_of(trace_state(p, i, &view));
		bool runs = p->c->node[i].is_sup && mark == '+';

		for (; open != p->c->node[i].parent; open = p->c->node[open].parent)
			(void)fprintf(p->out, " ]");
		if (mark != 0)
			(void)fprintf(p->out, " %s%c", p->c->node[i].name, mark);
		if (runs) {
			(void)fprintf(p->out, "%u [", view.window);
			open = i;
		} else {
			i = case_subtree_end(p->c, i) - 1;
		}
	}
	for (; open != 0; open = p->c->node[open].parent)
		(void)fprintf(p->out, " ]");
	(void)fprintf(p->out, " ]\n");
}

void trace_end_block(struct player *p)
{
	for (uint32_t i = 0; i < p->lines; i++) {
		const struct line *line = &p->line[i];

		(void)fprintf(p->out, "%s%s%s%s\n", line->word, line->node == SPEC_NONE ? "" : " ",
			line->node == SPEC_NONE ? "" : p->actor[line->node].path, line->rest);
	}
	for (uint32_t i = 0; i < p->calls; i++) {
		if (p->reply[i] == NULL)
			(void)fprintf(p->out, "no reply\n");
		else
			(void)fprintf(p->out, "reply %s\n", p->reply[i]);
	}
	print_state(p);
	(void)fprintf(p->out, "--\n");
	p->lines = p->calls = p->caller_life = 0;
}
