/* supd_effects.c - see supd_effects.h. */
#include "cmd/supd_effects.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config/units.h"

static void put(char buf[static EFFECT_WORDS_SIZE], const char *words)
{
	(void)snprintf(buf, EFFECT_WORDS_SIZE, "%s", words);
}

void effect_end(const struct end *end, char buf[static EFFECT_WORDS_SIZE])
{
	char name[16];

	switch ((enum end_kind)end->kind) {
	case END_EXITED:
		(void)snprintf(buf, EFFECT_WORDS_SIZE, "exits with status %d", (int)end->value);
		return;
	case END_SIGNALED:
		(void)snprintf(
			buf, EFFECT_WORDS_SIZE, "dies of SIG%s", signal_name(end->value, name));
		return;
	case END_SPAWN_FAILED:
		put(buf, "cannot be started");
		return;
	case END_START_TIMEOUT:
		put(buf, "is not ready in time");
		return;
	case END_SHUTDOWN:
		put(buf, "has ended itself");
		return;
	case END_BOOT_FAILED:
		put(buf, "cannot start all its children");
		return;
	case END_WATCHDOG:
		put(buf, "is not heard of in time");
		return;
	case END_UNHEALTHY:
		put(buf, "is unhealthy");
		return;
	case END_NONE:
		break;
	}
	put(buf, "is gone");
}

/* Of an addition that was removed the engine shows nothing any more: it was a process. */
static struct view view_of(const struct engine *e, uint32_t index)
{
	struct view view = {.ref = {.index = index},
		.parent = ENGINE_NONE,
		.kind = KIND_PROCESS,
		.next_try_ms = ENGINE_NEVER};

	(void)engine_view(e, index, &view);
	return view;
}

static const struct sup_spec *sup_spec_of(const struct engine *e, uint32_t index)
{
	struct view view = view_of(e, index);

	assert(view.spec); /* supervisors are never additions */
	return spec_sup(view.spec, view.node);
}

/* NULL: removed. */
static const struct child_spec *child_spec_of(const struct engine *e, uint32_t index)
{
	struct view view = view_of(e, index);

	return view.spec ? spec_child(view.spec, view.node) : NULL;
}

/* "restart 2 of 3 within 5s": how the supervisor has counted. */
static void say_count(const struct engine *e, uint32_t sup, char buf[static EFFECT_WORDS_SIZE])
{
	const struct sup_spec *spec = sup_spec_of(e, sup);
	struct view view = view_of(e, sup);
	char period[32];

	(void)snprintf(buf, EFFECT_WORDS_SIZE, "restart %u of %u within %s", view.window,
		spec->intensity, format_duration(spec->period_ms, period));
}

static void say_limit(const struct engine *e, uint32_t sup, char buf[static EFFECT_WORDS_SIZE])
{
	const struct sup_spec *spec = sup_spec_of(e, sup);
	char period[32];

	(void)snprintf(buf, EFFECT_WORDS_SIZE, "more than %u restart%s within %s", spec->intensity,
		spec->intensity == 1 ? "" : "s", format_duration(spec->period_ms, period));
}

static const char *because(enum why why)
{
	switch (why) {
	case WHY_BOOT:
		return "boot";
	case WHY_RESTART:
		return "restart";
	case WHY_SIBLING:
		return "with its group";
	case WHY_OPERATOR:
		return "as asked";
	case WHY_SUPERVISOR:
		return "its supervisor ends";
	case WHY_LIMIT:
		return "restart limit reached";
	case WHY_START_FAILED:
		return "a start failed";
	case WHY_START_TIMEOUT:
		return "not ready in time";
	case WHY_WATCHDOG:
		return "its watchdog was not served";
	case WHY_UNHEALTHY:
		return "unhealthy";
	case WHY_AUTO_SHUTDOWN:
		return "a significant child has exited";
	case WHY_SHUTDOWN:
		return "the program ends";
	case WHY_NONE:
	case WHY_READY:
	case WHY_EXIT:
	case WHY_COUNT:
		break;
	}
	return "";
}

/* ---- by the state that is entered */

static void starting(
	const struct engine *e, const struct view *view, const struct action *a, struct effect *ret)
{
	put(ret->what, "starts");
	if (a->from == CHILD_PARKED && a->why == WHY_RESTART)
		put(ret->why, "its retry_after is over");
	else if (view->why == WHY_RESTART && view->parent != ENGINE_NONE)
		say_count(e, view->parent, ret->why);
}

static void stopping(
	const struct engine *e, const struct view *view, const struct action *a, struct effect *ret)
{
	const struct child_spec *spec = child_spec_of(e, a->ref.index);

	if (view->kind == KIND_PROCESS && a->why == WHY_EXIT) {
		/* In the played world a process takes its group along. */
		put(ret->what, spec && spec->after_stop ? "runs its after_stop"
							: "stops the rest of its group");
	} else if (view->kind == KIND_PROCESS) {
		put(ret->what, "stops");
	} else if (a->why == WHY_LIMIT) {
		put(ret->what, "gives up");
		say_limit(e, a->ref.index, ret->why);
	} else if (a->why == WHY_AUTO_SHUTDOWN) {
		put(ret->what, "shuts itself down");
	} else {
		put(ret->what, a->why == WHY_START_FAILED ? "cannot start" : "stops");
	}
}

/* How a process ended that was told to: "SIGTERM", "status 0". */
static void say_end(
	const struct view *view, const struct end *end, char buf[static EFFECT_WORDS_SIZE])
{
	char name[16];

	if (view->kind != KIND_PROCESS)
		return;
	if (end->kind == END_EXITED)
		(void)snprintf(buf, EFFECT_WORDS_SIZE, "status %d", (int)end->value);
	if (end->kind == END_SIGNALED)
		(void)snprintf(buf, EFFECT_WORDS_SIZE, "SIG%s", signal_name(end->value, name));
}

