/* play.c - a case played by the engine in the world of tests/sim, told in the words of the
 * canonical trace.
 *
 * The words come from the actions, not from signals: a process is said to be stopped when it is
 * gone, as Erlang's monitors tell it, and one that died by itself is said to have when it did. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "config/spec.h"
#include "tests/otp/case.h"
#include "tests/sim/world.h"

enum { LINES_MAX = 4096, CALLS_MAX = 16, ROUNDS_MAX = 10000 };

struct line {
	const char *word;
	const char *rest; /* after the path */
	uint32_t node;	  /* SPEC_NONE: no path */
};

/* What is known of a node; all of it is about its present life, but for fails. */
struct actor {
	char path[CASE_PATH_MAX];
	uint32_t fails;	    /* starts to come that fail */
	bool left;	    /* the script made it exit */
	bool stillborn;	    /* its start fails */
	bool killed;	    /* it was sent SIGKILL */
	bool asked;	    /* a supervisor: its stop was asked for, by its parent or the program */
	int64_t stopped_ms; /* when its stop began */
	uint32_t first;	    /* and the line of that moment */
};

struct player {
	const struct otp_case *c;
	struct world *w;
	FILE *out;
	uint32_t lines;
	uint64_t given; /* commands, so far: the world numbers them so */
	uint32_t calls; /* in this block */
	uint64_t token[CALLS_MAX];
	const char *reply[CALLS_MAX];
	struct line line[LINES_MAX];
	struct actor actor[CASE_NODES_MAX];
};

static void say(struct player *p, const char *word, uint32_t node, const char *rest)
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
			say(p, "gave up", node, "");
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
		say(p, actor->killed ? "kill" : "stop", node, "");
}

