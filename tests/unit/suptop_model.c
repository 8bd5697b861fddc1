/* suptop_model.c - rows, folds, selection, search and the restarts of the last minute, without a
 * screen. */
#include "cmd/suptop_model.h"
#include "cmd/suptop_task.h"
#include "tests/unit/supctl_fixture.h"

#include <sys/stat.h>

/* Where the time of these tests begins. */
enum { T0 = 1000000 };

static void look(struct fixture *fixture, struct model *model, int64_t at_ms)
{
	struct snapshot snapshot;
	const char *why;

	assert_int_equal(snapshot_read(fixture->dir, &snapshot, &why), 0);
	assert_int_equal(model_update(model, &snapshot, at_ms), 0);
}

static const char *selected(const struct model *model)
{
	static char path[SNAPSHOT_PATH_SIZE];

	return snapshot_path(&model->snapshot, model_position(model), path);
}

/* The names of all rows, with spaces between; the selected one in brackets. */
static const char *rows(const struct model *model)
{
	static char text[4096];
	char *end = text;

	*end = '\0';
	for (uint32_t i = 0; i < model->n_rows; i++)
		end += sprintf(end, i == model->selected ? "%s[%s]" : "%s%s", i ? " " : "",
			model->snapshot.nodes[model->rows[i]].record.name);
	return text;
}

static void all_is_shown_and_the_root_selected(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	assert_string_equal(rows(&model), "[shop] db web app proxy jobs");
	assert_int_equal(model.processes, 3);
	assert_int_equal(model.running, 2);
	assert_int_equal(model.wrong, 1); /* proxy has failed */
	model_free(&model);
}

static void the_selection_moves_within_the_rows(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	model_move(&model, 1); /* nothing was seen yet */
	fixture_shop(fixture);
	look(fixture, &model, T0);
	model_move(&model, 3);
	assert_string_equal(selected(&model), "web/app");
	model_move(&model, 100);
	assert_string_equal(selected(&model), "jobs");
	model_move(&model, -2);
	assert_string_equal(selected(&model), "web/app");
	model_move(&model, -100);
	assert_string_equal(selected(&model), "/");
	model_free(&model);
}

static void what_is_folded_is_not_shown(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	model_move(&model, 2);
	model_fold(&model);
	assert_string_equal(rows(&model), "shop db [web] jobs");
	look(fixture, &model, T0 + 1000);
	assert_string_equal(rows(&model), "shop db [web] jobs");
	model_fold(&model);
	assert_string_equal(rows(&model), "shop db [web] app proxy jobs");
	/* On a process it is its supervisor that is folded, and then selected. */
	model_move(&model, 1);
	model_fold(&model);
	assert_string_equal(rows(&model), "shop db [web] jobs");
	model_free(&model);
}

static void all_is_folded_and_unfolded(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	model_move(&model, 4);
	model_fold_all(&model);
	assert_string_equal(rows(&model), "shop db [web] jobs");
	model_fold_all(&model);
	assert_string_equal(rows(&model), "shop db [web] app proxy jobs");
	model_free(&model);
}

static void the_selection_stays_with_its_child(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	model_move(&model, 3);
	fixture->records[1].used = 0; /* db was removed */
	look(fixture, &model, T0 + 1000);
	assert_string_equal(rows(&model), "shop web [app] proxy jobs");
	fixture->records[3].used = 0; /* app too: what took its place is selected */
	look(fixture, &model, T0 + 2000);
	assert_string_equal(rows(&model), "shop web [proxy] jobs");
	fixture->records[2].used = fixture->records[5].used = 0;
	look(fixture, &model, T0 + 3000);
	assert_string_equal(rows(&model), "[shop]");
	model_free(&model);
}

static void the_selected_row_is_always_on_the_screen(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};
	char name[16];

	(void)fixture_add(fixture, STATUS_NONE, "root", KIND_SUPERVISOR);
	for (int i = 0; i < 99; i++) {
		(void)snprintf(name, sizeof name, "p%d", i);
		(void)fixture_add(fixture, 0, name, KIND_PROCESS);
	}
	look(fixture, &model, T0);
	model_scroll(&model, 10);
	assert_int_equal(model.first, 0);
	model_move(&model, 10);
	model_scroll(&model, 10);
	assert_int_equal(model.first, 1);
	model_move(&model, 1000);
	model_scroll(&model, 10);
	assert_int_equal(model.first, 90);
	/* A larger screen leaves no empty lines. */
	model_scroll(&model, 40);
	assert_int_equal(model.first, 60);
	model_move(&model, -1000);
	model_scroll(&model, 40);
	assert_int_equal(model.first, 0);
	model_free(&model);
}

static void search_goes_round_and_unfolds(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	model_fold_all(&model);
	assert_true(model_search(&model, "PRO", false, true));
	assert_string_equal(rows(&model), "shop db web app [proxy] jobs");
	assert_true(model_search(&model, "web", false, true));
	assert_string_equal(selected(&model), "web/proxy"); /* it counts, when here */
	assert_true(model_search(&model, "web", false, false));
	assert_string_equal(selected(&model), "web");
	assert_true(model_search(&model, "web", true, false));
	assert_string_equal(selected(&model), "web/proxy");
	assert_false(model_search(&model, "nothing", false, true));
	assert_string_equal(selected(&model), "web/proxy");
	model_free(&model);
}

static void the_next_one_in_trouble_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	assert_true(model_next_wrong(&model));
	assert_string_equal(selected(&model), "web/proxy");
	fixture->records[1].state = CHILD_BACKOFF;
	look(fixture, &model, T0 + 1000);
	assert_true(model_next_wrong(&model));
	assert_string_equal(selected(&model), "db");
	fixture->records[1].state = CHILD_RUNNING;
	fixture->records[4].state = CHILD_RUNNING;
	fixture->records[4].ready = 1;
	look(fixture, &model, T0 + 2000);
	assert_false(model_next_wrong(&model));
	model_free(&model);
}

