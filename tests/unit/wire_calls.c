/* wire_calls.c - the server's calls: what they ask of the shell, and how they are answered. */
#include <signal.h>

#include "supervisor/wire/service.h"
#include "supervisor/wire/stages.h"
#include "tests/unit/wire_fake.h"

#define TREE "root [ db web one_for_all [ app proxy ] api [ app x ] ]"

SPEC(ping_is_answered)
{
	struct shell *shell = fake_new(TREE);

	expect_ping(shell);
	fake_free(shell);
}

SPEC(the_interface_text_is_given_as_it_is)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	json_t *reply;

	peer_send(shell, &peer,
		"{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{"
		"\"interface\":\"org.supd.Supervisor\"}}");
	reply = json_loads(peer_receive(shell, &peer), 0, NULL);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(reply, "parameters"), "description")),
		service_description("org.supd.Supervisor"));
	json_decref(reply);
	peer_send(shell, &peer,
		"{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{"
		"\"interface\":\"org.example\"}}");
	peer_expect(shell, &peer,
		"{\"error\":\"org.varlink.service.InterfaceNotFound\",\"parameters\":{"
		"\"interface\":\"org.example\"}}");
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_command_is_handed_on_and_answered_when_it_is_done)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"web/app\"}"));
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->n_commands, 1);
	assert_int_equal(shell->commands[0].kind, CMD_STOP);
	assert_int_equal(shell->commands[0].index, sim_tree_find(shell->spec, "web/app"));
	fake_answer(shell, shell->commands[0].token, RESULT_OK);
	peer_expect(shell, &peer, OK);
	fake_answer(shell, shell->commands[0].token, RESULT_OK); /* twice is once */
	peer_expect_silence(shell, &peer);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_command_may_be_answered_at_once)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	shell->answer_at_once = true;
	for (int i = 0; i < 200; i++)
		peer_send(shell, &peer, CALL("Restart", "{\"path\":\"db\"}"));
	for (int i = 0; i < 200; i++)
		peer_expect(shell, &peer, OK);
	assert_int_equal(shell->n_commands, 200);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(answers_keep_the_order_of_the_calls)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"db\"}"));
	peer_send(shell, &peer, CALL("Ping", "{}"));
	peer_send(shell, &peer, CALL("Start", "{\"path\":\"nobody\"}"));
	peer_expect_silence(shell, &peer);
	fake_answer(shell, shell->commands[0].token, RESULT_BUSY);
	peer_expect(shell, &peer, ERROR("LimitReached", "{\"path\":\"db\"}"));
	peer_expect(shell, &peer, OK);
	peer_expect(shell, &peer, ERROR("NotFound", "{\"path\":\"nobody\"}"));
	peer_close(&peer);
	fake_free(shell);
}

SPEC(clients_do_not_wait_for_each_other)
{
	struct shell *shell = fake_new(TREE);
	struct peer waiting = peer_open(shell);

	peer_send(shell, &waiting, CALL("Stop", "{\"path\":\"db\"}"));
	peer_expect_silence(shell, &waiting);
	expect_ping(shell);
	fake_answer(shell, shell->commands[0].token, RESULT_OK);
	peer_expect(shell, &waiting, OK);
	peer_close(&waiting);
	fake_free(shell);
}

static void expect_answer(const struct action *answer, const char *call, const char *expected)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	struct action reply = *answer;

	peer_send(shell, &peer, call);
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->n_commands, 1);
	reply.kind = ACT_REPLY;
	reply.token = shell->commands[0].token;
	server_reply(shell->server, &reply);
	peer_expect(shell, &peer, expected);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(every_result_has_its_answer)
{
	expect_answer(&(struct action){.result = RESULT_INVALID_STATE, .state = CHILD_RUNNING},
		CALL("Start", "{\"path\":\"db\"}"),
		ERROR("InvalidState", "{\"path\":\"db\",\"state\":\"running\"}"));
	expect_answer(&(struct action){.result = RESULT_SUPERVISOR_DOWN, .state = CHILD_STOPPED},
		CALL("Start", "{\"path\":\"web/app\"}"),
		ERROR("InvalidState", "{\"path\":\"web\",\"state\":\"stopped\"}"));
	expect_answer(&(struct action){.result = RESULT_SUPERVISOR_DOWN, .state = CHILD_STOPPING},
		CALL("Start", "{\"path\":\"db\"}"),
		ERROR("InvalidState", "{\"path\":\"/\",\"state\":\"stopping\"}"));
	expect_answer(&(struct action){.result = RESULT_START_FAILED,
			      .end = {END_SPAWN_FAILED, STAGE_EXEC, ENOENT}},
		CALL("Restart", "{\"path\":\"proxy\"}"),
		ERROR("StartFailed",
			"{\"path\":\"web/proxy\",\"reason\":\"exec: No such file or directory\"}"));
	expect_answer(&(struct action){.result = RESULT_START_FAILED, .end = {END_EXITED, 0, 1}},
		CALL("Start", "{\"path\":\"db\"}"),
		ERROR("StartFailed", "{\"path\":\"db\",\"reason\":\"exited with status 1 before it "
				     "was ready\"}"));
	expect_answer(&(struct action){.result = RESULT_LIMIT_REACHED},
		CALL("Start", "{\"path\":\"db\"}"), ERROR("LimitReached", "{\"path\":\"db\"}"));
	expect_answer(&(struct action){.result = RESULT_GONE}, CALL("Delete", "{\"path\":\"db\"}"),
		ERROR("NotFound", "{\"path\":\"db\"}"));
}

