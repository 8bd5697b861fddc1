/* shell.h - the imperative shell: owns the engine, turns kernel events into engine events, carries
 * out actions.
 *
 * One turn of the loop serves in a fixed order: spawn results, notify messages, exits, commands,
 * time. */
#ifndef OS_SHELL_H
#define OS_SHELL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"

struct loop;
struct trouble;
struct shell;
struct solo_options;

/* Sets everything up for the tree in spec (borrowed) with the runtime directory dir (borrowed; it
 * exists, or is a name that begins with '@', for none: sockets that children need are abstract ones
 * of that name, and there is no control). nofile: the limit of descriptors to give back to
 * children. Returns NULL after a message.
 */
struct shell *shell_new(
	const struct spec *spec, const char *dir, const struct rlimit *nofile, bool cgroups);
void shell_free(struct shell *shell);

/* The tree is one command (supd_one.h): every signal goes to it, as the options say. options:
 * borrowed. */
void shell_forward(struct shell *shell, const struct solo_options *options);

/* Boots the tree and supervises it until its root has ended. Returns supd's exit status. */
int shell_run(struct shell *shell);

/* For the server. All indexes are rows of the engine. */
const struct spec *shell_spec(const struct shell *shell);
struct engine *shell_engine(struct shell *shell);
struct loop *shell_loop(struct shell *shell);

/* The mapped status table; its rows are up to date whenever a handler runs. */
const struct status_header *shell_status(const struct shell *shell);
const struct status_record *shell_record(const struct shell *shell, uint32_t index);

/* For readers of the table: so many events happened; one did not reach a subscriber. */
void shell_count_events(struct shell *shell, uint64_t events);
void shell_count_lost(struct shell *shell);

/* Who may connect to the control socket, of this mode and group, may read the status table, too.
 * Returns 0 or negative errno. */
int shell_open_status(struct shell *shell, uint32_t mode, uint32_t gid);

/* What the last failed health check of a process said (health_trouble). */
const struct trouble *shell_trouble(const struct shell *shell, uint32_t index);

/* Hands a command to the engine at once. The answer comes as server_reply with this token, during
 * this call or any later one. */
void shell_command(struct shell *shell, enum command_kind kind, uint32_t index, uint64_t token);

/* Sends a signal to the process group of a running, starting or stopping process. Returns 0, -ESRCH
 * (no process), or another negative errno of kill(2). */
int shell_signal(struct shell *shell, uint32_t index, int signal);

/* Makes a running process stand still, or go on. Returns 0, -ESRCH when it is not running, or
 * another negative errno. */
int shell_suspend(struct shell *shell, uint32_t index, bool suspend);

/* Log files are opened anew. Without effect when there are none. */
void shell_reopen_logs(struct shell *shell);

/* Where the configuration asks for what made a start of that child fail, "FILE:LINE"; "" when
 * something else did, or the place is not known any more. Returns buf. */
enum { SHELL_PLACE_SIZE = 512 };
const char *shell_failed_place(const struct shell *shell, struct ref ref, const struct end *end,
	char buf[static SHELL_PLACE_SIZE]);

/* Begins the orderly stop; brutal: SIGKILL everywhere. */
void shell_shutdown(struct shell *shell, bool brutal);

#endif
