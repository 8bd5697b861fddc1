/* health.c - see health.h. */
#include "supervisor/os/health.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "supervisor/os/health_check.h"
#include "supervisor/os/health_schedule.h"
#include "supervisor/os/log.h"
#include "supervisor/os/server.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/shell_messages.h"
#include "supervisor/os/status.h"
#include "supervisor/os/trouble.h"
#include "supervisor/wire/stages.h"

enum {
	CHECKS_MAX = 64,    /* at once */
	READYING_MS = 1000, /* from one check to the next before it is ready, at most */
	PATH_SIZE = 2112,
};

/* Whether, and what for, a row is checked. */
enum phase {
	PHASE_OFF,
	PHASE_READYING, /* its first success makes it ready */
	PHASE_RUNNING,
};

struct patient {
	uint32_t generation;	 /* of the life that is checked */
	uint32_t failures;	 /* in a row */
	int64_t since_ms;	 /* running since */
	uint8_t phase;		 /* enum phase */
	uint8_t check;		 /* of checks, its number and one more; 0: none is under way */
	struct trouble *trouble; /* malloc; NULL: nothing has failed */
};

struct health {
	struct shell *shell;
	struct health_schedule *schedule;
	struct patient *patient; /* by row */
	uint32_t capacity;
	char *supprobe; /* malloc, or NULL */
	struct check checks[CHECKS_MAX];
	uint32_t n_checks; /* under way */
};

/* ---- set-up */

static bool needs_supprobe(const struct spec *spec)
{
	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct health_spec *health =
			spec_node(spec, i)->kind == KIND_PROCESS ? spec_health(spec, i) : NULL;

		if (health && health->probe != PROBE_EXEC)
			return true;
	}
	return false;
}

static void check_ended(struct helper *helper, struct end end);

struct health *health_new(struct shell *shell, uint32_t capacity, uint64_t seed)
{
	struct health *health = calloc(1, sizeof(*health));

	if (!health)
		return NULL;
	health->shell = shell;
	health->capacity = capacity;
	health->schedule = health_schedule_new(capacity, seed);
	health->patient = calloc(capacity, sizeof(*health->patient));
	health->supprobe = check_find_supprobe();
	for (size_t i = 0; i < CHECKS_MAX; i++) {
		health->checks[i].health = health;
		health->checks[i].helper.ended = check_ended;
		health->checks[i].text_fd = -1;
	}
	if (health->schedule && health->patient &&
		(health->supprobe || !needs_supprobe(shell->spec)))
		return health;
	errno = health->schedule && health->patient ? ENOENT : ENOMEM;
	health_free(health);
	return NULL;
}

void health_free(struct health *health)
{
	if (!health)
		return;
	for (size_t i = 0; i < CHECKS_MAX; i++) {
		struct check *check = &health->checks[i];

		if (check->helper.pid == 0)
			continue;
		check_kill(check);
		reaper_drop_helper(health->shell->reaper, &check->helper);
		(void)close(check->text_fd);
	}
	for (uint32_t i = 0; health->patient && i < health->capacity; i++)
		trouble_free(&health->patient[i].trouble);
	health_schedule_free(health->schedule);
	free(health->patient);
	free(health->supprobe);
	free(health);
}

/* ---- what a row shows */

static void enter(struct health *health, uint32_t row, enum health_word to)
{
	enum health_word from = (enum health_word)status_record(health->shell->status, row)->health;

	if (from == to)
		return;
	status_health(health->shell->status, row, to);
	server_health(health->shell->server, row, from, to);
}

/* Nothing is checked in this row any more; what is under way is for nobody. */
static void leave(struct health *health, uint32_t row)
{
	struct patient *patient = &health->patient[row];

	health_schedule_clear(health->schedule, row);
	if (patient->check) {
		struct check *check = &health->checks[patient->check - 1];

		check->row = ENGINE_NONE;
		check_kill(check);
	}
	patient->check = 0;
	patient->phase = PHASE_OFF;
}

static int64_t readying_ms(const struct health_spec *spec)
{
	return spec->interval_ms < READYING_MS ? spec->interval_ms : READYING_MS;
}

