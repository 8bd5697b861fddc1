/* logs_start.c - what suplog is started with: its descriptors, and who may read lines. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "supervisor/os/child_setup.h"
#include "supervisor/os/logs_internal.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/spawn.h"

int logs_open_to_readers(const struct logs *logs)
{
	const struct control_spec *control = spec_control(logs->shell->spec);

	return control ? listen_control_open_to(logs->sockets, control->mode, control->gid) : 0;
}

static void print_ids(FILE *to, const struct spec *spec, char kind, uint32_t offset)
{
	const struct spec_list *list = offset == SPEC_NONE ? NULL : spec_list(spec, offset);

	for (uint32_t i = 0; list && i < list->n; i++)
		(void)fprintf(to, ",%c%u", kind, list->item[i]);
}

/* Everyone with a role may read lines: ",u1000,g4" (malloc), or NULL. */
static char *readers_of(const struct spec *spec)
{
	const struct control_spec *control = spec_control(spec);
	char *text = NULL;
	size_t size = 0;
	FILE *to = control ? open_memstream(&text, &size) : NULL;

	for (size_t role = 0; to && role < SPEC_ROLES; role++) {
		print_ids(to, spec, 'u', control->users[role]);
		print_ids(to, spec, 'g', control->groups[role]);
	}
	if (to && fclose(to) != 0) {
		free(text);
		text = NULL;
	}
	return text;
}

pid_t logs_spawn(struct logs *logs, int socket, struct end *ret_failure)
{
	const struct passed_fd passed[] = {
		{.fd = socket, .number = LOG_FD_SOCKET},
		{.fd = logs->journal, .number = LOG_FD_JOURNAL},
		{.fd = logs->stage[0], .number = LOG_FD_STAGE_IN},
		{.fd = logs->stage[1], .number = LOG_FD_STAGE_OUT},
		{.fd = logs->listener, .number = LOG_FD_LISTEN},
	};
	enum { PASSED = sizeof(passed) / sizeof(passed[0]) };
	const char *const candidates[] = {logs->suplog, NULL};
	char name[] = "suplog";
	char option[] = "--supd";
	char readers[] = "--readers";
	char user[] = "--user";
	char ids[32];
	char *who = readers_of(logs->shell->spec);
	char *argv[8] = {name, option};
	size_t argc = 2;
	int moved[PASSED];
	struct spawn_plan plan = {.candidates = candidates,
		.argv = argv,
		.envp = environ,
		.null = spawner_null(logs->shell->spawner),
		.passed = passed,
		.npassed = PASSED,
		.moved = moved};
	pid_t pid = -1;

	if (who) {
		argv[argc++] = readers;
		argv[argc++] = who;
	}
	/* An ordinary user is that user already: logs_need. */
	if (logs->shell->spec->log_uid != PROC_ID_INHERIT && geteuid() == 0) {
		(void)snprintf(ids, sizeof ids, "%u:%u", logs->shell->spec->log_uid,
			logs->shell->spec->log_gid);
		argv[argc++] = user;
		argv[argc++] = ids;
	}
	argv[argc] = NULL;
	(void)spawn_planned(logs->shell->spawner, &plan, &pid, ret_failure);
	free(who);
	return pid;
}
