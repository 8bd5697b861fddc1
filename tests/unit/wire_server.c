/* wire_server.c - the server's life: its socket, who may connect, how many. */
#include <sys/resource.h>

#include "tests/unit/wire_fake.h"

#define TREE "root [ db ]"

static void control_path(const struct shell *shell, char path[static 128])
{
	(void)snprintf(path, 128, "%s/control", shell->dir);
}

SPEC(the_socket_is_for_its_owner_alone)
{
	struct shell *shell = fake_new(TREE);
	char path[128];
	struct stat st;

	control_path(shell, path);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	fake_free(shell); /* fails if a socket is left in the directory */
}

SPEC(a_socket_that_somebody_answers_on_is_left_alone)
{
	struct shell *shell = fake_new(TREE);

	assert_null(server_new(shell, shell->dir));
	assert_int_equal(errno, EADDRINUSE);
	expect_ping(shell);
	fake_free(shell);
}

SPEC(a_socket_that_nobody_answers_on_is_replaced)
{
	struct shell *shell = fake_new(TREE);
	char path[128];
	char kept[256];

	/* As after a crash: the file stays, its socket is closed. */
	control_path(shell, path);
	(void)snprintf(kept, sizeof(kept), "%s.kept", path);
	assert_int_equal(link(path, kept), 0);
	server_free(shell->server);
	assert_int_equal(rename(kept, path), 0);
	assert_int_equal(peer_connect(shell->dir), -1);
	shell->server = server_new(shell, shell->dir);
	assert_non_null(shell->server);
	expect_ping(shell);
	fake_free(shell);
}

SPEC(what_is_no_socket_is_not_replaced)
{
	struct shell *shell = fake_new(TREE);
	char path[128];
	int fd;

	server_free(shell->server);
	control_path(shell, path);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_null(server_new(shell, shell->dir));
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlink(path), 0);
	shell->server = server_new(shell, shell->dir);
	assert_non_null(shell->server);
	fake_free(shell);
}

SPEC(a_directory_that_is_not_there_or_too_deep_is_an_error)
{
	struct shell *shell = fake_new(TREE);
	char deep[256];

	assert_null(server_new(shell, "/nonexistent"));
	assert_int_equal(errno, ENOENT);
	memset(deep, 'd', sizeof(deep) - 1);
	deep[0] = '/';
	deep[sizeof(deep) - 1] = '\0';
	assert_null(server_new(shell, deep));
	assert_int_equal(errno, ENAMETOOLONG);
	fake_free(shell);
}

SPEC(a_server_removes_only_its_own_socket)
{
	struct shell *shell = fake_new(TREE);
	struct server *first = shell->server;
	char path[128];

	control_path(shell, path);
	assert_int_equal(unlink(path), 0);
	shell->server = server_new(shell, shell->dir);
	assert_non_null(shell->server);
	server_free(first);
	expect_ping(shell);
	fake_free(shell);
}

SPEC(what_is_queued_at_the_end_is_still_sent)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	struct action report = {.kind = ACT_REPORT, .ref = {1, 1}, .to = CHILD_STOPPED};

	peer_send(shell, &peer, "{\"method\":\"org.supd.Supervisor.Subscribe\",\"more\":true}");
	peer_expect(shell, &peer, "{\"parameters\":{},\"continues\":true}");
	server_report(shell->server, &report);
	server_free(shell->server);
	shell->server = NULL;
	assert_non_null(peer_receive(shell, &peer));
	assert_null(peer_receive(shell, &peer));
	peer_close(&peer);
	fake_free(shell);
}

SPEC(another_user_is_refused)
{
	struct shell *shell;
	struct peer peer;
	char path[128];

	if (geteuid() != 0)
		skip();
	shell = fake_new(TREE);
	/* Even if the socket's mode and directory let it in. */
	control_path(shell, path);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(chmod(shell->dir, 0755), 0);
	assert_int_equal(seteuid(65534), 0);
	peer = peer_open(shell);
	assert_int_equal(seteuid(0), 0);
	peer_expect(shell, &peer, ERROR("PermissionDenied", "{}"));
	peer_expect_closed(shell, &peer);
	peer_close(&peer);
	expect_ping(shell);
	fake_free(shell);
}

