/* supctl_call.c - the acting commands and events against a server that answers by a script. */
#include "tests/unit/supctl_fixture.h"

#include <jansson.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

/* What the server does at each call it gets: sends a text; NULL: closes. After the last it waits
 * until supctl goes. */
#define SILENCE ""
#define ERROR(name, parameters) \
	"{\"error\":\"org.supd.Supervisor." name "\",\"parameters\":" parameters "}"
#define DONE "{\"parameters\":{}}"

struct fake {
	pid_t pid;
	int calls; /* the calls as the server got them, each ended by NUL, come out here */
};

/* Several replies to one call have newlines between them. */
static void fake_reply(int fd, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (write(fd, text, n) < 0 || write(fd, "", 1) < 0)
			_exit(1);
		text += n + (text[n] == '\n');
	}
}

static void fake_serve(int listener, int calls, const char *const *script)
{
	int fd = accept(listener, NULL, NULL);
	size_t at = 0;
	char c;

	while (fd >= 0 && read(fd, &c, 1) == 1) {
		if (write(calls, &c, 1) != 1)
			_exit(1);
		if (c != '\0' || !script[at])
			continue;
		fake_reply(fd, script[at]);
		at++;
		if (!script[at])
			break;
	}
	if (fd >= 0 && script[at] == NULL)
		(void)shutdown(fd, SHUT_WR);
	while (fd >= 0 && read(fd, &c, 1) == 1)
		if (write(calls, &c, 1) != 1)
			_exit(1);
	_exit(0);
}

/* Listens, and leaves a child that serves one connection. script ends with NULL: then it closes. */
static struct fake fake_start(const struct fixture *fixture, const char *const *script)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct fake fake;
	char path[128];
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ends[2];

	fixture_path(fixture, "control", path);
	(void)unlink(path);
	assert_true(strlen(path) < sizeof address.sun_path);
	(void)strcpy(address.sun_path, path);
	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	(void)fflush(NULL);
	fake.pid = fork();
	assert_true(fake.pid >= 0);
	if (fake.pid == 0) {
		(void)close(ends[0]);
		fake_serve(listener, ends[1], script);
	}
	fake.calls = ends[0];
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(close(listener), 0);
	return fake;
}

