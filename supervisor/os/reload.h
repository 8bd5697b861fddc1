/* reload.h - a process is told to read its configuration again: by its reload_signal, or by its
 * reload_command, which runs beside it. */
#ifndef OS_RELOAD_H
#define OS_RELOAD_H

#include <stdint.h>

struct shell;
struct reloads;

/* Returns NULL when memory ran out. */
struct reloads *reloads_new(struct shell *shell);

/* Commands that still run are killed; who asked is not answered. */
void reloads_free(struct reloads *reloads);

/* Reloads the running process in row index. Returns 0: the signal is sent; 1: the answer comes as
 * server_done or server_refuse with this token, when the command has ended; -ESRCH: it does not
 * run; -EAGAIN: too many reload at once; or another negative errno. */
int shell_reload(struct shell *shell, uint32_t index, uint64_t token);

/* The time-outs of commands: when the next is due (INT64_MAX: none), and serving it. */
int64_t reloads_deadline_ms(const struct reloads *reloads);
void reloads_time(struct reloads *reloads, int64_t now_ms);

#endif
