/* wire_fake.h - a shell without an engine at work, for the tests of the server: it notes the
 * commands that it gets, and a test answers them when and as it likes. The tree, and with it every
 * path, is real: built from a line of text as in tests/sim/tree.h. Also the peers of the server.
 *
 * To be included once in a program: it defines the functions of shell.h. */
#ifndef WIRE_FAKE_H
#define WIRE_FAKE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/os/additions.h"
#include "supervisor/os/loop.h"
#include "supervisor/os/reload.h"
#include "supervisor/os/server.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "tests/sim/spec_test.h"
#include "tests/sim/tree.h"

enum { FAKE_COMMANDS_MAX = 4096, PEER_WAIT_MS = 20000 };

struct shell {
	struct spec *spec;
	struct engine *engine;
	struct loop *loop;
	struct server *server;
	struct status_header header;
	struct status_record *records;
	char dir[64];

	struct command commands[FAKE_COMMANDS_MAX];
	uint32_t n_commands;
	bool answer_at_once;		    /* with RESULT_OK, from inside shell_command */
	void (*on_command)(struct shell *); /* called inside shell_command */
	/* The last addition, and how shell_add takes it. */
	uint32_t n_additions;
	uint64_t add_token;
	uint32_t add_sup;
	bool add_task;
	char add_name[64];   /* "-": none */
	char add_words[256]; /* joined by '|' */
	char add_settings[256];
	int add_stdio[3];
	int add_result;

	int signal_result;
	int signal;
	uint32_t signal_index;
	int reopened;
	int shutdowns;
};

struct peer {
	int fd;
	struct frames in;
};

/* ---- shell.h */

struct engine *shell_engine(struct shell *shell)
{
	return shell->engine;
}

const char *shell_failed_place(const struct shell *shell, struct ref ref, const struct end *end,
	char buf[static SHELL_PLACE_SIZE])
{
	(void)shell;
	(void)ref;
	(void)end;
	buf[0] = '\0';
	return buf;
}

const struct spec *shell_spec(const struct shell *shell)
{
	return shell->spec;
}

struct loop *shell_loop(struct shell *shell)
{
	return shell->loop;
}

const struct status_header *shell_status(const struct shell *shell)
{
	return &shell->header;
}

void shell_count_events(struct shell *shell, uint64_t events)
{
	shell->header.events = events;
}

void shell_count_lost(struct shell *shell)
{
	shell->header.events_lost++;
}

int shell_open_status(struct shell *shell, uint32_t mode, uint32_t gid)
{
	(void)shell;
	(void)mode;
	(void)gid;
	return 0;
}

const struct status_record *shell_record(const struct shell *shell, uint32_t index)
{
	assert_true(index < shell->header.capacity);
	return &shell->records[index];
}

const struct trouble *shell_trouble(const struct shell *shell, uint32_t index)
{
	assert_true(index < shell->header.capacity);
	return NULL;
}

static inline void fake_answer(struct shell *shell, uint64_t token, enum result result)
{
	struct action reply = {.kind = ACT_REPLY, .token = token, .result = result};

	server_reply(shell->server, &reply);
}

void shell_command(struct shell *shell, enum command_kind kind, uint32_t index, uint64_t token)
{
	assert_true(shell->n_commands < FAKE_COMMANDS_MAX);
	shell->commands[shell->n_commands++] =
		(struct command){.kind = kind, .index = index, .token = token};
	if (shell->on_command)
		shell->on_command(shell);
	if (shell->answer_at_once)
		fake_answer(shell, token, RESULT_OK);
}

static inline void fake_join(const char *const *words, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s", words ? "" : "-");
	for (size_t i = 0; words && words[i]; i++) {
		size_t n = strlen(buf);

		(void)snprintf(buf + n, size - n, "%s%s", i > 0 ? "|" : "", words[i]);
	}
}

