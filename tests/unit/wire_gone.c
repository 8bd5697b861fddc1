/* wire_gone.c - the server's casts, and callers that hang up at every moment. */
#include "tests/unit/wire_fake.h"

#define TREE "root [ db web one_for_all [ app proxy ] ]"

static struct peer the_peer; /* for what happens inside a command */

#define ONEWAY(name, parameters)                                                  \
	"{\"method\":\"org.supd.Supervisor." name "\",\"parameters\":" parameters \
	",\"oneway\":true}"

SPEC(a_oneway_call_is_neither_answered_nor_waited_for)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, ONEWAY("Stop", "{\"path\":\"db\"}"));
	peer_send(shell, &peer, ONEWAY("Stop", "{\"path\":\"nobody\"}"));
	peer_send(shell, &peer, ONEWAY("Stop", "{\"path\":1}"));
	peer_send(shell, &peer, ONEWAY("Status", "{}"));
	peer_send(shell, &peer, "{\"oneway\":true}");
	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	fake_answer(shell, shell->commands[0].token, RESULT_GONE);
	peer_expect_silence(shell, &peer);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(outstanding_oneway_calls_are_bounded)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	for (int i = 0; i < CALLS_MAX + 10; i++)
		peer_send(shell, &peer, ONEWAY("Stop", "{\"path\":\"db\"}"));
	fake_settle(shell);
	assert_int_equal(shell->n_commands, CALLS_MAX);
	fake_answer(shell, shell->commands[7].token, RESULT_OK);
	fake_settle(shell);
	assert_int_equal(shell->n_commands, CALLS_MAX + 1);
	for (uint32_t i = 0; i < shell->n_commands; i++)
		fake_answer(shell, shell->commands[i].token, RESULT_OK);
	fake_settle(shell);
	assert_int_equal(shell->n_commands, CALLS_MAX + 10);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(what_was_sent_before_hanging_up_is_carried_out)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"db\"}"));
	for (int i = 0; i < 150; i++)
		peer_send(shell, &peer, ONEWAY("Start", "{\"path\":\"proxy\"}"));
	peer_close(&peer);
	while (shell->server->n_clients > 0 || shell->n_commands == 0)
		fake_turn(shell, 5);
	assert_int_equal(shell->n_commands, 151);
	for (uint32_t i = 0; i < shell->n_commands; i++)
		fake_answer(shell, shell->commands[i].token, RESULT_OK);
	expect_ping(shell);
	fake_free(shell);
}

SPEC(a_client_that_sends_no_more_still_gets_its_answers)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"db\"}"));
	peer_send(shell, &peer, PING);
	assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	peer_expect_silence(shell, &peer);
	fake_answer(shell, shell->commands[0].token, RESULT_OK);
	peer_expect(shell, &peer, OK);
	peer_expect(shell, &peer, OK);
	peer_expect_closed(shell, &peer);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(an_answer_for_a_client_that_is_gone_is_dropped)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	struct peer next;

	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"db\",\"timeout_ms\":1000}"));
	fake_settle(shell);
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	assert_true(server_deadline_ms(shell->server) == INT64_MAX);

	/* The next client has the same place, and must not get it either. */
	next = peer_open(shell);
	peer_send(shell, &next, CALL("Stop", "{\"path\":\"db\"}"));
	fake_settle(shell);
	fake_answer(shell, shell->commands[0].token, RESULT_GONE);
	peer_expect_silence(shell, &next);
	fake_answer(shell, shell->commands[1].token, RESULT_OK);
	peer_expect(shell, &next, OK);
	peer_close(&next);
	fake_free(shell);
}

static void hang_up_inside(struct shell *shell)
{
	shell->on_command = NULL;
	peer_close(&the_peer);
}

SPEC(a_client_may_vanish_while_its_call_is_handled)
{
	struct shell *shell = fake_new(TREE);

	the_peer = peer_open(shell);
	shell->on_command = hang_up_inside;
	shell->answer_at_once = true;
	peer_send(shell, &the_peer, CALL("Stop", "{\"path\":\"db\"}"));
	fake_settle(shell);
	assert_int_equal(shell->n_commands, 1);
	fake_wait_clients(shell, 0);
	expect_ping(shell);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_oneway_call_is_neither_answered_nor_waited_for),
		cmocka_unit_test(outstanding_oneway_calls_are_bounded),
		cmocka_unit_test(what_was_sent_before_hanging_up_is_carried_out),
		cmocka_unit_test(a_client_that_sends_no_more_still_gets_its_answers),
		cmocka_unit_test(an_answer_for_a_client_that_is_gone_is_dropped),
		cmocka_unit_test(a_client_may_vanish_while_its_call_is_handled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
