/* server.h - the control socket DIR/control: varlink over a stream socket, many clients, nobody
 * waited for.
 *
 * Each client has bounds: the size of a message, the calls outstanding, the bytes and events not
 * yet read by it. What goes over a bound costs that client alone its connection, its call or its
 * events. */
#ifndef OS_SERVER_H
#define OS_SERVER_H

#include <stdint.h>

#include "supervisor/engine/engine.h"
#include "supervisor/status_table.h"
#include "supervisor/wire/history.h"

struct shell;
struct server;

/* With a dir that begins with '@' there is no directory, and nobody can connect. Else:
 *
 * Binds and listens on DIR/control (mode 0600) and adds it to the shell's loop; an old socket that
 * nobody answers on is replaced. Returns NULL with errno: EADDRINUSE when a living supd answers
 * there. */
struct server *server_new(struct shell *shell, const char *dir);

/* The section control of the shell's specification holds from now on: mode and group of the socket,
 * who may read the status table, and the roles of clients to come. Returns 0 or negative errno. */
int server_control(struct server *server);

/* For each ACT_REPLY, and for each ACT_REPORT after the status table has it. Never block, never
 * fail. */
void server_reply(struct server *server, const struct action *action);
void server_report(struct server *server, const struct action *action);

/* A change of health, after the status table has it. As those. */
void server_health(
	struct server *server, uint32_t index, enum health_word from, enum health_word to);

/* Something else happened to the child in row index, as those; type is not STATE, HEALTH, OPERATOR.
 */
void server_event(struct server *server, uint32_t index, enum event_type type, enum event_word from,
	enum event_word to);

/* The events so far, and the number of the last one. */
const struct history *server_history(const struct server *server);
uint64_t server_events(const struct server *server);

/* A call that the engine has nothing to do with is done. */
void server_done(struct server *server, uint64_t token);

/* A call that never reached the engine is answered: StartFailed with the reason. */
void server_refuse(struct server *server, uint64_t token, const char *reason);

/* The time-outs of calls: when the next is due (INT64_MAX: none), and serving those that are. */
int64_t server_deadline_ms(const struct server *server);
void server_time(struct server *server, int64_t now_ms);

/* Sends what can be sent without waiting, closes everything, removes the socket. */
void server_free(struct server *server);

#endif
