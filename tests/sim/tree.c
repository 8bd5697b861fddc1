/* tree.c - from the text of a tree to a spec block. */
#include "tests/sim/tree.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/units.h"

enum { WORD_MAX = 256 };

struct parser {
	const char *text; /* the whole, for messages */
	const char *at;
	char word[WORD_MAX]; /* the present word; empty: the end */
	struct spec_builder *builder;
	uint32_t parent[SPEC_DEPTH_MAX]; /* the supervisors that are open */
	uint32_t depth;
};

/* A child as far as it has been read. */
struct draft {
	char name[SPEC_NAME_MAX + 1];
	struct child_spec child;
	struct sup_spec sup;
	bool is_sup;
	bool is_dynamic;
	bool shutdown_set;
};

__attribute__((noreturn, format(printf, 2, 3))) static void refuse(
	const char *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fprintf(stderr, "a mistake in the tree of a test: ");
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, "\n\t%s\n", text);
	va_end(args);
	abort();
}

static void next_word(struct parser *p)
{
	size_t n;

	p->at += strspn(p->at, " \t\n");
	n = strcspn(p->at, " \t\n");
	if (n >= WORD_MAX)
		refuse(p->text, "a word is too long");
	memcpy(p->word, p->at, n);
	p->word[n] = '\0';
	p->at += n;
}

static int64_t time_of(const struct parser *p, const char *word)
{
	int64_t ms = 0;

	if (parse_duration(word, &ms) != 0)
		refuse(p->text, "%s is no time", word);
	return ms;
}

/* "INITIAL/MAX/FACTOR/JITTER/RESET" */
static void read_backoff(const struct parser *p, char *value, struct spec_backoff *backoff)
{
	char *save = NULL;
	char *part = strtok_r(value, "/", &save);

	for (int i = 0; part != NULL; i++, part = strtok_r(NULL, "/", &save)) {
		if (i == 0)
			backoff->initial_ms = time_of(p, part);
		else if (i == 1)
			backoff->max_ms = time_of(p, part);
		else if (i == 2)
			backoff->factor_milli = (uint32_t)(strtod(part, NULL) * 1000 + 0.5);
		else if (i == 3)
			backoff->jitter_milli = (uint32_t)(strtod(part, NULL) * 1000 + 0.5);
		else
			backoff->reset_after_ms = time_of(p, part);
	}
}

static void read_success(const struct parser *p, const char *value, struct child_spec *child)
{
	int64_t status = 0;
	int signal;

	if (parse_number(value, 0, 255, &status) == 0) {
		child->success_statuses[status / 32] |= 1u << (status % 32);
		return;
	}
	signal = parse_signal(value);
	if (signal < 1 || signal > 64)
		refuse(p->text, "ok=%s: neither a status nor a signal", value);
	child->success_signals |= (uint64_t)1 << (signal - 1);
}

/* The options that are one word. Returns false when option is none of them. */
static bool read_flag(const char *option, struct draft *draft)
{
	for (unsigned v = 0; v < RESTART_COUNT; v++) {
		if (strcmp(option, spec_restart_name(v)) == 0) {
			draft->child.restart = (uint8_t)v;
			return true;
		}
	}
	for (unsigned v = 0; v < READY_COUNT; v++) {
		if (strcmp(option, spec_ready_name(v)) == 0) {
			draft->child.ready = (uint8_t)v;
			return true;
		}
	}
	if (strcmp(option, "significant") == 0) {
		draft->child.significant = 1;
		return true;
	}
	if (strcmp(option, "dynamic") == 0) {
		draft->is_dynamic = true;
		return true;
	}
	if (strcmp(option, "brutal") == 0)
		draft->child.shutdown_ms = SPEC_BRUTAL_KILL;
	else if (strcmp(option, "inf") == 0)
		draft->child.shutdown_ms = SPEC_INFINITY;
	else
		return false;
	draft->shutdown_set = true;
	return true;
}

