/* case.h - a case: a tree, how its processes take a stop, and a script of what befalls it.
 *
 * As text, which is also what the files in regressions/ hold:
 *
 *     tree root one_for_all 1/10 [ a b:transient sub rest_for_one 0/2 [ x ] ]
 *     manner a ignores
 *     fail b 1
 *     boot
 *     exit a abnormal
 *     stop sub & kill a & exit b normal & start sub
 *     advance 4
 *     shutdown
 *
 * "&" joins what reaches one supervisor before it handles the first of it: commands, then exits,
 * then commands, in this order. */
#ifndef OTP_CASE_H
#define OTP_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CASE_NODES_MAX = 24, CASE_STEPS_MAX = 64, CASE_PATH_MAX = 128, CASE_NAME_MAX = 15 };

/* How a process takes the signal of a stop. */
/* clang-format off */
#define MANNERS(X) \
	X(OBEYS, "obeys") /* dies of it */ \
	X(IGNORES, "ignores") /* until it is killed */ \
	X(FAILS, "fails") /* exits with a failure */ \
	X(FINISHES, "finishes") /* exits with success */
#define STEPS(X) \
	X(BOOT, "boot") \
	X(EXIT, "exit") /* PATH normal|abnormal */ \
	X(KILL, "kill") /* PATH: SIGKILL from outside */ \
	X(FAIL, "fail") /* PATH N: its next N starts fail */ \
	X(STOP, "stop") /* PATH; a command, as are the next three */ \
	X(START, "start") \
	X(RESTART, "restart") \
	X(DELETE, "delete") \
	X(ADVANCE, "advance") /* SECONDS */ \
	X(SHUTDOWN, "shutdown")
/* clang-format on */
#define CASE_ENUM_MANNER(id, text) MANNER_##id,
#define CASE_ENUM_STEP(id, text) STEP_##id,
enum manner { MANNERS(CASE_ENUM_MANNER) MANNER_COUNT };
enum step_kind { STEPS(CASE_ENUM_STEP) STEP_COUNT };

struct case_node {
	char name[CASE_NAME_MAX + 1]; /* unique among its siblings */
	uint32_t parent;	      /* its number is lower; the root's is 0, and of no meaning */
	int64_t shutdown_ms;	      /* or SPEC_BRUTAL_KILL, SPEC_INFINITY */
	uint32_t intensity;
	uint32_t period_s;
	bool is_sup;
	bool significant;
	uint8_t restart;       /* enum restart_type */
	uint8_t strategy;      /* enum strategy */
	uint8_t auto_shutdown; /* enum auto_shutdown */
	uint8_t manner;	       /* enum manner */
};

struct case_step {
	uint8_t kind; /* enum step_kind */
	bool joined;  /* reaches the supervisor together with the step before */
	bool normal;  /* EXIT */
	uint32_t node;
	uint32_t n; /* FAIL: how often; ADVANCE: seconds */
};

/* Plain data: copied by assignment, so that a smaller one is made from a copy. */
struct otp_case {
	uint64_t seed;
	uint32_t nodes; /* in preorder; 0 is the root supervisor */
	uint32_t steps;
	struct case_node node[CASE_NODES_MAX];
	struct case_step step[CASE_STEPS_MAX];
};

const char *manner_name(unsigned manner);
const char *step_name(unsigned kind);
bool step_is_command(unsigned kind);
/* Does the step name a node? */
bool step_has_node(unsigned kind);
/* The first step after the block that step i begins. */
uint32_t case_block_end(const struct otp_case *c, uint32_t i);
/* The node after the subtree of node n. */
uint32_t case_subtree_end(const struct otp_case *c, uint32_t n);
bool case_ignores_stops(const struct otp_case *c);

/* Writes the path of node n ("/" for the root) into buf; returns buf. */
char *case_path(const struct otp_case *c, uint32_t n, char buf[static CASE_PATH_MAX]);

/* Writes the tree in the words of tests/sim/tree.h. */
void case_write_tree(const struct otp_case *c, FILE *out);
void case_write_step(const struct otp_case *c, uint32_t i, FILE *out);
/* Writes the whole case as text. */
void case_write(const struct otp_case *c, FILE *out);

/* Reads a case from the lines of text up to a line "expect" or the end; text is changed. Returns
 * NULL, or what is wrong, in words. *ret_rest: what stands after "expect". */
const char *case_read(char *text, struct otp_case *ret_case, const char **ret_rest);

/* A case that belongs to seed. */
void case_generate(struct otp_case *c, uint64_t seed);

/* ---- playing. A trace is text: for each block of the script what happened, then the replies of
 * its commands, then "= " and the entries of every running supervisor, then "--"; at the last
 * "end". */

/* With the engine, in this process; a breach of one of the world's laws ends the process. */
void engine_play(const struct otp_case *c, FILE *out);

/* Plays n cases with the engine, in another process; ret_traces[i] is a trace (malloc), which ends
 * with "broken" and the reason when the engine or the world did not survive it. */
void engine_play_many(const struct otp_case *const *cases, size_t n, char **ret_traces);

struct erlang;

/* Starts Erlang's virtual machine with the player of beam_dir; work_dir is for files that pass
 * between the two. Ends the program with a message when it can't. */
struct erlang *erlang_start(const char *beam_dir, const char *work_dir);
const char *erlang_release(const struct erlang *erlang);
void erlang_stop(struct erlang *erlang);

/* Plays n cases with OTP's supervisor; ret_traces[i] is a trace (malloc). scale stretches the short
 * times that processes are given to stop: 1, or more to be surer. */
void erlang_play_many(struct erlang *erlang, const struct otp_case *const *cases, size_t n,
	unsigned scale, char **ret_traces);

/* Makes a case that differs between the two as small as it can, in place. Returns the number of
 * cases tried. */
size_t case_shrink(struct erlang *erlang, struct otp_case *c);

/* Plays the cases in both; differs[i] = the traces of case i are not equal, and were not on a
 * second look either. The traces are freed unless the pointers are given. */
void compare_many(struct erlang *erlang, const struct otp_case *const *cases, size_t n,
	bool *differs, char **ret_engine, char **ret_erlang);

/* Writes the files of a case for the real programs: DIR/SEED.conf, .script and .case. */
void case_plan(const char *dir, uint64_t seed);

/* What was asked for; ends the program when it is NULL. */
void *must_have(void *memory);

#endif
