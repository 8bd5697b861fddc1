/* wire_additions.c - the server's calls that bring children: StartChild, Run, and Start of a
 * dynamic supervisor; and those that look at them. */
#include "tests/unit/wire_fake.h"

#define TREE "root [ db jobs:dynamic=5 [ job ] web [ app ] ]"

#define RUN(parameters) \
	"{\"method\":\"org.supd.Supervisor.Run\",\"more\":true,\"parameters\":" parameters "}"
#define RUN_TRUE RUN("{\"path\":\"jobs\",\"command\":[\"true\"]}")
#define RUN_FREE CALL("Run", "{\"path\":\"jobs\",\"command\":[\"true\"],\"link\":false}")

static void reply_to(struct shell *shell, enum result result, const char *child)
{
	struct action reply = {.kind = ACT_REPLY, .token = shell->add_token, .result = result};
	struct view view;

	if (child) {
		assert_true(engine_view(shell->engine, sim_tree_find(shell->spec, child), &view));
		reply.ref = view.ref;
		reply.state = CHILD_RUNNING;
	}
	server_reply(shell->server, &reply);
}

/* The task in the place of a child has ended. */
static void removed(struct shell *shell, const char *child, struct end end)
{
	uint32_t index = sim_tree_find(shell->spec, child);
	struct action report = {
		.kind = ACT_REPORT, .ref = {index, 0}, .to = CHILD_REMOVED, .end = end};

	server_report(shell->server, &report);
}

SPEC(start_child_hands_on_what_it_is_given)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer,
		CALL("StartChild", "{\"path\":\"jobs\",\"name\":\"x\",\"command\":[\"a\",\"b\"]}"));
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->n_additions, 1);
	assert_int_equal(shell->add_sup, sim_tree_find(shell->spec, "jobs"));
	assert_string_equal(shell->add_name, "x");
	assert_string_equal(shell->add_words, "a|b");
	assert_string_equal(shell->add_settings, "-");
	assert_false(shell->add_task);
	reply_to(shell, RESULT_OK, "web/app");
	peer_expect(shell, &peer, "{\"parameters\":{\"path\":\"web/app\",\"pid\":1005}}");
	peer_send(shell, &peer,
		CALL("StartChild",
			"{\"path\":\"/\",\"name\":\"y\",\"settings\":[\"a=b\",\"c=d\"]}"));
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->add_sup, 0);
	assert_string_equal(shell->add_settings, "a=b|c=d");
	reply_to(shell, RESULT_EXISTS, "web/app");
	peer_expect(shell, &peer,
		ERROR("InvalidState", "{\"path\":\"web/app\",\"state\":\"running\"}"));
	peer_close(&peer);
	fake_free(shell);
}

SPEC(start_child_refuses_what_the_supervisor_cannot_have)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"db\",\"name\":\"x\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("path"));
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"web\",\"command\":[\"x\"]}"));
	peer_expect(shell, &peer, BAD_PARAMETER("name"));
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"jobs\",\"settings\":[]}"));
	peer_expect(shell, &peer, BAD_PARAMETER("settings"));
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"jobs\",\"timeout_ms\":0}"));
	peer_expect(shell, &peer, BAD_PARAMETER("timeout_ms"));
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"nobody\"}"));
	peer_expect(shell, &peer, ERROR("NotFound", "{\"path\":\"nobody\"}"));
	peer_send(shell, &peer, CALL("Run", "{\"path\":\"jobs\",\"command\":[\"true\"]}"));
	peer_expect(shell, &peer, BAD_PARAMETER("more"));
	peer_send(shell, &peer, RUN("{\"path\":\"web\",\"command\":[\"true\"]}"));
	peer_expect(shell, &peer, BAD_PARAMETER("path"));
	peer_send(shell, &peer, RUN("{\"path\":\"jobs\",\"command\":[]}"));
	peer_expect(shell, &peer, BAD_PARAMETER("command"));
	assert_int_equal(shell->n_additions, 0);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(what_the_shell_cannot_take_is_told)
{
	static const struct {
		int result;
		const char *answer;
	} cases[] = {
		{-EINVAL, BAD_PARAMETER("name")},
		{-EAGAIN, ERROR("LimitReached", "{\"path\":\"web/x\"}")},
		{-EIO, ERROR("StartFailed",
			       "{\"path\":\"web/x\",\"reason\":\"Input/output error\"}")},
	};
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shell->add_result = cases[i].result;
		peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"web\",\"name\":\"x\"}"));
		peer_expect(shell, &peer, cases[i].answer);
	}
	shell->add_result = 0;
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"web\",\"name\":\"x\"}"));
	peer_expect_silence(shell, &peer);
	server_refuse(shell->server, shell->add_token, "no such key");
	peer_expect(shell, &peer,
		ERROR("StartFailed", "{\"path\":\"web/x\",\"reason\":\"no such key\"}"));
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"jobs\"}"));
	peer_expect_silence(shell, &peer);
	reply_to(shell, RESULT_LIMIT_REACHED, NULL);
	peer_expect(shell, &peer, ERROR("LimitReached", "{\"path\":\"jobs\"}"));
	peer_send(shell, &peer, CALL("StartChild", "{\"path\":\"web\",\"name\":\"x\"}"));
	peer_expect_silence(shell, &peer);
	reply_to(shell, RESULT_SUPERVISOR_DOWN, NULL);
	peer_expect(
		shell, &peer, ERROR("InvalidState", "{\"path\":\"web\",\"state\":\"waiting\"}"));
	peer_close(&peer);
	fake_free(shell);
}