/* A life is over. */
static bool waiting(const struct view *view, const struct action *a, struct effect *ret)
{
	ret->why[0] = '\0';
	if (a->why == WHY_EXIT && view->kind == KIND_PROCESS)
		effect_end(&a->end, ret->what);
	else if (a->why == WHY_EXIT)
		put(ret->what, "has ended");
	else if (a->from == CHILD_STOPPING)
		put(ret->what, "is gone");
	else
		return false;
	if (a->why != WHY_EXIT)
		say_end(view, &a->end, ret->why);
	return true;
}

static void backoff(
	const struct engine *e, int64_t now_ms, const struct view *view, struct effect *ret)
{
	char delay[32];

	if (view->why == WHY_START_FAILED || view->parent == ENGINE_NONE) {
		effect_end(&view->end, ret->what);
		put(ret->why, "its start failed");
		return;
	}
	(void)snprintf(ret->what, sizeof(ret->what), "waits %s before it starts",
		format_duration(view->next_try_ms - now_ms, delay));
	say_count(e, view->parent, ret->why);
}

static void exited(
	const struct engine *e, const struct view *view, const struct action *a, struct effect *ret)
{
	const struct child_spec *spec = child_spec_of(e, view->ref.index);

	ret->why[0] = '\0';
	put(ret->what, a->why == WHY_READY ? "has done its work" : "is not restarted");
	if (a->why == WHY_LIMIT)
		put(ret->why, because(WHY_LIMIT));
	else if (a->why == WHY_EXIT && spec)
		put(ret->why, spec_restart_name(spec->restart));
}

static void parked(int64_t now_ms, const struct view *view, struct effect *ret)
{
	char delay[32];

	if (view->next_try_ms > now_ms && view->next_try_ms != ENGINE_NEVER)
		(void)snprintf(ret->what, sizeof(ret->what), "is parked for %s",
			format_duration(view->next_try_ms - now_ms, delay));
	else
		put(ret->what, "is parked");
}

bool effect_of_report(
	const struct engine *e, int64_t now_ms, const struct action *a, struct effect *ret)
{
	struct view view = view_of(e, a->ref.index);

	view.why = a->why;
	put(ret->why, because(a->why));
	switch (a->to) {
	case CHILD_WAITING:
		return waiting(&view, a, ret);
	case CHILD_STARTING:
		starting(e, &view, a, ret);
		return true;
	case CHILD_RUNNING:
		put(ret->what, a->from == CHILD_STARTING ? "is ready" : "is complete again");
		return true;
	case CHILD_STOPPING:
		stopping(e, &view, a, ret);
		return true;
	case CHILD_BACKOFF:
		backoff(e, now_ms, &view, ret);
		return true;
	case CHILD_RESTARTING:
		if (a->why == WHY_START_FAILED)
			put(ret->what, "could not start");
		else
			put(ret->what, "restarts a group");
		if (a->why == WHY_RESTART)
			say_count(e, a->ref.index, ret->why);
		return true;
	case CHILD_STOPPED:
		put(ret->what, "is stopped");
		return true;
	case CHILD_EXITED:
		/* Below a root that ends by itself, and the root itself. */
		if (a->why == WHY_SUPERVISOR || view.parent == ENGINE_NONE)
			return waiting(&view, a, ret);
		exited(e, &view, a, ret);
		return true;
	case CHILD_FAILED:
		if (view.kind == KIND_PROCESS)
			effect_end(&a->end, ret->what);
		else
			put(ret->what, "is down");
		return true;
	case CHILD_PARKED:
		parked(now_ms, &view, ret);
		return true;
	case CHILD_REMOVED:
		put(ret->what, "is removed");
		return a->why != WHY_BOOT;
	case CHILD_STATE_COUNT:
		break;
	}
	return false;
}

void effect_of_kill(const struct engine *e, uint32_t index, struct effect *ret)
{
	const struct child_spec *spec = child_spec_of(e, index);
	int64_t shutdown_ms = spec ? spec->shutdown_ms : 0;
	char time[32];

	put(ret->what, "is killed");
	if (shutdown_ms == SPEC_BRUTAL_KILL)
		put(ret->why, "brutal_kill");
	else
		(void)snprintf(ret->why, sizeof(ret->why), "its shutdown time is %s",
			format_duration(shutdown_ms, time));
}

bool effect_of_reply(const struct action *a, const char *command, struct effect *ret)
{
	const char *state = child_state_name(a->state);

	(void)snprintf(ret->what, sizeof(ret->what), "%s is refused", command);
	switch (a->result) {
	case RESULT_OK:
		return false;
	case RESULT_INVALID_STATE:
		(void)snprintf(ret->why, sizeof(ret->why), "it is %s", state);
		return true;
	case RESULT_EXISTS:
		put(ret->why, "the name is taken");
		return true;
	case RESULT_START_FAILED:
		(void)snprintf(ret->what, sizeof(ret->what), "%s fails", command);
		put(ret->why, "its start failed");
		return true;
	case RESULT_LIMIT_REACHED:
		put(ret->why, "it has as many children as it may have");
		return true;
	case RESULT_BUSY:
		put(ret->why, "too many commands");
		return true;
	case RESULT_SUPERVISOR_DOWN:
		(void)snprintf(ret->why, sizeof(ret->why), "its supervisor is %s", state);
		return true;
	case RESULT_GONE:
		put(ret->why, "it is gone");
		return true;
	}
	return false;
}
