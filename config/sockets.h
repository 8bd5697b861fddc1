/* sockets.h - a socket as the configuration writes it: KIND:ADDRESS[,OPTION=VALUE]...
 *
 *     tcp:127.0.0.1:8080       tcp:[::1]:8080,reuseport       udp:*:53,name=dns
 *     unix:/run/app.sock,mode=0660,user=app,group=www         unix:@name,type=seqpacket */
#ifndef CONFIG_SOCKETS_H
#define CONFIG_SOCKETS_H

#include <stdbool.h>

#include "config/arena.h"
#include "config/findings.h"
#include "config/spec.h"
#include "config/users.h"

/* What it says; of *spec, the texts are not yet set. */
struct socket_words {
	const char *text; /* all of it */
	const char *address;
	const char *path; /* NULL: it is not unix */
	const char *name;
	struct socket_spec spec;
};

/* Reads text, whose specifiers are expanded. Returns false after reporting what is wrong. */
bool socket_read(struct arena *arena, struct users *users, struct findings *f, struct place place,
	const char *text, struct socket_words *ret);

#endif
