/* server_internal.h - what the server's files share; for them alone.
 *
 * Rules that keep it simple:
 * - A client is freed in its own handler (client_ready) or in server_free, nowhere else. All other
 *   code may only queue output for it and arm its watch; so whoever holds a client during a call
 *   into the shell, which may answer and report at once, still holds it afterwards.
 * - The shell is called from handlers (a message taken from a client's input) and, to stop tasks
 *   whose caller is gone, from server_time; never out of server_reply or server_report: those run
 *   while the shell drains the engine.
 * - Calls of one connection are answered in their order: while one awaits its answer nothing more
 *   is taken from the input, and reading stops. A oneway call is not awaited, only counted. */
#ifndef OS_SERVER_INTERNAL_H
#define OS_SERVER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <jansson.h>

#include "supervisor/engine/engine.h"
#include "supervisor/os/loop.h"
#include "supervisor/wire/call.h"
#include "supervisor/wire/frame.h"
#include "supervisor/wire/history.h"
#include "supervisor/wire/methods.h"

enum {
	CLIENTS_MAX = 256,		  /* beside those whose linked task runs, */
	LINKED_MAX = 8192,		  /* and those */
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
	STOPS_A_TURN = 64,	/* of tasks whose caller is gone */
	STOP_PAUSE_MS = 20,	/* when the engine takes no more commands */
	WORDS_MAX = 4096,	/* of a command, or settings */
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

/* What answers an outstanding call. */
enum pending_kind {
	PENDING_COMMAND, /* that it is done */
	PENDING_ADD,	 /* the new child */
	PENDING_LINK,	 /* the new task, and when it has ended, how */
};

/* A command that the engine has not answered yet, or a linked task that runs. */
struct pending {
	uint64_t token; /* 0: free */
	struct client *client;
	char *path; /* malloc: the full path of what it is about */
	int64_t deadline_ms;
	uint32_t heap_at; /* in server->heap, HEAP_NONE: no time-out */
	uint32_t row;	  /* LINK: of the task once it runs; else ENGINE_NONE */
	uint8_t kind;	  /* enum pending_kind */
	bool oneway;
	bool nameless; /* path is that of the supervisor: the child's name is not known yet */
};

/* The descriptors that came with one message. */
struct passed {
	int fd[3]; /* owned */
	uint32_t n;
	uint32_t after; /* whole messages to be taken before that one */
	bool lost;	/* some did not come through: supd has room for no more */
};

/* A row's task and who is linked to it. */
struct link {
	uint64_t token;		  /* of the call; 0: nobody */
	uint32_t generation;	  /* of the task */
	uint32_t stop_generation; /* of the task that is to be stopped */
	uint32_t stop_next;	  /* row, in the list of those to be stopped */
	bool stop;		  /* it is in that list */
};

struct client {
	struct watch watch; /* owns watch.fd */
	struct server *server;
	struct client *prev, *next;	      /* in server->subscribers (utlist) */
	struct client *pace_prev, *pace_next; /* in server->pace.waiting */
	uint32_t slot;			      /* in server->clients */
	uint32_t interest;
	enum role role;
	struct ucred peer; /* who it is, by the kernel */
	struct frames in;
	struct passed passed[2]; /* of the message under way, and of one after it */
	uint32_t n_passed;

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

