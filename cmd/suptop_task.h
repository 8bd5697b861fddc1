/* suptop_task.h - a supctl that runs behind the screen of `supctl top`: for what is shown below the
 * tree, and for what a key asks supd to do. The screen never waits for it. */
#ifndef CMD_SUPTOP_TASK_H
#define CMD_SUPTOP_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TASK_LINE = 480, TASK_LINES = 200, TASK_ARGS = 10 };

struct task {
	pid_t pid;     /* 0: none runs */
	int fd;	       /* its output and its complaints; -1: none runs */
	int status;    /* exit status of the one that ended last; -1: none has */
	size_t n;      /* lines that came */
	size_t length; /* of the line that is coming */
	char lines[TASK_LINES][TASK_LINE]; /* line i at i modulo TASK_LINES */
};

void task_init(struct task *task);

/* Ends the one that runs, forgets its lines, and starts `program -d dir args...` (NULL-ended, at
 * most TASK_ARGS). Returns 0 or negative errno. */
int task_start(struct task *task, const char *program, const char *dir, const char *const *args);

/* Ends the one that runs. */
void task_stop(struct task *task);

/* Takes what has come, without waiting. When that was the end, pid is 0 and status is set. */
void task_read(struct task *task);

/* Line i of those that came, which are kept: from task_first on, up to task->n. What is no text is
 * in it as it came. */
size_t task_first(const struct task *task);
const char *task_line(const struct task *task, size_t i);

#endif
