/* shell_internal.h - the shell's state, shared by shell.c (events in) and perform.c (actions out).
 */
#ifndef OS_SHELL_INTERNAL_H
#define OS_SHELL_INTERNAL_H

#include "supervisor/os/forward.h"
#include "supervisor/os/loop.h"
#include "supervisor/os/shell.h"
#include "supervisor/os/strays.h"

/* The answer to an ACT_SPAWN, until the engine can take it. One a row: a row has one spawn at a
 * time. */
struct spawn_result {
	uint32_t next; /* rows, in the order of the spawns */
	uint32_t prev;
	uint32_t generation;
	struct end failure; /* kind END_NONE: it runs */
	struct end ran;	    /* how the program of this life ended, for the hook after it */
	enum part part;
	bool pending; /* the engine has not been told yet */
	/* RELOADING=1 of a process that runs. */
	bool reloads;
	int64_t reload_ms; /* when that was last told; 0: never */
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
	struct strays *strays;
	struct strays_asks strays_asks;
	struct status *status;
	struct server *server;
	struct notify *notify;
	struct health *health;
	struct logs *logs;
	struct listeners *listeners; /* NULL: no child has sockets */
	uint32_t terminal_row;	     /* the child that has supd's terminal; ENGINE_NONE */
	struct fd_store *fd_store;
	struct reloads *reloads;
	struct sinks *sinks;	   /* NULL: none */
	struct announce *announce; /* NULL: nobody listens */
	struct ready_pipes *ready_pipes;
	struct watch signals;
	struct forward forward;	     /* with one command: where signals go */
	struct spawn_result *result; /* by row */
	uint32_t result_first, result_last;
	char *notify_path;
	bool reap_again;
	bool draining;
	bool settled;  /* the whole tree has been up once */
	bool stopping; /* a first TERM or INT has come */
	bool finished;
	int exit_status;
	bool use_cgroups;		/* --cgroups: one for each child, where there may be some */
	struct pending_reader *readers; /* READERS_MAX (additions.c) */
	uint64_t additions;		/* names made up so far */
	/* The last start that failed for what the configuration asks for: the child, which may be
	 * gone when that is told, and the place. */
	struct ref failed;
	char failed_place[SHELL_PLACE_SIZE];
};

/* Feeds one event and carries out what follows. */
void shell_feed(struct shell *shell, const struct event *event);

/* The same of a child. It may be ready, or dead, in the very batch of events in which it was
 * spawned: its spawn comes first. */
void shell_feed_of_child(struct shell *shell, const struct event *event);

int additions_open(struct shell *shell);
void additions_close(struct shell *shell);

/* Brings the row of an entry in the status table up to date. */
void write_row(struct shell *shell, uint32_t index);

/* Carries out what the engine wants, until it wants nothing more or a burst of spawns is done. */
void perform_all(struct shell *shell);

#endif
