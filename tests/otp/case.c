/* case.c - cases as text, and back. */
#include "tests/otp/case.h"

#include <stdlib.h>
#include <string.h>

#include "config/spec.h"
#include "tests/sim/tree.h"

#define CASE_TEXT(id, text) [MANNER_##id] = (text),
static const char *const MANNER_NAMES[] = {MANNERS(CASE_TEXT)};
#undef CASE_TEXT
#define CASE_TEXT(id, text) [STEP_##id] = (text),
static const char *const STEP_NAMES[] = {STEPS(CASE_TEXT)};

void *must_have(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

const char *manner_name(unsigned manner)
{
	return manner < MANNER_COUNT ? MANNER_NAMES[manner] : "?";
}

const char *step_name(unsigned kind)
{
	return kind < STEP_COUNT ? STEP_NAMES[kind] : "?";
}

bool step_is_command(unsigned kind)
{
	return kind == STEP_STOP || kind == STEP_START || kind == STEP_RESTART ||
	       kind == STEP_DELETE;
}

bool step_has_node(unsigned kind)
{
	return step_is_command(kind) || kind == STEP_EXIT || kind == STEP_KILL || kind == STEP_FAIL;
}

uint32_t case_block_end(const struct otp_case *c, uint32_t i)
{
	do
		i++;
	while (i < c->steps && c->step[i].joined);
	return i;
}

uint32_t case_subtree_end(const struct otp_case *c, uint32_t n)
{
	uint32_t end = n + 1;

	/* In preorder whatever stands after n belongs to it as long as its parent does. */
	while (end < c->nodes && c->node[end].parent >= n)
		end++;
	return end;
}

bool case_ignores_stops(const struct otp_case *c)
{
	for (uint32_t i = 0; i < c->nodes; i++) {
		if (c->node[i].manner == MANNER_IGNORES)
			return true;
	}
	return false;
}

char *case_path(const struct otp_case *c, uint32_t n, char buf[static CASE_PATH_MAX])
{
	size_t at = CASE_PATH_MAX - 1;

	buf[at] = '\0';
	for (; n != 0; n = c->node[n].parent) {
		size_t len = strlen(c->node[n].name);

		if (buf[at] != '\0')
			buf[--at] = '/';
		if (len + 1 > at)
			abort();
		at -= len;
		memcpy(buf + at, c->node[n].name, len);
	}
	if (buf[at] == '\0')
		buf[--at] = '/';
	memmove(buf, buf + at, CASE_PATH_MAX - at);
	return buf;
}

/* ---- writing */

/* Options after a name begin with ':', the next ones with ','. */
static void option(FILE *out, bool *any, const char *text)
{
	(void)fprintf(out, "%s%s", *any ? "," : ":", text);
	*any = true;
}

static void write_shutdown(const struct case_node *node, FILE *out, bool *any)
{
	char text[48];

	if (node->shutdown_ms == SPEC_BRUTAL_KILL) {
		option(out, any, "brutal");
	} else if (node->shutdown_ms == SPEC_INFINITY) {
		if (!node->is_sup)
			option(out, any, "inf");
	} else if (node->is_sup || node->shutdown_ms != 5000) {
		(void)snprintf(text, sizeof(text), "shutdown=%lldms", (long long)node->shutdown_ms);
		option(out, any, text);
	}
}

static void write_node(const struct otp_case *c, uint32_t n, FILE *out)
{
	const struct case_node *node = &c->node[n];
	bool any = false;

	(void)fprintf(out, " %s", node->name);
	if (node->restart != RESTART_PERMANENT)
		option(out, &any, spec_restart_name(node->restart));
	if (node->significant)
		option(out, &any, "significant");
	write_shutdown(node, out, &any);
	if (!node->is_sup)
		return;
	(void)fprintf(out, " %s %u/%u", spec_strategy_name(node->strategy), node->intensity,
		node->period_s);
	if (node->auto_shutdown != AUTO_SHUTDOWN_NEVER)
		(void)fprintf(out, " %s", spec_auto_shutdown_name(node->auto_shutdown));
	(void)fprintf(out, " [");
}

void case_write_tree(const struct otp_case *c, FILE *out)
{
	uint32_t open = 0; /* the supervisor whose children come now */

	write_node(c, 0, out);
	for (uint32_t i = 1; i < c->nodes; i++) {
		for (; open != c->node[i].parent; open = c->node[open].parent)
			(void)fprintf(out, " ]");
		write_node(c, i, out);
		if (c->node[i].is_sup)
			open = i;
	}
	for (; open != 0; open = c->node[open].parent)
		(void)fprintf(out, " ]");
	(void)fprintf(out, " ]");
}

void case_write_step(const struct otp_case *c, uint32_t i, FILE *out)
{
	const struct case_step *step = &c->step[i];
	char path[CASE_PATH_MAX];

	(void)fprintf(out, "%s%s", step->joined ? " & " : "", step_name(step->kind));
	if (step_has_node(step->kind))
		(void)fprintf(out, " %s", case_path(c, step->node, path));
	if (step->kind == STEP_EXIT)
		(void)fprintf(out, " %s", step->normal ? "normal" : "abnormal");
	if (step->kind == STEP_FAIL || step->kind == STEP_ADVANCE)
		(void)fprintf(out, " %u", step->n);
}

void case_write(const struct otp_case *c, FILE *out)
{
	char path[CASE_PATH_MAX];

	(void)fprintf(out, "tree");
	case_write_tree(c, out);
	(void)fprintf(out, "\n");
	for (uint32_t i = 0; i < c->nodes; i++) {
		if (c->node[i].manner != MANNER_OBEYS)
			(void)fprintf(out, "manner %s %s\n", case_path(c, i, path),
				manner_name(c->node[i].manner));
	}
	for (uint32_t i = 0; i < c->steps; i++) {
		case_write_step(c, i, out);
		if (i + 1 == c->steps || !c->step[i + 1].joined)
			(void)fprintf(out, "\n");
	}
}

/* ---- reading */

static const char *read_tree(const char *text, struct otp_case *c)
{
	struct spec *spec = sim_tree_build(text);

	if (spec->nodes > CASE_NODES_MAX) {
		free(spec);
		return "the tree is too large";
	}
	c->nodes = spec->nodes;
	for (uint32_t i = 0; i < spec->nodes; i++) {
		const struct spec_node *from = spec_node(spec, i);
		const struct child_spec *child = spec_child(spec, i);
		struct case_node *node = &c->node[i];

		*node = (struct case_node){.parent = i == 0 ? 0 : from->parent,
			.shutdown_ms = child->shutdown_ms,
			.is_sup = from->kind != KIND_PROCESS,
			.significant = child->significant != 0,
			.restart = child->restart};
		(void)snprintf(node->name, sizeof(node->name), "%s", spec_str(spec, from->name));
		if (!node->is_sup)
			continue;
		node->strategy = spec_sup(spec, i)->strategy;
		node->auto_shutdown = spec_sup(spec, i)->auto_shutdown;
		node->intensity = spec_sup(spec, i)->intensity;
		node->period_s = (uint32_t)(spec_sup(spec, i)->period_ms / 1000);
	}
	free(spec);
	return NULL;
}

static bool find_node(const struct otp_case *c, const char *path, uint32_t *ret_node)
{
	char buf[CASE_PATH_MAX];

	for (uint32_t i = 0; i < c->nodes; i++) {
		if (strcmp(case_path(c, i, buf), path) == 0) {
			*ret_node = i;
			return true;
		}
	}
	return false;
}

/* "exit a/b normal", already split at '&'. */
static const char *read_step(const char *text, bool joined, struct otp_case *c)
{
	struct case_step step = {.kind = STEP_COUNT, .joined = joined};
	char word[3][CASE_PATH_MAX] = {"", "", ""};

	if (sscanf(text, " %127s %127s %127s", word[0], word[1], word[2]) < 1)
		return "an empty step";
	for (unsigned i = 0; i < STEP_COUNT; i++) {
		if (strcmp(word[0], STEP_NAMES[i]) == 0)
			step.kind = (uint8_t)i;
	}
	if (step.kind == STEP_COUNT)
		return "an unknown step";
	if (step_has_node(step.kind) && !find_node(c, word[1], &step.node))
		return "a step names a path that is not in the tree";
	step.normal = strcmp(word[2], "normal") == 0;
	if (step.kind == STEP_FAIL)
		step.n = (uint32_t)strtoul(word[2], NULL, 10);
	else if (step.kind == STEP_ADVANCE)
		step.n = (uint32_t)strtoul(word[1], NULL, 10);
	if (c->steps == CASE_STEPS_MAX)
		return "too many steps";
	c->step[c->steps++] = step;
	return NULL;
}

static const char *read_manner(const char *text, struct otp_case *c)
{
	char path[CASE_PATH_MAX];
	char name[CASE_PATH_MAX];
	uint32_t node = 0;

	if (sscanf(text, " %127s %127s", path, name) != 2 || !find_node(c, path, &node))
		return "a manner needs a path of the tree and a word";
	for (unsigned i = 0; i < MANNER_COUNT; i++) {
		if (strcmp(name, MANNER_NAMES[i]) == 0) {
			c->node[node].manner = (uint8_t)i;
			return NULL;
		}
	}
	return "an unknown manner";
}

static const char *read_line(char *line, struct otp_case *c)
{
	const char *why = NULL;
	bool joined = false;
	char *save = NULL;

	if (strncmp(line, "tree ", 5) == 0)
		return read_tree(line + 5, c);
	if (c->nodes == 0)
		return "the tree must come first";
	if (strncmp(line, "manner ", 7) == 0)
		return read_manner(line + 7, c);
	for (char *part = strtok_r(line, "&", &save); part != NULL && why == NULL;
		part = strtok_r(NULL, "&", &save)) {
		why = read_step(part, joined, c);
		joined = true;
	}
	return why;
}

const char *case_read(char *text, struct otp_case *ret_case, const char **ret_rest)
{
	const char *why = NULL;

	memset(ret_case, 0, sizeof(*ret_case));
	*ret_rest = NULL;
	while (*text != '\0' && why == NULL) {
		char *line = text;

		text += strcspn(text, "\n");
		if (*text == '\n')
			*text++ = '\0';
		if (strcmp(line, "expect") == 0) {
			*ret_rest = text;
			break;
		}
		if (*line != '\0' && *line != '#')
			why = read_line(line, ret_case);
	}
	if (why == NULL && ret_case->nodes == 0)
		why = "no tree";
	return why;
}
