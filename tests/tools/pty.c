/* pty.c - a shell's side of job control, played by a script on a terminal of its own.
 *
 *     pty STEP... -- COMMAND [ARG...]
 *
 * COMMAND is a job in the foreground of a new terminal, whose session has a leader that waits for
 * it as a shell does. The steps, one after the other, each within ten seconds:
 *
 *     limit SECONDS   so long instead
 *     see TEXT        wait until TEXT has come out of the terminal
 *     type TEXT       type TEXT; ^C, ^Z and so on are control characters
 *     job STATE       wait until the job is "stopped", "exited N" or "killed N"
 *     fg, bg          let the stopped job go on, in the foreground or not
 *     front WHO       the foreground group is the "job" itself, or "other"
 *
 * What came out of the terminal is printed. Status 0 when all steps were done, 1 when one was not
 * (which, on standard error).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_S = 10, SLICE_MS = 10, SEEN_SIZE = 65536, STATE_SIZE = 32 };

struct play {
	int master;
	int order;  /* to the leader: 'f', 'b' or 'q' */
	int report; /* from it: states of the job, a line each */
	pid_t leader;
	char seen[SEEN_SIZE];
	size_t seen_n;
	size_t passed; /* found by "see" before */
	char state[STATE_SIZE];
	int64_t limit_ms;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the leader of the session, in the terminal */

static void tell(int report, const char *word, int value)
{
	char line[STATE_SIZE];
	int n = value < 0 ? snprintf(line, sizeof(line), "%s\n", word)
			  : snprintf(line, sizeof(line), "%s %d\n", word, value);

	if (n < 0 || write(report, line, (size_t)n) != n)
		_exit(125);
}