SPEC(paths_are_looked_up_as_everywhere)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"app\"}"));
	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"web/nobody\"}"));
	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"\"}"));
	{
		json_t *reply = json_loads(peer_receive(shell, &peer), 0, NULL);
		json_t *parameters = json_object_get(reply, "parameters");

		assert_string_equal(json_string_value(json_object_get(reply, "error")),
			"org.supd.Supervisor.Ambiguous");
		assert_int_equal(json_array_size(json_object_get(parameters, "candidates")), 2);
		json_decref(reply);
	}
	peer_expect(shell, &peer, ERROR("NotFound", "{\"path\":\"web/nobody\"}"));
	peer_expect(shell, &peer, ERROR("NotFound", "{\"path\":\"\"}"));
	peer_close(&peer);
	fake_free(shell);
}

SPEC(the_root_takes_no_commands)
{
	static const char *const methods[] = {"Start", "Stop", "Restart", "Delete"};
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	char call[128];

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(call, sizeof(call), CALL("%s", "{\"path\":\"/\"}"), methods[i]);
		peer_send(shell, &peer, call);
		peer_expect(shell, &peer,
			ERROR("InvalidState", "{\"path\":\"/\",\"state\":\"running\"}"));
	}
	assert_int_equal(shell->n_commands, 0);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_call_times_out_and_its_late_answer_is_dropped)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"db\",\"timeout_ms\":30}"));
	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"proxy\",\"timeout_ms\":60000}"));
	peer_expect(shell, &peer, ERROR("Timeout", "{\"path\":\"db\"}"));
	peer_expect_silence(shell, &peer);
	assert_int_equal(shell->n_commands, 2);
	fake_answer(shell, shell->commands[0].token, RESULT_GONE);
	peer_expect_silence(shell, &peer);
	fake_answer(shell, shell->commands[1].token, RESULT_OK);
	peer_expect(shell, &peer, OK);
	assert_true(server_deadline_ms(shell->server) == INT64_MAX);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(time_outs_come_in_their_order)
{
	static const int timeouts[] = {700, 100, 900, 300, 500, 200, 800, 400, 600, 1000};
	enum { N = sizeof(timeouts) / sizeof(timeouts[0]) };
	struct shell *shell = fake_new(TREE);
	struct peer peers[N];
	char call[128];
	int64_t last_ms = 0;

	for (int i = 0; i < N; i++) {
		peers[i] = peer_open(shell);
		(void)snprintf(call, sizeof(call),
			CALL("Stop", "{\"path\":\"db\",\"timeout_ms\":%d}"), timeouts[i] * 1000);
		peer_send(shell, &peers[i], call);
		fake_settle(shell);
	}
	/* One is answered, one hangs up: both leave the heap from its middle. */
	fake_answer(shell, shell->commands[3].token, RESULT_OK);
	peer_close(&peers[5]);
	fake_settle(shell);
	for (int i = 0; i < N - 2; i++) {
		int64_t due_ms = server_deadline_ms(shell->server);

		assert_true(due_ms > last_ms && due_ms != INT64_MAX);
		last_ms = due_ms;
		server_time(shell->server, due_ms);
	}
	assert_true(server_deadline_ms(shell->server) == INT64_MAX);
	for (int i = 0; i < N; i++)
		peer_close(&peers[i]);
	fake_free(shell);
}

