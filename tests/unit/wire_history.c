/* wire_history.c - the last events: how many are kept, and how a subscriber gets them. */
#include "supervisor/wire/history.h"
#include "tests/unit/wire_fake.h"

#define TREE "root [ db web [ app ] ]"
#define SUBSCRIBE(parameters)                                                                   \
	"{\"method\":\"org.supd.Supervisor.Subscribe\",\"parameters\":" parameters ",\"more\":" \
	"true}"
#define SUBSCRIBED "{\"parameters\":{},\"continues\":true}"

/* ---- what is kept */

static void add(struct history *history, uint64_t seq, const char *path)
{
	const struct event_record record = {.seq = seq, .type = EVENT_STATE};

	history_add(history, &record, path);
}

SPEC(events_come_back_in_order_with_their_paths)
{
	struct history history = {0};
	struct history_at at = {0};
	struct event_record record;
	const char *path;
	char expected[16];

	assert_false(history_next(&history, &at, &record, &path));
	for (uint64_t i = 1; i <= 100; i++) {
		(void)snprintf(expected, sizeof(expected), "child.%d", (int)i);
		add(&history, i, expected);
	}
	at = (struct history_at){0};
	for (uint64_t i = 1; i <= 100; i++) {
		assert_true(history_next(&history, &at, &record, &path));
		assert_int_equal(record.seq, i);
		(void)snprintf(expected, sizeof(expected), "child.%d", (int)i);
		assert_string_equal(path, expected);
	}
	assert_false(history_next(&history, &at, &record, &path));
	history_free(&history);
}

SPEC(the_last_thousand_are_kept_and_hardly_more)
{
	struct history history = {0};
	struct history_at at = {0};
	struct event_record record;
	const char *path;
	uint64_t first;

	for (uint64_t i = 1; i <= 100000; i++) {
		add(&history, i, "web/app");
		assert_true(history.n <= 1100);
		assert_true(history.n >= (i < 1000 ? i : 1000));
	}
	assert_true(history_next(&history, &at, &record, &path));
	first = record.seq;
	assert_true(first <= 100000 - 999);
	for (uint64_t i = first + 1; i <= 100000; i++) {
		assert_true(history_next(&history, &at, &record, &path));
		assert_int_equal(record.seq, i);
	}
	history_free(&history);
}

SPEC(a_path_longer_than_a_chunk_is_kept_whole)
{
	struct history history = {0};
	struct history_at at = {0};
	struct event_record record;
	const char *path;
	char longest[4000];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	add(&history, 1, "a");
	add(&history, 2, longest);
	add(&history, 3, "b");
	assert_true(history_next(&history, &at, &record, &path));
	assert_true(history_next(&history, &at, &record, &path));
	assert_string_equal(path, longest);
	assert_true(history_next(&history, &at, &record, &path));
	assert_string_equal(path, "b");
	history_free(&history);
}

/* ---- how it is asked for */

static void report(struct shell *shell, const char *path, enum child_state to)
{
	struct action action = {.kind = ACT_REPORT,
		.ref = {sim_tree_find(shell->spec, path), 1},
		.from = CHILD_RUNNING,
		.to = to,
		.why = WHY_EXIT};

	server_report(shell->server, &action);
}

/* Three events, numbers 1 to 3: db, web/app, db. */
static struct shell *with_past(void)
{
	struct shell *shell = fake_new(TREE);

	report(shell, "db", CHILD_BACKOFF);
	report(shell, "web/app", CHILD_BACKOFF);
	report(shell, "db", CHILD_RUNNING);
	return shell;
}

static void expect_seq(struct shell *shell, struct peer *peer, int seq, int lost)
{
	const char *text = peer_receive(shell, peer);
	json_t *reply = text ? json_loads(text, 0, NULL) : NULL;
	json_t *event = json_object_get(json_object_get(reply, "parameters"), "event");

	assert_non_null(reply);
	assert_true(json_is_true(json_object_get(reply, "continues")));
	assert_int_equal(json_integer_value(json_object_get(event, "seq")), seq);
	assert_int_equal(json_integer_value(json_object_get(event, "lost")), lost);
	json_decref(reply);
}