static void read_option(const struct parser *p, char *option, struct draft *draft)
{
	char *value = strchr(option, '=');
	int64_t number = 0;

	if (value == NULL) {
		if (!read_flag(option, draft))
			refuse(p->text, "unknown option %s", option);
		return;
	}
	*value++ = '\0';
	if (strcmp(option, "shutdown") == 0) {
		draft->child.shutdown_ms = time_of(p, value);
		draft->shutdown_set = true;
	} else if (strcmp(option, "timeout") == 0) {
		draft->child.start_timeout_ms = time_of(p, value);
	} else if (strcmp(option, "backoff") == 0) {
		read_backoff(p, value, &draft->child.backoff);
	} else if (strcmp(option, "ok") == 0) {
		read_success(p, value, &draft->child);
	} else if (strcmp(option, "dynamic") == 0 && parse_number(value, 0, 100000, &number) == 0) {
		draft->is_dynamic = true;
		draft->sup.max_children = (uint32_t)number;
	} else {
		refuse(p->text, "unknown option %s=", option);
	}
}

/* "name:option,option" */
static void read_child(const struct parser *p, char *word, struct draft *draft)
{
	char *options = strchr(word, ':');
	char *save = NULL;

	memset(draft, 0, sizeof(*draft));
	draft->child.shutdown_ms = 5000;
	draft->child.start_timeout_ms = 30000;
	draft->child.backoff = (struct spec_backoff){
		.max_ms = 30000, .reset_after_ms = 10000, .factor_milli = 2000};
	draft->child.restart = RESTART_PERMANENT;
	draft->child.ready = READY_EXEC;
	draft->sup = sup_spec_default();
	draft->sup.max_children = 1000;
	if (options != NULL)
		*options++ = '\0';
	if (*word == '\0' || strlen(word) > SPEC_NAME_MAX || strpbrk(word, "[]/=,") != NULL)
		refuse(p->text, "'%s' is no name", word);
	memcpy(draft->name, word, strlen(word) + 1);
	for (char *option = options == NULL ? NULL : strtok_r(options, ",", &save); option != NULL;
		option = strtok_r(NULL, ",", &save))
		read_option(p, option, draft);
}

/* Does a word of a supervisor's choose from an enum? */
static bool read_choice(
	const char *word, const char *(*name)(unsigned), unsigned from, unsigned end, uint8_t *ret)
{
	for (unsigned v = from; v < end; v++) {
		if (strcmp(word, name(v)) == 0) {
			*ret = (uint8_t)v;
			return true;
		}
	}
	return false;
}

/* A word between a supervisor's name and its "[". Returns false when word is none such: the child
 * is a process, and word the next child. */
static bool read_sup_word(const struct parser *p, char *word, struct draft *draft)
{
	struct sup_spec *sup = &draft->sup;
	char *slash = strchr(word, '/');
	int64_t intensity = 0;

	if (read_choice(word, spec_strategy_name, 0, STRATEGY_COUNT, &sup->strategy) ||
		read_choice(word, spec_auto_shutdown_name, AUTO_SHUTDOWN_NEVER + 1,
			AUTO_SHUTDOWN_COUNT, &sup->auto_shutdown) ||
		read_choice(
			word, spec_on_limit_name, ON_LIMIT_PARK, ON_LIMIT_COUNT, &sup->on_limit) ||
		read_choice(word, spec_start_name, START_CONCURRENT, START_COUNT, &sup->start))
		return true;
	if (strncmp(word, "park=", 5) == 0) {
		sup->on_limit = ON_LIMIT_PARK;
		sup->retry_after_ms = time_of(p, word + 5);
		return true;
	}
	if (slash == NULL || *word < '0' || *word > '9')
		return false;
	*slash++ = '\0';
	if (parse_number(word, 0, 1000000, &intensity) != 0)
		refuse(p->text, "'%s' is no limit", word);
	sup->intensity = (uint32_t)intensity;
	sup->period_ms = time_of(p, slash);
	return true;
}

static uint32_t add_node(struct parser *p, struct draft *draft)
{
	struct spec_builder *b = p->builder;
	struct proc_spec proc = proc_spec_default();
	const char *const argv[] = {"true"};
	struct spec_node node = {
		.sup = SPEC_NONE,
		.proc = SPEC_NONE,
		.argv = SPEC_NONE,
		.kind = draft->is_dynamic ? KIND_DYNAMIC
			: draft->is_sup	  ? KIND_SUPERVISOR
					  : KIND_PROCESS,
	};

	if (draft->child.ready == READY_FD)
		proc.ready_fd = READY_FD_MIN;
	if (draft->is_sup && !draft->shutdown_set)
		draft->child.shutdown_ms = SPEC_INFINITY;
	if (!draft->is_dynamic)
		draft->sup.max_children = 0;
	node.name = spec_add_str(b, draft->name);
	node.file = spec_add_str(b, "test");
	node.child = spec_add_child(b, &draft->child);
	if (draft->is_sup) {
		node.sup = spec_add_sup(b, &draft->sup);
	} else {
		node.argv = spec_add_strs(b, argv, 1);
		proc.ready_fd = draft->child.ready == READY_FD ? READY_FD_MIN : -1;
		proc.before_start = draft->child.before_start ? node.argv : SPEC_NONE;
		proc.after_stop = draft->child.after_stop ? node.argv : SPEC_NONE;
		node.proc = spec_add_proc(b, &proc);
	}
	return spec_add_node(b, p->depth == 0 ? SPEC_NONE : p->parent[p->depth - 1], &node);
}

