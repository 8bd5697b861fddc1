/* supctl_timeline.c - see supctl_timeline.h. */
#include "cmd/supctl_timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/supctl_words.h"
#include "config/spec.h"
#include "supervisor/wire/child_json.h"

/* So much of the axis belongs to each moment, however short the time to the next. */
#define PLACE_LEAST 0.7

static void lane_free(struct lane *lane)
{
	for (size_t i = 0; i < lane->n; i++)
		free(lane->turns[i].words);
	free(lane->turns);
	free(lane->path);
}

void timeline_free(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->n; i++)
		lane_free(&timeline->lanes[i]);
	free(timeline->lanes);
	free(timeline->moments);
	free(timeline->places);
	*timeline = (struct timeline){0};
}

/* ---- lanes */

static struct lane *add_lane(struct timeline *timeline, const char *path)
{
	size_t room = timeline->room ? 2 * timeline->room : 64;
	struct lane *lane;

	if (timeline->n == timeline->room) {
		struct lane *lanes = reallocarray(timeline->lanes, room, sizeof *lanes);

		if (!lanes)
			return NULL;
		timeline->lanes = lanes;
		timeline->room = room;
	}
	lane = &timeline->lanes[timeline->n];
	*lane = (struct lane){.path = strdup(path)};
	if (!lane->path)
		return NULL;
	timeline->n++;
	return lane;
}

int timeline_lanes(struct timeline *timeline, const struct snapshot *snapshot, uint32_t position)
{
	char path[SNAPSHOT_PATH_SIZE];

	for (uint32_t i = position; i < snapshot->nodes[position].end; i++) {
		struct lane *lane = add_lane(timeline, snapshot_path(snapshot, i, path));

		if (!lane)
			return -ENOMEM;
		lane->state = (enum child_state)snapshot->nodes[i].record.state;
	}
	return 0;
}

/* An event is mostly of one who had an event just before, or is near it. */
static struct lane *find_lane(const struct timeline *timeline, const char *path)
{
	for (size_t i = 0; i < timeline->n; i++)
		if (strcmp(timeline->lanes[i].path, path) == 0)
			return &timeline->lanes[i];
	return NULL;
}

/* ---- events */

static const char *text_of(const json_t *event, const char *name)
{
	const char *text = json_string_value(json_object_get(event, name));

	return text ? text : "";
}

static bool read_state(const char *name, enum child_state *ret_state)
{
	for (unsigned i = 0; i < CHILD_STATE_COUNT; i++) {
		if (strcmp(child_state_name(i), name) == 0) {
			*ret_state = (enum child_state)i;
			return true;
		}
	}
	return false;
}

/* "2026-01-01T00:00:00.123Z" */
static bool read_time(const char *text, int64_t *ret_ms)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!rest)
		return false;
	*ret_ms = (int64_t)timegm(&tm) * 1000;
	if (*rest == '.')
		*ret_ms += strtol(rest + 1, NULL, 10);
	return true;
}

static bool is_zero(const json_t *exit)
{
	const json_t *status = json_object_get(exit, "status");

	return json_is_integer(status) && json_integer_value(status) == 0;
}

static enum mark mark_of(
	const struct turn *turn, const char *kind, const char *why, const json_t *exit)
{
	if (strcmp(why, why_name(WHY_LIMIT)) == 0)
		return strcmp(kind, spec_kind_name(KIND_PROCESS)) == 0 ||
				       turn->from == CHILD_STOPPING
			       ? MARK_NONE
			       : MARK_LIMIT;
	if (strcmp(why, why_name(WHY_START_FAILED)) == 0)
		return MARK_FAILED_START;
	if (strcmp(kind, spec_kind_name(KIND_PROCESS)) != 0)
		return MARK_NONE;
	if (strcmp(why, why_name(WHY_EXIT)) == 0 && turn->from == CHILD_RUNNING)
		return is_zero(exit) ? MARK_END : MARK_DEATH;
	/* What the end that follows only carries out. */
	if (strcmp(why, why_name(WHY_WATCHDOG)) == 0 || strcmp(why, why_name(WHY_UNHEALTHY)) == 0)
		return turn->to == CHILD_STOPPING ? MARK_DEATH : MARK_NONE;
	return MARK_NONE;
}

