/* wire_streams.c - the server's long answers: Status, and the stream of events. */
#include <signal.h>

#include "tests/unit/wire_fake.h"

#define TREE "root [ db web one_for_all [ app sub [ x ] proxy ] api [ app ] ]"

#define REOPEN CALL("ReopenLogs", "{}")
#define SUBSCRIBE(parameters)                                                                   \
	"{\"method\":\"org.supd.Supervisor.Subscribe\",\"parameters\":" parameters ",\"more\":" \
	"true}"
#define SUBSCRIBED "{\"parameters\":{},\"continues\":true}"

/* ---- Status */

/* The paths of a Status reply, in its order, with spaces between. Consumes reply. */
static char *paths_of(json_t *reply)
{
	json_t *children = json_object_get(json_object_get(reply, "parameters"), "children");
	char *paths = calloc(1, 4096);
	size_t n = json_array_size(children);

	assert_non_null(paths);
	assert_true(json_is_array(children));
	for (size_t i = 0; i < n; i++) {
		const char *path =
			json_string_value(json_object_get(json_array_get(children, i), "path"));

		assert_true(strlen(paths) + strlen(path) + 2 < 4096);
		if (i > 0)
			strcat(paths, " ");
		strcat(paths, path);
	}
	json_decref(reply);
	return paths;
}

static json_t *receive_json(struct shell *shell, struct peer *peer)
{
	const char *text = peer_receive(shell, peer);
	json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

	assert_non_null(json);
	return json;
}

static void expect_paths(const char *parameters, const char *expected)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	char call[512];
	char *paths;

	(void)snprintf(call, sizeof(call), CALL("Status", "%s"), parameters);
	peer_send(shell, &peer, call);
	paths = paths_of(receive_json(shell, &peer));
	assert_string_equal(paths, expected);
	free(paths);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(status_gives_the_tree_in_tree_order)
{
	expect_paths("{}", "db web web/app web/sub web/sub/x web/proxy api api/app");
	expect_paths("{\"paths\":[]}", "db web web/app web/sub web/sub/x web/proxy api api/app");
	expect_paths("{\"paths\":null}", "db web web/app web/sub web/sub/x web/proxy api api/app");
	expect_paths(
		"{\"paths\":[\"/\"]}", "db web web/app web/sub web/sub/x web/proxy api api/app");
}

SPEC(status_of_paths_gives_them_and_what_is_below_in_tree_order_and_once)
{
	expect_paths("{\"paths\":[\"db\"]}", "db");
	expect_paths("{\"paths\":[\"web\"]}", "web web/app web/sub web/sub/x web/proxy");
	expect_paths("{\"paths\":[\"sub\"]}", "web/sub web/sub/x");
	expect_paths("{\"paths\":[\"x\"]}", "web/sub/x");
	expect_paths("{\"paths\":[\"api/app\",\"db\"]}", "db api/app");
	expect_paths(
		"{\"paths\":[\"sub\",\"web/app\",\"x\",\"sub\"]}", "web/app web/sub web/sub/x");
	expect_paths("{\"paths\":[\"x\",\"/\"]}",
		"db web web/app web/sub web/sub/x web/proxy api api/app");
}

SPEC(status_says_what_the_root_is)
{
	struct shell *shell = fake_new("root [ ]");
	struct peer peer = peer_open(shell);

	shell->header.generation = 7;
	peer_send(shell, &peer, CALL("Status", "{}"));
	peer_expect(shell, &peer,
		"{\"parameters\":{\"root\":\"root\",\"state\":\"running\",\"pid\":1,"
		"\"generation\":7,\"children\":[]}}");
	peer_close(&peer);
	fake_free(shell);
}

SPEC(status_of_a_path_that_is_not_there_or_not_one_fails)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	json_t *reply;

	peer_send(shell, &peer, CALL("Status", "{\"paths\":[\"db\",\"nobody\"]}"));
	peer_expect(shell, &peer, ERROR("NotFound", "{\"path\":\"nobody\"}"));
	peer_send(shell, &peer, CALL("Status", "{\"paths\":[\"app\"]}"));
	reply = receive_json(shell, &peer);
	assert_string_equal(json_string_value(json_object_get(reply, "error")),
		"org.supd.Supervisor.Ambiguous");
	json_decref(reply);
	peer_close(&peer);
	fake_free(shell);
}

static char *many(int n)
{
	char *tree = malloc((size_t)n * 16 + 32);
	size_t at = 0;

	assert_non_null(tree);
	at += (size_t)sprintf(tree, "root [");
	for (int i = 0; i < n; i++)
		at += (size_t)sprintf(tree + at, " child%d", i);
	(void)sprintf(tree + at, " ]");
	return tree;
}

