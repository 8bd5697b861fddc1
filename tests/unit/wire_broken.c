/* wire_broken.c - broken and hostile clients harm nobody: the cases of tests/control/broken.txt, in
 * a process of their own, and bytes by chance. */
#include <sys/wait.h>

#include "tests/unit/wire_fake.h"

#define TREE "root [ db web [ app ] ]"

/* The tool that plays the cases stands beside this program's directory. */
static void tool_path(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	assert_true(n > 0);
	path[n] = '\0';
	slash = strrchr(path, '/');
	assert_non_null(slash);
	assert_true((size_t)(slash - path) + sizeof("/../tools/control_play") <= size);
	memcpy(slash, "/../tools/control_play", sizeof("/../tools/control_play"));
}

SPEC(every_case_is_answered_as_it_says_and_harms_nobody)
{
	struct shell *shell = fake_new(TREE);
	char tool[PATH_SIZE];
	char path[128];
	int status = -1;
	pid_t pid;

	tool_path(tool, sizeof(tool));
	(void)snprintf(path, sizeof(path), "%s/control", shell->dir);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
		execl(tool, tool, path, "tests/control/broken.txt", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		fake_turn(shell, 20);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	fake_wait_clients(shell, 0);
	assert_int_equal(shell->n_commands, 0);
	assert_int_equal(shell->shutdowns, 0);
	assert_int_equal(shell->server->out_bytes, 0);
	fake_free(shell);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Good calls with some bytes changed: nearer to the code behind the parser than pure noise. */
SPEC(calls_with_bytes_changed_by_chance_harm_nobody)
{
	static const char *const calls[] = {PING, CALL("Status", "{\"paths\":[\"web\"]}"),
		CALL("Stop", "{\"path\":\"db\",\"timeout_ms\":100}"),
		CALL("Signal", "{\"path\":\"app\",\"signal\":\"HUP\"}"),
		"{\"method\":\"org.supd.Supervisor.Subscribe\",\"more\":true}",
		"{\"method\":\"org.varlink.service.GetInfo\",\"oneway\":false}"};
	struct shell *shell = fake_new(TREE);
	uint32_t random = 2463534242u;

	shell->answer_at_once = true;
	for (int i = 0; i < 2000; i++) {
		struct peer peer = peer_open(shell);
		char text[256];
		size_t n;

		(void)snprintf(text, sizeof(text), "%s", calls[i % 6]);
		n = strlen(text) + 1;
		for (uint32_t changes = next_random(&random) % 4; changes > 0; changes--)
			text[next_random(&random) % n] = (char)next_random(&random);
		(void)peer_send_bytes(shell, &peer, text, n);
		(void)peer_send_bytes(shell, &peer, text, n);
		fake_turn(shell, 0);
		fake_turn(shell, 0);
		peer_close(&peer);
		fake_turn(shell, 0);
		if (i % 100 == 0)
			expect_ping(shell);
		shell->n_commands = 0;
	}
	expect_ping(shell);
	fake_wait_clients(shell, 0);
	fake_free(shell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_answered_as_it_says_and_harms_nobody),
		cmocka_unit_test(calls_with_bytes_changed_by_chance_harm_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