/* Ends the server; the calls it got go into fixture->out, if wanted, with newlines for NULs. */
static void fake_end(struct fake *fake, char *calls)
{
	char buf[4096];
	size_t len = 0;
	ssize_t n;

	assert_int_equal(exit_of(fake->pid), 0);
	while ((n = read(fake->calls, buf + len, sizeof buf - 1 - len)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (buf[i] == '\0')
			buf[i] = '\n';
	assert_int_equal(close(fake->calls), 0);
	if (calls)
		(void)strcpy(calls, buf);
}

/* Runs supctl against a script; fixture->out and err hold its output, calls what the server got. */
#define AGAINST(fixture, calls, script, ...) \
	against((fixture), (calls), (script), (const char *const[]){__VA_ARGS__, NULL})
#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})

static int against(
	struct fixture *fixture, char *calls, const char *const *script, const char *const *args)
{
	struct fake fake = fake_start(fixture, script);
	int status = supctl_call(fixture, args);

	fake_end(&fake, calls);
	return status;
}

static void each_path_is_a_call_in_order(void **state)
{
	struct fixture *fixture = *state;
	char calls[4096];

	assert_int_equal(AGAINST(fixture, calls, SCRIPT(DONE, DONE), "stop", "web/app", "db"), 0);
	assert_string_equal(fixture->out, "");
	assert_string_equal(fixture->err, "");
	assert_string_equal(calls,
		"{\"method\":\"org.supd.Supervisor.Stop\",\"parameters\":{\"path\":\"web/app\","
		"\"timeout_ms\":10000}}\n"
		"{\"method\":\"org.supd.Supervisor.Stop\",\"parameters\":{\"path\":\"db\","
		"\"timeout_ms\":10000}}\n");
}

static void no_wait_is_a_cast(void **state)
{
	struct fixture *fixture = *state;
	char calls[4096];

	assert_int_equal(
		AGAINST(fixture, calls, SCRIPT(SILENCE, SILENCE), "--no-wait", "start", "a"), 0);
	assert_says(calls, "\"oneway\":true");
	assert_says(calls, "\"path\":\"a\"");
}

static void no_limit_is_no_parameter(void **state)
{
	struct fixture *fixture = *state;
	char calls[4096];

	assert_int_equal(
		AGAINST(fixture, calls, SCRIPT(DONE), "restart", "--timeout=infinity", "a"), 0);
	assert_null(strstr(calls, "timeout_ms"));
	assert_int_equal(AGAINST(fixture, calls, SCRIPT(DONE), "signal", "hup", "a"), 0);
	assert_says(calls, "\"signal\":\"hup\"");
	assert_null(strstr(calls, "timeout_ms"));
}

static void a_refusal_says_what_to_try_and_the_rest_is_done(void **state)
{
	struct fixture *fixture = *state;
	char calls[4096];

	assert_int_equal(AGAINST(fixture, calls,
				 SCRIPT(ERROR("InvalidState",
						"{\"path\":\"web/app\",\"state\":\"running\"}"),
					 DONE),
				 "start", "app", "db"),
		SUPCTL_REFUSED);
	assert_string_equal(
		fixture->err, "supctl: cannot start app: it is already running: use restart\n");
	assert_says(calls, "\"path\":\"db\"");
}

static void every_error_has_its_sentence(void **state)
{
	static const struct {
		const char *verb;
		const char *reply;
		const char *says;
		int status;
	} cases[] = {
		{"delete", ERROR("InvalidState", "{\"path\":\"web/app\",\"state\":\"backoff\"}"),
			"cannot delete app: it waits for its next try: stop it first",
			SUPCTL_REFUSED},
		{"start", ERROR("InvalidState", "{\"path\":\"web\",\"state\":\"stopped\"}"),
			"cannot start app: its supervisor web is stopped: start that first",
			SUPCTL_REFUSED},
		{"start", ERROR("StartFailed", "{\"path\":\"web/app\",\"reason\":\"exec: gone\"}"),
			"cannot start app: its start failed: exec: gone", SUPCTL_REFUSED},
		{"stop", ERROR("NotFound", "{\"path\":\"app\"}"),
			"cannot stop app: there is no such child; did you mean appa?",
			SUPCTL_REFUSED},
		{"stop",
			ERROR("Ambiguous", "{\"path\":\"app\",\"candidates\":[\"a/app\","
					   "\"b/app\"]}"),
			"cannot stop app: app is ambiguous: a/app, b/app", SUPCTL_REFUSED},
		{"stop", ERROR("Timeout", "{\"path\":\"app\"}"),
			"cannot stop app within 10s: it goes on; `supctl status app` shows",
			SUPCTL_UNREACHABLE},
		{"start", ERROR("LimitReached", "{\"path\":\"app\"}"), "as many children",
			SUPCTL_REFUSED},
		{"stop", ERROR("PermissionDenied", "{}"), "permission denied", SUPCTL_REFUSED},
		{"stop",
			"{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{"
			"\"method\":\"x\"}}",
			"the running supd does not know how", SUPCTL_REFUSED},
		{"stop", "{\"error\":\"com.example.Odd\"}", "com.example.Odd", SUPCTL_REFUSED},
		{"stop", "garbage", "does not answer like supd", SUPCTL_UNREACHABLE},
		{"stop", "[1,2]", "does not answer like supd", SUPCTL_UNREACHABLE},
	};
	struct fixture *fixture = *state;

	(void)fixture_add(fixture, STATUS_NONE, "root", KIND_SUPERVISOR);
	(void)fixture_add(fixture, 0, "appa", KIND_PROCESS);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
			AGAINST(fixture, NULL, SCRIPT(cases[i].reply), cases[i].verb, "app"),
			cases[i].status);
		assert_says(fixture->err, cases[i].says);
		assert_string_equal(fixture->out, "");
	}
}

static void json_tells_each_outcome_a_line(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		AGAINST(fixture, NULL, SCRIPT(DONE, ERROR("LimitReached", "{\"path\":\"b\"}")),
			"start", "--json", "a", "b"),
		SUPCTL_REFUSED);
	assert_string_equal(fixture->out,
		"{\"path\":\"a\",\"ok\":true}\n"
		"{\"path\":\"b\",\"ok\":false,\"error\":\"org.supd.Supervisor.LimitReached\","
		"\"parameters\":{\"path\":\"b\"}}\n");
}

static void nobody_there_is_unreachable(void **state)
{
	struct fixture *fixture = *state;
	struct fake fake;

	assert_int_equal(SUPCTL(fixture, "stop", "a"), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "is it running?");
	/* A socket that its owner left behind. */
	fake = fake_start(fixture, SCRIPT(DONE));
	assert_int_equal(AGAINST(fixture, NULL, SCRIPT(DONE), "ping"), SUPCTL_DONE);
	assert_int_equal(kill(fake.pid, SIGKILL), 0);
	assert_int_equal(waitpid(fake.pid, NULL, 0), fake.pid);
	assert_int_equal(close(fake.calls), 0);
	assert_int_equal(SUPCTL(fixture, "ping"), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "nobody listens");
}

