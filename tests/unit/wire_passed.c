/* wire_passed.c - the descriptors that a task's caller sends with its message. */
#include <dirent.h>

#include "tests/unit/wire_fake.h"

#define TREE "root [ db jobs:dynamic=5 [ job ] web [ app ] ]"

#define RUN_FREE CALL("Run", "{\"path\":\"jobs\",\"command\":[\"true\"],\"link\":false}")

static uint32_t descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint32_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	assert_int_equal(closedir(dir), 0);
	return n;
}

/* Sends bytes with n copies of a pipe's writing end. */
static void send_with(struct peer *peer, const char *bytes, size_t size, int fd, size_t n)
{
	union {
		char bytes[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {.iov_base = (char *)(uintptr_t)bytes, .iov_len = size};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(n * sizeof(int));
	for (size_t i = 0; i < n; i++)
		memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
	assert_int_equal(sendmsg(peer->fd, &message, MSG_NOSIGNAL), size);
}

static void reply_ok(struct shell *shell)
{
	struct action reply = {.kind = ACT_REPLY,
		.token = shell->add_token,
		.result = RESULT_OK,
		.ref = {sim_tree_find(shell->spec, "web/app"), 0}};

	server_reply(shell->server, &reply);
}

static void take_stdio(struct shell *shell, struct stat *ret_stat)
{
	for (int i = 0; i < 3; i++) {
		assert_true(shell->add_stdio[i] >= 0);
		assert_int_equal(fstat(shell->add_stdio[i], ret_stat), 0);
		assert_true(fcntl(shell->add_stdio[i], F_GETFD) & FD_CLOEXEC);
		assert_int_equal(close(shell->add_stdio[i]), 0);
	}
}

SPEC(descriptors_come_with_any_byte_of_the_message)
{
	static const size_t places[] = {0, 1, 40, sizeof(RUN_FREE) - 2, sizeof(RUN_FREE) - 1};
	struct shell *shell = fake_new(TREE);
	uint32_t before = descriptors();
	struct stat expected;
	struct stat got;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fstat(fds[1], &expected), 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct peer peer = peer_open(shell);

		assert_true(peer_send_bytes(shell, &peer, RUN_FREE, places[i]));
		fake_settle(shell);
		send_with(&peer, RUN_FREE + places[i], 1, fds[1], 3);
		fake_settle(shell);
		assert_true(peer_send_bytes(
			shell, &peer, RUN_FREE + places[i] + 1, sizeof(RUN_FREE) - places[i] - 1));
		fake_settle(shell);
		assert_int_equal(shell->n_additions, i + 1);
		take_stdio(shell, &got);
		assert_int_equal(got.st_ino, expected.st_ino);
		peer_close(&peer);
		fake_wait_clients(shell, 0);
	}
	assert_int_equal(close(fds[0]) + close(fds[1]), 0);
	assert_int_equal(descriptors(), before);
	fake_free(shell);
}

SPEC(descriptors_belong_to_their_message_alone)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	struct stat got;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	/* All is read at once: a message without, one with, one without. */
	assert_true(peer_send_bytes(shell, &peer, PING, sizeof(PING)));
	send_with(&peer, RUN_FREE, sizeof(RUN_FREE), fds[1], 3);
	peer_expect(shell, &peer, OK);
	fake_settle(shell);
	assert_int_equal(shell->n_additions, 1);
	take_stdio(shell, &got);
	reply_ok(shell);
	assert_non_null(peer_receive(shell, &peer));
	peer_send(shell, &peer, RUN_FREE);
	fake_settle(shell);
	assert_int_equal(shell->n_additions, 2);
	assert_int_equal(shell->add_stdio[0], -1);
	peer_close(&peer);
	assert_int_equal(close(fds[0]) + close(fds[1]), 0);
	fake_free(shell);
}

SPEC(descriptors_that_nobody_wants_are_closed)
{
	struct shell *shell = fake_new(TREE);
	struct peer peer = peer_open(shell);
	uint32_t before;
	int fds[2];

	fake_settle(shell);
	before = descriptors();
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	send_with(&peer, PING, sizeof(PING), fds[1], 8);
	peer_expect(shell, &peer, OK);
	send_with(&peer, RUN_FREE, sizeof(RUN_FREE), fds[1], 2);
	peer_expect(shell, &peer, BAD_PARAMETER("descriptors"));
	/* More than three: the first three count. */
	send_with(&peer, RUN_FREE, 5, fds[1], 2);
	fake_settle(shell);
	send_with(&peer, RUN_FREE + 5, sizeof(RUN_FREE) - 5, fds[1], 6);
	fake_settle(shell);
	assert_int_equal(shell->n_additions, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(close(shell->add_stdio[i]), 0);
	reply_ok(shell);
	assert_non_null(peer_receive(shell, &peer));
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(descriptors(), before + 1);
	/* Half a message, and its sender goes. */
	send_with(&peer, RUN_FREE, 5, fds[1], 3);
	fake_settle(shell);
	assert_int_equal(descriptors(), before + 4);
	peer_close(&peer);
	fake_wait_clients(shell, 0);
	assert_int_equal(close(fds[1]), 0);
	assert_int_equal(descriptors(), before - 2); /* both ends of the connection */
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_come_with_any_byte_of_the_message),
		cmocka_unit_test(descriptors_belong_to_their_message_alone),
		cmocka_unit_test(descriptors_that_nobody_wants_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
