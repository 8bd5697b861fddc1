/* supd_command.c - see supd_command.h. */
#include "cmd/supd_command.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "config/units.h"

enum { WORD_SIZE = 16 };

static int signal_or_none(const char *word)
{
	return strcmp(word, "0") == 0 ? 0 : parse_signal(word);
}

const char *command_rewrite(struct solo_options *options, const char *value)
{
	const char *colon = strchr(value, ':');
	char from[WORD_SIZE];
	int received;
	int sent;

	if (!colon || (size_t)(colon - value) >= sizeof(from))
		return "--rewrite is FROM:TO, two signals such as 15:3 or TERM:QUIT, not ";
	memcpy(from, value, (size_t)(colon - value));
	from[colon - value] = '\0';
	received = parse_signal(from);
	sent = signal_or_none(colon + 1);
	if (received < 0 || sent < 0)
		return "--rewrite: not a signal (TO may be 0: not forwarded): ";
	if (received == SIGKILL || received == SIGSTOP || received == SIGCHLD)
		return "--rewrite: KILL, STOP and CHLD are not forwarded, and cannot be "
		       "rewritten: ";
	options->rewrite[received] = (uint8_t)sent;
	return NULL;
}

const char *command_grace(struct solo_options *options, const char *value)
{
	if (parse_duration(value, &options->grace_ms) < 0)
		return "--grace is a duration such as 10s, or infinity, not ";
	return NULL;
}

const char *command_expect(struct solo_options *options, const char *value)
{
	int64_t status;

	if (parse_number(value, 0, SOLO_STATUSES - 1, &status) < 0)
		return "--expect-exit is an exit status from 0 to 255, not ";
	options->expected[status] = true;
	return NULL;
}