SPEC(time_outs_out_of_range_are_refused)
{
	static const char *const values[] = {"0", "-1", "31536000001", "9223372036854775807"};
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	char call[128];

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(call, sizeof(call),
			CALL("Stop", "{\"path\":\"db\",\"timeout_ms\":%s}"), values[i]);
		peer_send(shell, &peer, call);
		peer_expect(shell, &peer, BAD_PARAMETER("timeout_ms"));
	}
	assert_int_equal(shell->n_commands, 0);
	peer_close(&peer);
	fake_free(shell);
}

static void answer_the_first_inside(struct shell *shell)
{
	if (shell->n_commands == 2)
		fake_answer(shell, shell->commands[0].token, RESULT_OK);
}

/* The engine runs while the shell hands it a command: what it answers to others then must not make
 * the server hand it another one. */
SPEC(an_answer_during_the_command_of_another_client_starts_no_command)
{
	struct shell *shell = fake_new(TREE);
	struct peer first = peer_open(shell);
	struct peer second = peer_open(shell);

	shell->on_command = answer_the_first_inside;
	peer_send(shell, &first, CALL("Stop", "{\"path\":\"db\"}"));
	fake_settle(shell);
	peer_send(shell, &first, CALL("Start", "{\"path\":\"db\"}"));
	fake_settle(shell);
	peer_send(shell, &second, CALL("Stop", "{\"path\":\"proxy\"}"));
	peer_expect(shell, &first, OK);
	fake_settle(shell);
	assert_int_equal(shell->n_commands, 3);
	assert_int_equal(shell->commands[1].index, sim_tree_find(shell->spec, "proxy"));
	assert_int_equal(shell->commands[2].kind, CMD_START);
	peer_close(&first);
	peer_close(&second);
	fake_free(shell);
}

SPEC(signals_go_to_processes)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"proxy\",\"signal\":\"SIGHUP\"}"));
	peer_expect(shell, &peer, OK);
	assert_int_equal(shell->signal, SIGHUP);
	assert_int_equal(shell->signal_index, sim_tree_find(shell->spec, "web/proxy"));
	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"proxy\",\"signal\":\"10\"}"));
	peer_expect(shell, &peer, OK);
	assert_int_equal(shell->signal, 10);
	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"proxy\",\"signal\":\"NOPE\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("signal"));
	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"proxy\",\"signal\":\"0\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("signal"));
	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"web\",\"signal\":\"HUP\"}"));
	peer_expect(
		shell, &peer, ERROR("InvalidState", "{\"path\":\"web\",\"state\":\"running\"}"));
	shell->signal_result = -ESRCH;
	shell->records[sim_tree_find(shell->spec, "db")].state = CHILD_STOPPED;
	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"db\",\"signal\":\"HUP\"}"));
	peer_expect(shell, &peer, ERROR("InvalidState", "{\"path\":\"db\",\"state\":\"stopped\"}"));
	shell->signal_result = -EPERM;
	peer_send(shell, &peer, CALL("Signal", "{\"path\":\"db\",\"signal\":\"HUP\"}"));
	peer_expect(shell, &peer, ERROR("PermissionDenied", "{}"));
	peer_close(&peer);
	fake_free(shell);
}

SPEC(shutdown_is_answered_and_begun)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("ReopenLogs", "{}"));
	peer_expect(shell, &peer, OK);
	assert_int_equal(shell->reopened, 1);
	peer_send(shell, &peer, CALL("Shutdown", "{}"));
	peer_expect(shell, &peer, OK);
	assert_int_equal(shell->shutdowns, 1);
	peer_close(&peer);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_is_answered),
		cmocka_unit_test(the_interface_text_is_given_as_it_is),
		cmocka_unit_test(a_command_is_handed_on_and_answered_when_it_is_done),
		cmocka_unit_test(a_command_may_be_answered_at_once),
		cmocka_unit_test(answers_keep_the_order_of_the_calls),
		cmocka_unit_test(clients_do_not_wait_for_each_other),
		cmocka_unit_test(every_result_has_its_answer),
		cmocka_unit_test(paths_are_looked_up_as_everywhere),
		cmocka_unit_test(the_root_takes_no_commands),
		cmocka_unit_test(a_call_times_out_and_its_late_answer_is_dropped),
		cmocka_unit_test(time_outs_come_in_their_order),
		cmocka_unit_test(time_outs_out_of_range_are_refused),
		cmocka_unit_test(an_answer_during_the_command_of_another_client_starts_no_command),
		cmocka_unit_test(signals_go_to_processes),
		cmocka_unit_test(shutdown_is_answered_and_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
