/* shell_internal.h - the shell's state, shared by shell.c (events in) and perform.c (actions out).
 */
#ifndef OS_SHELL_INTERNAL_H
#define OS_SHELL_INTERNAL_H

#include "supervisor/os/loop.h"
#include "supervisor/os/shell.h"

/* The answer to an ACT_SPAWN, until the engine can take it. One a row: a row has one spawn at a
 * time. */
struct spawn_result {
	uint32_t next; /* rows, in the order of the spawns */
	uint32_t prev;
	uint32_t generation;
	struct end failure; /* kind END_NONE: it runs */
	bool pending;	    /* the engine has not been told yet */
};

/* Children being read at once. */
enum { READERS_MAX = 16 };

struct pending_reader;

struct shell {
	const char *dir;
	const struct spec *spec;
	struct loop *loop;
	struct engine *engine;
	struct spawner *spawner;
	struct reaper *reaper;
	struct status *status;
	struct server *server;
	struct notify *notify;
	struct watch signals;
	struct spawn_result *result; /* by row */
	uint32_t result_first, result_last;
	char *notify_path;
	bool notify_used; /* some child is ready = notify */
	bool reap_again;
	bool draining;
	bool stopping; /* a first TERM or INT has come */
	bool finished;
	int exit_status;
	struct pending_reader *readers; /* READERS_MAX (additions.c) */
	uint64_t additions;		/* names made up so far */
};

/* Feeds one event and carries out what follows. */
void shell_feed(struct shell *shell, const struct event *event);

int additions_open(struct shell *shell);
void additions_close(struct shell *shell);

/* Carries out what the engine wants, until it wants nothing more or a burst of spawns is done. */
void perform_all(struct shell *shell);

#endif