static void spawned(struct player *p, uint32_t node)
{
	struct actor *actor = &p->actor[node];

	actor->left = actor->killed = false;
	actor->stillborn = actor->fails > 0;
	if (actor->fails > 0)
		actor->fails--;
	say(p, actor->stillborn ? "start failed" : "start", node, "");
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

static void watch(void *context, struct world *w, const struct action *action, uint32_t node)
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

static enum child_state state_of(const struct player *p, uint32_t node, struct view *ret_view)
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

	if (world_finished(p->w) || state_of(p, 0, &view) != CHILD_RUNNING) {
		(void)fprintf(p->out, "= ended\n");
		return;
	}
	(void)fprintf(p->out, "= /+%u [", view.window);
	for (uint32_t i = 1; i < p->c->nodes; i++) {
		char mark = mark_of(state_of(p, i, &view));
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

/* ---- the script */

/* Does the script's exit find a process? */
static bool has_process(const struct player *p, uint32_t node)
{
	return !world_finished(p->w) && !p->actor[node].left && !p->c->node[node].is_sup &&
	       world_lives(p->w, p->actor[node].path);
}

static void let_exit(struct player *p, const struct case_step *step)
{
	const char *path = p->actor[step->node].path;
	bool normal = step->kind == STEP_EXIT && step->normal;

	if (!has_process(p, step->node)) {
		say(p, "nothing at", step->node, "");
		return;
	}
	p->actor[step->node].left = true;
	say(p, "exit", step->node, normal ? " normal" : " abnormal");
	if (step->kind == STEP_KILL)
		world_die(p->w, path, SIGKILL);
	else
		world_exit(p->w, path, normal ? 0 : 1);
}

/* The row of a node is gone: because its supervisor is, or because it has no entry. */
static const char *reply_without_row(const struct player *p, uint32_t node)
{
	struct view view;
	enum child_state state = state_of(p, p->c->node[node].parent, &view);

	return state == CHILD_RUNNING || state == CHILD_RESTARTING ? "gone" : "down";
}

/* A call that there is nobody to take. */
static void refuse(struct player *p)
{
	if (p->calls == CALLS_MAX)
		abort();
	p->token[p->calls] = 0;
	p->reply[p->calls++] = "down";
}

static void command(struct player *p, const struct case_step *step)
{
	static const enum command_kind KINDS[STEP_COUNT] = {[STEP_STOP] = CMD_STOP,
		[STEP_START] = CMD_START,
		[STEP_RESTART] = CMD_RESTART,
		[STEP_DELETE] = CMD_DELETE};
	struct view view;
	uint32_t call = p->calls;

	refuse(p);
	if (world_finished(p->w))
		return;
	if (state_of(p, step->node, &view) == CHILD_REMOVED) {
		p->reply[call] = reply_without_row(p, step->node);
	} else {
		p->reply[call] = NULL;
		p->token[call] = ++p->given;
		world_command(p->w, KINDS[step->kind], p->actor[step->node].path);
	}
}

/* Nothing is left to do now; what waits for time gets it. */
static void settle(struct player *p)
{
	for (uint32_t i = 0;
		!world_finished(p->w) && i < ROUNDS_MAX && world_deadline(p->w) != ENGINE_NEVER;
		i++)
		world_advance(p->w, world_deadline(p->w) - world_now(p->w));
}

static void boot(struct player *p)
{
	struct view view;

	world_start(p->w);
	settle(p);
	if (state_of(p, 0, &view) != CHILD_RUNNING)
		say(p, "boot_failed", SPEC_NONE, "");
}

static void do_step(struct player *p, const struct case_step *step)
{
	switch ((enum step_kind)step->kind) {
	case STEP_BOOT:
		boot(p);
		break;
	case STEP_EXIT:
	case STEP_KILL:
		let_exit(p, step);
		break;
	case STEP_FAIL:
		p->actor[step->node].fails = step->n;
		world_fail_spawns(p->w, p->actor[step->node].path, (int)step->n);
		break;
	case STEP_STOP:
	case STEP_START:
	case STEP_RESTART:
	case STEP_DELETE:
		command(p, step);
		break;
	case STEP_ADVANCE:
		if (!world_finished(p->w))
			world_advance(p->w, (int64_t)step->n * 1000);
		break;
	case STEP_SHUTDOWN:
		if (!world_finished(p->w))
			world_shutdown(p->w, false);
		break;
	case STEP_COUNT:
		abort();
	}
}

static void set_spawn_delays(struct player *p, int64_t delay_ms)
{
	for (uint32_t i = 1; i < p->c->nodes; i++) {
		if (!p->c->node[i].is_sup)
			world_spawn_delay(p->w, p->actor[i].path, delay_ms);
	}
}

static uint32_t life_of(const struct player *p, uint32_t node)
{
	struct view view;

	return state_of(p, node, &view) == CHILD_REMOVED ? 0 : view.ref.generation;
}

/* Several things for one supervisor before it handles the first. In the engine: the processes die
 * while the world holds their deaths back; the commands before them are given; the deaths are told;
 * and what comes after them is given while the first spawn that follows from them is not yet
 * answered, so that it has to wait in the queue. If the supervisor has come to its end meanwhile
 * and is up again, a command for the former one is too late. */
static void do_together(struct player *p, uint32_t first, uint32_t end)
{
	uint32_t sup = p->c->node[p->c->step[first].node].parent;
	uint32_t life = life_of(p, sup);
	uint32_t exits = first;
	uint32_t after;

	while (exits < end && step_is_command(p->c->step[exits].kind))
		exits++;
	after = exits;
	while (after < end && !step_is_command(p->c->step[after].kind))
		after++;
	world_hold(p->w);
	for (uint32_t i = exits; i < after; i++)
		do_step(p, &p->c->step[i]);
	for (uint32_t i = first; i < exits; i++)
		do_step(p, &p->c->step[i]);
	set_spawn_delays(p, 1);
	world_release(p->w);
	for (uint32_t i = after; i < end; i++) {
		if (life_of(p, sup) == life)
			do_step(p, &p->c->step[i]);
		else
			refuse(p);
	}
	set_spawn_delays(p, 0);
	if (!world_finished(p->w))
		world_advance(p->w, 1);
}

static void end_block(struct player *p)
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
	p->lines = p->calls = 0;
}

static void set_manners(struct player *p)
{
	for (uint32_t i = 1; i < p->c->nodes; i++) {
		const char *path = p->actor[i].path;

		switch ((enum manner)p->c->node[i].manner) {
		case MANNER_IGNORES:
			world_stop_delay(p->w, path, WORLD_NEVER);
			break;
		case MANNER_FAILS:
			world_stop_end(p->w, path, (struct end){END_EXITED, 0, 1});
			break;
		case MANNER_FINISHES:
			world_stop_end(p->w, path, (struct end){END_EXITED, 0, 0});
			break;
		case MANNER_OBEYS:
		case MANNER_COUNT:
			break;
		}
	}
}

void engine_play(const struct otp_case *c, FILE *out)
{
	struct player *p = must_have(calloc(1, sizeof(*p)));
	char *tree = NULL;
	size_t size = 0;
	FILE *text = must_have(open_memstream(&tree, &size));

	case_write_tree(c, text);
	if (fclose(text) != 0)
		abort();
	p->c = c;
	p->out = out;
	p->w = world_new(tree, 1);
	world_set_watch(p->w, watch, p);
	for (uint32_t i = 0; i < c->nodes; i++)
		(void)case_path(c, i, p->actor[i].path);
	set_manners(p);
	for (uint32_t i = 0; i < c->steps; i = case_block_end(c, i)) {
		if (case_block_end(c, i) == i + 1)
			do_step(p, &c->step[i]);
		else
			do_together(p, i, case_block_end(c, i));
		settle(p);
		end_block(p);
	}
	(void)fprintf(out, "end\n");
	world_free(p->w);
	free(tree);
	free(p);
}
