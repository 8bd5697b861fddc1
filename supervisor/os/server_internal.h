/* server_internal.h - what the server's files share; for them alone.
 *
 * Rules that keep it simple:
 * - A client is freed in its own handler (client_ready) or in server_free, nowhere else. All other
 *   code may only queue output for it and arm its watch; so whoever holds a client during a call
 *   into the shell, which may answer and report at once, still holds it afterwards.
 * - The shell is called from handlers only (a message taken from a client's input), never out of
 *   server_reply, server_report or server_time: those run while the shell drains the engine.
 * - Calls of one connection are answered in their order: while one awaits its answer nothing more
 *   is taken from the input, and reading stops. A oneway call is not awaited, only counted. */
#ifndef OS_SERVER_INTERNAL_H
#define OS_SERVER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "supervisor/engine/engine.h"
#include "supervisor/os/loop.h"
#include "supervisor/wire/call.h"
#include "supervisor/wire/frame.h"
#include "supervisor/wire/methods.h"

enum {
	CLIENTS_MAX = 256,
	CALLS_MAX = 64,			  /* outstanding, a client */
	CALLS_A_TURN = 64,		  /* taken from one client before others have theirs */
	EVENTS_MAX = 1000,		  /* queued for one client, */
	EVENT_BYTES_MAX = 1024 * 1024,	  /* and their bytes */
	OUT_LOW = 64 * 1024,		  /* with more unsent, no further call is begun */
	OUT_TOTAL_MAX = 64 * 1024 * 1024, /* unsent for all clients together, by Status */
	READ_SIZE = 16 * 1024,		  /* at once from one client */
	PATH_SIZE = 4096,		  /* a path is at most SPEC_DEPTH_MAX names long */
	PATHS_MAX = 1024,		  /* in one Status */
	PATTERN_MAX = 256,		  /* bytes, in one Subscribe */
	CANDIDATES_MAX = 16,		  /* named in Ambiguous */
	ACCEPTS_A_TURN = 16,
	ACCEPT_PAUSE_MS = 1000, /* without descriptors or memory for a new client */
};

/* timeout_ms: from 1 to a year. */
#define TIMEOUT_MS_MAX ((int64_t)365 * 24 * 3600 * 1000)

#define HEAP_NONE UINT32_MAX

/* A text on its way to one client or, an event, to many. */
struct blob {
	char *text; /* malloc */
	size_t n;
	uint32_t refs;
};

struct out {
	struct out *next;
	struct blob *blob;
	bool event;
};

/* A command that the engine has not answered yet. */
struct pending {
	uint64_t token; /* 0: free */
	struct client *client;
	char *path; /* malloc: the full path of what it is about */
	int64_t deadline_ms;
	uint32_t heap_at; /* in server->heap, HEAP_NONE: no time-out */
	bool oneway;
};

struct client {
	struct watch watch; /* owns watch.fd */
	struct server *server;
	uint32_t slot; /* in server->clients */
	uint32_t interest;
	enum role role;
	struct frames in;

	struct out *out_first;
	struct out **out_end;
	size_t out_offset; /* bytes of out_first already sent */
	size_t out_bytes;

	struct pending calls[CALLS_MAX];
	uint32_t n_calls;
	uint32_t turn;		 /* calls that it may still make before others have their turn */
	struct pending *awaited; /* the call whose answer is owed next, NULL: none */

	char *pattern; /* malloc: subscribed, NULL: not */
	uint32_t events;
	size_t event_bytes;
	uint64_t events_lost;

	bool running; /* its handler is on the stack */
	bool closing; /* it broke the protocol: send what is owed, then close */
	bool eof;     /* it will send nothing more */
	bool deaf;    /* it takes no more output: answers are dropped, its casts still count */
	bool hung_up; /* it is gone; what it sent before is still served */
	bool dead;    /* no memory for it: close at once */
};

struct server {
	struct watch listener; /* owns listener.fd */
	struct shell *shell;
	char *path; /* malloc: of the socket */
	dev_t dev;  /* the socket file that is ours */
	ino_t ino;
	uid_t uid;
	struct client *clients[CLIENTS_MAX];
	uint32_t n_clients;
	uint32_t n_subscribers;
	uint64_t serial; /* of tokens */
	uint64_t seq;	 /* of events */
	size_t out_bytes;
	int64_t accept_again_ms; /* INT64_MAX: accepting */
	struct pending **heap;	 /* malloc: calls with a time-out, the earliest first */
	uint32_t heap_n;
	uint32_t heap_size;
};

/* One call being handled. */
struct request {
	struct client *client;
	struct call *call;
	const struct method *method;
	struct args args;
};

/* ---- server_listen.c */

/* Binds and listens at path, mode 0600 from its first moment. Returns the descriptor (CLOEXEC,
 * NONBLOCK) or negative errno; -EADDRINUSE when somebody answers there. */
int listen_control(const char *path);

/* ---- server_client.c */

/* Takes fd, a new connection. Returns 0, or negative errno, and fd is still the caller's. */
int client_new(struct server *server, int fd);
void client_free(struct client *client);

/* Queues a text (malloc, stolen; NULL: there was no memory for it, and the client is lost). */
void client_send(struct client *client, char *text, size_t n);
int client_queue(struct client *client, struct blob *blob, bool event);

/* Sends what can be sent without waiting. */
void client_flush(struct client *client);

/* Watches for what the client needs next; to be called after any change of it. */
void client_arm(struct client *client);

struct blob *blob_new(char *text, size_t n); /* text is stolen, also on failure */
void blob_put(struct blob *blob);

/* ---- server_calls.c */

/* Makes a call outstanding; path is copied, timeout_ms 0: none. Returns NULL without memory; the
 * caller saw to it that fewer than CALLS_MAX are outstanding. */
struct pending *pending_new(
	struct client *client, const char *path, int64_t timeout_ms, bool oneway);
struct pending *pending_find(const struct server *server, uint64_t token);
void pending_free(struct pending *pending);

/* The outstanding call that is due by now_ms, or NULL. */
struct pending *pending_due(const struct server *server, int64_t now_ms);

/* ---- server_methods.c */

/* Serves one message of n bytes. */
void client_message(struct client *client, const char *text, size_t n);

void request_reply(const struct request *request, json_t *parameters);
void request_error(const struct request *request, enum error_id error, json_t *parameters);

/* Answers an outstanding call with an error, or {} for ERROR_COUNT, and ends it. */
void pending_answer(struct pending *pending, enum error_id error, json_t *parameters);

/* Finds the entry that path names. Returns false after an error was sent. */
bool request_find(const struct request *request, const char *path, uint32_t *ret_index);

/* ---- server_status.c, server_events.c */

void method_status(const struct request *request);
void method_subscribe(const struct request *request);

#endif
