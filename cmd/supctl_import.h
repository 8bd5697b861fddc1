/* supctl_import.h - what the readers of other supervisors' files share: `supctl import`.
 *
 * A converter writes a configuration of supd, with a comment wherever the meaning differs, so that
 * nothing of the file is dropped in silence. */
#ifndef CMD_SUPCTL_IMPORT_H
#define CMD_SUPCTL_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

struct out;

/* ---- an ini file as supervisord reads it */

/* One "key = value"; a section's own line has no key. Strings lie in the file's text. */
struct ini_entry {
	const char *section; /* "program:web" */
	const char *key;     /* NULL: here the section begins */
	const char *value;
	const char *file;
	unsigned line;
};

struct ini {
	struct ini_entry *entries;
	size_t n;
	size_t room;
};

/* Reads text, which is cut into pieces in place and stays the caller's; file is for messages.
 * Comments are lines that begin with ; or #, and what follows " ;". A line that begins with a blank
 * goes on with the value before it. Complains and returns -EINVAL, or -ENOMEM. */
int ini_read(struct ini *ini, char *text, const char *file);
void ini_free(struct ini *ini);

/* The value of a key in the section that begins at entry number `section`; the last one counts.
 * NULL: it is not there. */
const char *ini_value(const struct ini *ini, size_t section, const char *key);

/* ---- words of a configuration */

/* What supervisord's %(…)s may stand for. */
struct import_names {
	const char *program;
	const char *group;
	const char *here;     /* the file's directory */
	const char *instance; /* what %(process_num)d becomes */
};

enum import_quoting {
	IMPORT_PLAIN,	   /* nothing is special */
	IMPORT_SPECIFIERS, /* supd expands %n in it: a percent sign is doubled */
};

/* text in the double quotes of supd.conf(5), with supervisord's expansions made those of supd.
 * names NULL: it has none. Returns malloc'd text, or NULL when memory ran out. */
char *import_quote(const struct import_names *names, const char *text, enum import_quoting quoting);

/* A name for a child, made of text: no '/', at most 63 bytes. */
void import_name(const char *text, char name[static 64]);

/* ---- converters. Each writes to out; returns 0 or negative errno after a complaint. */

/* Writes the process of the program whose section begins at entry number `section`. depth: how many
 * tabs in front. */
int import_program(
	struct out *out, const struct ini *ini, size_t section, const char *group, unsigned depth);

int import_supervisord(struct out *out, const struct ini *ini);

/* text is cut into pieces in place. file is for messages, and .env beside it is thought of. */
int import_procfile(struct out *out, char *text, const char *file);

#endif
