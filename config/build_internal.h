/* build_internal.h - between build.c (the tree), build_sup.c (one supervisor), build_process.c (one
 * process) and build_copies.c (how often it stands in the tree). */
#ifndef CONFIG_BUILD_INTERNAL_H
#define CONFIG_BUILD_INTERNAL_H

#include "config/build.h"
#include "config/names.h"
#include "config/specifiers.h"
#include "config/users.h"

/* The environment computed last, and from what: children with the same settings share it. */
struct last_environment {
	const char *user;
	const char *file;
	const char **items;
	size_t n;
	struct strs strs;
	bool there;
};

/* Filters of system calls that were compiled lately, and from what: children with the same settings
 * share them, wherever those stand. */
enum { FILTERS_KEPT = 8 };
struct last_filter {
	const char *profile; /* NULL: none */
	struct strs allow;
	struct strs deny;
	int action;
	uint32_t filter; /* in the block */
};

struct socket_owner;

struct build {
	struct reading *r;
	const struct build_request *request;
	struct spec_builder *b;
	struct users users;
	struct names names;
	struct last_environment last;
	struct last_filter filters[FILTERS_KEPT];
	size_t n_filters;		/* compiled so far */
	struct record process_defaults; /* the defaults of the contract: every key is set */
	struct record supervisor_defaults;
	const struct record *outer;    /* what the root inherits for the processes below it */
	struct socket_owner *sockets;  /* by address (build_surroundings.c) */
	const struct record *terminal; /* the process that has it */
	size_t nodes;
	bool full; /* SPEC_NODES_MAX is reached, and reported */
};

/* What all nodes that come from one process section have in common. */
struct process {
	uint32_t child;
	struct proc_spec proc; /* without environment */
	struct strs environment;
};

/* Where a key of record was set. */
struct place build_place(const struct record *record, const char *key_name);

/* Is it set by the contract only, and by no file? */
bool build_is_default(const struct record *record, const char *key_name);

/* Is record the root supervisor? */
bool build_is_root(const struct record *record);

/* Reports settings of any child that contradict each other, or those of its supervisor. Everything
 * of record is set. */
void build_check_child(struct build *build, const struct record *record);

/* Takes a name below the parent of record. Returns false when it is taken, after a report. */
bool build_take_name(struct build *build, const struct record *record, const char *name);

/* Adds a node for record, below its parent. Returns its number, or SPEC_NONE after a report. */
uint32_t build_add_node(
	struct build *build, const struct record *record, const char *name, struct spec_node *node);

/* The section control of the file. */
void build_control(struct build *build, const struct record *file);

/* The sinks of the file. */
void build_sinks(struct build *build, const struct record *file);

/* Builds one supervisor of any kind, without its children; a dynamic one without template gets one.
 */
void build_supervisor(struct build *build, struct record *record);

/* Builds one process: as many nodes as it has instances or partitions. Everything of record is
 * set; own_instances: instances was set in the section itself. */
void build_copies(struct build *build, const struct record *record, bool own_instances);

/* What the nodes of a process have in common. */
struct process build_process(struct build *build, const struct record *record);

/* What record is given by from, an outer defaults section, a section health at a time. */
void build_inherit_health(struct record *record, const struct record *from);

/* Reports a health check that is none, or two. Everything of record is set. */
void build_check_health(struct build *build, const struct record *record);

/* The health check of one node; index as below. SPEC_NONE: it has none. Returns false after a
 * report. */
bool build_health(struct build *build, const struct record *record, const char *name,
	const char *index, uint32_t *ret_health);

/* What record is given by from, an outer defaults section: the keys of a section log one by one. */
void build_inherit_log(struct build *build, struct record *record, const struct record *from);

/* What becomes of the output of one node; index as below. SPEC_NONE: it is inherited. Returns false
 * after a report. */
bool build_log(struct build *build, const struct record *record, const char *name,
	const char *index, uint32_t *ret_log);

/* The numbers in USER, USER:GROUP or :GROUP; a user alone brings its group. PROC_ID_INHERIT: not
 * named, or, after a report, unknown. */
void build_owner(struct build *build, struct place place, const char *owner, uint32_t *ret_uid,
	uint32_t *ret_gid);

/* The path of a node that comes from record. */
const char *build_path(struct build *build, const struct record *record, const char *name);
/* What a process runs in: everything of *proc that comes from there but the sockets. */
void build_surroundings(struct build *build, const struct record *record, struct proc_spec *proc);

/* The sockets of one node, or SPEC_NONE. Returns false after a report. */
bool build_sockets(struct build *build, const struct record *record,
	const struct specifiers *specifiers, uint32_t *ret_sockets);
void build_sockets_free(struct build *build);

/* What it may not do: a struct sandbox_spec, or SPEC_NONE. Also what was reported. */
uint32_t build_sandbox(struct build *build, const struct record *record);

/* One node's part of it. name is the node's. index: what SUPD_INSTANCE and %i say; NULL: nothing.
 * Returns false when the command is wrong, after a report. */
bool build_process_node(struct build *build, const struct record *record,
	const struct process *process, const char *name, const char *index, struct spec_node *node);

#endif
