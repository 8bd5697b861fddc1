/* wire_pace.c - clients that only read have a share of the server, together; who acts waits for
 * nobody. */
#include "tests/unit/wire_fake.h"

#define TREE "root [ db ]"
#define STATUS CALL("Status", "{}")
#define REOPEN CALL("ReopenLogs", "{}")

enum { BURST = 100, A_SECOND = 2000, CLIENTS = 20, FOR_MS = 500 };

/* Asks as often as it is answered, for so long; returns how many answers came. */
static int poll_for(struct shell *shell, struct peer *peers, int n, const char *call, int64_t ms)
{
	int64_t end_ms = fake_now_ms() + ms;
	int answers = 0;

	for (int i = 0; i < n; i++)
		peer_send(shell, &peers[i], call);
	while (fake_now_ms() < end_ms) {
		fake_turn(shell, 1);
		for (int i = 0; i < n; i++) {
			char bytes[4096];
			ssize_t got = recv(peers[i].fd, bytes, sizeof(bytes), 0);

			if (got <= 0)
				continue;
			assert_int_equal(bytes[got - 1], '\0');
			answers++;
			peer_send(shell, &peers[i], call);
		}
	}
	return answers;
}

static void reads_are_bounded(const char *call)
{
	struct shell *shell = fake_new(TREE);
	struct peer peers[CLIENTS];
	int64_t began_ms = fake_now_ms();
	int answers;
	int64_t took_ms;

	for (int i = 0; i < CLIENTS; i++)
		peers[i] = peer_open(shell);
	answers = poll_for(shell, peers, CLIENTS, call, FOR_MS);
	took_ms = fake_now_ms() - began_ms;
	assert_in_range(answers, 2 * BURST, BURST + took_ms * A_SECOND / 1000);
	for (int i = 0; i < CLIENTS; i++)
		peer_close(&peers[i]);
	fake_wait_clients(shell, 0);
	assert_int_equal(server_deadline_ms(shell->server), INT64_MAX);
	fake_free(shell);
}

SPEC(pollers_have_a_share_together)
{
	reads_are_bounded(STATUS);
}

SPEC(what_is_refused_counts_as_reading)
{
	reads_are_bounded(CALL("Frobnicate", "{}"));
	reads_are_bounded("{\"method\":1}");
}

/* All that there is, and more. */
static struct peer exhaust(struct shell *shell)
{
	struct peer peer = peer_open(shell);

	for (int i = 0; i < 4 * BURST; i++)
		peer_send(shell, &peer, PING);
	fake_settle(shell);
	assert_non_null(shell->server->pace.waiting);
	return peer;
}

SPEC(who_acts_waits_for_nobody)
{
	struct shell *shell = fake_new(TREE);
	struct peer reader = exhaust(shell);
	struct peer commander = peer_open(shell);
	int64_t began_ms = fake_now_ms();

	for (int i = 0; i < 100; i++) {
		peer_send(shell, &commander, REOPEN);
		peer_expect(shell, &commander, OK);
	}
	/* Hundreds of pings lie before it, or have all been paid for by time. */
	assert_true(shell->server->pace.waiting || fake_now_ms() - began_ms > 100);
	assert_int_equal(shell->reopened, 100);
	peer_close(&commander);
	peer_close(&reader);
	fake_wait_clients(shell, 0);
	fake_free(shell);
}

SPEC(calls_that_wait_are_answered_all_the_same_and_in_order)
{
	struct shell *shell = fake_new(TREE);
	struct peer reader = exhaust(shell);
	struct peer other = peer_open(shell);
	const char *text;

	peer_send(shell, &other, STATUS);
	peer_send(shell, &other, REOPEN);
	assert_int_equal(shutdown(other.fd, SHUT_WR), 0);
	for (int i = 0; i < 4 * BURST; i++)
		peer_expect(shell, &reader, OK);
	text = peer_receive(shell, &other);
	assert_true(text && strstr(text, "\"children\""));
	peer_expect(shell, &other, OK);
	peer_expect_closed(shell, &other);
	assert_int_equal(server_deadline_ms(shell->server), INT64_MAX);
	peer_close(&other);
	peer_close(&reader);
	fake_wait_clients(shell, 0);
	fake_free(shell);
}

SPEC(who_waits_and_goes_leaves_nothing_behind_but_what_it_ordered)
{
	struct shell *shell = fake_new(TREE);
	struct peer reader = exhaust(shell);

	peer_send(shell, &reader, REOPEN);
	peer_close(&reader);
	fake_wait_clients(shell, 0);
	assert_null(shell->server->pace.waiting);
	assert_int_equal(shell->reopened, 1);
	assert_int_equal(server_deadline_ms(shell->server), INT64_MAX);
	expect_ping(shell);
	fake_free(shell);
}

SPEC(a_large_answer_costs_more)
{
	char *tree = malloc(200000);
	size_t n = 0;
	struct shell *shell;
	struct peer peer;
	int64_t before;

	assert_non_null(tree);
	n += (size_t)sprintf(tree, "root [");
	for (int i = 0; i < 5000; i++)
		n += (size_t)sprintf(tree + n, " child%d", i);
	(void)sprintf(tree + n, " ]");
	shell = fake_new(tree);
	free(tree);
	peer = peer_open(shell);
	before = shell->server->pace.tokens;
	peer_send(shell, &peer, STATUS);
	while (shell->server->out_bytes == 0)
		fake_turn(shell, 0);
	assert_true(shell->server->pace.tokens < before - BURST);
	assert_non_null(peer_receive(shell, &peer));
	/* The next read waits until that is paid off. */
	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pollers_have_a_share_together),
		cmocka_unit_test(what_is_refused_counts_as_reading),
		cmocka_unit_test(who_acts_waits_for_nobody),
		cmocka_unit_test(calls_that_wait_are_answered_all_the_same_and_in_order),
		cmocka_unit_test(who_waits_and_goes_leaves_nothing_behind_but_what_it_ordered),
		cmocka_unit_test(a_large_answer_costs_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
