/* logs_internal.h - between logs.c (suplog's life), logs_children.c (whose output is logged) and
 * logs_send.c (what suplog is told). */
#ifndef OS_LOGS_INTERNAL_H
#define OS_LOGS_INTERNAL_H

#include "supervisor/os/logs.h"
#include "supervisor/os/loop.h"
#include "supervisor/os/reap.h"
#include "supervisor/wire/log_message.h"

/* The two pipes of a child; with one for both it is the first. */
enum { LOGGED_OUT, LOGGED_ERR, LOGGED_PIPES };

/* What suplog has still to be told of a child, in this order. */
enum {
	TELL_OUT = 1u << 0,
	TELL_ERR = 1u << 1,
	TELL_EXITED = 1u << 2,
	TELL_STARTED = 1u << 3,
	TELL_REMOVED = 1u << 4,
};

/* A child whose output is logged, or one that is no more and whose last lines suplog still reads.
 */
struct logged {
	uint32_t id;	       /* its index in messages */
	uint32_t generation;   /* tells it from who had the id before */
	uint32_t row;	       /* ENGINE_NONE: it is no more */
	pid_t pid;	       /* 0: none runs */
	int in[LOGGED_PIPES];  /* the reading ends; -1: there is no such pipe */
	int out[LOGGED_PIPES]; /* the writing ends; -1 also when it is no more */
	struct logged *next;   /* in the queue; and of those that are no more, by age */
	struct logged *prev;
	struct logged *older;
	struct logged *newer;
	unsigned tell; /* TELL_ bits; not 0: it stands in the queue */
	bool merged;
	struct log_settings settings; /* file points into texts */
	char texts[];		      /* path, file */
};

/* Who has an id. */
struct log_id {
	struct logged *logged; /* NULL: nobody */
	uint32_t next_free;
};

struct logs {
	struct shell *shell;
	char *suplog;  /* its path; NULL: it was not found */
	char *sockets; /* DIR/logs */
	int listener;  /* there; -1 while nothing was ever logged, as the next four */
	int journal;   /* the memfd */
	int stage[2];  /* the stage pipe */
	int null;      /* /dev/null, to write to */
	bool is_open;  /* these are there */
	struct helper helper;
	struct watch watch; /* our end of the socket; fd -1: no suplog */
	bool wants_room;    /* watched for EPOLLOUT, too */
	bool reopen;	    /* to be told */
	bool drain;	    /* to be told */
	bool drained;	    /* was told */
	int64_t start_ms;   /* suplog is to be started; INT64_MAX: not */
	int64_t retry_ms;   /* the queue is to be tried again; INT64_MAX: not by time */
	int64_t began_ms;   /* when it was started last */
	int64_t delay_ms;   /* before the next start, when it dies soon again */
	/* children */
	uint32_t capacity;
	uint32_t generation;	/* the last one that was given */
	struct logged **by_row; /* capacity; NULL until the first */
	struct log_id *id;
	uint32_t ids;			/* room there */
	uint32_t free_id;		/* the first of those that nobody has; ENGINE_NONE */
	struct logged *first, *last;	/* the queue */
	struct logged *oldest, *newest; /* of those that are no more */
	uint32_t n_leaving;
};

/* ---- logs.c */

/* suplog is there, or will be started. Returns 0 or negative errno. */
int logs_need(struct logs *logs);

/* ---- logs_start.c */

/* Whoever may connect to the control socket may connect to DIR/logs. Returns 0 or negative errno.
 */
int logs_open_to_readers(const struct logs *logs);

/* Starts a suplog with its end of the socket. Returns its pid, or -1 and *ret_failure. */
pid_t logs_spawn(struct logs *logs, int socket, struct end *ret_failure);

/* ---- logs_children.c */

/* All that suplog has to know of a child is to be told. */
void logs_tell_all(struct logs *logs);

/* suplog has written all of a child that is no more. */
void logs_gone(struct logs *logs, uint32_t id, uint32_t generation);
void logs_close_writers(struct logs *logs);
void logs_forget_all(struct logs *logs);

/* ---- logs_send.c */

void logs_tell(struct logs *logs, struct logged *logged, unsigned what);
void logs_untell(struct logs *logs, struct logged *logged);

/* Says as much as the socket takes. Returns 0 when nothing is left, -EAGAIN when it takes no more,
 * -ENOBUFS when the kernel wants time, -EPIPE when suplog is not there. */
int logs_send(struct logs *logs);

/* What suplog says. Returns false when it says nothing more, ever. */
bool logs_hear(struct logs *logs);

#endif