static int take_words(struct turn *turn, const json_t *event)
{
	const json_t *exit = json_object_get(event, "exit");
	char words[END_WORDS_SIZE] = "";
	char clock[40];
	int n;

	if (json_is_object(exit) && turn->mark != MARK_NONE)
		(void)exit_words(exit, words);
	n = asprintf(&turn->words, "%s %s, %s%s%s%s", timeline_clock(turn->at_ms, clock),
		child_state_name(turn->to), text_of(event, "why"), *words ? " (" : "", words,
		*words ? ")" : "");
	return n < 0 ? -ENOMEM : 0;
}

static int add_turn(struct lane *lane, const struct turn *turn)
{
	size_t room = lane->room ? 2 * lane->room : 8;

	if (lane->n == lane->room) {
		struct turn *turns = reallocarray(lane->turns, room, sizeof *turns);

		if (!turns)
			return -ENOMEM;
		lane->turns = turns;
		lane->room = room;
	}
	lane->turns[lane->n++] = *turn;
	return 0;
}

int timeline_add(struct timeline *timeline, const json_t *event, bool all)
{
	const char *path = text_of(event, "path");
	const char *why = text_of(event, "why");
	struct turn turn = {0};
	struct lane *lane;
	int error;

	if (!json_is_object(event) || !*path || !read_time(text_of(event, "time"), &turn.at_ms))
		return -EINVAL;
	timeline->lost += (uint64_t)json_integer_value(json_object_get(event, "lost"));
	if (!read_state(text_of(event, "from"), &turn.from) ||
		!read_state(text_of(event, "to"), &turn.to))
		return 0;
	lane = find_lane(timeline, path);
	if (!lane && !all)
		return 0;
	if (!lane)
		lane = add_lane(timeline, path);
	if (!lane)
		return -ENOMEM;
	turn.mark = mark_of(&turn, text_of(event, "kind"), why, json_object_get(event, "exit"));
	turn.restart =
		turn.to == CHILD_STARTING && (strcmp(why, why_name(WHY_RESTART)) == 0 ||
						     strcmp(why, why_name(WHY_SIBLING)) == 0);
	error = take_words(&turn, event);
	if (!error)
		error = add_turn(lane, &turn);
	if (error)
		free(turn.words);
	return error;
}

enum child_state lane_state(const struct lane *lane, int64_t at_ms)
{
	size_t low = 0;
	size_t high = lane->n;