SPEC(start_of_a_running_dynamic_supervisor_makes_an_instance)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Start", "{\"path\":\"jobs\"}"));
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->n_additions, 1);
	assert_string_equal(shell->add_name, "-");
	reply_to(shell, RESULT_OK, "web/app");
	peer_expect(shell, &peer, OK);
	/* One that is stopped is started. */
	shell->records[sim_tree_find(shell->spec, "jobs")].state = CHILD_STOPPED;
	peer_send(shell, &peer, CALL("Start", "{\"path\":\"jobs\"}"));
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->n_additions, 1);
	assert_int_equal(shell->n_commands, 1);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(run_answers_when_the_task_runs_and_when_it_has_ended)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, RUN_TRUE);
	peer_expect_silence(shell, &peer);
	assert_true(shell->add_task);
	assert_int_equal(shell->add_stdio[0], -1);
	reply_to(shell, RESULT_OK, "web/app");
	peer_expect(shell, &peer,
		"{\"parameters\":{\"path\":\"web/app\",\"pid\":1005},\"continues\":true}");
	peer_expect_silence(shell, &peer);
	/* Of a former task in the same row: not this one's. */
	removed(shell, "db", (struct end){.kind = END_EXITED});
	peer_expect_silence(shell, &peer);
	removed(shell, "web/app", (struct end){.kind = END_EXITED, .value = 3});
	peer_expect(shell, &peer,
		"{\"parameters\":{\"path\":\"web/app\",\"exit\":{\"kind\":\"exited\","
		"\"status\":3}}}");
	removed(shell, "web/app", (struct end){.kind = END_EXITED, .value = 4});
	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	assert_int_equal(shell->n_commands, 0);
	fake_free(shell);
}

SPEC(a_task_is_stopped_when_its_caller_is_gone)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, RUN_TRUE);
	fake_settle(shell);
	reply_to(shell, RESULT_OK, "web/app");
	assert_int_equal(shell->server->n_linked, 1);
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	assert_int_equal(shell->server->n_linked, 0);
	assert_int_equal(shell->n_commands, 1);
	assert_int_equal(shell->commands[0].kind, CMD_STOP);
	assert_int_equal(shell->commands[0].index, sim_tree_find(shell->spec, "web/app"));
	/* The engine had no room for it: it is asked again. */
	fake_answer(shell, shell->commands[0].token, RESULT_BUSY);
	while (shell->n_commands < 2)
		fake_turn(shell, 5);
	assert_int_equal(shell->commands[1].index, shell->commands[0].index);
	fake_answer(shell, shell->commands[1].token, RESULT_OK);
	assert_true(server_deadline_ms(shell->server) == INT64_MAX);
	fake_free(shell);
}

SPEC(a_task_that_comes_up_after_its_caller_has_gone_is_stopped)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, RUN_TRUE);
	fake_settle(shell);
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	assert_int_equal(shell->n_commands, 0);
	reply_to(shell, RESULT_OK, "web/app");
	fake_turn(shell, 0);
	assert_int_equal(shell->n_commands, 1);
	assert_int_equal(shell->commands[0].kind, CMD_STOP);
	/* Nobody is left to be told of a start that failed. */
	reply_to(shell, RESULT_START_FAILED, NULL);
	fake_turn(shell, 0);
	assert_int_equal(shell->n_commands, 1);
	fake_free(shell);
}

