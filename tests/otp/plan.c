/* plan.c - cases for the real programs: a configuration, and a script with what the engine says
 * must come of it. run-real carries it out.
 *
 * Lines of a script: "do exit PATH normal|abnormal", "do kill PATH", "do stop|start|restart|delete
 * PATH", "do boot", "do shutdown"; then what follows from it: "log start|stop PATH" for what the
 * children write, "reply yes|no", "status PATH+ PATH- …" or "ended", and "end STATUS" last.
 *
 * Only what can be driven from outside, and comes out the same whatever the machine's load: one
 * thing at a time, no times that end, no starts that fail. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/spec.h"
#include "tests/otp/case.h"
#include "tests/otp/file.h"

enum { LONG_MS = 20000 };

/* ---- from a generated case to a plain one */

static void plain_nodes(struct otp_case *c)
{
	for (uint32_t i = 0; i < c->nodes; i++) {
		struct case_node *node = &c->node[i];

		node->manner = MANNER_OBEYS;
		node->period_s = 1000;
		if (node->is_sup)
			node->shutdown_ms = SPEC_INFINITY;
		else if (node->shutdown_ms > 0 && node->shutdown_ms != SPEC_INFINITY)
			node->shutdown_ms = LONG_MS;
	}
}

static void plain_steps(struct otp_case *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->steps; i++) {
		struct case_step step = c->step[i];

		if (step.kind == STEP_FAIL || step.kind == STEP_ADVANCE || step.joined)
			continue;
		c->step[n++] = step;
	}
	c->steps = n;
}

/* ---- the configuration */

static void write_shutdown(const struct case_node *node, FILE *out)
{
	if (node->shutdown_ms == SPEC_BRUTAL_KILL)
		(void)fprintf(out, "shutdown = brutal_kill\n");
	else if (node->shutdown_ms == SPEC_INFINITY)
		(void)fprintf(out, "shutdown = infinity\n");
	else
		(void)fprintf(out, "shutdown = %lldms\n", (long long)node->shutdown_ms);
}

/* A section stays open when it is a supervisor's. */
static void write_section(const struct otp_case *c, uint32_t n, FILE *out)
{
	const struct case_node *node = &c->node[n];

	(void)fprintf(out, "%s \"%s\" {\n", node->is_sup ? "supervisor" : "process", node->name);
	if (n != 0) {
		(void)fprintf(out, "restart = %s\n", spec_restart_name(node->restart));
		write_shutdown(node, out);
	}
	if (node->significant)
		(void)fprintf(out, "significant = true\n");
	if (node->is_sup) {
		(void)fprintf(out, "strategy = %s\nmax_restarts = %u\nmax_seconds = %us\n",
			spec_strategy_name(node->strategy), node->intensity, node->period_s);
		if (node->auto_shutdown != AUTO_SHUTDOWN_NEVER)
			(void)fprintf(out, "auto_shutdown = %s\n",
				spec_auto_shutdown_name(node->auto_shutdown));
		return;
	}
	/* USR1 is how the script lets it exit normally. */
	(void)fprintf(out, "command = \"${CHILD} -r -l ${LOG}\"\nready = notify\nbackoff = 0\n"
			   "success_exit = { \"USR1\" }\n}\n");
}

static void write_config(const struct otp_case *c, FILE *out)
{
	uint32_t open = 0;

	write_section(c, 0, out);
	for (uint32_t i = 1; i < c->nodes; i++) {
		for (; open != c->node[i].parent; open = c->node[open].parent)
			(void)fprintf(out, "}\n");
		write_section(c, i, out);
		if (c->node[i].is_sup)
			open = i;
	}
	for (; open != 0; open = c->node[open].parent)
		(void)fprintf(out, "}\n");
	(void)fprintf(out, "}\n");
}

/* ---- the script */

/* "= /+1 [ a+ sub+0 [ b- ] ]" becomes "status a+ sub+ sub/b-". */
static void write_status(char *line, FILE *out)
{
	char path[CASE_PATH_MAX] = "";
	char last[CASE_PATH_MAX] = "";
	char *save = NULL;

	if (strcmp(line, "= ended") == 0) {
		(void)fprintf(out, "ended\n");
		return;
	}
	(void)fprintf(out, "status");
	(void)strtok_r(line, " ", &save); /* "=" */
	(void)strtok_r(NULL, " ", &save); /* the root */
	(void)strtok_r(NULL, " ", &save); /* its bracket */
	for (char *word = strtok_r(NULL, " ", &save); word != NULL;
		word = strtok_r(NULL, " ", &save)) {
		size_t n = strcspn(word, "+-");

		if (*word == '[') {
			memcpy(path, last, sizeof(path));
		} else if (*word == ']') {
			char *slash = strrchr(path, '/');

			*(slash == NULL ? path : slash) = '\0';
		} else {
			if (snprintf(last, sizeof(last), "%s%s%.*s", path, *path ? "/" : "", (int)n,
				    word) >= (int)sizeof(last))
				abort();
			(void)fprintf(out, " %s%c", last, word[n]);
		}
	}
	(void)fprintf(out, "\n");
}

static void write_line(char *line, FILE *out, bool *gave_up)
{
	if (strncmp(line, "start ", 6) == 0 || strncmp(line, "stop ", 5) == 0)
		(void)fprintf(out, "log %s\n", line);
	else if (strncmp(line, "reply ", 6) == 0)
		(void)fprintf(out, "reply %s\n", strcmp(line, "reply ok") == 0 ? "yes" : "no");
	else if (strncmp(line, "= ", 2) == 0)
		write_status(line, out);
	else if (strcmp(line, "gave up /") == 0)
		*gave_up = true;
}

/* trace is changed. */
static void write_script(const struct otp_case *c, char *trace, FILE *out)
{
	bool gave_up = false;
	bool asked = false;
	char *save = NULL;
	char *line = strtok_r(trace, "\n", &save);

	for (uint32_t i = 0; i < c->steps; i++) {
		bool ended = false;

		(void)fprintf(out, "do ");
		case_write_step(c, i, out);
		(void)fprintf(out, "\n");
		for (; line != NULL && strcmp(line, "--") != 0;
			line = strtok_r(NULL, "\n", &save)) {
			ended = ended || strcmp(line, "= ended") == 0;
			write_line(line, out, &gave_up);
		}
		line = strtok_r(NULL, "\n", &save);
		asked = c->step[i].kind == STEP_SHUTDOWN;
		if (ended)
			break;
	}
	/* a root that ended by itself, and not at its limit: the status of whoever ended it */
	(void)fprintf(out, "end %s\n", gave_up ? "1" : (asked ? "0" : "any"));
}

static FILE *open_in(const char *dir, uint64_t n, const char *what)
{
	char name[512];
	FILE *file;

	(void)snprintf(name, sizeof(name), "%s/%llu.%s", dir, (unsigned long long)n, what);
	file = fopen(name, "we");
	if (file == NULL)
		give_up(name, strerror(errno));
	return file;
}

void case_plan(const char *dir, uint64_t seed)
{
	struct otp_case c;
	const struct otp_case *one = &c;
	char *trace = NULL;
	FILE *config = open_in(dir, seed, "conf");
	FILE *script = open_in(dir, seed, "script");
	FILE *text = open_in(dir, seed, "case");

	case_generate(&c, seed);
	plain_nodes(&c);
	plain_steps(&c);
	engine_play_many(&one, 1, &trace);
	write_config(&c, config);
	case_write(&c, text);
	write_script(&c, trace, script);
	if (fclose(config) != 0 || fclose(script) != 0 || fclose(text) != 0)
		give_up(dir, strerror(errno));
	free(trace);
}
