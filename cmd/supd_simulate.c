/* supd_simulate.c - see supd_simulate.h. */
#include "cmd/supd_simulate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/supd_effects.h"
#include "cmd/supd_script.h"
#include "config/parse.h"
#include "supervisor/engine/play.h"

/* A seed for the jitter of backoff: the same in every run. The budget only ends what would never
 * end. */
enum { SEED = 1, BUDGET = 100000000, STATUS_GAVE_UP = 1, STATUS_MISTAKE = 2, STATUS_REFUSED = 3 };

struct simulation {
	const struct spec *spec;
	struct script script;
	struct play *play;
	int path_width;
	bool gave_up;
	const struct script_line *line; /* being played */
	bool dying;			/* the line ends a process, which has not been said yet */
};

/* ---- a line an effect */

static void print_effect(
	struct simulation *sim, const char *path, const char *what, const char *why)
{
	int64_t ms = play_now_ms(sim->play);
	char time[32];

	(void)snprintf(
		time, sizeof(time), "+%lld.%03llds", (long long)ms / 1000, (long long)ms % 1000);
	printf("%9s  %-*s  %s%s%s%s\n", time, sim->path_width, path, what, why[0] ? " (" : "", why,
		why[0] ? ")" : "");
}

static void print_effect_on(struct simulation *sim, uint32_t index, const struct effect *effect)
{
	char path[EFFECT_PATH_SIZE];

	if (engine_path(play_engine(sim->play), index, path, sizeof(path)) < 0)
		(void)strcpy(path, "?");
	print_effect(sim, path, effect->what, effect->why);
}

static const char *command_word(const struct simulation *sim)
{
	return sim->line && sim->line->word == SCRIPT_START_CHILD ? "start-child"
	       : sim->line && sim->line->word == SCRIPT_STOP	  ? "stop"
	       : sim->line && sim->line->word == SCRIPT_START	  ? "start"
	       : sim->line && sim->line->word == SCRIPT_DELETE	  ? "delete"
								  : "restart";
}

static void see(void *context, struct play *p, const struct action *action)
{
	struct simulation *sim = context;
	const struct engine *e = play_engine(p);
	struct effect effect = {"", ""};
	char end[EFFECT_WORDS_SIZE];

	switch (action->kind) {
	case ACT_SPAWN:
	case ACT_SIGNAL:
		break;
	case ACT_KILL:
		effect_of_kill(e, action->ref.index, &effect);
		print_effect_on(sim, action->ref.index, &effect);
		break;
	case ACT_REPORT:
		if (action->ref.index == SPEC_ROOT && action->to == CHILD_STOPPING &&
			(action->why == WHY_LIMIT || action->why == WHY_START_FAILED))
			sim->gave_up = true;
		if (!effect_of_report(e, play_now_ms(p), action, &effect))
			break;
		if (sim->dying && effect.why[0] == '\0')
			(void)snprintf(effect.why, sizeof(effect.why), "line %u", sim->line->line);
		sim->dying = false;
		print_effect_on(sim, action->ref.index, &effect);
		break;
	case ACT_REPLY:
		if (effect_of_reply(action, command_word(sim), &effect))
			print_effect_on(sim, action->ref.index, &effect);
		break;
	case ACT_FINISHED:
		(void)snprintf(end, sizeof(end), "supd exits with status %d", action->status);
		print_effect(sim, "/", end, "");
		break;
	}
}

/* ---- the script */

static void command(struct simulation *sim, enum command_kind kind, uint32_t index)
{
	struct event event = {.kind = EV_COMMAND, .command = {.kind = kind, .index = index}};
	const struct script_line *line = sim->line;

	if (kind == CMD_ADD)
		event.command.add = (struct addition){.spec = line->child ? line->child : sim->spec,
			.node = line->child ? 1 : line->template,
			.name = line->name};
	play_event(sim->play, &event);
}

static void end_process(struct simulation *sim, uint32_t index, enum end_kind kind)
{
	struct end end = {.kind = (uint8_t)kind, .value = (int32_t)sim->line->value};
	char words[EFFECT_WORDS_SIZE];
	char why[EFFECT_WORDS_SIZE + 32];

	sim->dying = true;
	if (play_end_process(sim->play, index, end))
		return;
	sim->dying = false;
	effect_end(&end, words);
	(void)snprintf(why, sizeof(why), "line %u: %s", sim->line->line, words);
	print_effect(sim, sim->line->path, "has no process", why);
}

static void advance(struct simulation *sim, int64_t ms)
{
	int64_t until_ms = play_now_ms(sim->play) + ms;

	while (play_next(sim->play, until_ms))
		;
}