SPEC(status_of_ten_thousand_children_passes)
{
	char *tree = many(10000);
	struct shell *shell = fake_new(tree);
	struct peer peer = peer_open(shell);
	json_t *reply;

	peer_send(shell, &peer, CALL("Status", "{}"));
	reply = receive_json(shell, &peer);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(reply, "parameters"), "children")),
		10000);
	json_decref(reply);
	peer_close(&peer);
	fake_free(shell);
	free(tree);
}

SPEC(clients_that_do_not_read_their_status_fill_no_memory)
{
	char *tree = many(10000);
	struct shell *shell = fake_new(tree);
	struct peer greedy[40];
	struct peer peer;
	json_t *reply;

	for (int i = 0; i < 40; i++) {
		greedy[i] = peer_open(shell);
		for (int j = 0; j < 2; j++)
			peer_send(shell, &greedy[i], CALL("Status", "{}"));
		fake_settle(shell);
		assert_true(shell->server->out_bytes <= OUT_TOTAL_MAX + 256 * 1024);
	}
	expect_ping(shell);
	peer = peer_open(shell);
	peer_send(shell, &peer, CALL("Status", "{}"));
	peer_expect(shell, &peer, ERROR("LimitReached", "{\"path\":\"/\"}"));
	for (int i = 0; i < 40; i++)
		peer_close(&greedy[i]);
	fake_wait_clients(shell, 1);
	assert_int_equal(shell->server->out_bytes, 0);
	peer_send(shell, &peer, CALL("Status", "{}"));
	reply = receive_json(shell, &peer);
	assert_non_null(json_object_get(reply, "parameters"));
	json_decref(reply);
	peer_close(&peer);
	fake_free(shell);
	free(tree);
}

/* ---- events */

static void report(struct shell *shell, const char *path, enum child_state to)
{
	struct action action = {.kind = ACT_REPORT,
		.ref = {sim_tree_find(shell->spec, path), 1},
		.from = CHILD_RUNNING,
		.to = to,
		.why = WHY_EXIT,
		.end = {END_EXITED, 0, 1}};

	shell->records[action.ref.index].state = (uint8_t)to;
	shell->records[action.ref.index].pid = 0;
	server_report(shell->server, &action);
}

static struct peer subscribe(struct shell *shell, const char *call)
{
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, call);
	peer_expect(shell, &peer, SUBSCRIBED);
	return peer;
}

static json_t *receive_event(struct shell *shell, struct peer *peer)
{
	json_t *reply = receive_json(shell, peer);
	json_t *event = json_object_get(json_object_get(reply, "parameters"), "event");

	assert_true(json_is_true(json_object_get(reply, "continues")));
	assert_true(json_is_object(event));
	json_incref(event);
	json_decref(reply);
	return event;
}

static void expect_event(struct shell *shell, struct peer *peer, const char *path, int seq)
{
	json_t *event = receive_event(shell, peer);

	assert_string_equal(json_string_value(json_object_get(event, "path")), path);
	assert_int_equal(json_integer_value(json_object_get(event, "seq")), seq);
	assert_null(json_object_get(event, "lost"));
	json_decref(event);
}

SPEC(events_come_to_who_subscribed_in_one_sequence)
{
	struct shell *shell = fake_new(TREE);
	struct peer all;
	struct peer some;

	report(shell, "db", CHILD_BACKOFF); /* nobody listens, but it happened */
	all = subscribe(shell, SUBSCRIBE("{}"));
	some = subscribe(shell, SUBSCRIBE("{\"pattern\":\"web/*\"}"));
	report(shell, "db", CHILD_RUNNING);
	report(shell, "web/app", CHILD_STOPPED);
	report(shell, "web/sub/x", CHILD_STOPPED);
	expect_event(shell, &all, "db", 2);
	expect_event(shell, &all, "web/app", 3);
	expect_event(shell, &all, "web/sub/x", 4);
	expect_event(shell, &some, "web/app", 3);
	expect_event(shell, &some, "web/sub/x", 4);
	peer_expect_silence(shell, &some);
	peer_close(&all);
	peer_close(&some);
	fake_settle(shell);
	assert_int_equal(shell->server->n_subscribers, 0);
	report(shell, "db", CHILD_BACKOFF);
	fake_free(shell);
}