static void a_supd_that_closes_is_unreachable(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(AGAINST(fixture, NULL, SCRIPT(SILENCE), "start", "a"), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "closed the connection before it answered");
}

static void a_supd_that_is_silent_costs_the_time_out(void **state)
{
	struct fixture *fixture = *state;
	int64_t start = now_ms();

	assert_int_equal(
		AGAINST(fixture, NULL, SCRIPT(SILENCE, SILENCE), "--timeout", "50ms", "ping"),
		SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "does not answer within 50ms");
	/* An acting command leaves supd a second to say itself that the time is over. */
	assert_int_equal(AGAINST(fixture, NULL, SCRIPT(SILENCE, SILENCE), "--timeout", "50ms",
				 "stop", "a", "b"),
		SUPCTL_UNREACHABLE);
	assert_true(now_ms() - start >= 1100);
}

#define EVENT(seq, rest)                                                                      \
	"{\"parameters\":{\"event\":{\"seq\":" #seq ",\"time\":\"2026-01-01T00:00:00.250Z\"," \
	"\"path\":\"web/app\",\"kind\":\"process\"," rest "}},\"continues\":true}\n"

static const char stream[] = "{\"parameters\":{},\"continues\":true}\n" EVENT(1,
	"\"from\":\"running\",\"to\":\"backoff\",\"why\":\"exit\",\"exit\":{\"kind\":"
	"\"signaled\",\"signal\":\"KILL\"}") EVENT(2,
	"\"from\":\"backoff\",\"to\":\"starting\",\"why\":\"restart\",\"pid\":77,"
	"\"lost\":3,\"exit\":{\"kind\":\"signaled\",\"signal\":\"KILL\"}")
	EVENT(3, "\"from\":\"starting\",\"to\":\"failed\",\"why\":\"start_failed\",\"exit\":{"
		 "\"kind\":\"spawn_failed\",\"stage\":\"exec\",\"errno\":\"ENOENT\"}");

static void events_are_lines(void **state)
{
	struct fixture *fixture = *state;
	char calls[4096];

	assert_int_equal(AGAINST(fixture, calls, SCRIPT(stream), "events", "web/*"), SUPCTL_DONE);
	assert_says(calls, "\"parameters\":{\"pattern\":\"web/*\"}");
	assert_says(calls, "\"more\":true");
	assert_string_equal(fixture->out,
		"2026-01-01T00:00:00.250Z  web/app  running -> backoff  exit (KILL)\n"
		"... 3 events lost here: this reader was too slow\n"
		"2026-01-01T00:00:00.250Z  web/app  backoff -> starting  restart  pid 77\n"
		"2026-01-01T00:00:00.250Z  web/app  starting -> failed  start_failed "
		"(exec: ENOENT)\n");
	assert_says(fixture->err, "has ended");
}

static void events_as_json_are_objects_a_line(void **state)
{
	struct fixture *fixture = *state;
	json_t *event;
	char *line;

	assert_int_equal(AGAINST(fixture, NULL, SCRIPT(stream), "events", "--json"), SUPCTL_DONE);
	line = strtok(fixture->out, "\n");
	for (int i = 1; i <= 3; i++, line = strtok(NULL, "\n")) {
		assert_non_null(line);
		event = json_loads(line, 0, NULL);
		assert_int_equal(json_integer_value(json_object_get(event, "seq")), i);
		json_decref(event);
	}
	assert_null(line);
}

static void version_tells_both(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(AGAINST(fixture, NULL,
				 SCRIPT("{\"parameters\":{\"product\":\"supd\",\"version\":"
					"\"9.8\"}}"),
				 "version"),
		SUPCTL_DONE);
	assert_string_equal(fixture->out, "supctl " SUPD_VERSION "\nsupd 9.8\n");
	assert_int_equal(SUPCTL(fixture, "--version"), SUPCTL_DONE);
	assert_string_equal(fixture->out, "supctl " SUPD_VERSION "\n");
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(each_path_is_a_call_in_order),
		IN_DIR(no_wait_is_a_cast),
		IN_DIR(no_limit_is_no_parameter),
		IN_DIR(a_refusal_says_what_to_try_and_the_rest_is_done),
		IN_DIR(every_error_has_its_sentence),
		IN_DIR(json_tells_each_outcome_a_line),
		IN_DIR(nobody_there_is_unreachable),
		IN_DIR(a_supd_that_closes_is_unreachable),
		IN_DIR(a_supd_that_is_silent_costs_the_time_out),
		IN_DIR(events_are_lines),
		IN_DIR(events_as_json_are_objects_a_line),
		IN_DIR(version_tells_both),
	};

	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
