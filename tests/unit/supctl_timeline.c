/* supctl_timeline.c - what happened, over time, from events in a file. */
#include "cmd/supctl_timeline.h"
#include "tests/unit/supctl_fixture.h"

/* app dies, is started again; proxy goes with it; the start of late fails; web reaches its limit.
 */
static const char history[] =
	"{\"seq\":1,\"time\":\"2026-01-01T10:00:00.000Z\",\"path\":\"web\",\"kind\":\"supervisor\","
	"\"from\":\"waiting\",\"to\":\"starting\",\"why\":\"boot\",\"exit\":null}\n"
	"{\"seq\":2,\"time\":\"2026-01-01T10:00:00.001Z\",\"path\":\"web/"
	"app\",\"kind\":\"process\","
	"\"from\":\"waiting\",\"to\":\"running\",\"why\":\"ready\",\"exit\":null}\n"
	"\n"
	"{\"seq\":3,\"time\":\"2026-01-01T10:00:00.002Z\",\"path\":\"web\",\"kind\":\"supervisor\","
	"\"from\":\"starting\",\"to\":\"running\",\"why\":\"ready\",\"exit\":null}\n"
	"{\"seq\":4,\"time\":\"2026-01-01T12:00:00.000Z\",\"path\":\"web/"
	"app\",\"kind\":\"process\","
	"\"from\":\"running\",\"to\":\"waiting\",\"why\":\"exit\","
	"\"exit\":{\"kind\":\"exited\",\"status\":3}}\n"
	"{\"seq\":5,\"time\":\"2026-01-01T12:00:00.004Z\",\"path\":\"web/"
	"app\",\"kind\":\"process\","
	"\"from\":\"waiting\",\"to\":\"starting\",\"why\":\"restart\",\"exit\":null}\n"
	"{\"seq\":6,\"time\":\"2026-01-01T12:00:00.005Z\",\"path\":\"web/"
	"app\",\"kind\":\"process\","
	"\"from\":\"starting\",\"to\":\"running\",\"why\":\"ready\",\"exit\":null}\n"
	"{\"seq\":7,\"time\":\"2026-01-01T12:00:00.005Z\",\"path\":\"web/app\",\"kind\":\"health\","
	"\"from\":\"none\",\"to\":\"healthy\",\"why\":\"none\",\"exit\":null}\n"
	"{\"seq\":8,\"time\":\"2026-01-01T12:00:01.000Z\",\"path\":\"once\",\"kind\":\"process\","
	"\"from\":\"running\",\"to\":\"waiting\",\"why\":\"exit\","
	"\"exit\":{\"kind\":\"exited\",\"status\":0},\"lost\":7}\n"
	"{\"seq\":9,\"time\":\"2026-01-01T12:00:02.000Z\",\"path\":\"late\",\"kind\":\"process\","
	"\"from\":\"starting\",\"to\":\"failed\",\"why\":\"start_failed\","
	"\"exit\":{\"kind\":\"spawn_failed\",\"stage\":\"exec\",\"errno\":\"ENOENT\"}}\n"
	"{\"seq\":10,\"time\":\"2026-01-01T12:00:03.000Z\",\"path\":\"web\",\"kind\":"
	"\"supervisor\","
	"\"from\":\"running\",\"to\":\"stopping\",\"why\":\"limit\",\"exit\":null}\n"
	"{\"seq\":11,\"time\":\"2026-01-01T12:00:03.001Z\",\"path\":\"web\",\"kind\":"
	"\"supervisor\","
	"\"from\":\"stopping\",\"to\":\"parked\",\"why\":\"limit\",\"exit\":null}\n";

static void read_history(struct timeline *timeline, const char *text, bool all)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		json_t *event = n ? json_loadb(text, n, 0, NULL) : NULL;

		if (n)
			assert_int_equal(timeline_add(timeline, event, all), 0);
		json_decref(event);
		text += n + 1;
	}
}

static void each_child_has_a_lane_in_the_order_of_events(void **state)
{
	struct timeline timeline = {0};

	(void)state;
	read_history(&timeline, history, true);
	assert_int_equal(timeline_finish(&timeline, INT64_MIN, INT64_MIN, 100), 0);
	assert_int_equal(timeline.n, 4);
	assert_string_equal(timeline.lanes[0].path, "web");
	assert_string_equal(timeline.lanes[1].path, "web/app");
	assert_int_equal(timeline.lanes[1].n, 4); /* health is no change of state */
	assert_int_equal(timeline.lanes[1].restarts, 1);
	assert_int_equal(timeline.lanes[1].turns[1].mark, MARK_DEATH);
	assert_string_equal(
		timeline.lanes[1].turns[1].words, "12:00:00.000 waiting, exit (exit 3)");
	assert_int_equal(timeline.lanes[2].turns[0].mark, MARK_END);
	assert_int_equal(timeline.lanes[3].turns[0].mark, MARK_FAILED_START);
	assert_int_equal(timeline.lanes[0].turns[2].mark, MARK_LIMIT);
	assert_int_equal(timeline.lanes[0].turns[3].mark, MARK_NONE); /* it is told once */
	assert_int_equal(timeline.lost, 7);
	timeline_free(&timeline);
}