SPEC(a_task_that_comes_up_too_late_is_stopped)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, RUN("{\"path\":\"jobs\",\"command\":[\"true\"],\"timeout_ms\":1}"));
	peer_expect(shell, &peer, ERROR("Timeout", "{\"path\":\"jobs\"}"));
	reply_to(shell, RESULT_OK, "web/app");
	fake_turn(shell, 0);
	assert_int_equal(shell->n_commands, 1);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(the_time_out_is_for_the_start_alone)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer,
		RUN("{\"path\":\"jobs\",\"command\":[\"true\"],\"timeout_ms\":60000}"));
	fake_settle(shell);
	assert_true(server_deadline_ms(shell->server) != INT64_MAX);
	reply_to(shell, RESULT_OK, "web/app");
	assert_true(server_deadline_ms(shell->server) == INT64_MAX);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_task_without_link_lives_on)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, RUN_FREE);
	fake_settle(shell);
	reply_to(shell, RESULT_OK, "web/app");
	peer_expect(shell, &peer, "{\"parameters\":{\"path\":\"web/app\",\"pid\":1005}}");
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	assert_int_equal(shell->n_commands, 0);
	fake_free(shell);
}

SPEC(those_who_wait_for_a_task_take_no_place_of_others)
{
	struct shell *shell = fake_new(TREE);
	struct peer peers[CLIENTS_MAX];
	struct peer task = peer_open(shell);

	peer_send(shell, &task, RUN_TRUE);
	fake_settle(shell);
	reply_to(shell, RESULT_OK, "web/app");
	for (int i = 0; i < CLIENTS_MAX; i++) {
		peers[i] = peer_open(shell);
		fake_settle(shell);
	}
	assert_int_equal(shell->server->n_clients, CLIENTS_MAX + 1);
	peer_send(shell, &peers[CLIENTS_MAX - 1], PING);
	peer_expect(shell, &peers[CLIENTS_MAX - 1], OK);
	for (int i = 0; i < CLIENTS_MAX; i++)
		peer_close(&peers[i]);
	peer_close(&task);
	fake_wait_clients(shell, 0);
	fake_free(shell);
}

SPEC(count_where_is_and_inspect_tell_what_is)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	json_t *reply;
	json_t *all;

	peer_send(shell, &peer, CALL("Count", "{}"));
	peer_expect(shell, &peer,
		"{\"parameters\":{\"specs\":3,\"active\":3,\"supervisors\":2,\"workers\":1}}");
	peer_send(shell, &peer, CALL("Count", "{\"path\":\"db\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("path"));
	peer_send(shell, &peer, CALL("WhereIs", "{\"name\":\"app\"}"));
	peer_expect(shell, &peer, "{\"parameters\":{\"path\":\"web/app\",\"pid\":1005}}");
	peer_send(shell, &peer, CALL("WhereIs", "{\"name\":\"web\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("name"));
	peer_send(shell, &peer, CALL("WhereIs", "{\"name\":\"db\",\"key\":\"1\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("key"));
	shell->records[sim_tree_find(shell->spec, "db")].pid = 0;
	shell->records[sim_tree_find(shell->spec, "db")].state = CHILD_BACKOFF;
	peer_send(shell, &peer, CALL("WhereIs", "{\"name\":\"db\"}"));
	peer_expect(shell, &peer, ERROR("InvalidState", "{\"path\":\"db\",\"state\":\"backoff\"}"));
	peer_send(shell, &peer, CALL("Inspect", "{\"path\":\"jobs\"}"));
	all = json_loads(peer_receive(shell, &peer), 0, NULL);
	reply = json_object_get(all, "parameters");
	assert_string_equal("jobs",
		json_string_value(json_object_get(json_object_get(reply, "child"), "path")));
	assert_int_equal(5, json_integer_value(json_object_get(
				    json_object_get(reply, "spec"), "max_children")));
	assert_true(json_is_array(json_object_get(json_object_get(reply, "template"), "command")));
	json_decref(all);
	peer_close(&peer);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_child_hands_on_what_it_is_given),
		cmocka_unit_test(start_child_refuses_what_the_supervisor_cannot_have),
		cmocka_unit_test(what_the_shell_cannot_take_is_told),
		cmocka_unit_test(start_of_a_running_dynamic_supervisor_makes_an_instance),
		cmocka_unit_test(run_answers_when_the_task_runs_and_when_it_has_ended),
		cmocka_unit_test(a_task_is_stopped_when_its_caller_is_gone),
		cmocka_unit_test(a_task_that_comes_up_after_its_caller_has_gone_is_stopped),
		cmocka_unit_test(a_task_that_comes_up_too_late_is_stopped),
		cmocka_unit_test(the_time_out_is_for_the_start_alone),
		cmocka_unit_test(a_task_without_link_lives_on),
		cmocka_unit_test(those_who_wait_for_a_task_take_no_place_of_others),
		cmocka_unit_test(count_where_is_and_inspect_tell_what_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