int shell_add(struct shell *shell, const struct addition_request *request, uint64_t token)
{
	shell->n_additions++;
	shell->add_token = token;
	shell->add_sup = request->sup;
	shell->add_task = request->task;
	(void)snprintf(shell->add_name, sizeof(shell->add_name), "%s",
		request->name ? request->name : "-");
	fake_join(request->words, shell->add_words, sizeof(shell->add_words));
	fake_join(request->settings, shell->add_settings, sizeof(shell->add_settings));
	memcpy(shell->add_stdio, request->stdio, sizeof(shell->add_stdio));
	return shell->add_result;
}

int shell_signal(struct shell *shell, uint32_t index, int signal)
{
	shell->signal_index = index;
	shell->signal = signal;
	return shell->signal_result;
}

int shell_suspend(struct shell *shell, uint32_t index, bool suspend)
{
	shell->signal_index = index;
	shell->signal = suspend ? SIGSTOP : SIGCONT;
	return shell->signal_result;
}

void shell_reopen_logs(struct shell *shell)
{
	shell->reopened++;
}

int shell_reload(struct shell *shell, uint32_t index, uint64_t token)
{
	(void)token;
	shell->signal_index = index;
	shell->signal = SIGHUP;
	return shell->signal_result;
}

void shell_shutdown(struct shell *shell, bool brutal)
{
	assert_false(brutal);
	shell->shutdowns++;
}

/* ---- making and ending it */

static inline void fake_record(struct shell *shell, uint32_t index)
{
	struct status_record *record = &shell->records[index];
	struct view view;

	/* The template of a dynamic supervisor is no child. */
	if (!engine_view(shell->engine, index, &view))
		return;
	*record = (struct status_record){
		.used = 1,
		.kind = (uint8_t)view.kind,
		.state = CHILD_RUNNING,
		.why = WHY_BOOT,
		.restart = spec_child(shell->spec, view.node)->restart,
		.ready = 1,
		.pid = view.kind == KIND_PROCESS ? 1000 + (int32_t)index : 0,
		.parent = view.parent,
		.first_child = view.first_child,
		.next_sibling = view.next_sibling,
		.since_mono_ms = loop_now_ms(shell->loop),
		.next_try_ms = INT64_MAX,
	};
	(void)snprintf(record->name, sizeof(record->name), "%s",
		spec_str(shell->spec, spec_node(shell->spec, view.node)->name));
}

static inline struct shell *fake_new(const char *tree)
{
	struct shell *shell = calloc(1, sizeof(*shell));

	assert_non_null(shell);
	shell->spec = sim_tree_build(tree);
	shell->engine = engine_new(shell->spec, shell->spec->nodes, 1);
	shell->loop = loop_new();
	shell->records = calloc(shell->spec->nodes, sizeof(*shell->records));
	assert_true(shell->engine && shell->loop && shell->records);
	shell->header =
		(struct status_header){.capacity = shell->spec->nodes, .pid = 1, .generation = 1};
	for (uint32_t i = 0; i < shell->spec->nodes; i++)
		fake_record(shell, i);
	(void)snprintf(shell->dir, sizeof(shell->dir), "/tmp/supd-wire.XXXXXX");
	assert_non_null(mkdtemp(shell->dir));
	shell->server = server_new(shell, shell->dir);
	assert_non_null(shell->server);
	return shell;
}

static inline void fake_free(struct shell *shell)
{
	server_free(shell->server);
	assert_int_equal(rmdir(shell->dir), 0); /* nothing was left in it */
	loop_free(shell->loop);
	engine_free(shell->engine);
	free(shell->records);
	free(shell->spec);
	free(shell);
}

/* ---- time and peers */