static void a_lane_tells_its_state_at_any_time(void **state)
{
	struct timeline timeline = {0};
	const struct lane *app;

	(void)state;
	read_history(&timeline, history, true);
	assert_int_equal(timeline_finish(&timeline, INT64_MIN, INT64_MIN, 100), 0);
	app = &timeline.lanes[1];
	assert_int_equal(lane_state(app, timeline.begin_ms), CHILD_WAITING);
	assert_int_equal(lane_state(app, timeline.begin_ms + 1), CHILD_RUNNING);
	assert_int_equal(lane_state(app, timeline.begin_ms + 7200000), CHILD_WAITING);
	assert_int_equal(lane_state(app, timeline.begin_ms + 7200004), CHILD_STARTING);
	assert_int_equal(lane_state(app, timeline.end_ms), CHILD_RUNNING);
	timeline_free(&timeline);
}

static void pauses_are_short_and_moments_apart(void **state)
{
	struct timeline timeline = {0};
	double before;
	double cascade;
	double pause;

	(void)state;
	read_history(&timeline, history, true);
	assert_int_equal(timeline_finish(&timeline, INT64_MIN, INT64_MIN, 100), 0);
	assert_true(timeline_place(&timeline, timeline.begin_ms) < 1e-9);
	assert_true(timeline_place(&timeline, timeline.end_ms) > 1 - 1e-9);
	before = timeline_place(&timeline, timeline.begin_ms + 2);
	pause = timeline_place(&timeline, timeline.begin_ms + 7200000) - before;
	cascade = timeline_place(&timeline, timeline.begin_ms + 7200005) - before - pause;
	/* Five milliseconds have a tenth of the room that two hours have. */
	assert_true(pause > 0.1 && pause < 0.5);
	assert_true(cascade > pause / 10);
	/* It never runs backwards. */
	before = 0;
	for (int64_t at = timeline.begin_ms; at <= timeline.end_ms; at += 997) {
		assert_true(timeline_place(&timeline, at) >= before);
		before = timeline_place(&timeline, at);
	}
	timeline_free(&timeline);
}

static void lanes_of_children_in_trouble_are_kept(void **state)
{
	struct timeline timeline = {0};

	(void)state;
	read_history(&timeline, history, true);
	assert_int_equal(timeline_finish(&timeline, INT64_MIN, INT64_MIN, 3), 0);
	assert_int_equal(timeline.n, 3); /* once is dropped */
	assert_string_equal(timeline.lanes[2].path, "late");
	timeline_free(&timeline);
}

static void without_events_there_is_a_line_all_the_same(void **state)
{
	struct timeline timeline = {0};

	(void)state;
	assert_int_equal(timeline_finish(&timeline, INT64_MIN, 5000, 10), 0);
	assert_true(timeline.end_ms > timeline.begin_ms);
	timeline_free(&timeline);
	assert_int_equal(timeline_add(&timeline, NULL, true), -EINVAL);
	timeline_free(&timeline);
}

static void write_history(struct fixture *fixture, char path[128])
{
	FILE *file;

	fixture_path(fixture, "control", path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(history, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void a_file_becomes_lines_of_text(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	write_history(fixture, path);
	assert_int_equal(SUPCTL(fixture, "timeline", "--from", path), SUPCTL_DONE);
	assert_says(fixture->out, "\nweb/app   ..==");
	assert_says(fixture->out, "late      -");
	assert_says(fixture->out, "!");
	assert_says(fixture->out, "#");
	assert_says(fixture->out, "\n          10:00:00.000");
	assert_says(fixture->out, "o ended  X died  ! start failed  # limit");
	assert_says(fixture->out, "7 events before that are not kept any more.");
	for (char *line = strtok(fixture->out, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
}

static void a_file_becomes_a_picture(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	write_history(fixture, path);
	assert_int_equal(SUPCTL(fixture, "timeline", "--svg", "--from", path), SUPCTL_DONE);
	assert_says(fixture->out, "<svg xmlns=");
	assert_says(fixture->out, "<title>12:00:00.000 waiting, exit (exit 3)</title>");
	assert_says(fixture->out, ">1 restart</text>");
	assert_says(fixture->out, "</svg>\n");
}

static void what_is_no_event_is_told_with_its_line(void **state)
{
	struct fixture *fixture = *state;
	char path[128];
	FILE *file;

	write_history(fixture, path);
	file = fopen(path, "ae");
	assert_non_null(file);
	assert_true(fputs("nonsense\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(SUPCTL(fixture, "timeline", "--from", path), SUPCTL_REFUSED);
	assert_says(fixture->err, "control:13: this is no event");
	assert_int_equal(SUPCTL(fixture, "timeline", "--from", "/nonexistent"), SUPCTL_REFUSED);
	assert_int_equal(SUPCTL(fixture, "timeline", "--from", path, "web"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "timeline", "--json"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "timeline", "--since", "yesterday"), SUPCTL_USAGE);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_child_has_a_lane_in_the_order_of_events),
		cmocka_unit_test(a_lane_tells_its_state_at_any_time),
		cmocka_unit_test(pauses_are_short_and_moments_apart),
		cmocka_unit_test(lanes_of_children_in_trouble_are_kept),
		cmocka_unit_test(without_events_there_is_a_line_all_the_same),
		WITH_FIXTURE(a_file_becomes_lines_of_text),
		WITH_FIXTURE(a_file_becomes_a_picture),
		WITH_FIXTURE(what_is_no_event_is_told_with_its_line),
	};

	/* Plain letters. */
	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
