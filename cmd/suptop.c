/* suptop.c - the screen of `supctl top`: once a second a look at the status table, more seldom one
 *at what the children take, and between them the keys. supd gets no message unless a key asks for
 *it.
 *
 *	suptop SUPCTL DIR
 *
 * supctl starts it; it has a program of its own so that no other command pays for its library. */
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/supctl.h"
#include "cmd/suptop.h"

enum {
	LOOK_MS = 1000,
	USAGE_MS = 2000,
	USAGE_SHARE = 40, /* a reading takes at most this part of the time: 2.5 % */
	ESCAPE_DELAY_MS = 25,
};

/* When is what to be done next? Milliseconds of now_ms(). */
struct schedule {
	int64_t look;
	int64_t usage;
};

static void look(struct top *top)
{
	int64_t started_ns = top->model.snapshot.header.started_ns;
	struct snapshot snapshot;
	const char *why = NULL;
	int error = snapshot_read(top->dir, &snapshot, &why);

	if (!error) {
		error = model_update(&top->model, &snapshot, now_ms());
		if (error)
			snapshot_free(&snapshot);
	}
	/* A supd that is just being started again has no table for a moment. */
	if (error) {
		say(top, true, "cannot read %s/status: %s", top->dir, why ? why : strerror(-error));
		return;
	}
	top->gone = top->model.snapshot.liveness == SUPD_GONE ||
		    top->model.snapshot.liveness == SUPD_ENDED;
	/* Another supd: what filled the pane has lost the one before. */
	if (started_ns != top->model.snapshot.header.started_ns)
		pane_changed(top, now_ms());
}

/* Returns how long it took, in milliseconds. */
static int64_t read_usage(struct top *top)
{
	const struct snapshot *snapshot = &top->model.snapshot;
	struct usage *usage = calloc(snapshot->n ? snapshot->n : 1, sizeof *usage);
	int64_t began = now_ms();

	if (usage && usage_read(snapshot, NULL, usage) == 0)
		model_usage(&top->model, usage, began);
	free(usage);
	return now_ms() - began;
}

static void keep(struct top *top, struct schedule *schedule)
{
	int64_t now = now_ms();

	if (now >= schedule->look) {
		look(top);
		schedule->look = now + LOOK_MS;
	} else if (now >= schedule->usage) {
		/* Never in the same round: keys and screen wait for one thing at a time. */
		int64_t pause = read_usage(top) * USAGE_SHARE;

		schedule->usage = now + (pause > USAGE_MS ? pause : USAGE_MS);
	}
	pane_keep(top, now);
}

static int until(const struct top *top, const struct schedule *schedule)
{
	int64_t next = schedule->look < schedule->usage ? schedule->look : schedule->usage;
	int64_t left;

	if (top->pane_at_ms < next)
		next = top->pane_at_ms;
	left = next - now_ms();
	return left > 0 ? (int)left : 0;
}

static void take_keys(struct top *top)
{
	int key;

	while ((key = getch()) != ERR && !top->quit)
		take_key(top, key, now_ms());
}

/* Waits for the next thing to do, a key, or something to read. */
static void wait_and_read(struct top *top, const struct schedule *schedule, int signals)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = signals, .events = POLLIN}, {.fd = top->feed.fd, .events = POLLIN},
		{.fd = top->action.fd, .events = POLLIN}};
	bool acting = top->action.pid > 0;
	bool feeding = top->feed.pid > 0;

	/* A signal that ends it: a new size of the terminal is a key. */
	if (poll(fds, ARRAY_LEN(fds), until(top, schedule)) < 0 && errno != EINTR)
		top->quit = true;
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL) || fds[1].revents)
		top->quit = true;
	if (fds[2].revents)
		task_read(&top->feed);
	if (fds[3].revents)
		task_read(&top->action);
	if (acting && top->action.pid == 0)
		action_ended(top);
	if (feeding && top->feed.pid == 0)
		pane_ended(top, now_ms());
	take_keys(top);
}

static void run(struct top *top, int signals)
{
	struct schedule schedule = {0};

	while (!top->quit) {
		keep(top, &schedule);
		draw(top);
		wait_and_read(top, &schedule, signals);
	}
}

/* Signals that end it are read, so that the terminal is left as it was. */
static int open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static SCREEN *open_screen(void)
{
	SCREEN *screen = newterm(NULL, stdout, stdin);

	if (!screen)
		return NULL;
	(void)set_escdelay(ESCAPE_DELAY_MS);
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)intrflush(stdscr, FALSE);
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)curs_set(0);
	return screen;
}

int main(int argc, char **argv)
{
	static struct top top = {.pane = PANE_LOG, .resting = PANE_LOG, .pane_of = UINT32_MAX};
	struct snapshot snapshot;
	SCREEN *screen;
	int signals;
	int status;

	if (argc != 3) {
		complain("suptop is a part of `supctl top`: run that");
		return SUPCTL_USAGE;
	}
	top.program = argv[1];
	top.dir = argv[2];
	top.pane_at_ms = INT64_MAX;
	task_init(&top.feed);
	task_init(&top.action);
	top.utf8 = setlocale(LC_ALL, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	status = snapshot_open(top.dir, &snapshot);
	if (status != SUPCTL_DONE)
		return status;
	snapshot_free(&snapshot);
	signals = open_signals();
	screen = signals < 0 ? NULL : open_screen();
	if (!screen) {
		const char *term = getenv("TERM");

		complain("top: cannot use a terminal of the type %s: set TERM", term ? term : "?");
		return SUPCTL_REFUSED;
	}
	cells_init(&top);
	run(&top, signals);
	(void)endwin();
	delscreen(screen);
	task_stop(&top.feed);
	task_stop(&top.action);
	model_free(&top.model);
	return SUPCTL_DONE;
}
