/* source_internal.h - between source.c (statements), skip.c (what is left out), include.c (files)
 * and emit.c (what comes out).
 */
#ifndef CONFIG_SOURCE_INTERNAL_H
#define CONFIG_SOURCE_INTERNAL_H

#include <sys/types.h>

#include "config/scan.h"
#include "config/source.h"

enum { BLOCKS_MAX = SPEC_DEPTH_MAX + 4, INCLUDE_DEPTH_MAX = 16, FILES_MAX = 10000 };

/* A section that is open. */
struct block {
	const struct key *key;
	struct place place;
	enum context inside;
	bool damaged;
};

/* The files of one include statement, one after the other; at the bottom the main file. */
struct include {
	const char *const *paths;
	size_t n;
	size_t next;
	struct scanner scanner; /* of the file being read, paths[next - 1] */
	dev_t device;
	ino_t inode;
	uint32_t blocks; /* open when the include statement came */
};

struct load {
	struct reading *r;
	struct source *source;
	struct include includes[INCLUDE_DEPTH_MAX];
	uint32_t depth; /* includes in use */
	size_t files;	/* read so far */
	struct block blocks[BLOCKS_MAX];
	uint32_t open;
	uint32_t supervisors; /* of them */
	struct block file;    /* stands for the level of the file itself */
	bool failed;	      /* out of memory */
};

/* The scanner of the file being read. */
struct scanner *load_scanner(struct load *l);

/* A line of the file being read. */
struct place load_place(struct load *l, unsigned line);

/* Writes text, a value, a mark for the callback of a value; opens and closes a section. A titled
 * section without title gets one that nobody else has. */
void emit(struct load *l, const char *text);
void emit_value(struct load *l, const struct token *token);
void emit_mark(struct load *l, const struct key *key, unsigned line, bool first, bool empty);
void open_block(struct load *l, const struct key *key, unsigned line, const struct token *title);
void close_block(struct load *l);

/* include(...): word was taken; takes the rest and opens the files. */
void load_include(struct load *l, const struct token *word);

/* Opens the next file of the innermost include. Returns false when there is none left. */
bool load_next_file(struct load *l);

/* Reports a wrong statement; what follows may be odd, so the section counts as damaged. */
#define SYNTAX(l, line, ...)                                                                  \
	do {                                                                                  \
		findings_error((l)->r->findings, load_place(l, line), "syntax", __VA_ARGS__); \
		load_damaged(l);                                                              \
	} while (0)

/* A '{' was taken at line; takes all to its '}'. */
void load_skip_block(struct load *l, unsigned line);

/* Does a value come next, or did the statement that began at line break off, and the next one
 * begins? */
bool load_value_follows(struct load *l, unsigned line);

/* Takes what looks like the rest of a statement whose key, at line, was refused. */
void load_skip_statement(struct load *l, unsigned line);

/* Takes what is left of (...) on this line. */
void load_skip_arguments(struct load *l, unsigned line);

/* Something of the innermost section is left out. */
void load_damaged(struct load *l);

#endif