SPEC(a_subscriber_gets_the_past_then_what_happens)
{
	struct shell *shell = with_past();
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, SUBSCRIBE("{\"since\":0}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	for (int i = 1; i <= 3; i++)
		expect_seq(shell, &peer, i, 0);
	peer_expect_silence(shell, &peer);
	report(shell, "db", CHILD_STOPPED);
	expect_seq(shell, &peer, 4, 0);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(it_may_ask_for_the_last_ones_for_those_after_a_number_and_for_a_pattern)
{
	struct shell *shell = with_past();
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, SUBSCRIBE("{\"history\":2,\"follow\":false}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	expect_seq(shell, &peer, 2, 0);
	expect_seq(shell, &peer, 3, 0);
	peer_expect(shell, &peer, OK);
	peer_send(shell, &peer, SUBSCRIBE("{\"since\":1,\"follow\":false}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	expect_seq(shell, &peer, 2, 0);
	expect_seq(shell, &peer, 3, 0);
	peer_expect(shell, &peer, OK);
	peer_send(shell, &peer,
		SUBSCRIBE("{\"history\":1,\"since\":0,\"pattern\":\"d*\",\"follow\":false}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	expect_seq(shell, &peer, 3, 0);
	peer_expect(shell, &peer, OK);
	/* It is no subscriber then, and may go on. */
	assert_int_equal(shell->server->n_subscribers, 0);
	peer_send(shell, &peer, SUBSCRIBE("{\"history\":0,\"follow\":false}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	peer_expect(shell, &peer, OK);
	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(without_asking_there_is_no_past)
{
	struct shell *shell = with_past();
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, SUBSCRIBE("{}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	peer_expect_silence(shell, &peer);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(who_asks_for_more_than_is_kept_is_told_how_much_is_gone)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	const struct history *history = &shell->server->history;
	int gone;

	for (int i = 0; i < 5000; i++)
		report(shell, "db", CHILD_BACKOFF);
	gone = 5000 - (int)history->n;
	assert_true(gone > 3000);
	peer_send(shell, &peer, SUBSCRIBE("{\"since\":10}"));
	peer_expect(shell, &peer, SUBSCRIBED);
	expect_seq(shell, &peer, gone + 1, gone - 10);
	for (int i = gone + 2; i <= 5000; i++)
		expect_seq(shell, &peer, i, 0);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(bad_numbers_are_refused)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, SUBSCRIBE("{\"since\":-1}"));
	peer_expect(shell, &peer, BAD_PARAMETER("since"));
	peer_send(shell, &peer, SUBSCRIBE("{\"history\":-1}"));
	peer_expect(shell, &peer, BAD_PARAMETER("history"));
	peer_send(shell, &peer, SUBSCRIBE("{\"history\":\"1\"}"));
	peer_expect(shell, &peer, BAD_PARAMETER("history"));
	peer_send(shell, &peer, SUBSCRIBE("{\"follow\":0}"));
	peer_expect(shell, &peer, BAD_PARAMETER("follow"));
	peer_close(&peer);
	fake_free(shell);
}

/* Clients that ask for the past and never read hold only what all answers together may. */
SPEC(the_past_of_many_fills_no_memory)
{
	enum { N = 250 };
	struct shell *shell = fake_new(TREE);
	struct peer peers[N];

	for (int i = 0; i < 1000; i++)
		report(shell, "db", CHILD_BACKOFF);
	for (int i = 0; i < N; i++) {
		peers[i] = peer_open(shell);
		peer_send(shell, &peers[i], SUBSCRIBE("{\"since\":0}"));
		fake_turn(shell, 0);
	}
	fake_settle(shell);
	assert_true(shell->server->out_bytes <= OUT_TOTAL_MAX);
	for (int i = 0; i < N; i++)
		peer_close(&peers[i]);
	fake_wait_clients(shell, 0);
	assert_int_equal(shell->server->out_bytes, 0);
	fake_free(shell);
}

/* ---- who did it */

SPEC(what_operators_ask_for_is_an_event_before_what_it_leads_to)
{
	struct shell *shell = fake_new(TREE);
	struct peer watcher = peer_open(shell);
	struct peer peer = peer_open(shell);
	char expected[128];
	const char *text;

	peer_send(shell, &watcher, SUBSCRIBE("{}"));
	peer_expect(shell, &watcher, SUBSCRIBED);
	shell->answer_at_once = true;
	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"app\"}"));
	peer_expect(shell, &peer, OK);
	text = peer_receive(shell, &watcher);
	assert_non_null(text);
	(void)snprintf(expected, sizeof(expected), "\"by\":{\"uid\":%u,\"pid\":%d}",
		(unsigned)getuid(), (int)getpid());
	assert_non_null(strstr(text, expected));
	assert_non_null(strstr(text, "\"path\":\"web/app\",\"kind\":\"operator\""));
	assert_non_null(strstr(text, "\"to\":\"stop\""));
	/* Reading is none, nor is what names nothing. */
	peer_send(shell, &peer, CALL("Status", "{}"));
	(void)peer_receive(shell, &peer);
	peer_send(shell, &peer, CALL("Stop", "{\"path\":\"nobody\"}"));
	(void)peer_receive(shell, &peer);
	peer_expect_silence(shell, &watcher);
	peer_close(&peer);
	peer_close(&watcher);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_back_in_order_with_their_paths),
		cmocka_unit_test(the_last_thousand_are_kept_and_hardly_more),
		cmocka_unit_test(a_path_longer_than_a_chunk_is_kept_whole),
		cmocka_unit_test(a_subscriber_gets_the_past_then_what_happens),
		cmocka_unit_test(
			it_may_ask_for_the_last_ones_for_those_after_a_number_and_for_a_pattern),
		cmocka_unit_test(without_asking_there_is_no_past),
		cmocka_unit_test(who_asks_for_more_than_is_kept_is_told_how_much_is_gone),
		cmocka_unit_test(bad_numbers_are_refused),
		cmocka_unit_test(the_past_of_many_fills_no_memory),
		cmocka_unit_test(what_operators_ask_for_is_an_event_before_what_it_leads_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