static inline int64_t fake_now_ms(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One turn of the loop, of at most wait_ms. */
static inline void fake_turn(struct shell *shell, int64_t wait_ms)
{
	int64_t deadline_ms = fake_now_ms() + wait_ms;
	int64_t due_ms = server_deadline_ms(shell->server);

	loop_turn(shell->loop, due_ms < deadline_ms ? due_ms : deadline_ms, wait_ms == 0);
	server_time(shell->server, loop_now_ms(shell->loop));
}

/* Turns until nothing is ready any more. */
static inline void fake_settle(struct shell *shell)
{
	for (int i = 0; i < 64; i++)
		fake_turn(shell, 0);
}

/* Turns until the server has n clients. What a client sent before it hung up is still served, so
 * this may take a while. */
static inline void fake_wait_clients(struct shell *shell, uint32_t n)
{
	int64_t end_ms = fake_now_ms() + PEER_WAIT_MS;

	while (shell->server->n_clients != n && fake_now_ms() < end_ms)
		fake_turn(shell, 5);
	assert_int_equal(shell->server->n_clients, n);
}

static inline int peer_connect(const char *dir)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/control", dir);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static inline struct peer peer_open(struct shell *shell)
{
	struct peer peer = {.fd = peer_connect(shell->dir)};

	assert_true(peer.fd >= 0);
	frames_init(&peer.in, 64 * 1024 * 1024);
	return peer;
}

static inline void peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		assert_int_equal(close(peer->fd), 0);
	peer->fd = -1;
	frames_free(&peer->in);
}

/* Sends n bytes as they are; turns the loop while they do not fit. Returns false when the other
 * side has closed. */
static inline bool peer_send_bytes(
	struct shell *shell, struct peer *peer, const char *bytes, size_t n)
{
	int64_t end_ms = fake_now_ms() + PEER_WAIT_MS;

	while (n > 0) {
		ssize_t sent = send(peer->fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return false;
		if (sent < 0) {
			if (fake_now_ms() > end_ms)
				fail_msg("the server does not read");
			fake_turn(shell, 0);
			continue;
		}
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Sends a message; its NUL is added. */
static inline void peer_send(struct shell *shell, struct peer *peer, const char *text)
{
	assert_true(peer_send_bytes(shell, peer, text, strlen(text) + 1));
}

/* The next message to the peer, or NULL when the connection is closed. Fails when neither comes. */
static inline const char *peer_receive(struct shell *shell, struct peer *peer)
{
	int64_t end_ms = fake_now_ms() + PEER_WAIT_MS;
	char bytes[65536];
	const char *text;
	size_t text_n;

	while (!frames_next(&peer->in, &text, &text_n)) {
		ssize_t n = recv(peer->fd, bytes, sizeof(bytes), 0);

		if (n > 0) {
			assert_int_equal(frames_feed(&peer->in, bytes, (size_t)n), 0);
			continue;
		}
		if (n == 0 || errno != EAGAIN)
			return NULL;
		if (fake_now_ms() > end_ms)
			fail_msg("no message came");
		fake_turn(shell, 5);
	}
	return text;
}

static inline void peer_expect(struct shell *shell, struct peer *peer, const char *expected)
{
	const char *text = peer_receive(shell, peer);

	if (!text)
		fail_msg("closed, not %s", expected);
	assert_string_equal(text, expected);
}

static inline void peer_expect_closed(struct shell *shell, struct peer *peer)
{
	const char *text = peer_receive(shell, peer);

	if (text)
		fail_msg("not closed, but %s", text);
}

/* Nothing comes, however often the loop turns. */
static inline void peer_expect_silence(struct shell *shell, struct peer *peer)
{
	char byte;

	fake_settle(shell);
	assert_false(frames_ready(&peer->in));
	assert_int_equal(recv(peer->fd, &byte, 1, MSG_PEEK), -1);
	assert_int_equal(errno, EAGAIN);
}

#define CALL(name, parameters) \
	"{\"method\":\"org.supd.Supervisor." name "\",\"parameters\":" parameters "}"
#define PING CALL("Ping", "{}")
#define OK "{\"parameters\":{}}"
#define ERROR(name, parameters) \
	"{\"error\":\"org.supd.Supervisor." name "\",\"parameters\":" parameters "}"
#define BAD_PARAMETER(name)                                                                  \
	"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":" \
	"\"" name "\"}}"

static inline void expect_ping(struct shell *shell)
{
	struct peer peer = peer_open(shell);

	peer_send(shell, &peer, PING);
	peer_expect(shell, &peer, OK);
	peer_close(&peer);
	fake_settle(shell);
}

#endif