static pid_t start_job(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		_exit(125);
	if (pid == 0) {
		(void)setpgid(0, 0);
		(void)tcsetpgrp(0, getpid());
		(void)signal(SIGTTOU, SIG_DFL);
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	(void)setpgid(pid, pid);
	(void)tcsetpgrp(0, pid);
	return pid;
}

static _Noreturn void lead(char **argv, int order, int report)
{
	pid_t job;
	int status;

	(void)signal(SIGTTOU, SIG_IGN);
	job = start_job(argv);
	tell(report, "job", job);
	while (waitpid(job, &status, WUNTRACED) == job) {
		char what = 'q';

		if (WIFEXITED(status))
			tell(report, "exited", WEXITSTATUS(status));
		else if (WIFSIGNALED(status))
			tell(report, "killed", WTERMSIG(status));
		else
			tell(report, "stopped", -1);
		if (!WIFSTOPPED(status) || read(order, &what, 1) != 1 || what == 'q')
			break;
		(void)tcsetpgrp(0, what == 'f' ? job : getpgrp());
		(void)kill(-job, SIGCONT);
	}
	/* The terminal stays as the job has left it until we are told. */
	(void)!read(order, &status, 1);
	_exit(0);
}

/* ---- the other side */

static void take_output(struct play *p)
{
	ssize_t n = read(p->master, p->seen + p->seen_n, SEEN_SIZE - 1 - p->seen_n);

	if (n <= 0)
		return;
	if (write(STDOUT_FILENO, p->seen + p->seen_n, (size_t)n) != n)
		die("stdout");
	p->seen_n += (size_t)n;
	p->seen[p->seen_n] = '\0';
}

static void take_report(struct play *p)
{
	size_t n = 0;

	while (n < STATE_SIZE - 1 && read(p->report, p->state + n, 1) == 1 && p->state[n] != '\n')
		n++;
	p->state[n] = '\0';
}

static void wait_a_little(struct play *p)
{
	struct pollfd fds[] = {{p->master, POLLIN, 0}, {p->report, POLLIN, 0}};

	(void)poll(fds, 2, SLICE_MS);
	if (fds[0].revents & POLLIN)
		take_output(p);
	if (!p->state[0] && (fds[1].revents & POLLIN))
		take_report(p);
}

static bool see(struct play *p, const char *text)
{
	const char *found = strstr(p->seen + p->passed, text);

	if (found)
		p->passed = (size_t)(found - p->seen) + strlen(text);
	return found != NULL;
}

static bool is_job(struct play *p, const char *state)
{
	bool is = strncmp(p->state, state, strlen(state)) == 0;

	if (is)
		p->state[0] = '\0';
	return is;
}

/* The job's group has the number of its leader, the first thing that was reported. */
static bool is_front(const struct play *p, const char *who, pid_t job)
{
	pid_t front = -1;

	(void)ioctl(p->master, TIOCGPGRP, &front);
	return (front == job) == (strcmp(who, "job") == 0);
}

static void type(const struct play *p, const char *text)
{
	for (; *text; text++) {
		char c = *text;

		if (c == '^' && text[1])
			c = (char)(*++text & 31);
		if (write(p->master, &c, 1) != 1)
			die("type");
	}
}

/* Returns how many words the step took; 0: it was not done in time. */
static int step(struct play *p, char **words, pid_t job)
{
	const char *argument = words[1] ? words[1] : "";
	int64_t end_ms = now_ms() + p->limit_ms;

	if (strcmp(words[0], "limit") == 0) {
		p->limit_ms = strtol(argument, NULL, 10) * 1000;
		return 2;
	}
	if (strcmp(words[0], "type") == 0) {
		type(p, argument);
		return 2;
	}
	if (strcmp(words[0], "fg") == 0 || strcmp(words[0], "bg") == 0) {
		if (write(p->order, words[0], 1) != 1)
			die("order");
		return 1;
	}
	for (;;) {
		if ((strcmp(words[0], "see") == 0 && see(p, argument)) ||
			(strcmp(words[0], "job") == 0 && is_job(p, argument)) ||
			(strcmp(words[0], "front") == 0 && is_front(p, argument, job)))
			return 2;
		if (now_ms() > end_ms)
			return 0;
		wait_a_little(p);
	}
}

static int run(struct play *p, char **steps)
{
	pid_t job;

	take_report(p);
	job = (pid_t)strtol(p->state + strlen("job "), NULL, 10);
	p->state[0] = '\0';
	while (*steps && strcmp(*steps, "--") != 0) {
		int n = step(p, steps, job);

		if (n == 0) {
			fprintf(stderr, "pty: not in time: %s %s (the job: %s)\n", steps[0],
				steps[1] ? steps[1] : "", p->state[0] ? p->state : "goes on");
			(void)kill(-job, SIGKILL);
			return 1;
		}
		steps += n;
	}
	return 0;
}

/* Nothing of it is left behind: what it leaves falls to us. */
static void end_all(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	for (;;) {
		FILE *children = fopen(path, "re");
		int pid;

		while (children && fscanf(children, "%d", &pid) == 1)
			(void)kill(pid, SIGKILL);
		if (children)
			(void)fclose(children);
		if (waitpid(-1, NULL, 0) < 0)
			return;
	}
}

static void be_leader(char **argv, int slave, int order, int report)
{
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		_exit(125);
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(slave, fd) < 0)
			_exit(125);
	lead(argv, order, report);
}

int main(int argc, char *argv[])
{
	static struct play p;
	int order[2];
	int report[2];
	int slave;
	int dashes = 1;
	int status;

	while (dashes < argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	if (dashes + 1 >= argc) {
		fprintf(stderr, "usage: pty STEP... -- COMMAND [ARG...]\n");
		return 125;
	}
	if (openpty(&p.master, &slave, NULL, NULL, NULL) < 0 || pipe2(order, O_CLOEXEC) < 0 ||
		pipe2(report, O_CLOEXEC) < 0 || fcntl(p.master, F_SETFD, FD_CLOEXEC) < 0)
		die("openpty");
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	p.leader = fork();
	if (p.leader < 0)
		die("fork");
	if (p.leader == 0)
		be_leader(argv + dashes + 1, slave, order[0], report[1]);
	(void)close(slave);
	(void)close(report[1]);
	p.limit_ms = LIMIT_S * 1000;
	p.order = order[1];
	p.report = report[0];
	status = run(&p, argv + 1);
	(void)close(p.order);
	(void)close(order[0]);
	end_all();
	return status;
}
