/* client.h - the other side: calls put together, replies taken apart; for supctl. Pure.
 *
 * Framing is frame.h's. Lengths of texts count their NUL, which is sent too. */
#ifndef WIRE_CLIENT_H
#define WIRE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum client_flags { CLIENT_ONEWAY = 1, CLIENT_MORE = 2 };

/* A call of a qualified method ("org.supd.Supervisor.Ping"); parameters is stolen, NULL: none;
 * flags are of enum client_flags. Returns a text to free, or NULL when memory ran out. */
char *client_call(const char *method, json_t *parameters, unsigned flags, size_t *ret_n);

struct client_reply {
	json_t *root;	    /* owns all below */
	const char *error;  /* qualified name, NULL: none */
	json_t *parameters; /* an object, or NULL */
	bool continues;	    /* more replies to the same call follow */
};

/* Takes a reply (n bytes, no NUL counted) apart; unknown members are let be. Returns 0, or
 * -EBADMSG. Free it with client_reply_free after success. */
int client_reply_parse(const char *text, size_t n, struct client_reply *ret);
void client_reply_free(struct client_reply *reply);

/* A reply's error in words for people, with path in it where it has one: "web/app is running",
 * "no child named web/app". Returns buf, cut to size. */
const char *client_error_words(const struct client_reply *reply, char *buf, size_t size);

#endif