	bool waits;    /* for its turn to read; the call is still in its input */
	bool may_read; /* its turn has come */
	bool running;  /* its handler is on the stack */
	bool closing;  /* it broke the protocol: send what is owed, then close */
	bool eof;      /* it will send nothing more */
	bool deaf;     /* it takes no more output: answers are dropped, its casts still count */
	bool hung_up;  /* it is gone; what it sent before is still served */
	bool dead;     /* no memory for it: close at once */
};

/* How often clients may read. */
struct pace {
	int64_t tokens; /* below 0: what was answered cost more than there was */
	int64_t at_ms;	/* as of then */
	struct client *waiting;
};

struct server {
	struct watch listener; /* owns listener.fd */
	struct shell *shell;
	char *path; /* malloc: of the socket */
	dev_t dev;  /* the socket file that is ours */
	ino_t ino;
	uid_t uid;
	struct client **clients; /* malloc; by slot, NULL: free */
	uint32_t clients_size;
	uint32_t free_slot; /* none is free below it */
	uint32_t n_clients;
	uint32_t n_linked; /* of them: with a linked task that runs */
	struct client *subscribers;
	uint32_t n_subscribers;
	struct link *links;  /* malloc: by row of the engine; NULL until the first is needed */
	uint32_t stop_first; /* row, ENGINE_NONE: none is to be stopped */
	uint32_t stop_last;
	int64_t stop_again_ms; /* not before */
	uint64_t serial;       /* of tokens */
	uint64_t seq;	       /* of events */
	struct history history;
	size_t out_bytes;
	struct pace pace;
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

/* Sets mode and group of the socket at path. Returns 0 or negative errno. */
int listen_control_open_to(const char *path, uint32_t mode, uint32_t gid);

/* ---- server_peer.c */

/* Who is at the other end of fd, and what it may ask for. Returns false: nothing. */
bool peer_role(const struct server *server, int fd, struct ucred *ret_peer, enum role *ret_role);

/* ---- server_client.c */

/* Takes fd, a new connection of peer. Returns 0, or negative errno, and fd is still the caller's.
 */
int client_new(struct server *server, int fd, const struct ucred *peer, enum role role);
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
struct pending *pending_new(struct client *client, enum pending_kind kind, const char *path,
	int64_t timeout_ms, bool oneway);
struct pending *pending_find(const struct server *server, uint64_t token);
void pending_free(struct pending *pending);

/* The outstanding call that is due by now_ms, or NULL. */
struct pending *pending_due(const struct server *server, int64_t now_ms);

/* It has no time-out any more. */
void pending_untime(struct pending *pending);

/* Was this the token of a call that links its caller to a task? Also when the call is over. */
bool token_links(uint64_t token);

/* ---- server_methods.c */

/* Serves one message of n bytes. Returns false when the client has to wait for its turn with it. */
bool client_message(struct client *client, const char *text, size_t n);

void request_reply(const struct request *request, json_t *parameters);
void request_error(const struct request *request, enum error_id error, json_t *parameters);
void request_invalid(const struct request *request, const char *parameter);

/* Says that what is at path, in row index, is in a state that forbids it. */
void request_invalid_state(const struct request *request, const char *path, uint32_t index);

/* Answers an outstanding call with an error, or for ERROR_COUNT with parameters (NULL: {}), and
 * ends it. */
void pending_answer(struct pending *pending, enum error_id error, json_t *parameters);

/* Sends a reply that another one follows. */
void pending_continue(struct pending *pending, json_t *parameters);

/* Finds the entry that path names. Returns false after an error was sent. */
bool request_find(const struct request *request, const char *path, uint32_t *ret_index);

/* The same of the parameter path (NULL: the root), with its full path. */
bool request_path(const struct request *request, uint32_t *ret_index, char full[PATH_SIZE]);

/* The parameter timeout_ms, 0: none. Returns false after an error was sent. */
bool request_timeout(const struct request *request, int64_t *ret_ms);

/* ---- server_passed.c: descriptors that come with messages (SCM_RIGHTS). They belong to the
 * message in which the bytes end that were sent with them; the first three count. */

/* recv, and takes what descriptors come. */
ssize_t passed_receive(struct client *client, char *bytes, size_t size);

/* Those of the message that was just taken: they are the caller's then. Returns how many there are,
 * or -ENFILE when some did not come through. */
int passed_take(struct client *client, int ret_fd[3]);

/* The message that was taken is served. */
void passed_served(struct client *client);
void passed_drop_all(struct client *client);

/* ---- server_links.c: tasks and the calls that are linked to them */

/* To be called before a call may link. Returns 0, -ENOMEM or -EMFILE (LINKED_MAX are linked). */
int links_open(struct server *server);

/* The task ref runs: its call waits for its end. */
void link_begin(struct pending *pending, struct ref ref);

/* The call is over before the task is. */
void link_cut(struct server *server, uint32_t row);

/* The task ref runs, but the call that asked for it is over. */
void link_orphan(struct server *server, struct ref ref);

/* For each ACT_REPORT. */
void links_report(struct server *server, const struct action *action);

/* The answer to a stop of ours. */
bool links_reply(struct server *server, const struct action *action);

int64_t links_deadline_ms(const struct server *server);
void links_time(struct server *server, int64_t now_ms);

/* ---- server_pace.c */

void pace_init(struct pace *pace, int64_t now_ms);

/* May the client be served a call that only reads? If not it waits from now on, and its handler is
 * called when its turn has come. */
bool pace_take(struct client *client);

/* What the answer to such a call has cost. */
void pace_charge(struct client *client, const struct method *method, size_t bytes);

/* It does not wait any more. */
void pace_leave(struct client *client);
int64_t pace_deadline_ms(const struct server *server);
void pace_time(struct server *server, int64_t now_ms);

/* ---- server_add.c, server_look.c, server_impact.c, server_reload.c, server_status.c,
 * server_events.c, server_subscribe.c */

void method_start_child(const struct request *request);
void method_run(const struct request *request);

/* Start of a dynamic supervisor that runs: one instance. */
void start_instance(
	const struct request *request, uint32_t index, const char *path, int64_t timeout_ms);

void method_count(const struct request *request);
void method_where_is(const struct request *request);
void method_inspect(const struct request *request);
void method_impact(const struct request *request);

void method_reload(const struct request *request);

void method_status(const struct request *request);
void method_subscribe(const struct request *request);

/* An event: who asked for what. Of calls that only read there is none. */
void request_note(const struct request *request);

#endif
