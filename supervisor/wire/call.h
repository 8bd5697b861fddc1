/* call.h - varlink's messages: a call taken apart, replies and errors put together. Pure.
 *
 * Texts are NUL-ended, and the NUL is part of the message: lengths here count it. */
#ifndef WIRE_CALL_H
#define WIRE_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct call {
	json_t *root; /* owns all below */
	const char *method;
	json_t *parameters; /* an object, or NULL: none given */
	bool oneway;
	bool more;
};

/* Takes a message (n bytes, no NUL counted) apart. Returns 0; -EBADMSG: not a JSON object, so not
 * varlink; -EINVAL: an object that is no call, *ret_bad is then the name of the member at fault
 * (valid until call_free). Of a failed call *ret is set as far as it could be understood (oneway
 * tells whether an error may be sent). Free it with call_free in every case. */
int call_parse(const char *text, size_t n, struct call *ret, const char **ret_bad);
void call_free(struct call *call);

/* A reply; parameters is stolen, NULL stands for {}. Returns a text to free with free(), or NULL
 * when memory ran out. */
char *reply_text(json_t *parameters, bool continues, size_t *ret_n);

/* An error; name is qualified ("org.varlink.service.MethodNotFound"), parameters is stolen. */
char *error_text(const char *name, json_t *parameters, size_t *ret_n);

#endif
