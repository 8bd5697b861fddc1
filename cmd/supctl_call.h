/* supctl_call.h - a connection to DIR/control, and calls over it, each with a deadline. */
#ifndef CMD_SUPCTL_CALL_H
#define CMD_SUPCTL_CALL_H

#include <jansson.h>
#include <stdint.h>

#include "cmd/supctl.h"
#include "supervisor/wire/client.h"
#include "supervisor/wire/frame.h"

struct connection {
	int fd; /* -1: closed */
	struct frames frames;
};

/* Deadlines are of now_ms(); INT64_MAX: none. All return 0 or negative errno: -ETIMEDOUT when the
 * deadline comes first, -ECONNRESET when supd closes the connection, -EBADMSG when it answers
 * something that is not varlink. */
int connection_open(struct connection *connection, const char *dir, int64_t deadline_ms);

/* The same to another socket in dir: "logs". */
int connection_open_to(
	struct connection *connection, const char *dir, const char *name, int64_t deadline_ms);
void connection_close(struct connection *connection);

/* Sends a call; parameters is stolen. flags: enum client_flags. */
int connection_send(struct connection *connection, const char *method, json_t *parameters,
	unsigned flags, int64_t deadline_ms);

/* The same, and with its first bytes go copies of descriptors 0, 1 and 2. */
int connection_send_stdio(struct connection *connection, const char *method, json_t *parameters,
	unsigned flags, int64_t deadline_ms);

/* Takes the next reply, which client_reply_free ends. */
int connection_receive(
	struct connection *connection, int64_t deadline_ms, struct client_reply *ret);

/* Single objects, where no calls are made; object is stolen, *ret the caller's. */
int connection_send_json(struct connection *connection, json_t *object, int64_t deadline_ms);
int connection_receive_json(struct connection *connection, int64_t deadline_ms, json_t **ret);

/* Opens, sends and takes the one reply of a call that supd answers at once; complains when that
 * fails. Returns an enum supctl_exit; after SUPCTL_DONE *ret holds a reply without an error. */
int call_once(const struct request *request, const char *method, struct client_reply *ret);

/* Sends a call about path, which supd answers within timeout_ms (SPEC_INFINITY: no limit), and
 * takes its one reply, an error too; parameters is stolen. Returns an enum supctl_exit, after a
 * complaint when it is not SUPCTL_DONE. */
int call_wait(const struct request *request, const char *method, json_t *parameters,
	struct client_reply *ret);

/* Adds timeout_ms to the parameters of a call, as the command line wants it. Consumes parameters;
 * returns them, or NULL when memory ran out. */
json_t *with_timeout(const struct request *request, json_t *parameters);

/* What is left until a deadline: for poll, in milliseconds, -1 without one. */
int left_ms(int64_t deadline_ms);

/* supd keeps time-outs itself; so much later it must be hung. */
int64_t deadline_with_grace(int64_t timeout_ms);

/* Says why supd cannot be reached, or does not answer. Returns the exit status that follows. */
int complain_unreachable(const struct request *request, int error);

/* Says that supd refused what verb asked of path (NULL: of no child), and what to try. Returns the
 * exit status that follows. */
int complain_refused(
	const struct request *request, const char *path, const struct client_reply *reply);

#endif