/* The first check of a phase comes at any time within its interval. */
static void begin(struct health *health, struct ref ref, enum phase phase, int64_t interval_ms)
{
	struct patient *patient = &health->patient[ref.index];
	int64_t now_ms = loop_now_ms(health->shell->loop);

	leave(health, ref.index);
	*patient = (struct patient){.generation = ref.generation,
		.since_ms = now_ms,
		.phase = (uint8_t)phase,
		.trouble = patient->trouble};
	health_schedule_set(health->schedule, ref.index,
		now_ms + health_schedule_phase(health->schedule, interval_ms));
}

/* The health check of a row; NULL: it has none. A task has none: it is another command. */
static const struct health_spec *look(
	const struct health *health, uint32_t row, struct view *ret_view)
{
	if (!engine_view(health->shell->engine, row, ret_view) || ret_view->kind != KIND_PROCESS ||
		ret_view->task)
		return NULL;
	return spec_health(ret_view->spec, ret_view->node);
}

void health_spawned(struct health *health, struct ref ref)
{
	struct view view;
	const struct health_spec *spec = look(health, ref.index, &view);

	if (spec && spec_child(view.spec, view.node)->ready == READY_PROBE)
		begin(health, ref, PHASE_READYING, readying_ms(spec));
}

void health_report(struct health *health, const struct action *action)
{
	const uint32_t row = action->ref.index;
	struct view view;
	const struct health_spec *spec = look(health, row, &view);

	if (!spec) {
		if (health->patient[row].phase != PHASE_OFF)
			leave(health, row);
		trouble_free(&health->patient[row].trouble);
		return;
	}
	switch (action->to) {
	case CHILD_STARTING:
		enter(health, row, HEALTH_STARTING);
		break;
	case CHILD_RUNNING:
		if (health->patient[row].phase == PHASE_OFF)
			begin(health, action->ref, PHASE_RUNNING, spec->interval_ms);
		break;
	case CHILD_WAITING:
	case CHILD_STOPPING:
	case CHILD_BACKOFF:
	case CHILD_RESTARTING:
	case CHILD_STOPPED:
	case CHILD_EXITED:
	case CHILD_FAILED:
	case CHILD_PARKED:
	case CHILD_REMOVED:
	case CHILD_STATE_COUNT:
		leave(health, row);
		/* What it was stopped for stays to be seen until it starts again. */
		if (status_record(health->shell->status, row)->health != HEALTH_UNHEALTHY)
			status_health(health->shell->status, row, HEALTH_NONE);
		if (action->to == CHILD_REMOVED)
			trouble_free(&health->patient[row].trouble);
		break;
	}
}

/* ---- results */

static void next_check(struct health *health, uint32_t row, int64_t began_ms, int64_t interval_ms)
{
	int64_t now_ms = loop_now_ms(health->shell->loop);
	int64_t due_ms = began_ms + health_schedule_step(health->schedule, interval_ms);

	health_schedule_set(health->schedule, row, due_ms > now_ms ? due_ms : now_ms);
}

static void took_well(struct health *health, const struct check *check, const struct view *view,
	const struct health_spec *spec)
{
	const uint32_t row = check->row;
	struct patient *patient = &health->patient[row];
	const bool was_readying = patient->phase == PHASE_READYING;

	patient->failures = 0;
	trouble_over(&patient->trouble, check->generation);
	enter(health, row, HEALTH_HEALTHY);
	if (!was_readying) {
		next_check(health, row, check->began_ms, spec->interval_ms);
		return;
	}
	begin(health, view->ref, PHASE_RUNNING, spec->interval_ms);
	shell_feed(health->shell, &(struct event){.kind = EV_READY, .ref = view->ref});
}

static void took_ill(struct health *health, const struct check *check, const struct view *view,
	const struct health_spec *spec, const char *why)
{
	const uint32_t row = check->row;
	struct patient *patient = &health->patient[row];
	int64_t now_ms = loop_now_ms(health->shell->loop);
	const bool starting = status_record(health->shell->status, row)->health != HEALTH_HEALTHY &&
			      now_ms - patient->since_ms < spec->start_period_ms;
	char path[PATH_SIZE] = "";

	(void)engine_path(health->shell->engine, row, path, sizeof(path));
	trouble_note(&patient->trouble, check->generation, now_ms, why);
	if (patient->phase == PHASE_READYING || starting) {
		log_message(LOG_DEBUG, path, "health check failed: %s", why);
		next_check(health, row, check->began_ms,
			patient->phase == PHASE_READYING ? readying_ms(spec) : spec->interval_ms);
		return;
	}
	patient->failures++;
	log_message(LOG_WARNING, path, "health check failed (%u of %u): %s", patient->failures,
		spec->retries, why);
	if (patient->failures < spec->retries) {
		next_check(health, row, check->began_ms, spec->interval_ms);
		return;
	}
	enter(health, row, HEALTH_UNHEALTHY);
	shell_feed(health->shell, &(struct event){.kind = EV_UNHEALTHY, .ref = view->ref});
}

