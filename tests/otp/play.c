/* play.c - a case's script, played by the engine in the world of tests/sim. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "config/spec.h"
#include "tests/otp/play.h"

enum { ROUNDS_MAX = 10000 };

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
		trace_say(p, "nothing at", step->node, "");
		return;
	}
	p->actor[step->node].left = true;
	trace_say(p, "exit", step->node, normal ? " normal" : " abnormal");
	if (step->kind == STEP_KILL)
		world_die(p->w, path, SIGKILL);
	else
		world_exit(p->w, path, normal ? 0 : 1);
}

/* The row of a node is gone: because its supervisor is, or because it has no entry. */
static const char *reply_without_row(const struct player *p, uint32_t node)
{
	struct view view;
	enum child_state state = trace_state(p, p->c->node[node].parent, &view);

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
	if (trace_state(p, step->node, &view) == CHILD_REMOVED) {
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
	if (trace_state(p, 0, &view) != CHILD_RUNNING)
		trace_say(p, "boot_failed", SPEC_NONE, "");
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

	return trace_state(p, node, &view) == CHILD_REMOVED ? 0 : view.ref.generation;
}

/* Whether a name is gone is found out by supd when the command arrives, and by OTP when its turn
 * comes. For a supervisor that has ended by then, the one answer is as good as the other. */
static void refuse_what_is_too_late(struct player *p)
{
	struct view view;

	if (p->caller_life == 0 ||
		(!world_finished(p->w) && trace_state(p, p->caller_of, &view) == CHILD_RUNNING &&
			view.ref.generation == p->caller_life))
		return;
	for (uint32_t i = p->late; i < p->calls; i++) {
		if (p->reply[i] != NULL && strcmp(p->reply[i], "gone") == 0)
			p->reply[i] = "down";
	}
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
	p->caller_of = sup;
	p->caller_life = life;
	world_hold(p->w);
	for (uint32_t i = exits; i < after; i++)
		do_step(p, &p->c->step[i]);
	for (uint32_t i = first; i < exits; i++)
		do_step(p, &p->c->step[i]);
	set_spawn_delays(p, 1);
	world_release(p->w);
	p->late = p->calls;
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
	world_set_watch(p->w, trace_watch, p);
	for (uint32_t i = 0; i < c->nodes; i++)
		(void)case_path(c, i, p->actor[i].path);
	set_manners(p);
	for (uint32_t i = 0; i < c->steps; i = case_block_end(c, i)) {
		if (case_block_end(c, i) == i + 1)
			do_step(p, &c->step[i]);
		else
			do_together(p, i, case_block_end(c, i));
		settle(p);
		refuse_what_is_too_late(p);
		trace_end_block(p);
	}
	(void)fprintf(out, "end\n");
	world_free(p->w);
	free(tree);
	free(p);
}