SPEC(an_event_says_what_happened)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = subscribe(shell, SUBSCRIBE("{\"pattern\":null}"));
	json_t *event;
	json_t *expected;

	report(shell, "web", CHILD_STOPPED);
	event = receive_event(shell, &peer);
	assert_int_equal(strlen(json_string_value(json_object_get(event, "time"))), 24);
	assert_int_equal(json_object_del(event, "time"), 0);
	expected = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:n, s:{s:s, s:i}}", "seq", 1, "path",
		"web", "kind", "supervisor", "from", "running", "to", "stopped", "why", "exit",
		"pid", "exit", "kind", "exited", "status", 1);
	assert_true(json_equal(event, expected));
	json_decref(event);
	json_decref(expected);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_subscription_needs_more_and_a_short_pattern)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	char pattern[PATTERN_MAX + 2] = {0};
	char call[1024];

	peer_send(shell, &peer, CALL("Subscribe", "{}"));
	peer_expect(shell, &peer, BAD_PARAMETER("more"));
	memset(pattern, '*', PATTERN_MAX + 1);
	(void)snprintf(call, sizeof(call), SUBSCRIBE("{\"pattern\":\"%s\"}"), pattern);
	peer_send(shell, &peer, call);
	peer_expect(shell, &peer, BAD_PARAMETER("pattern"));
	assert_int_equal(shell->server->n_subscribers, 0);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_subscriber_may_stop_sending)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = subscribe(shell, SUBSCRIBE("{}"));

	assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
	fake_settle(shell);
	report(shell, "db", CHILD_BACKOFF);
	expect_event(shell, &peer, "db", 1);
	peer_close(&peer);
	fake_free(shell);
}

/* Reads the events from *seq + 1 on until the queue is empty: each says exactly what is missing
 * before it. Returns how many came, and adds to *lost. */
static uint64_t drain(struct shell *shell, struct peer *peer, uint64_t *seq, uint64_t *lost)
{
	uint64_t n = 0;

	while (shell->server->out_bytes > 0 || frames_ready(&peer->in) || n == 0) {
		json_t *event = receive_event(shell, peer);
		uint64_t gap = (uint64_t)json_integer_value(json_object_get(event, "lost"));

		assert_int_equal(json_integer_value(json_object_get(event, "seq")), *seq + gap + 1);
		*seq += gap + 1;
		*lost += gap;
		n++;
		json_decref(event);
	}
	return n;
}

SPEC(a_slow_subscriber_is_told_what_it_lost_and_nobody_waits)
{
	enum { N = 20000 };
	struct shell *shell = fake_new(TREE);
	struct peer slow = subscribe(shell, SUBSCRIBE("{}"));
	struct peer quick = subscribe(shell, SUBSCRIBE("{}"));
	uint64_t seq = 0;
	uint64_t lost = 0;
	uint64_t n;

	for (int i = 0; i < N; i++) {
		report(shell, "db", CHILD_BACKOFF);
		expect_event(shell, &quick, "db", i + 1);
	}
	assert_true(shell->server->out_bytes <= EVENT_BYTES_MAX);
	n = drain(shell, &slow, &seq, &lost);
	while (seq + 1 < N && recv(slow.fd, &(char){0}, 1, MSG_PEEK) == 1)
		n += drain(shell, &slow, &seq, &lost);
	assert_int_equal(lost, 0); /* what was queued before the first loss */
	report(shell, "db", CHILD_RUNNING);
	n += drain(shell, &slow, &seq, &lost);
	assert_true(lost > 0);
	assert_int_equal(seq, N + 1);
	assert_int_equal(n + lost, N + 1);
	peer_close(&slow);
	peer_close(&quick);
	fake_free(shell);
}

SPEC(a_client_that_never_reads_holds_only_its_bound)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	size_t sent = 0;

	/* Calls that are not paced; until neither the socket nor the server takes more. */
	for (int stuck = 0; stuck < 50;) {
		ssize_t n = send(peer.fd, REOPEN, sizeof(REOPEN), MSG_NOSIGNAL);

		if (n == sizeof(REOPEN)) {
			sent++;
			stuck = 0;
			continue;
		}
		assert_int_equal(n, -1);
		fake_turn(shell, 0);
		stuck++;
	}
	assert_true(sent > 1000);
	assert_true(shell->server->out_bytes <= OUT_LOW + 64);
	expect_ping(shell);
	for (size_t i = 0; i < sent; i++)
		peer_expect(shell, &peer, OK);
	peer_close(&peer);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_gives_the_tree_in_tree_order),
		cmocka_unit_test(
			status_of_paths_gives_them_and_what_is_below_in_tree_order_and_once),
		cmocka_unit_test(status_says_what_the_root_is),
		cmocka_unit_test(status_of_a_path_that_is_not_there_or_not_one_fails),
		cmocka_unit_test(status_of_ten_thousand_children_passes),
		cmocka_unit_test(clients_that_do_not_read_their_status_fill_no_memory),
		cmocka_unit_test(events_come_to_who_subscribed_in_one_sequence),
		cmocka_unit_test(an_event_says_what_happened),
		cmocka_unit_test(a_subscription_needs_more_and_a_short_pattern),
		cmocka_unit_test(a_subscriber_may_stop_sending),
		cmocka_unit_test(a_slow_subscriber_is_told_what_it_lost_and_nobody_waits),
		cmocka_unit_test(a_client_that_never_reads_holds_only_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
