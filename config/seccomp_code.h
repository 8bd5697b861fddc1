/* seccomp_code.h - a filter of system calls by their numbers, as instructions for the kernel. Pure.
 *
 * What a start pays for a filter grows with its length, and with the steps to an answer: the kernel
 * translates each instruction, and plays the filter for every call to learn which are always
 * allowed. Numbers that meet the same answer lie mostly side by side, so the filter is a binary
 * search among ranges: a third as long as one rule a call, and few steps. */
#ifndef CONFIG_SECCOMP_CODE_H
#define CONFIG_SECCOMP_CODE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SECCOMP_CODE_CALLS = 1024, /* numbers that are looked at one by one */
	/* An answer that is none: the program that follows gives it. */
	SECCOMP_CODE_TAIL = 1,
	/* The most that seccomp_code_lay writes: a leaf and a branch of two for each range. */
	SECCOMP_CODE_ROOM = 4 + 3 * (SECCOMP_CODE_CALLS + 2),
};

struct seccomp_code {
	uint32_t arch;			      /* AUDIT_ARCH_*: whose numbers these are */
	uint32_t other_arch;		      /* the answer to all calls of another one */
	uint32_t answers[SECCOMP_CODE_CALLS]; /* SECCOMP_RET_*, or SECCOMP_CODE_TAIL */
	uint32_t beyond;		      /* the answer to higher numbers */
};

/* Writes the instructions, and returns how many. The program for SECCOMP_CODE_TAIL, if any, is to
 * follow the last one. */
size_t seccomp_code_lay(
	const struct seccomp_code *code, struct sock_filter to[static SECCOMP_CODE_ROOM]);

#endif
