/* forward.c - see forward.h. */
#include "supervisor/os/forward.h"

#include <signal.h>

#include "config/spec.h"
#include "supervisor/os/log.h"
#include "supervisor/os/shell_internal.h"
#include "supervisor/os/solo.h"

static bool asks_for_end(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

bool forward_signal(struct shell *shell, int signal)
{
	struct forward *forward = &shell->forward;
	int sent;

	if (!forward->options || signal == SIGCHLD || signal <= 0 || signal >= SOLO_SIGNALS)
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
