/* solo.c - see solo.h. One system call waits for signals, one reaps: no descriptor is needed, and
 * nothing is done while nothing happens. */
#include "supervisor/os/solo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/spec.h"
#include "supervisor/os/log.h"
#include "supervisor/os/solo_internal.h"

enum {
	EXIT_REFUSED = 3,
	INSIST_MS = 250, /* for a command that puts its terminal in order before it stops */
};

void solo_defaults(struct solo_options *options)
{
	*options = (struct solo_options){.grace_ms = SPEC_INFINITY};
	for (int i = 0; i < SOLO_SIGNALS; i++)
		options->rewrite[i] = (uint8_t)i;
}

int64_t solo_now_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- signals to the command */

/* To the group; to the command itself when it has left it, or there is none any more. */
static void signal_command(const struct solo *solo, int signal)
{
	bool in_group = kill(-solo->group, signal) == 0;

	if (solo->main > 0 && (!in_group || getpgid(solo->main) != solo->group))
		(void)kill(solo->main, signal);
}

/* Stops supd's own job as the terminal would have: of an orphaned group nobody stops, since nobody
 * could wake it. Returns false then. */
static bool stop_own_job(void)
{
	sigset_t stop;
	sigset_t pending;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTSTP);
	(void)kill(0, SIGTSTP);
	if (sigprocmask(SIG_UNBLOCK, &stop, NULL) < 0 || sigprocmask(SIG_BLOCK, &stop, NULL) < 0)
		return false;
	/* Who went on was woken by SIGCONT. */
	return sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1;
}

/* The command stands still. */
static void follow(struct solo *solo, int signal)
{
	if (solo->stop_forwarded) {
		solo->stop_forwarded = false;
		solo->insist_ms = INT64_MAX;
		solo_terminal_back(solo);
		(void)kill(getpid(), SIGSTOP); /* without effect for PID 1 */
		return;
	}
	if (solo->terminal < 0)
		return;
	solo_terminal_back(solo);
	if (stop_own_job() || signal != SIGTSTP)
		return;
	solo_terminal_hand(solo);
	signal_command(solo, SIGCONT);
}

/* ---- ends */

static void command_ended(struct solo *solo, int status)
{
	solo->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	solo->main = 0;
	solo->insist_ms = INT64_MAX;
	solo_terminal_back(solo);
}

static void command_changed(struct solo *solo, int status)
{
	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		command_ended(solo, status);
		return;
	}
	solo->main_stopped = WIFSTOPPED(status);
	if (solo->main_stopped)
		follow(solo, WSTOPSIG(status));
}

/* Has the command stopped, gone on, or ended? To ask for that of all children would have the kernel
 * look closely at each; it is asked only when it matters. */
static void see_command(struct solo *solo)
{
	int status;

	while (solo->main > 0 && waitpid(solo->main, &status, WNOHANG | WUNTRACED | WCONTINUED) > 0)
		command_changed(solo, status);
}

/* ---- signals that are forwarded */

static bool is_stop(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static bool asks_for_end(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

static void start_grace(struct solo *solo)
{
	int64_t grace_ms = solo->options->grace_ms;

	if (grace_ms != SPEC_INFINITY && solo->kill_ms == INT64_MAX)
		solo->kill_ms = solo_now_ms() + grace_ms;
}

static void forward(struct solo *solo, int received)
{
	int signal = solo->options->rewrite[received];

	if (signal == 0)
		return;
	if (signal == SIGCONT) {
		solo->stop_forwarded = false;
		solo->insist_ms = INT64_MAX;
		solo_terminal_hand(solo);
	}
	signal_command(solo, signal);
	if (asks_for_end(received) || asks_for_end(signal))
		start_grace(solo);
	if (!is_stop(signal) || solo->main == 0)
		return;
	solo->stop_forwarded = true;
	solo->insist_ms = solo_now_ms() + INSIST_MS;
	see_command(solo);
	if (solo->main_stopped && solo->stop_forwarded)
		follow(solo, signal);
}

/* ---- reaping */

/* Takes all that has happened to our children. Returns false when there are none. */
static bool reap(struct solo *solo)
{
	bool orphans = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == solo->main)
			command_ended(solo, status);
		else
			orphans = true;
	}
	if (solo->terminal >= 0 || solo->stop_forwarded)
		see_command(solo);
	if (pid < 0)
		return false;
	if (solo->main == 0 && !solo->sweeping)
		solo_sweep(solo);
	else if (orphans && (solo->sweeping || solo->killing))
		solo_sweep_again(solo);
	return true;
}