/* Where supd itself could not start a check, the child is not to blame. */
static void could_not(struct health *health, const struct check *check,
	const struct health_spec *spec, const char *why)
{
	char path[PATH_SIZE] = "";

	(void)engine_path(health->shell->engine, check->row, path, sizeof(path));
	log_message(LOG_ERROR, path, "cannot check its health: %s", why);
	next_check(health, check->row, check->began_ms, spec->interval_ms);
}

/* Who is suspended answers nobody: that is no illness. */
static bool is_suspended(const struct health *health, uint32_t row)
{
	return reaper_is_suspended(health->shell->reaper, row);
}

static void check_ended(struct helper *helper, struct end end)
{
	struct check *check = (struct check *)((char *)helper - offsetof(struct check, helper));
	struct health *health = check->health;
	char text[CHECK_TEXT_SIZE];
	const struct health_spec *spec = NULL;
	struct view view = {0};
	bool well;

	health->n_checks--;
	if (check->row != ENGINE_NONE)
		spec = look(health, check->row, &view);
	well = check_finish(check, spec, end, text);
	if (!spec || view.ref.generation != check->generation)
		return;
	health->patient[check->row].check = 0;
	if (is_suspended(health, check->row))
		next_check(health, check->row, check->began_ms, spec->interval_ms);
	else if (well)
		took_well(health, check, &view, spec);
	else
		took_ill(health, check, &view, spec, text);
}

/* ---- by time */

static struct check *free_check(struct health *health)
{
	struct check *check = health->checks;

	while (check->helper.pid != 0)
		check++;
	return check;
}

static void start_check(struct health *health, uint32_t row, int64_t now_ms)
{
	struct check *check = free_check(health);
	struct patient *patient = &health->patient[row];
	char path[PATH_SIZE] = "";
	char why[CHECK_TEXT_SIZE];
	struct end failure = {0};
	struct view view;
	const struct health_spec *spec = look(health, row, &view);
	const struct check_request request = {.view = &view,
		.spec = spec,
		.path = path,
		.supprobe = health->supprobe,
		.now_ms = now_ms};

	if (!spec || view.ref.generation != patient->generation)
		return;
	if (is_suspended(health, row)) {
		next_check(health, row, now_ms, spec->interval_ms);
		return;
	}
	(void)engine_path(health->shell->engine, row, path, sizeof(path));
	check->row = row;
	check->generation = patient->generation;
	check->began_ms = now_ms;
	if (check_start(check, health->shell->spawner, health->shell->reaper, &request, &failure) ==
		0) {
		patient->check = (uint8_t)(check - health->checks + 1);
		health->n_checks++;
		return;
	}
	(void)end_in_words(&failure, why, sizeof(why));
	if (failure.stage == STAGE_FORK || failure.stage == STAGE_MEMORY)
		could_not(health, check, spec, why);
	else
		took_ill(health, check, &view, spec, why);
}

const struct trouble *health_trouble(const struct health *health, uint32_t row)
{
	return health->patient[row].trouble;
}

int64_t health_deadline_ms(const struct health *health)
{
	int64_t deadline_ms = INT64_MAX;

	if (health->n_checks < CHECKS_MAX)
		deadline_ms = health_schedule_next_ms(health->schedule);
	for (size_t i = 0; health->n_checks > 0 && i < CHECKS_MAX; i++) {
		const struct check *check = &health->checks[i];

		if (check->helper.pid != 0 && check->deadline_ms < deadline_ms)
			deadline_ms = check->deadline_ms;
	}
	return deadline_ms;
}

void health_time(struct health *health, int64_t now_ms)
{
	for (size_t i = 0; health->n_checks > 0 && i < CHECKS_MAX; i++) {
		struct check *check = &health->checks[i];

		if (check->helper.pid == 0 || check->deadline_ms > now_ms)
			continue;
		check->late = true;
		check_kill(check);
	}
	while (health->n_checks < CHECKS_MAX) {
		uint32_t row = health_schedule_take(health->schedule, now_ms);

		if (row == UINT32_MAX)
			return;
		start_check(health, row, now_ms);
	}
}