	if (lane->n == 0)
		return lane->state;
	/* The first turn that is later. */
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (lane->turns[middle].at_ms <= at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? lane->turns[0].from : lane->turns[low - 1].to;
}

/* ---- the axis */

static int compare(const void *a, const void *b)
{
	const int64_t *left = a;
	const int64_t *right = b;

	return (*left > *right) - (*left < *right);
}

/* Gathers all moments between begin and end, and these two. */
static int gather(struct timeline *timeline)
{
	size_t all = 2;
	size_t n = 0;

	for (size_t i = 0; i < timeline->n; i++)
		all += timeline->lanes[i].n;
	timeline->moments = calloc(all, sizeof *timeline->moments);
	timeline->places = calloc(all, sizeof *timeline->places);
	if (!timeline->moments || !timeline->places)
		return -ENOMEM;
	timeline->moments[n++] = timeline->begin_ms;
	timeline->moments[n++] = timeline->end_ms;
	for (size_t i = 0; i < timeline->n; i++) {
		const struct lane *lane = &timeline->lanes[i];

		for (size_t k = 0; k < lane->n; k++)
			if (lane->turns[k].at_ms > timeline->begin_ms &&
				lane->turns[k].at_ms < timeline->end_ms)
				timeline->moments[n++] = lane->turns[k].at_ms;
	}
	qsort(timeline->moments, n, sizeof *timeline->moments, compare);
	for (size_t i = 0; i < n; i++)
		if (timeline->n_moments == 0 ||
			timeline->moments[i] != timeline->moments[timeline->n_moments - 1])
			timeline->moments[timeline->n_moments++] = timeline->moments[i];
	return 0;
}

/* To the base 2, of 1 or more, by straight lines between the powers: it need only grow as one. */
static double logarithm(uint64_t n)
{
	int power = 63 - __builtin_clzll(n);

	return power + (double)n / (double)((uint64_t)1 << power) - 1;
}

static void lay_out(struct timeline *timeline)
{
	double *places = timeline->places;
	double total;

	for (size_t i = 1; i < timeline->n_moments; i++) {
		int64_t gap_ms = timeline->moments[i] - timeline->moments[i - 1];

		places[i] = places[i - 1] + PLACE_LEAST + logarithm(1 + (uint64_t)gap_ms);
	}
	total = timeline->n_moments > 1 ? places[timeline->n_moments - 1] : 1;
	for (size_t i = 0; i < timeline->n_moments; i++)
		places[i] /= total;
}

double timeline_place(const struct timeline *timeline, int64_t at_ms)
{
	size_t low = 0;
	size_t high = timeline->n_moments;
	double part;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (timeline->moments[middle] <= at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return 0;
	if (low == timeline->n_moments)
		return 1;
	/* Between two moments it runs evenly. */
	part = (double)(at_ms - timeline->moments[low - 1]) /
	       (double)(timeline->moments[low] - timeline->moments[low - 1]);
	return timeline->places[low - 1] +
	       part * (timeline->places[low] - timeline->places[low - 1]);
}

/* ---- which lanes */

/* What matters of a lane that does not fit: 2, it was in trouble; 1, something happened to it after
 * its first start; else 0. */
static int weight_of(const struct lane *lane)
{
	for (size_t i = 0; i < lane->n; i++)
		if (lane->turns[i].mark > MARK_END)
			return 2;
	return lane->n > 2;
}

/* Moves what is kept to the front, in its order, and frees the rest. */
static void drop_lanes(struct timeline *timeline, size_t most)
{
	struct lane *lanes = timeline->lanes;

	for (int weight = 0; weight < 3 && timeline->n > most; weight++) {
		size_t excess = timeline->n - most;
		size_t kept = 0;

		for (size_t i = 0; i < timeline->n; i++) {
			struct lane lane = lanes[i];

			if (excess > 0 && weight_of(&lane) == weight) {
				excess--;
				continue;
			}
			lanes[i] = lanes[kept];
			lanes[kept++] = lane;
		}
		while (timeline->n > kept)
			lane_free(&lanes[--timeline->n]);
	}
}

static void count_restarts(const struct timeline *timeline, struct lane *lane)
{
	for (size_t i = 0; i < lane->n; i++)
		lane->restarts +=
			lane->turns[i].restart && lane->turns[i].at_ms >= timeline->begin_ms;
}

int timeline_finish(struct timeline *timeline, int64_t begin_ms, int64_t end_ms, size_t most)
{
	int64_t first = INT64_MAX;
	int64_t last = INT64_MIN;
	int error;

	drop_lanes(timeline, most);
	for (size_t i = 0; i < timeline->n; i++) {
		const struct lane *lane = &timeline->lanes[i];

		if (lane->n > 0 && lane->turns[0].at_ms < first)
			first = lane->turns[0].at_ms;
		if (lane->n > 0 && lane->turns[lane->n - 1].at_ms > last)
			last = lane->turns[lane->n - 1].at_ms;
	}
	if (first > last)
		first = last = end_ms > INT64_MIN ? end_ms : 0;
	timeline->begin_ms = begin_ms > first ? begin_ms : first;
	timeline->end_ms = end_ms > last ? end_ms : last;
	if (timeline->end_ms <= timeline->begin_ms)
		timeline->end_ms = timeline->begin_ms + 1;
	for (size_t i = 0; i < timeline->n; i++)
		count_restarts(timeline, &timeline->lanes[i]);
	error = gather(timeline);
	if (!error)
		lay_out(timeline);
	return error;
}

const char *timeline_clock(int64_t at_ms, char buf[static 40])
{
	char text[40];

	(void)format_wall_time(at_ms * 1000000, true, text);
	/* 2026-01-01T14:03:07.123Z */
	(void)snprintf(buf, 40, "%.12s", strchr(text, 'T') ? strchr(text, 'T') + 1 : text);
	return buf;
}