static void play_on(struct simulation *sim, uint32_t index)
{
	const struct script_line *line = sim->line;

	switch (line->word) {
	case SCRIPT_EXIT:
		end_process(sim, index, END_EXITED);
		break;
	case SCRIPT_KILL:
		end_process(sim, index, END_SIGNALED);
		break;
	case SCRIPT_FAIL_START:
		play_fail_starts(sim->play, index, (uint32_t)line->value);
		break;
	case SCRIPT_SLOW_START:
		play_slow_start(sim->play, index, line->value);
		break;
	case SCRIPT_IGNORE_TERM:
		play_ignore_stop(sim->play, index);
		break;
	case SCRIPT_STOP:
		command(sim, CMD_STOP, index);
		break;
	case SCRIPT_START:
		command(sim, CMD_START, index);
		break;
	case SCRIPT_RESTART:
		command(sim, CMD_RESTART, index);
		break;
	case SCRIPT_DELETE:
		command(sim, CMD_DELETE, index);
		break;
	case SCRIPT_START_CHILD:
		command(sim, CMD_ADD, index);
		break;
	case SCRIPT_SHUTDOWN:
		play_event(sim->play, &(struct event){.kind = EV_SHUTDOWN});
		break;
	case SCRIPT_ADVANCE:
		advance(sim, line->value);
		break;
	case SCRIPT_BOOT:
	case SCRIPT_WORD_COUNT:
		break;
	}
}

static void play_line(struct simulation *sim, const struct script_line *line)
{
	uint32_t index = SPEC_ROOT;

	sim->line = line;
	if (line->path &&
		engine_find(play_engine(sim->play), line->path, &index, NULL, 0, NULL) < 0) {
		print_effect(sim, line->path, "is not there", "it was removed, or never added");
		return;
	}
	play_on(sim, index);
}

static bool is_boot(const struct script_line *line)
{
	return line->word == SCRIPT_BOOT;
}

static void play_script(struct simulation *sim, const char *file)
{
	size_t first = 0;
	int status;

	while (first < sim->script.n && !is_boot(&sim->script.list[first]))
		first++;
	/* Without the word, the tree is up before the first line. */
	if (first == sim->script.n)
		first = 0;
	for (size_t i = 0; i < first; i++)
		play_line(sim, &sim->script.list[i]);
	play_event(sim->play, &(struct event){.kind = EV_BOOT});
	for (size_t i = first; i < sim->script.n; i++) {
		if (is_boot(&sim->script.list[i]))
			continue;
		if (play_finished(sim->play, &status)) {
			(void)fprintf(stderr,
				"%s:%u: warning: the tree has ended; what follows is not played\n",
				file, sim->script.list[i].line);
			return;
		}
		play_line(sim, &sim->script.list[i]);
	}
}

/* ---- set-up */

static int width_of_paths(const struct spec *spec)
{
	enum { WIDTH_MAX = 40 };
	size_t widest = 1;

	for (uint32_t i = 1; i < spec->nodes; i++) {
		size_t width = strlen(spec_str(spec, spec_node(spec, i)->name));

		for (uint32_t p = spec_node(spec, i)->parent; p != SPEC_ROOT;
			p = spec_node(spec, p)->parent)
			width += strlen(spec_str(spec, spec_node(spec, p)->name)) + 1;
		if (width > widest)
			widest = width;
	}
	return widest < WIDTH_MAX ? (int)widest : WIDTH_MAX;
}

static int read_script(const char *file, const struct spec *spec, struct script *ret)
{
	bool standard = strcmp(file, "-") == 0;
	FILE *in = standard ? stdin : fopen(file, "re");
	struct findings findings = {0};
	int error = in ? script_read(in, file, spec, &findings, ret) : -errno;

	findings_print(stderr, &findings);
	findings_free(&findings);
	if (in && !standard)
		(void)fclose(in);
	if (error < 0 && error != -EINVAL)
		(void)fprintf(stderr, "supd: cannot read %s: %s\n", file, strerror(-error));
	return error;
}

static int simulate(struct simulation *sim, const char *file)
{
	uint32_t capacity = sim->spec->nodes + (uint32_t)sim->script.additions;
	struct engine *e = engine_new(sim->spec, capacity, SEED);

	if (e)
		sim->play = play_new(e, 0, BUDGET, see, sim);
	if (!sim->play) {
		(void)fprintf(stderr, "supd: cannot simulate: %s\n", strerror(ENOMEM));
		return STATUS_REFUSED;
	}
	sim->path_width = width_of_paths(sim->spec);
	play_script(sim, file);
	if (play_spent(sim->play))
		(void)fprintf(stderr, "supd: %s: too much happens; the end is not shown\n", file);
	play_free(sim->play);
	if (fflush(stdout) != 0) {
		(void)fprintf(stderr, "supd: cannot write: %s\n", strerror(errno));
		return STATUS_REFUSED;
	}
	return sim->gave_up ? STATUS_GAVE_UP : 0;
}

int supd_simulate(const char *script, const char *config)
{
	struct findings findings = {0};
	size_t size = 0;
	struct spec *spec = config_read(config, environ, &findings, &size);
	struct simulation sim = {.spec = spec};
	int status = STATUS_MISTAKE;
	int error;

	if (!spec)
		findings_print(stderr, &findings);
	findings_free(&findings);
	if (!spec)
		return STATUS_MISTAKE;
	error = read_script(script, spec, &sim.script);
	if (error == 0)
		status = simulate(&sim, script);
	else if (error != -EINVAL && error != -ENOENT)
		status = STATUS_REFUSED;
	script_free(&sim.script);
	free(spec);
	return status;
}
