/* erlang.c - cases as Erlang terms, and the virtual machine that plays them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/spec.h"
#include "tests/otp/case.h"

enum { ANSWER_MS = 170000, LINE_MAX_BYTES = 256 };

struct erlang {
	pid_t pid;
	int to;
	int from;
	char release[16];
	char file[512]; /* of the cases; the traces are in file.out */
};

/* ---- terms */

static void write_shutdown(const struct case_node *node, FILE *out)
{
	if (node->shutdown_ms == SPEC_BRUTAL_KILL)
		(void)fprintf(out, "brutal_kill");
	else if (node->shutdown_ms == SPEC_INFINITY)
		(void)fprintf(out, "infinity");
	else
		(void)fprintf(out, "%lld", (long long)node->shutdown_ms);
}

/* Paths are atoms; the root's is root. */
static void write_path(const struct otp_case *c, uint32_t n, FILE *out)
{
	char path[CASE_PATH_MAX];

	(void)fprintf(out, "'%s'", n == 0 ? "root" : case_path(c, n, path));
}

/* A supervisor's term stays open: its children come next. */
static void write_node(const struct otp_case *c, uint32_t n, FILE *out)
{
	const struct case_node *node = &c->node[n];

	(void)fprintf(out, "{%s,", node->is_sup ? "sup" : "proc");
	write_path(c, n, out);
	(void)fprintf(out, ",'%s',", node->name);
	if (node->is_sup)
		(void)fprintf(out, "%s,%u,%u,%s,", spec_strategy_name(node->strategy),
			node->intensity, node->period_s,
			spec_auto_shutdown_name(node->auto_shutdown));
	(void)fprintf(out, "%s,", spec_restart_name(node->restart));
	write_shutdown(node, out);
	(void)fprintf(out, ",%s,", node->significant ? "true" : "false");
	if (node->is_sup)
		(void)fprintf(out, "[");
	else
		(void)fprintf(out, "%s}", manner_name(node->manner));
}

static void write_tree(const struct otp_case *c, FILE *out)
{
	uint32_t open = 0;

	write_node(c, 0, out);
	for (uint32_t i = 1; i < c->nodes; i++) {
		bool first = i == c->node[i].parent + 1;

		for (; open != c->node[i].parent; open = c->node[open].parent)
			(void)fprintf(out, "]}");
		(void)fprintf(out, "%s", first ? "" : ",");
		write_node(c, i, out);
		if (c->node[i].is_sup)
			open = i;
	}
	for (; open != 0; open = c->node[open].parent)
		(void)fprintf(out, "]}");
	(void)fprintf(out, "]}");
}

static void write_step(const struct otp_case *c, const struct case_step *step, FILE *out)
{
	const char *name = step_name(step->kind);

	switch ((enum step_kind)step->kind) {
	case STEP_BOOT:
	case STEP_SHUTDOWN:
		(void)fprintf(out, "%s", name);
		return;
	case STEP_ADVANCE:
		(void)fprintf(out, "{%s,%u}", name, step->n);
		return;
	case STEP_EXIT:
	case STEP_KILL:
	case STEP_FAIL:
	case STEP_STOP:
	case STEP_START:
	case STEP_RESTART:
	case STEP_DELETE:
	case STEP_COUNT:
		break;
	}
	(void)fprintf(out, "{%s,", name);
	write_path(c, step->node, out);
	if (step->kind == STEP_EXIT)
		(void)fprintf(out, ",%s", step->normal ? "normal" : "abnormal");
	else if (step->kind == STEP_FAIL)
		(void)fprintf(out, ",%u", step->n);
	(void)fprintf(out, "}");
}

static void write_case(const struct otp_case *c, unsigned scale, FILE *out)
{
	(void)fprintf(out, "{%llu,", (unsigned long long)c->seed);
	write_tree(c, out);
	(void)fprintf(out, ",%u,[", scale);
	for (uint32_t i = 0; i < c->steps; i++) {
		(void)fprintf(out, "%s", i == 0 ? "[" : (c->step[i].joined ? "," : "],["));
		write_step(c, &c->step[i], out);
	}
	(void)fprintf(out, "%s]}.\n", c->steps == 0 ? "" : "]");
}

/* ---- the machine */