static void restarts_of_the_last_minute_are_counted_in_steps(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture); /* app was restarted twice before */
	look(fixture, &model, T0);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 0), 0);
	fixture->records[3].restarts = 5;
	look(fixture, &model, T0 + 1000);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 0), 3);
	assert_int_equal(model_recent(&model, model_track(&model, 2), 0), 3); /* web */
	assert_int_equal(model_recent(&model, model_track(&model, 0), 0), 3); /* shop */
	assert_int_equal(model_recent(&model, model_track(&model, 1), 0), 0); /* db */
	look(fixture, &model, T0 + 11000);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 0), 0);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 2), 3);
	look(fixture, &model, T0 + 59000);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 11), 3);
	look(fixture, &model, T0 + 61000);
	for (unsigned i = 0; i < MODEL_STEPS; i++)
		assert_int_equal(model_recent(&model, model_track(&model, 3), i), 0);
	/* After a pause of an hour it goes on as before. */
	fixture->records[3].restarts = 6;
	look(fixture, &model, T0 + 3600000);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 0), 1);
	model_free(&model);
}

static void a_child_that_took_another_ones_number_begins_anew(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	fixture->records[3].used = 0;
	look(fixture, &model, T0 + 1000);
	fixture->records[3].used = 1;
	fixture->records[3].restarts = 9;
	look(fixture, &model, T0 + 2000);
	assert_int_equal(model_recent(&model, model_track(&model, 3), 0), 0);
	model_free(&model);
}

static void load_is_what_was_used_since_the_last_reading(void **state)
{
	struct fixture *fixture = *state;
	struct model model = {0};
	struct usage usage[6] = {{.memory = 1000, .cpu_s = 2}};

	fixture_shop(fixture);
	look(fixture, &model, T0);
	model_usage(&model, usage, T0);
	assert_true(model_track(&model, 0)->load < 0); /* there was none before */
	usage[0].cpu_s = 3;
	model_usage(&model, usage, T0 + 2000);
	assert_true(model_track(&model, 0)->load > 0.49 && model_track(&model, 0)->load < 0.51);
	assert_int_equal(model_track(&model, 0)->memory, 1000);
	usage[0].cpu_s = 1; /* it was restarted */
	model_usage(&model, usage, T0 + 4000);
	assert_true(model_track(&model, 0)->load >= 0 && model_track(&model, 0)->load < 0.01);
	usage[0] = (struct usage){.memory = -1, .cpu_s = -1};
	model_usage(&model, usage, T0 + 6000);
	assert_true(model_track(&model, 0)->load < 0);
	model_free(&model);
}

/* ---- supctl behind the screen */

/* In the place of supctl stands a script. */
static void run_task(struct fixture *fixture, struct task *task, const char *script)
{
	char path[128];
	FILE *file;

	fixture_path(fixture, "out", path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\n%s\n", script) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
	task_init(task);
	assert_int_equal(task_start(task, path, "dir", (const char *const[]){"word", NULL}), 0);
}

static void finish(struct task *task)
{
	for (int i = 0; i < 2000 && task->pid > 0; i++) {
		task_read(task);
		(void)usleep(5000);
	}
	assert_int_equal(task->pid, 0);
}

static void the_output_of_a_task_comes_in_lines(void **state)
{
	static struct task task;
	struct fixture *fixture = *state;

	task_init(&task);
	assert_int_equal(task.status, -1);
	run_task(fixture, &task, "echo $*; echo two >&2; printf three; exit 3");
	finish(&task);
	assert_int_equal(task.status, 3);
	assert_int_equal(task.n, 3);
	assert_string_equal(task_line(&task, 0), "-d dir word");
	assert_string_equal(task_line(&task, 2), "three");
}

static void a_task_keeps_its_last_lines_and_can_be_stopped(void **state)
{
	static struct task task;
	struct fixture *fixture = *state;

	run_task(fixture, &task, "seq 1000; printf '%600s\\n' x; exec sleep 100");
	for (int i = 0; i < 2000 && task.n < 1001; i++) {
		task_read(&task);
		(void)usleep(5000);
	}
	assert_int_equal(task.n, 1001);
	assert_int_equal(task_first(&task), 1001 - TASK_LINES + 1);
	assert_string_equal(task_line(&task, 999), "1000");
	assert_int_equal(strlen(task_line(&task, 1000)), TASK_LINE - 1);
	task_stop(&task);
	assert_int_equal(task.pid, 0);
	assert_int_equal(task_start(&task, "/nonexistent/supctl", "x", (const char *const[]){NULL}),
		-ENOENT);
	assert_int_equal(task.fd, -1);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(all_is_shown_and_the_root_selected),
		WITH_FIXTURE(the_selection_moves_within_the_rows),
		WITH_FIXTURE(what_is_folded_is_not_shown),
		WITH_FIXTURE(all_is_folded_and_unfolded),
		WITH_FIXTURE(the_selection_stays_with_its_child),
		WITH_FIXTURE(the_selected_row_is_always_on_the_screen),
		WITH_FIXTURE(search_goes_round_and_unfolds),
		WITH_FIXTURE(the_next_one_in_trouble_is_found),
		WITH_FIXTURE(restarts_of_the_last_minute_are_counted_in_steps),
		WITH_FIXTURE(a_child_that_took_another_ones_number_begins_anew),
		WITH_FIXTURE(load_is_what_was_used_since_the_last_reading),
		WITH_FIXTURE(the_output_of_a_task_comes_in_lines),
		WITH_FIXTURE(a_task_keeps_its_last_lines_and_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
