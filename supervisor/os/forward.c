/* forward.c - see forward.h. */
#include "supervisor/os/forward.h"

#include <errno.h>
#include <signal.h>

#include "config/spec.h"
#include "supervisor/os/log.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/solo.h"
#include "supervisor/wire/stages.h"

enum { EXIT_REFUSED = 3, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

static bool asks_for_end(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

bool forward_signal(struct shell *shell, int signal)
{
	struct forward *forward = &shell->forward;
	struct view view;
	int sent;

	/* A command that an operator has stopped is gone, and supd still here: signals are its own
	 * again. */
	if (!forward->options || !engine_view(shell->engine, FORWARD_ROW, &view) ||
		view.state == CHILD_REMOVED)
		return false;
	if (signal == SIGCHLD || signal <= 0 || signal >= SOLO_SIGNALS)
		return false;
	sent = forward->options->rewrite[signal];
	if (sent == 0)
		return true;
	(void)shell_signal(shell, FORWARD_ROW, sent);
	if ((asks_for_end(signal) || asks_for_end(sent)) && forward->kill_ms == INT64_MAX &&
		forward->options->grace_ms != SPEC_INFINITY)
		forward->kill_ms = loop_now_ms(shell->loop) + forward->options->grace_ms;
	return true;
}

int64_t forward_deadline_ms(const struct shell *shell)
{
	return shell->forward.options ? shell->forward.kill_ms : INT64_MAX;
}

void forward_started(struct shell *shell, uint32_t row, const struct end *failure)
{
	struct forward *forward = &shell->forward;

	if (!forward->options || row != FORWARD_ROW)
		return;
	if (!failure)
		forward->not_started = 0;
	else if (failure->stage != STAGE_EXEC)
		forward->not_started = EXIT_REFUSED;
	else
		forward->not_started =
			failure->value == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

int forward_status(const struct shell *shell, int status)
{
	return shell->forward.not_started ? shell->forward.not_started : status;
}

/* Once: what is left when the command is gone has the time of its shutdown. */
void forward_time(struct shell *shell, int64_t now_ms)
{
	if (forward_deadline_ms(shell) > now_ms)
		return;
	shell->forward.kill_ms = INT64_MAX;
	log_message(LOG_WARNING, NULL, "%s did not stop in time: killing",
		shell->forward.options->argv[0]);
	(void)shell_signal(shell, FORWARD_ROW, SIGKILL);
}