/* ---- time */

static int64_t earliest(const struct solo *solo)
{
	int64_t due[] = {solo->insist_ms, solo->killing ? INT64_MAX : solo->kill_ms, solo->look_ms,
		solo->main > 0 ? INT64_MAX : solo->give_up_ms};
	int64_t first = due[0];

	for (size_t i = 1; i < sizeof(due) / sizeof(due[0]); i++)
		if (due[i] < first)
			first = due[i];
	return first;
}

/* Waits for a signal, and takes all that have come, in the kernel's order: the end of the command
 * is looked at after them, so each reaches whoever still lives. */
static void take_signals(struct solo *solo)
{
	int64_t due_ms = earliest(solo);
	struct timespec none = {0};
	struct timespec limit = {0};
	const struct timespec *wait = NULL;
	sigset_t all;
	int signal;

	memset(&all, 0xff, sizeof(all)); /* sigfillset leaves out those of the C library */
	if (due_ms != INT64_MAX) {
		int64_t left_ms = due_ms - solo_now_ms();

		left_ms = left_ms < 0 ? 0 : left_ms;
		limit = (struct timespec){left_ms / 1000, left_ms % 1000 * 1000000};
		wait = &limit;
	}
	while ((signal = sigtimedwait(&all, NULL, wait)) > 0) {
		if (signal == SIGCHLD)
			return;
		forward(solo, signal);
		wait = &none;
	}
}

static void serve_time(struct solo *solo)
{
	int64_t now_ms;

	if (earliest(solo) == INT64_MAX)
		return;
	now_ms = solo_now_ms();
	if (solo->insist_ms <= now_ms) {
		solo->insist_ms = INT64_MAX;
		signal_command(solo, SIGSTOP);
	}
	if (solo->kill_ms <= now_ms && !solo->killing) {
		if (solo->main > 0)
			log_message(LOG_WARNING, NULL, "%s did not stop in time: killing",
				solo->options->argv[0]);
		solo_kill(solo);
	}
	solo_sweep_time(solo, now_ms);
}

static bool has_given_up(const struct solo *solo)
{
	if (solo->main > 0 || solo->give_up_ms > solo_now_ms())
		return false;
	log_message(LOG_WARNING, NULL, "some processes cannot be killed, and are left behind");
	return true;
}

static int run(struct solo *solo)
{
	while (reap(solo)) {
		if (solo->give_up_ms != INT64_MAX && has_given_up(solo))
			break;
		log_flush();
		take_signals(solo);
		serve_time(solo);
	}
	log_flush();
	return solo->options->expected[solo->status] ? 0 : solo->status;
}

int solo_run(const struct solo_options *options)
{
	struct solo solo = {.options = options,
		.terminal = -1,
		.insist_ms = INT64_MAX,
		.kill_ms = INT64_MAX,
		.give_up_ms = INT64_MAX,
		.look_ms = INT64_MAX};
	int status = solo_prepare(&solo);

	if (status < 0) {
		(void)fprintf(
			stderr, "supd: cannot become the child subreaper: %s\n", strerror(-status));
		return EXIT_REFUSED;
	}
	status = solo_start(&solo);
	/* ---- From here on nothing exits but by the end of the command. ---- */
	if (status == 0)
		status = run(&solo);
	free(solo.told);
	return status;
}