SPEC(one_client_too_many_is_told_so)
{
	struct shell *shell = fake_new(TREE);
	struct peer peers[CLIENTS_MAX];
	struct peer late;

	for (int i = 0; i < CLIENTS_MAX; i++) {
		peers[i] = peer_open(shell);
		fake_settle(shell);
	}
	assert_int_equal(shell->server->n_clients, CLIENTS_MAX);
	late = peer_open(shell);
	peer_expect(shell, &late, ERROR("LimitReached", "{\"path\":\"/\"}"));
	peer_expect_closed(shell, &late);
	peer_close(&late);
	peer_send(shell, &peers[CLIENTS_MAX - 1], PING);
	peer_expect(shell, &peers[CLIENTS_MAX - 1], OK);
	peer_close(&peers[0]);
	fake_settle(shell);
	expect_ping(shell);
	for (int i = 0; i < CLIENTS_MAX; i++)
		peer_close(&peers[i]);
	fake_wait_clients(shell, 0);
	fake_free(shell);
}

static rlim_t set_descriptors(rlim_t soft)
{
	struct rlimit limit;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

SPEC(without_descriptors_the_server_waits_and_does_not_spin)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	rlim_t before = set_descriptors((rlim_t)peer.fd + 1);

	fake_turn(shell, 0);
	assert_int_equal(shell->server->n_clients, 0);
	assert_true(server_deadline_ms(shell->server) != INT64_MAX);
	{
		/* Nothing is ready: a turn waits until its deadline. */
		int64_t began_ms = fake_now_ms();

		fake_turn(shell, 50);
		assert_true(fake_now_ms() - began_ms >= 45);
	}
	(void)set_descriptors(before);
	server_time(shell->server, server_deadline_ms(shell->server));
	assert_true(server_deadline_ms(shell->server) == INT64_MAX);
	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	peer_close(&peer);
	fake_free(shell);
}

SPEC(a_client_that_goes_makes_room_at_once)
{
	struct shell *shell = fake_new(TREE);
	struct peer first = peer_open(shell);
	struct peer second;
	rlim_t before;

	peer_send(shell, &first, PING);
	peer_expect(shell, &first, OK);
	second = peer_open(shell);
	before = set_descriptors((rlim_t)second.fd + 1);
	fake_turn(shell, 0);
	assert_int_equal(shell->server->n_clients, 1);
	peer_close(&first);
	fake_wait_clients(shell, 1);
	peer_send(shell, &second, PING);
	peer_expect(shell, &second, OK);
	(void)set_descriptors(before);
	peer_close(&second);
	fake_free(shell);
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

SPEC(clients_that_come_and_go_leave_nothing_behind)
{
	struct shell *shell = fake_new(TREE);
	int before = count_descriptors();

	for (int i = 0; i < 1000; i++) {
		struct peer peer = peer_open(shell);

		if (i % 3 == 0)
			peer_send(shell, &peer, PING);
		if (i % 3 == 1)
			assert_true(peer_send_bytes(shell, &peer, "{\"method\"", 9));
		if (i % 2 == 0)
			fake_turn(shell, 0);
		peer_close(&peer);
		fake_turn(shell, 0);
	}
	fake_wait_clients(shell, 0);
	assert_int_equal(count_descriptors(), before);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_is_for_its_owner_alone),
		cmocka_unit_test(a_socket_that_somebody_answers_on_is_left_alone),
		cmocka_unit_test(a_socket_that_nobody_answers_on_is_replaced),
		cmocka_unit_test(what_is_no_socket_is_not_replaced),
		cmocka_unit_test(a_directory_that_is_not_there_or_too_deep_is_an_error),
		cmocka_unit_test(a_server_removes_only_its_own_socket),
		cmocka_unit_test(what_is_queued_at_the_end_is_still_sent),
		cmocka_unit_test(another_user_is_refused),
		cmocka_unit_test(one_client_too_many_is_told_so),
		cmocka_unit_test(without_descriptors_the_server_waits_and_does_not_spin),
		cmocka_unit_test(a_client_that_goes_makes_room_at_once),
		cmocka_unit_test(clients_that_come_and_go_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