static _Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "beside: Erlang: %s\n", what);
	exit(2);
}

/* Reads one line of its answers, without the newline. */
static void read_answer(struct erlang *erlang, char line[static LINE_MAX_BYTES])
{
	size_t n = 0;

	for (;;) {
		struct pollfd ready = {.fd = erlang->from, .events = POLLIN};
		int polled = poll(&ready, 1, ANSWER_MS);

		if (polled < 0 && errno == EINTR)
			continue;
		if (polled <= 0)
			give_up("no answer");
		if (read(erlang->from, line + n, 1) != 1)
			give_up("it has ended; is erlang-base installed, and the player built?");
		if (line[n] == '\n') {
			line[n] = '\0';
			return;
		}
		if (++n == LINE_MAX_BYTES)
			give_up("an answer is too long");
	}
}

static _Noreturn void run(const char *beam_dir, int in, int out)
{
	/* One scheduler: see the player. */
	const char *const argv[] = {"erl", "+S", "1:1", "+SDcpu", "1:1", "+SDio", "1", "+A", "1",
		"+sbwt", "none", "-noshell", "-boot", "start_clean", "-pa", beam_dir, "-s",
		"otp_player", "main", NULL};

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
		setenv("ERL_CRASH_DUMP_SECONDS", "0", 1) < 0 || setenv("HOME", "/", 0) < 0)
		_exit(127);
	(void)execvp("erl", (char *const *)(uintptr_t)argv);
	(void)dprintf(STDERR_FILENO, "beside: erl: %s; install erlang-base\n", strerror(errno));
	_exit(127);
}

struct erlang *erlang_start(const char *beam_dir, const char *work_dir)
{
	struct erlang *erlang = must_have(calloc(1, sizeof(*erlang)));
	char line[LINE_MAX_BYTES];
	int to[2];
	int from[2];

	(void)signal(SIGPIPE, SIG_IGN);
	(void)snprintf(erlang->file, sizeof(erlang->file), "%s/cases", work_dir);
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		give_up(strerror(errno));
	(void)fflush(NULL);
	erlang->pid = fork();
	if (erlang->pid < 0)
		give_up(strerror(errno));
	if (erlang->pid == 0)
		run(beam_dir, to[0], from[1]);
	(void)close(to[0]);
	(void)close(from[1]);
	erlang->to = to[1];
	erlang->from = from[0];
	read_answer(erlang, line);
	if (sscanf(line, "ready %15s", erlang->release) != 1)
		give_up(line);
	return erlang;
}

const char *erlang_release(const struct erlang *erlang)
{
	return erlang->release;
}

void erlang_stop(struct erlang *erlang)
{
	(void)close(erlang->to);
	(void)waitpid(erlang->pid, NULL, 0);
	(void)close(erlang->from);
	free(erlang);
}

/* Takes the next trace, which ends with the line "end". */
static char *next_trace(FILE *in)
{
	char *trace = NULL;
	size_t size = 0;
	FILE *out = must_have(open_memstream(&trace, &size));
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, in) > 0) {
		(void)fputs(line, out);
		if (strcmp(line, "end\n") == 0)
			break;
	}
	free(line);
	if (fclose(out) != 0)
		abort();
	return trace;
}

void erlang_play_many(struct erlang *erlang, const struct otp_case *const *cases, size_t n,
	unsigned scale, char **ret_traces)
{
	char name[sizeof(erlang->file) + 8];
	char line[LINE_MAX_BYTES];
	FILE *file = fopen(erlang->file, "we");

	if (file == NULL)
		give_up(strerror(errno));
	for (size_t i = 0; i < n; i++)
		write_case(cases[i], scale, file);
	if (fclose(file) != 0)
		give_up(strerror(errno));
	if (dprintf(erlang->to, "%s\n", erlang->file) < 0)
		give_up(strerror(errno));
	read_answer(erlang, line);
	if (strcmp(line, "done") != 0)
		give_up(line);
	(void)snprintf(name, sizeof(name), "%s.out", erlang->file);
	file = fopen(name, "re");
	if (file == NULL)
		give_up(strerror(errno));
	for (size_t i = 0; i < n; i++)
		ret_traces[i] = next_trace(file);
	(void)fclose(file);
}