/* One child, and for a supervisor its "[". */
static void read_item(struct parser *p)
{
	struct draft draft;
	uint32_t number;

	read_child(p, p->word, &draft);
	next_word(p);
	while (p->word[0] != '\0' && strcmp(p->word, "[") != 0 &&
		read_sup_word(p, p->word, &draft)) {
		draft.is_sup = true;
		next_word(p);
	}
	if (strcmp(p->word, "[") == 0)
		draft.is_sup = true;
	else if (draft.is_sup)
		refuse(p->text, "'[' is missing after %s", draft.name);
	if (draft.is_dynamic && !draft.is_sup)
		refuse(p->text, "%s has no template", draft.name);
	if (p->depth == 0 && !draft.is_sup)
		refuse(p->text, "the root must be a supervisor");
	number = add_node(p, &draft);
	if (!draft.is_sup)
		return;
	if (p->depth == SPEC_DEPTH_MAX)
		refuse(p->text, "too deep");
	p->parent[p->depth++] = number;
	next_word(p);
}

struct spec *sim_tree_build(const char *text)
{
	struct parser p = {.text = text, .at = text, .builder = spec_builder_new()};
	struct spec *spec;
	const char *why = NULL;
	size_t size = 0;

	if (p.builder == NULL)
		refuse(text, "no memory");
	spec_set_file(p.builder, "test");
	next_word(&p);
	read_item(&p);
	while (p.depth > 0) {
		if (strcmp(p.word, "]") == 0) {
			p.depth--;
			next_word(&p);
		} else if (p.word[0] == '\0') {
			refuse(text, "']' is missing");
		} else {
			read_item(&p);
		}
	}
	if (p.word[0] != '\0')
		refuse(text, "'%s' after the end", p.word);
	spec = spec_build_finish(p.builder, &size);
	spec_builder_free(p.builder);
	if (spec == NULL)
		refuse(text, "no memory");
	if (spec_check(spec, size, &why) != 0)
		refuse(text, "the block is not valid: %s", why);
	return spec;
}

char *sim_tree_path(const struct spec *spec, uint32_t node, char *buf, size_t size)
{
	uint32_t line[SPEC_DEPTH_MAX + 1];
	size_t depth = 0;
	size_t n = 0;

	if (node == SPEC_ROOT) {
		(void)snprintf(buf, size, "/");
		return buf;
	}
	for (uint32_t i = node; i != SPEC_ROOT && depth <= SPEC_DEPTH_MAX;
		i = spec_node(spec, i)->parent)
		line[depth++] = i;
	buf[0] = '\0';
	while (depth > 0 && n < size) {
		const char *name = spec_str(spec, spec_node(spec, line[--depth])->name);

		n += (size_t)snprintf(buf + n, size - n, "%s%s", n == 0 ? "" : "/", name);
	}
	return buf;
}

uint32_t sim_tree_lookup(const struct spec *spec, const char *path)
{
	uint32_t found = SPEC_NONE;
	char buf[1024];

	for (uint32_t i = 0; i < spec->nodes; i++) {
		if (strcmp(sim_tree_path(spec, i, buf, sizeof(buf)), path) == 0)
			return i;
	}
	for (uint32_t i = 0; i < spec->nodes; i++) {
		if (strcmp(spec_str(spec, spec_node(spec, i)->name), path) != 0)
			continue;
		if (found != SPEC_NONE)
			refuse(path, "ambiguous in this tree");
		found = i;
	}
	return found;
}

uint32_t sim_tree_find(const struct spec *spec, const char *path)
{
	uint32_t found = sim_tree_lookup(spec, path);

	if (found == SPEC_NONE)
		refuse(path, "not in this tree");
	return found;
}
