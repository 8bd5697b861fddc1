/* shrink.c - comparing, and making a case that differs as small as it can be: leave out lines, then
 * children, then options, as long as the two still differ. */
#include <stdlib.h>
#include <string.h>

#include "config/spec.h"
#include "tests/otp/case.h"

enum { CANDIDATES_MAX = 256, ROUNDS_MAX = 200, SURE_SCALE = 10 };

/* ---- comparing */

/* What waits for real time in Erlang may come late on a busy machine: a difference counts when it
 * is there with more time, too. */
static void look_again(struct erlang *erlang, const struct otp_case *c, bool *differs,
	const char *engine, char **erlang_trace)
{
	if (!*differs || !case_ignores_stops(c))
		return;
	free(*erlang_trace);
	erlang_play_many(erlang, &c, 1, SURE_SCALE, erlang_trace);
	*differs = strcmp(engine, *erlang_trace) != 0;
}

void compare_many(struct erlang *erlang, const struct otp_case *const *cases, size_t n,
	bool *differs, char **ret_engine, char **ret_erlang)
{
	char **by_engine = must_have(calloc(n, sizeof(*by_engine)));
	char **by_erlang = must_have(calloc(n, sizeof(*by_erlang)));

	engine_play_many(cases, n, by_engine);
	erlang_play_many(erlang, cases, n, 1, by_erlang);
	for (size_t i = 0; i < n; i++) {
		differs[i] = strcmp(by_engine[i], by_erlang[i]) != 0;
		look_again(erlang, cases[i], &differs[i], by_engine[i], &by_erlang[i]);
		if (ret_engine != NULL)
			ret_engine[i] = by_engine[i];
		else
			free(by_engine[i]);
		if (ret_erlang != NULL)
			ret_erlang[i] = by_erlang[i];
		else
			free(by_erlang[i]);
	}
	free(by_engine);
	free(by_erlang);
}

/* ---- smaller cases */

struct candidates {
	size_t n;
	struct otp_case at[CANDIDATES_MAX];
};

static struct otp_case *another(struct candidates *all, const struct otp_case *c)
{
	if (all->n == CANDIDATES_MAX)
		return NULL;
	all->at[all->n] = *c;
	return &all->at[all->n++];
}

/* Leaves out the steps first <= i < end. */
static void drop_steps(struct otp_case *c, uint32_t first, uint32_t end)
{
	if (end < c->steps && c->step[end].joined && !c->step[first].joined)
		c->step[end].joined = false;
	memmove(&c->step[first], &c->step[end], (c->steps - end) * sizeof(c->step[0]));
	c->steps -= end - first;
}

/* Leaves out the nodes first <= i < end, which are whole subtrees, and what was to happen to them.
 */
static void drop_nodes(struct otp_case *c, uint32_t first, uint32_t end)
{
	uint32_t n = end - first;

	for (uint32_t i = c->steps; i-- > 0;) {
		struct case_step *step = &c->step[i];

		if (!step_has_node(step->kind) || step->node < first)
			continue;
		if (step->node < end)
			drop_steps(c, i, i + 1);
		else
			step->node -= n;
	}
	for (uint32_t i = end; i < c->nodes; i++) {
		if (c->node[i].parent >= end)
			c->node[i].parent -= n;
	}
	memmove(&c->node[first], &c->node[end], (c->nodes - end) * sizeof(c->node[0]));
	c->nodes -= n;
}

static void fewer_steps(struct candidates *all, const struct otp_case *c)
{
	struct otp_case *smaller;

	/* the latter half at once, then one by one */
	if (c->steps > 6) {
		smaller = another(all, c);
		if (smaller != NULL)
			drop_steps(smaller, c->steps / 2, c->steps);
	}
	for (uint32_t i = c->steps; i-- > 0;) {
		if (c->step[i].kind == STEP_BOOT)
			continue;
		smaller = another(all, c);
		if (smaller != NULL)
			drop_steps(smaller, i, i + 1);
	}
	for (uint32_t i = 0; i < c->steps; i++) {
		if (c->step[i].n <= 1 || c->step[i].kind != STEP_FAIL)
			continue;
		smaller = another(all, c);
		if (smaller != NULL)
			smaller->step[i].n--;
	}
}

static void fewer_nodes(struct candidates *all, const struct otp_case *c)
{
	for (uint32_t i = c->nodes; i-- > 1;) {
		struct otp_case *smaller = another(all, c);

		if (smaller != NULL)
			drop_nodes(smaller, i, case_subtree_end(c, i));
	}
}

static void plainer_node(struct candidates *all, const struct otp_case *c, uint32_t i)
{
	const struct case_node *node = &c->node[i];
	struct otp_case *smaller;

	if (node->restart != RESTART_PERMANENT && (smaller = another(all, c)) != NULL) {
		smaller->node[i].restart = RESTART_PERMANENT;
		smaller->node[i].significant = false;
	}
	if (node->significant && (smaller = another(all, c)) != NULL)
		smaller->node[i].significant = false;
	if (node->manner != MANNER_OBEYS && (smaller = another(all, c)) != NULL)
		smaller->node[i].manner = MANNER_OBEYS;
	if (node->shutdown_ms != (node->is_sup ? SPEC_INFINITY : 5000) &&
		node->manner != MANNER_IGNORES && (smaller = another(all, c)) != NULL)
		smaller->node[i].shutdown_ms = node->is_sup ? SPEC_INFINITY : 5000;
	if (!node->is_sup)
		return;
	if (node->strategy != STRATEGY_ONE_FOR_ONE && (smaller = another(all, c)) != NULL)
		smaller->node[i].strategy = STRATEGY_ONE_FOR_ONE;
	if (node->intensity > 0 && (smaller = another(all, c)) != NULL)
		smaller->node[i].intensity--;
	if (node->period_s != 1000 && (smaller = another(all, c)) != NULL)
		smaller->node[i].period_s = 1000;
	if (node->auto_shutdown == AUTO_SHUTDOWN_NEVER || (smaller = another(all, c)) == NULL)
		return;
	smaller->node[i].auto_shutdown = AUTO_SHUTDOWN_NEVER;
	for (uint32_t n = i + 1; n < c->nodes; n++) {
		if (c->node[n].parent == i)
			smaller->node[n].significant = false;
	}
}

/* Replaces *c by the first of the smaller ones that still differs. */
static bool take_smaller(struct erlang *erlang, struct candidates *all, struct otp_case *c)
{
	const struct otp_case *cases[CANDIDATES_MAX];
	bool differs[CANDIDATES_MAX];

	for (size_t i = 0; i < all->n; i++)
		cases[i] = &all->at[i];
	compare_many(erlang, cases, all->n, differs, NULL, NULL);
	for (size_t i = 0; i < all->n; i++) {
		if (differs[i]) {
			*c = all->at[i];
			return true;
		}
	}
	return false;
}

size_t case_shrink(struct erlang *erlang, struct otp_case *c)
{
	struct candidates *all = must_have(calloc(1, sizeof(*all)));
	size_t tried = 0;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		all->n = 0;
		fewer_steps(all, c);
		fewer_nodes(all, c);
		for (uint32_t i = 0; i < c->nodes; i++)
			plainer_node(all, c, i);
		tried += all->n;
		if (!take_smaller(erlang, all, c))
			break;
	}
	free(all);
	return tried;
}
