/* announce.h - what supd says of itself to the service manager that started it (sd_notify(3)):
 * READY=1 when its tree is up, STOPPING=1 when it stops, STATUS in words. */
#ifndef OS_ANNOUNCE_H
#define OS_ANNOUNCE_H

#include "supervisor/engine/engine.h"

struct announce;
struct loop;

/* path: of NOTIFY_SOCKET, '@' before the name of an abstract one; NULL or "": nobody listens.
 * Returns NULL then, and, after a message, when there is no such socket. */
struct announce *announce_new(struct loop *loop, const char *path);
void announce_free(struct announce *announce);

/* The root has entered a state. announce may be NULL. Never waits: what the other side has no room
 * for goes as soon as it has. */
void announce_root(struct announce *announce, enum child_state state);

#endif
