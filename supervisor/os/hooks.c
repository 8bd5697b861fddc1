/* hooks.c - see hooks.h. */
#include "supervisor/os/hooks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/specifiers.h"
#include "config/units.h"
#include "supervisor/os/log.h"
#include "supervisor/os/shell_messages.h"

/* ---- the command */

/* The words of a template still have their specifiers. */
static bool is_template(const struct view *view)
{
	uint32_t parent = spec_node(view->spec, view->node)->parent;

	return parent != SPEC_NONE && spec_node(view->spec, parent)->kind == KIND_DYNAMIC;
}

/* Writes one word, NUL-ended when it fits. Returns its length. */
static size_t put_word(
	const char *word, const struct specifiers *specifiers, char *buf, size_t size)
{
	int64_t length =
		specifiers ? specifiers_expand(word, specifiers, buf, size, NULL) : -EINVAL;

	if (length >= 0)
		return (size_t)length;
	if (buf && strlen(word) < size)
		memcpy(buf, word, strlen(word) + 1);
	return strlen(word);
}

static char **make_argv(
	const struct spec *spec, const struct spec_list *words, const struct specifiers *specifiers)
{
	size_t pointers = ((size_t)words->n + 1) * sizeof(char *);
	size_t bytes = 0;
	char **argv;
	char *at;

	for (uint32_t i = 0; i < words->n; i++)
		bytes += put_word(spec_str(spec, words->item[i]), specifiers, NULL, 0) + 1;
	argv = malloc(pointers + bytes);
	if (!argv)
		return NULL;
	at = (char *)argv + pointers;
	for (uint32_t i = 0; i < words->n; i++) {
		size_t left = bytes - (size_t)(at - (char *)argv - (ptrdiff_t)pointers);

		argv[i] = at;
		at += put_word(spec_str(spec, words->item[i]), specifiers, at, left) + 1;
	}
	argv[words->n] = NULL;
	return argv;
}

/* ---- the variables */

/* Was it supd that ended it, and in the way that was meant? */
static const char *result_of_signal(const struct view *view, int signal)
{
	const struct child_spec *child = spec_child(view->spec, view->node);
	bool stopped = view->why != WHY_EXIT;

	if ((child->success_signals >> (signal - 1)) & 1)
		return "success";
	if (stopped && signal == spec_proc(view->spec, view->node)->stop_signal)
		return "success";
	if (stopped && signal == SIGKILL)
		return child->shutdown_ms == SPEC_BRUTAL_KILL ? "success" : "timeout";
	return "signal";
}

static const char *result_of(const struct view *view, const struct end *ran)
{
	const struct child_spec *child = spec_child(view->spec, view->node);
	unsigned status = (unsigned)ran->value & 255;

	if (view->end.kind == END_START_TIMEOUT)
		return "timeout";
	if (view->end.kind == END_WATCHDOG)
		return "watchdog";
	if (view->end.kind == END_UNHEALTHY)
		return "unhealthy";
	if (ran->kind == END_SIGNALED)
		return result_of_signal(view, ran->value);
	if (status == 0 || (child->success_statuses[status / 32] >> (status % 32)) & 1)
		return "success";
	return "exit-code";
}

static void set_variables(struct hook *hook, const struct view *view, const struct end *ran)
{
	bool killed = ran->kind == END_SIGNALED;
	const char *by_signal = ran->stage == END_DUMPED ? "dumped" : "killed";
	char name[16];

	(void)snprintf(
		hook->text[0], HOOK_VARIABLE_SIZE, "SERVICE_RESULT=%s", result_of(view, ran));
	(void)snprintf(
		hook->text[1], HOOK_VARIABLE_SIZE, "EXIT_CODE=%s", killed ? by_signal : "exited");
	if (killed)
		(void)snprintf(hook->text[2], HOOK_VARIABLE_SIZE, "EXIT_STATUS=%s",
			signal_name(ran->value, name));
	else
		(void)snprintf(hook->text[2], HOOK_VARIABLE_SIZE, "EXIT_STATUS=%d", ran->value);
	for (size_t i = 0; i < HOOK_VARIABLES; i++)
		hook->list[i] = hook->text[i];
}

/* ---- the face */

char **hook_argv(const struct view *view, uint32_t words, const char *path)
{
	const struct specifiers specifiers = {.name = view->name, .path = path};

	return make_argv(
		view->spec, spec_list(view->spec, words), is_template(view) ? &specifiers : NULL);
}

int hook_prepare(struct hook *hook, const struct view *view, const char *path, enum part part,
	const struct end *ran)
{
	const struct proc_spec *proc = spec_proc(view->spec, view->node);
	uint32_t words = part == PART_BEFORE_START ? proc->before_start : proc->after_stop;

	*hook = (struct hook){.argv = NULL};
	if (part == PART_MAIN)
		return 0;
	hook->argv = hook_argv(view, words, path);
	if (!hook->argv)
		return -ENOMEM;
	if (part == PART_AFTER_STOP)
		set_variables(hook, view, ran);
	return 0;
}

void hook_free(struct hook *hook)
{
	free(hook->argv);
	hook->argv = NULL;
}

void hook_log(const char *path, enum part part, const struct end *end)
{
	char words[128];

	if (part == PART_MAIN || (end->kind == END_EXITED && end->value == 0))
		return;
	log_message(LOG_WARNING, path, "%s: %s",
		part == PART_BEFORE_START ? "before_start" : "after_stop",
		end_in_words(end, words, sizeof(words)));
}
